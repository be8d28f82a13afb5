//! The changes in a message of the sync protocol.

use std::io::Read;

use automerge::Change;
use automerge::sync::ChunkList;
use flate2::bufread::DeflateDecoder;

use super::super::chunk::{self, Chunk};
use super::{Refusal, pack};

/// Operations that may come together: a novel, or as many nodes as a program makes at once.
const MAX_OPERATIONS: usize = 500_000;

/// A change may inflate to so much.
const MAX_CHANGE_BYTES: u64 = 64 << 20;

/// Reads what a message brings. Whole documents are refused: nobody was told that they are understood.
pub(super) fn read(chunks: &ChunkList) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    let mut operations = 0;
    for mut rest in chunks.iter() {
        while !rest.is_empty() {
            let (chunk, after) =
                chunk::split(rest).ok_or_else(|| malformed("a change is cut short"))?;
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

/// Its operations are only counted: how many there are has to be known before they are looked at.
fn change(chunk: &Chunk<'_>) -> Result<Change, String> {
    match chunk.kind {
        chunk::DOCUMENT => return Err("it is a whole document; send changes".to_owned()),
        chunk::DEFLATED if inflated(chunk.content) > MAX_CHANGE_BYTES => {
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
