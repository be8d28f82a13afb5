//! Keys under a passphrase: nothing is told before it, and nothing is lost by it.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use app::app::{App, Options, StartError};
use app::failure::Failure;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::secret_text::SecretText;
use app::security::{KeysAt, KeysPlace, Security};
use app::threshold::Threshold;
use serde_json::{Value, json};

use crate::desk::{DEADLINE, Desk, options};

const PASSPHRASE: &str = "quokka on the hill";

async fn set(desk: &Desk, current: Option<&str>, new: Option<&str>) -> Result<(), Failure> {
    let request = Request::KeepKeys {
        current: current.map(SecretText::from),
        place: place(new),
    };
    desk.app.call(request).await.map(drop)
}

fn place(passphrase: Option<&str>) -> KeysPlace {
    match passphrase.map(SecretText::from) {
        Some(passphrase) => KeysPlace::Passphrase { passphrase },
        None => KeysPlace::File,
    }
}

async fn security(desk: &Desk) -> Security {
    match desk.call(Request::ReadSecurity).await {
        Reply::Security(security) => security,
        other => panic!("{other:?}"),
    }
}

/// A host with a window, and what it asks.
struct Window(Threshold);

impl Window {
    async fn start(options: Options) -> Self {
        Self(Threshold::start(options).await.unwrap())
    }

    async fn call(&self, request: &Request) -> Value {
        let json = serde_json::to_vec(request).unwrap();
        serde_json::from_slice(&self.0.call_json(&json).await).unwrap()
    }

    async fn unlock(&self, passphrase: &str) -> Value {
        let passphrase = passphrase.into();
        self.call(&Request::Unlock { passphrase }).await
    }
}

fn wrong(wait_ms: u64) -> Value {
    json!({"ok": {"kind": "unlocked", "isOpen": false, "waitMs": wait_ms}})
}

fn opened() -> Value {
    json!({"ok": {"kind": "unlocked", "isOpen": true, "waitMs": 0}})
}

fn code(answer: &Value) -> &str {
    answer["failed"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn nothing_is_told_before_the_passphrase_and_everything_after() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let words = security(&desk).await.words;
    set(&desk, None, Some(PASSPHRASE)).await.unwrap();
    assert_eq!(security(&desk).await.keys, KeysAt::Passphrase);
    let folder = Arc::clone(&desk.folder);
    drop(desk.closed().await);

    let window = Window::start(Options::new(folder.path().join("data"))).await;
    window.0.hand_over(vec!["plan.talus".to_owned()]);
    for request in [
        Request::Start,
        Request::ListProjects,
        Request::OpenProject { project },
        Request::ReadSecurity,
        Request::KeepKeys {
            current: None,
            place: KeysPlace::File,
        },
        Request::TryKeychain,
    ] {
        let answer = window.call(&request).await;
        assert_eq!(code(&answer), "LOCKED", "{request:?}: {answer}");
    }
    let garbage = window.0.call_json(b"{").await;
    let garbage: Value = serde_json::from_slice(&garbage).unwrap();
    assert_eq!(code(&garbage), "BAD_REQUEST");
    // It has the data directory, so no other opens it meanwhile.
    let other = App::start(Options::new(folder.path().join("data"))).await;
    let other = Failure::from(other.err().unwrap());
    assert_eq!(other.code, "ALREADY_RUNNING");

    assert_eq!(window.unlock("quokka").await, wrong(0));
    assert_eq!(window.unlock(PASSPHRASE).await, opened());
    assert_eq!(window.unlock("whatever").await, opened());
    let started = window.call(&Request::Start).await;
    assert_eq!(started["ok"]["projects"][0]["id"], json!(project));
    assert_eq!(started["ok"]["arguments"], json!(["plan.talus"]));
    let answer = window.call(&Request::OpenProject { project }).await;
    assert_eq!(answer["ok"]["kind"], "opened", "{answer}");
    let kept = window.call(&Request::ReadSecurity).await;
    assert_eq!(kept["ok"]["words"], json!(words), "the same device");
    // Windows are told what happens from then on.
    let mut batches = window.0.batches().await;
    window
        .call(&Request::RenameProject {
            project,
            name: "Renamed".to_owned(),
        })
        .await;
    let told = tokio::time::timeout(DEADLINE, batches.next()).await;
    assert!(told.unwrap().is_some());
    window.0.close().await.unwrap();
}

#[tokio::test]
async fn who_guesses_waits_ever_longer() {
    let desk = Desk::new().await;
    set(&desk, None, Some(PASSPHRASE)).await.unwrap();
    let folder = Arc::clone(&desk.folder);
    drop(desk.closed().await);

    let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
    let still = || {
        let clock = Arc::clone(&clock);
        let mut options = options(folder.path(), &clock);
        options.clock = Arc::new(move || {
            graph::time::Timestamp(clock.load(std::sync::atomic::Ordering::Relaxed))
        });
        options
    };
    let pass = |time: Duration| {
        let passed = i64::try_from(time.as_millis()).unwrap();
        clock.fetch_add(passed, std::sync::atomic::Ordering::Relaxed);
    };
    let window = Window::start(still()).await;
    assert_eq!(window.unlock("first one").await, wrong(0));
    assert_eq!(window.unlock("second one").await, wrong(0));
    assert_eq!(window.unlock("third one").await, wrong(1_000));
    let soon = window.unlock(PASSPHRASE).await;
    assert_eq!(code(&soon), "TOO_SOON", "{soon}");
    pass(Duration::from_secs(1));
    assert_eq!(window.unlock("fourth one").await, wrong(2_000));
    pass(Duration::from_secs(2));
    assert_eq!(window.unlock(PASSPHRASE).await, opened());
    window.0.close().await.unwrap();
    drop(window);

    // Quitting is possible before it, and lets go of the projects.
    let window = Window::start(still()).await;
    window.0.close().await.unwrap();
    let late = window.unlock(PASSPHRASE).await;
    assert_eq!(code(&late), "CLOSED", "{late}");
    drop(window);
    let window = Window::start(still()).await;
    assert_eq!(window.unlock(PASSPHRASE).await, opened());
    window.0.close().await.unwrap();
}

#[tokio::test]
async fn a_passphrase_is_changed_and_taken_away_by_who_knows_it() {
    let desk = Desk::new().await;
    let before = security(&desk).await;
    assert_eq!(before.keys, KeysAt::File);
    assert!(!before.has_keychain);
    let short = set(&desk, None, Some("seven77")).await.unwrap_err();
    assert_eq!(short.code, "PASSPHRASE_TOO_SHORT");
    assert_eq!(security(&desk).await.keys, KeysAt::File);
    set(&desk, None, Some(PASSPHRASE)).await.unwrap();
    for current in [None, Some("another one")] {
        for new in [None, Some("mine from now on")] {
            let refused = set(&desk, current, new).await.unwrap_err();
            assert_eq!(refused.code, "WRONG_PASSPHRASE");
        }
    }
    set(&desk, Some(PASSPHRASE), Some("another one"))
        .await
        .unwrap();
    assert_eq!(start(&desk, None).await, "ALREADY_RUNNING");
    let folder = Arc::clone(&desk.folder);
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
    drop(desk.closed().await);

    let start_with = async |passphrase: Option<&str>| {
        let mut options = options(folder.path(), &clock);
        options.passphrase = passphrase.map(SecretText::from);
        App::start(options).await
    };
    assert!(matches!(start_with(None).await, Err(StartError::Locked)));
    let old = start_with(Some(PASSPHRASE)).await;
    assert!(matches!(old, Err(StartError::WrongPassphrase)));
    let app = start_with(Some("another one")).await.unwrap();
    let away = Request::KeepKeys {
        current: Some("another one".into()),
        place: KeysPlace::File,
    };
    app.call(away).await.unwrap();
    let Ok(Reply::Security(after)) = app.call(Request::ReadSecurity).await else {
        panic!("it is always told");
    };
    assert_eq!(after, before, "the same device, without a passphrase");
    app.close().await.unwrap();
    drop(app);
    let app = start_with(None).await.unwrap();
    app.close().await.unwrap();
}

/// How a second start at the same desk fails.
async fn start(desk: &Desk, passphrase: Option<&str>) -> String {
    let mut options = Options::new(desk.folder.path().join("data"));
    options.passphrase = passphrase.map(SecretText::from);
    let started = App::start(options).await;
    Failure::from(started.err().unwrap()).code
}

/// What the room's keys are sealed to is under the passphrase with the rest: no key of an epoch is on the disk in clear.
#[tokio::test]
async fn no_key_is_on_the_disk_in_clear() {
    let desk = Desk::shared().await;
    let project: ProjectId = desk.create("book", true).await;
    desk.call(Request::Invite { project }).await;
    let path = desk.folder.path().join("data").join("device.secret");
    let clear = std::fs::read(&path).unwrap();
    set(&desk, None, Some(PASSPHRASE)).await.unwrap();
    let closed = desk.closed().await;
    let mut seen = 0;
    for path in crate::identity::files(path.parent().unwrap()) {
        let content = std::fs::read(&path).unwrap();
        for secret in [&clear[1..33], &clear[33..65], PASSPHRASE.as_bytes()] {
            assert!(
                !crate::identity::has(&content, &crate::identity::looks(secret)),
                "{}",
                path.display()
            );
        }
        seen += 1;
    }
    assert!(seen > 3);
    drop(closed);
}
