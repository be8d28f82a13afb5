//! The keychain of the system, behind a trait, and never waited for longer than it takes to see that it does not answer.

use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

/// How long a keychain has to answer. A machine without one, or with one that hangs, is not hung by it.
pub const KEYCHAIN_DEADLINE: Duration = Duration::from_secs(2);

/// How long somebody has to answer what a keychain asks her, at the least.
pub const KEYCHAIN_ASKING: Duration = Duration::from_secs(60);

/// A keychain of some system. Each of its secrets is text under a name. Calls may block, and are made on a thread of their own.
///
/// Nothing but [`Self::unlock`] shows anything to anybody where the system lets one say so; others then fail with
/// [`KeychainError::Locked`].
pub trait SystemKeychain: Send + Sync {
    /// The secret of that name, if there is one.
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError>;

    /// Keeps a secret; the one before is gone.
    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError>;

    /// Removes it, if it is there.
    fn remove_secret(&self, name: &str) -> Result<(), KeychainError>;

    /// Has the person at the screen unlock what that secret is in, or is to be. It ends after [`KEYCHAIN_ASKING`].
    fn unlock(&self, name: &str) -> Result<(), KeychainError>;
}

/// Why a keychain does not do what it was asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeychainError {
    /// Nobody has unlocked it.
    #[error("the keychain is locked")]
    Locked,
    /// There is none in this session.
    #[error("there is no keychain")]
    Absent,
    /// It did not answer within [`KEYCHAIN_DEADLINE`].
    #[error("the keychain does not answer")]
    Silent,
    /// What it says otherwise.
    #[error("the keychain refused: {0}")]
    Refused(String),
}

/// A keychain that is not waited for longer than [`KEYCHAIN_DEADLINE`].
#[derive(Clone)]
pub struct Keychain {
    system: Arc<dyn SystemKeychain>,
    asking: Arc<Mutex<Asking>>,
}

/// Whether whoever is at the screen may be asked.
enum Asking {
    /// Yes, and these wait for her answer, or have had it.
    May(Vec<SyncSender<Result<(), KeychainError>>>),
    MayNot,
}

impl Keychain {
    /// Watches over one.
    pub fn new(system: impl SystemKeychain + 'static) -> Self {
        Self {
            system: Arc::new(system),
            asking: Arc::new(Mutex::new(Asking::May(Vec::new()))),
        }
    }

    /// The secret of that name, if there is one.
    pub fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let name = name.to_owned();
        self.within(KEYCHAIN_DEADLINE, move |it| it.secret(&name), |_| {})
    }

    /// Keeps a secret and reads it back; the one before is gone. One that is kept too late is removed again.
    pub fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let (kept, secret) = (name.to_owned(), Zeroizing::new(secret.to_owned()));
        let keep = move |it: &dyn SystemKeychain| {
            it.keep_secret(&kept, &secret)?;
            match it.secret(&kept)? {
                Some(back) if back == secret => Ok(()),
                _ => Err(KeychainError::Refused("it gave back something else".into())),
            }
        };
        let late = name.to_owned();
        self.within(KEYCHAIN_DEADLINE, keep, move |it| {
            // Nobody waits for it any more; what remains is an entry that nothing names.
            it.remove_secret(&late).ok();
        })
    }

    /// Removes it, if it is there.
    pub fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.within(KEYCHAIN_DEADLINE, move |it| it.remove_secret(&name), |_| {})
    }

    /// Has the person at the screen unlock what that secret is in, or is to be.
    pub fn unlock(&self, name: &str) -> Result<(), KeychainError> {
        let name = name.to_owned();
        let patience = KEYCHAIN_ASKING + KEYCHAIN_DEADLINE;
        let (tell, told) = mpsc::sync_channel(0);
        match &mut *self.asking() {
            Asking::May(waiting) => waiting.push(tell.clone()),
            Asking::MayNot => return Err(KeychainError::Silent),
        }
        self.ask(tell, move |it| it.unlock(&name), |_| {})?;
        told.recv_timeout(patience)
            .unwrap_or(Err(KeychainError::Silent))
    }

    /// Nobody is asked from now on, and no answer of hers is waited for any more: it is [`KeychainError::Silent`]. For a program
    /// that is about to end; what the keychain shows ends with that.
    pub fn stop_asking(&self) {
        let before = std::mem::replace(&mut *self.asking(), Asking::MayNot);
        if let Asking::May(waiting) = before {
            for tell in waiting {
                // Whoever has had her answer waits no more.
                tell.send(Err(KeychainError::Silent)).ok();
            }
        }
    }

    /// The program does not end after all: [`Self::stop_asking`] no longer holds.
    pub fn resume_asking(&self) {
        let mut asking = self.asking();
        if matches!(*asking, Asking::MayNot) {
            *asking = Asking::May(Vec::new());
        }
    }

    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn within<T: Send + 'static>(
        &self,
        patience: Duration,
        ask: impl FnOnce(&dyn SystemKeychain) -> Result<T, KeychainError> + Send + 'static,
        late: impl FnOnce(&dyn SystemKeychain) + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (tell, told) = mpsc::sync_channel(0);
        self.ask(tell, ask, late)?;
        told.recv_timeout(patience)
            .unwrap_or(Err(KeychainError::Silent))
    }

    /// Asks on a thread of its own, which ends when the keychain answers; `late` is done then if nobody waited for it.
    #[allow(
        clippy::disallowed_methods,
        reason = "whoever would keep its handle could only wait for what does not answer"
    )]
    fn ask<T: Send + 'static>(
        &self,
        tell: SyncSender<Result<T, KeychainError>>,
        ask: impl FnOnce(&dyn SystemKeychain) -> Result<T, KeychainError> + Send + 'static,
        late: impl FnOnce(&dyn SystemKeychain) + Send + 'static,
    ) -> Result<(), KeychainError> {
        let system = Arc::clone(&self.system);
        let thread = thread::Builder::new().name("keychain".into());
        let started = thread.spawn(move || {
            let answer = ask(&*system);
            if tell.send(answer).is_err() {
                late(&*system);
            }
        });
        started.map_err(|error| KeychainError::Refused(error.to_string()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
