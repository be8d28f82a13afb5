//! Which attachments a project names.

use std::collections::BTreeSet;

use super::Project;
use crate::id::BlobId;

/// Digits of a hash.
const DIGITS: usize = 64;

impl Project {
    /// Every attachment that the documents name or ever named, kits and what was overwritten included.
    ///
    /// It finds whatever looks like the hash of an attachment anywhere in the documents, so it may name too many and
    /// never too few. Slow; for finding out what nobody needs.
    pub fn blobs_ever_named(&self) -> BTreeSet<BlobId> {
        let mut named = hashes_in(&self.project.save_nocompress());
        named.extend(hashes_in(&self.comments.save_nocompress()));
        for waiting in self.waiting.iter().flatten() {
            named.extend(hashes_in(waiting.raw_bytes()));
        }
        named
    }
}

/// Whatever in these bytes looks like the hash of an attachment.
pub fn hashes_in(bytes: &[u8]) -> BTreeSet<BlobId> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let runs = bytes.split(|byte| !is_digit(byte));
    // A length or another digit may stand right before a hash, so every place in a longer run counts.
    runs.flat_map(|run| run.windows(DIGITS))
        .filter_map(|hash| std::str::from_utf8(hash).ok())
        .map(BlobId::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_found_wherever_they_stand() {
        let hash = "0123456789abcdef".repeat(4);
        let bytes = format!("\0files/{hash}x{}7{hash}", &hash[..63]);
        let found = hashes_in(bytes.as_bytes());
        assert!(found.contains(&BlobId::from(hash.as_str())));
        assert_eq!(hashes_in(&bytes.as_bytes()[..70]).len(), 0);
        assert_eq!(found.len(), 65);
    }
}
