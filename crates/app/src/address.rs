//! Addresses as people type them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use relay::Address;

use crate::failure::Failure;

/// Where `tally-relay` listens unless it is told otherwise; meant where no port is typed.
pub const USUAL_PORT: u16 = 7825;

/// Reads `host`, `host:port`, an address of IPv4 or one of IPv6 with or without brackets, and white space around it.
///
/// # Errors
/// `ADDRESS_IS_LINK` for the address of a web page, `ADDRESS_UNREADABLE` for everything else that is none.
pub fn typed(text: &str) -> Result<Address, Failure> {
    let text = text.trim();
    if text.contains("://") {
        return Err(Failure::new(
            "ADDRESS_IS_LINK",
            "This is a link. Type the name or number of the machine alone, such as relay.example or 192.168.1.7:7825.",
        ));
    }
    complete(text).parse().map_err(|_| {
        Failure::new(
            "ADDRESS_UNREADABLE",
            "This is not the address of a machine. Type its name or number, such as relay.example, 192.168.1.7:7825 or \
             [fd00::7]:7825.",
        )
        .with_detail(text)
    })
}

/// With the usual port where there is none.
fn complete(text: &str) -> String {
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    if let Ok(number) = bare.unwrap_or(text).parse::<Ipv6Addr>() {
        return SocketAddr::new(IpAddr::V6(number), USUAL_PORT).to_string();
    }
    if text.parse::<SocketAddr>().is_ok() || text.contains(':') {
        return text.to_owned();
    }
    format!("{text}:{USUAL_PORT}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_becomes_an_address_with_a_port() {
        for (typed_text, address) in [
            ("192.168.1.7", "192.168.1.7:7825"),
            (" 192.168.1.7:7400\n", "192.168.1.7:7400"),
            ("relay.example", "relay.example:7825"),
            ("relay.example:443", "relay.example:443"),
            ("my-nas", "my-nas:7825"),
            ("::1", "[::1]:7825"),
            ("[::1]", "[::1]:7825"),
            ("[fd00::7]:7400", "[fd00::7]:7400"),
            ("fd00::7", "[fd00::7]:7825"),
            ("[fe80::7%2]:7400", "[fe80::7%2]:7400"),
        ] {
            let address: Address = address.parse().expect("an address");
            assert_eq!(typed(typed_text), Ok(address), "{typed_text:?}");
        }
    }

    #[test]
    fn what_is_none_is_refused_with_a_code() {
        for (text, code) in [
            ("", "ADDRESS_UNREADABLE"),
            ("relay example", "ADDRESS_UNREADABLE"),
            ("relay.example:", "ADDRESS_UNREADABLE"),
            ("relay.example:0", "ADDRESS_UNREADABLE"),
            ("relay.example:70000", "ADDRESS_UNREADABLE"),
            ("relay.example/room", "ADDRESS_UNREADABLE"),
            ("fd00::7:99999", "ADDRESS_UNREADABLE"),
            ("ws://relay.example/sync", "ADDRESS_IS_LINK"),
            ("https://relay.example", "ADDRESS_IS_LINK"),
        ] {
            let failure = typed(text).expect_err(text);
            assert_eq!(failure.code, code, "{text:?}");
        }
    }
}
