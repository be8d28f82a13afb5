//! What is kept on this machine: projects as snapshots and chunks, undo stacks, rooms, settings, the catalogue, blobs.
//!
//! # The contract
//!
//! The caller appends opaque *chunks* to a *document* of a *project* and is told twice what became of each:
//!
//! | word | means | survives | so the caller may |
//! |---|---|---|---|
//! | [`Written`](Acknowledgement::Written) | committed, left to the operating system | `kill -9`, a panic | forward it, answer a request |
//! | [`Durable`](Acknowledgement::Durable) | synced to the disk | a loss of power | call it saved, acknowledge it to another machine |
//! | [`Failed`](Acknowledgement::Failed) | not written, not even in part | | keep it and offer it again |
//!
//! - A chunk, its edits of undo stacks and its frames are one commit: all are there or none.
//! - The chunks of one project are written in the order appended, and without a hole: after a failure every later chunk
//!   of that project is refused ([`StoreError::Stalled`]) until [`Store::retry`] finds the disk willing. The caller then
//!   appends what it kept, oldest first. So what is on the disk is always a prefix of what was appended.
//! - `append` never waits. All share one writer, which commits everything that is waiting as one group and syncs once it
//!   has caught up, or after a few milliseconds if it cannot. What a power loss takes is the newest writes.
//! - What is appended to a room ([`Rooms::append`]) is answered in the same way. A store may hold rooms and no project.
//! - Everything else ([`Store::create_project`], settings, [`Store::compact`] ...) blocks until it is durable; call it
//!   off the threads that must not wait. An error from it may come after it took effect: the sync may be what failed.
//! - Each row carries a checksum. What does not match is set aside and reported, the rest loads. A compaction keeps the
//!   snapshot before the newest and the chunks since, so a damaged snapshot costs nothing.
//! - [`Opened::fresh_identity_needed`] says when numbers handed out earlier may have been lost or may live on elsewhere.
//!
//! # When the disk refuses
//!
//! [`Store::state`] says what is wrong, [`Store::watch`] when it changes. The caller keeps every chunk until it is
//! `Written`, in the order appended, and goes on editing. After a failure it appends nothing more of that project and
//! calls [`Store::retry`] from time to time; when that succeeds, each chunk appended before has had its answer, and the
//! caller appends what it kept, oldest first. A chunk that was `Written` and is not yet `Durable` when a sync fails has
//! not failed: the store syncs again with the next write, `retry` or `flush`, and says `Durable` when it is true.
//!
//! # What is not here
//!
//! No document format, no network, no async, no clock for what is kept: time arrives as an argument. Blobs are not in
//! backups: they never change, and stay until they are removed.

#![allow(
    clippy::disallowed_methods,
    reason = "the store is a shell: files, deadlines and threads are its business"
)]

mod backup;
mod blobs;
mod catalogue;
mod checksum;
mod chunk;
mod data_dir;
mod error;
#[cfg(feature = "testing")]
pub mod fault;
#[cfg(not(feature = "testing"))]
mod fault;
mod key;
mod keychain;
mod loaded;
mod machine;
mod memory;
mod opened;
mod read_only;
mod room;
mod sqlite;
mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod vault;

use std::{ops::ControlFlow, time::Duration};

pub use self::{
    backup::{Backup, Keep, Watch, rotate},
    blobs::{Blobs, MAX_BLOB_BYTES},
    catalogue::ProjectRecord,
    chunk::{
        Acknowledge, Acknowledgement, Chunk, Document, MAX_CHUNK_BYTES, MAX_UNDO_ENTRIES, Seq,
        UndoEdit, UndoStack, UndoWrite,
    },
    error::{Result, StoreError},
    key::{AuthorKey, BlobHash, NotAKey, ProjectKey, RoomKey},
    keychain::{KEYCHAIN_ASKING, KEYCHAIN_DEADLINE, Keychain, KeychainError, SystemKeychain},
    loaded::{Loaded, LoadedDocument, Quarantined, QuarantinedKind, Snapshot, UndoStacks},
    memory::MemoryStore,
    opened::Opened,
    read_only::{ReadOnlyStore, open},
    room::{
        Frame, LoadedRoom, MAX_FRAME_BYTES, QuarantinedPart, RoomPart, RoomWrite, Rooms, StreamKey,
        Vector,
    },
    sqlite::{
        Examined, Extent, SqliteOptions, SqliteStore, SyncFile, Vfs, copy_data, examine_data,
    },
    state::{Observer, State},
    vault::{FileVault, Vault},
};

/// Where projects live. The crate's page has the contract; the conformance suite holds every implementation to it.
pub trait Store: Send + Sync {
    /// What was found at opening.
    fn opened(&self) -> Opened;

    /// Whether nothing can be written for as long as the store is open.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Whether the last write succeeded.
    fn state(&self) -> State;

    /// Tells `observer` of every later change of the state.
    fn watch(&self, observer: Observer);

    /// All projects, those in the trash too, by key.
    fn projects(&self) -> Result<Vec<ProjectRecord>>;

    /// Adds a project with what its documents hold at first, all or nothing.
    fn create_project(
        &self,
        record: &ProjectRecord,
        documents: Vec<(Document, Vec<u8>)>,
    ) -> Result<()>;

    /// Replaces the record of the project of that key.
    fn update_project(&self, record: &ProjectRecord) -> Result<()>;

    /// Removes a project and all it has, for ever. Blobs stay: another project may name them.
    fn delete_project(&self, project: ProjectKey) -> Result<()>;

    /// Appends a chunk. Returns at once; `acknowledge` learns the rest, in the order appended.
    fn append(&self, project: ProjectKey, chunk: Chunk, acknowledge: Acknowledge);

    /// Tries whether the disk takes writes again. If so, this project's chunks are accepted from here on.
    fn retry(&self, project: ProjectKey) -> Result<()>;

    /// Reads a project. What is damaged is set aside and listed, and is no error.
    fn load(&self, project: ProjectKey) -> Result<Loaded>;

    /// Keeps `snapshot` as the document up to and including the chunk `through`, and deletes the chunks that the
    /// snapshot before it covers. A snapshot older than the newest one is ignored.
    fn compact(
        &self,
        project: ProjectKey,
        document: Document,
        through: Seq,
        snapshot: Vec<u8>,
    ) -> Result<()>;

    /// Sets a chunk aside that is whole but that the caller cannot use, so that it is not met at every opening.
    fn set_aside(
        &self,
        project: ProjectKey,
        document: Document,
        chunk: Seq,
        reason: &str,
    ) -> Result<()>;

    /// Everything of this project that was ever set aside.
    fn quarantined(&self, project: ProjectKey) -> Result<Vec<Quarantined>>;

    /// Waits until everything appended before is durable.
    fn flush(&self, deadline: Duration) -> Result<()>;

    /// Flushes, notes that the store was left in order, and lets go of the directory.
    ///
    /// Whatever it answers, later calls fail with [`StoreError::Closed`]. After an error, and for a store dropped without
    /// this, the next opening finds an unclean close; chunks that were appended are written all the same.
    fn close(&self, deadline: Duration) -> Result<()>;

    /// A setting, as JSON of the caller's making.
    fn setting(&self, key: &str) -> Result<Option<String>>;

    /// Keeps a setting, or removes it.
    fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()>;

    /// The frame logs, of projects and of rooms that no project belongs to.
    fn rooms(&self) -> &dyn Rooms;

    /// The attachments of all projects.
    fn blobs(&self) -> &dyn Blobs;

    /// Copies everything but the blobs, consistently and while work goes on, then deletes what `keep` lets go. What was
    /// appended before is in the copy.
    fn back_up(&self, now_ms: i64, keep: Keep) -> Result<Backup> {
        self.back_up_watched(now_ms, keep, &|_, _| ControlFlow::Continue(()))
    }

    /// The same; `watch` hears how far it is and may break it off ([`StoreError::Stopped`]), which leaves nothing.
    fn back_up_watched(&self, now_ms: i64, keep: Keep, watch: &Watch) -> Result<Backup>;

    /// The backups there are, newest first.
    fn backups(&self) -> Result<Vec<Backup>>;

    /// The projects in a backup.
    fn backup_projects(&self, backup: &str) -> Result<Vec<ProjectRecord>>;

    /// Reads a project out of a backup. Bring it back as an import, with a fresh identity: its numbers live on.
    fn load_backup(&self, backup: &str, project: ProjectKey) -> Result<Loaded>;
}
