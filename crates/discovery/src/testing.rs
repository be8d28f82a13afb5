//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

use mdns_sd::TxtProperties;

use crate::{Announcement, DevicePrefix};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("txt", txt, txt_samples),
    ("device-prefix", device_prefix, device_prefix_samples),
];

/// A TXT record as it comes from the wire.
pub fn txt(bytes: &[u8]) {
    let Some(announcement) = read(bytes) else {
        return;
    };
    assert!(announcement.port > 0);
    assert_eq!(read(&write(&announcement)), Some(announcement));
}

/// How a device is called in an instance name.
pub fn device_prefix(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(prefix) = text.parse::<DevicePrefix>() {
        assert_eq!(prefix.to_string(), text, "there is one form");
    }
}

fn read(bytes: &[u8]) -> Option<Announcement> {
    let properties = TxtProperties::from(bytes);
    let pairs: Vec<_> = properties
        .iter()
        .map(|property| (property.key(), property.val()))
        .collect();
    Announcement::decode(&pairs).ok()
}

fn write(announcement: &Announcement) -> Vec<u8> {
    let strings = announcement.encode().into_iter().flat_map(|(key, value)| {
        let string = format!("{key}={value}").into_bytes();
        let length = u8::try_from(string.len()).expect("they are short");
        std::iter::once(length).chain(string)
    });
    strings.collect()
}

fn sample() -> Announcement {
    Announcement {
        protocol: 1,
        device: DevicePrefix::new([0x9f, 0x2c, 0x01, 0xab, 0x45, 0xde, 0x66, 0x77]),
        port: 4711,
    }
}

fn txt_samples() -> Vec<Vec<u8>> {
    vec![
        write(&sample()),
        [write(&sample()), write(&sample())].concat(),
        [b"\x05later", &*write(&sample())].concat(),
    ]
}

fn device_prefix_samples() -> Vec<Vec<u8>> {
    vec![sample().device.to_string().into_bytes()]
}
