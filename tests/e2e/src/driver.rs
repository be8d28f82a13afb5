//! The driver between a story and its page: W3C WebDriver, whatever shows the page.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::Process;
use crate::{DEADLINE, wait};

/// A driver of our own for one page; it starts and holds what shows it.
pub struct Driver {
    process: Process,
    port: u16,
}

impl Driver {
    /// Starts it. What it starts inherits the environment of `command`.
    pub async fn start(mut command: Command) -> Self {
        let port = free_port();
        command
            .arg(format!("--port={port}"))
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

    /// Starts what `options` say, which the driver knows under the name `capability`, and takes hold of its page.
    pub async fn open(&self, capability: &str, options: Value) -> Client {
        let capabilities = [(capability.to_owned(), options)].into_iter().collect();
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
        client
    }

    /// Number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

/// A port that nobody uses now, for programs that cannot be asked to choose one themselves, or are to be found there again.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}
