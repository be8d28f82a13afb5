//! Attachments: sealed once under a key of their own, in chunks.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its
//! nonce-reuse misuse-resistance", 2015) over XChaCha20-Poly1305: the nonce of a chunk is a prefix of 19 bytes, its number
//! of 32 bits, big-endian, and one byte that says whether it is the last. So no chunk can be dropped, swapped or put behind
//! the end without being noticed, and each can be read as it comes.
//!
//! # Why no nonce repeats
//!
//! Within a blob the counter goes up, and after 2^32 chunks sealing fails. The prefix is zero: no two blobs have one key.
//! [`BlobKey::draw`] makes it of 256 fresh bits and the content, so that it is another for each blob, and for another content
//! even where a machine was cloned or set back and its randomness repeats. [`BlobKey::of_content`] depends on the
//! content, too: what is sealed anew elsewhere with the same key is the same, and gives the same bytes.
//!
//! # What follows
//!
//! The key stands in the project's document, which members alone read, and which names the blob by the BLAKE3 hash of what
//! is sealed. So the name commits to the bytes, and the key opens them in one way or not at all. Who wrote the blob says
//! whoever signed the frame with its name. Lengths are not hidden: [`sealed_blob_bytes`].

use std::fmt;

use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use super::{DoesNotOpen, EpochKey};

/// Plain bytes of each chunk but the last.
pub const BLOB_CHUNK_BYTES: usize = 64 << 10;

/// Sealed bytes of each chunk but the last.
pub const SEALED_CHUNK_BYTES: usize = BLOB_CHUNK_BYTES + TAG_BYTES;

const TAG_BYTES: usize = 16;
const PREFIX: [u8; 19] = [0; 19];

/// The key of one blob.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobKey(Zeroizing<[u8; 32]>);

/// Seals one blob, chunk by chunk.
pub struct BlobSealer(EncryptorBE32<XChaCha20Poly1305>);

/// Opens one blob, chunk by chunk.
pub struct BlobOpener(DecryptorBE32<XChaCha20Poly1305>);

impl BlobKey {
    /// A new key, for the one blob of which this is the BLAKE3 hash before it is sealed.
    pub fn draw(hash: &[u8; 32], random: &mut impl CryptoRngCore) -> Self {
        let mut drawn = Zeroizing::new([0; 64]);
        let (fresh, content) = drawn.split_at_mut(32);
        random.fill_bytes(fresh);
        content.copy_from_slice(hash);
        let key = blake3::derive_key("talus-tally v1 keys of attachments", &*drawn);
        Self(Zeroizing::new(key))
    }

    /// The key for a blob that several may have to seal without hearing of each other: whoever has the key of the room's
    /// first epoch and the file, of which this is the BLAKE3 hash, gets the same.
    pub fn of_content(first_epoch: &EpochKey, hash: &[u8; 32]) -> Self {
        let key = first_epoch.derive("talus-tally v1 keys of attachments by content");
        Self(Zeroizing::new(*blake3::keyed_hash(&key, hash).as_bytes()))
    }

    /// The key from the document.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// What is written into the document.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&*self.0))
    }
}

impl fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobKey")
    }
}

impl BlobSealer {
    /// Begins with a key that has sealed nothing yet.
    pub fn new(key: &BlobKey) -> Self {
        Self(EncryptorBE32::from_aead(key.cipher(), &PREFIX.into()))
    }

    /// Seals the next chunk of [`BLOB_CHUNK_BYTES`], which is not the last. Fails after 2^32 of them.
    pub fn next(&mut self, plain: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        self.0.encrypt_next(plain).map_err(|_| DoesNotOpen)
    }

    /// Seals the last chunk, of at most [`BLOB_CHUNK_BYTES`]; of an empty blob it is an empty one.
    pub fn last(self, plain: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        self.0.encrypt_last(plain).map_err(|_| DoesNotOpen)
    }
}

impl BlobOpener {
    /// Begins at the first chunk.
    pub fn new(key: &BlobKey) -> Self {
        Self(DecryptorBE32::from_aead(key.cipher(), &PREFIX.into()))
    }

    /// Opens the next chunk, which is not the last.
    pub fn next(&mut self, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        self.0.decrypt_next(sealed).map_err(|_| DoesNotOpen)
    }

    /// Opens the last chunk. Only with it the blob is whole.
    pub fn last(self, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        self.0.decrypt_last(sealed).map_err(|_| DoesNotOpen)
    }
}

/// How many bytes a blob of so many has when it is sealed.
pub const fn sealed_blob_bytes(plain: u64) -> u64 {
    plain.saturating_add(TAG_BYTES as u64 * chunks(plain, BLOB_CHUNK_BYTES as u64))
}

/// How many bytes are in a sealed blob of so many.
pub const fn plain_blob_bytes(sealed: u64) -> u64 {
    sealed.saturating_sub(TAG_BYTES as u64 * chunks(sealed, SEALED_CHUNK_BYTES as u64))
}

/// An empty blob has a chunk, too.
const fn chunks(bytes: u64, chunk: u64) -> u64 {
    match bytes.div_ceil(chunk) {
        0 => 1,
        chunks => chunks,
    }
}

/// Seals a whole blob with a key that has sealed nothing yet.
pub fn seal_blob(key: &BlobKey, plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    let mut sealer = BlobSealer::new(key);
    let mut rest = plain;
    while rest.len() > BLOB_CHUNK_BYTES {
        let (chunk, more) = rest.split_at(BLOB_CHUNK_BYTES);
        let chunk = sealer.next(chunk);
        sealed.extend(chunk.expect("what fits into memory has fewer than 2^32 chunks"));
        rest = more;
    }
    let last = sealer.last(rest);
    sealed.extend(last.expect("a chunk is not too long"));
    sealed
}

/// Opens a whole blob.
pub fn open_blob(key: &BlobKey, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
    let mut plain = Vec::with_capacity(sealed.len());
    let mut opener = BlobOpener::new(key);
    let mut rest = sealed;
    while rest.len() > SEALED_CHUNK_BYTES {
        let (chunk, more) = rest.split_at(SEALED_CHUNK_BYTES);
        plain.extend(opener.next(chunk)?);
        rest = more;
    }
    plain.extend(opener.last(rest)?);
    Ok(plain)
}

#[cfg(test)]
mod tests;
