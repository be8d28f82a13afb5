//! A real redis-server, on a port and in a folder of its own.

mod secured;

use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Instant,
};

use tempfile::TempDir;

pub use self::secured::Secured;
use crate::links::PATIENCE;

/// What a relay asks for.
const KEEPING: &[&str] = &[
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--maxmemory-policy",
    "noeviction",
];

/// A running redis-server; killed when dropped.
pub struct Redis {
    process: Child,
    dir: TempDir,
    port: u16,
    arguments: Vec<String>,
}

impl Redis {
    /// One that keeps what it is given.
    pub fn start() -> Self {
        Self::start_with(KEEPING)
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let port = free_port();
        let dir = TempDir::new().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let process = spawn(&dir, port, &arguments);
        let redis = Self {
            process,
            dir,
            port,
            arguments,
        };
        redis.answers();
        redis
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// As a relay is told of it.
    pub fn setting(&self) -> String {
        format!("cluster.redis=redis://127.0.0.1:{}", self.port)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// With what it had on disk.
    pub fn start_again(&mut self) {
        self.process = spawn(&self.dir, self.port, &self.arguments);
        self.answers();
    }

    /// Runs a command and returns its answer as it came, one line of it.
    pub fn run(&self, words: &[&str]) -> String {
        self.try_run(words).unwrap()
    }

    fn try_run(&self, words: &[&str]) -> std::io::Result<String> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(PATIENCE))?;
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command += &format!("${}\r\n{word}\r\n", word.len());
        }
        connection.write_all(command.as_bytes())?;
        let mut answer = String::new();
        BufReader::new(connection).read_line(&mut answer)?;
        Ok(answer.trim_end().to_owned())
    }

    /// How many entries a stream has.
    pub fn entries(&self, stream: &str) -> u64 {
        let answer = self.run(&["XLEN", stream]);
        answer.trim_start_matches(':').parse().unwrap()
    }

    /// Waits until it takes commands: after a start it reads what it had first.
    fn answers(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.try_run(&["PING"]).is_ok_and(|it| it == "+PONG") {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::yield_now();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

fn spawn(dir: &TempDir, port: u16, arguments: &[String]) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(dir.path())
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is there: cargo xtask setup --test")
}
