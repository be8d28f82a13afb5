//! A project that a newer version has changed: it can be read, and nothing is written beside what is not known here (F3).

use app::event::Event;
use app::request::{ProjectId, Request};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT, ReadDoc};
use graph::command::Command;
use graph::{Project, StoredDocument};
use store::{Chunk, Document, Store};

use crate::desk::{DEADLINE, Desk, heard};
use crate::sharing::{free_address, two};

/// Writes to the disk what a newer version would have written there.
fn write_newer(store: &dyn Store, project: ProjectId) {
    let key = store::ProjectKey(project.0.into_bytes());
    let mut loaded = store.load(key).unwrap();
    let mut of = |document| {
        let loaded = loaded.documents.remove(&document).unwrap_or_default();
        StoredDocument {
            snapshot: loaded.snapshot.map(|snapshot| snapshot.bytes),
            changes: loaded.chunks.into_iter().map(|(_, bytes)| bytes).collect(),
        }
    };
    let documents = (of(Document::PROJECT), of(Document::COMMENTS));
    let (graph, _) = Project::load(documents.0, documents.1).unwrap();
    let saved = graph.fork(graph::document::Document::Project).save();
    let mut newer = Automerge::load(&saved).unwrap();
    let before = newer.get_heads();
    let mut edit = newer.transaction();
    let (_, meta) = edit.get(ROOT, "meta").unwrap().unwrap();
    edit.put(&meta, "schema", 99_u64).unwrap();
    edit.commit();
    let change = newer.get_changes(&before)[0].raw_bytes().to_vec();
    store.append(key, Chunk::new(Document::PROJECT, change), Box::new(|_| {}));
}

async fn assert_read_only(desk: &Desk, project: ProjectId) {
    let command = Command::SetProject {
        name: Some("Changed here".to_owned()),
        currency: None,
    };
    let refused = desk.refused(Request::Apply { project, command }).await;
    assert_eq!(refused.code, "NEEDS_UPDATE");
    let snapshot = desk.snapshot(project).await;
    assert_eq!(snapshot.frame.needs_update, Some(refused));
    assert!(!snapshot.nodes.is_empty(), "it is shown");
}

#[tokio::test]
async fn f3_a_project_of_a_newer_schema_is_only_read_wherever_it_comes() {
    let two = two().await;
    let mut events = two.ana.app.events();
    let at_bens = two.at_bens;
    let closed = two.ben.closed().await;
    {
        let store = closed.store();
        write_newer(&store, at_bens);
        store.close(DEADLINE).unwrap();
    }
    let ben = closed.open_shared(free_address().await).await;
    ben.open(at_bens).await;
    assert_read_only(&ben, at_bens).await;
    // It is sent like every change, and the other window hears of it.
    heard(&mut events, |event| match event {
        Event::Changed(changed) => changed.frame.as_ref()?.needs_update.clone(),
        _ => None,
    })
    .await;
    assert_read_only(&two.ana, two.at_anas).await;
    // A file of it is for who has the newer version.
    let path = ben.path("newer.talus");
    let export = Request::ExportProject {
        project: at_bens,
        path: path.clone(),
    };
    ben.call(export).await;
    let refused = ben.refused(Request::ImportProject { path }).await;
    assert_eq!(refused.code, "NEWER_SCHEMA");
}
