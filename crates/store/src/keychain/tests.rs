use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::*;

/// Answers once its gate is open.
#[derive(Default)]
struct Slow {
    is_open: Mutex<bool>,
    opened: Condvar,
    secrets: Mutex<BTreeMap<String, String>>,
    removed: Mutex<Vec<String>>,
    was_removed: Condvar,
}

impl Slow {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn wait(&self) {
        let shut = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(shut, |open| !*open).unwrap());
    }
}

impl SystemKeychain for Arc<Slow> {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.wait();
        let secrets = self.secrets.lock().unwrap();
        Ok(secrets.get(name).cloned().map(Zeroizing::new))
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        self.wait();
        let mut secrets = self.secrets.lock().unwrap();
        secrets.insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        self.wait();
        self.secrets.lock().unwrap().remove(name);
        self.removed.lock().unwrap().push(name.to_owned());
        self.was_removed.notify_all();
        Ok(())
    }

    fn unlock(&self, _: &str) -> Result<(), KeychainError> {
        self.open();
        Ok(())
    }
}

#[test]
fn one_that_answers_keeps_a_secret() {
    let slow = Arc::new(Slow::default());
    let keychain = Keychain::new(Arc::clone(&slow));
    keychain.unlock("a").unwrap();
    assert_eq!(keychain.secret("a"), Ok(None));
    keychain.keep_secret("a", "quokka").unwrap();
    keychain.keep_secret("b", "other").unwrap();
    assert_eq!(keychain.secret("a").unwrap().unwrap().as_str(), "quokka");
    keychain.remove_secret("a").unwrap();
    assert_eq!(keychain.secret("a"), Ok(None));
    assert_eq!(keychain.secret("b").unwrap().unwrap().as_str(), "other");
}

/// Whoever was told that it is not there must not find it there later.
#[test]
fn one_that_does_not_answer_is_given_up_and_keeps_nothing_afterwards() {
    let slow = Arc::new(Slow::default());
    slow.secrets.lock().unwrap().insert("b".into(), "b".into());
    let keychain = Keychain::new(Arc::clone(&slow));
    let began = Instant::now();
    let kept = keychain.keep_secret("a", "quokka");
    assert_eq!(kept, Err(KeychainError::Silent));
    let waited = began.elapsed();
    assert!(waited >= KEYCHAIN_DEADLINE, "{waited:?}");
    assert!(waited < 5 * KEYCHAIN_DEADLINE, "{waited:?}");
    slow.open();
    let removed = slow.removed.lock().unwrap();
    let patience = Duration::from_secs(60);
    let waited = slow
        .was_removed
        .wait_timeout_while(removed, patience, |it| it.is_empty());
    assert_eq!(*waited.unwrap().0, ["a"]);
    let secrets = slow.secrets.lock().unwrap();
    assert_eq!(secrets.keys().collect::<Vec<_>>(), ["b"]);
}

/// Some keep text up to a length, or in another form.
#[test]
fn one_that_gives_back_something_else_is_refused() {
    struct Forgetful;
    impl SystemKeychain for Forgetful {
        fn secret(&self, _: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
            Ok(Some(Zeroizing::new("quok".into())))
        }
        fn keep_secret(&self, _: &str, _: &str) -> Result<(), KeychainError> {
            Ok(())
        }
        fn remove_secret(&self, _: &str) -> Result<(), KeychainError> {
            Ok(())
        }
        fn unlock(&self, _: &str) -> Result<(), KeychainError> {
            Ok(())
        }
    }
    let kept = Keychain::new(Forgetful).keep_secret("a", "quokka");
    assert!(matches!(kept, Err(KeychainError::Refused(_))), "{kept:?}");
}

/// Asks somebody who does not answer.
#[derive(Default)]
struct Unanswered {
    asked: Mutex<u32>,
    was_asked: Condvar,
}

impl Unanswered {
    fn wait_until_asked(&self, times: u32) {
        let patience = Duration::from_secs(60);
        let asked = self.asked.lock().unwrap();
        let waited = self
            .was_asked
            .wait_timeout_while(asked, patience, |it| *it < times);
        assert_eq!(*waited.unwrap().0, times);
    }
}

impl SystemKeychain for Arc<Unanswered> {
    fn secret(&self, _: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Ok(None)
    }
    fn keep_secret(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
    fn remove_secret(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
    fn unlock(&self, _: &str) -> Result<(), KeychainError> {
        *self.asked.lock().unwrap() += 1;
        self.was_asked.notify_all();
        loop {
            thread::park();
        }
    }
}

#[test]
fn whoever_leaves_waits_for_nobody_who_is_asked() {
    let unanswered = Arc::new(Unanswered::default());
    let keychain = Keychain::new(Arc::clone(&unanswered));
    let began = Instant::now();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| keychain.unlock("a"));
        unanswered.wait_until_asked(1);
        keychain.stop_asking();
        assert_eq!(waiting.join().unwrap(), Err(KeychainError::Silent));
        // Who would be asked from now on is not, and what asks nobody is answered.
        assert_eq!(keychain.unlock("a"), Err(KeychainError::Silent));
        assert_eq!(keychain.secret("a"), Ok(None));
        assert_eq!(*unanswered.asked.lock().unwrap(), 1);
        keychain.resume_asking();
        let waiting = scope.spawn(|| keychain.unlock("a"));
        unanswered.wait_until_asked(2);
        keychain.stop_asking();
        assert_eq!(waiting.join().unwrap(), Err(KeychainError::Silent));
    });
    assert!(began.elapsed() < KEYCHAIN_ASKING);
}
