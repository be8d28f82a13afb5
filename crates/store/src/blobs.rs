//! Attachments: bytes named by their hash.

use std::io::{Read, Write};

use crate::{BlobHash, Result};

pub(crate) mod file;
pub(crate) mod memory;

/// A larger blob is refused. It is a file of 1 GiB, sealed: 16 bytes more for each 64 KiB.
pub const MAX_BLOB_BYTES: u64 = (1 << 30) + (1 << 18);

/// Bytes named by their BLAKE3 hash. A blob is there whole and durable, or not at all; it never changes.
///
/// Nothing is counted or collected here: whoever knows which blobs are still named removes the others.
pub trait Blobs: Send + Sync {
    /// Keeps what `content` yields, to its end. Putting what is there already is no error.
    fn put(&self, content: &mut dyn Read) -> Result<BlobHash>;

    /// Copies a blob into `target` and says how many bytes it has.
    ///
    /// The hash is checked on the way, so an error may come after bytes were written: use them only after `Ok`.
    fn copy(&self, hash: BlobHash, target: &mut dyn Write) -> Result<u64>;

    /// A blob in memory.
    fn get(&self, hash: BlobHash) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy(hash, &mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes a blob has; none if it is not there.
    fn size(&self, hash: BlobHash) -> Result<Option<u64>>;

    /// At most so many bytes of a blob from `offset` on; fewer only at its end. The hash is not checked.
    fn read(&self, hash: BlobHash, offset: u64, max_bytes: usize) -> Result<Vec<u8>>;

    /// Removes a blob and says whether it was there.
    fn remove(&self, hash: BlobHash) -> Result<bool>;

    /// All blobs, by hash.
    fn list(&self) -> Result<Vec<BlobHash>>;

    /// How many bytes all blobs and parts have.
    fn bytes(&self) -> Result<u64>;

    /// How much of a blob was put by [`put_part`](Self::put_part) and has not become whole; 0: nothing.
    fn part(&self, hash: BlobHash) -> Result<u64>;

    /// Puts the next bytes of a blob that comes in pieces, and says how much is there then. What is there behind `offset`
    /// is replaced; if less is there, nothing is put. Parts outlive a restart, though a loss of power may spoil them.
    fn put_part(&self, hash: BlobHash, offset: u64, bytes: &[u8]) -> Result<u64>;

    /// Makes a blob of what was put, and says how many bytes it has. Whatever does not have the hash is removed, and that
    /// is [`StoreError::DamagedBlob`](crate::StoreError::DamagedBlob).
    fn finish_part(&self, hash: BlobHash) -> Result<u64>;

    /// Removes what was put and has not become whole; says whether there was anything.
    fn drop_part(&self, hash: BlobHash) -> Result<bool>;

    /// All blobs of which there is a part, by hash.
    fn list_parts(&self) -> Result<Vec<BlobHash>>;
}
