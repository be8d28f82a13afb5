//! Values that are written as a word.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::http::Uri;
use ipnet::IpNet;
use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// An object on each line.
    Json,
}

/// An address to listen at, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Bind {
    Off,
    At(SocketAddr),
}

/// How browsers find a page (RFC 6454), if it is not where it listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// An address, or all of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(pub IpNet);

/// For how long rooms are kept that nobody visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Retention {
    Never,
    After(Duration),
}

impl TryFrom<String> for Bind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            text => text.parse().map(Self::At).map_err(|_| {
                format!("{text:?} is neither off nor an address such as 127.0.0.1:7826")
            }),
        }
    }
}

impl From<Bind> for String {
    fn from(bind: Bind) -> Self {
        match bind {
            Bind::Off => "off".to_owned(),
            Bind::At(address) => address.to_string(),
        }
    }
}

impl Origin {
    /// As it is written, if there is one.
    pub fn text(&self) -> Option<&str> {
        Some(&*self.0).filter(|it| !it.is_empty())
    }

    /// What stands in `Host` then.
    pub fn authority(&self) -> Option<&str> {
        Some(self.text()?.split_once("://")?.1)
    }

    /// The name in it that a certificate has to have, if there is one.
    pub fn host(&self) -> Option<String> {
        let uri = self.text()?.parse::<Uri>().ok()?;
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
        Some(host.to_owned())
    }

    /// Whether a browser names this one.
    pub fn is(&self, said: &str) -> bool {
        self.text() == Some(said)
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_origin = || {
            let uri = text.parse::<Uri>().ok()?;
            let is_web = ["http", "https"].contains(&uri.scheme_str()?);
            let authority = uri.authority()?.as_str();
            let is_bare = text.ends_with(authority) && !authority.contains('@');
            Some(is_web && is_bare && text.to_lowercase() == text)
        };
        match text.is_empty() || is_origin() == Some(true) {
            true => Ok(Self(text)),
            false => Err(format!(
                "{text:?} is no origin such as https://relay.example, in small letters and without a path"
            )),
        }
    }
}

impl From<Origin> for String {
    fn from(Origin(text): Origin) -> Self {
        text
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let address = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse().ok().or_else(|| address(&text));
        match network {
            Some(network) if network.prefix_len() > 0 => Ok(Self(network)),
            Some(_) => Err(format!(
                "{text} is everybody, and everybody could say that he is anybody; name the proxies alone"
            )),
            None => Err(format!(
                "{text:?} is neither an address such as 127.0.0.1 nor a network such as 10.0.0.0/8"
            )),
        }
    }
}

impl From<Network> for String {
    fn from(Network(network): Network) -> Self {
        match network.prefix_len() == network.max_prefix_len() {
            true => network.addr().to_string(),
            false => network.to_string(),
        }
    }
}

impl TryFrom<String> for Retention {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let span = text.parse::<Span>().ok().filter(|it| it.is_positive());
        let length = span.and_then(|it| it.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let length = length.and_then(|it| Duration::try_from(it).ok());
        length
            .map(Self::After)
            .ok_or_else(|| format!("{text:?} is neither never nor a time such as 90d or 12h"))
    }
}

impl From<Retention> for String {
    fn from(retention: Retention) -> Self {
        match retention {
            Retention::Never => "never".to_owned(),
            Retention::After(length) => format!("{}s", length.as_secs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nonsense_is_refused() {
        let retention = |text: &str| Retention::try_from(text.to_owned());
        let days = Retention::After(Duration::from_secs(90 * 86_400));
        assert_eq!(retention("90d"), Ok(days));
        assert_eq!(retention(&String::from(days)), Ok(days));
        assert_eq!(retention("never"), Ok(Retention::Never));
        for wrong in ["", "soon", "-1d", "0h", "90"] {
            assert!(retention(wrong).is_err(), "{wrong}");
        }
        let bind = |text: &str| Bind::try_from(text.to_owned());
        let address = Bind::At(SocketAddr::from(([127, 0, 0, 1], 7826)));
        assert_eq!(bind("127.0.0.1:7826"), Ok(address));
        assert_eq!(bind(&String::from(address)), Ok(address));
        assert_eq!(bind("off"), Ok(Bind::Off));
        assert!(bind("7826").is_err());
        let origin = |text: &str| Origin::try_from(text.to_owned());
        for text in ["", "https://relay.example", "http://localhost:8443"] {
            assert_eq!(origin(text).map(String::from), Ok(text.to_owned()));
        }
        for wrong in [
            "relay.example",
            "https://relay.example/",
            "https://relay.example/admin",
            "https://Relay.example",
            "ftp://relay.example",
            "https://me@relay.example",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
        let network = |text: &str| Network::try_from(text.to_owned());
        for text in ["127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8"] {
            assert_eq!(network(text).map(String::from), Ok(text.to_owned()));
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "0.0.0.0/0", "::/0"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }
}
