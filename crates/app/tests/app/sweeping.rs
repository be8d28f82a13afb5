//! Attachments that nothing names go, and no others, however the application ends in between.

use std::path::PathBuf;
use std::time::Duration;

use app::request::{ProjectId, Request};
use graph::command::Command;
use graph::id::{BlobId, FieldId, NodeId};
use graph::value::Value;

use crate::desk::{Desk, row};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A node of a project with an attachment, and the name of that.
pub async fn attach(desk: &Desk, project: ProjectId, content: &str) -> (NodeId, BlobId) {
    let node = desk.add_root(project, content).await;
    let path = desk.path("attached.txt");
    std::fs::write(&path, content).unwrap();
    let field = FieldId::from("attachments");
    let request = Request::AttachFile {
        project,
        node,
        field: field.clone(),
        path,
    };
    desk.call(request).await;
    let snapshot = desk.snapshot(project).await;
    let Some(Value::Files(files)) = row(&snapshot, node).4.get(&field) else {
        panic!("nothing is attached")
    };
    (node, files.keys().next().unwrap().clone())
}

fn is_there(desk: &Desk, blob: &BlobId) -> bool {
    let name = blob.as_str();
    let path = PathBuf::from(desk.path("data/blobs"));
    path.join(&name[..2]).join(name).exists()
}

/// Sweeps today and after the grace period; says how many went.
async fn sweep_twice(desk: &Desk) -> usize {
    assert_eq!(desk.app.sweep().await.unwrap(), 0);
    desk.pass(6 * DAY);
    assert_eq!(desk.app.sweep().await.unwrap(), 0, "it is too soon");
    desk.pass(2 * DAY);
    desk.app.sweep().await.unwrap()
}

#[tokio::test]
async fn what_anything_names_stays() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let (_, live) = attach(&desk, project, "live").await;
    let (trashed, in_trash) = attach(&desk, project, "in the trash").await;
    let nodes = vec![trashed];
    desk.apply(project, Command::TrashNodes { nodes }).await;
    let (node, undoable) = attach(&desk, project, "undoable").await;
    let detach = Command::Detach {
        node,
        field: FieldId::from("attachments"),
        blob: undoable.clone(),
    };
    desk.apply(project, detach).await;
    let closed = desk.create("blank", false).await;
    let (_, elsewhere) = attach(&desk, closed, "in a project in the trash").await;
    desk.call(Request::CloseProject { project: closed }).await;
    desk.call(Request::TrashProject { project: closed }).await;
    assert_eq!(sweep_twice(&desk).await, 0);
    for blob in [&live, &in_trash, &undoable, &elsewhere] {
        assert!(is_there(&desk, blob));
    }
    let desk = desk.restart().await;
    assert_eq!(sweep_twice(&desk).await, 0);
    desk.open(project).await;
    desk.call(Request::Undo { project }).await;
    let undone = desk.snapshot(project).await;
    assert!(
        row(&undone, node)
            .4
            .contains_key(&FieldId::from("attachments"))
    );
}

#[tokio::test]
async fn what_a_deleted_project_named_goes_with_its_backups() {
    let desk = Desk::new().await;
    let kept = desk.create("blank", false).await;
    let (_, shared) = attach(&desk, kept, "in both").await;
    let project = desk.create("blank", false).await;
    let (_, sealed_again) = attach(&desk, project, "in both").await;
    assert_ne!(shared, sealed_again);
    let (_, own) = attach(&desk, project, "its own").await;
    desk.call(Request::BackUp).await;
    desk.call(Request::TrashProject { project }).await;
    desk.call(Request::PurgeProject { project }).await;
    assert_eq!(sweep_twice(&desk).await, 0, "the backup names it");
    // Nobody takes a backup while they are removed.
    let backups = PathBuf::from(desk.path("data/backups"));
    let desk = desk.closed().await;
    std::fs::remove_dir_all(backups).unwrap();
    let desk = desk.open().await;
    // Noted by the one, removed by another: what is unnamed is known after a restart.
    assert_eq!(desk.app.sweep().await.unwrap(), 0);
    let desk = desk.restart().await;
    desk.pass(8 * DAY);
    assert_eq!(desk.app.sweep().await.unwrap(), 2);
    assert!(!is_there(&desk, &own) && !is_there(&desk, &sealed_again));
    assert!(is_there(&desk, &shared));
    assert_eq!(desk.app.sweep().await.unwrap(), 0);
}

/// One that went to the disk and came to nothing, and one that is named again in time.
#[tokio::test]
async fn what_was_never_attached_goes_and_what_is_attached_again_stays() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let path = desk.path("attached.txt");
    std::fs::write(&path, "again").unwrap();
    let attach_to_nothing = |path: &str| Request::AttachFile {
        project,
        node: NodeId(uuid::Uuid::from_u128(1)),
        field: FieldId::from("attachments"),
        path: path.to_owned(),
    };
    desk.refused(attach_to_nothing(&path)).await;
    std::fs::write(&path, "never").unwrap();
    desk.refused(attach_to_nothing(&path)).await;
    assert_eq!(desk.app.sweep().await.unwrap(), 0);
    desk.pass(8 * DAY);
    let (_, again) = attach(&desk, project, "again").await;
    assert_eq!(desk.app.sweep().await.unwrap(), 2);
    assert!(is_there(&desk, &again));
}
