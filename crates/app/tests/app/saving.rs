//! A disk that does not take what it is given.

use std::sync::Arc;

use app::app::{App, Options};
use app::event::{Event, SaveState};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use graph::command::{Command, Place, Position};
use store::testing::{Fault, TestDisk};
use store::{ReadOnlyStore, SqliteOptions, SqliteStore, Store};
use tokio::sync::broadcast::Receiver;

use crate::desk::{DEADLINE, content, heard, new_node, opened};

struct Desk {
    app: App,
    disk: TestDisk,
    folder: tempfile::TempDir,
    project: ProjectId,
    events: Receiver<Arc<Event>>,
}

fn open(folder: &tempfile::TempDir, disk: &TestDisk) -> Arc<SqliteStore> {
    let options = SqliteOptions {
        vfs: Some(disk.vfs()),
        ..SqliteOptions::default()
    };
    Arc::new(SqliteStore::open_with(folder.path(), options).unwrap())
}

async fn desk() -> Desk {
    let (folder, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open(&folder, &disk);
    let app = App::start_on(store, Options::new(folder.path())).await;
    Desk::make(app.unwrap(), disk, folder).await
}

impl Desk {
    async fn make(app: App, disk: TestDisk, folder: tempfile::TempDir) -> Self {
        let create = Request::CreateProject {
            template: "blank".to_owned(),
            name: "Test".to_owned(),
            sample: false,
        };
        let project = opened(app.call(create).await.unwrap());
        let events = app.events();
        Self {
            app,
            disk,
            folder,
            project,
            events,
        }
    }

    async fn edit(&self) {
        let command = Command::CreateNode {
            node: new_node(),
            node_type: "item".into(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: Vec::new(),
        };
        let project = self.project;
        let apply = Request::Apply { project, command };
        self.app.call(apply).await.unwrap();
    }

    async fn snapshot(&self) -> app::reply::Snapshot {
        let project = self.project;
        match self.app.call(Request::Snapshot { project }).await.unwrap() {
            Reply::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    async fn saved(&mut self) {
        heard(&mut self.events, |event| match event {
            Event::Saving {
                state: SaveState::Saved { .. },
            } => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until so many edits are told to be in memory only, and says why.
    async fn unsaved(&mut self, edits: u32) -> String {
        heard(&mut self.events, |event| match event {
            Event::Saving {
                state: SaveState::Unsaved { code, pending, .. },
            } if *pending >= edits => Some(code.clone()),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn editing_goes_on_while_the_disk_is_full_and_is_saved_when_there_is_space() {
    for (fault, code) in [
        (Fault::Full, "DISK_FULL"),
        (Fault::ReadOnly, "DISK_READ_ONLY"),
        (Fault::Write, "DISK_FAILED"),
        (Fault::Sync, "DISK_FAILED"),
    ] {
        let mut desk = desk().await;
        desk.edit().await;
        desk.saved().await;
        desk.disk.set_fault(Some(fault));
        for _ in 0..5 {
            desk.edit().await;
        }
        assert_eq!(desk.unsaved(5).await, code, "{fault:?}");
        let project = desk.project;
        let refused = desk.app.call(Request::CloseProject { project }).await;
        assert_eq!(refused.unwrap_err().code, code, "{fault:?}");
        desk.edit().await;
        let before = desk.snapshot().await;
        assert_eq!(before.nodes.len(), 7);

        desk.disk.set_fault(None);
        desk.app.call(Request::RetrySaving).await.unwrap();
        desk.saved().await;
        desk.app.close().await.unwrap();
        let Desk {
            app, folder, disk, ..
        } = desk;
        drop(app);
        let app = App::start_on(open(&folder, &disk), Options::new(folder.path()))
            .await
            .unwrap();
        app.call(Request::OpenProject { project }).await.unwrap();
        let Reply::Snapshot(after) = app.call(Request::Snapshot { project }).await.unwrap() else {
            panic!("no snapshot")
        };
        assert_eq!(content(*after), content(before), "{fault:?}");
    }
}

#[tokio::test]
async fn writing_is_tried_again_without_being_asked_to() {
    let mut desk = desk().await;
    desk.disk.set_fault(Some(Fault::Full));
    desk.edit().await;
    desk.unsaved(1).await;
    desk.disk.set_fault(None);
    desk.saved().await;
}

#[tokio::test]
async fn a_long_log_is_compacted_while_work_goes_on() {
    let (folder, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open(&folder, &disk);
    let app = App::start_on(store.clone(), Options::new(folder.path()))
        .await
        .unwrap();
    let desk = Desk::make(app, disk, folder).await;
    for _ in 0..1_050 {
        desk.edit().await;
    }
    let key = store::ProjectKey(desk.project.0.into_bytes());
    let compacted = async {
        loop {
            let loaded = store.load(key).unwrap();
            let document = &loaded.documents[&store::Document::PROJECT];
            if document.chunks.len() < 1_000 {
                return document.snapshot.is_some();
            }
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, compacted).await.unwrap());
    let before = desk.snapshot().await;
    let project = desk.project;
    desk.app
        .call(Request::CloseProject { project })
        .await
        .unwrap();
    desk.app
        .call(Request::OpenProject { project })
        .await
        .unwrap();
    assert_eq!(content(desk.snapshot().await), content(before));
}

#[tokio::test]
async fn what_is_not_saved_can_be_exported_to_another_disk() {
    let mut desk = desk().await;
    desk.disk.set_fault(Some(Fault::Full));
    desk.edit().await;
    desk.unsaved(1).await;
    let path = desk.folder.path().join("rescued.talus");
    let export = Request::ExportProject {
        project: desk.project,
        path: path.to_str().unwrap().to_owned(),
    };
    desk.app.call(export).await.unwrap();
    let other = crate::desk::Desk::new().await;
    let import = Request::ImportProject {
        path: path.to_str().unwrap().to_owned(),
    };
    let project = opened(other.call(import).await);
    assert_eq!(other.snapshot(project).await.nodes.len(), 1);
}

/// A directory that is read-only from the start: one reads and edits, and nothing is called saved.
#[tokio::test]
async fn a_read_only_directory_is_opened_and_edits_stay_in_memory() {
    let desk = desk().await;
    desk.edit().await;
    let before = desk.app.call(Request::Snapshot {
        project: desk.project,
    });
    let Reply::Snapshot(before) = before.await.unwrap() else {
        panic!("no snapshot")
    };
    desk.app.close().await.unwrap();
    let Desk {
        folder, project, ..
    } = desk;
    let store = ReadOnlyStore::open(folder.path()).unwrap();
    let app = App::start_on(Arc::new(store), Options::new(folder.path()));
    let app = app.await.unwrap();
    let Reply::Started(started) = app.call(Request::Start).await.unwrap() else {
        panic!("not started")
    };
    assert!(
        matches!(started.saving, SaveState::Unsaved { ref code, pending: 0, .. } if code == "DISK_READ_ONLY"),
        "{:?}",
        started.saving
    );
    let mut events = app.events();
    app.call(Request::OpenProject { project }).await.unwrap();
    let Reply::Snapshot(found) = app.call(Request::Snapshot { project }).await.unwrap() else {
        panic!("no snapshot")
    };
    assert_eq!(content(*found), content(*before));
    let reader = Desk {
        app,
        disk: TestDisk::new(),
        folder,
        project,
        events: events.resubscribe(),
    };
    reader.edit().await;
    heard(&mut events, |event| match event {
        Event::Saving {
            state: SaveState::Unsaved { pending: 1.., .. },
        } => Some(()),
        Event::Saving { state } => panic!("{state:?}"),
        _ => None,
    })
    .await;
    let create = Request::CreateProject {
        template: "blank".to_owned(),
        name: "New".to_owned(),
        sample: false,
    };
    let refused = reader.app.call(create).await.unwrap_err();
    assert_eq!(refused.code, "DISK_READ_ONLY");
    let refused = reader.app.close().await.unwrap_err();
    assert_eq!(refused.code, "DISK_READ_ONLY");
}

#[tokio::test]
async fn what_was_only_read_is_closed_without_a_word() {
    let desk = desk().await;
    desk.app.close().await.unwrap();
    let Desk {
        folder, project, ..
    } = desk;
    let store = ReadOnlyStore::open(folder.path()).unwrap();
    let app = App::start_on(Arc::new(store), Options::new(folder.path()));
    let app = app.await.unwrap();
    app.call(Request::OpenProject { project }).await.unwrap();
    app.close().await.unwrap();
}
