//! Files that leave and enter: projects, attachments, backups.

use std::fs;
use std::time::Duration;

use app::event::{Event, SaveState};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use graph::command::Command;
use graph::id::{BlobId, CommentId, FieldId, NodeId};
use graph::template::FieldKind;
use graph::value::Value;
use uuid::Uuid;

use crate::desk::{Desk, content, heard, opened, opened_beside, row, shown};

/// A node with a file field.
async fn node_for_files(desk: &Desk, project: ProjectId) -> (NodeId, FieldId) {
    let snapshot = desk.snapshot(project).await;
    let template = &snapshot.frame.template;
    let files = |id: &FieldId| {
        let field = template.fields.iter().find(|field| field.id == *id);
        field.is_some_and(|field| field.kind == FieldKind::Files)
    };
    let found = snapshot.nodes.iter().find_map(|row| {
        let node_type = template.types.iter().find(|t| t.id == row.3)?;
        let placement = node_type.fields.iter().find(|p| files(&p.field))?;
        Some((row.0, placement.field.clone()))
    });
    found.expect("a template has a field for files")
}

async fn attach(desk: &Desk, project: ProjectId, bytes: &[u8]) -> BlobId {
    let (node, field) = node_for_files(desk, project).await;
    let path = desk.path("photo.png");
    fs::write(&path, bytes).unwrap();
    let attach = Request::AttachFile {
        project,
        node,
        field: field.clone(),
        path,
    };
    desk.call(attach).await;
    let snapshot = desk.snapshot(project).await;
    let Value::Files(files) = &row(&snapshot, node).4[&field] else {
        panic!("no files")
    };
    let (blob, file) = files.first_key_value().unwrap();
    assert_eq!(
        (file.name.as_str(), file.media_type.as_str()),
        ("photo.png", "image/png")
    );
    assert_eq!(file.size_bytes, bytes.len() as u64);
    blob.clone()
}

#[tokio::test]
async fn a_project_travels_in_one_file_with_comments_history_and_attachments() {
    let desk = Desk::new().await;
    let project = desk.create("vehicle-restoration", true).await;
    let blob = attach(&desk, project, &[7; 100_000]).await;
    let node = desk.snapshot(project).await.nodes[0].0;
    let comment = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node,
        reply_to: None,
        body: "Take this along".to_owned(),
    };
    desk.apply(project, comment).await;
    let path = desk.path("bronco.talus");
    desk.call(Request::ExportProject {
        project,
        path: path.clone(),
    })
    .await;
    let before = desk.snapshot(project).await;

    let other = Desk::new().await;
    let imported = opened(
        other
            .call(Request::ImportProject { path: path.clone() })
            .await,
    );
    assert_ne!(imported, project);
    let mut after = shown(other.snapshot(imported).await);
    let mut expected = shown(before);
    (after.project, after.author) = (expected.project, expected.author);
    expected.frame.people.extend(after.frame.people.clone());
    assert_eq!(after, expected);
    let Reply::Details(details) = other
        .call(Request::Inspect {
            project: imported,
            node,
        })
        .await
    else {
        panic!("no details")
    };
    assert_eq!(details.comments[0].body, "Take this along");
    assert!(details.created_by.is_some() && !details.fields.is_empty());
    assert!(!details.comments[0].mine);
    let seal = desk.file(project, &blob).await.seal;
    assert_eq!(
        other.call(Request::ReadAttachment { blob, seal }).await,
        Reply::Bytes {
            base64: STANDARD.encode([7; 100_000])
        }
    );

    // A second import is a second project, which is said: both can be edited.
    let again = opened_beside(other.call(Request::ImportProject { path }).await);
    other.add_root(again, "Here only").await;
    other.add_root(imported, "There only").await;
}

#[tokio::test]
async fn a_closed_project_is_exported_too() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let before = desk.snapshot(project).await;
    desk.call(Request::CloseProject { project }).await;
    let path = desk.path("closed.talus");
    desk.call(Request::ExportProject {
        project,
        path: path.clone(),
    })
    .await;
    assert_eq!(
        desk.refused(Request::Snapshot { project }).await.code,
        "PROJECT_NOT_OPEN"
    );
    let imported = opened_beside(desk.call(Request::ImportProject { path }).await);
    assert_eq!(desk.snapshot(imported).await.nodes, before.nodes);
}

#[tokio::test]
async fn bad_files_are_refused_with_a_code_and_nothing_is_added() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let path = desk.path("good.talus");
    desk.call(Request::ExportProject {
        project,
        path: path.clone(),
    })
    .await;
    let good = fs::read(&path).unwrap();
    let mut newer = good.clone();
    newer[8] = 9;
    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let cases: [(&str, &[u8]); 6] = [
        ("NOT_A_TALUS_FILE", b""),
        ("NOT_A_TALUS_FILE", b"{\"json\": true}"),
        ("FILE_DAMAGED", &good[..good.len() - 10]),
        ("FILE_DAMAGED", &good[..40]),
        ("FILE_DAMAGED", &damaged),
        ("NEWER_SCHEMA", &newer),
    ];
    for (code, bytes) in cases {
        let path = desk.path("bad.talus");
        fs::write(&path, bytes).unwrap();
        assert_eq!(
            desk.refused(Request::ImportProject { path }).await.code,
            code
        );
    }
    let folder = desk.path("");
    assert_eq!(
        desk.refused(Request::ImportProject { path: folder })
            .await
            .code,
        "NOT_A_FILE"
    );
    let missing = desk.path("missing.talus");
    assert_eq!(
        desk.refused(Request::ImportProject { path: missing })
            .await
            .code,
        "FILE_NOT_FOUND"
    );
    let nowhere = desk.path("no/such/folder.talus");
    assert_eq!(
        desk.refused(Request::ExportProject {
            project,
            path: nowhere
        })
        .await
        .code,
        "FILE_NOT_FOUND"
    );
    assert_eq!(desk.projects().await.len(), 1);
}

#[tokio::test]
async fn attachments_are_taken_in_and_written_out() {
    let desk = Desk::new().await;
    let project = desk.create("vehicle-restoration", true).await;
    let blob = attach(&desk, project, b"pixels").await;
    assert_eq!(desk.saved(project, &blob).await, b"pixels");
    let seal = desk.file(project, &blob).await.seal;
    for unknown in ["00".repeat(32).as_str(), "../../etc/passwd"] {
        let request = Request::ReadAttachment {
            blob: BlobId::from(unknown),
            seal: seal.clone(),
        };
        assert_eq!(desk.refused(request).await.code, "ATTACHMENT_NOT_FOUND");
    }
}

/// Its attachment is copied into this installation while it is read; that it ends there is the fault of the file.
#[tokio::test]
async fn a_file_that_ends_within_an_attachment_is_called_incomplete() {
    let desk = Desk::new().await;
    let project = desk.create("vehicle-restoration", true).await;
    attach(&desk, project, &[7; 200_000]).await;
    let path = desk.path("cut.talus");
    let export = Request::ExportProject {
        project,
        path: path.clone(),
    };
    desk.call(export).await;
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 100_000]).unwrap();
    let refused = desk.refused(Request::ImportProject { path }).await;
    assert_eq!(refused.code, "FILE_DAMAGED", "{refused:?}");
    assert!(refused.message.contains("ends too early"), "{refused:?}");
    assert_eq!(desk.projects().await.len(), 1);
}

#[tokio::test]
async fn an_export_leaves_out_what_is_not_there_and_says_so() {
    let desk = Desk::new().await;
    let project = desk.create("vehicle-restoration", true).await;
    let (node, field) = node_for_files(&desk, project).await;
    let attach = Command::Attach {
        node,
        field,
        blob: BlobId::from("ab".repeat(32).as_str()),
        file: graph::value::File {
            name: "elsewhere.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size_bytes: 3,
            seal: None,
        },
    };
    desk.apply(project, attach).await;
    let path = desk.path("partial.talus");
    let export = Request::ExportProject {
        project,
        path: path.clone(),
    };
    assert_eq!(desk.refused(export).await.code, "ATTACHMENTS_MISSING");
    opened_beside(desk.call(Request::ImportProject { path }).await);
}

#[tokio::test]
async fn backups_are_made_expire_and_come_back_beside_the_present_project() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let early = desk.add_root(project, "Early").await;
    desk.call(Request::BackUp).await;
    let early_content = desk.snapshot(project).await;
    let late = desk.add_root(project, "Late").await;
    for _ in 0..30 {
        desk.pass(Duration::from_secs(60 * 60));
        desk.call(Request::BackUp).await;
    }
    let Reply::Backups { backups } = desk.call(Request::ListBackups { project }).await else {
        panic!("no backups")
    };
    assert!(
        (10..20).contains(&backups.len()),
        "{} backups are kept",
        backups.len()
    );
    assert!(backups.is_sorted_by_key(|backup| std::cmp::Reverse(backup.at)));

    let oldest = backups.last().unwrap().name.clone();
    let restored = opened(
        desk.call(Request::RestoreBackup {
            project,
            backup: oldest,
        })
        .await,
    );
    let restored = desk.snapshot(restored).await;
    assert_eq!(restored.frame.name, "My blank (restored)");
    assert!(restored.nodes.iter().any(|row| row.0 == early));
    assert!(
        desk.snapshot(project)
            .await
            .nodes
            .iter()
            .any(|row| row.0 == late)
    );
    assert_eq!(early_content.nodes.len(), 1);

    let unknown = Request::RestoreBackup {
        project,
        backup: "../tally.db".to_owned(),
    };
    assert_eq!(desk.refused(unknown).await.code, "BACKUP_NOT_FOUND");
    let desk = desk.restart().await;
    assert_eq!(desk.projects().await.len(), 2);
    desk.open(project).await;
    let _ = content(desk.snapshot(project).await);
}

async fn backups(desk: &Desk, project: ProjectId) -> usize {
    match desk.call(Request::ListBackups { project }).await {
        Reply::Backups { backups } => backups.len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_backup_is_made_by_itself_when_an_hour_has_passed_and_something_was_changed() {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let desk = Desk::new().await;
    // Nothing is there, so nothing can be lost.
    assert!(!desk.app.look_for_backup().await.unwrap());
    let project = desk.create("blank", false).await;
    desk.app.look_for_backup().await.unwrap();
    assert_eq!(backups(&desk, project).await, 1);

    let mut events = desk.app.events();
    desk.add_root(project, "Too soon").await;
    // What is saved after a backup has begun counts for the next one.
    heard(&mut events, |event| {
        let state = match event {
            Event::Saving { state } => state,
            _ => return None,
        };
        matches!(state, SaveState::Saved { .. }).then_some(())
    })
    .await;
    desk.pass(HOUR / 2);
    assert!(!desk.app.look_for_backup().await.unwrap());
    desk.pass(HOUR);
    assert!(desk.app.look_for_backup().await.unwrap());
    desk.pass(2 * HOUR);
    assert!(
        !desk.app.look_for_backup().await.unwrap(),
        "nothing was changed"
    );
    assert_eq!(backups(&desk, project).await, 2);

    // At a start it is looked at once, whoever of the two comes first.
    desk.add_root(project, "Before the end").await;
    desk.pass(2 * HOUR);
    let desk = desk.restart().await;
    desk.app.look_for_backup().await.unwrap();
    assert_eq!(backups(&desk, project).await, 3);
}
