//! The file that the keys of this installation are in, with or without a passphrase.
//!
//! It is `device.secret` of the data directory. The first byte says what follows: 1, the keys as they are; 2, the same under
//! a passphrase, as [`trust::passphrase`] makes it. Four bytes at the end tell damage from a wrong passphrase. Writing it
//! anew is for [`Vault::keep_secret`]: after a crash there is the old file or the new one.

use store::{StoreError, Vault};
use trust::passphrase::{self, Cost};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::device_keys::{DeviceKeys, add_check, checked};
use crate::world::Random;

/// Under which name the vault keeps them.
const NAME: &str = "device";

/// Where a damaged file is set aside.
const DAMAGED: &str = "device-damaged";

/// The first byte of keys under a passphrase.
const LOCKED: u8 = 2;

/// The keys of this installation at rest.
pub(crate) struct KeyFile<'a> {
    vault: Box<dyn Vault + 'a>,
}

/// Why the keys are not given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shut {
    /// They are under a passphrase, and none was said.
    Locked,
    /// They are under another passphrase.
    WrongPassphrase,
}

enum Kept {
    Nothing,
    Damaged(Zeroizing<Vec<u8>>),
    /// They cannot be read now.
    Unreadable,
    Open(Box<DeviceKeys>),
    /// What [`passphrase::lock`] gave.
    Locked(Vec<u8>),
}

impl<'a> KeyFile<'a> {
    /// That of a vault.
    pub(crate) fn new(vault: impl Vault + 'a) -> Self {
        let vault = Box::new(vault);
        Self { vault }
    }

    /// Whether a passphrase is needed.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.kept(), Kept::Locked(_))
    }

    /// The keys, made at the first start; with a passphrase it takes as long as [`Cost::USUAL`] says. A vault that cannot be
    /// read is left alone, and what cannot be kept is used this time only: this installation is then a device that nobody
    /// knows. So it is if the file is damaged, which is set aside.
    pub(crate) fn open(&self, passphrase: Option<&str>) -> Result<DeviceKeys, Shut> {
        match self.kept() {
            Kept::Open(keys) => Ok(*keys),
            Kept::Locked(locked) => unlock(&locked, passphrase.ok_or(Shut::Locked)?),
            Kept::Unreadable => Ok(DeviceKeys::generate()),
            Kept::Nothing => Ok(self.begin()),
            Kept::Damaged(secret) => {
                self.vault.keep_secret(DAMAGED, &secret).ok();
                Ok(self.begin())
            }
        }
    }

    fn begin(&self) -> DeviceKeys {
        let keys = DeviceKeys::generate();
        self.keep(&keys, None).ok();
        keys
    }

    /// Keeps the keys under a passphrase, or as they are. Once this returns, the file before is gone.
    pub(crate) fn keep(
        &self,
        keys: &DeviceKeys,
        passphrase: Option<&str>,
    ) -> Result<(), StoreError> {
        let secret = keys.to_secret();
        let Some(passphrase) = passphrase else {
            return self.vault.keep_secret(NAME, &secret);
        };
        let passphrase = as_typed_anywhere(passphrase);
        let locked = passphrase::lock(&secret, &passphrase, Cost::USUAL, &mut Random);
        let mut kept = vec![LOCKED];
        kept.extend(locked);
        add_check(&mut kept);
        self.vault.keep_secret(NAME, &kept)
    }

    fn kept(&self) -> Kept {
        let secret = match self.vault.secret(NAME) {
            Ok(Some(secret)) => secret,
            Ok(None) => return Kept::Nothing,
            Err(_) => return Kept::Unreadable,
        };
        match checked(&secret).and_then(<[u8]>::split_first) {
            Some((&LOCKED, locked)) => Kept::Locked(locked.to_vec()),
            _ => match DeviceKeys::from_secret(&secret) {
                Some(keys) => Kept::Open(Box::new(keys)),
                None => Kept::Damaged(secret),
            },
        }
    }
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
mod tests {
    use std::path::PathBuf;

    use store::FileVault;

    use super::*;

    fn file() -> (tempfile::TempDir, KeyFile<'static>) {
        let temp = tempfile::tempdir().unwrap();
        let file = KeyFile::new(FileVault::new(temp.path()));
        (temp, file)
    }

    fn path(temp: &tempfile::TempDir) -> PathBuf {
        temp.path().join("device.secret")
    }

    #[test]
    fn keys_are_made_once() {
        let (_temp, file) = file();
        let first = file.open(None).unwrap();
        let again = file.open(None).unwrap();
        assert_eq!(first.device(), again.device());
        assert_eq!(first.sealing.public(), again.sealing.public());
        let (_temp, another) = self::file();
        assert_ne!(another.open(None).unwrap().device(), first.device());
    }

    #[test]
    fn damaged_ones_are_set_aside_and_made_anew() {
        let (temp, file) = file();
        let first = file.open(None).unwrap();
        let secret = std::fs::read(path(&temp)).unwrap();
        std::fs::write(path(&temp), &secret[..9]).unwrap();
        let second = file.open(None).unwrap();
        assert_ne!(second.device(), first.device());
        assert_eq!(file.open(None).unwrap().device(), second.device());
        let aside = std::fs::read(temp.path().join("device-damaged.secret")).unwrap();
        assert_eq!(aside, secret[..9]);
    }

    #[test]
    fn a_passphrase_is_set_changed_and_taken_away() {
        let (temp, file) = file();
        let keys = file.open(None).unwrap();
        let clear = std::fs::read(path(&temp)).unwrap();
        let device = |passphrase| file.open(passphrase).map(|keys| keys.device());
        for passphrase in ["quokka on the hill", "another one"] {
            file.keep(&keys, Some(passphrase)).unwrap();
            assert!(file.is_locked());
            let kept = std::fs::read(path(&temp)).unwrap();
            for secret in [&clear[1..33], &clear[33..65], passphrase.as_bytes()] {
                assert!(!kept.windows(secret.len()).any(|it| it == secret));
            }
            assert_eq!(device(None), Err(Shut::Locked));
            assert_eq!(device(Some("quokka")), Err(Shut::WrongPassphrase));
            assert_eq!(device(Some(passphrase)), Ok(keys.device()));
        }
        assert_eq!(
            device(Some("quokka on the hill")),
            Err(Shut::WrongPassphrase)
        );
        file.keep(&keys, None).unwrap();
        assert!(!file.is_locked());
        assert_eq!(device(None), Ok(keys.device()));
        assert_eq!(std::fs::read(path(&temp)).unwrap(), clear);
    }

    #[test]
    fn letters_may_be_composed_otherwise() {
        let (_temp, file) = file();
        let keys = file.open(None).unwrap();
        file.keep(&keys, Some("M\u{fc}hle am Bach")).unwrap();
        assert!(file.open(Some("Mu\u{308}hle am Bach")).is_ok());
    }

    /// Whoever changes the file so that the check fits gets a refusal, and no new keys.
    #[test]
    fn a_locked_file_that_was_changed_stays_locked() {
        let (temp, file) = file();
        let keys = file.open(None).unwrap();
        file.keep(&keys, Some("quokka")).unwrap();
        let mut kept = std::fs::read(path(&temp)).unwrap();
        kept.truncate(kept.len() - 4);
        kept[60] ^= 1;
        add_check(&mut kept);
        std::fs::write(path(&temp), &kept).unwrap();
        assert_eq!(
            file.open(Some("quokka")).unwrap_err(),
            Shut::WrongPassphrase
        );
        assert_eq!(std::fs::read(path(&temp)).unwrap(), kept);
    }

    /// Wherever writing it anew is cut short, the keys open with the passphrase before or with the one after.
    #[test]
    fn a_crash_loses_no_keys() {
        let (temp, file) = file();
        let keys = file.open(None).unwrap();
        file.keep(&keys, Some("before")).unwrap();
        let before = std::fs::read(path(&temp)).unwrap();
        file.keep(&keys, Some("after")).unwrap();
        let after = std::fs::read(path(&temp)).unwrap();
        let unfinished = temp.path().join("device.secret-new");
        for written in (0..=after.len()).step_by(16).chain([after.len()]) {
            std::fs::write(path(&temp), &before).unwrap();
            std::fs::write(&unfinished, &after[..written]).unwrap();
            assert!(file.is_locked());
            assert_eq!(std::fs::read(path(&temp)).unwrap(), before);
        }
        assert_eq!(file.open(Some("before")).unwrap().device(), keys.device());
        // What a crash has left behind keeps nobody from the next change.
        file.keep(&keys, Some("after")).unwrap();
        assert!(!unfinished.exists());
        assert_eq!(file.open(Some("after")).unwrap().device(), keys.device());
        // A step that fails leaves the file before.
        std::fs::create_dir(&unfinished).unwrap();
        assert!(file.keep(&keys, None).is_err());
        assert_eq!(file.open(None).unwrap_err(), Shut::Locked);
        assert_eq!(file.open(Some("after")).unwrap().device(), keys.device());
    }
}
