//! Two installations that pair by a code, over real sockets of this machine.

use std::sync::Arc;

use app::event::Event;
use app::failure::Failure;
use app::members::{MemberRole, Members};
use app::pairing::{Nearby, Pairing, PairingId, PairingPlace, PairingSide, PairingState};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::settings::{DiscoveryChoice, Settings};
use graph::command::Command;
use graph::id::{CommentId, NodeId};
use graph::person::Person;
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use crate::desk::{Desk, heard};
use crate::sharing::{Two, free_address, holds, shows, two};

type Events = Receiver<Arc<Event>>;

/// Where others reach a desk.
async fn address(desk: &Desk) -> String {
    match desk.call(Request::ReadNetwork).await {
        Reply::Network(network) => network.addresses[0].clone(),
        other => panic!("{other:?}"),
    }
}

async fn nearby(desk: &Desk) -> Nearby {
    match desk.call(Request::ReadNearby).await {
        Reply::Nearby(nearby) => nearby,
        other => panic!("{other:?}"),
    }
}

async fn current(desk: &Desk) -> Option<Pairing> {
    match desk.call(Request::ReadPairing).await {
        Reply::Pairing { pairing } => pairing,
        other => panic!("{other:?}"),
    }
}

async fn members(desk: &Desk, project: ProjectId) -> Option<Members> {
    match desk.call(Request::ReadMembers { project }).await {
        Reply::Members { members } => members,
        other => panic!("{other:?}"),
    }
}

fn ask(project: ProjectId, address: String) -> Request {
    Request::BeginPairing {
        project,
        at: PairingPlace::Address { address },
        role: MemberRole::Editor,
        is_mine: false,
    }
}

async fn begin(desk: &Desk, request: Request) -> PairingId {
    match desk.call(request).await {
        Reply::Pairing {
            pairing: Some(pairing),
        } => {
            assert_eq!(pairing.side, PairingSide::Sharing);
            assert_eq!(pairing.state, PairingState::Asking);
            pairing.id
        }
        other => panic!("{other:?}"),
    }
}

fn answer(pairing: PairingId, code: &str) -> Request {
    Request::AnswerPairing {
        pairing,
        code: code.into(),
    }
}

/// Waits until a pairing stands as wanted.
async fn until(events: &mut Events, wanted: impl Fn(&PairingState) -> bool) -> Pairing {
    let pairing = |event: &Event| match event {
        Event::Pairing {
            pairing: Some(pairing),
        } if wanted(&pairing.state) => Some(pairing.clone()),
        _ => None,
    };
    heard(events, pairing).await
}

/// The code that a desk shows.
async fn shown(events: &mut Events) -> (Pairing, String) {
    let pairing = until(events, |it| matches!(it, PairingState::Showing { .. })).await;
    match &pairing.state {
        PairingState::Showing { code, .. } => (pairing.clone(), code.0.clone()),
        _ => unreachable!(),
    }
}

async fn typing(events: &mut Events) -> Pairing {
    until(events, |it| matches!(it, PairingState::Typing { .. })).await
}

async fn done(events: &mut Events) -> Pairing {
    let over = until(events, PairingState::is_over).await;
    assert_eq!(over.state, PairingState::Done);
    over
}

async fn failed(events: &mut Events) -> Failure {
    match until(events, PairingState::is_over).await.state {
        PairingState::Failed { failure, .. } => failure,
        other => panic!("{other:?}"),
    }
}

async fn call_oneself(desk: &Desk, name: &str) {
    let me = Person {
        name: name.to_owned(),
        colour: "#4C9BE8".to_owned(),
    };
    desk.call(Request::PutMe { me }).await;
}

fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn who_types_the_code_shares_the_project() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    call_oneself(&ana, "Ana").await;
    call_oneself(&ben, "Ben").await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let at_anas = ana.create("book", true).await;
    let id = begin(&ana, ask(at_anas, address(&ben).await)).await;
    let (asked, code) = shown(&mut at_b).await;
    assert_eq!((asked.side, asked.project), (PairingSide::Joining, None));
    assert_eq!(asked.peer.name.as_deref(), Some("Ana"));
    assert_eq!(asked.peer.words, Some(nearby(&ana).await.words));
    assert_eq!(current(&ben).await, Some(asked));
    let asking = typing(&mut at_a).await;
    assert_eq!((asking.id, asking.project), (id, Some(at_anas)));
    assert_eq!(asking.peer.words, Some(nearby(&ben).await.words));
    assert_eq!(members(&ana, at_anas).await, None, "it is not shared yet");
    // What is no code costs no guess.
    for text in ["", "12345", "12345x"] {
        assert_eq!(ana.refused(answer(id, text)).await.code, "NOT_A_CODE");
    }
    ana.call(answer(id, &format!("{} {}", &code[..3], &code[3..])))
        .await;
    let (anas, bens) = (done(&mut at_a).await, done(&mut at_b).await);
    assert_eq!(anas.peer.name.as_deref(), Some("Ben"));
    assert_eq!(bens.peer.name.as_deref(), Some("Ana"));
    let at_bens = bens.project.expect("it is there");

    let all = ana.snapshot(at_anas).await.nodes.len();
    shows(&ben, &mut at_b, at_bens, |it| it.nodes.len() == all).await;
    let node = ben.add_root(at_bens, "By Ben").await;
    shows(&ana, &mut at_a, at_anas, holds(node)).await;
    let members = members(&ana, at_anas).await.expect("it is shared");
    let bens = members.devices.iter().find(|it| !it.is_me).unwrap();
    assert_eq!(bens.role, MemberRole::Editor);
    assert_eq!(Some(&bens.device), asking.peer.device.as_ref());
    assert_eq!(members.invitations, [], "nobody else joins by it");

    // What is over is put away, on each side by itself.
    ana.call(Request::CancelPairing { pairing: id }).await;
    assert_eq!(current(&ana).await, None);
    assert!(current(&ben).await.is_some());
}

/// A comment on a node: by whom it is for the person at a desk.
async fn comments(desk: &Desk, project: ProjectId, node: NodeId) -> Vec<(String, bool)> {
    match desk.call(Request::Inspect { project, node }).await {
        Reply::Details(details) => (details.comments.into_iter())
            .map(|it| (it.body, it.mine))
            .collect(),
        other => panic!("{other:?}"),
    }
}

async fn comment(desk: &Desk, project: ProjectId, node: NodeId, body: &str) {
    let add = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node,
        reply_to: None,
        body: body.to_owned(),
    };
    desk.apply(project, add).await;
}

#[tokio::test]
async fn another_machine_of_hers_is_hers_once_she_says_so_there() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    call_oneself(&ana, "Ana").await;
    call_oneself(&ben, "Laptop").await;
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let at_anas = ana.create("book", true).await;
    let of_his_own = ben.create("book", true).await;
    let his = ben.add_root(of_his_own, "From before").await;
    let mut ask = ask(at_anas, address(&ben).await);
    if let Request::BeginPairing { is_mine, .. } = &mut ask {
        *is_mine = true;
    }
    let id = begin(&ana, ask).await;
    let (_, code) = shown(&mut at_b).await;
    typing(&mut at_a).await;
    ana.call(answer(id, &code)).await;
    done(&mut at_a).await;
    let paired = done(&mut at_b).await;
    let (id, at_bens) = (paired.id, paired.project.unwrap());
    assert_eq!(paired.hers.map(|it| it.name), Some("Ana".to_owned()));

    // She is in before the project has come.
    let all = ana.snapshot(at_anas).await.nodes.len();
    shows(&ben, &mut at_b, at_bens, |it| it.nodes.len() == all).await;
    let node = ben.add_root(at_bens, "By the laptop").await;
    comment(&ben, at_bens, node, "Not hers yet").await;
    ben.call(Request::BecomePeer { pairing: id }).await;
    comment(&ben, at_bens, node, "Hers").await;
    let expected = [("Not hers yet", false), ("Hers", true)];
    let expected = expected.map(|(body, mine)| (body.to_owned(), mine));
    assert_eq!(comments(&ben, at_bens, node).await, expected);
    shows(&ana, &mut at_a, at_anas, holds(node)).await;
    while comments(&ana, at_anas, node).await != expected {
        heard(&mut at_a, |event| {
            matches!(event, Event::Changed(_)).then_some(())
        })
        .await;
    }

    // What was done before can be undone, and what is done elsewhere is hers, too.
    let undone = ben
        .call(Request::Undo {
            project: of_his_own,
        })
        .await;
    assert!(matches!(undone, Reply::Undone { .. }), "{undone:?}");
    assert!(!holds(his)(&ben.snapshot(of_his_own).await));
    let me = match ben.call(Request::Start).await {
        Reply::Started(started) => started.me.name,
        other => panic!("{other:?}"),
    };
    assert_eq!(me, "Ana");
    let again = ben.refused(Request::BecomePeer { pairing: id }).await;
    assert_eq!(again.code, "PAIRING_GONE");
}

#[tokio::test]
async fn who_was_removed_is_cut_off_and_does_not_come_back_by_a_code() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let at_anas = ana.create("book", true).await;
    let bens_address = address(&ben).await;
    let id = begin(&ana, ask(at_anas, bens_address.clone())).await;
    let (_, code) = shown(&mut at_b).await;
    typing(&mut at_a).await;
    ana.call(answer(id, &code)).await;
    let device = done(&mut at_a).await.peer.device.unwrap();
    let at_bens = done(&mut at_b).await.project.unwrap();
    let node = ana.add_root(at_anas, "Before").await;
    shows(&ben, &mut at_b, at_bens, holds(node)).await;
    let remove = Request::RemoveMember {
        project: at_anas,
        device,
    };
    ana.call(remove).await;
    while members(&ben, at_bens).await.unwrap().role.is_some() {
        let is_sharing = |event: &Event| matches!(event, Event::Sharing { .. }).then_some(());
        heard(&mut at_b, is_sharing).await;
    }
    let later = ana.add_root(at_anas, "After").await;

    let id = begin(&ana, ask(at_anas, bens_address)).await;
    let (_, code) = shown(&mut at_b).await;
    typing(&mut at_a).await;
    ana.call(answer(id, &code)).await;
    assert_eq!(failed(&mut at_a).await.code, "WAS_REMOVED");
    assert_eq!(failed(&mut at_b).await.code, "PAIRING_NOT_JOINED");
    assert!(!holds(later)(&ben.snapshot(at_bens).await));
}

#[tokio::test]
async fn a_wrong_code_gives_nothing_and_the_next_is_as_good_as_ever() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let at_anas = ana.create("book", true).await;
    let bens_address = address(&ben).await;
    let id = begin(&ana, ask(at_anas, bens_address.clone())).await;
    let (_, code) = shown(&mut at_b).await;
    typing(&mut at_a).await;
    ana.call(answer(id, &another(&code))).await;
    for events in [&mut at_a, &mut at_b] {
        assert_eq!(failed(events).await.code, "PAIRING_WRONG_CODE");
    }
    assert_eq!(ana.refused(answer(id, &code)).await.code, "PAIRING_GONE");
    assert_eq!(members(&ana, at_anas).await, None, "nothing was shared");
    match ben.call(Request::ListProjects).await {
        Reply::Projects { projects } => assert_eq!(projects, []),
        other => panic!("{other:?}"),
    }
    let id = begin(&ana, ask(at_anas, bens_address)).await;
    let (_, code) = shown(&mut at_b).await;
    typing(&mut at_a).await;
    ana.call(answer(id, &code)).await;
    done(&mut at_a).await;
    done(&mut at_b).await;
}

#[tokio::test]
async fn either_side_can_give_it_up() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let (mut at_a, mut at_b) = (ana.app.events(), ben.app.events());
    let at_anas = ana.create("book", true).await;
    let bens_address = address(&ben).await;
    begin(&ana, ask(at_anas, bens_address.clone())).await;
    let (asked, _) = shown(&mut at_b).await;
    let pairing = asked.id;
    ben.call(Request::CancelPairing { pairing }).await;
    assert_eq!(current(&ben).await, None);
    assert_eq!(failed(&mut at_a).await.code, "PAIRING_REFUSED");

    let pairing = begin(&ana, ask(at_anas, bens_address.clone())).await;
    shown(&mut at_b).await;
    typing(&mut at_a).await;
    let second = ana.refused(ask(at_anas, bens_address)).await;
    assert_eq!(second.code, "PAIRING_BUSY");
    ana.call(Request::CancelPairing { pairing }).await;
    assert_eq!(current(&ana).await, None);
    assert_eq!(failed(&mut at_b).await.code, "PAIRING_CANCELLED");
}

#[tokio::test]
async fn who_is_not_to_be_found_is_asked_for_nothing() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let mut at_a = ana.app.events();
    let at_anas = ana.create("book", true).await;
    let put = |discovery| Request::PutSettings {
        settings: Settings {
            discovery,
            ..Settings::default()
        },
    };
    ben.call(put(DiscoveryChoice::Off)).await;
    let bens_address = address(&ben).await;
    begin(&ana, ask(at_anas, bens_address.clone())).await;
    assert_eq!(failed(&mut at_a).await.code, "PAIRING_NOT_FINDABLE");
    assert_eq!(current(&ben).await, None);
    let mut at_b = ben.app.events();
    ben.call(put(DiscoveryChoice::All)).await;
    begin(&ana, ask(at_anas, bens_address)).await;
    shown(&mut at_b).await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two().await;
    let mut at_a = ana.app.events();
    let nobody = free_address().await.to_string();
    begin(&ana, ask(at_anas, nobody.clone())).await;
    assert_eq!(failed(&mut at_a).await.code, "PAIRING_UNREACHABLE");
    begin(&ana, ask(at_anas, address(&ana).await)).await;
    assert_eq!(failed(&mut at_a).await.code, "PAIRING_OWN_ADDRESS");
    let editor = ben.refused(ask(at_bens, nobody.clone())).await;
    assert_eq!(editor.code, "NOT_AN_OWNER");
    let begin = |at, role| Request::BeginPairing {
        project: at_anas,
        at,
        role,
        is_mine: false,
    };
    let address = PairingPlace::Address { address: nobody };
    let owner = ana.refused(begin(address, MemberRole::Owner)).await;
    assert_eq!(owner.code, "INVITES_OWNER");
    let machine = PairingPlace::Machine {
        machine: "0123456789abcdef".to_owned(),
    };
    let gone = ana.refused(begin(machine, MemberRole::Viewer)).await;
    assert_eq!(gone.code, "MACHINE_GONE");
    assert_eq!(nearby(&ana).await.machines, []);
    assert_eq!(current(&Desk::new().await).await, None);
}
