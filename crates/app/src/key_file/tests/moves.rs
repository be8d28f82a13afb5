//! Where the keys are moved, and what a crash on the way leaves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use store::{FileVault, Keychain, KeychainError, StoreError, SystemKeychain, Vault};
use zeroize::Zeroizing;

use crate::device_keys::DeviceKeys;
use crate::key_file::{KeyFile, NotKept, Shut};
use crate::security::{KeychainUse, KeysAt, KeysPlace, Withheld};

const PASSPHRASE: &str = "quokka on the hill";

/// A disk and a keychain that take so many writes, and then none: the power is gone.
#[derive(Clone)]
struct Machine {
    folder: Arc<tempfile::TempDir>,
    entries: Arc<Mutex<BTreeMap<String, String>>>,
    left: Arc<AtomicUsize>,
    is_locked: Arc<Mutex<bool>>,
}

impl Machine {
    fn new() -> Self {
        Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            entries: Arc::default(),
            left: Arc::new(AtomicUsize::new(usize::MAX)),
            is_locked: Arc::default(),
        }
    }

    fn goes_down_after(&self, writes: usize) {
        self.left.store(writes, Ordering::Relaxed);
    }

    fn write(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        let order = Ordering::Relaxed;
        self.left.fetch_update(order, order, take).is_ok()
    }

    fn lock(&self, is_locked: bool) {
        *self.is_locked.lock().unwrap() = is_locked;
    }

    fn check_lock(&self) -> Result<(), KeychainError> {
        match *self.is_locked.lock().unwrap() {
            true => Err(KeychainError::Locked),
            false => Ok(()),
        }
    }

    fn file(&self, keychain: fn(Keychain) -> KeychainUse) -> KeyFile<'static> {
        KeyFile::new(self.clone(), keychain(Keychain::new(self.clone())))
    }

    /// As at the next start.
    fn restarted(&self) -> KeyFile<'static> {
        self.goes_down_after(usize::MAX);
        self.file(KeychainUse::WhereSaid)
    }

    fn entries(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn on_disk(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("device.secret")).unwrap()
    }
}

impl Vault for Machine {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        FileVault::new(self.folder.path()).secret(name)
    }

    fn keep_secret(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        match self.write() {
            true => FileVault::new(self.folder.path()).keep_secret(name, secret),
            false => Err(StoreError::Full),
        }
    }
}

impl SystemKeychain for Machine {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.check_lock()?;
        let entries = self.entries.lock().unwrap();
        Ok(entries.get(name).cloned().map(Zeroizing::new))
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        self.check_lock()?;
        if !self.write() {
            return Err(KeychainError::Absent);
        }
        let mut entries = self.entries.lock().unwrap();
        entries.insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        self.check_lock()?;
        if !self.write() {
            return Err(KeychainError::Absent);
        }
        self.entries.lock().unwrap().remove(name);
        Ok(())
    }

    fn unlock(&self, _: &str) -> Result<(), KeychainError> {
        self.lock(false);
        Ok(())
    }
}

fn places() -> [(KeysAt, KeysPlace); 3] {
    let passphrase = PASSPHRASE.into();
    [
        (KeysAt::File, KeysPlace::File),
        (KeysAt::Passphrase, KeysPlace::Passphrase { passphrase }),
        (KeysAt::Keychain, KeysPlace::Keychain),
    ]
}

fn open(file: &KeyFile<'_>) -> DeviceKeys {
    let passphrase = (file.place() == KeysAt::Passphrase).then_some(PASSPHRASE);
    file.open(passphrase).unwrap()
}

fn is_in(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|it| it == secret)
}

#[test]
fn new_keys_go_into_the_keychain_and_not_on_the_disk() {
    let machine = Machine::new();
    let keys = machine.file(KeychainUse::First).open(None).unwrap();
    let file = machine.restarted();
    assert_eq!(file.place(), KeysAt::Keychain);
    assert_eq!(open(&file).device(), keys.device());
    assert_eq!(machine.entries(), 1);
    let secret = keys.to_secret();
    let on_disk = machine.on_disk();
    assert!(!is_in(&on_disk, &secret[1..33]) && !is_in(&on_disk, &secret[33..65]));
    // Nobody else's program opens them.
    let without = KeyFile::new(FileVault::new(machine.folder.path()), KeychainUse::Never);
    let shut = without.open(None).unwrap_err();
    assert_eq!(shut, Shut::Withheld(Withheld::NotUsed));
}

#[test]
fn new_keys_go_into_the_file_where_the_keychain_does_not_take_them() {
    let machine = Machine::new();
    machine.lock(true);
    let keys = machine.file(KeychainUse::First).open(None).unwrap();
    assert_eq!(machine.restarted().place(), KeysAt::File);
    // They stay there when it does later, until somebody says so.
    machine.lock(false);
    let file = machine.file(KeychainUse::First);
    assert_eq!(file.open(None).unwrap().device(), keys.device());
    assert_eq!(file.place(), KeysAt::File);
    let other = Machine::new();
    other.file(KeychainUse::WhereSaid).open(None).unwrap();
    assert_eq!(
        (other.restarted().place(), other.entries()),
        (KeysAt::File, 0)
    );
}

/// A folder that cannot be written leaves nothing behind elsewhere, and says that the keys are not kept.
#[test]
fn what_cannot_be_named_is_not_left_in_the_keychain() {
    let machine = Machine::new();
    std::fs::create_dir(machine.folder.path().join("device.secret-new")).unwrap();
    let file = machine.file(KeychainUse::First);
    file.open(None).unwrap();
    assert_eq!(machine.entries(), 0);
    assert_eq!(file.place(), KeysAt::Memory);
}

/// Into the keychain and out of it, with the power gone after each write: they open as before or as after, and are the same.
#[test]
fn a_crash_while_they_move_loses_no_keys() {
    for (from, place) in places() {
        for (to, next) in places() {
            // What is moved within the file is the other tests' business.
            if from != KeysAt::Keychain && to != KeysAt::Keychain {
                continue;
            }
            for writes in 0..4 {
                let machine = Machine::new();
                let file = machine.file(KeychainUse::WhereSaid);
                let keys = file.open(None).unwrap();
                file.keep(&keys, &place).unwrap();
                machine.goes_down_after(writes);
                let moved = file.keep(&keys, &next);
                let file = machine.restarted();
                let at = file.place();
                let moment = format!("{from:?} to {to:?} after {writes} writes");
                assert_eq!(open(&file).device(), keys.device(), "{moment}");
                match moved {
                    Ok(()) => {
                        assert_eq!(at, to, "{moment}");
                        let entries = usize::from(to == KeysAt::Keychain);
                        assert_eq!(machine.entries(), entries, "{moment}");
                    }
                    Err(NotKept::Left(_)) => assert_eq!((from, at), (KeysAt::Keychain, to)),
                    Err(_) => assert_eq!(at, from, "{moment}"),
                }
            }
        }
    }
}

/// Whatever a keychain says, no new keys are made, and the file stays as it is.
#[test]
fn keys_that_are_withheld_lead_to_no_others() {
    let machine = Machine::new();
    let keys = machine.file(KeychainUse::First).open(None).unwrap();
    let on_disk = machine.on_disk();
    let file = machine.restarted();
    let withheld = || match file.open(None).unwrap_err() {
        Shut::Withheld(withheld) => withheld,
        other => panic!("{other:?}"),
    };
    machine.lock(true);
    assert_eq!(withheld(), Withheld::Keychain(KeychainError::Locked));
    assert_eq!(file.open_asking().unwrap().device(), keys.device());
    let entries = std::mem::take(&mut *machine.entries.lock().unwrap());
    assert_eq!(withheld(), Withheld::NoEntry);
    assert_eq!(
        file.open_asking().unwrap_err(),
        Shut::Withheld(Withheld::NoEntry)
    );
    // Another's keys under its name, or something else, are not taken for them.
    let name = entries.keys().next().unwrap().clone();
    let stranger = Machine::new();
    stranger.file(KeychainUse::First).open(None).unwrap();
    let theirs = stranger
        .entries
        .lock()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .clone();
    for text in [theirs, "quokka".into(), String::new()] {
        machine.entries.lock().unwrap().insert(name.clone(), text);
        assert_eq!(withheld(), Withheld::NoEntry);
    }
    *machine.entries.lock().unwrap() = entries;
    assert_eq!(open(&file).device(), keys.device());
    assert_eq!(machine.on_disk(), on_disk);
}

#[test]
fn whoever_moves_them_into_a_locked_keychain_is_asked_to_unlock_it() {
    let machine = Machine::new();
    let file = machine.file(KeychainUse::WhereSaid);
    let keys = file.open(None).unwrap();
    machine.lock(true);
    file.keep(&keys, &KeysPlace::Keychain).unwrap();
    assert_eq!(file.place(), KeysAt::Keychain);
    machine.lock(true);
    file.keep(&keys, &KeysPlace::Keychain).unwrap();
    assert_eq!(machine.entries(), 1);
    // A program without one leaves them where they are.
    let without = KeyFile::new(machine.clone(), KeychainUse::Never);
    let refused = without.keep(&keys, &KeysPlace::Keychain);
    assert!(matches!(refused, Err(NotKept::NoKeychain)));
    assert_eq!(open(&file).device(), keys.device());
}

/// It says which entry, so that somebody can remove it.
#[test]
fn an_entry_that_stays_is_told() {
    let machine = Machine::new();
    let file = machine.file(KeychainUse::First);
    let keys = file.open(None).unwrap();
    let name = machine
        .entries
        .lock()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    machine.goes_down_after(1);
    match file.keep(&keys, &KeysPlace::File) {
        Err(NotKept::Left(entry)) => assert_eq!(entry, name),
        other => panic!("{other:?}"),
    }
    assert_eq!(open(&file).device(), keys.device());
    assert_eq!(file.place(), KeysAt::File);
}
