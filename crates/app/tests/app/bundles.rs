//! Changes that are carried in a file.

use std::fs;

use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::{Acquaintance, Status};
use graph::id::NodeId;

use crate::desk::{Desk, heard, opened};

fn all(project: ProjectId, path: String) -> Request {
    Request::ExportBundle {
        project,
        path,
        since: None,
    }
}

fn import(project: Option<ProjectId>, path: String) -> Request {
    Request::ImportBundle { project, path }
}

async fn invitation(desk: &Desk, project: ProjectId) -> String {
    match desk.call(Request::Invite { project }).await {
        Reply::Invitation { invitation } => invitation.0,
        other => panic!("{other:?}"),
    }
}

async fn acquaintances(desk: &Desk, project: ProjectId) -> Vec<Acquaintance> {
    match desk.call(Request::ReadAcquaintances { project }).await {
        Reply::Acquaintances { acquaintances } => acquaintances,
        other => panic!("{other:?}"),
    }
}

async fn has(desk: &Desk, project: ProjectId, node: NodeId) -> bool {
    let nodes = desk.snapshot(project).await.nodes;
    nodes.iter().any(|row| row.0 == node)
}

async fn until(desk: &Desk, project: ProjectId, node: NodeId) {
    let mut events = desk.app.events();
    while !has(desk, project, node).await {
        heard(&mut events, |event| {
            matches!(event, Event::Changed(_)).then_some(())
        })
        .await;
    }
}

fn brought(reply: Reply) -> (ProjectId, u32, u32, u32, bool) {
    match reply {
        Reply::Brought {
            project,
            packets,
            nodes,
            left,
            is_new,
        } => (project, packets, nodes, left, is_new),
        other => panic!("{other:?}"),
    }
}

/// A desk that shares a sample, with nobody there.
async fn sharing() -> (Desk, ProjectId) {
    let desk = Desk::shared().await;
    let project = desk.create("book", true).await;
    desk.open(project).await;
    desk.app.share_openly(project).await.unwrap();
    (desk, project)
}

#[tokio::test]
async fn a_project_travels_in_a_file_to_somebody_who_was_never_reached() {
    let ((ana, at_anas), ben) = (sharing().await, Desk::shared().await);
    let path = ana.path("atlas.tallybundle");
    let node = ana.add_root(at_anas, "Nobody has seen this").await;
    let reply = ana.call(all(at_anas, path.clone())).await;
    assert!(
        matches!(reply, Reply::Bundled { packets: 1.., .. }),
        "{reply:?}"
    );
    let reply = ben.call(import(None, path.clone())).await;
    let (at_bens, packets, nodes, left, is_new) = brought(reply);
    assert!(packets > 0 && nodes > 0 && left == 0 && is_new);
    assert!(has(&ben, at_bens, node).await);
    // Once more changes nothing.
    let again = brought(ben.call(import(Some(at_bens), path)).await);
    assert_eq!(again, (at_bens, 0, 0, 0, false));

    // And back.
    let back = ben.path("back.tallybundle");
    let answer = ben.add_root(at_bens, "An answer").await;
    ben.call(all(at_bens, back.clone())).await;
    let (_, packets, nodes, ..) = brought(ana.call(import(Some(at_anas), back)).await);
    assert!(packets > 0 && nodes >= 1);
    assert!(has(&ana, at_anas, answer).await);
}

#[tokio::test]
async fn a_file_of_a_closed_project_is_for_its_members() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("book", true).await;
    let text = invitation(&ana, at_anas).await;
    let before = ana.add_root(at_anas, "Before").await;
    let path = ana.path("atlas.tallybundle");
    ana.call(all(at_anas, path.clone())).await;
    let refused = ben.refused(import(None, path)).await;
    assert_eq!(refused.code, "NOT_A_MEMBER");
    assert_eq!(ben.projects().await, []);

    let join = Request::JoinProject {
        invitation: text.into(),
    };
    let at_bens = opened(ben.call(join).await);
    until(&ben, at_bens, before).await;
    // They do not meet again.
    let ben = ben.closed().await;
    let later = ana.add_root(at_anas, "Later").await;
    let path = ana.path("later.tallybundle");
    ana.call(all(at_anas, path.clone())).await;
    ana.app.close().await.unwrap();
    let ben = ben.open_shared("127.0.0.1:0".parse().unwrap()).await;
    ben.open(at_bens).await;
    brought(ben.call(import(Some(at_bens), path)).await);
    assert!(has(&ben, at_bens, later).await);
}

#[tokio::test]
async fn what_a_file_brought_goes_on_to_others_and_survives_a_restart() {
    let (ana, at_anas) = sharing().await;
    let text = invitation(&ana, at_anas).await;
    // Ben and Cleo are linked; Ana is reached by neither.
    let (ben, cleo) = (Desk::shared().await, Desk::shared().await);
    let first = ana.path("first.tallybundle");
    ana.call(all(at_anas, first.clone())).await;
    let (at_bens, ..) = brought(ben.call(import(None, first)).await);
    let at_cleos = opened(
        cleo.call(Request::JoinProject {
            invitation: invitation(&ben, at_bens).await.into(),
        })
        .await,
    );
    let node = ana.add_root(at_anas, "From far away").await;
    let second = ana.path("second.tallybundle");
    ana.call(all(at_anas, second.clone())).await;
    ben.call(import(Some(at_bens), second)).await;
    until(&cleo, at_cleos, node).await;
    let ben = ben.restart().await;
    ben.open(at_bens).await;
    assert!(has(&ben, at_bens, node).await);
    drop(text);
}

#[tokio::test]
async fn a_file_for_somebody_has_what_they_lacked_when_they_left() {
    let (ana, at_anas) = sharing().await;
    let before = ana.add_root(at_anas, "Before Ben left").await;
    let ben = Desk::shared().await;
    let join = Request::JoinProject {
        invitation: invitation(&ana, at_anas).await.into(),
    };
    let at_bens = opened(ben.call(join).await);
    until(&ben, at_bens, before).await;
    ben.call(Request::PutPresence {
        project: at_bens,
        node: None,
        field: None,
        is_typing: false,
    })
    .await;
    // Ana knows that Ben has everything.
    let mut events = ana.app.events();
    loop {
        let known = acquaintances(&ana, at_anas).await;
        if known.iter().any(|it| it.lacks == 0 && it.name.is_some()) {
            break;
        }
        heard(&mut events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
    ben.call(Request::CloseProject { project: at_bens }).await;
    while ana_status(&ana, at_anas).await != Status::Offline {
        heard(&mut events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
    // It is known after a restart, too.
    let ana = ana.restart_shared("127.0.0.1:0".parse().unwrap()).await;
    ana.open(at_anas).await;
    let node = ana.add_root(at_anas, "While Ben was away").await;
    let (whole, part) = (ana.path("whole.tallybundle"), ana.path("part.tallybundle"));
    ana.call(all(at_anas, whole.clone())).await;
    let known = acquaintances(&ana, at_anas).await.remove(0);
    assert!(known.lacks > 0 && known.name.is_some(), "{known:?}");
    let for_ben = Request::ExportBundle {
        project: at_anas,
        path: part.clone(),
        since: Some(known.device),
    };
    match ana.call(for_ben).await {
        Reply::Bundled { packets, .. } => assert_eq!(packets, known.lacks),
        other => panic!("{other:?}"),
    }
    let size = |path: &str| fs::metadata(path).unwrap().len();
    let (part_bytes, whole_bytes) = (size(&part), size(&whole));
    assert!(
        part_bytes < whole_bytes / 2,
        "{part_bytes} of {whole_bytes} bytes for {} packets",
        known.lacks
    );
    // Whoever has nothing of the project cannot begin in the middle.
    let cleo = Desk::shared().await;
    let refused = cleo.refused(import(None, part.clone())).await;
    assert_eq!(refused.code, "BUNDLE_BEGINS_LATER");
    assert_eq!(cleo.projects().await, []);
    // By the file alone: Ben would find Ana where she was.
    ana.call(Request::CloseProject { project: at_anas }).await;
    ben.open(at_bens).await;
    let (_, packets, _, left, _) = brought(ben.call(import(Some(at_bens), part)).await);
    assert_eq!((packets, left), (known.lacks, 0));
    assert!(has(&ben, at_bens, node).await);
}

async fn ana_status(ana: &Desk, project: ProjectId) -> Status {
    match ana.call(Request::ReadSharing { project }).await {
        Reply::Sharing { sharing } => sharing.unwrap().status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_not_whole_or_not_of_this_project_changes_nothing() {
    let ((ana, at_anas), (ben, at_bens)) = (sharing().await, sharing().await);
    let path = ana.path("whole.tallybundle");
    ana.call(all(at_anas, path.clone())).await;
    let before = ben.snapshot(at_bens).await;
    let refused = ben.refused(import(Some(at_bens), path.clone())).await;
    assert_eq!(refused.code, "BUNDLE_OTHER_PROJECT");

    let whole = fs::read(&path).unwrap();
    let cut = whole[..whole.len() - 7].to_vec();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    let mut later = whole.clone();
    later[8] = 9;
    for (bytes, code) in [
        (cut, "BUNDLE_DAMAGED"),
        (flipped, "BUNDLE_DAMAGED"),
        (later, "BUNDLE_TOO_NEW"),
        (b"PK\x03\x04".to_vec(), "BUNDLE_UNREADABLE"),
        (Vec::new(), "BUNDLE_UNREADABLE"),
    ] {
        fs::write(&path, bytes).unwrap();
        for project in [Some(at_bens), None] {
            let refused = ben.refused(import(project, path.clone())).await;
            assert_eq!(refused.code, code);
        }
    }
    let missing = ben.refused(import(None, ben.path("missing"))).await;
    assert_eq!(missing.code, "FILE_NOT_FOUND");
    assert_eq!(ben.snapshot(at_bens).await, before);
    assert_eq!(ben.projects().await.len(), 1);
}

#[tokio::test]
async fn only_a_shared_project_has_changes_to_carry() {
    let desk = Desk::shared().await;
    let project = desk.create("blank", false).await;
    desk.open(project).await;
    let path = desk.path("none.tallybundle");
    assert_eq!(
        desk.refused(all(project, path.clone())).await.code,
        "NOT_SHARED"
    );
    assert!(!fs::exists(&path).unwrap());
    invitation(&desk, project).await;
    let stranger = Request::ExportBundle {
        project,
        path: path.clone(),
        since: Some("7".repeat(64)),
    };
    assert_eq!(desk.refused(stranger).await.code, "MACHINE_UNKNOWN");
    assert!(!fs::exists(&path).unwrap());
}
