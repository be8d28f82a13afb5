//! Who leaves, who is removed, and who is let in again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::activity::Deed;
use app::event::Event;
use app::members::MemberRole;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::{LinkState, PeerLink};
use tokio::sync::broadcast::Receiver;

use crate::desk::{Desk, heard, opened};
use crate::members::{add_root, me, members, until};
use crate::sharing::{Two, holds, invitation, sharing, shows, two};

async fn links(desk: &Desk, project: ProjectId) -> Vec<PeerLink> {
    match desk.call(Request::ReadLinks { project }).await {
        Reply::Links { links } => links,
        other => panic!("{other:?}"),
    }
}

/// Waits until a desk's project has no link any more.
async fn is_cut(desk: &Desk, events: &mut Receiver<Arc<Event>>, project: ProjectId) {
    let is_up = |it: &PeerLink| matches!(it.state, LinkState::Up { .. });
    while links(desk, project).await.iter().any(is_up) {
        heard(events, |event| {
            matches!(event, Event::Links { .. }).then_some(())
        })
        .await;
    }
}

/// Waits until a desk says why it is not let in.
async fn refusal(desk: &Desk, events: &mut Receiver<Arc<Event>>, project: ProjectId) -> String {
    loop {
        if let Some(failure) = sharing(desk, project).await.not_let_in {
            return failure.code;
        }
        heard(events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
}

/// Leaves as soon as nothing of hers is on its way any more.
pub async fn leaves(desk: &Desk, events: &mut Receiver<Arc<Event>>, project: ProjectId) {
    loop {
        match desk.app.call(Request::LeaveProject { project }).await {
            Ok(_) => return,
            Err(failure) => assert_eq!(failure.code, "CHANGES_ON_THEIR_WAY"),
        }
        heard(events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
}

async fn deeds(desk: &Desk, project: ProjectId) -> Vec<Deed> {
    match desk.call(Request::ReadActivity { project }).await {
        Reply::Activity { activity } => activity.into_iter().map(|it| it.deed).collect(),
        other => panic!("{other:?}"),
    }
}

fn readmit(project: ProjectId, device: &str, role: MemberRole) -> Request {
    Request::ReadmitMember {
        project,
        device: device.to_owned(),
        role,
    }
}

#[tokio::test]
async fn an_editor_leaves_is_told_and_is_cut_off() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 2).await;
    let bens = me(&ben, at_bens).await;
    let kept = ben.add_root(at_bens, "The last by Ben").await;
    let leave = Request::LeaveProject { project: at_bens };
    leaves(&ben, &mut at_b, at_bens).await;

    // He is told at once, and she and both ends of the link a moment later.
    let after = members(&ben, at_bens).await;
    assert!(after.role.is_none() && !after.is_waiting);
    assert_eq!(refusal(&ben, &mut at_b, at_bens).await, "HAS_LEFT");
    for (request, code) in [
        (leave, "HAS_LEFT"),
        (add_root(&ben, at_bens).await, "NOT_A_MEMBER_HERE"),
    ] {
        assert_eq!(ben.refused(request).await.code, code);
    }
    let gone = until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 1).await;
    assert_eq!(gone.former.len(), 1);
    assert!(gone.former[0].device == bens && gone.former[0].has_left);
    is_cut(&ana, &mut at_a, at_anas).await;
    is_cut(&ben, &mut at_b, at_bens).await;
    // What he wrote before counts, and an owner has changed the key.
    shows(&ana, &mut at_a, at_anas, holds(kept)).await;
    until(&ana, &mut at_a, at_anas, |it| !it.is_key_due).await;
    let told = deeds(&ana, at_anas).await;
    assert!(told.contains(&Deed::Left), "{told:?}");
}

#[tokio::test]
async fn who_has_left_is_let_in_again_by_an_owner_alone_and_reads_what_was_written_meanwhile() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 2).await;
    let (anas, bens) = (me(&ana, at_anas).await, me(&ben, at_bens).await);
    leaves(&ben, &mut at_b, at_bens).await;
    until(&ana, &mut at_a, at_anas, |it| {
        it.devices.len() == 1 && !it.is_key_due
    })
    .await;
    let meanwhile = ana.add_root(at_anas, "Without Ben").await;
    assert!(!holds(meanwhile)(&ben.snapshot(at_bens).await));
    for (desk, request, code) in [
        (
            &ana,
            readmit(at_anas, &bens, MemberRole::Owner),
            "READMITS_OWNER",
        ),
        (
            &ana,
            readmit(at_anas, &anas, MemberRole::Viewer),
            "IS_A_MEMBER",
        ),
        (
            &ana,
            readmit(at_anas, &"ab".repeat(32), MemberRole::Viewer),
            "NOT_A_MEMBER",
        ),
        (
            &ben,
            readmit(at_bens, &bens, MemberRole::Editor),
            "HAS_LEFT",
        ),
    ] {
        assert_eq!(desk.refused(request).await.code, code);
    }
    ana.call(readmit(at_anas, &bens, MemberRole::Editor)).await;
    assert_eq!(members(&ana, at_anas).await.former, []);
    ben.call(Request::SyncNow { project: at_bens }).await;
    shows(&ben, &mut at_b, at_bens, holds(meanwhile)).await;
    let back = ben.add_root(at_bens, "By Ben again").await;
    shows(&ana, &mut at_a, at_anas, holds(back)).await;
    assert_eq!(sharing(&ben, at_bens).await.not_let_in, None);
    let is_told = |it: &Deed| matches!(it, Deed::Readmitted { device, role: MemberRole::Editor } if device.device == bens);
    assert!(deeds(&ana, at_anas).await.iter().any(is_told));
}

#[tokio::test]
async fn who_left_where_nobody_was_reached_is_gone_once_somebody_is() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut at_a = ana.app.events();
    until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 2).await;
    let ana = ana.closed().await;
    ben.call(Request::LeaveProject { project: at_bens }).await;
    // Her port is the one that it was.
    let ana = ana.open_shared("127.0.0.1:0".parse().unwrap()).await;
    let mut at_a = ana.app.events();
    ana.open(at_anas).await;
    ben.call(Request::SyncNow { project: at_bens }).await;
    let gone = until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 1).await;
    assert!(gone.former[0].has_left);
    until(&ana, &mut at_a, at_anas, |it| !it.is_key_due).await;
}

#[tokio::test]
async fn who_was_removed_is_cut_off_within_a_second_and_let_in_again() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    until(&ana, &mut at_a, at_anas, |it| it.devices.len() == 2).await;
    let bens = me(&ben, at_bens).await;
    let mut took = Vec::new();
    for round in 0..4 {
        let begun = Instant::now();
        let remove = Request::RemoveMember {
            project: at_anas,
            device: bens.clone(),
        };
        ana.call(remove).await;
        is_cut(&ana, &mut at_a, at_anas).await;
        until(&ben, &mut at_b, at_bens, |it| it.role.is_none()).await;
        took.push(begun.elapsed());
        let meanwhile = ana.add_root(at_anas, &format!("Without Ben {round}")).await;
        let role = MemberRole::Editor;
        ana.call(readmit(at_anas, &bens, role)).await;
        ben.call(Request::SyncNow { project: at_bens }).await;
        shows(&ben, &mut at_b, at_bens, holds(meanwhile)).await;
        let back = ben.add_root(at_bens, &format!("By Ben {round}")).await;
        shows(&ana, &mut at_a, at_anas, holds(back)).await;
    }
    println!("from the removal to the cut-off at both ends: {took:?}");
    // Nothing here waits for a clock; of several, one is not held up by what else the machine does.
    let fastest = took.iter().min().unwrap();
    assert!(*fastest < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn who_has_joined_and_was_not_let_in_is_told_that_she_waits() {
    let ana = Desk::shared().await;
    let at_anas = ana.create("blank", false).await;
    let text = invitation(&ana, at_anas).await;
    ana.call(Request::CloseProject { project: at_anas }).await;
    let ben = Desk::shared().await;
    let mut at_b = ben.app.events();
    let join = Request::JoinProject {
        invitation: text.into(),
    };
    let at_bens = opened(ben.call(join).await);
    assert!(members(&ben, at_bens).await.is_waiting);
    for request in [
        Request::Invite { project: at_bens },
        Request::InviteAs {
            project: at_bens,
            role: MemberRole::Viewer,
            hours: 1,
            uses: 1,
        },
        Request::LeaveProject { project: at_bens },
        Request::ChangeProjectKey { project: at_bens },
        Request::Undo { project: at_bens },
    ] {
        let refused = ben.refused(request).await;
        assert_eq!(refused.code, "WAITING_TO_BE_LET_IN", "{refused:?}");
    }
    ana.open(at_anas).await;
    ben.call(Request::SyncNow { project: at_bens }).await;
    let inside = until(&ben, &mut at_b, at_bens, |it| it.role.is_some()).await;
    assert!(!inside.is_waiting);
    ben.call(Request::Invite { project: at_bens }).await;
}
