//! What is on the disks once everybody has closed.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use graph::document::Document;
use graph::{Project, StoredDocument};
use store::{LoadedDocument, RoomKey, SqliteStore, Store, Vector};

/// What a desk has on its disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// Frames of the room.
    pub held: Vector,
    /// Heads of both documents.
    pub heads: [Vec<String>; 2],
}

/// Reads a desk's disk.
pub fn of_desk(dir: &Path, room: RoomKey) -> Result<Kept> {
    let store = SqliteStore::open(dir)?;
    ensure!(
        store.opened().clean,
        "{} was not closed in order",
        dir.display()
    );
    let record = store.projects()?.into_iter().next();
    let project = record.context("there is no project")?.key;
    let mut loaded = store.load(project)?;
    ensure!(loaded.quarantined.is_empty(), "{:?}", loaded.quarantined);
    let mut take = |document| stored(loaded.documents.remove(&document).unwrap_or_default());
    let (first, second) = (
        take(store::Document::PROJECT),
        take(store::Document::COMMENTS),
    );
    let (graph, notices) = Project::load(first, second)?;
    ensure!(notices.is_empty(), "{notices:?}");
    let heads = |document| {
        let mut heads: Vec<_> = graph
            .heads(document)
            .iter()
            .map(ToString::to_string)
            .collect();
        heads.sort();
        heads
    };
    let heads = [heads(Document::Project), heads(Document::Comments)];
    let held = held(&store, room)?;
    Ok(Kept { held, heads })
}

/// Reads a relay's disk.
pub fn of_relay(dir: &Path, room: RoomKey) -> Result<Vector> {
    held(&SqliteStore::open(dir)?, room)
}

fn held(store: &SqliteStore, room: RoomKey) -> Result<Vector> {
    let loaded = store.rooms().load(room)?;
    ensure!(loaded.quarantined.is_empty(), "{:?}", loaded.quarantined);
    store.close(Duration::from_secs(30))?;
    Ok(loaded.vector)
}

fn stored(loaded: LoadedDocument) -> StoredDocument {
    StoredDocument {
        snapshot: loaded.snapshot.map(|snapshot| snapshot.bytes),
        changes: loaded.chunks.into_iter().map(|(_, bytes)| bytes).collect(),
    }
}
