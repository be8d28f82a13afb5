//! What is read of a project to find out whether it is whole, and what is found when it is not.

use app::request::{ProjectId, Request};
use app::verification::{InFile, Verification, verify_file};
use store::{Acknowledgement, Frame, RoomWrite, Store};

use crate::desk::{DEADLINE, Desk};
use crate::sweeping::attach;

async fn verify(desk: &Desk, project: ProjectId) -> Verification {
    desk.app.verify(project).await.unwrap()
}

/// What was lost, by code.
fn lost(found: &Verification) -> Vec<&str> {
    let lost = found.findings.iter().filter(|it| it.is_loss);
    lost.map(|it| it.code).collect()
}

/// Changes a byte wherever this stands in a file; how often that was.
fn spoil(path: &str, text: &str) -> usize {
    let mut bytes = std::fs::read(path).unwrap();
    let places = bytes.windows(text.len()).enumerate();
    let places = places.filter(|(_, it)| *it == text.as_bytes());
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    for at in &places {
        bytes[at + text.len() / 2] ^= 1;
    }
    std::fs::write(path, bytes).unwrap();
    places.len()
}

#[tokio::test]
async fn a_project_that_is_whole_is_found_whole_open_or_not() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let (node, _) = attach(&desk, project, "a picture").await;
    let nodes = vec![node];
    desk.apply(project, graph::command::Command::TrashNodes { nodes })
        .await;
    let desk = desk.restart().await;
    let closed = verify(&desk, project).await;
    desk.open(project).await;
    let open = verify(&desk, project).await;
    assert_eq!(open, closed);
    assert!(open.is_whole() && open.findings.is_empty(), "{open:?}");
    // What is in the trash is kept, and read; it is sealed.
    assert_eq!((open.attachments, open.frames), (1, 0));
    assert!(open.bytes > "a picture".len() as u64, "{open:?}");
    assert!(open.changes > 1 && open.nodes > 1, "{open:?}");
    let nowhere = ProjectId(uuid::Uuid::nil());
    let refused = desk.app.verify(nowhere).await.unwrap_err();
    assert_eq!(refused.code, "PROJECT_NOT_FOUND");
}

#[tokio::test]
async fn an_attachment_that_is_damaged_or_gone_is_found() {
    let desk = Desk::new().await;
    let project = desk.create("book", false).await;
    let (_, blob) = attach(&desk, project, "a picture").await;
    // What is not on the disk yet is not looked at.
    let desk = desk.restart().await;
    let name = blob.as_str();
    let path = desk.path(&format!("data/blobs/{}/{name}", &name[..2]));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[7] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let found = verify(&desk, project).await;
    assert_eq!(lost(&found), ["attachment-damaged"]);
    // It was set aside. Nobody else has this project, so it does not come back.
    let found = verify(&desk, project).await;
    assert_eq!(lost(&found), ["attachment-missing"]);
    assert!(found.findings[0].message.contains(name), "{found:?}");
}

#[tokio::test]
async fn a_change_that_is_damaged_on_the_disk_is_found_each_time() {
    let title = "somewhere behind the bees";
    let desk = Desk::new().await;
    let project = desk.create("book", false).await;
    desk.add_root(project, title).await;
    let path = desk.path("data/tally.db");
    let closed = desk.closed().await;
    assert!(spoil(&path, title) > 0, "it is on the disk");
    let desk = closed.open().await;
    for _ in 0..2 {
        let found = verify(&desk, project).await;
        assert!(!found.is_whole(), "{found:?}");
        assert!(lost(&found).contains(&"change-set-aside"), "{found:?}");
    }
}

#[tokio::test]
async fn a_frame_that_nobody_signed_so_is_found() {
    let desk = Desk::shared().await;
    let project = desk.create("book", false).await;
    desk.call(Request::Invite { project }).await;
    desk.add_root(project, "One").await;
    // As long as nobody is there, changes are put into frames for a file alone.
    let path = desk.path("changes");
    let since = None;
    desk.call(Request::ExportBundle {
        project,
        path,
        since,
    })
    .await;
    let closed = desk.closed().await;
    let store = closed.store();
    let room = store.rooms().list().unwrap()[0];
    let vector = store.rooms().load(room).unwrap().vector;
    let (stream, last) = vector.iter().next().unwrap();
    let frames = store.rooms().frames(room, *stream, last - 1, 1).unwrap();
    let mut forged: Frame = frames[0].clone();
    forged.number += 1;
    *forged.bytes.last_mut().unwrap() ^= 1;
    let (told, heard) = std::sync::mpsc::channel();
    let acknowledge = Box::new(move |it: Acknowledgement| drop(told.send(it)));
    let write = RoomWrite::new(room, vec![forged]);
    store.rooms().append(write, acknowledge);
    let told = heard.recv_timeout(DEADLINE).unwrap();
    assert!(matches!(told, Acknowledgement::Written(_)), "{told:?}");
    store.close(DEADLINE).unwrap();
    drop(store);
    let desk = closed.open().await;
    let found = verify(&desk, project).await;
    assert_eq!(lost(&found), ["frame-misplaced", "frame-forged"]);
    assert_eq!(found.frames, vector.values().sum::<u64>() + 1);
}

/// What is found in a file.
fn read_file(path: &str) -> Verification {
    let scratch = tempfile::tempdir().unwrap();
    let found = verify_file(path.as_ref(), scratch.path()).unwrap();
    let [InFile { read, .. }] = found.as_slice() else {
        panic!("{found:?}");
    };
    read.clone()
}

#[tokio::test]
async fn what_is_damaged_in_a_file_is_named_and_the_rest_is_read() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    attach(&desk, project, "a picture").await;
    attach(&desk, project, "a letter").await;
    let desk = desk.restart().await;
    desk.open(project).await;
    let path = desk.path("book.talus");
    let export = Request::ExportProject {
        project,
        path: path.clone(),
    };
    desk.app.call(export).await.unwrap();
    let whole = read_file(&path);
    assert!(whole.is_whole() && whole.findings.is_empty(), "{whole:?}");
    assert_eq!(whole.attachments, 2);
    let kept = verify(&desk, project).await;
    assert_eq!((whole.nodes, whole.bytes), (kept.nodes, kept.bytes));

    // Its parts: where each begins, and what kind it is.
    let bytes = std::fs::read(&path).unwrap();
    let (mut parts, mut at) = (Vec::new(), 12);
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at + 1..at + 9].try_into().unwrap());
        parts.push((bytes[at], at));
        at += 9 + length as usize + 32;
    }
    let kinds: Vec<u8> = parts.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [1, 2, 3, 4, 4, 0]);
    let spoiled = |places: &[usize]| {
        let mut bytes = bytes.clone();
        for at in places {
            bytes[*at] ^= 1;
        }
        std::fs::write(&path, bytes).unwrap();
        let found = read_file(&path);
        let messages = found.findings.iter().map(|it| it.message.clone());
        (lost(&found).len(), messages.collect::<Vec<_>>(), found)
    };
    let content = |part: usize| parts[part].1 + 9;
    let (losses, messages, found) = spoiled(&[content(1), content(4)]);
    assert_eq!(losses, 2, "{messages:?}");
    assert!(messages[0].starts_with("The project document is damaged"));
    assert!(messages[1].starts_with("Attachment 2 is damaged"));
    assert_eq!((found.attachments, found.nodes), (1, 0));
    let (losses, messages, found) = spoiled(&[content(3)]);
    assert!(
        messages[0].starts_with("Attachment 1 is damaged"),
        "{messages:?}"
    );
    assert!(losses == 1 && found.nodes == whole.nodes, "{found:?}");
    // Where a part begins nothing says where the next one does.
    for at in [0, 8, parts[3].1, content(5), bytes.len() - 1] {
        let (losses, messages, _) = spoiled(&[at]);
        assert_eq!(losses, 1, "{at} {messages:?}");
    }
}

#[tokio::test]
async fn a_backup_is_read_wherever_it_is() {
    let title = "somewhere behind the bees";
    let desk = Desk::new().await;
    let project = desk.create("book", false).await;
    desk.add_root(project, title).await;
    attach(&desk, project, "a picture").await;
    desk.app.call(Request::BackUp).await.unwrap();
    let backups = std::fs::read_dir(desk.path("data/backups")).unwrap();
    let made = backups.map(|it| it.unwrap().path()).max().unwrap();
    let path = desk.path("elsewhere.db");
    std::fs::copy(made, &path).unwrap();
    let whole = read_file(&path);
    assert!(whole.is_whole() && whole.findings.is_empty(), "{whole:?}");
    assert!(whole.nodes >= 1 && whole.attachments == 0, "{whole:?}");
    assert!(spoil(&path, title) > 0);
    assert!(lost(&read_file(&path)).contains(&"change-set-aside"));
    std::fs::write(&path, b"SQLite format 3\0 and nothing else").unwrap();
    assert_eq!(lost(&read_file(&path)), ["file-unreadable"]);
}
