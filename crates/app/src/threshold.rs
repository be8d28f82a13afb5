//! What is before the application: where the keys of this installation are under a passphrase or in a keychain that does not
//! give them, that is seen to first.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the disk is asked and keys are derived beside the tasks"
)]

use std::sync::{Arc, Mutex};

use store::{Keychain, Store, StoreError};
use tokio::sync::watch;
use trust::pairing::{Pace, TooSoon};

use crate::app::{App, CLOSE_DEADLINE, Options, StartError, to_json};
use crate::batches::Batches;
use crate::device_keys::DeviceKeys;
use crate::failure::Failure;
use crate::key_file::{KeyFile, Shut};
use crate::reply::Reply;
use crate::request::Request;
use crate::secret_text::SecretText;
use crate::security::Unlocked;
use crate::world::locked;

/// The application for a host with a window: it can be asked from the beginning, and answers once it is open.
///
/// Until then it holds the data directory, so that there is one of it, reads nothing of any project and reaches nobody.
pub struct Threshold {
    app: watch::Sender<Option<App>>,
    door: tokio::sync::Mutex<Option<Box<Locked>>>,
    /// It may be asking whoever is at the screen.
    keychain: Option<Keychain>,
    /// What was handed over before it was open.
    arguments: Mutex<Vec<String>>,
    /// Events since it is open, for whoever asks first.
    events: Mutex<Option<Batches>>,
}

struct Locked {
    store: Arc<dyn Store>,
    options: Options,
    key_file: Arc<KeyFile<'static>>,
    /// Why it is.
    shut: Shut,
    pace: Pace,
}

impl Threshold {
    /// Starts the application; if a passphrase is needed, it waits for [`Request::Unlock`], if a keychain does not give the keys,
    /// for [`Request::TryKeychain`]. Call it on a Tokio runtime.
    ///
    /// # Errors
    /// If the disk does not give the projects.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let key_file = Arc::new(options.key_file());
        let keychain = options.keychain.keychain().cloned();
        let (data_dir, file) = (options.data_dir.clone(), Arc::clone(&key_file));
        let look = move || Ok::<_, StoreError>((store::open(&data_dir)?, file.open(None)));
        let look = tokio::task::spawn_blocking(look).await;
        let (store, keys) = look.map_err(|_| StoreError::Closed)??;
        let shut = match keys {
            Ok(keys) => {
                let app = App::start_as(keys, key_file, store, options).await?;
                let events = Mutex::new(Some(app.batches()));
                return Ok(Self {
                    app: watch::Sender::new(Some(app)),
                    door: tokio::sync::Mutex::new(None),
                    keychain,
                    arguments: Mutex::default(),
                    events,
                });
            }
            Err(shut) => shut,
        };
        let door = Locked {
            store,
            options,
            key_file,
            shut,
            pace: Pace::default(),
        };
        Ok(Self {
            app: watch::Sender::new(None),
            door: tokio::sync::Mutex::new(Some(Box::new(door))),
            keychain,
            arguments: Mutex::default(),
            events: Mutex::default(),
        })
    }

    /// As [`App::call_json`]; before it is open everything but what opens it fails with the reason.
    pub async fn call_json(&self, request: &[u8]) -> Vec<u8> {
        if let Some(app) = self.opened() {
            return app.call_json(request).await;
        }
        let answer = match serde_json::from_slice(request) {
            Ok(Request::Unlock { passphrase }) => self.unlock(passphrase).await,
            Ok(Request::TryKeychain) => self.try_keychain().await,
            Ok(_) => Err(self.refusal().await),
            Err(error) => Err(Failure::bad_request(&error)),
        };
        to_json(&answer)
    }

    /// The application, once it is open.
    pub async fn app(&self) -> App {
        let mut app = self.app.subscribe();
        // It cannot end before this does.
        let app = app.wait_for(Option::is_some).await;
        let app = app.expect("the sender is here").clone();
        app.expect("it is open")
    }

    /// Everything that happens from when it is open, which this waits for.
    pub async fn batches(&self) -> Batches {
        let app = self.app().await;
        let kept = locked(&self.events).take();
        kept.unwrap_or_else(|| app.batches())
    }

    /// As [`App::hand_over`]; before it is open it is kept.
    pub fn hand_over(&self, arguments: Vec<String>) {
        let mut kept = locked(&self.arguments);
        match self.opened() {
            Some(app) => app.hand_over(arguments),
            None => kept.extend(arguments),
        }
    }

    /// Before [`Self::close`], for a host that waits for its requests first: none of them waits any more for somebody whom the
    /// keychain asks something.
    pub fn stop_asking(&self) {
        if let Some(keychain) = &self.keychain {
            keychain.stop_asking();
        }
    }

    /// As [`App::close`]. What the keychain asks whoever is at the screen is not waited for.
    pub async fn close(&self) -> Result<(), Failure> {
        self.stop_asking();
        let closed = self.close_quietly().await;
        if let (Err(_), Some(keychain)) = (&closed, &self.keychain) {
            keychain.resume_asking();
        }
        closed
    }

    async fn close_quietly(&self) -> Result<(), Failure> {
        let door = self.door.lock().await.take();
        if let Some(app) = self.opened() {
            return app.close().await;
        }
        let Some(door) = door else { return Ok(()) };
        let close = tokio::task::spawn_blocking(move || door.store.close(CLOSE_DEADLINE));
        Ok(close.await.map_err(|_| Failure::closed())??)
    }

    fn opened(&self) -> Option<App> {
        self.app.borrow().clone()
    }

    /// Why nothing is told yet.
    async fn refusal(&self) -> Failure {
        match self.door.lock().await.as_ref() {
            Some(shut) => shut.shut.clone().into(),
            // It was opened, or closed, in between.
            None => Failure::closed(),
        }
    }

    async fn unlock(&self, passphrase: SecretText) -> Result<Reply, Failure> {
        let mut door = self.door.lock().await;
        let Some(shut) = door.as_mut() else {
            return self.without_door();
        };
        shut.pace.ask(shut.now_ms()).map_err(too_soon)?;
        match shut.keys(move |file| file.open(Some(&passphrase))).await? {
            Ok(keys) => self.enter(&mut door, keys).await,
            Err(Shut::Withheld(withheld)) => Err(withheld.into()),
            Err(Shut::WrongPassphrase | Shut::Locked) => {
                let wait_ms = shut.pace.wait_ms(shut.now_ms());
                Ok(Reply::Unlocked(Unlocked {
                    is_open: false,
                    wait_ms,
                }))
            }
        }
    }

    async fn try_keychain(&self) -> Result<Reply, Failure> {
        let mut door = self.door.lock().await;
        let Some(shut) = door.as_mut() else {
            return self.without_door();
        };
        match shut.keys(KeyFile::open_asking).await? {
            Ok(keys) => self.enter(&mut door, keys).await,
            Err(why) => {
                shut.shut = why.clone();
                Err(why.into())
            }
        }
    }

    fn without_door(&self) -> Result<Reply, Failure> {
        match self.opened() {
            Some(_) => Ok(Reply::Unlocked(Unlocked::OPEN)),
            None => Err(Failure::closed()),
        }
    }

    /// Starts with these keys.
    async fn enter(
        &self,
        door: &mut Option<Box<Locked>>,
        keys: DeviceKeys,
    ) -> Result<Reply, Failure> {
        let Some(shut) = door else {
            return self.without_door();
        };
        let early = std::mem::take(&mut *locked(&self.arguments));
        shut.options.arguments.extend(early);
        let app = shut.open(keys).await?;
        *door = None;
        *locked(&self.events) = Some(app.batches());
        let mut late = locked(&self.arguments);
        self.app.send_replace(Some(app.clone()));
        if !late.is_empty() {
            app.hand_over(std::mem::take(&mut *late));
        }
        Ok(Reply::Unlocked(Unlocked::OPEN))
    }
}

impl Locked {
    async fn keys(
        &self,
        open: impl FnOnce(&KeyFile<'static>) -> Result<DeviceKeys, Shut> + Send + 'static,
    ) -> Result<Result<DeviceKeys, Shut>, Failure> {
        let file = Arc::clone(&self.key_file);
        let open = tokio::task::spawn_blocking(move || open(&file));
        open.await.map_err(|_| Failure::closed())
    }

    async fn open(&self, keys: DeviceKeys) -> Result<App, StoreError> {
        let (given, key_file) = (&self.options, Arc::clone(&self.key_file));
        let options = Options {
            arguments: given.arguments.clone(),
            clock: Arc::clone(&given.clock),
            network: given.network.clone(),
            ..Options::new(&given.data_dir)
        };
        App::start_as(keys, key_file, Arc::clone(&self.store), options).await
    }

    fn now_ms(&self) -> u64 {
        u64::try_from((self.options.clock)().0).unwrap_or_default()
    }
}

fn too_soon(TooSoon { wait_ms }: TooSoon) -> Failure {
    let seconds = wait_ms.div_ceil(1000);
    let message = format!("Too many wrong passphrases. The next can be tried in {seconds} s.");
    Failure::new("TOO_SOON", message)
}
