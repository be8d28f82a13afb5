//! The running application: which projects are open, who asks, who listens.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the backup task hangs on a handle here"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graph::id::{AuthorId, PersonId};
use store::{FileVault, Store, StoreError};
use tokio::sync::broadcast;

use crate::backups::Backups;
use crate::batches::Batches;
use crate::device_keys::DeviceKeys;
use crate::event::Event;
use crate::failure::Failure;
use crate::key_file::{KeyFile, Shut};
use crate::me::Me;
use crate::network::{Network, NetworkOptions};
use crate::pairing::Lobby;
use crate::progress::Progress;
use crate::project::{Answer, Ask, Input};
use crate::project_task::Door;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::requests;
use crate::rooms::{Installation, Ready};
use crate::secret_text::SecretText;
use crate::security::{KeychainUse, Withheld};
use crate::serving::Serving;
use crate::settings::Settings;
use crate::sweep::Sweeps;
use crate::world::{Clock, World, locked, system_clock};
use crate::{identity, opening, rooms};

/// How to start.
pub struct Options {
    /// Where everything is kept; made if it is not there.
    pub data_dir: PathBuf,
    /// Files and links named when the application was started.
    pub arguments: Vec<String>,
    /// What tells the time.
    pub clock: Clock,
    /// How to reach others; none: not at all.
    pub network: Option<NetworkOptions>,
    /// What the keys of this installation are under, if they are under a passphrase.
    pub passphrase: Option<SecretText>,
    /// Whether the keychain of the system may have them.
    pub keychain: KeychainUse,
}

impl Options {
    /// By the system's clock and without arguments.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            arguments: Vec::new(),
            clock: system_clock(),
            network: None,
            passphrase: None,
            keychain: KeychainUse::Never,
        }
    }

    /// Where the keys are.
    pub(crate) fn key_file(&self) -> KeyFile<'static> {
        KeyFile::new(FileVault::new(&self.data_dir), self.keychain.clone())
    }
}

/// Why the application could not start. Its [`Failure`] has the words.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The disk does not give the projects.
    #[error("the projects cannot be opened")]
    Store(#[from] StoreError),
    /// The keys of this installation are under a passphrase, and none was said.
    #[error("a passphrase is needed")]
    Locked,
    /// They are under another passphrase.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// They are in the keychain of the system, which does not give them.
    #[error("the keychain does not give the keys")]
    Withheld(#[source] Withheld),
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Locked => Self::keys_are_locked(),
            StartError::WrongPassphrase => Self::wrong_passphrase(),
            StartError::Withheld(withheld) => withheld.into(),
        }
    }
}

impl From<Shut> for StartError {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Locked => Self::Locked,
            Shut::WrongPassphrase => Self::WrongPassphrase,
            Shut::Withheld(withheld) => Self::Withheld(withheld),
        }
    }
}

/// The application without a window. Clones are the same application.
///
/// Its tasks run on the Tokio runtime on which it was started, and end with [`App::close`] or with
/// the last clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// How long the disk has to take what is under way when the application ends.
pub(crate) const CLOSE_DEADLINE: Duration = Duration::from_secs(10);

/// What the requests work on.
pub(crate) struct Inner {
    pub(crate) world: Arc<World>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) serving: Mutex<Serving>,
    pub(crate) me: Mutex<Me>,
    pub(crate) arguments: Mutex<Vec<String>>,
    pub(crate) installation: Installation,
    /// Where its keys are.
    pub(crate) key_file: Arc<KeyFile<'static>>,
    network: Result<Network, Failure>,
    /// Where machines pair with this one.
    pub(crate) lobby: Arc<Lobby>,
    /// Held while projects are opened, closed, made and deleted, so that this happens one at a time.
    /// Edits do not wait for it.
    pub(crate) lifecycle: tokio::sync::Mutex<()>,
    doors: Mutex<BTreeMap<ProjectId, Door>>,
    backups: Mutex<Option<Backups>>,
    pub(crate) sweeps: Mutex<Option<Sweeps>>,
    /// As which actors programs write.
    pub(crate) program_actors: Mutex<BTreeMap<(ProjectId, AuthorId, PersonId), [u8; 16]>>,
}

impl App {
    /// Starts with the projects in the data directory. Call it on a Tokio runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let data_dir = options.data_dir.clone();
        let store = tokio::task::spawn_blocking(move || store::open(&data_dir));
        let store = store.await.map_err(|_| StoreError::Closed)??;
        Self::start_on(store, options).await
    }

    /// Starts on a store that is open already.
    pub async fn start_on(store: Arc<dyn Store>, options: Options) -> Result<Self, StartError> {
        let key_file = Arc::new(options.key_file());
        let (file, passphrase) = (Arc::clone(&key_file), options.passphrase.clone());
        let keys = tokio::task::spawn_blocking(move || file.open(passphrase.as_deref()));
        let keys = keys.await.map_err(|_| StoreError::Closed)??;
        Ok(Self::start_as(keys, key_file, store, options).await?)
    }

    /// Starts as the device that has these keys.
    pub(crate) async fn start_as(
        keys: DeviceKeys,
        key_file: Arc<KeyFile<'static>>,
        store: Arc<dyn Store>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let world = Arc::new(World::new(store, options.clock));
        let (start, keys) = (Arc::clone(&world), Arc::new(keys));
        let kept =
            tokio::task::spawn_blocking(move || opening::kept(&*start.store, || keys, start.now()));
        let kept = kept.await.map_err(|_| StoreError::Closed)??;
        let installation = kept.installation;
        let lobby = Arc::new(Lobby::new(Arc::clone(&world)));
        let network = match &options.network {
            Some(network) => {
                let clock = world.clock();
                let own = relay::Identity::new(&installation.keys.signing);
                let kept = (&kept.settings, kept.relays, kept.ports);
                Network::start(network, own, clock, kept, Arc::clone(&lobby))
            }
            None => Err(Failure::cannot_share()),
        };
        if let Ok(network) = &network {
            let ports = network.ports();
            // One that cannot be kept is good until the end.
            let keep = world.blocking(move |world| ports.keep(&*world.store));
            keep.await.ok();
        }
        let backups = Backups::start(Arc::clone(&world));
        let inner = Arc::new(Inner {
            world,
            settings: Mutex::new(kept.settings),
            serving: Mutex::default(),
            me: Mutex::new(kept.me),
            arguments: Mutex::new(options.arguments),
            installation,
            key_file,
            network,
            lobby,
            lifecycle: tokio::sync::Mutex::new(()),
            doors: Mutex::default(),
            backups: Mutex::new(Some(backups)),
            sweeps: Mutex::default(),
            program_actors: Mutex::default(),
        });
        inner.lobby.belong(Arc::downgrade(&inner));
        inner.begin_sweeps();
        Ok(Self(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Carries a request out.
    pub async fn call(&self, request: Request) -> Result<Reply, Failure> {
        requests::call(&self.0, request).await
    }

    /// The same for a host that has the request as JSON and wants `{"ok": reply}` or `{"failed": failure}` back.
    pub async fn call_json(&self, request: &[u8]) -> Vec<u8> {
        let answer = match serde_json::from_slice(request) {
            Ok(Request::Snapshot { project }) => match self.0.snapshot_json(project).await {
                Ok(json) => return json,
                Err(failure) => Err(failure),
            },
            Ok(request) => self.call(request).await,
            Err(error) => Err(Failure::bad_request(&error)),
        };
        to_json(&answer)
    }

    /// Everything that happens from now on. A receiver that lags must take new snapshots.
    pub fn events(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.world.listen()
    }

    /// The same for a page, which takes those of one frame together.
    pub fn batches(&self) -> Batches {
        Batches::new(self.events())
    }

    /// Whether the disk takes nothing for as long as the application runs: what is on it is shown, and edits stay in memory.
    pub fn is_read_only(&self) -> bool {
        self.0.world.store.is_read_only()
    }

    /// What the person has set.
    pub fn settings(&self) -> Settings {
        locked(&self.0.settings).clone()
    }

    /// Takes over what a second start of the application was given.
    pub fn hand_over(&self, arguments: Vec<String>) {
        let event = Event::Arguments {
            arguments: arguments.clone(),
        };
        if !self.0.world.emit(event) {
            // The first window asks for them when it starts.
            locked(&self.0.arguments).extend(arguments);
        }
    }

    /// Ends: every open project is on disk, and the data directory is free. If the disk takes no
    /// writes this fails and the application goes on, with every edit still in memory.
    pub async fn close(&self) -> Result<(), Failure> {
        let _alone = self.0.lifecycle.lock().await;
        for project in self.0.open_projects() {
            self.0.close(project).await?;
        }
        locked(&self.0.backups).take();
        locked(&self.0.sweeps).take();
        let era = self.0.installation.era;
        let close = self.0.world.blocking(move |world| {
            // An era that could not be kept when it began must not be taken for one that ended well.
            if !world.store.is_read_only() {
                identity::keep(&*world.store, era)?;
            }
            world.store.close(CLOSE_DEADLINE)
        });
        close.await?;
        self.0.lobby.close();
        if let Ok(network) = self.0.network() {
            network.close().await;
        }
        Ok(())
    }

    /// Lets go of attachments now that nothing has named for long enough; says how many.
    #[cfg(feature = "testing")]
    pub async fn sweep(&self) -> Result<usize, Failure> {
        crate::sweep::sweep(&self.0).await
    }

    /// Looks whether a backup is due, as is done from time to time; says whether it was.
    #[cfg(feature = "testing")]
    pub async fn look_for_backup(&self) -> Result<bool, Failure> {
        let look = self.0.world.blocking(crate::backups::back_up_if_due);
        look.await
    }

    /// Shares a project in the open way of earlier versions.
    #[cfg(feature = "testing")]
    pub async fn share_openly(&self, project: ProjectId) -> Result<(), Failure> {
        requests::invite::share(&self.0, project, true).await
    }

    /// Makes the task of an open project panic.
    #[cfg(feature = "testing")]
    pub async fn plant_defect(&self, project: ProjectId) -> Result<(), Failure> {
        self.0.door(project)?.panic().await
    }
}

impl Inner {
    /// The way to an open project.
    pub(crate) fn door(&self, project: ProjectId) -> Result<Door, Failure> {
        match locked(&self.doors).get(&project) {
            Some(door) if door.is_open() => Ok(door.clone()),
            Some(_) => Err(Failure::crashed()),
            None => Err(Failure::not_open()),
        }
    }

    /// The projects that are open.
    pub(crate) fn open_projects(&self) -> Vec<ProjectId> {
        let doors = locked(&self.doors);
        let open = doors.iter().filter(|(_, door)| door.is_open());
        open.map(|(project, _)| *project).collect()
    }

    /// Asks an open project.
    pub(crate) async fn ask(&self, project: ProjectId, request: Request) -> Result<Reply, Failure> {
        match self
            .door(project)?
            .ask(Ask::Request(Box::new(request)))
            .await?
        {
            Answer::Reply(reply) => Ok(*reply),
            _ => {
                unreachable!("a request is answered by a reply")
            }
        }
    }

    /// The reply to [`Request::Snapshot`] on the wire.
    async fn snapshot_json(&self, project: ProjectId) -> Result<Vec<u8>, Failure> {
        match self.door(project)?.ask(Ask::Snapshot).await? {
            Answer::Json(json) => Ok(json),
            _ => unreachable!("asking for a snapshot is answered by JSON"),
        }
    }

    /// Opens a project unless it is open, and says what was noticed. The caller holds `lifecycle`.
    pub(crate) async fn open(&self, project: ProjectId) -> Result<Vec<String>, Failure> {
        self.open_watched(project, &Progress::default()).await
    }

    /// The same, unless it is cancelled while the project is being read.
    pub(crate) async fn open_watched(
        &self,
        project: ProjectId,
        progress: &Progress,
    ) -> Result<Vec<String>, Failure> {
        if self.door(project).is_ok() {
            return Ok(Vec::new());
        }
        let (era, me) = (self.installation.era, locked(&self.me).clone());
        let load = self
            .world
            .blocking(move |world| opening::load(&*world.store, era, &me, project));
        let mut loaded = tokio::select! {
            loaded = load => loaded?,
            // What is being read is of no use to anybody, and changes nothing.
            () = progress.cancelled() => return Err(Failure::cancelled()),
        };
        progress.commit()?;
        let profile = locked(&self.me).profile.clone();
        let notify = locked(&self.settings).notify;
        let is_current = loaded.project.shows(&profile);
        loaded.project.notify(notify);
        let door = Door::open(Arc::clone(&self.world), loaded.project);
        if !is_current {
            door.tell(Input::Profile(profile)).await?;
        }
        locked(&self.doors).insert(project, door);
        // Nobody is kept from a project because others cannot be reached.
        self.enter_room(project).await.ok();
        Ok(loaded.notices)
    }

    /// What the person here calls herself; empty if she was not asked yet.
    pub(crate) fn name(&self) -> String {
        locked(&self.me).profile.name.clone()
    }

    /// How this installation reaches others, or why it does not.
    pub(crate) fn network(&self) -> Result<&Network, Failure> {
        self.network.as_ref().map_err(Clone::clone)
    }

    /// What an open project's room holds; none if it is in no room.
    pub(crate) async fn load_room(&self, project: ProjectId) -> Result<Option<Ready>, Failure> {
        let me = self.installation.clone();
        let load = self
            .world
            .blocking(move |world| rooms::load(&*world.store, &me, project));
        load.await
    }

    /// Lets an open project meet others, if it is in a room.
    pub(crate) async fn enter_room(&self, project: ProjectId) -> Result<(), Failure> {
        let network = self.network()?;
        if let Some(ready) = self.load_room(project).await? {
            let room = ready.setup.membership.room();
            let world = Arc::clone(&self.world);
            let tell = move |links| {
                world.emit(Event::Links { project, links });
            };
            let is_open = ready.setup.membership.is_open();
            let entrance = network.enter(room, is_open, &ready.places, Box::new(tell));
            self.door(project)?.share(ready.setup, entrance).await?;
        }
        Ok(())
    }

    /// Closes a project if it is open. The caller holds `lifecycle`.
    pub(crate) async fn close(&self, project: ProjectId) -> Result<(), Failure> {
        let Ok(door) = self.door(project) else {
            locked(&self.doors).remove(&project);
            return Ok(());
        };
        self.keep_acquaintances(project).await.ok();
        match door.close().await {
            // It crashed on the way; what is not saved by now will not be.
            Err(failure) if door.is_open() => Err(failure),
            _ => {
                locked(&self.doors).remove(&project);
                Ok(())
            }
        }
    }

    /// Asks a project that need not be open. The caller holds `lifecycle`.
    pub(crate) async fn visit(&self, project: ProjectId, ask: Ask) -> Result<Answer, Failure> {
        let was_open = self.door(project).is_ok();
        self.open(project).await?;
        let answer = self.door(project)?.ask(ask).await;
        if !was_open {
            self.close(project).await?;
        }
        answer
    }
}

/// The answer on the wire.
pub(crate) fn to_json(answer: &Result<Reply, Failure>) -> Vec<u8> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    enum Wire<'a> {
        Ok(&'a Reply),
        Failed(&'a Failure),
    }
    let wire = match answer {
        Ok(reply) => Wire::Ok(reply),
        Err(failure) => Wire::Failed(failure),
    };
    serde_json::to_vec(&wire).expect("replies and failures become JSON")
}
