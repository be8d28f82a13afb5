//! The changes in a message of the sync protocol.

use std::collections::BTreeSet;
use std::io::Read;

use automerge::sync::ChunkList;
use automerge::{Change, ChangeHash};
use flate2::bufread::DeflateDecoder;
use rustc_hash::FxHashMap;

use super::{Refusal, pack};

/// Operations that may come together: a novel, or as many nodes as a program makes at once.
const MAX_OPERATIONS: usize = 500_000;

/// A change may inflate to so much.
const MAX_CHANGE_BYTES: u64 = 64 << 20;

/// How Automerge begins whatever it stores.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// What stands behind magic and checksum.
const DOCUMENT: u8 = 0;
const DEFLATED: u8 = 2;

/// Reads what a message brings. Whole documents are refused: nobody was told that they are understood.
pub(super) fn read(chunks: &ChunkList) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    let mut operations = 0;
    for mut rest in chunks.iter() {
        while !rest.is_empty() {
            let (chunk, after) = split(rest).ok_or_else(|| malformed("a change is cut short"))?;
            rest = after;
            let change = change(&chunk).map_err(Refusal::Malformed)?;
            operations += change.len();
            if operations > MAX_OPERATIONS {
                return Err(Refusal::TooMuch);
            }
            changes.push(change);
        }
    }
    Ok(changes)
}

fn malformed(why: &str) -> Refusal {
    Refusal::Malformed(why.to_owned())
}

struct Chunk<'a> {
    kind: u8,
    bytes: &'a [u8],
    content: &'a [u8],
}

/// The first chunk, and what follows it.
fn split(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
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

/// Its operations are only counted: how many there are has to be known before they are looked at.
fn change(chunk: &Chunk<'_>) -> Result<Change, String> {
    match chunk.kind {
        DOCUMENT => return Err("it is a whole document; send changes".to_owned()),
        DEFLATED if inflated(chunk.content) > MAX_CHANGE_BYTES => {
            return Err("it is too large".to_owned());
        }
        _ => {}
    }
    pack::malformed_is_an_error(|| pack::read_change(chunk.bytes.to_vec()))
}

/// How much it inflates to, counted to the limit.
fn inflated(bytes: &[u8]) -> u64 {
    let mut inflating = DeflateDecoder::new(bytes).take(MAX_CHANGE_BYTES + 1);
    // What does not inflate is found malformed later.
    std::io::copy(&mut inflating, &mut std::io::sink()).unwrap_or(0)
}

/// The changes whose predecessors are here or come before them, in such an order; and the others.
pub(super) fn in_order(
    changes: Vec<Change>,
    is_here: impl Fn(&ChangeHash) -> bool,
) -> (Vec<Change>, Vec<Change>) {
    let mut waits_for: Vec<usize> = Vec::with_capacity(changes.len());
    let mut followers: FxHashMap<ChangeHash, Vec<usize>> = FxHashMap::default();
    for (place, change) in changes.iter().enumerate() {
        let lacking = change.deps().iter().filter(|dep| !is_here(dep));
        let lacking: BTreeSet<&ChangeHash> = lacking.collect();
        waits_for.push(lacking.len());
        for dep in lacking {
            followers.entry(*dep).or_default().push(place);
        }
    }
    let free = (0..changes.len()).filter(|place| waits_for[*place] == 0);
    let mut order: Vec<usize> = free.collect();
    let mut next = 0;
    while let Some(place) = order.get(next) {
        next += 1;
        let freed = followers.remove(&changes[*place].hash());
        for follower in freed.into_iter().flatten() {
            waits_for[follower] -= 1;
            if waits_for[follower] == 0 {
                order.push(follower);
            }
        }
    }
    let mut changes: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
    let ready = order.into_iter().filter_map(|place| changes[place].take());
    let ready = ready.collect();
    (ready, changes.into_iter().flatten().collect())
}
