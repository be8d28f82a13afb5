//! How a device is called on the wire.

use std::fmt;
use std::str::FromStr;

use crate::SERVICE;

/// The first eight bytes of a device id: enough to tell the devices of a network apart, too little to prove anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DevicePrefix([u8; 8]);

/// What was read is not sixteen small hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not the prefix of a device id")]
pub struct NotAPrefix;

impl DevicePrefix {
    /// From the bytes themselves.
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Of a whole device id, unless that is too short to be one.
    pub fn of(device_id: &[u8]) -> Option<Self> {
        device_id.first_chunk().copied().map(Self)
    }

    /// The bytes.
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for DevicePrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for DevicePrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for DevicePrefix {
    type Err = NotAPrefix;

    fn from_str(text: &str) -> Result<Self, NotAPrefix> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 16 || !text.bytes().all(is_hex) {
            return Err(NotAPrefix);
        }
        u64::from_str_radix(text, 16)
            .map(|number| Self(number.to_be_bytes()))
            .map_err(|_| NotAPrefix)
    }
}

/// One announced instance: a device prefix, with a number behind it where two machines claim the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instance(String);

impl Instance {
    /// Reads the full name of an instance. Names that we would not announce are none.
    pub(crate) fn of(full_name: &str) -> Option<Self> {
        let label = full_name.strip_suffix(SERVICE)?.strip_suffix('.')?;
        let (prefix, rest) = label.split_at_checked(16)?;
        let is_ours = prefix.parse::<DevicePrefix>().is_ok() && is_count(rest);
        is_ours.then(|| Self(label.to_owned()))
    }

    /// The name by which mDNS knows it.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{SERVICE}", self.0)
    }

    /// The name as it is announced.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a name ends in nothing or in a number in parentheses, as mDNS adds it to the later of two equal names.
fn is_count(rest: &str) -> bool {
    let digits = rest
        .strip_prefix(" (")
        .and_then(|rest| rest.strip_suffix(')'));
    let is_short_number = |digits: &str| {
        (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    rest.is_empty() || digits.is_some_and(is_short_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_names_of_our_making_are_instances() {
        let read = |label: &str| Instance::of(&format!("{label}.{SERVICE}"));
        assert_eq!(
            read("9f2c01ab45de6677").map(|instance| instance.full_name()),
            Some(format!("9f2c01ab45de6677.{SERVICE}"))
        );
        assert!(read("9f2c01ab45de6677 (2)").is_some());
        for label in [
            "",
            "9f2c01ab45de667",
            "9F2C01AB45DE6677",
            "9f2c01ab45de6677 ()",
            "9f2c01ab45de6677 (99999)",
            "9f2c01ab45de6677.x",
            "Ana's laptop",
            "ääääääää1",
        ] {
            assert_eq!(read(label), None, "{label}");
        }
        assert_eq!(Instance::of("9f2c01ab45de6677._http._tcp.local."), None);
        assert_eq!(Instance::of(SERVICE), None);
    }

    proptest! {
        #[test]
        fn a_prefix_is_read_as_it_is_written(bytes: [u8; 8]) {
            let prefix = DevicePrefix::new(bytes);
            prop_assert_eq!(prefix.to_string().parse(), Ok(prefix));
            prop_assert_eq!(DevicePrefix::of(&prefix.bytes()), Some(prefix));
        }

        #[test]
        fn no_text_is_read_as_more_than_it_is(text in ".{0,20}") {
            if let Ok(prefix) = text.parse::<DevicePrefix>() {
                prop_assert_eq!(prefix.to_string(), text);
            }
        }

        #[test]
        fn no_name_makes_reading_it_panic(name in ".*") {
            if let Some(instance) = Instance::of(&name) {
                prop_assert_eq!(instance.full_name(), name);
            }
        }
    }
}
