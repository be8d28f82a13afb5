//! The certificate by which browsers and Prometheus know the two pages of the relay. Links have none: they go by the key of the relay.
//!
//! The files are read at the start and whenever the system says so. At the start the newest that there is will do, even if it has
//! expired, since rooms do not need it. Later on only a better one takes the place of the one that is shown.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use relay::{Certificate, NoCertificate, SharedCertificate};
use zeroize::Zeroizing;

use crate::{
    config::{Origin, TlsConfig},
    device,
    failure::{Exit, Failure},
};

/// What is shown, and the files that it is from. Copies share it.
#[derive(Clone)]
pub struct PageCertificate(Arc<Inner>);

struct Inner {
    files: TlsConfig,
    certificate: SharedCertificate,
}

impl PageCertificate {
    /// Reads the files, if there are any.
    ///
    /// # Errors
    /// If only one is named, one cannot be read, the key can be read by everybody, or they do not belong together.
    pub fn start(files: &TlsConfig) -> Result<Option<Self>, Failure> {
        if !files.is_on() {
            return match files.is_half() {
                false => Ok(None),
                true => Err(Failure::new(Exit::Config, "TLS_FILE_MISSING", HALF)),
            };
        }
        let inner = Inner {
            certificate: read(files)?.into(),
            files: files.clone(),
        };
        Ok(Some(Self(Arc::new(inner))))
    }

    /// For a server.
    pub fn certificate(&self) -> SharedCertificate {
        self.0.certificate.clone()
    }

    /// Reads the files anew, and says whether another certificate is in them.
    ///
    /// # Errors
    /// As at the start, and if it is not good now. The old one is shown then.
    pub fn reload(&self) -> Result<bool, Failure> {
        let certificate = read(&self.0.files)?;
        judge(&certificate, Timestamp::now())?;
        let is_other = certificate.fingerprint() != self.0.certificate.now().fingerprint();
        // Those that vouch for it may be others, too.
        self.0.certificate.set(certificate);
        Ok(is_other)
    }

    /// Whether it is good now.
    ///
    /// # Errors
    /// If it has expired or is not good yet, with what to do.
    pub fn judge(&self) -> Result<(), Failure> {
        judge(&self.0.certificate.now(), Timestamp::now())
    }

    /// What is wrong with it now, to be said of it.
    pub fn fault(&self) -> Option<String> {
        fault(&self.0.certificate.now(), Timestamp::now()).map(|(_, words)| words)
    }

    /// Until when it is good.
    pub fn until(&self) -> Timestamp {
        timestamp(self.0.certificate.now().validity().not_after_s)
    }

    /// What is wrong with it for browsers that find the page for admins so.
    pub fn judge_name(&self, origin: &Origin) -> Result<(), String> {
        let name = origin.host().unwrap_or_default();
        match name.is_empty() || self.0.certificate.now().is_for(&name) {
            true => Ok(()),
            false => Err(format!(
                "the certificate is not for {name}, which admin.origin names; browsers will warn of it"
            )),
        }
    }
}

const HALF: &str = "a certificate and its key are of no use without each other; say both tls.certificate_file and tls.key_file, or neither";

fn read(files: &TlsConfig) -> Result<Certificate, Failure> {
    let (certificates, key) = (&*files.certificate_file, &*files.key_file);
    let content =
        |code, path: &Path| fs::read(path).map_err(|error| Failure::unreadable(code, path, &error));
    let chain = content("TLS_CERTIFICATE_UNREADABLE", certificates)?;
    let secret = Zeroizing::new(content("TLS_KEY_UNREADABLE", key)?);
    device::is_secret(key)?;
    Certificate::read(&chain, &secret).map_err(|error| {
        let (code, path, advice) = match error {
            NoCertificate::Key => (
                "TLS_KEY_INVALID",
                key,
                "it begins with -----BEGIN PRIVATE KEY-----, or with EC or RSA before PRIVATE",
            ),
            NoCertificate::Pair(_) => (
                "TLS_KEY_OTHER",
                key,
                "take the two files that were made together",
            ),
            _ => (
                "TLS_CERTIFICATE_INVALID",
                certificates,
                "it begins with -----BEGIN CERTIFICATE-----",
            ),
        };
        let path = path.display();
        Failure::new(Exit::Config, code, format!("{path}: {error}; {advice}"))
    })
}

fn judge(certificate: &Certificate, now: Timestamp) -> Result<(), Failure> {
    let Some((code, fault)) = fault(certificate, now) else {
        return Ok(());
    };
    let message = format!("the certificate {fault}");
    Err(Failure::new(Exit::Config, code, message))
}

/// What is wrong with it now, said of it, and what to do.
fn fault(certificate: &Certificate, now: Timestamp) -> Option<(&'static str, String)> {
    let validity = certificate.validity();
    let end = timestamp(validity.not_after_s);
    let begin = timestamp(validity.not_before_s);
    if now > end {
        let words = format!(
            "has expired on {end}; renew it, put it in the place of the old one, and reload the relay"
        );
        return Some(("TLS_CERTIFICATE_EXPIRED", words));
    }
    let words = || {
        format!(
            "is not good before {begin}; set the clock right (timedatectl), or take another one"
        )
    };
    (now < begin).then(|| ("TLS_CERTIFICATE_EARLY", words()))
}

/// The end of time is a little later in certificates.
fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(match seconds > 0 {
        true => Timestamp::MAX,
        false => Timestamp::MIN,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_good_from_its_first_to_its_last_second() {
        let (chain, key) = Certificate::make(&["a".to_owned()]).expect("a name");
        let certificate = Certificate::read(chain.as_bytes(), key.as_bytes()).expect("they fit");
        let code = |now: &str| {
            let now = now.parse().expect("a time");
            judge(&certificate, now).err().map(|it| it.code)
        };
        assert_eq!(code("1999-12-31T23:59:59Z"), Some("TLS_CERTIFICATE_EARLY"));
        assert_eq!(code("2000-01-01T00:00:00Z"), None);
        assert_eq!(code("9999-12-30T22:00:00Z"), None);
    }
}
