//! Values that are written as a word.

use std::{net::SocketAddr, time::Duration};

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
    }
}
