//! The driver between a story and its window.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::{Process, Program};
use crate::{DEADLINE, Home, Screen, wait};

/// A driver of our own for one window; it starts and holds the program.
pub struct Driver {
    process: Process,
    port: u16,
}

impl Driver {
    /// Starts it. What it starts inherits `home` and `screen`.
    pub async fn start(home: &Home, screen: &Screen) -> Self {
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        home.enter(&mut command);
        command
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            .env("DISPLAY", screen.display())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Self {
            process: Process::start(&mut command),
            port,
        };
        wait::until("the driver to listen", || async move {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()
        })
        .await;
        driver
    }

    /// Starts `program` with `arguments` and takes hold of its window.
    pub async fn open(&self, program: &Path, arguments: &[&str]) -> (Client, Program) {
        let options = json!({ "binary": program, "args": arguments });
        let capabilities = [("webkitgtk:browserOptions".to_owned(), options)]
            .into_iter()
            .collect();
        let url = format!("http://127.0.0.1:{}", self.port);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let session = builder.capabilities(capabilities).connect(&url);
        // A program that ends before it has a window leaves the driver waiting for ever.
        let client = timeout(DEADLINE, session)
            .await
            .expect("a window within the deadline")
            .expect("a session");
        // A script may look at many frames, and frames are slow where others use the processor.
        let patience = TimeoutConfiguration::new(Some(DEADLINE * 3), Some(DEADLINE), None);
        client
            .update_timeouts(patience)
            .await
            .expect("the driver is patient");
        let name = program
            .file_name()
            .expect("a program has a name")
            .to_string_lossy()
            .into_owned();
        let started =
            Program::child_of(self.process.id(), &name).expect("the driver holds the program");
        (client, started)
    }
}

/// A port that nobody uses now, for programs that cannot be asked to choose one themselves, or are to be found there again.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}
