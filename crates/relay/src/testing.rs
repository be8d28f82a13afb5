//! Bodies for the hostile bytes that are read here. They return whatever the bytes are; a panic is a defect.

use crate::{
    Address,
    pairing::{Message, samples},
    proxied,
};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("address", address, address_samples),
    ("pairing-message", pairing_message, pairing_samples),
    ("proxied", proxied, proxied_samples),
];

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

/// What somebody says who wants to pair. What was read is read again as it is written.
pub fn pairing_message(bytes: &[u8]) {
    if let Some(message) = Message::decode(bytes) {
        assert_eq!(Message::decode(&message.encode()), Some(message));
    }
}

fn pairing_samples() -> Vec<Vec<u8>> {
    let samples = samples();
    samples.iter().map(|it| it.encode().to_vec()).collect()
}

/// What a proxy says for whom a connection is. However much follows, what is read has an end.
pub fn proxied(bytes: &[u8]) {
    if let Some((_, read)) = proxied::read_all(bytes) {
        assert!((22..=16 + 2_048).contains(&read), "{read}");
        assert_eq!(proxied::read_all(&bytes[..read - 1]), None);
    }
}

fn proxied_samples() -> Vec<Vec<u8>> {
    let four = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\0\0\x07\x0a\0\0\x01\x1f\x90\x1e\x91";
    let line = b"PROXY TCP6 fe80::1 ::1 8080 7825\r\n";
    vec![four.to_vec(), line.to_vec()]
}
