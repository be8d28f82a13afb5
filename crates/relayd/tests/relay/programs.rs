//! Programs of others in front of relays, with what the guides say.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// Where these programs come from; clients come from 127.0.0.1.
pub const OWN: &str = "127.0.0.9";

/// One of them, ended when dropped.
pub struct Program {
    process: Child,
    pub address: SocketAddr,
    _dir: TempDir,
}

impl Program {
    /// Starts it with a configuration for a port, which may have been taken meanwhile.
    pub fn start(
        configuration: impl Fn(SocketAddr) -> String,
        command: fn(&str, &str) -> Command,
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().to_str().unwrap();
        let path = format!("{folder}/configuration");
        for _ in 0..8 {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            fs::write(&path, configuration(address)).unwrap();
            let mut command = command(folder, &path);
            let started = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
            let mut process = started.unwrap_or_else(|error| {
                panic!("{command:?}: {error}; `cargo xtask setup --test` installs it")
            });
            while process.try_wait().unwrap().is_none() {
                if TcpStream::connect(address).is_ok() {
                    return Self {
                        process,
                        address,
                        _dir: dir,
                    };
                }
                std::thread::yield_now();
            }
        }
        panic!(
            "it ends at once, with {}",
            fs::read_to_string(path).unwrap()
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn nginx(folder: &str, path: &str) -> Command {
    let mut command = Command::new("nginx");
    command.args(["-p", folder, "-c", path, "-e", "stderr"]);
    command
}

pub fn haproxy(_folder: &str, path: &str) -> Command {
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f", path]);
    command
}

pub fn caddy(folder: &str, path: &str) -> Command {
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config", path]);
    command.envs([
        ("HOME", folder),
        ("XDG_DATA_HOME", folder),
        ("XDG_CONFIG_HOME", folder),
    ]);
    command
}

/// The whole configuration around a `location` of a guide.
pub fn around_location(location: &str, at: SocketAddr) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let own = kinds
        .map(|kind| format!("{kind}_temp_path {kind};"))
        .join(" ");
    format!(
        "daemon off; master_process off; pid nginx.pid; events {{}}\n\
         http {{ access_log off; {own} server {{ listen {at}; {location} }} }}"
    )
}

/// The whole configuration around a `stream` of a guide, which is to come from an address of its own.
pub fn around(stream: &str) -> String {
    let module = "/usr/lib/nginx/modules/ngx_stream_module.so";
    // Elsewhere than in Debian it is a part of the program.
    let module = match fs::exists(module).unwrap() {
        true => format!("load_module {module};"),
        false => String::new(),
    };
    let stream = stream.replace(
        "proxy_protocol",
        &format!("proxy_bind {OWN}; proxy_protocol"),
    );
    format!("daemon off; master_process off; pid nginx.pid; {module} events {{}}\n{stream}")
}
