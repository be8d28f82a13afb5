//! A keychain that asks whoever is at the screen, and closing meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use app::app::Options;
use app::request::Request;
use app::security::{KeychainUse, KeysPlace};
use app::threshold::Threshold;
use serde_json::Value;
use store::{KEYCHAIN_ASKING, Keychain, KeychainError, SystemKeychain};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// Once it is locked it asks somebody who has gone for lunch.
#[derive(Clone, Default)]
struct Unanswered {
    entries: Arc<Mutex<BTreeMap<String, String>>>,
    is_locked: Arc<AtomicBool>,
    asked: Arc<Notify>,
}

impl Unanswered {
    fn check(&self) -> Result<(), KeychainError> {
        match self.is_locked.load(Ordering::Relaxed) {
            true => Err(KeychainError::Locked),
            false => Ok(()),
        }
    }
}

impl SystemKeychain for Unanswered {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.check()?;
        let entries = self.entries.lock().unwrap();
        Ok(entries.get(name).cloned().map(Zeroizing::new))
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        self.check()?;
        let mut entries = self.entries.lock().unwrap();
        entries.insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.entries.lock().unwrap().remove(name);
        Ok(())
    }

    fn unlock(&self, _: &str) -> Result<(), KeychainError> {
        self.asked.notify_one();
        loop {
            std::thread::park();
        }
    }
}

async fn call(window: &Threshold, request: &Request) -> Value {
    let json = serde_json::to_vec(request).unwrap();
    serde_json::from_slice(&window.call_json(&json).await).unwrap()
}

/// Closes while this request has the keychain ask, which is before anybody could answer; nothing goes on in the process then.
fn closes_meanwhile(request: &Request, keychain_use: fn(Keychain) -> KeychainUse) {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Unanswered::default();
    let start = async || {
        let mut options = Options::new(folder.path().join("data"));
        options.keychain = keychain_use(Keychain::new(keychain.clone()));
        Threshold::start(options).await.unwrap()
    };
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async { start().await.close().await.unwrap() });
    let file = std::fs::read(folder.path().join("data").join("device.secret")).unwrap();
    keychain.is_locked.store(true, Ordering::Relaxed);
    let began = Instant::now();
    runtime.block_on(async {
        let window = start().await;
        let close = async {
            keychain.asked.notified().await;
            window.close().await
        };
        let (answer, closed) = tokio::join!(call(&window, request), close);
        closed.unwrap();
        assert_eq!(answer["failed"]["code"], "KEYCHAIN_SILENT", "{answer}");
    });
    drop(runtime);
    assert!(began.elapsed() < KEYCHAIN_ASKING, "{:?}", began.elapsed());
    let now = std::fs::read(folder.path().join("data").join("device.secret")).unwrap();
    assert_eq!(now, file, "the keys are where they were");
}

#[test]
fn closing_before_it_is_open_waits_for_nobody_who_is_asked() {
    closes_meanwhile(&Request::TryKeychain, KeychainUse::First);
}

#[test]
fn closing_waits_for_nobody_who_is_asked_where_keys_are_to_go() {
    let move_there = Request::KeepKeys {
        current: None,
        place: KeysPlace::Keychain,
    };
    closes_meanwhile(&move_there, KeychainUse::WhereSaid);
}
