//! The file that the keys of this installation are in, with or without a passphrase, or that says where they are.
//!
//! It is `device.secret` of the data directory. The first byte says what follows: 1, the keys as they are; 2, the same under
//! a passphrase, as [`trust::passphrase`] makes it; 3, which entry of the system's keychain has them. Four bytes at the end
//! tell damage from a wrong passphrase. Writing it anew is for [`Vault::keep_secret`]: after a crash there is the old file or
//! the new one. What an entry of the keychain is named by is in the file before anything else is removed, and is no more
//! before the entry is.

mod entry;

use std::sync::Mutex;

use store::{Keychain, KeychainError, StoreError, Vault};
use trust::passphrase::{self, Cost};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use self::entry::{Entry, IN_KEYCHAIN};
use crate::app::StartError;
use crate::device_keys::{DeviceKeys, add_check, checked};
use crate::failure::Failure;
use crate::security::{KeychainUse, KeysAt, KeysPlace, Withheld};
use crate::world::{Random, locked};

/// Under which name the vault keeps them.
const NAME: &str = "device";

/// Where a damaged file is set aside.
const DAMAGED: &str = "device-damaged";

/// The first byte of keys under a passphrase.
const LOCKED: u8 = 2;

/// The keys of this installation at rest.
pub(crate) struct KeyFile<'a> {
    vault: Box<dyn Vault + 'a>,
    keychain: KeychainUse,
    /// Held while they are moved: one move after the other.
    moving: Mutex<()>,
}

/// Why the keys are not given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Shut {
    /// They are under a passphrase, and none was said.
    Locked,
    /// They are under another passphrase.
    WrongPassphrase,
    /// They are in the system's keychain.
    Withheld(Withheld),
}

impl From<Shut> for Failure {
    fn from(shut: Shut) -> Self {
        StartError::from(shut).into()
    }
}

/// Why the keys are not kept as they were to be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    #[error("they are under another passphrase")]
    WrongPassphrase,
    #[error("the disk does not take the keys")]
    Store(#[from] StoreError),
    #[error("the disk gives back something else")]
    NotReadBack,
    #[error("the keychain does not take the keys")]
    Keychain(#[from] KeychainError),
    #[error("this program uses no keychain")]
    NoKeychain,
    /// They are, but they are in an entry of the keychain as well.
    #[error("the keychain does not let go of the entry {0}")]
    Left(String),
}

enum Kept {
    Nothing,
    Damaged(Zeroizing<Vec<u8>>),
    /// They cannot be read now.
    Unreadable,
    Open(Box<DeviceKeys>),
    /// What [`passphrase::lock`] gave.
    Locked(Vec<u8>),
    InKeychain(Entry),
}

impl<'a> KeyFile<'a> {
    /// That of a vault.
    pub(crate) fn new(vault: impl Vault + 'a, keychain: KeychainUse) -> Self {
        Self {
            vault: Box::new(vault),
            keychain,
            moving: Mutex::default(),
        }
    }

    /// Where the keys are.
    pub(crate) fn place(&self) -> KeysAt {
        match self.kept() {
            Kept::Open(_) => KeysAt::File,
            Kept::Locked(_) => KeysAt::Passphrase,
            Kept::InKeychain(_) => KeysAt::Keychain,
            Kept::Nothing | Kept::Damaged(_) | Kept::Unreadable => KeysAt::Memory,
        }
    }

    /// Whether they can be put into a keychain.
    pub(crate) fn has_keychain(&self) -> bool {
        self.keychain.keychain().is_some()
    }

    /// The keys, made at the first start; with a passphrase it takes as long as [`Cost::USUAL`] says. A vault that cannot be
    /// read is left alone, and what cannot be kept is used this time only: this installation is then a device that nobody
    /// knows. So it is if the file is damaged, which is set aside. A keychain that does not give them leads to no others.
    pub(crate) fn open(&self, passphrase: Option<&str>) -> Result<DeviceKeys, Shut> {
        match self.kept() {
            Kept::Open(keys) => Ok(*keys),
            Kept::Locked(locked) => unlock(&locked, passphrase.ok_or(Shut::Locked)?),
            Kept::InKeychain(entry) => self.take(&entry).map_err(Shut::Withheld),
            Kept::Unreadable => Ok(DeviceKeys::generate()),
            Kept::Nothing => Ok(self.begin()),
            Kept::Damaged(secret) => {
                self.vault.keep_secret(DAMAGED, &secret).ok();
                Ok(self.begin())
            }
        }
    }

    /// As [`Self::open`] without a passphrase, with somebody at the screen who can unlock the keychain.
    pub(crate) fn open_asking(&self) -> Result<DeviceKeys, Shut> {
        let opened = self.open(None);
        let is_locked = Shut::Withheld(Withheld::Keychain(KeychainError::Locked));
        let (Some(keychain), Kept::InKeychain(entry)) = (self.keychain.keychain(), self.kept())
        else {
            return opened;
        };
        match opened {
            Err(shut) if shut == is_locked => {
                let unlocked = keychain.unlock(&entry.name());
                unlocked.map_err(|error| Shut::Withheld(Withheld::Keychain(error)))?;
                self.open(None)
            }
            opened => opened,
        }
    }

    fn take(&self, entry: &Entry) -> Result<DeviceKeys, Withheld> {
        let keychain = self.keychain.keychain().ok_or(Withheld::NotUsed)?;
        entry.take(keychain)
    }

    fn begin(&self) -> DeviceKeys {
        let keys = DeviceKeys::generate();
        let is_in_keychain = match &self.keychain {
            KeychainUse::First(keychain) => {
                let entry = Entry::draw(keys.device());
                entry.put(keychain, &keys).is_ok() && self.name(keychain, &entry).is_ok()
            }
            KeychainUse::Never | KeychainUse::WhereSaid(_) => false,
        };
        if !is_in_keychain {
            self.write(&keys.to_secret()).ok();
        }
        keys
    }

    /// As [`Self::keep`], for whoever knows the passphrase if there is one. Who only sits down at an open window takes none away.
    pub(crate) fn change(
        &self,
        keys: &DeviceKeys,
        current: Option<&str>,
        place: &KeysPlace,
    ) -> Result<(), NotKept> {
        let _alone = locked(&self.moving);
        if self.place() == KeysAt::Passphrase {
            let opened = self.open(current).ok();
            let is_right = opened.is_some_and(|it| it.device() == keys.device());
            if !is_right {
                return Err(NotKept::WrongPassphrase);
            }
        }
        self.keep(keys, place)
    }

    /// Keeps the keys in this place, reads them back, and removes them where they were before. Whoever is at the screen may be
    /// asked to unlock the keychain.
    pub(crate) fn keep(&self, keys: &DeviceKeys, place: &KeysPlace) -> Result<(), NotKept> {
        let before = self.entry();
        match place {
            KeysPlace::File => self.write(&keys.to_secret())?,
            KeysPlace::Passphrase { passphrase } => self.write(&lock(keys, passphrase))?,
            KeysPlace::Keychain => {
                let keychain = self.keychain.keychain().ok_or(NotKept::NoKeychain)?;
                let entry = Entry::draw(keys.device());
                unlocked(keychain, &entry, || entry.put(keychain, keys))?;
                self.name(keychain, &entry)?;
            }
        }
        match (before, self.keychain.keychain()) {
            (Some(entry), Some(keychain)) => {
                let removed = unlocked(keychain, &entry, || entry.remove(keychain));
                removed.map_err(|_| NotKept::Left(entry.name()))
            }
            _ => Ok(()),
        }
    }

    /// Writes the name of an entry that has the keys into the file; one that is not named is removed.
    fn name(&self, keychain: &Keychain, entry: &Entry) -> Result<(), NotKept> {
        let written = self.write(&entry.to_bytes());
        // What was not synced may be there all the same.
        if written.is_err() && self.entry().as_ref() != Some(entry) {
            entry.remove(keychain).ok();
        }
        written
    }

    fn entry(&self) -> Option<Entry> {
        match self.kept() {
            Kept::InKeychain(entry) => Some(entry),
            _ => None,
        }
    }

    /// Writes the file and reads it back. Once this returns, the one before is gone.
    fn write(&self, content: &[u8]) -> Result<(), NotKept> {
        self.vault.keep_secret(NAME, content)?;
        let back = self.vault.secret(NAME)?;
        match back.is_some_and(|back| back.as_slice() == content) {
            true => Ok(()),
            false => Err(NotKept::NotReadBack),
        }
    }

    fn kept(&self) -> Kept {
        let secret = match self.vault.secret(NAME) {
            Ok(Some(secret)) => secret,
            Ok(None) => return Kept::Nothing,
            Err(_) => return Kept::Unreadable,
        };
        let kept = match checked(&secret).and_then(<[u8]>::split_first) {
            Some((&LOCKED, locked)) => Some(Kept::Locked(locked.to_vec())),
            Some((&IN_KEYCHAIN, entry)) => Entry::from_content(entry).map(Kept::InKeychain),
            _ => DeviceKeys::from_secret(&secret).map(|keys| Kept::Open(Box::new(keys))),
        };
        kept.unwrap_or(Kept::Damaged(secret))
    }
}

/// Does what a locked keychain refuses once whoever is at the screen has unlocked it.
fn unlocked(
    keychain: &Keychain,
    entry: &Entry,
    act: impl Fn() -> Result<(), KeychainError>,
) -> Result<(), KeychainError> {
    match act() {
        Err(KeychainError::Locked) => {
            keychain.unlock(&entry.name())?;
            act()
        }
        done => done,
    }
}

/// The keys under a passphrase, as the file has them.
fn lock(keys: &DeviceKeys, passphrase: &str) -> Vec<u8> {
    let passphrase = as_typed_anywhere(passphrase);
    let locked = passphrase::lock(&keys.to_secret(), &passphrase, Cost::USUAL, &mut Random);
    let mut kept = vec![LOCKED];
    kept.extend(locked);
    add_check(&mut kept);
    kept
}

fn unlock(locked: &[u8], passphrase: &str) -> Result<DeviceKeys, Shut> {
    let opened = passphrase::unlock(locked, &as_typed_anywhere(passphrase));
    // The check was right, so it is no slip of the disk: somebody has made it so. New keys in its place would be his.
    let secret = opened.map_err(|_| Shut::WrongPassphrase)?;
    DeviceKeys::from_secret(&secret).ok_or(Shut::WrongPassphrase)
}

/// Keyboards differ in how they compose the same letters (RFC 8265, section 4.2).
fn as_typed_anywhere(passphrase: &str) -> Zeroizing<String> {
    Zeroizing::new(passphrase.nfc().collect())
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the tests look at the file")]
mod tests;
