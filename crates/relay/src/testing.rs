//! A body for the hostile bytes that are read here. It returns whatever the bytes are; a panic is a defect.

use crate::Address;

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[("address", address, address_samples)];

/// An address that somebody typed, or that an invitation has.
pub fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string(), text);
        assert!(text.len() <= 253 + 6, "a name and a port are short");
        assert!(!text.contains(char::is_whitespace));
    }
}

fn address_samples() -> Vec<Vec<u8>> {
    [
        "192.168.1.7:7400",
        "[fe80::1]:7400",
        "[fe80::1%2]:7400",
        "relay.example:443",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
