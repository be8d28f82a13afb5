//! Opaque names of 16 and 32 bytes.

/// Declares an opaque name: ordered, copied, shown and parsed as lower-case hex.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::key::NotAKey;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::key::parse_hex(text).map(Self).ok_or($crate::key::NotAKey)
            }
        }
    };
}

key! {
    /// A project, by the id that whoever made it chose. The store reads nothing into it.
    ProjectKey, 16
}

key! {
    /// Whose undo stacks: an author on this installation.
    AuthorKey, 16
}

key! {
    /// The BLAKE3 hash of a blob's content, which is also its name.
    BlobHash, 32
}

key! {
    /// A room, by the hash of the record that it begins with.
    RoomKey, 32
}

/// The text is not lower-case hex of the right length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of lower-case hexadecimal digits")]
pub struct NotAKey;

fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_and_parsed_as_hex() {
        let key = ProjectKey(std::array::from_fn(|i| (i * 17) as u8));
        assert_eq!(key.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn what_is_not_hex_is_no_key() {
        for text in [
            "",
            "00",
            "0011223344556677889900AABBCCDDEE",
            "zz112233445566778899aabbccddeeff",
            "é",
        ] {
            assert_eq!(text.parse::<ProjectKey>(), Err(NotAKey), "{text:?}");
        }
    }
}
