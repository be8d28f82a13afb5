//! The server that is measured, in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use api::{Options, Server};
use app::app::App;
use tempfile::TempDir;

/// A server until this is dropped.
pub struct Served {
    process: Child,
    pub address: String,
    pub token: String,
    _folder: TempDir,
}

impl Served {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("serve")
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said: Vec<String> = lines.take(2).map(Result::unwrap).collect();
        Self {
            process,
            address: said[0].clone(),
            token: said[1].clone(),
            _folder: folder,
        }
    }

    pub fn resident_bytes(&self) -> u64 {
        testkit::memory::resident_bytes(self.process.id()).unwrap_or(0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Serves until standard input ends.
pub fn run(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = App::start(app::app::Options::new(folder)).await.unwrap();
        let server = Server::start(app, &Options::new(folder)).unwrap();
        println!("{}\n{}", server.address(), server.token());
        let end = || std::io::stdin().lines().for_each(drop);
        tokio::task::spawn_blocking(end).await.unwrap();
        server.close().await;
    });
}
