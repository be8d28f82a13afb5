//! Attachments: sealed once under a key of their own, in chunks.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its
//! nonce-reuse misuse-resistance", 2015) over XChaCha20-Poly1305: the nonce of a chunk is a prefix of 19 bytes, its number
//! of 32 bits, big-endian, and one byte that says whether it is the last. So no chunk can be dropped, swapped or put behind
//! the end without being noticed, and each can be read as it comes.
//!
//! The prefix is zero: the key is drawn for one blob and seals nothing else. It lives in the project's document, which
//! names the blob by the BLAKE3 hash of what is sealed.

use std::fmt;

use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use super::DoesNotOpen;

/// Plain bytes of each chunk but the last.
pub const BLOB_CHUNK_BYTES: usize = 64 << 10;

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
    /// A new key, for one blob.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *bytes);
        Self(bytes)
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

/// Seals a whole blob with a key that has sealed nothing yet.
pub fn seal_blob(key: &BlobKey, plain: &[u8]) -> Vec<u8> {
    let chunks = plain.len() / BLOB_CHUNK_BYTES + 1;
    let mut sealed = Vec::with_capacity(plain.len() + chunks * TAG_BYTES);
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
    const SEALED_CHUNK_BYTES: usize = BLOB_CHUNK_BYTES + TAG_BYTES;
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
mod tests {
    use super::*;

    const CHUNK: usize = BLOB_CHUNK_BYTES + TAG_BYTES;

    fn key() -> BlobKey {
        BlobKey::from_bytes(&[3; 32])
    }

    fn plain(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn a_blob_of_any_length_is_read_back() {
        for length in [
            0,
            1,
            BLOB_CHUNK_BYTES - 1,
            BLOB_CHUNK_BYTES,
            BLOB_CHUNK_BYTES + 1,
            200_000,
        ] {
            let sealed = seal_blob(&key(), &plain(length));
            assert_eq!(open_blob(&key(), &sealed), Ok(plain(length)), "{length}");
        }
    }

    #[test]
    fn the_bytes_of_a_blob_are_frozen() {
        let sealed = seal_blob(&key(), &plain(BLOB_CHUNK_BYTES + 5));
        assert_eq!(
            blake3::hash(&sealed).to_string(),
            "da71904f3422635d8adab21d2f0deebf0a72457906133200986ac6f55056eb32"
        );
    }

    #[test]
    fn a_thief_cannot_cut_swap_repeat_or_change() {
        let sealed = seal_blob(&key(), &plain(3 * BLOB_CHUNK_BYTES + 5));
        let chunks: Vec<&[u8]> = sealed.chunks(CHUNK).collect();
        let [a, b, c, d] = chunks[..] else {
            panic!("{} chunks", chunks.len())
        };
        let mut changed = sealed.clone();
        changed[CHUNK + 7] ^= 1;
        for wrong in [
            [a, b, c].concat(),
            [a, b].concat(),
            [b, a, c, d].concat(),
            [a, b, c, c, d].concat(),
            [a, b, d].concat(),
            [a, b, c, d, d].concat(),
            sealed[..sealed.len() - 1].to_vec(),
            vec![],
            changed,
        ] {
            assert_eq!(open_blob(&key(), &wrong), Err(DoesNotOpen));
        }
        assert_eq!(
            open_blob(&BlobKey::from_bytes(&[4; 32]), &sealed),
            Err(DoesNotOpen)
        );
    }
}
