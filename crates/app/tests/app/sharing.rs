//! Two installations and one project, over real sockets of this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use app::event::Event;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::sharing::{Sharing, Status};
use graph::command::{Command, Place, Position};
use graph::id::NodeId;
use graph::value::Value;
use store::testing::Random;
use tokio::sync::broadcast::Receiver;

use crate::desk::{Desk, heard, new_node, opened, title_field};

/// A port that was free a moment ago, for a desk that is to be found again after a restart.
pub async fn free_address() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

pub async fn invitation(desk: &Desk, project: ProjectId) -> String {
    match desk.call(Request::Invite { project }).await {
        Reply::Invitation { invitation } => invitation.0,
        other => panic!("{other:?}"),
    }
}

pub async fn sharing(desk: &Desk, project: ProjectId) -> Sharing {
    match desk.call(Request::ReadSharing { project }).await {
        Reply::Sharing { sharing } => sharing.expect("it is shared"),
        other => panic!("{other:?}"),
    }
}

/// What everybody sees alike.
fn common(snapshot: Snapshot) -> impl PartialEq + std::fmt::Debug {
    (
        snapshot.nodes,
        snapshot.links,
        snapshot.frame,
        snapshot.problems,
        snapshot.trash_count,
    )
}

/// Waits until a desk shows what `is_there` looks for.
pub async fn shows(
    desk: &Desk,
    events: &mut Receiver<Arc<Event>>,
    project: ProjectId,
    is_there: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    loop {
        let snapshot = desk.snapshot(project).await;
        if is_there(&snapshot) {
            return snapshot;
        }
        heard(events, |event| {
            matches!(event, Event::Changed(_)).then_some(())
        })
        .await;
    }
}

pub fn holds(node: NodeId) -> impl Fn(&Snapshot) -> bool {
    move |snapshot| snapshot.nodes.iter().any(|row| row.0 == node)
}

/// Waits until everything has crossed, as its status says.
pub async fn is_live(desk: &Desk, events: &mut Receiver<Arc<Event>>, project: ProjectId) {
    while !matches!(sharing(desk, project).await.status, Status::Live { .. }) {
        heard(events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
}

pub struct Two {
    pub ana: Desk,
    pub ben: Desk,
    pub at_anas: ProjectId,
    pub at_bens: ProjectId,
}

/// Ana shares a sample, and Ben has joined and sees it.
pub async fn two() -> Two {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("book", true).await;
    let text = invitation(&ana, at_anas).await;
    let mut events = ben.app.events();
    let at_bens = opened(
        ben.call(Request::JoinProject {
            invitation: text.into(),
        })
        .await,
    );
    let all = ana.snapshot(at_anas).await.nodes.len();
    shows(&ben, &mut events, at_bens, |it| it.nodes.len() == all).await;
    Two {
        ana,
        ben,
        at_anas,
        at_bens,
    }
}

impl Two {
    async fn assert_equal(&self) {
        let anas = common(self.ana.snapshot(self.at_anas).await);
        let bens = common(self.ben.snapshot(self.at_bens).await);
        assert_eq!(anas, bens);
    }
}

/// More than fits into one frame of 16 MiB, over a link.
#[tokio::test(flavor = "multi_thread")]
async fn f7_a_project_that_fits_into_no_frame_is_joined() {
    let ana = Desk::shared().await;
    let at_anas = ana.create("blank", false).await;
    let template = ana.snapshot(at_anas).await.frame.template;
    let node_type = &template.types.iter().find(|it| it.top_level).unwrap().id;
    let title = title_field(&template, node_type);
    let mut random = Random::new(1);
    // A title has 5,000 UTF-16 units at most, each of which takes three bytes here, and two when it is packed.
    let mut character = || char::from_u32(0x4e00 + random.below(0x5000) as u32).unwrap();
    for _ in 0..200 {
        let creations = (0..10).map(|_| Command::CreateNode {
            node: new_node(),
            node_type: node_type.clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: vec![(
                title.clone(),
                Value::Text((0..5_000).map(|_| character()).collect()),
            )],
        });
        let batch = Command::Batch {
            label: None,
            commands: creations.collect(),
        };
        ana.apply(at_anas, batch).await;
    }
    let text = invitation(&ana, at_anas).await;
    let ben = Desk::shared().await;
    let (mut events, mut at_a) = (ben.app.events(), ana.app.events());
    let join = Request::JoinProject {
        invitation: text.into(),
    };
    let at_bens = opened(ben.call(join).await);
    shows(&ben, &mut events, at_bens, |it| it.nodes.len() == 2_000).await;
    is_live(&ana, &mut at_a, at_anas).await;
    assert_eq!(sharing(&ana, at_anas).await.unsendable, None);
    let two = Two {
        ana,
        ben,
        at_anas,
        at_bens,
    };
    two.assert_equal().await;
}

#[tokio::test]
async fn a_project_is_joined_and_its_name_arrives() {
    let two = two().await;
    two.assert_equal().await;
    let mut events = two.ben.app.events();
    while two.ben.projects().await[0].name != "My book" {
        heard(&mut events, |event| {
            matches!(event, Event::Projects { .. }).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn edits_cross_and_undo_takes_back_only_ones_own() {
    let two = two().await;
    let (mut at_anas, mut at_bens) = (two.ana.app.events(), two.ben.app.events());
    let from_ana = two.ana.add_root(two.at_anas, "From Ana").await;
    shows(&two.ben, &mut at_bens, two.at_bens, holds(from_ana)).await;
    let from_ben = two.ben.add_root(two.at_bens, "From Ben").await;
    shows(&two.ana, &mut at_anas, two.at_anas, holds(from_ben)).await;

    two.ana
        .call(Request::Undo {
            project: two.at_anas,
        })
        .await;
    let gone = move |it: &Snapshot| !holds(from_ana)(it) && holds(from_ben)(it);
    shows(&two.ben, &mut at_bens, two.at_bens, gone).await;
    is_live(&two.ana, &mut at_anas, two.at_anas).await;
    two.assert_equal().await;
}

#[tokio::test]
async fn what_both_did_apart_is_merged_when_they_meet_again() {
    let address = free_address().await;
    let two = two().await;
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two;
    // Ana moves to an address that Ben does not know, so they are apart until Ana dials.
    let text = invitation(&ben, at_bens).await;
    let ana = ana.restart_shared(address).await;
    let mut events = ben.app.events();
    while sharing(&ben, at_bens).await.status != Status::Offline {
        heard(&mut events, |event| {
            matches!(event, Event::Sharing { .. }).then_some(())
        })
        .await;
    }
    for number in 0..30 {
        ben.add_root(at_bens, &format!("Ben {number}")).await;
    }
    assert_eq!(sharing(&ben, at_bens).await.waiting, 30);
    ana.open(at_anas).await;
    for number in 0..30 {
        ana.add_root(at_anas, &format!("Ana {number}")).await;
    }
    let at_anas_again = opened(
        ana.call(Request::JoinProject {
            invitation: text.into(),
        })
        .await,
    );
    assert_eq!(at_anas_again, at_anas, "a room is joined once");
    let mut events = ana.app.events();
    is_live(&ana, &mut events, at_anas).await;
    Two {
        ana,
        ben,
        at_anas,
        at_bens,
    }
    .assert_equal()
    .await;
}

#[tokio::test]
async fn a_window_is_told_who_else_is_here_and_where() {
    let two = two().await;
    let mut events = two.ana.app.events();
    let node = two.ben.snapshot(two.at_bens).await.nodes[0].0;
    let here = Request::PutPresence {
        project: two.at_bens,
        node: Some(node),
        field: None,
        is_typing: true,
    };
    two.ben.call(here.clone()).await;
    let seen = heard(&mut events, |event| match event {
        Event::Sharing { sharing, .. } => sharing
            .companions
            .iter()
            .find(|it| it.node == Some(node))
            .cloned(),
        _ => None,
    });
    let seen = seen.await;
    assert!(seen.is_typing && seen.is_linked && seen.person.is_some());

    let settings = app::settings::Settings {
        shows_whereabouts: false,
        ..Default::default()
    };
    two.ben.call(Request::PutSettings { settings }).await;
    two.ben.call(here).await;
    let hidden = heard(&mut events, |event| match event {
        Event::Sharing { sharing, .. } => sharing
            .companions
            .iter()
            .find(|it| it.person == seen.person && it.node.is_none())
            .cloned(),
        _ => None,
    });
    let hidden = hidden.await;
    assert!(hidden.is_linked && !hidden.is_typing && hidden.name.is_some());
}

#[tokio::test]
async fn a_shared_project_that_is_duplicated_is_not_shared() {
    let two = two().await;
    let copy = Request::DuplicateProject {
        project: two.at_anas,
        name: "Mine alone".to_owned(),
    };
    let copy = opened(two.ana.call(copy).await);
    two.ana.open(copy).await;
    let reply = two.ana.call(Request::ReadSharing { project: copy }).await;
    assert_eq!(reply, Reply::Sharing { sharing: None });
}

#[tokio::test]
async fn what_is_no_invitation_is_refused() {
    let (desk, alone) = (Desk::shared().await, Desk::new().await);
    let join = |invitation: &str| Request::JoinProject {
        invitation: invitation.into(),
    };
    assert_eq!(desk.refused(join("hello")).await.code, "NOT_AN_INVITATION");
    assert_eq!(alone.refused(join("hello")).await.code, "SHARING_OFF");
    let project = alone.create("blank", false).await;
    let invite = Request::Invite { project };
    assert_eq!(alone.refused(invite).await.code, "SHARING_OFF");
}

#[tokio::test]
async fn a_command_needs_no_company() {
    let desk = Desk::shared().await;
    let project = desk.create("blank", false).await;
    invitation(&desk, project).await;
    let set = Command::SetProject {
        name: Some("Alone".to_owned()),
        currency: None,
    };
    desk.apply(project, set).await;
    let sharing = sharing(&desk, project).await;
    assert_eq!(sharing.status, Status::Offline);
    assert!(sharing.waiting > 0 && sharing.companions.is_empty());
}

/// The directory of a desk is copied and both go on, as when a virtual machine is set back: the copy has
/// the very stream that the original has, and finds out when they meet.
#[tokio::test]
async fn a_copied_installation_loses_nothing_and_takes_nothing() {
    let two = two().await;
    let mut at_bens = two.ben.app.events();
    let mut at_anas = two.ana.app.events();
    is_live(&two.ana, &mut at_anas, two.at_anas).await;
    let copy = two.ben.copied().await;
    let kept = two.ben.add_root(two.at_bens, "By the original").await;
    shows(&two.ana, &mut at_anas, two.at_anas, holds(kept)).await;
    copy.open(two.at_bens).await;
    let mut at_copys = copy.app.events();
    shows(&copy, &mut at_copys, two.at_bens, holds(kept)).await;
    let made = copy.add_root(two.at_bens, "By the copy").await;
    shows(&two.ana, &mut at_anas, two.at_anas, holds(made)).await;
    shows(&two.ben, &mut at_bens, two.at_bens, holds(made)).await;
}
