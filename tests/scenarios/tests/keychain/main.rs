//! Keys in a real keychain: gnome-keyring-daemon on a session bus of the test.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes, look at files, and end where they fail"
)]

mod window;

use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};
use testkit::keyring::SessionBus;

use crate::window::{User, Window};

/// Longer than the deadline of a keychain by what a busy machine adds to a start.
const SOON: Duration = Duration::from_secs(30);

const PASSPHRASE: &str = "quokka on the hill";

fn keep(window: &mut Window, current: Option<&str>, place: &Value) -> Value {
    window.ask(&json!({ "kind": "keepKeys", "current": current, "place": place }))
}

#[test]
fn keys_go_into_the_keychain_and_are_found_there() {
    let user = User::new();
    let bus = SessionBus::start(user.home());
    let keyring = bus.keyring();
    let mut window = Window::open(&user, &bus, &[]);
    let first = window.security();
    assert_eq!(first["keys"], "keychain", "{first}");
    window.close();
    // What it is told to write is in the file when it is moved there, so this finds the keys where they are.
    let mut window = Window::open(&user, &bus, &[]);
    assert_eq!(window.security(), first, "the same device");
    let before = user.files();
    assert_eq!(
        keep(&mut window, None, &json!({ "kind": "file" }))["ok"]["kind"],
        "done"
    );
    let kept = std::fs::read(user.data().join("device.secret")).unwrap();
    let (signing, sealing) = (&kept[1..33], &kept[33..65]);
    for (path, content) in before {
        for secret in [signing, sealing] {
            let text = STANDARD_NO_PAD.encode(secret);
            for look in [secret, text.as_bytes()] {
                let is_there = memchr::memmem::find(&content, look).is_some();
                assert!(!is_there, "{}", path.display());
            }
        }
    }
    assert_eq!(window.security()["keys"], "file");
    // Nothing is left in the keychain, and what was there is found no more.
    assert_eq!(bus_entries(&bus), 0);
    let passphrase = json!({ "kind": "passphrase", "passphrase": PASSPHRASE });
    assert_eq!(keep(&mut window, None, &passphrase)["ok"]["kind"], "done");
    let keychain = json!({ "kind": "keychain" });
    let refused = keep(&mut window, None, &keychain);
    assert_eq!(refused["failed"]["code"], "WRONG_PASSPHRASE", "{refused}");
    assert_eq!(bus_entries(&bus), 0);
    let moved = keep(&mut window, Some(PASSPHRASE), &keychain);
    assert_eq!(moved["ok"]["kind"], "done", "{moved}");
    assert_eq!(window.security(), first);
    assert_eq!(bus_entries(&bus), 1);
    window.close();
    drop(keyring);
}

/// The command line asks the keychain, too, and nobody else.
#[test]
fn the_command_line_finds_them_there() {
    let user = User::new();
    let bus = SessionBus::start(user.home());
    let keyring = bus.keyring();
    let mut window = Window::open(&user, &bus, &[]);
    assert_eq!(window.security()["keys"], "keychain");
    window.close();
    let file = || std::fs::read(user.data().join("device.secret")).unwrap();
    let kept = file();
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("tally");
    let projects = || {
        let mut tally = Command::new(&program);
        bus.enter(&mut tally);
        let tally = tally.arg("--json").arg("--data-dir").arg(user.data());
        tally.arg("projects").output().unwrap()
    };
    let found = projects();
    assert!(found.status.success(), "{found:?}");
    drop(keyring);
    let refused = projects();
    assert_eq!(refused.status.code(), Some(6), "{refused:?}");
    let said: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert!(
        said["code"].as_str().unwrap().starts_with("KEYCHAIN_"),
        "{said}"
    );
    assert_eq!(file(), kept, "no keys are made in their place");
}

/// How many entries of ours the keychain has.
fn bus_entries(bus: &SessionBus) -> usize {
    let found = bus.call(
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.SearchItems",
        &["{'application': 'net.talustally.Talus-Tally'}"],
    );
    found
        .matches("/org/freedesktop/secrets/collection/")
        .count()
}

/// The keychain is not there, locked, silent: the program says so at once, makes no keys, and goes on when it is back.
#[test]
fn without_its_keychain_it_waits_and_goes_on_when_it_is_back() {
    let user = User::new();
    let bus = SessionBus::start(user.home());
    let keyring = bus.keyring();
    let mut window = Window::open(&user, &bus, &[]);
    let first = window.security();
    window.close();
    let file = std::fs::read(user.data().join("device.secret")).unwrap();
    drop(keyring);

    let mut window = Window::open(&user, &bus, &[]);
    window.is_shut("KEYCHAIN_ABSENT");
    assert_eq!(window.try_keychain()["failed"]["code"], "KEYCHAIN_ABSENT");
    let locked = bus.locked_keyring();
    assert_eq!(window.try_keychain()["failed"]["code"], "KEYCHAIN_LOCKED");
    window.is_shut("KEYCHAIN_LOCKED");
    drop(locked);
    let keyring = bus.keyring();
    assert_eq!(window.try_keychain()["ok"]["isOpen"], true);
    assert_eq!(window.security(), first);
    window.close();

    keyring.freeze();
    let began = Instant::now();
    let mut window = Window::open(&user, &bus, &[]);
    window.is_shut("KEYCHAIN_SILENT");
    let waited = began.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < SOON,
        "{waited:?}"
    );
    assert_eq!(window.try_keychain()["failed"]["code"], "KEYCHAIN_SILENT");
    keyring.thaw();
    assert_eq!(window.try_keychain()["ok"]["isOpen"], true);
    assert_eq!(window.security(), first);
    window.close();
    let now = std::fs::read(user.data().join("device.secret")).unwrap();
    assert_eq!(now, file, "nothing was made anew");
}

/// A machine without one is not hung, and its keys go into the file.
#[test]
fn where_no_keychain_takes_them_new_keys_go_into_the_file() {
    let user = User::new();
    let bus = SessionBus::start(user.home());
    let mut window = Window::open(&user, &bus, &[]);
    let first = window.security();
    assert_eq!(first["keys"], "file");
    assert_eq!(first["hasKeychain"], true);
    let refused = keep(&mut window, None, &json!({ "kind": "keychain" }));
    assert_eq!(refused["failed"]["code"], "KEYCHAIN_ABSENT", "{refused}");
    window.close();

    let other = User::new();
    let bus = SessionBus::start(other.home());
    let keyring = bus.keyring();
    keyring.freeze();
    let began = Instant::now();
    let mut window = Window::open(&other, &bus, &[]);
    let first = window.security();
    let waited = began.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < SOON,
        "{waited:?}"
    );
    assert_eq!(first["keys"], "file");
    window.close();
    keyring.thaw();
    // The file alone decides from then on.
    let mut window = Window::open(&other, &bus, &[]);
    assert_eq!(window.security(), first);
    window.close();

    let third = User::new();
    let bus = SessionBus::start(third.home());
    let _keyring = bus.keyring();
    let mut window = Window::open(&third, &bus, &["--keys-in-file"]);
    assert_eq!(window.security()["keys"], "file");
    assert_eq!(bus_entries(&bus), 0);
    window.close();
}

/// Two folders of one user are two devices; one that was carried elsewhere says where its keys are.
#[test]
fn a_folder_that_was_carried_elsewhere_says_where_its_keys_are() {
    let user = User::new();
    let bus = SessionBus::start(user.home());
    let _keyring = bus.keyring();
    let mut window = Window::open(&user, &bus, &[]);
    let first = window.security();
    window.close();

    let elsewhere = User::new();
    let other_bus = SessionBus::start(elsewhere.home());
    let _other = other_bus.keyring();
    let mut window = Window::open(&elsewhere, &other_bus, &[]);
    assert_ne!(window.security()["words"], first["words"]);
    window.close();
    let carried = elsewhere.data().join("device.secret");
    std::fs::copy(user.data().join("device.secret"), &carried).unwrap();
    let mut window = Window::open(&elsewhere, &other_bus, &[]);
    window.is_shut("KEYCHAIN_NO_ENTRY");
    window.close();
    // In the session that it comes from it opens, wherever it is.
    let mut window = Window::open(&elsewhere, &bus, &[]);
    assert_eq!(window.security()["words"], first["words"]);
    window.close();
}
