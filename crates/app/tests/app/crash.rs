//! A defect inside a project closes that project alone.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use app::app::{App, Options};
use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph::StoredDocument;
use graph::command::Command;
use store::{Chunk, Store};
use sync::{Content, Draft, Frame, StreamId};
use testkit::links::{Raw, key};
use trust::Membership;

use crate::desk::{DEADLINE, Desk, content, heard};

#[tokio::test]
async fn a_panic_closes_its_project_with_a_report_and_what_was_stored_stays() {
    let desk = Desk::new().await;
    let (broken, other) = (
        desk.create("blank", false).await,
        desk.create("blank", false).await,
    );
    desk.add_root(broken, "Kept").await;
    let before = desk.snapshot(broken).await;
    let mut events = desk.app.events();
    desk.app.plant_defect(broken).await.unwrap();
    let report = heard(&mut events, |event| match event {
        Event::Crashed { project, report } if *project == broken => Some(report.clone()),
        _ => None,
    });
    assert!(report.await.contains("a planted defect"));
    assert_eq!(
        desk.refused(Request::Snapshot { project: broken })
            .await
            .code,
        "PROJECT_CRASHED"
    );
    desk.add_root(other, "Goes on").await;

    desk.open(broken).await;
    assert_eq!(content(desk.snapshot(broken).await), content(before));
    desk.add_root(broken, "Goes on too").await;
    desk.restart().await;
}

/// Somebody sends what this version cannot take without falling over, and goes on sending it.
#[tokio::test]
async fn a_frame_at_which_a_project_falls_over_is_set_aside_with_its_sender_named() {
    let desk = Desk::shared().await;
    let project = desk.create("blank", false).await;
    desk.app.share_openly(project).await.unwrap();
    let Reply::Invitation { invitation } = desk.call(Request::Invite { project }).await else {
        panic!("no invitation")
    };
    let (room, address) = testkit_room(&invitation);
    let device = key(66).device();
    let frame = Frame::mint(&Draft {
        room: room.room(),
        document: sync::Document::Project,
        epoch: 0,
        stream: StreamId { device, nonce: 1 },
        number: 1,
        deps: &[],
        content: Content::Changes,
        payload: app::room::PLANTED,
    })
    .unwrap();
    let mut events = desk.app.events();
    let mut raw = Raw::proven(address, &room, 66).await;
    raw.send(frame.message()).await;
    let report = heard(&mut events, |event| match event {
        Event::Crashed { report, .. } => Some(report.clone()),
        _ => None,
    })
    .await;
    assert!(report.contains(&device.to_string()), "{report}");

    desk.open(project).await;
    let mut raw = Raw::proven(address, &room, 66).await;
    raw.send(frame.message()).await;
    let charged = heard(&mut events, |event| match event {
        Event::Sharing { sharing, .. } => {
            let mut companions = sharing.companions.iter();
            companions
                .find(|it| it.device == device.to_string() && it.faults == 1)
                .map(drop)
        }
        _ => None,
    });
    charged.await;
    let node = desk.add_root(project, "Goes on").await;
    // It is held now, and never merged.
    let desk = desk.restart().await;
    desk.open(project).await;
    crate::desk::row(&desk.snapshot(project).await, node);
}

fn testkit_room(invitation: &str) -> (Membership, SocketAddr) {
    let fragment = invitation.strip_prefix("talus://join#").unwrap();
    let json = URL_SAFE_NO_PAD.decode(fragment).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let genesis = URL_SAFE_NO_PAD.decode(json["genesis"].as_str().unwrap());
    let address = json["addresses"][0].as_str().unwrap().parse().unwrap();
    (Membership::open(&[genesis.unwrap()]).unwrap(), address)
}

/// What is on the disk already makes reading fall over.
#[tokio::test]
async fn a_stored_change_at_which_a_project_falls_over_is_set_aside_at_the_next_opening() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.add_root(project, "Before").await;
    let closed = desk.closed().await;
    {
        let store = closed.store();
        let planted = Chunk::new(store::Document::PROJECT, app::room::PLANTED.to_vec());
        store.append(
            store::ProjectKey(project.0.into_bytes()),
            planted,
            Box::new(|_| {}),
        );
        store.close(DEADLINE).unwrap();
    }
    let desk = closed.open().await;
    let Reply::Opened { notices, .. } = desk.call(Request::OpenProject { project }).await else {
        panic!("it does not open")
    };
    assert!(
        notices.len() == 1 && notices[0].contains("a planted defect"),
        "{notices:?}"
    );
    let node = desk.add_root(project, "After").await;
    let desk = desk.restart().await;
    let Reply::Opened { notices, .. } = desk.call(Request::OpenProject { project }).await else {
        panic!("it does not open")
    };
    assert_eq!(notices, [""; 0], "it was said once");
    assert_eq!(desk.snapshot(project).await.nodes.len(), 2);
    crate::desk::row(&desk.snapshot(project).await, node);
}

#[tokio::test]
async fn a_directory_is_used_by_one_application() {
    let desk = Desk::new().await;
    let second = App::start(Options::new(desk.folder.path().join("data"))).await;
    let refused = second.map(|_| ()).expect_err("it is in use");
    assert_eq!(app::failure::Failure::from(refused).code, "ALREADY_RUNNING");
}

#[tokio::test]
async fn what_was_written_survives_an_application_that_ends_without_closing() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let mut events = desk.app.events();
    let node = desk.add_root(project, "Kept").await;
    heard(&mut events, |event| match event {
        Event::Saving {
            state: app::event::SaveState::Saved { .. },
        } => Some(()),
        _ => None,
    })
    .await;
    let before = desk.snapshot(project).await;
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&desk.folder.path().join("data"), &copy.path().join("data"));

    let app = App::start(Options::new(copy.path().join("data")))
        .await
        .unwrap();
    let open = app.call(Request::OpenProject { project }).await;
    assert!(open.is_ok(), "{open:?}");
    let app::reply::Reply::Snapshot(after) = app.call(Request::Snapshot { project }).await.unwrap()
    else {
        panic!("no snapshot")
    };
    crate::desk::row(&after, node);
    assert_eq!(content(*after), content(before));
    app.close().await.unwrap();
}

#[tokio::test]
async fn an_actor_is_reused_after_a_clean_end_and_never_in_a_copy() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.add_root(project, "First").await;
    let once = actors(&desk.app, project, &desk.path("once.talus")).await;
    let desk = desk.restart().await;
    desk.open(project).await;
    desk.add_root(project, "Second").await;
    let again = actors(&desk.app, project, &desk.path("again.talus")).await;
    assert_eq!(again, once);
    desk.app.close().await.unwrap();

    let copy = tempfile::tempdir().unwrap();
    copy_folder(&desk.folder.path().join("data"), &copy.path().join("data"));
    for expected in [1, 1] {
        let app = App::start(Options::new(copy.path().join("data")));
        let app = app.await.unwrap();
        app.call(Request::OpenProject { project }).await.unwrap();
        let command = Command::SetProject {
            name: None,
            currency: Some("USD".to_owned()),
        };
        let edit = Request::Apply { project, command };
        app.call(edit).await.unwrap();
        let path = copy.path().join("copy.talus");
        let there = actors(&app, project, path.to_str().unwrap()).await;
        assert_eq!(there.difference(&once).count(), expected);
        app.close().await.unwrap();
    }
}

/// Everybody who wrote in a project, by Automerge actor.
async fn actors(app: &App, project: ProjectId, path: &str) -> BTreeSet<String> {
    let export = Request::ExportProject {
        project,
        path: path.to_owned(),
    };
    app.call(export).await.unwrap();
    let mut file = std::fs::File::open(path).unwrap();
    let content = app::talus_file::read(&mut file, &mut |_| Ok(())).unwrap();
    let stored = |bytes| StoredDocument {
        snapshot: Some(bytes),
        changes: Vec::new(),
    };
    let (graph, _) =
        graph::Project::load(stored(content.project), stored(content.comments)).unwrap();
    let authors = graph.view().frame().authors.keys();
    authors.map(ToString::to_string).collect()
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
