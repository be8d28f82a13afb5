//! Where a Redis is, and as whom one comes.

use std::fmt;

use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisError, TlsCertificates};
use zeroize::Zeroizing;

use crate::policy::NotUsable;

/// A Redis as an admin names it.
#[derive(Clone, Default)]
pub struct Place {
    /// `redis://host:port`, or `rediss://host:port` by TLS, without a password.
    pub address: String,
    /// A user of its ACL; empty for the one that has no name.
    pub user: String,
    /// What it asks for.
    pub password: Option<Zeroizing<String>>,
    /// Certificates (PEM) of the authorities that vouch for it by TLS; nothing for those that this machine trusts.
    pub authorities: Option<Vec<u8>>,
}

impl Place {
    pub(crate) fn client(&self) -> Result<Client, NotUsable> {
        let wrong = |error: RedisError| NotUsable::Address(error.to_string());
        let info = self.address.as_str().into_connection_info();
        let info = self.as_whom(info.map_err(wrong)?);
        if self.authorities.is_none() {
            return Client::open(info).map_err(wrong);
        }
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: self.authorities.clone(),
        };
        let client = Client::build_with_tls(info, certificates);
        client.map_err(|error| NotUsable::Authorities(error.to_string()))
    }

    fn as_whom(&self, info: ConnectionInfo) -> ConnectionInfo {
        let mut settings = info.redis_settings().clone();
        if !self.user.is_empty() {
            settings = settings.set_username(&self.user);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password.as_str());
        }
        info.set_redis_settings(settings)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, user, .. } = self;
        write!(f, "{address} as {user:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_shows_no_password_and_one_that_makes_no_sense_is_refused() {
        let place = |address: &str, authorities: Option<&[u8]>| Place {
            address: address.to_owned(),
            user: "relay".to_owned(),
            password: Some(Zeroizing::new("sesame".to_owned())),
            authorities: authorities.map(<[u8]>::to_vec),
        };
        let good = place("rediss://127.0.0.1:6380", Some(b""));
        assert!(good.client().is_ok());
        assert_eq!(format!("{good:?}"), "rediss://127.0.0.1:6380 as \"relay\"");
        for (address, authorities, expected) in [
            ("6379", None, "is no address"),
            ("http://127.0.0.1:6379", None, "is no address"),
            ("redis://127.0.0.1:6379", Some(&b""[..]), "vouched"),
        ] {
            let refused = place(address, authorities).client().err();
            let words = refused.map(|it| it.to_string()).unwrap_or_default();
            assert!(words.contains(expected), "{address}: {words}");
            assert!(!words.contains("sesame"), "{words}");
        }
    }
}
