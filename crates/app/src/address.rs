//! Addresses as people type them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use relay::Address;
use trust::hosting::{HostingLink, NotALink};

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

/// Reads what somebody types for a relay: its address, or the link that its admin gave.
///
/// # Errors
/// As in [`typed`], and `RELAY_LINK_UNREADABLE` for a link that is not whole or was made by another version.
pub fn relay(text: &str) -> Result<(Address, Option<HostingLink>), Failure> {
    match HostingLink::read(text) {
        Ok(link) => Ok((typed(&link.address)?, Some(link))),
        Err(NotALink::Other) => Ok((typed(text)?, None)),
        Err(NotALink::Damaged) => Err(Failure::new(
            "RELAY_LINK_UNREADABLE",
            "The link of the relay is damaged. Copy all of it.",
        )),
        Err(NotALink::OtherVersion) => Err(Failure::new(
            "RELAY_LINK_UNREADABLE",
            "The link of the relay was made by another version. Update Talus Tally here, or the relay.",
        )),
    }
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
    fn a_relay_is_an_address_or_the_link_of_its_admin() {
        let link = HostingLink {
            address: "relay.example".to_owned(),
            device: trust::DeviceId([1; 32]),
            token: trust::hosting::HostingToken::from_bytes(&[2; 32]),
        };
        let text = link.to_text();
        let address = typed("relay.example");
        assert_eq!(relay(&text), address.clone().map(|it| (it, Some(link))));
        assert_eq!(relay("relay.example"), address.map(|it| (it, None)));
        let code = |text: &str| relay(text).map_err(|it| it.code).err();
        let damaged = code(&text[..text.len() - 1]);
        assert_eq!(damaged.as_deref(), Some("RELAY_LINK_UNREADABLE"));
        assert_eq!(code("talus://join#A").as_deref(), Some("ADDRESS_IS_LINK"));
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
