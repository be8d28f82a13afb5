//! An installation without tasks, for simulations: what [`App`](crate::app::App) does when it starts, opens a project and
//! ends, on any store and at any time. What happens to the project then is for the caller, who carries out its effects.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph::id::{AuthorId, PersonId};
use graph::time::Timestamp;
use graph::{NewProject, Project as Graph};
use rand_core::RngCore;
use store::{BlobHash, RoomKey, Store, StoreError, Vault};
use sync::{Frame, LogRange};
use trust::invitation::Invitation;
use trust::{DeviceId, Membership, RoomId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::attachments::{BlobDone, BlobWork, Sealed, content};
use crate::failure::Failure;
use crate::key_file::KeyFile;
use crate::notices::Notices;
use crate::opening::{self, Kept};
use crate::project::{Input, Project};
use crate::request::ProjectId;
use crate::security::KeychainUse;
use crate::world::{Random, random_id};
use crate::{blob_work, identity, links, rooms};

thread_local!(static IDS: RefCell<Option<(u64, u64)>> = const { RefCell::new(None) });

/// From now on this thread draws every id from a seed, or none.
pub fn draw_ids(seed: Option<u64>) {
    IDS.set(seed.map(|seed| (seed, 0)));
}

/// The next id of the seed.
pub(crate) fn drawn_id() -> Option<Uuid> {
    IDS.with_borrow_mut(|ids| {
        let (seed, count) = ids.as_mut()?;
        *count += 1;
        let drawn = [seed.to_be_bytes(), count.to_be_bytes()].concat();
        let bytes = *blake3::hash(&drawn).as_bytes();
        let (id, _) = bytes.split_first_chunk::<16>()?;
        Some(uuid::Builder::from_random_bytes(*id).into_uuid())
    })
}

/// Fills these bytes from the seed; false if there is none.
pub(crate) fn draw(bytes: &mut [u8]) -> bool {
    bytes.chunks_mut(16).all(|chunk| {
        let drawn = drawn_id();
        if let Some(id) = &drawn {
            chunk.copy_from_slice(&id.as_bytes()[..chunk.len()]);
        }
        drawn.is_some()
    })
}

/// Secrets that are kept where everything else is, since a simulated disk has no files.
struct OpenVault<'a>(&'a dyn Store);

impl Vault for OpenVault<'_> {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let kept = self.0.setting(&format!("secret.{name}"))?;
        let kept = kept.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        Ok(kept.map(Zeroizing::new))
    }

    fn keep_secret(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        let text = URL_SAFE_NO_PAD.encode(secret);
        self.0.set_setting(&format!("secret.{name}"), Some(&text))
    }
}

/// An installation that was started.
pub struct Machine {
    kept: Kept,
}

/// A project that was read, and what it is to be given first.
pub struct Opened {
    /// The project.
    pub project: Project,
    /// What was noticed on the way, for people.
    pub notices: Vec<String>,
    /// Its first inputs: a profile that differs, the room.
    pub first: Vec<Input>,
}

impl Machine {
    /// Reads what the installation remembers, as at every start.
    ///
    /// # Errors
    /// What the store says.
    pub fn start(store: &dyn Store, now: Timestamp) -> Result<Self, StoreError> {
        let keys = || {
            let opened = KeyFile::new(OpenVault(store), KeychainUse::Never).open(None);
            Arc::new(opened.expect("nobody has set a passphrase"))
        };
        let kept = opening::kept(store, keys, now)?;
        Ok(Self { kept })
    }

    /// Which device it is.
    pub fn device(&self) -> DeviceId {
        self.kept.installation.device()
    }

    /// Who works at it.
    pub fn person(&self) -> PersonId {
        self.kept.me.person
    }

    /// As which author, whose steps can be undone.
    pub fn author(&self) -> AuthorId {
        self.kept.me.author
    }

    /// Makes a project and puts it into a closed room of its own.
    ///
    /// # Errors
    /// What the template lacks, or what the store says.
    pub fn share(
        &self,
        store: &dyn Store,
        new: &NewProject,
        now: Timestamp,
    ) -> Result<(ProjectId, RoomId), Failure> {
        let signature = self.kept.me.signature(random_id().into_bytes());
        let mut graph = Graph::create(new, signature, random_id(), now)?;
        let mut nonce = [0; 32];
        Random.fill_bytes(&mut nonce);
        let keys = &self.kept.installation.keys;
        let founded = Membership::found(nonce, &keys.signing, &keys.sealing, &mut Random);
        let project = self.enter(store, &mut graph, &founded.0, now)?;
        Ok((project, founded.0.room()))
    }

    /// Makes an empty project in the room of an invitation; its content is for others to send. To be let in is asked of
    /// the open project, with the secret.
    ///
    /// # Errors
    /// What the store says.
    pub fn join(
        &self,
        store: &dyn Store,
        invitation: &Invitation,
        now: Timestamp,
    ) -> Result<ProjectId, Failure> {
        let membership = Membership::begin(&invitation.genesis);
        self.enter(store, &mut Graph::empty(), &membership, now)
    }

    fn enter(
        &self,
        store: &dyn Store,
        graph: &mut Graph,
        membership: &Membership,
        now: Timestamp,
    ) -> Result<ProjectId, Failure> {
        let id = opening::store_new(store, graph, "Shared", "", now)?;
        rooms::found(store, id, membership, &[], &Notices::default())?;
        Ok(id)
    }

    /// Reads a project and its room.
    ///
    /// # Errors
    /// What is damaged, or what the store says.
    pub fn open(&self, store: &dyn Store, project: ProjectId) -> Result<Opened, Failure> {
        let me = &self.kept.me;
        let ready = opening::load(store, self.kept.installation.era, me, project)?;
        let room = rooms::load(store, &self.kept.installation, project)?;
        let is_current = ready.project.shows(&me.profile);
        let profile = (!is_current).then(|| Input::Profile(me.profile.clone()));
        let share = room.map(|room| Input::Share(Box::new(room.setup)));
        Ok(Opened {
            project: ready.project,
            notices: ready.notices,
            first: profile.into_iter().chain(share).collect(),
        })
    }

    /// Ends in order; everything is on the disk, and the numbers can be used on.
    ///
    /// # Errors
    /// When the disk does not take what waits.
    pub fn close(&self, store: &dyn Store) -> Result<(), StoreError> {
        identity::keep(store, self.kept.installation.era)?;
        store.close(Duration::ZERO)
    }
}

/// What an open project shows and holds.
pub fn graph(project: &Project) -> &Graph {
    &project.graph
}

/// Does what [`Effect::Blob`](crate::project::Effect::Blob) asks for; what to feed back, if anything.
pub fn see_to_blob(store: &dyn Store, work: BlobWork) -> Option<BlobDone> {
    blob_work::on_disk(store, work)
}

/// Seals a file and keeps it, as attaching it does.
pub fn seal_file(store: &dyn Store, bytes: &[u8]) -> Result<Sealed, StoreError> {
    let hash = BlobHash(*blake3::hash(bytes).as_bytes());
    content::seal(store.blobs(), hash, &mut &*bytes)
}

/// Draws the stream that [`DrawStream`](crate::project::Effect::DrawStream) asks for.
pub fn fresh_stream(store: &dyn Store, era: Uuid, room: RoomId) -> u64 {
    identity::fresh_stream(store, era, room)
}

/// Reads what [`Outgoing::Replay`](sync::Outgoing::Replay) asks for.
pub fn read_log(
    store: &dyn Store,
    room: RoomId,
    ranges: &[LogRange],
    max_bytes: usize,
) -> Vec<Frame> {
    links::read_log(store, RoomKey(room.0), ranges, max_bytes)
}
