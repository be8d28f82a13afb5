//! The same by TLS, with an authority of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{KEEPING, Redis, free_port};
use crate::authority::openssl;

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
        Self::with(certificates())
    }

    /// The same, and its own certificate has expired.
    pub fn start_expired() -> Self {
        let certificates = certificates();
        certify(certificates.path(), 0);
        // It is good to the end of its last second.
        let is_good = || {
            let mut check = Command::new("openssl");
            check.args(["x509", "-checkend", "-1", "-noout", "-in", "redis.pem"]);
            let checked = check.current_dir(certificates.path()).output();
            checked.unwrap().status.success()
        };
        while is_good() {}
        Self::with(certificates)
    }

    /// Gives it a new certificate of the same authority while it runs.
    pub fn renew(&self) {
        certify(self.certificates.path(), 2);
        let path = self.certificates.path().join("redis.pem");
        let set = ["CONFIG", "SET", "tls-cert-file", path.to_str().unwrap()];
        assert_eq!(self.redis.run(&set), "+OK");
    }

    fn with(certificates: TempDir) -> Self {
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
        format!(
            "req -x509 {key} -keyout authority.key -out authority.pem -subj /CN=authority -days 2"
        ),
        format!("req -new {key} -keyout redis.key -out redis.csr -subj /CN=redis"),
    ] {
        openssl(dir.path(), &words);
    }
    certify(dir.path(), 2);
    dir
}

/// Has the authority vouch for so many days.
fn certify(dir: &Path, days: u8) {
    let by = "-CA authority.pem -CAkey authority.key -CAcreateserial";
    openssl(
        dir,
        &format!("x509 -req -in redis.csr {by} -extfile names -days {days} -out redis.pem"),
    );
}
