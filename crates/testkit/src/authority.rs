//! An authority that vouches for servers, by openssl, and clients that trust nobody else.

use std::{
    fs, io,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
};

use crate::links::PATIENCE;

/// For which server it vouches, by name and by address.
pub const NAME: &str = "relay.example";

/// From and until when, for certificates that are good whenever a test runs.
pub const GOOD: (&str, &str) = ("20200101000000Z", "20991231235959Z");

const CONFIGURATION: &str = "\
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
";

/// Its files.
pub struct Authority(TempDir);

/// A connection to a server for which it vouches.
pub type Secured = StreamOwned<ClientConnection, TcpStream>;

impl Authority {
    pub fn new() -> Self {
        let authority = Self(TempDir::new().unwrap());
        let dir = authority.0.path();
        let names = format!("subjectAltName=DNS:{NAME},IP:127.0.0.1");
        for (name, content) in [
            ("configuration", CONFIGURATION),
            ("index", ""),
            ("serial", "01"),
            ("names", &names),
        ] {
            fs::write(dir.join(name), content).unwrap();
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(
            dir,
            &format!(
                "req -x509 {key} -keyout authority.key -out authority.pem -subj /CN=authority -days 2"
            ),
        );
        authority
    }

    /// Vouches for a new key, from and until such times as `YYYYMMDDHHMMSSZ`: the files of the certificate and of the key.
    pub fn vouch(&self, name: &str, (from, until): (&str, &str)) -> (PathBuf, PathBuf) {
        let dir = self.0.path();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(
            dir,
            &format!("req -new {key} -keyout {name}.key -out {name}.csr -subj /CN={NAME}"),
        );
        openssl(
            dir,
            &format!(
                "ca -batch -notext -config configuration -extfile names -in {name}.csr -out {name}.pem \
                 -startdate {from} -enddate {until}"
            ),
        );
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        (file("pem"), file("key"))
    }

    /// The folder of its files.
    pub fn dir(&self) -> &Path {
        self.0.path()
    }

    /// Reaches a server that has to prove that it is [`NAME`], now.
    ///
    /// # Errors
    /// If it does not.
    pub fn reach(&self, server: SocketAddr) -> io::Result<Secured> {
        self.reach_at(server, UnixTime::now().as_secs())
    }

    /// The same as if it were so many seconds after 1970 began.
    ///
    /// # Errors
    /// If it does not.
    pub fn reach_at(&self, server: SocketAddr, now_s: u64) -> io::Result<Secured> {
        let mut roots = RootCertStore::empty();
        let own = fs::read(self.0.path().join("authority.pem"))?;
        roots
            .add(CertificateDer::from_pem_slice(&own).unwrap())
            .unwrap();
        let clock = Arc::new(Clock(UnixTime::since_unix_epoch(Duration::from_secs(
            now_s,
        ))));
        let builder = ClientConfig::builder_with_details(Arc::new(default_provider()), clock);
        let config = builder
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(NAME).unwrap();
        let mut session = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        session.complete_io(&mut stream)?;
        Ok(StreamOwned::new(session, stream))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug)]
struct Clock(UnixTime);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// The certificate that the server showed, in DER.
pub fn shown(stream: &Secured) -> Vec<u8> {
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

pub(crate) fn openssl(dir: &Path, words: &str) {
    let mut command = Command::new("openssl");
    command.args(words.split(' ')).current_dir(dir);
    let output = command.output();
    let output = output.expect("openssl is there: cargo xtask setup --test");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {errors}");
}
