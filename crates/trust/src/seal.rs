//! What only members read: payloads, ephemeral messages and earlier keys, sealed under the key of an epoch.
//!
//! Sealing is XChaCha20-Poly1305 ([draft-irtf-cfrg-xchacha-03], over RFC 8439) with what everybody can read as associated
//! data. What is sealed is the nonce of 24 bytes, the ciphertext and the tag of 16 bytes. Each use has a key of its own,
//! derived from the epoch's by BLAKE3 in its mode for deriving keys.
//!
//! # Why no nonce repeats
//!
//! The nonce is the first 24 bytes of BLAKE3, keyed, over 32 bytes of fresh randomness, the associated data and the plain
//! bytes. With good randomness it is as good as a random one of 192 bits, of which 2^80 under one key are safe. If the
//! randomness repeats, because a machine was cloned or set back or its generator is broken, the nonce is that of a
//! synthetic one (Rogaway and Shrimpton, "Deterministic authenticated encryption", 2006): it repeats only where header and
//! content repeat, too, and then the result is the same bytes, which tell nobody more than that. A nonce from stream and
//! number would not do: a clone goes on in the same stream with other content.
//!
//! # What it does not hide
//!
//! Lengths, and whatever is in the associated data. Under a key that several hold, a seal says "a member"; which one, the
//! signature says: [`sign_frame`], [`sign_signal`].
//!
//! [draft-irtf-cfrg-xchacha-03]: https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03

mod blob;
mod recent;
mod sealed;

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::key::{BadSignature, DeviceKey, DevicePublic, Purpose, SIGNATURE_BYTES};

pub use self::{
    blob::{
        BLOB_CHUNK_BYTES, BlobKey, BlobOpener, BlobSealer, SEALED_CHUNK_BYTES, open_blob,
        plain_blob_bytes, seal_blob, sealed_blob_bytes,
    },
    recent::{Counter, Recent, Replayed},
    sealed::{SEALED_KEY_BYTES, open_from, seal_to},
};

/// By so many bytes what is sealed is longer.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

const NONCE_BYTES: usize = 24;

/// The key of an epoch, which all of its members have.
#[derive(Clone, PartialEq, Eq)]
pub struct EpochKey(Zeroizing<[u8; 32]>);

/// What is sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// The payload of a frame.
    Frame,
    /// An ephemeral message.
    Signal,
    /// The key of an epoch before.
    PreviousKey,
    /// What is delivered after a pairing.
    Delivery,
}

/// It was sealed under another key or for another use, or somebody has changed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it does not open with this key")]
pub struct DoesNotOpen;

impl EpochKey {
    /// A new key.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The key that was stored or delivered.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// What is to be stored, where only the device's user can read it.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals for one use. `header` is not hidden, and what is sealed opens only with it.
    pub fn seal(
        &self,
        purpose: Use,
        header: &[u8],
        plain: &[u8],
        random: &mut impl CryptoRngCore,
    ) -> Vec<u8> {
        let mut fresh = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *fresh);
        let nonce = self.nonce(purpose, &fresh, header, plain);
        let payload = Payload {
            msg: plain,
            aad: header,
        };
        let sealed = self
            .cipher(purpose)
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("what fits into memory is not too long");
        let mut all = Vec::with_capacity(NONCE_BYTES + sealed.len());
        all.extend_from_slice(&nonce);
        all.extend_from_slice(&sealed);
        all
    }

    /// Opens what was sealed for this use with this header.
    pub fn open(&self, purpose: Use, header: &[u8], sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(DoesNotOpen)?;
        let payload = Payload {
            msg: sealed,
            aad: header,
        };
        self.cipher(purpose)
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| DoesNotOpen)
    }

    fn cipher(&self, purpose: Use) -> XChaCha20Poly1305 {
        let key = self.derive(match purpose {
            Use::Frame => "talus-tally v1 key of frames",
            Use::Signal => "talus-tally v1 key of signals",
            Use::PreviousKey => "talus-tally v1 key of previous keys",
            Use::Delivery => "talus-tally v1 key of deliveries",
        });
        XChaCha20Poly1305::new(Key::from_slice(&*key))
    }

    /// Each part goes in behind its length, so that no two triples are the same bytes.
    fn nonce(
        &self,
        purpose: Use,
        fresh: &[u8; 32],
        header: &[u8],
        plain: &[u8],
    ) -> [u8; NONCE_BYTES] {
        let key = self.derive(match purpose {
            Use::Frame => "talus-tally v1 nonces of frames",
            Use::Signal => "talus-tally v1 nonces of signals",
            Use::PreviousKey => "talus-tally v1 nonces of previous keys",
            Use::Delivery => "talus-tally v1 nonces of deliveries",
        });
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(fresh);
        hasher.update(&(header.len() as u64).to_le_bytes());
        hasher.update(header).update(plain);
        let mut nonce = [0; NONCE_BYTES];
        hasher.finalize_xof().fill(&mut nonce);
        nonce
    }

    fn derive(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &*self.0))
    }
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochKey")
    }
}

/// A device's signature over a frame without the signature.
///
/// What is signed is the BLAKE3 hash of the frame, so that a snapshot of 16 MiB is not read twice by a slower hash; a
/// frame's name relies on the same hash.
pub fn sign_frame(key: &DeviceKey, unsigned: &[u8]) -> [u8; SIGNATURE_BYTES] {
    key.sign(Purpose::Frame, blake3::hash(unsigned).as_bytes())
}

/// Whether the device signed this frame.
pub fn verify_frame(
    key: &DevicePublic,
    unsigned: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> Result<(), BadSignature> {
    key.verify(Purpose::Frame, blake3::hash(unsigned).as_bytes(), signature)
}

/// A device's signature over an ephemeral message without the signature, its counter included.
pub fn sign_signal(key: &DeviceKey, unsigned: &[u8]) -> [u8; SIGNATURE_BYTES] {
    key.sign(Purpose::Signal, unsigned)
}

/// Whether the device signed this ephemeral message. Whether it is a new one, [`Recent`] knows.
pub fn verify_signal(
    key: &DevicePublic,
    unsigned: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> Result<(), BadSignature> {
    key.verify(Purpose::Signal, unsigned, signature)
}

#[cfg(test)]
mod tests;
