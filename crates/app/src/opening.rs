//! Bringing projects into memory and making new ones. Everything here waits for the disk.

mod culprits;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use graph::time::Timestamp;
use graph::{LoadError, NewProject, Project as Graph, StoredDocument, StoredHistory};
use store::{
    Document, Loaded, LoadedDocument, ProjectRecord, Quarantined, QuarantinedKind, Seq, Snapshot,
    Store, StoreError,
};
use uuid::Uuid;

use crate::device_keys::DeviceKeys;
use crate::failure::Failure;
use crate::history;
use crate::me::Me;
use crate::network::Ports;
use crate::pins::{self, Place, Scope};
use crate::progress::Progress;
use crate::project::{Project, Tail};
use crate::request::ProjectId;
use crate::rooms::Installation;
use crate::settings::Settings;
use crate::world::{World, new_id, random_id};
use crate::{address, catalogue, identity};

/// What an installation remembers.
pub(crate) struct Kept {
    pub(crate) settings: Settings,
    /// The relays of the settings, and who was found there.
    pub(crate) relays: Vec<Place>,
    /// Where it listened before.
    pub(crate) ports: Ports,
    pub(crate) me: Me,
    pub(crate) installation: Installation,
}

/// Reads what an installation remembers.
pub(crate) fn kept(
    store: &dyn Store,
    keys: impl FnOnce() -> Arc<DeviceKeys>,
    now: Timestamp,
) -> Result<Kept, StoreError> {
    let now_ms = u64::try_from(now.0).unwrap_or_default();
    identity::forget_name(store);
    let settings = store.setting(Settings::SETTING)?;
    let settings = settings.and_then(|json| serde_json::from_str::<Settings>(&json).ok());
    let settings = settings.unwrap_or_default().in_range();
    Ok(Kept {
        relays: relays(store, &settings)?,
        ports: Ports::load(store)?,
        settings,
        me: Me::load(store)?,
        installation: Installation {
            keys: keys(),
            era: identity::era(store),
            session: identity::session(store, now_ms),
        },
    })
}

/// The relays of the settings. Those that are no addresses are passed over.
pub(crate) fn relays(store: &dyn Store, settings: &Settings) -> Result<Vec<Place>, StoreError> {
    let typed = settings.relays.iter();
    let typed = typed.filter_map(|it| address::typed(it).ok());
    typed
        .map(|it| pins::place(store, Scope::Relays, it))
        .collect()
}

/// A project ready to be opened.
pub(crate) struct Ready {
    pub(crate) project: Project,
    /// What was noticed on the way, for people.
    pub(crate) notices: Vec<String>,
}

/// So long may the disk take for what is to be written before a project is read.
const FLUSH: Duration = Duration::from_secs(30);

/// Reads a project of the catalogue and signs its author on.
///
/// A project that fell over a moment ago may have left chunks that are still to be written. Read without them, its actor would
/// count the same numbers again.
pub(crate) fn load(store: &dyn Store, era: Uuid, me: &Me, id: ProjectId) -> Result<Ready, Failure> {
    // What the disk refuses is refused for good.
    if let Err(error @ StoreError::TimedOut) = store.flush(FLUSH) {
        return Err(error.into());
    }
    let mut loaded = store.load(id.into())?;
    let mut notices: Vec<String> = loaded.quarantined.iter().map(quarantine_notice).collect();
    let documents = loaded.documents.iter();
    let tails: Vec<_> = documents
        .map(|(document, loaded)| (*document, Tail::of(loaded)))
        .collect();
    let undo = loaded.undo.remove(&history::author_key(me.author));
    let others_undo = std::mem::take(&mut loaded.undo);
    let (graph, found) = culprits::read_without(store, id, loaded)?;
    notices.extend(found);
    let signature = me.signature(identity::actor(store, era, id, me.person));
    let history = undo.map(history::read).unwrap_or_default();
    let mut project = Project::new(id, graph, signature, &history);
    project.keep_undo(others_undo);
    for (document, tail) in tails {
        project.tail_was_loaded(document, tail);
    }
    Ok(Ready { project, notices })
}

/// Makes a project of the catalogue out of a template or a sample.
pub(crate) fn make(
    world: &World,
    me: &Me,
    new: &NewProject,
    template: &str,
) -> Result<ProjectId, Failure> {
    let now = world.now();
    let signature = me.signature(random_id().into_bytes());
    let mut graph = Graph::create(new, signature, new_id(), now)?;
    keep(world, &mut graph, &new.name, template)
}

/// Makes a project of the catalogue out of documents that come from elsewhere: a file or a backup.
/// It gets a new id, and no actor of its documents is used again.
pub(crate) fn adopt(
    world: &World,
    me: &Me,
    documents: Loaded,
    name: Option<&str>,
    template: &str,
    progress: &Progress,
) -> Result<ProjectId, Failure> {
    let (mut graph, _) = read(documents)?;
    graph.require_known_schema().map_err(unreadable)?;
    if let Some(name) = name {
        graph.sign_on(
            me.signature(random_id().into_bytes()),
            &StoredHistory::default(),
        );
        let rename = graph::command::Command::SetProject {
            name: Some(name.to_owned()),
            currency: None,
        };
        graph.apply(me.author, &rename, world.now())?;
    }
    progress.commit()?;
    let name = graph.view().frame().name.clone();
    keep(world, &mut graph, &name, template)
}

/// Puts a project that is only in memory into the catalogue.
pub(crate) fn keep(
    world: &World,
    graph: &mut Graph,
    name: &str,
    template: &str,
) -> Result<ProjectId, Failure> {
    let id = store_new(&*world.store, graph, name, template, world.now())?;
    catalogue::announce(world)?;
    Ok(id)
}

/// The same, of which windows do not hear.
pub(crate) fn store_new(
    store: &dyn Store,
    graph: &mut Graph,
    name: &str,
    template: &str,
    now: Timestamp,
) -> Result<ProjectId, StoreError> {
    let id = ProjectId(new_id());
    // The documents are kept whole, so the single changes that led to them are of no use.
    graph.take_written();
    let documents = vec![
        (
            Document::PROJECT,
            graph.fork(graph::document::Document::Project).save(),
        ),
        (
            Document::COMMENTS,
            graph.fork(graph::document::Document::Comments).save(),
        ),
    ];
    let record = ProjectRecord {
        key: id.into(),
        name: name.to_owned(),
        template: template.to_owned(),
        created_ms: now.0,
        opened_ms: None,
        trashed_ms: None,
        node_count: graph.view().node_count() as u64,
        stats: None,
    };
    store.create_project(&record, documents)?;
    Ok(id)
}

/// The documents as a project, and what was noticed.
pub(crate) fn read(mut loaded: Loaded) -> Result<(Graph, Vec<String>), Failure> {
    let mut take = |document| stored(loaded.documents.remove(&document).unwrap_or_default());
    let (project, comments) = (take(Document::PROJECT), take(Document::COMMENTS));
    let (graph, notices) = Graph::load(project, comments).map_err(unreadable)?;
    Ok((graph, notices))
}

/// What a file holds, as the store gives it.
pub(crate) fn loaded(project: Vec<u8>, comments: Vec<u8>) -> Loaded {
    let whole = |bytes| LoadedDocument {
        snapshot: Some(Snapshot {
            through: Seq(0),
            bytes,
        }),
        chunks: Vec::new(),
    };
    let documents = [
        (Document::PROJECT, whole(project)),
        (Document::COMMENTS, whole(comments)),
    ];
    Loaded {
        documents: documents.into(),
        ..Loaded::default()
    }
}

pub(crate) fn unreadable(error: LoadError) -> Failure {
    let message = match error {
        LoadError::NewerSchema { .. } => {
            "The project was written by a newer version of Talus Tally. Update this one to open it."
        }
        LoadError::NotOurs(_) => "This is not a project of Talus Tally.",
        LoadError::Damaged(_) => {
            "The project is damaged and cannot be read. Restore a backup of it."
        }
    };
    Failure::new(error.code(), message).with_detail(&error)
}

/// Something of it cannot be read.
pub(crate) fn damaged() -> Failure {
    unreadable(LoadError::Damaged("a part was set aside".to_owned()))
}

fn stored(loaded: LoadedDocument) -> StoredDocument {
    StoredDocument {
        snapshot: loaded.snapshot.map(|snapshot| snapshot.bytes),
        changes: loaded.chunks.into_iter().map(|(_, bytes)| bytes).collect(),
    }
}

fn quarantine_notice(found: &Quarantined) -> String {
    let what = match found.kind {
        QuarantinedKind::Chunk => "A change",
        QuarantinedKind::Snapshot => "A saved state",
        QuarantinedKind::UndoEntry => "An undo step",
    };
    format!(
        "{what} was damaged on the disk and was set aside: {}.",
        found.reason
    )
}
