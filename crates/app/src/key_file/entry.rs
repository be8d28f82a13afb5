//! The entry of the system's keychain that the keys are in, and what the file says of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use store::{Keychain, KeychainError};
use trust::DeviceId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::device_keys::{DeviceKeys, add_check};
use crate::security::Withheld;
use crate::world::random_id;

/// The first byte of a file that names an entry.
pub(super) const IN_KEYCHAIN: u8 = 3;

/// Names the entry and the device whose keys are in it, so that no other keys are ever taken for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Random, so that two folders of one computer have an entry each.
    id: Uuid,
    device: DeviceId,
}

impl Entry {
    /// A new one.
    pub(super) fn draw(device: DeviceId) -> Self {
        let id = random_id();
        Self { id, device }
    }

    /// As the file has it: a byte for the kind, 16 for the entry, 32 for the device, 4 against slips of the disk.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![IN_KEYCHAIN];
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.device.0);
        add_check(&mut bytes);
        bytes
    }

    /// What [`Self::to_bytes`] gave, without the byte for the kind and what is against slips.
    pub(super) fn from_content(content: &[u8]) -> Option<Self> {
        let (id, device) = content.split_first_chunk::<16>()?;
        Some(Self {
            id: Uuid::from_bytes(*id),
            device: DeviceId(device.try_into().ok()?),
        })
    }

    /// As the keychain calls it, and shows it to people.
    pub(super) fn name(&self) -> String {
        self.id.simple().to_string()
    }

    /// The keys that are in it.
    pub(super) fn take(&self, keychain: &Keychain) -> Result<DeviceKeys, Withheld> {
        let secret = keychain.secret(&self.name()).map_err(Withheld::Keychain)?;
        let secret = secret.ok_or(Withheld::NoEntry)?;
        let secret = STANDARD_NO_PAD.decode(secret.as_bytes());
        let secret = Zeroizing::new(secret.map_err(|_| Withheld::NoEntry)?);
        let keys = DeviceKeys::from_secret(&secret).ok_or(Withheld::NoEntry)?;
        (keys.device() == self.device)
            .then_some(keys)
            .ok_or(Withheld::NoEntry)
    }

    /// Puts keys into it, and reads them back. As text: not every keychain keeps other bytes.
    pub(super) fn put(&self, keychain: &Keychain, keys: &DeviceKeys) -> Result<(), KeychainError> {
        let secret = Zeroizing::new(STANDARD_NO_PAD.encode(&*keys.to_secret()));
        keychain.keep_secret(&self.name(), &secret)
    }

    /// Removes it from the keychain.
    pub(super) fn remove(&self, keychain: &Keychain) -> Result<(), KeychainError> {
        keychain.remove_secret(&self.name())
    }
}
