//! DER (X.690), as much of it as a certificate has.

/// A sequence of these.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// DER: a tag, the length of the content in the fewest bytes, the content.
pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let length = match (high, low) {
        (0, 0..0x80) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], &length[..], content].concat()
}

/// What stands first: its tag, its content, and what comes after it. Nothing if it is cut off, or has a tag of several bytes.
pub(super) fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let length = bytes
                .iter()
                .fold(0, |all, it| (all << 8) | usize::from(*it));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    (tag & 0x1f != 0x1f).then_some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_what_is_cut_off_is_not() {
        for length in [0, 127, 128, 255, 256, 65_535] {
            let content = vec![7; length];
            let mut encoded = tagged(4, &content);
            assert_eq!(read(&encoded[..encoded.len() - 1]), None);
            encoded.push(9);
            assert_eq!(read(&encoded), Some((4, &content[..], &[9][..])));
        }
        let of_several_bytes = [0x1f, 1, 0];
        let endless = [4, 0x80, 0, 0];
        let long = [4, 0x84, 0xff, 0xff, 0xff, 0xff, 0];
        for wrong in [&[][..], &[4], &of_several_bytes, &endless, &long] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn lengths_are_in_the_fewest_bytes() {
        for (length, header) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (255, &[4, 0x81, 255]),
            (256, &[4, 0x82, 1, 0]),
        ] {
            let encoded = tagged(4, &vec![7; length]);
            assert_eq!(encoded[..header.len()], *header);
            assert_eq!(encoded.len(), header.len() + length);
        }
    }
}
