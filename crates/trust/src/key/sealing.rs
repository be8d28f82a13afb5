//! The key to which things are sealed.

use std::fmt;

use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256 as Kem};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use super::{BadSignature, DeviceKey, DevicePublic, Purpose, SIGNATURE_BYTES};

/// A secret X25519 key: that of a device, or of an invitation.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

/// The public key that belongs to a [`SealingKey`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingPublic(pub [u8; 32]);

/// A sealing key, and its device's word that it is its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealingCertificate {
    /// The sealing key.
    pub key: SealingPublic,
    /// The device's signature over it.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl SealingKey {
    /// A new key.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The key that was stored.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// What is to be stored, where only the device's user can read it.
    pub fn bytes(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    /// The public key.
    pub fn public(&self) -> SealingPublic {
        let public = Kem::sk_to_pk(&self.secret());
        SealingPublic(public.to_bytes().into())
    }

    /// Says that this is the sealing key of a device.
    pub fn certify(&self, device: &DeviceKey) -> SealingCertificate {
        let key = self.public();
        SealingCertificate {
            key,
            signature: device.sign(Purpose::SealingKey, &key.0),
        }
    }

    pub(crate) fn secret(&self) -> <Kem as hpke::Kem>::PrivateKey {
        Deserializable::from_bytes(self.0.as_slice()).expect("any 32 bytes are a scalar of X25519")
    }
}

impl SealingCertificate {
    /// Whether the device said so.
    pub fn verify(&self, device: &DevicePublic) -> Result<(), BadSignature> {
        device.verify(Purpose::SealingKey, &self.key.0, &self.signature)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey of {:?}", self.public())
    }
}

impl fmt::Debug for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "SealingPublic({a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    /// RFC 7748, section 6.1.
    #[test]
    fn known_answers_of_x25519() {
        for (secret, public) in [
            (
                "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            ),
            (
                "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            ),
        ] {
            let key = SealingKey::from_bytes(&hex(secret).try_into().unwrap());
            assert_eq!(key.public().0.to_vec(), hex(public));
        }
    }

    #[test]
    fn a_certificate_is_of_one_device_and_one_key() {
        let (device, other) = (
            DeviceKey::from_seed(&[1; 32]),
            DeviceKey::from_seed(&[2; 32]),
        );
        let mut certificate = SealingKey::from_bytes(&[3; 32]).certify(&device);
        assert_eq!(certificate.verify(&device.public()), Ok(()));
        assert_eq!(certificate.verify(&other.public()), Err(BadSignature));
        certificate.key = SealingKey::from_bytes(&[4; 32]).public();
        assert_eq!(certificate.verify(&device.public()), Err(BadSignature));
    }

    #[test]
    fn nothing_secret_is_shown() {
        assert!(!format!("{:?}", SealingKey::from_bytes(&[0xab; 32])).contains("abab"));
    }
}
