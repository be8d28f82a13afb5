//! The chunks of which Automerge's files and messages consist
//! (<https://automerge.org/automerge-binary-format-spec/>, "Chunk Container").

/// How each begins.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// A whole document.
pub(super) const DOCUMENT: u8 = 0;
/// A change.
pub(super) const CHANGE: u8 = 1;
/// A change that is compressed.
pub(super) const DEFLATED: u8 = 2;

pub(super) struct Chunk<'a> {
    pub(super) kind: u8,
    /// All of it.
    pub(super) bytes: &'a [u8],
    /// What it is of that kind.
    pub(super) content: &'a [u8],
}

/// The first chunk, and what follows it; none if it is cut short.
pub(super) fn split(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (magic, behind) = bytes.split_first_chunk::<4>()?;
    let (_checksum, behind) = behind.split_first_chunk::<4>()?;
    let (kind, mut behind) = behind.split_first()?;
    let length = usize::try_from(number(&mut behind)?).ok()?;
    let (content, after) = behind.split_at_checked(length)?;
    let whole = &bytes[..bytes.len() - after.len()];
    (*magic == MAGIC).then_some((
        Chunk {
            kind: *kind,
            bytes: whole,
            content,
        },
        after,
    ))
}

/// A number in LEB128.
pub(super) fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
