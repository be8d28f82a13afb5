//! A data directory in which something is not as it was written.

use std::fs;
use std::path::{Path, PathBuf};

use relay::Limits;
use tempfile::TempDir;
use testkit::links::{Member, room};

use crate::process::{Relay, command, run};

fn database(dir: &Path) -> PathBuf {
    dir.join("tally.db")
}

/// Ends it in good order, so that all of it is in one file.
fn drain(mut relay: Relay, dir: &Path) {
    let drained = command(&["drain", "--data-dir"]).arg(dir).status();
    assert!(drained.unwrap().success());
    assert!(relay.end().success());
}

/// Six frames, of which the fifth is larger than the others.
async fn six_frames(dir: &Path, relay: &Relay) -> Member {
    let ana = Member::dial(1, &room(1), relay.address(), Limits::default());
    ana.write(4, 100);
    ana.write(1, 200);
    ana.write(1, 100);
    ana.until("the relay has it for certain", |view| {
        view.acknowledged.frames() == 6
    })
    .await;
    assert!(database(dir).exists());
    ana
}

fn verify(dir: &Path) -> (i32, String) {
    let (code, _, errors) = run(&["verify", dir.to_str().unwrap()]);
    (code, errors)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_frame_is_named_and_comes_again_from_whoever_has_it() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    let relay = Relay::start(dir);
    let ana = six_frames(dir, &relay).await;
    let written = ana.log();
    drop(ana);
    drain(relay, dir);
    let mut bytes = fs::read(database(dir)).unwrap();
    let fifth = bytes.windows(150).position(|it| it == [b'x'; 150]);
    bytes[fifth.unwrap() + 7] = b'y';
    fs::write(database(dir), bytes).unwrap();
    let (code, errors) = verify(dir);
    assert!(code == 74 && errors.contains("frame 5"), "{errors}");

    // It serves all the same, and gives away nothing that is not as it was written.
    let place = dir.to_str().unwrap();
    let listen = ["--plain", "--anyone", "--listen", "127.0.0.1:0"];
    let mut relay = Relay::start_told(&[&listen[..], &["--data-dir", place]].concat());
    let ben = Member::dial(2, &room(1), relay.address(), Limits::default());
    ben.holds(4).await;
    ben.write(1, 10);
    ben.until("it takes more", |view| view.acknowledged.frames() == 1)
        .await;
    assert_eq!(ben.view().held.frames(), 5);
    relay.says("a frame is damaged");
    drop(ben);
    drain(relay, dir);

    // Who has written it brings it again.
    let relay = Relay::start(dir);
    let ana = six_frames(dir, &relay).await;
    ana.holds(7).await;
    let cleo = Member::dial(3, &room(1), relay.address(), Limits::default());
    cleo.holds(7).await;
    let log = cleo.log();
    assert!(written.iter().all(|(place, frame)| log[place] == *frame));
    drain(relay, dir);
    assert_eq!(verify(dir).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_database_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let dir = dir.path();
    let relay = Relay::start(dir);
    six_frames(dir, &relay).await;
    drain(relay, dir);
    let mut bytes = fs::read(database(dir)).unwrap();
    bytes[..64].fill(7);
    fs::write(database(dir), &bytes).unwrap();
    let place = dir.to_str().unwrap();
    let serve = ["serve", "--plain", "--anyone", "--data-dir", place];
    for (arguments, code) in [
        (&serve[..], "DATA_UNREADABLE"),
        (&["verify", place], "BACKUP_DAMAGED"),
    ] {
        let (exit, _, errors) = run(arguments);
        assert_eq!(exit, 74, "{errors}");
        assert!(errors.contains(code), "{errors}");
        assert_eq!(fs::read(database(dir)).unwrap(), bytes);
    }
}
