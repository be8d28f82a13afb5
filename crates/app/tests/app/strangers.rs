//! Machines in a room that do what no application of ours does: others are told who it was, and nothing is lost.

use std::net::SocketAddr;
use std::sync::Arc;

use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Sharing;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use relay::Limits;
use testkit::links::{Member, Raw, key};
use tokio::sync::broadcast::Receiver;
use trust::Membership;

use crate::desk::{Desk, heard, shown};

/// Where somebody is to be found who shares a project, from the invitation.
async fn invitation(desk: &Desk, project: ProjectId) -> (Membership, SocketAddr) {
    desk.app.share_openly(project).await.unwrap();
    let Reply::Invitation { invitation } = desk.call(Request::Invite { project }).await else {
        panic!("there is no invitation");
    };
    let fragment = invitation.split_once('#').unwrap().1;
    let json = URL_SAFE_NO_PAD.decode(fragment).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let genesis = URL_SAFE_NO_PAD.decode(written["genesis"].as_str().unwrap());
    let membership = Membership::open(&[genesis.unwrap()]).unwrap();
    let address = written["addresses"][0].as_str().unwrap().parse();
    (membership, address.unwrap())
}

async fn sharing(desk: &Desk, project: ProjectId) -> Sharing {
    match desk.call(Request::ReadSharing { project }).await {
        Reply::Sharing { sharing } => sharing.expect("it is shared"),
        other => panic!("{other:?}"),
    }
}

/// Waits until the window is told so.
async fn says(events: &mut Receiver<Arc<Event>>, wanted: impl Fn(&Sharing) -> bool) -> Sharing {
    heard(events, |event| match event {
        Event::Sharing { sharing, .. } if wanted(sharing) => Some(sharing.clone()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_cannot_be_applied_are_kept_passed_on_and_charged() {
    let ana = Desk::shared().await;
    let project = ana.create("book", true).await;
    let (room, address) = invitation(&ana, project).await;
    let before = shown(ana.snapshot(project).await);
    let mut events = ana.app.events();

    // What it writes is no change of any document.
    let stranger = Member::proven(66, &room, address.into(), Limits::default());
    stranger.write(3, 100);
    let device = key(66).device().to_string();
    let told = says(&mut events, |sharing| {
        let stranger = sharing.companions.iter().find(|it| it.device == device);
        stranger.is_some_and(|it| it.faults == 3)
    });
    told.await;
    assert_eq!(shown(ana.snapshot(project).await), before);

    // It is no reason to drop a link, and what is made here still reaches it.
    let held = stranger.view().held.frames();
    ana.add_root(project, "After that").await;
    stranger.holds(held.max(4) + 1).await;
    assert_eq!(stranger.view().ups, 1);

    // Somebody else gets the frames as they are.
    let cleo = Member::proven(67, &room, address.into(), Limits::default());
    cleo.holds(stranger.view().held.frames()).await;
    assert_eq!(cleo.log(), stranger.log());

    // They are not read again at the next start, and not lost.
    let after = shown(ana.snapshot(project).await);
    let ana = ana.restart_shared(address).await;
    ana.open(project).await;
    assert_eq!(shown(ana.snapshot(project).await), after);
    let dora = Member::proven(68, &room, address.into(), Limits::default());
    dora.holds(stranger.view().held.frames()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_what_is_no_message_is_cut_off_and_named() {
    let ana = Desk::shared().await;
    let (project, other) = (
        ana.create("book", true).await,
        ana.create("blank", false).await,
    );
    let (room, address) = invitation(&ana, project).await;
    let (other_room, _) = invitation(&ana, other).await;
    let before = shown(ana.snapshot(project).await);
    let friend = Member::proven(67, &room, address.into(), Limits::default());
    let elsewhere = Member::proven(68, &other_room, address.into(), Limits::default());
    friend.is_up().await;
    elsewhere.is_up().await;

    let mut events = ana.app.events();
    let mut raw = Raw::proven(address, &room, 66).await;
    raw.send(b"\xff\xff\xff").await;
    raw.is_closed().await;
    let device = key(66).device().to_string();
    let told = says(&mut events, |sharing| {
        sharing.offences.iter().any(|it| it.device == device)
    });
    let told = told.await;
    assert_eq!(told.offences.len(), 1, "{:?}", told.offences);
    assert!(!told.offences[0].what.is_empty());

    // It came with the log of another room.
    let mut raw = Raw::proven(address, &room, 65).await;
    let foreign = testkit::links::room(9);
    let records = foreign.records().iter();
    let records = records.map(|record| bytes::Bytes::copy_from_slice(record));
    raw.send(&sync::Message::Members(records.collect()).encode())
        .await;
    raw.is_closed().await;

    assert_eq!(shown(ana.snapshot(project).await), before);
    assert!(sharing(&ana, other).await.offences.is_empty());
    ana.add_root(project, "After that").await;
    ana.add_root(other, "There as well").await;
    friend.holds(2).await;
    elsewhere.holds(2).await;
    assert_eq!((friend.view().ups, elsewhere.view().ups), (1, 1));
}
