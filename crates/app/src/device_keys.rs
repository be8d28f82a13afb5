//! The keys of this installation.

use store::Vault;
use trust::DeviceId;
use trust::key::{DeviceKey, SealingKey};
use zeroize::Zeroizing;

use crate::world::Random;

/// Under which name the vault keeps them.
const NAME: &str = "device";

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
    /// The keys in the vault, made at the first start. A vault that cannot be read is left alone, and what cannot be kept
    /// is used this time only: this installation is then a device that nobody knows. So it is if the secret is damaged.
    pub(crate) fn load(vault: &dyn Vault) -> Self {
        let kept = vault.secret(NAME);
        let known = kept.as_ref().ok().and_then(|it| it.as_ref());
        if let Some(keys) = known.and_then(|secret| Self::from_secret(secret)) {
            return keys;
        }
        let keys = Self::generate();
        if kept.is_ok() {
            vault.keep_secret(NAME, &keys.to_secret()).ok();
        }
        keys
    }

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

    fn to_secret(&self) -> Zeroizing<Vec<u8>> {
        let mut secret = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        secret.push(VERSION);
        secret.extend_from_slice(&*self.signing.seed());
        secret.extend_from_slice(&**self.sealing.bytes());
        let check = check_of(&secret);
        secret.extend_from_slice(&check);
        secret
    }

    fn from_secret(secret: &[u8]) -> Option<Self> {
        let (content, check) = secret.split_last_chunk::<CHECK_BYTES>()?;
        let (version, keys) = content.split_first()?;
        let (signing, sealing) = keys.split_first_chunk::<32>()?;
        let is_whole = *version == VERSION && check_of(content) == *check;
        is_whole.then_some(Self {
            signing: DeviceKey::from_seed(signing),
            sealing: SealingKey::from_bytes(sealing.try_into().ok()?),
        })
    }
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
    use store::FileVault;

    use super::*;

    fn vault() -> (tempfile::TempDir, FileVault) {
        let temp = tempfile::tempdir().unwrap();
        let vault = FileVault::new(temp.path());
        (temp, vault)
    }

    #[test]
    fn they_are_made_once() {
        let (_temp, vault) = vault();
        let first = DeviceKeys::load(&vault);
        let again = DeviceKeys::load(&vault);
        assert_eq!(first.device(), again.device());
        assert_eq!(first.sealing.public(), again.sealing.public());
        let (_temp, another) = self::vault();
        assert_ne!(DeviceKeys::load(&another).device(), first.device());
    }

    #[test]
    fn damaged_ones_are_made_anew() {
        let (_temp, vault) = vault();
        let first = DeviceKeys::load(&vault);
        let secret = first.to_secret();
        assert_eq!(secret.len(), SECRET_BYTES);
        for place in 0..secret.len() {
            let mut damaged = secret.clone();
            damaged[place] ^= 1;
            assert!(DeviceKeys::from_secret(&damaged).is_none());
            assert!(DeviceKeys::from_secret(&secret[..place]).is_none());
        }
        vault.keep_secret(NAME, &secret[..9]).unwrap();
        let second = DeviceKeys::load(&vault);
        assert_ne!(second.device(), first.device());
        assert_eq!(DeviceKeys::load(&vault).device(), second.device());
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
