mod moves;

use std::path::PathBuf;

use store::FileVault;

use super::*;

fn file() -> (tempfile::TempDir, KeyFile<'static>) {
    let temp = tempfile::tempdir().unwrap();
    let file = KeyFile::new(FileVault::new(temp.path()), KeychainUse::Never);
    (temp, file)
}

fn under(passphrase: &str) -> KeysPlace {
    let passphrase = passphrase.into();
    KeysPlace::Passphrase { passphrase }
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
        file.keep(&keys, &under(passphrase)).unwrap();
        assert_eq!(file.place(), KeysAt::Passphrase);
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
    file.keep(&keys, &KeysPlace::File).unwrap();
    assert_eq!(file.place(), KeysAt::File);
    assert_eq!(device(None), Ok(keys.device()));
    assert_eq!(std::fs::read(path(&temp)).unwrap(), clear);
}

#[test]
fn letters_may_be_composed_otherwise() {
    let (_temp, file) = file();
    let keys = file.open(None).unwrap();
    file.keep(&keys, &under("M\u{fc}hle am Bach")).unwrap();
    assert!(file.open(Some("Mu\u{308}hle am Bach")).is_ok());
}

/// Whoever changes the file so that the check fits gets a refusal, and no new keys.
#[test]
fn a_locked_file_that_was_changed_stays_locked() {
    let (temp, file) = file();
    let keys = file.open(None).unwrap();
    file.keep(&keys, &under("quokka")).unwrap();
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
    file.keep(&keys, &under("before")).unwrap();
    let before = std::fs::read(path(&temp)).unwrap();
    file.keep(&keys, &under("after")).unwrap();
    let after = std::fs::read(path(&temp)).unwrap();
    let unfinished = temp.path().join("device.secret-new");
    for written in (0..=after.len()).step_by(16).chain([after.len()]) {
        std::fs::write(path(&temp), &before).unwrap();
        std::fs::write(&unfinished, &after[..written]).unwrap();
        assert_eq!(file.place(), KeysAt::Passphrase);
        assert_eq!(std::fs::read(path(&temp)).unwrap(), before);
    }
    assert_eq!(file.open(Some("before")).unwrap().device(), keys.device());
    // What a crash has left behind keeps nobody from the next change.
    file.keep(&keys, &under("after")).unwrap();
    assert!(!unfinished.exists());
    assert_eq!(file.open(Some("after")).unwrap().device(), keys.device());
    // A step that fails leaves the file before.
    std::fs::create_dir(&unfinished).unwrap();
    assert!(file.keep(&keys, &KeysPlace::File).is_err());
    assert_eq!(file.open(None).unwrap_err(), Shut::Locked);
    assert_eq!(file.open(Some("after")).unwrap().device(), keys.device());
}
