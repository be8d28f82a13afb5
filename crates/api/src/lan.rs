//! Programs of other machines: TLS, and the names by which they ask.
//!
//! The certificate is one that somebody has, or one of our own, which is kept in the data directory and made anew when it
//! lacks a name. Others know that one by the file, or by its fingerprint.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use relay::{Certificate, NoCertificate};

use crate::token::{open_private, private};

/// The file with the certificate that is made, in the data directory. It is no secret.
pub const CERTIFICATE_FILE: &str = "api-tls.pem";
/// The file with its key. Only its owner may read it.
const KEY_FILE: &str = "api-tls-key.pem";

/// How programs of other machines are served.
#[derive(Debug, Clone)]
pub struct Lan {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Names and addresses by which others ask, besides the one where it listens.
    pub names: Vec<String>,
    /// Files with a certificate and its key, in PEM. Otherwise one is made and kept.
    pub files: Option<(PathBuf, PathBuf)>,
}

/// Why programs of other machines cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LanError {
    /// Nobody can ask for every address.
    #[error(
        "{0} stands for all addresses of this machine: say by which names others ask (--lan-name)"
    )]
    NoNames(SocketAddr),
    /// A file cannot be read or written.
    #[error("the file {0} cannot be used")]
    File(PathBuf, #[source] io::Error),
    /// The certificate cannot be used.
    #[error("there is no certificate to show")]
    Certificate(#[from] NoCertificate),
    /// The certificate that was given is for others.
    #[error(
        "the certificate in {0} is not for {1}: take one that is, or say other names (--lan-name)"
    )]
    OtherNames(PathBuf, String),
}

impl Lan {
    /// By which names and addresses it is asked.
    pub(crate) fn asked_as(&self) -> Result<Vec<String>, LanError> {
        let mut names = self.names.clone();
        let ip = self.listen.ip();
        if !ip.is_unspecified() {
            names.push(ip.to_string());
        }
        match names.is_empty() {
            true => Err(LanError::NoNames(self.listen)),
            false => Ok(names),
        }
    }

    /// The certificate, and the file that it is in.
    pub(crate) fn certificate(&self, folder: &Path) -> Result<(Certificate, PathBuf), LanError> {
        let names = self.asked_as()?;
        let Some((path, key)) = &self.files else {
            let path = folder.join(CERTIFICATE_FILE);
            return Ok((own(&path, &folder.join(KEY_FILE), &names)?, path));
        };
        let read = |path: &Path| fs::read(path).map_err(|it| LanError::File(path.to_owned(), it));
        let certificate = Certificate::read(&read(path)?, &read(key)?)?;
        match names.iter().find(|name| !certificate.is_for(name)) {
            Some(name) => Err(LanError::OtherNames(path.clone(), name.clone())),
            None => Ok((certificate, path.clone())),
        }
    }
}

/// One of our own: the one that is kept, if it is for these names, or a new one.
fn own(path: &Path, key_path: &Path, names: &[String]) -> Result<Certificate, LanError> {
    let kept = match (fs::read(path), read_private(key_path)) {
        (Ok(certificate), Ok(key)) => Certificate::read(&certificate, &key).ok(),
        (_, Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(LanError::File(key_path.to_owned(), error));
        }
        _ => None,
    };
    if let Some(kept) = kept.filter(|kept| names.iter().all(|name| kept.is_for(name))) {
        return Ok(kept);
    }
    let (certificate, key) = Certificate::make(names)?;
    // Key and certificate that do not fit together, after a crash in between, are made anew.
    for (path, text) in [(key_path, key.as_str()), (path, certificate.as_str())] {
        replace(path, text).map_err(|error| LanError::File(path.to_owned(), error))?;
    }
    Ok(Certificate::read(certificate.as_bytes(), key.as_bytes())?)
}

fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut open_private(path)?, &mut bytes)?;
    Ok(bytes)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private(&beside)?.write_all(text.as_bytes())?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lan(listen: &str, names: &[&str]) -> Lan {
        Lan {
            listen: listen.parse().expect("an address"),
            names: names.iter().map(|it| (*it).to_owned()).collect(),
            files: None,
        }
    }

    fn fingerprint(lan: &Lan, folder: &Path) -> String {
        let made = lan.certificate(folder).expect("it is made or read");
        made.0.fingerprint()
    }

    #[test]
    fn a_certificate_is_kept_for_as_long_as_it_has_the_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let first = fingerprint(&lan("127.0.0.1:0", &["tally.local"]), folder);
        assert_eq!(fingerprint(&lan("127.0.0.1:7", &[]), folder), first);
        let other = fingerprint(&lan("127.0.0.1:0", &["other.local"]), folder);
        assert_ne!(other, first);
        fs::write(folder.join(KEY_FILE), "half").expect("it is ours");
        let mended = fingerprint(&lan("127.0.0.1:0", &["other.local"]), folder);
        assert_ne!(mended, other);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (lan, key) = (lan("127.0.0.1:0", &[]), folder.path().join(KEY_FILE));
        fingerprint(&lan, folder.path());
        let mode = || {
            fs::metadata(&key)
                .expect("it is there")
                .permissions()
                .mode()
        };
        assert_eq!(mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
        let refused = lan.certificate(folder.path());
        assert!(matches!(refused, Err(LanError::File(..))));
    }

    #[test]
    fn a_certificate_of_somebody_is_for_the_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = ["a.pem", "a-key.pem"].map(|name| folder.path().join(name));
        let (certificate, key) = Certificate::make(&["a.local".to_owned()]).expect("a name");
        fs::write(&paths[0], certificate).expect("it is ours");
        fs::write(&paths[1], &*key).expect("it is ours");
        let mut asked = lan("0.0.0.0:0", &["a.local"]);
        let [certificate, key] = paths;
        asked.files = Some((certificate, key));
        assert!(asked.certificate(folder.path()).is_ok());
        asked.names.push("b.local".to_owned());
        let refused = asked.certificate(folder.path());
        assert!(matches!(refused, Err(LanError::OtherNames(_, name)) if name == "b.local"));
        asked.names.clear();
        let refused = asked.certificate(folder.path());
        assert!(matches!(refused, Err(LanError::NoNames(_))));
    }
}
