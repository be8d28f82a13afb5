//! The keys of this installation.

use trust::DeviceId;
use trust::key::{DeviceKey, SealingKey};
use zeroize::Zeroizing;

use crate::world::Random;

/// As which they are kept without a passphrase.
const VERSION: u8 = 1;

/// One byte for the version, both keys, and four bytes against slips of the disk.
const SECRET_BYTES: usize = 1 + 32 + 32 + CHECK_BYTES;

const CHECK_BYTES: usize = 4;

/// With what this installation signs, and what is sealed to it. `Debug` shows no secret.
#[derive(Debug)]
pub struct DeviceKeys {
    /// Signs frames, signals and records; the device is named by a hash of its public part.
    pub signing: DeviceKey,
    /// Opens the keys of epochs.
    pub sealing: SealingKey,
}

impl DeviceKeys {
    /// New keys.
    pub fn generate() -> Self {
        Self {
            signing: DeviceKey::generate(&mut Random),
            sealing: SealingKey::generate(&mut Random),
        }
    }

    /// The device that has them.
    pub fn device(&self) -> DeviceId {
        self.signing.device()
    }

    /// As bytes, to be kept.
    pub(crate) fn to_secret(&self) -> Zeroizing<Vec<u8>> {
        let mut secret = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        secret.push(VERSION);
        secret.extend_from_slice(&*self.signing.seed());
        secret.extend_from_slice(&**self.sealing.bytes());
        add_check(&mut secret);
        secret
    }

    /// What [`Self::to_secret`] gave.
    pub(crate) fn from_secret(secret: &[u8]) -> Option<Self> {
        let (version, keys) = checked(secret)?.split_first()?;
        let (signing, sealing) = keys.split_first_chunk::<32>()?;
        (*version == VERSION).then_some(Self {
            signing: DeviceKey::from_seed(signing),
            sealing: SealingKey::from_bytes(sealing.try_into().ok()?),
        })
    }
}

/// Adds what shows that the disk gave back what it got. It keeps nobody from changing it.
pub(crate) fn add_check(bytes: &mut Vec<u8>) {
    let check = check_of(bytes);
    bytes.extend_from_slice(&check);
}

/// What [`add_check`] was given, if it is whole.
pub(crate) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (content, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    (check_of(content) == *check).then_some(content)
}

fn check_of(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = blake3::hash(bytes);
    *hash
        .as_bytes()
        .first_chunk()
        .expect("32 bytes are more than 4")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_ones_are_none() {
        let keys = DeviceKeys::generate();
        let secret = keys.to_secret();
        assert_eq!(secret.len(), SECRET_BYTES);
        let again = DeviceKeys::from_secret(&secret).unwrap();
        assert_eq!(again.device(), keys.device());
        assert_eq!(again.sealing.public(), keys.sealing.public());
        for place in 0..secret.len() {
            let mut damaged = secret.clone();
            damaged[place] ^= 1;
            assert!(DeviceKeys::from_secret(&damaged).is_none());
            assert!(DeviceKeys::from_secret(&secret[..place]).is_none());
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let keys = DeviceKeys {
            signing: DeviceKey::from_seed(&[0xab; 32]),
            sealing: SealingKey::from_bytes(&[0xab; 32]),
        };
        let shown = format!("{keys:?} {keys:#?}").to_lowercase();
        assert!(!shown.contains("abab") && !shown.contains("171, 171"));
    }
}
