//! Backed up while it works, wiped, restored.

use std::{
    fs,
    path::{Path, PathBuf},
};

use relay::Limits;
use testkit::links::{Member, room};
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{
    fresh::Fresh,
    process::{Relay, run},
};

/// Backs up into a folder beside the data directory.
fn back_up(fresh: &Fresh) -> PathBuf {
    let folder = fresh.dir.path().join("backups");
    let (code, out, errors) = run(&[
        "backup",
        "--config",
        &fresh.config,
        folder.to_str().unwrap(),
    ]);
    assert_eq!(code, 0, "{errors}");
    let path = PathBuf::from(out.trim());
    assert_eq!(path.parent(), Some(&*folder));
    path
}

fn restore(fresh: &Fresh, backup: &Path, more: &[&str]) -> (i32, String, String) {
    let backup = backup.to_str().unwrap();
    run(&[&["restore", "--config", &fresh.config, backup][..], more].concat())
}

fn verify(backup: &Path) -> (i32, String, String) {
    run(&["verify", backup.to_str().unwrap()])
}

/// How many frames it has; all of it is whole.
fn frames(backup: &Path) -> u64 {
    let (code, out, errors) = verify(backup);
    assert_eq!(code, 0, "{errors}");
    let mut words = out.split_whitespace();
    words.position(|it| it == "rooms,");
    words.next().unwrap().parse().unwrap()
}

/// Changes a byte of a frame.
fn spoil(backup: &Path) {
    let path = backup.join("tally.db");
    let mut bytes = fs::read(&path).unwrap();
    let payload = [b'x'; 64];
    let place = bytes.windows(64).position(|it| it == payload).unwrap();
    bytes[place + 7] = b'y';
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_load_brings_everybody_together_again() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let port = relay.address.to_string();
    let room = room(1);
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    let ben = Member::dial(2, &room, relay.address(), Limits::default());
    ana.write(50, 100);
    ben.holds(50).await;
    // Both write on while each of these is made.
    let (over, mut is_over) = oneshot::channel::<()>();
    let writing = tokio::spawn(async move {
        let mut written = 50;
        while is_over.try_recv() == Err(TryRecvError::Empty) {
            ana.write(5, 100);
            ben.write(5, 100);
            written += 10;
            ana.holds(written).await;
            ben.holds(written).await;
        }
        (ana, ben, written)
    });
    let backups: Vec<_> = (0..3).map(|_| back_up(&fresh)).collect();
    over.send(()).unwrap();
    let (ana, ben, written) = writing.await.unwrap();
    let frames: Vec<u64> = backups.iter().map(|it| frames(it)).collect();
    assert!(frames.is_sorted_by(|one, next| one < next), "{frames:?}");
    assert!(frames[2] <= written);

    // The oldest lacks most of it.
    let key = fs::read(Path::new(&fresh.data).join("device.key")).unwrap();
    relay.kill();
    fs::remove_dir_all(&fresh.data).unwrap();
    let (code, _, errors) = restore(&fresh, &backups[0], &[]);
    assert_eq!(code, 0, "{errors}");
    let restored = fs::read(Path::new(&fresh.data).join("device.key")).unwrap();
    assert_eq!(restored, key, "it is the same relay");

    let _relay = Relay::start_told(&["--config", &fresh.config, "--listen", &port]);
    let cleo = Member::dial(3, &room, relay.address(), Limits::default());
    cleo.holds(written).await;
    assert_eq!(cleo.log(), ana.log());
    ben.write(1, 100);
    for member in [&ana, &ben, &cleo] {
        member.holds(written + 1).await;
    }
    let refused = restore(&fresh, &backups[1], &[]);
    assert!(refused.0 == 78 && refused.2.contains("RESTORE_NOT_EMPTY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_named_and_the_rest_is_brought_back_if_one_insists() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let port = relay.address.to_string();
    let room = room(1);
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    ana.write(5, 100);
    let ben = Member::dial(2, &room, relay.address(), Limits::default());
    ben.holds(5).await;
    relay.kill();
    let backup = back_up(&fresh);
    spoil(&backup);
    let (code, _, errors) = verify(&backup);
    assert!(code == 74 && errors.contains("BACKUP_DAMAGED"), "{errors}");
    assert!(errors.contains("does not match its checksum"), "{errors}");

    fs::remove_dir_all(&fresh.data).unwrap();
    let (code, _, errors) = restore(&fresh, &backup, &[]);
    assert!(
        code == 74 && errors.contains("--despite-damage"),
        "{errors}"
    );
    assert!(!Path::new(&fresh.data).join("tally.db").exists());
    let (code, _, errors) = restore(&fresh, &backup, &["--despite-damage"]);
    assert_eq!(code, 0, "{errors}");
    // A member that has what was damaged brings it.
    let _relay = Relay::start_told(&["--config", &fresh.config, "--listen", &port]);
    let dora = Member::dial(4, &room, relay.address(), Limits::default());
    dora.holds(5).await;
    assert_eq!(dora.log(), ana.log());
}

#[cfg(unix)]
#[test]
fn backups_are_for_their_user_alone_and_pruned_by_age() {
    use std::os::unix::fs::PermissionsExt;
    let fresh = Fresh::new(&["--plain"]);
    let backups: Vec<_> = (0..3).map(|_| back_up(&fresh)).collect();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&backups[0]), 0o700);
    assert_eq!(mode(&backups[0].join("device.key")), 0o600);

    let folder = backups[0].parent().unwrap();
    let old = folder.join("2001-01-01T000000.000Z");
    fs::create_dir(&old).unwrap();
    fs::create_dir(folder.join("something else")).unwrap();
    let place = folder.to_str().unwrap();
    let prune = [
        "prune", place, "--hours", "1", "--days", "1", "--weeks", "1",
    ];
    let (_, planned, _) = run(&[&prune[..], &["--dry-run"]].concat());
    assert!(old.exists());
    let (code, done, _) = run(&prune);
    assert_eq!((code, &done), (0, &planned));
    assert!(!old.exists() && done.contains("2001-01-01"), "{done}");
    assert!(backups[2].exists(), "the newest stays");
    assert!(folder.join("something else").exists());
}

#[test]
fn what_cannot_be_backed_up_or_restored_has_a_code() {
    let fresh = Fresh::new(&["--plain"]);
    let refused = |arguments: &[&str], exit, code: &str| {
        let (found, out, errors) = run(arguments);
        assert_eq!(found, exit, "{errors}");
        assert!(errors.contains(code), "{errors}");
        assert_eq!(out, "");
    };
    let empty = fresh.dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    refused(&["verify", empty], 78, "NO_DATA");
    refused(&["backup", "--data-dir", empty, empty], 78, "NO_DATA");
    assert_eq!(fs::read_dir(empty).unwrap().count(), 0, "nothing is left");
    let file = fresh.config.as_str();
    let backup = ["backup", "--config", file, file];
    refused(&backup, 74, "BACKUP_NOT_WRITTEN");
    refused(&["prune", "nowhere"], 78, "BACKUP_NOT_WRITTEN");
}
