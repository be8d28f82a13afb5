//! Automerge chunks whose checksums fit, whatever is in them: what somebody writes who means it.
//!
//! A chunk is `85 6f 4a 83`, the first four bytes of the SHA-256 of what follows, a byte for its kind, its length as
//! LEB128, and its content (<https://automerge.org/automerge-binary-format-spec/>).

use sha2::{Digest, Sha256};

/// Name, body and samples, as in the tables of the crates.
type Row = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// Bodies that forge what surrounds the bytes.
pub const BODIES: &[Row] = &[
    ("forged-change", change, change_samples),
    ("forged-document", document, document_samples),
];

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// With what packed changes begin, as `graph` packs them.
const CHANGES: u8 = 0;
const SAVED: u8 = 2;

/// A change in packed changes; the first byte is the kind of its chunk.
pub fn change(bytes: &[u8]) {
    if let Some((kind, content)) = bytes.split_first() {
        let chunk = chunk(kind % 4, content);
        let length = u32::try_from(chunk.len()).expect("the bytes are few");
        graph::testing::packed(&[&[CHANGES], &length.to_be_bytes()[..], &chunk].concat());
    }
}

/// A saved document: chunks, each behind a byte for its kind and two for its length.
pub fn document(bytes: &[u8]) {
    let mut saved = vec![SAVED];
    let mut rest = bytes;
    while let Some(([kind, long, short], more)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*long, *short])).min(more.len());
        let (content, more) = more.split_at(length);
        saved.extend(chunk(kind % 4, content));
        rest = more;
    }
    graph::testing::packed(&saved);
    graph::testing::saved(&saved[1..]);
}

fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut rest = vec![kind];
    let mut length = content.len();
    while length >= 0x80 {
        rest.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    rest.push(length as u8);
    rest.extend_from_slice(content);
    let hash = Sha256::digest(&rest);
    [&MAGIC[..], &hash[..4], &rest].concat()
}

/// Kind and content of the chunk with which some bytes begin, and what follows it.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let rest = bytes.strip_prefix(&MAGIC)?.get(4..)?;
    let (kind, mut rest) = rest.split_first()?;
    let mut length = 0_usize;
    for shift in (0..).step_by(7) {
        let (byte, more) = rest.split_first()?;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        rest = more;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*kind, content, rest))
}

fn packed_samples() -> Vec<Vec<u8>> {
    let bodies = graph::testing::BODIES.iter();
    let packed = bodies.filter(|(name, ..)| *name == "packed");
    packed.flat_map(|(_, _, samples)| samples()).collect()
}

fn change_samples() -> Vec<Vec<u8>> {
    let listed = packed_samples().into_iter().filter(|it| it[0] == CHANGES);
    let samples = listed.filter_map(|packed| {
        let (kind, content, _) = split(&packed[5..])?;
        Some([&[kind], content].concat())
    });
    samples.collect()
}

fn document_samples() -> Vec<Vec<u8>> {
    let saved = packed_samples().into_iter().filter(|it| it[0] == SAVED);
    let samples = saved.filter_map(|packed| {
        let (kind, content, _) = split(&packed[1..])?;
        let length = u16::try_from(content.len()).ok()?;
        Some([&[kind], &length.to_be_bytes()[..], content].concat())
    });
    samples.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        let mut seen = 0;
        for packed in packed_samples() {
            let chunk_bytes = match packed[0] {
                CHANGES => &packed[5..],
                SAVED => &packed[1..],
                _ => continue,
            };
            let (kind, content, rest) = split(chunk_bytes).expect("it begins with a chunk");
            let again = [&chunk(kind, content), rest].concat();
            assert_eq!(again, chunk_bytes);
            seen += 1;
        }
        assert!(seen > 2);
        assert!(!change_samples().is_empty() && !document_samples().is_empty());
    }
}
