//! Who may do what in a shared project, and how that changes.

use std::sync::Arc;
use std::time::Duration;

use app::activity::Deed;
use app::event::Event;
use app::members::{MemberRole, Members};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use graph::command::Command;
use graph::id::CommentId;
use graph::person::Person;
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use crate::desk::{Desk, heard, opened};
use crate::leaving::leaves;
use crate::sharing::{Two, free_address, holds, invitation, sharing, shows, two};

const HOUR: Duration = Duration::from_secs(60 * 60);

pub async fn members(desk: &Desk, project: ProjectId) -> Members {
    match desk.call(Request::ReadMembers { project }).await {
        Reply::Members { members } => members.expect("it is shared"),
        other => panic!("{other:?}"),
    }
}

/// Waits until the members are as wanted.
pub async fn until(
    desk: &Desk,
    events: &mut Receiver<Arc<Event>>,
    project: ProjectId,
    wanted: impl Fn(&Members) -> bool,
) -> Members {
    loop {
        let members = members(desk, project).await;
        if wanted(&members) {
            return members;
        }
        heard(events, |event| {
            matches!(event, Event::Sharing { .. } | Event::Members { .. }).then_some(())
        })
        .await;
    }
}

/// Waits until a desk says why it is not let in.
async fn not_let_in(desk: &Desk, events: &mut Receiver<Arc<Event>>, project: ProjectId) -> String {
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

pub async fn me(desk: &Desk, project: ProjectId) -> String {
    let devices = members(desk, project).await.devices;
    devices.into_iter().find(|it| it.is_me).unwrap().device
}

/// Whether a file of changes can be made for a device.
async fn are_acquainted(desk: &Desk, project: ProjectId, device: &str) -> bool {
    match desk.call(Request::ReadAcquaintances { project }).await {
        Reply::Acquaintances { acquaintances } => {
            acquaintances.iter().any(|it| it.device == device)
        }
        other => panic!("{other:?}"),
    }
}

fn change(project: ProjectId, device: &str, role: MemberRole) -> Request {
    Request::ChangeRole {
        project,
        device: device.to_owned(),
        role,
    }
}

fn remove(project: ProjectId, device: &str) -> Request {
    Request::RemoveMember {
        project,
        device: device.to_owned(),
    }
}

fn join(invitation: &str) -> Request {
    Request::JoinProject {
        invitation: invitation.into(),
    }
}

async fn invite_as(
    desk: &Desk,
    project: ProjectId,
    role: MemberRole,
    hours: u32,
    uses: u32,
) -> String {
    let invite = Request::InviteAs {
        project,
        role,
        hours,
        uses,
    };
    match desk.call(invite).await {
        Reply::Invitation { invitation } => invitation.0,
        other => panic!("{other:?}"),
    }
}

/// A root node, as a command that may be refused.
pub async fn add_root(desk: &Desk, project: ProjectId) -> Request {
    let template = desk.snapshot(project).await.frame.template;
    let node_type = template.types.iter().find(|it| it.top_level).unwrap();
    let command = Command::CreateNode {
        node: crate::desk::new_node(),
        node_type: node_type.id.clone(),
        place: graph::command::Place {
            parent: None,
            at: graph::command::Position::Last,
        },
        values: Vec::new(),
    };
    Request::Apply { project, command }
}

#[tokio::test]
async fn who_shares_owns_and_who_is_invited_edits() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut events = ana.app.events();
    let known = until(&ana, &mut events, at_anas, |it| it.devices.len() == 2).await;
    assert!(!known.is_open && !known.is_key_due);
    assert_eq!(known.role, Some(MemberRole::Owner));
    let roles: Vec<(MemberRole, bool)> =
        known.devices.iter().map(|it| (it.role, it.is_me)).collect();
    assert_eq!(
        roles,
        [(MemberRole::Owner, true), (MemberRole::Editor, false)]
    );
    assert_eq!(known.invitations.len(), 1);
    assert_eq!(known.invitations[0].used, 1);
    let bens = members(&ben, at_bens).await;
    assert_eq!(bens.role, Some(MemberRole::Editor));
    assert!(bens.devices.iter().all(|it| it.seen_at.is_some()));

    // What an editor may not is refused with a code.
    let anas = me(&ana, at_anas).await;
    for request in [
        change(at_bens, &anas, MemberRole::Viewer),
        remove(at_bens, &anas),
        Request::HandOverProject {
            project: at_bens,
            device: anas.clone(),
        },
        Request::ChangeProjectKey { project: at_bens },
        Request::RevokeInvitation {
            project: at_bens,
            invitation: known.invitations[0].id.clone(),
        },
        Request::InviteAs {
            project: at_bens,
            role: MemberRole::Viewer,
            hours: 1,
            uses: 1,
        },
    ] {
        assert_eq!(ben.refused(request).await.code, "NOT_AN_OWNER");
    }
    // The way by which he came he may show to others.
    let cleo = Desk::shared().await;
    let text = invitation(&ben, at_bens).await;
    let at_cleos = opened(cleo.call(join(&text)).await);
    let mut events = cleo.app.events();
    let all = ana.snapshot(at_anas).await.nodes.len();
    shows(&cleo, &mut events, at_cleos, |it| it.nodes.len() == all).await;
}

#[tokio::test]
async fn members_have_their_names_after_a_restart() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut events = ana.app.events();
    let bens = me(&ben, at_bens).await;
    let name = "Ben Quokka";
    let person = Person {
        name: name.to_owned(),
        colour: "#4C9BE8".to_owned(),
    };
    ben.call(Request::PutMe { me: person }).await;
    ben.call(Request::PutPresence {
        project: at_bens,
        node: None,
        field: None,
        is_typing: false,
    })
    .await;
    let is_named = |members: &Members| {
        let mut devices = members.devices.iter();
        devices.any(|it| it.device == bens && it.name.as_deref() == Some(name))
    };
    until(&ana, &mut events, at_anas, is_named).await;
    ben.app.close().await.unwrap();
    let ana = ana.restart_shared(free_address().await).await;
    ana.open(at_anas).await;
    let known = members(&ana, at_anas).await;
    assert!(is_named(&known), "{:?}", known.devices);
}

#[tokio::test]
async fn a_viewer_reads_and_a_commenter_comments() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let bens = me(&ben, at_bens).await;
    ana.call(change(at_anas, &bens, MemberRole::Viewer)).await;
    until(&ben, &mut at_b, at_bens, |it| {
        it.role == Some(MemberRole::Viewer)
    })
    .await;
    let node = ana.add_root(at_anas, "For a viewer").await;
    shows(&ben, &mut at_b, at_bens, holds(node)).await;
    let edit = add_root(&ben, at_bens).await;
    assert_eq!(ben.refused(edit.clone()).await.code, "ROLE_FORBIDS");
    let undo = Request::Undo { project: at_bens };
    assert_eq!(ben.refused(undo).await.code, "ROLE_FORBIDS");
    let comment = |text: &str| Request::Apply {
        project: at_bens,
        command: Command::AddComment {
            comment: CommentId(Uuid::now_v7()),
            node,
            reply_to: None,
            body: text.to_owned(),
        },
    };
    assert_eq!(ben.refused(comment("Not yet")).await.code, "ROLE_FORBIDS");

    ana.call(change(at_anas, &bens, MemberRole::Commenter))
        .await;
    until(&ben, &mut at_b, at_bens, |it| {
        it.role == Some(MemberRole::Commenter)
    })
    .await;
    assert_eq!(ben.refused(edit.clone()).await.code, "ROLE_FORBIDS");
    ben.call(comment("Seen")).await;
    let inspect = Request::Inspect {
        project: at_anas,
        node,
    };
    while !format!("{:?}", ana.call(inspect.clone()).await).contains("Seen") {
        heard(&mut at_a, |event| {
            matches!(event, Event::Changed(_)).then_some(())
        })
        .await;
    }

    ana.call(change(at_anas, &bens, MemberRole::Editor)).await;
    until(&ben, &mut at_b, at_bens, |it| {
        it.role == Some(MemberRole::Editor)
    })
    .await;
    let node = ben.add_root(at_bens, "By an editor again").await;
    shows(&ana, &mut at_a, at_anas, holds(node)).await;
}

#[tokio::test]
async fn who_is_removed_is_cut_off_and_does_not_come_back() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let kept = ben.add_root(at_bens, "By Ben").await;
    shows(&ana, &mut at_a, at_anas, holds(kept)).await;
    let text = invitation(&ana, at_anas).await;
    let bens = me(&ben, at_bens).await;
    while !are_acquainted(&ana, at_anas, &bens).await {
        heard(&mut at_a, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
    ana.call(remove(at_anas, &bens)).await;
    assert!(
        !are_acquainted(&ana, at_anas, &bens).await,
        "no file is made for him"
    );
    let after = members(&ana, at_anas).await;
    assert_eq!(after.devices.len(), 1);
    assert!(!after.is_key_due, "the key was changed with the removal");
    until(&ben, &mut at_b, at_bens, |it| it.role.is_none()).await;
    let later = ana.add_root(at_anas, "After Ben").await;
    assert_eq!(
        ben.refused(add_root(&ben, at_bens).await).await.code,
        "NOT_A_MEMBER_HERE"
    );
    ben.call(join(&text)).await;
    assert_eq!(not_let_in(&ben, &mut at_b, at_bens).await, "WAS_REMOVED");
    let bens = ben.snapshot(at_bens).await;
    assert!(holds(kept)(&bens) && !holds(later)(&bens));
    assert!(holds(kept)(&ana.snapshot(at_anas).await));

    // Who comes later reads all, from before the key was changed, too.
    let cleo = Desk::shared().await;
    let mut events = cleo.app.events();
    let text = invitation(&ana, at_anas).await;
    let at_cleos = opened(cleo.call(join(&text)).await);
    shows(&cleo, &mut events, at_cleos, |it| {
        holds(kept)(it) && holds(later)(it)
    })
    .await;
}

#[tokio::test]
async fn an_invitation_from_before_a_change_of_the_key_still_lets_in() {
    let Two {
        ana,
        at_anas,
        ben,
        at_bens,
    } = two().await;
    let text = invite_as(&ana, at_anas, MemberRole::Editor, 5, 2).await;
    let before = ana.add_root(at_anas, "Before").await;
    let bens = me(&ben, at_bens).await;
    ana.call(remove(at_anas, &bens)).await;
    ana.call(Request::ChangeProjectKey { project: at_anas })
        .await;
    let after = ana.add_root(at_anas, "After").await;
    let cleo = Desk::shared().await;
    let mut events = cleo.app.events();
    let at_cleos = opened(cleo.call(join(&text)).await);
    shows(&cleo, &mut events, at_cleos, |it| {
        holds(before)(it) && holds(after)(it)
    })
    .await;
    // And after a restart of both.
    let address = free_address().await;
    let ana = ana.restart_shared(address).await;
    ana.open(at_anas).await;
    let mut at_a = ana.app.events();
    let again = ana.add_root(at_anas, "Again").await;
    let cleo = cleo.restart_shared("127.0.0.1:0".parse().unwrap()).await;
    cleo.open(at_cleos).await;
    let mut events = cleo.app.events();
    let add = Request::AddAddress {
        project: at_cleos,
        address: address.to_string(),
    };
    cleo.call(add).await;
    shows(&cleo, &mut events, at_cleos, holds(again)).await;
    let answer = cleo.add_root(at_cleos, "An answer").await;
    shows(&ana, &mut at_a, at_anas, holds(answer)).await;
}

#[tokio::test]
async fn why_an_invitation_lets_nobody_in_is_said() {
    let ana = Desk::shared().await;
    let project = ana.create("blank", false).await;
    invitation(&ana, project).await;
    let short = invite_as(&ana, project, MemberRole::Viewer, 1, 1).await;
    let once = invite_as(&ana, project, MemberRole::Viewer, 300, 1).await;
    let taken_back = invite_as(&ana, project, MemberRole::Viewer, 400, 1).await;
    let last = members(&ana, project).await.invitations;
    let last = last.iter().max_by_key(|it| it.expires_at).unwrap();
    let revoke = Request::RevokeInvitation {
        project,
        invitation: last.id.clone(),
    };
    ana.call(revoke.clone()).await;
    let first = Desk::shared().await;
    let mut events = first.app.events();
    let at_firsts = opened(first.call(join(&once)).await);
    until(&first, &mut events, at_firsts, |it| {
        it.role == Some(MemberRole::Viewer)
    })
    .await;
    let mut at_a = ana.app.events();
    until(&ana, &mut at_a, project, |it| it.devices.len() == 2).await;
    for (text, code, later) in [
        (&taken_back, "INVITATION_REVOKED", Duration::ZERO),
        (&once, "INVITATION_USED_UP", Duration::ZERO),
        (&short, "INVITATION_EXPIRED", 2 * HOUR),
    ] {
        let guest = Desk::shared().await;
        guest.pass(later);
        let mut events = guest.app.events();
        let at_guests = opened(guest.call(join(text)).await);
        assert_eq!(not_let_in(&guest, &mut events, at_guests).await, code);
    }
    let unknown = Request::RevokeInvitation {
        project,
        invitation: "no invitation".to_owned(),
    };
    assert_eq!(ana.refused(unknown).await.code, "INVITATION_UNKNOWN");
    let owners = Request::InviteAs {
        project,
        role: MemberRole::Owner,
        hours: 1,
        uses: 1,
    };
    assert_eq!(ana.refused(owners).await.code, "INVITES_OWNER");
}

#[tokio::test]
async fn a_project_is_handed_over_and_has_an_owner_at_any_time() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let (anas, bens) = (me(&ana, at_anas).await, me(&ben, at_bens).await);
    let resign = Request::LeaveProject { project: at_anas };
    for request in [
        resign,
        change(at_anas, &anas, MemberRole::Editor),
        remove(at_anas, &anas),
    ] {
        assert_eq!(ana.refused(request).await.code, "LAST_OWNER");
    }
    let nobody = "ab".repeat(32);
    for device in [nobody.as_str(), "nobody"] {
        let request = change(at_anas, device, MemberRole::Editor);
        assert_eq!(ana.refused(request).await.code, "NOT_A_MEMBER");
    }
    let hand_over = Request::HandOverProject {
        project: at_anas,
        device: bens.clone(),
    };
    ana.call(hand_over).await;
    until(&ben, &mut at_b, at_bens, |it| {
        it.role == Some(MemberRole::Owner)
    })
    .await;
    assert_eq!(members(&ana, at_anas).await.role, Some(MemberRole::Editor));
    let node = ana.add_root(at_anas, "Still an editor").await;
    shows(&ben, &mut at_b, at_bens, holds(node)).await;
    ben.call(change(at_bens, &anas, MemberRole::Owner)).await;
    until(&ana, &mut at_a, at_anas, |it| {
        it.role == Some(MemberRole::Owner)
    })
    .await;
    leaves(&ana, &mut at_a, at_anas).await;
    let after = until(&ben, &mut at_b, at_bens, |it| {
        it.devices.len() == 1 && !it.is_key_due
    })
    .await;
    assert_eq!(after.devices[0].device, bens);
}

#[tokio::test]
async fn rooms_of_earlier_versions_stay_open() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("book", true).await;
    ana.app.share_openly(at_anas).await.unwrap();
    let text = invitation(&ana, at_anas).await;
    let mut events = ben.app.events();
    let at_bens = opened(ben.call(join(&text)).await);
    let node = ana.add_root(at_anas, "In the open").await;
    shows(&ben, &mut events, at_bens, holds(node)).await;
    let known = members(&ben, at_bens).await;
    assert!(known.is_open && known.role.is_none() && known.devices.is_empty());
    let request = Request::ChangeProjectKey { project: at_anas };
    assert_eq!(ana.refused(request).await.code, "ROOM_OPEN");
    let alone = ana.create("blank", false).await;
    let reply = ana.call(Request::ReadMembers { project: alone }).await;
    assert_eq!(reply, Reply::Members { members: None });
    let request = Request::ChangeProjectKey { project: alone };
    assert_eq!(ana.refused(request).await.code, "NOT_SHARED");
}

async fn activity(desk: &Desk, project: ProjectId) -> Vec<(Deed, bool)> {
    match desk.call(Request::ReadActivity { project }).await {
        Reply::Activity { activity } => {
            let told = activity.into_iter();
            told.map(|it| (it.deed, it.by.is_me)).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The kinds of what happened, as windows get them.
fn kinds(activity: &[(Deed, bool)]) -> Vec<String> {
    let told = activity.iter().map(|(deed, _)| {
        let json = serde_json::to_value(deed).unwrap();
        json["kind"].as_str().unwrap().to_owned()
    });
    told.collect()
}

#[tokio::test]
async fn what_happened_to_the_members_is_told_in_its_order() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut events = ana.app.events();
    let known = until(&ana, &mut events, at_anas, |it| it.devices.len() == 2).await;
    assert!(
        known
            .devices
            .iter()
            .all(|it| it.words.split(' ').count() == 8)
    );
    let bens = me(&ben, at_bens).await;
    ana.call(change(at_anas, &bens, MemberRole::Viewer)).await;
    invite_as(&ana, at_anas, MemberRole::Commenter, 1, 3).await;
    ana.call(remove(at_anas, &bens)).await;
    let told = activity(&ana, at_anas).await;
    let kinds = kinds(&told);
    let at = |kind: &str| kinds.iter().position(|it| it == kind);
    assert_eq!(at("shared"), Some(0), "{kinds:?}");
    for (before, after) in [
        ("joined", "roleChanged"),
        ("roleChanged", "removed"),
        ("removed", "keyChanged"),
    ] {
        assert!(at(before).is_some() && at(before) < at(after), "{kinds:?}");
    }
    let joined = told.iter().find_map(|(deed, is_me)| match deed {
        Deed::Joined { role, .. } => Some((*role, *is_me)),
        _ => None,
    });
    assert_eq!(joined, Some((Some(MemberRole::Editor), false)));
    assert!(
        told.iter().any(|(deed, is_me)| *is_me
            && matches!(deed, Deed::Removed { device } if device.device == bens))
    );
    assert!(told.iter().any(|(deed, _)| matches!(
        deed,
        Deed::Invited {
            role: MemberRole::Commenter,
            uses: 3,
            ..
        }
    )));
}

#[tokio::test]
async fn windows_hear_that_their_role_is_another() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut events = ana.app.events();
    until(&ana, &mut events, at_anas, |it| it.devices.len() == 2).await;
    let mut at_ben = ben.app.events();
    let bens = me(&ben, at_bens).await;
    ana.call(change(at_anas, &bens, MemberRole::Viewer)).await;
    heard(&mut at_ben, |event| match event {
        Event::Members { project, members } => {
            (*project == at_bens && members.role == Some(MemberRole::Viewer)).then_some(())
        }
        _ => None,
    })
    .await;
}
