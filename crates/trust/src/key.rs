//! The keys of a device.
//!
//! A device signs with Ed25519 ([RFC 8032]) and has things sealed to it with X25519 ([RFC 7748], see [`crate::seal::seal_to`]).
//! Its [`DeviceId`] is a hash of the signing key; the sealing key is certified by it, so that both can be told from the id.
//!
//! - Everything that is signed begins with a context string of its own, so that a signature for one purpose is none for
//!   another. No context is the beginning of another one: each ends in a zero byte and has no other.
//! - Signatures are verified strictly: keys of small order, mixed points and other encodings of a signature are refused, so
//!   that everybody judges a signature alike (Chalkias et al., "Taming the many EdDSAs", 2020).
//! - Secrets are wiped when they are dropped, and none is shown by `Debug`.
//!
//! [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032
//! [RFC 7748]: https://www.rfc-editor.org/rfc/rfc7748

mod sealing;
mod words;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::DeviceId;

pub use self::{
    sealing::{SealingCertificate, SealingKey, SealingPublic},
    words::{WORDS, words_of},
};

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// What a signature is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A frame of a room's log.
    Frame,
    /// An ephemeral message.
    Signal,
    /// A record of the membership.
    Record,
    /// That a holder of an invitation lets a device in.
    Join,
    /// That a sealing key belongs to a device.
    SealingKey,
}

impl Purpose {
    fn context(self) -> &'static [u8] {
        match self {
            Self::Frame => b"talus-tally v1 frame\0",
            Self::Signal => b"talus-tally v1 signal\0",
            Self::Record => b"talus-tally v1 membership record\0",
            Self::Join => b"talus-tally v1 join by invitation\0",
            Self::SealingKey => b"talus-tally v1 sealing key\0",
        }
    }

    fn signed(self, message: &[u8]) -> Vec<u8> {
        [self.context(), message].concat()
    }
}

/// The signature is not that of this key over these bytes for this purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the signature is wrong")]
pub struct BadSignature;

/// A device's secret signing key, or that of an invitation.
#[derive(Clone)]
pub struct DeviceKey(SigningKey);

/// The public key that belongs to a [`DeviceKey`].
///
/// It may be 32 bytes that are no key, since it is read without looking at the curve; nothing verifies with those.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DevicePublic(pub [u8; 32]);

impl DeviceKey {
    /// A new key.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *seed);
        Self::from_seed(&seed)
    }

    /// The key that was stored.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What is to be stored, where only the device's user can read it.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn public(&self) -> DevicePublic {
        DevicePublic(self.0.verifying_key().to_bytes())
    }

    /// The device that has this key.
    pub fn device(&self) -> DeviceId {
        self.public().device()
    }

    /// Signs for one purpose.
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(&purpose.signed(message)).to_bytes()
    }
}

impl DevicePublic {
    /// The device that has this key: BLAKE3 in its mode for deriving keys, under a context of its own.
    pub fn device(&self) -> DeviceId {
        DeviceId(blake3::derive_key("talus-tally v1 device id", &self.0))
    }

    /// Whether the signature is that of this key, over these bytes, for this purpose.
    pub fn verify(
        &self,
        purpose: Purpose,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), BadSignature> {
        verify_by(&self.point()?, purpose, message, signature)
    }

    fn point(&self) -> Result<VerifyingKey, BadSignature> {
        VerifyingKey::from_bytes(&self.0).map_err(|_| BadSignature)
    }
}

fn verify_by(
    key: &VerifyingKey,
    purpose: Purpose,
    message: &[u8],
    signature: &[u8; SIGNATURE_BYTES],
) -> Result<(), BadSignature> {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    key.verify_strict(&purpose.signed(message), &signature)
        .map_err(|_| BadSignature)
}

/// Verifies many signatures of few keys: what a key is on the curve is worked out once.
///
/// A batch is not verified at once, which would be quicker: what passes in a batch is not exactly what passes alone
/// (Chalkias et al.), and everybody has to judge a record alike.
#[derive(Default)]
pub(crate) struct Keyring(BTreeMap<DevicePublic, VerifyingKey>);

impl Keyring {
    /// As [`DevicePublic::verify`].
    pub(crate) fn verify(
        &mut self,
        key: &DevicePublic,
        purpose: Purpose,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), BadSignature> {
        let known = match self.0.entry(*key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(key.point()?),
        };
        verify_by(known, purpose, message, signature)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey of {}", self.device())
    }
}

impl fmt::Debug for DevicePublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DevicePublic of {}", self.device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    /// RFC 8032, section 7.1, tests 1 and 2.
    #[test]
    fn known_answers_of_ed25519() {
        for (seed, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ] {
            let key = DeviceKey::from_seed(&hex(seed).try_into().unwrap());
            assert_eq!(key.public().0.to_vec(), hex(public));
            assert_eq!(
                key.0.sign(&hex(message)).to_bytes().to_vec(),
                hex(signature)
            );
        }
    }

    #[test]
    fn the_id_of_a_device_is_frozen() {
        let key = DeviceKey::from_seed(&[7; 32]);
        assert_eq!(
            key.device().to_string(),
            "b2c5c1b7d2a05891cb404be699b7fa29c28c079925f4353562e1e6a38abd058b"
        );
    }

    #[test]
    fn a_signature_is_for_one_purpose_one_key_and_one_message() {
        let (key, other) = (
            DeviceKey::from_seed(&[1; 32]),
            DeviceKey::from_seed(&[2; 32]),
        );
        let signature = key.sign(Purpose::Frame, b"bytes");
        let verify = |key: &DeviceKey, purpose, message: &[u8], signature| {
            key.public().verify(purpose, message, signature)
        };
        assert_eq!(verify(&key, Purpose::Frame, b"bytes", &signature), Ok(()));
        for refused in [
            verify(&key, Purpose::Record, b"bytes", &signature),
            verify(&other, Purpose::Frame, b"bytes", &signature),
            verify(&key, Purpose::Frame, b"byte", &signature),
            verify(&key, Purpose::Frame, b"bytes", &[0; 64]),
        ] {
            assert_eq!(refused, Err(BadSignature));
        }
    }

    /// With a key of small order one signature would be good for every message.
    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        for key in [identity, [0; 32], [0xff; 32]] {
            let refused = DevicePublic(key).verify(Purpose::Frame, b"bytes", &signature);
            assert_eq!(refused, Err(BadSignature));
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let key = DeviceKey::from_seed(&[0xab; 32]);
        assert!(!format!("{key:?}").contains("abab"));
        assert!(!format!("{key:?}").contains("171, 171"));
    }
}
