//! Where a machine listens.

use std::{fmt, net::SocketAddr, str::FromStr};

/// A host, by name or number, and a port: `relay.example:7400`, `192.168.1.7:7400`, `[fe80::1]:7400`. A port has one spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

/// The text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address of the form host:port")]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or(NotAnAddress)?;
        // Numbers are also read with a sign and with any number of zeros before them.
        let number = port.parse::<u16>().ok();
        let number = number.filter(|number| number.to_string() == port);
        let number = number.ok_or(NotAnAddress)?;
        if text.parse::<SocketAddr>().is_ok() {
            return Ok(Self(text.to_owned()));
        }
        let is_name = !host.is_empty()
            && host.len() <= 253
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
        (is_name && number > 0)
            .then(|| Self(text.to_owned()))
            .ok_or(NotAnAddress)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self(address.to_string())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_addresses() {
        for text in [
            "localhost:1",
            "relay.example:65535",
            "10.0.0.1:80",
            "[::1]:80",
            "my_nas:7400",
        ] {
            assert_eq!(
                text.parse::<Address>().map(|address| address.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_has_no_host_or_port_is_none() {
        for text in [
            "",
            "localhost",
            ":80",
            "host:",
            "host:0",
            "host:65536",
            "host:+80",
            "host:0080",
            "10.0.0.1:0080",
            "[::1]:+80",
            "a b:1",
            "::1:80",
            "http://host:80",
            "h/x:1",
        ] {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress), "{text:?}");
        }
    }
}
