//! The TXT record: all that an instance says of itself.
//!
//! `protocol` is the highest protocol version it speaks, `device` the prefix of its device id as sixteen small hexadecimal
//! digits, `port` where it listens. Keys that are not known are passed over, so that later versions may say more; of a
//! key that is there twice the first counts (RFC 6763, 6.4).

use std::str::FromStr;

use crate::DevicePrefix;

const PROTOCOL: &str = "protocol";
const DEVICE: &str = "device";
const PORT: &str = "port";

/// What an instance says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// The highest protocol version it speaks.
    pub protocol: u16,
    /// Which device it is.
    pub device: DevicePrefix,
    /// The TCP port it listens on; never 0.
    pub port: u16,
}

/// Why a TXT record is not an announcement. The key is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TxtError {
    /// The key is not there, or has no value.
    #[error("the record has no value for `{0}`")]
    Missing(&'static str),
    /// The value is not what belongs there.
    #[error("the record has a malformed value for `{0}`")]
    Malformed(&'static str),
}

impl Announcement {
    /// Keys and values, in the order in which they go out.
    pub(crate) fn encode(&self) -> [(&'static str, String); 3] {
        [
            (PROTOCOL, self.protocol.to_string()),
            (DEVICE, self.device.to_string()),
            (PORT, self.port.to_string()),
        ]
    }

    /// Reads keys with their values, in the order in which they came.
    pub(crate) fn decode(pairs: &[(&str, Option<&[u8]>)]) -> Result<Self, TxtError> {
        let value = |wanted: &'static str| {
            let first = pairs
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(wanted));
            first
                .and_then(|(_, value)| *value)
                .ok_or(TxtError::Missing(wanted))
        };
        let port = number(PORT, value(PORT)?)?;
        if port == 0 {
            return Err(TxtError::Malformed(PORT));
        }
        Ok(Self {
            protocol: number(PROTOCOL, value(PROTOCOL)?)?,
            device: read(DEVICE, value(DEVICE)?)?,
            port,
        })
    }
}

fn number(key: &'static str, value: &[u8]) -> Result<u16, TxtError> {
    let number: u16 = read(key, value)?;
    // One number has one form: no sign, no zeros before it.
    let is_plain = number.to_string().as_bytes() == value;
    is_plain.then_some(number).ok_or(TxtError::Malformed(key))
}

fn read<T: FromStr>(key: &'static str, value: &[u8]) -> Result<T, TxtError> {
    let text = std::str::from_utf8(value).map_err(|_| TxtError::Malformed(key))?;
    text.parse().map_err(|_| TxtError::Malformed(key))
}

#[cfg(test)]
mod tests {
    use mdns_sd::TxtProperties;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Reads the bytes of a record as they come from the wire.
    fn decode(bytes: &[u8]) -> Result<Announcement, TxtError> {
        let properties = TxtProperties::from(bytes);
        let pairs: Vec<_> = properties
            .iter()
            .map(|property| (property.key(), property.val()))
            .collect();
        Announcement::decode(&pairs)
    }

    fn wire<'a>(strings: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for string in strings {
            bytes.push(string.len() as u8);
            bytes.extend(string);
        }
        bytes
    }

    fn announcement() -> impl Strategy<Value = Announcement> {
        (any::<u16>(), any::<[u8; 8]>(), 1..=u16::MAX).prop_map(|(protocol, device, port)| {
            let device = DevicePrefix::new(device);
            Announcement {
                protocol,
                device,
                port,
            }
        })
    }

    fn strings(announcement: &Announcement) -> Vec<Vec<u8>> {
        announcement
            .encode()
            .iter()
            .map(|(key, value)| format!("{key}={value}").into_bytes())
            .collect()
    }

    /// A string that is nearly one of ours.
    fn hostile_string() -> impl Strategy<Value = Vec<u8>> {
        let key = prop_oneof![
            Just("protocol".to_owned()),
            Just("device".to_owned()),
            Just("PORT".to_owned()),
            "[ -~]{0,9}",
        ];
        let value = prop_oneof![
            vec(any::<u8>(), 0..40),
            "[0-9a-f+ -]{0,18}".prop_map(Vec::from)
        ];
        let sign = prop_oneof![Just("="), Just(""), Just("==")];
        (key, sign, value)
            .prop_map(|(key, sign, value)| [key.as_bytes(), sign.as_bytes(), &value].concat())
    }

    #[test]
    fn a_record_is_as_documented() {
        let record = b"\x0aprotocol=1\x17device=9f2c01ab45de6677\x09port=4711";
        let announcement = decode(record).expect("this is the form");
        assert_eq!(
            announcement,
            Announcement {
                protocol: 1,
                device: DevicePrefix::new([0x9f, 0x2c, 0x01, 0xab, 0x45, 0xde, 0x66, 0x77]),
                port: 4711,
            }
        );
        let strings = strings(&announcement);
        assert_eq!(wire(strings.iter().map(Vec::as_slice)), record);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let read = |strings: &[&str]| decode(&wire(strings.iter().map(|text| text.as_bytes())));
        let device = "device=9f2c01ab45de6677";
        for (strings, error) in [
            (vec![], TxtError::Missing("port")),
            (
                vec!["port", device, "protocol=1"],
                TxtError::Missing("port"),
            ),
            (
                vec!["port=0", device, "protocol=1"],
                TxtError::Malformed("port"),
            ),
            (
                vec!["port=+1", device, "protocol=1"],
                TxtError::Malformed("port"),
            ),
            (
                vec!["port=70000", device, "protocol=1"],
                TxtError::Malformed("port"),
            ),
            (vec!["port=1", device], TxtError::Missing("protocol")),
            (
                vec!["port=1", device, "protocol=01"],
                TxtError::Malformed("protocol"),
            ),
            (
                vec!["port=1", "device=", "protocol=1"],
                TxtError::Malformed("device"),
            ),
            (
                vec!["port=1", "device=9F2C01AB45DE6677", "protocol=1"],
                TxtError::Malformed("device"),
            ),
            // The first counts, whatever comes later.
            (
                vec!["port=x", "port=1", device, "protocol=1"],
                TxtError::Malformed("port"),
            ),
        ] {
            assert_eq!(read(&strings), Err(error), "{strings:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(announcement in announcement()) {
            let strings = strings(&announcement);
            prop_assert_eq!(decode(&wire(strings.iter().map(Vec::as_slice))), Ok(announcement));
        }

        #[test]
        fn what_a_later_version_adds_is_passed_over(
            announcement in announcement(),
            more in vec("[x-z]{1,9}=[ -~]{0,40}", 0..5),
            place in 0usize..4,
        ) {
            let mut strings = strings(&announcement);
            for text in more {
                strings.insert(place.min(strings.len()), text.into_bytes());
            }
            prop_assert_eq!(decode(&wire(strings.iter().map(Vec::as_slice))), Ok(announcement));
        }

        #[test]
        fn no_bytes_make_reading_them_panic(bytes in vec(any::<u8>(), 0..600)) {
            let _refused_or_read = decode(&bytes);
        }

        #[test]
        fn what_is_accepted_is_what_we_would_write(strings in vec(hostile_string(), 0..8)) {
            if let Ok(announcement) = decode(&wire(strings.iter().map(Vec::as_slice))) {
                for (key, value) in announcement.encode() {
                    let said = format!("{key}={value}");
                    let is_said = |string: &Vec<u8>| string.eq_ignore_ascii_case(said.as_bytes());
                    prop_assert!(strings.iter().any(is_said), "{} is not in {:?}", said, strings);
                }
            }
        }

        #[test]
        fn a_flipped_bit_is_refused_or_changes_one_value(
            announcement in announcement(),
            at in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let strings = strings(&announcement);
            let mut bytes = wire(strings.iter().map(Vec::as_slice));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(read) = decode(&bytes) {
                let changed = [
                    read.protocol != announcement.protocol,
                    read.device != announcement.device,
                    read.port != announcement.port,
                ];
                prop_assert!(changed.iter().filter(|is_changed| **is_changed).count() <= 1);
            }
        }
    }
}
