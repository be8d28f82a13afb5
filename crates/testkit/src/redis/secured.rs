//! The same by TLS, with an authority of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{KEEPING, Redis, free_port};

/// A redis-server that can be reached by TLS, too.
pub struct Secured {
    /// Without TLS, for tests.
    pub redis: Redis,
    port: u16,
    certificates: TempDir,
}

impl Secured {
    /// One that keeps what it is given, and asks nobody for a certificate.
    pub fn start() -> Self {
        let certificates = certificates();
        let (dir, port) = (certificates.path(), free_port());
        let file = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        let tls = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", file("redis.pem")),
            ("--tls-key-file", file("redis.key")),
            ("--tls-ca-cert-file", file("authority.pem")),
            ("--tls-auth-clients", "no".to_owned()),
        ];
        let tls = tls.iter().flat_map(|(name, value)| [name, value.as_str()]);
        let arguments: Vec<&str> = KEEPING.iter().copied().chain(tls).collect();
        Self {
            redis: Redis::start_with(&arguments),
            port,
            certificates,
        }
    }

    /// Where it is by TLS.
    pub fn address(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.port)
    }

    /// The certificate of who vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.certificates.path().join("authority.pem")
    }
}

/// An authority, and what it says of 127.0.0.1.
fn certificates() -> TempDir {
    let dir = TempDir::new().unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    fs::write(dir.path().join("names"), "subjectAltName=IP:127.0.0.1").unwrap();
    for words in [
        format!("req -x509 {key} -keyout authority.key -out authority.pem -subj /CN=authority -days 2"),
        format!("req -new {key} -keyout redis.key -out redis.csr -subj /CN=redis"),
        "x509 -req -in redis.csr -CA authority.pem -CAkey authority.key -CAcreateserial -extfile names -days 2 -out redis.pem".to_owned(),
    ] {
        openssl(dir.path(), &words);
    }
    dir
}

fn openssl(dir: &Path, words: &str) {
    let mut command = Command::new("openssl");
    command.args(words.split(' ')).current_dir(dir);
    let output = command.output();
    let output = output.expect("openssl is there: cargo xtask setup --test");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {errors}");
}
