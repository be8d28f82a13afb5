//! What concerns somebody, on two installations that share a project over real sockets.

use std::sync::Arc;

use app::event::Event;
use app::members::{MemberRole, Members};
use app::notices::NoticeGroup;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use graph::command::{Command, Place, Position};
use graph::id::{CommentId, FieldId, NodeId, TypeId};
use graph::notice::NoticeKind;
use graph::person::Person;
use graph::template::{NodeType, Role, Trait};
use graph::value::Value;
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use crate::desk::{Desk, heard, new_node, opened, title_field};
use crate::sharing::{Two, free_address, invitation, is_live, shows, two};

async fn name(desk: &Desk, name: &str) {
    let me = Person {
        name: name.to_owned(),
        colour: "#4C9BE8".to_owned(),
    };
    desk.call(Request::PutMe { me }).await;
}

async fn entries(desk: &Desk, project: ProjectId) -> Vec<NoticeGroup> {
    match desk.call(Request::ReadNotices { project }).await {
        Reply::Notices { entries } => entries,
        other => panic!("{other:?}"),
    }
}

/// Waits until the list is as wished.
async fn lists(
    desk: &Desk,
    events: &mut Receiver<Arc<Event>>,
    project: ProjectId,
    is_wished: impl Fn(&[NoticeGroup]) -> bool,
) -> Vec<NoticeGroup> {
    let listen = async {
        loop {
            let found = entries(desk, project).await;
            if is_wished(&found) {
                return found;
            }
            heard(events, |event| {
                matches!(event, Event::Notices { .. }).then_some(())
            })
            .await;
        }
    };
    // What a test waits for would otherwise be on its stack as often as it waits.
    Box::pin(listen).await
}

/// What a plan needs so that items can be assigned: a type of work, its field of people, Ben's card.
struct Plan {
    work: TypeId,
    assignees: FieldId,
    card: NodeId,
}

/// Ben's card, made by Ana.
async fn plan(two: &Two) -> Plan {
    let template = two.ana.snapshot(two.at_anas).await.frame.template;
    let mut fields = template.fields.iter();
    let assignees = fields.find(|field| field.role == Some(Role::Assignees));
    let assignees = assignees.unwrap().id.clone();
    let takes_people = |it: &&NodeType| it.fields.iter().any(|placed| placed.field == assignees);
    let mut works = template.types.iter().filter(takes_people);
    let work = works
        .clone()
        .find(|it| it.top_level)
        .or_else(|| works.next());
    let work = work.unwrap().id.clone();
    let is_person = |it: &&NodeType| it.traits.contains(&Trait::Person);
    let person = template.types.iter().find(is_person).unwrap().id.clone();
    let card = make(two, &person, "Ben", vec![]).await;
    Plan {
        work,
        assignees,
        card,
    }
}

/// A node wherever its type may stand.
async fn make(
    two: &Two,
    node_type: &TypeId,
    title: &str,
    mut values: Vec<(FieldId, Value)>,
) -> NodeId {
    let snapshot = two.ana.snapshot(two.at_anas).await;
    let node = new_node();
    values.push((
        title_field(&snapshot.frame.template, node_type),
        Value::Text(title.to_owned()),
    ));
    let create = Command::CreateNode {
        node,
        node_type: node_type.clone(),
        place: Place {
            parent: parent_for(&snapshot, node_type),
            at: Position::Last,
        },
        values,
    };
    two.ana.apply(two.at_anas, create).await;
    node
}

fn parent_for(snapshot: &Snapshot, node_type: &TypeId) -> Option<NodeId> {
    let types = &snapshot.frame.template.types;
    let of = |id: &TypeId| types.iter().find(|it| it.id == *id).unwrap();
    if of(node_type).top_level {
        return None;
    }
    let parent = snapshot
        .nodes
        .iter()
        .find(|row| of(&row.3).children.contains(node_type));
    Some(parent.unwrap().0)
}

async fn assign(two: &Two, plan: &Plan, title: &str) -> NodeId {
    let ben = Value::Nodes([plan.card].into());
    make(two, &plan.work, title, vec![(plan.assignees.clone(), ben)]).await
}

/// Two who know each other by name, and what was there before Ben came is no news to him.
async fn ana_and_ben() -> Two {
    let two = two().await;
    name(&two.ana, "Ana").await;
    name(&two.ben, "Ben").await;
    let mut at_anas = two.ana.app.events();
    let mut at_bens = two.ben.app.events();
    two.ana.add_root(two.at_anas, "Begin").await;
    is_live(&two.ana, &mut at_anas, two.at_anas).await;
    is_live(&two.ben, &mut at_bens, two.at_bens).await;
    assert_eq!(entries(&two.ben, two.at_bens).await, []);
    two
}

fn kinds(entries: &[NoticeGroup]) -> Vec<NoticeKind> {
    entries.iter().map(|entry| entry.notices[0].kind).collect()
}

#[tokio::test]
async fn an_assignment_is_heard_once_by_whom_it_concerns() {
    let two = Box::pin(ana_and_ben()).await;
    let mut events = two.ben.app.events();
    let plan = plan(&two).await;
    let node = assign(&two, &plan, "For Ben").await;
    let told = heard(&mut events, |event| match event {
        Event::Notices { fresh, entries, .. } if !fresh.is_empty() => Some(entries.clone()),
        _ => None,
    });
    let told = told.await;
    assert_eq!(kinds(&told), [NoticeKind::Assigned]);
    let notice = &told[0].notices[0];
    assert_eq!(
        (notice.node, notice.title.as_str()),
        (Some(node), "For Ben")
    );
    let people = two.ben.snapshot(two.at_bens).await.frame.people;
    assert_eq!(people[&notice.by.unwrap()].name, "Ana");

    // A comment that names him, then something that does not concern him: it comes last, so all before has come.
    let comment = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node,
        reply_to: None,
        body: "Well, @Ben?".to_owned(),
    };
    two.ana.apply(two.at_anas, comment).await;
    let seen = |it: &[NoticeGroup]| it.len() == 2;
    let list = lists(&two.ben, &mut events, two.at_bens, seen).await;
    assert_eq!(kinds(&list), [NoticeKind::Mentioned, NoticeKind::Assigned]);
    assert!(
        entries(&two.ana, two.at_anas)
            .await
            .iter()
            .all(|it| it.notices[0].kind == NoticeKind::Joined)
    );
}

#[tokio::test]
async fn a_window_knows_whom_a_notice_names() {
    let two = Box::pin(ana_and_ben()).await;
    let mut events = two.ana.app.events();
    let mut known = two.ana.snapshot(two.at_anas).await.frame.people;
    // It is the first that Ben writes, and so it brings who he is.
    let snapshot = two.ben.snapshot(two.at_bens).await;
    let comment = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node: snapshot.nodes[0].0,
        reply_to: None,
        body: "Well, @Ana?".to_owned(),
    };
    two.ben.apply(two.at_bens, comment).await;
    let by = heard(&mut events, |event| match event {
        Event::Changed(changed) => {
            known.extend(changed.frame.iter().flat_map(|it| it.people.clone()));
            None
        }
        Event::Notices { fresh, entries, .. } if !fresh.is_empty() => {
            let newest = &entries[0].notices[0];
            newest.by.filter(|_| newest.kind == NoticeKind::Mentioned)
        }
        _ => None,
    })
    .await;
    assert_eq!(known[&by].name, "Ben");
}

#[tokio::test]
async fn what_was_read_stays_read_after_a_restart_and_nothing_comes_again() {
    let address = free_address().await;
    let two = Box::pin(ana_and_ben()).await;
    let mut events = two.ben.app.events();
    let plan = plan(&two).await;
    assign(&two, &plan, "First").await;
    assign(&two, &plan, "Second").await;
    let list = lists(&two.ben, &mut events, two.at_bens, |it| it.len() == 2).await;
    let mark = Request::MarkNotices {
        project: two.at_bens,
        entries: Some(vec![list[0].id]),
    };
    two.ben.call(mark).await;
    let marked = lists(&two.ben, &mut events, two.at_bens, |it| it[0].is_read).await;
    assert!(!marked[1].is_read);

    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two;
    let ben = ben.restart_shared(address).await;
    ben.open(at_bens).await;
    assert_eq!(entries(&ben, at_bens).await, marked);
    // He meets Ana again, who says all she has; then one thing more.
    let mut events = ben.app.events();
    let text = invitation(&ana, at_anas).await;
    ben.call(Request::JoinProject {
        invitation: text.into(),
    })
    .await;
    let two = Two {
        ana,
        ben,
        at_anas,
        at_bens,
    };
    assign(&two, &plan, "Third").await;
    let list = lists(&two.ben, &mut events, at_bens, |it| it.len() != 2).await;
    let titles: Vec<&str> = list.iter().map(|it| it.notices[0].title.as_str()).collect();
    assert_eq!(titles, ["Third", "Second", "First"]);
    two.ben
        .call(Request::MarkNotices {
            project: at_bens,
            entries: None,
        })
        .await;
    let all_read = |it: &[NoticeGroup]| it.iter().all(|entry| entry.is_read);
    lists(&two.ben, &mut events, at_bens, all_read).await;
}

#[tokio::test]
async fn a_month_apart_is_told_in_a_few_words() {
    let address = free_address().await;
    let two = Box::pin(ana_and_ben()).await;
    let plan = plan(&two).await;
    let mut at_anas = two.ana.app.events();
    is_live(&two.ana, &mut at_anas, two.at_anas).await;
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two;
    // Ben is away; Ana goes on for a month.
    let ben = ben.restart().await;
    let two = Two {
        ana,
        ben,
        at_anas,
        at_bens,
    };
    for number in 0..40 {
        assign(&two, &plan, &format!("Item {number}")).await;
        two.ana.pass(std::time::Duration::from_secs(60_000));
    }
    let Two { ana, ben, .. } = two;
    let ben = ben.restart_shared(address).await;
    let mut events = ben.app.events();
    ben.open(at_bens).await;
    let text = invitation(&ana, at_anas).await;
    ben.call(Request::JoinProject {
        invitation: text.into(),
    })
    .await;
    let all = |it: &[NoticeGroup]| it.iter().map(|entry| entry.count).sum::<u32>() == 40;
    let list = lists(&ben, &mut events, at_bens, all).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!((list[0].count, list[0].items), (40, 40));
}

#[tokio::test]
async fn a_conflict_is_told_unless_one_does_not_want_to_hear_of_conflicts() {
    let two = Box::pin(ana_and_ben()).await;
    let (mut at_anas_desk, mut at_bens_desk) = (two.ana.app.events(), two.ben.app.events());
    let node = two.ana.add_root(two.at_anas, "Contested").await;
    let is_there = crate::sharing::holds(node);
    shows(&two.ben, &mut at_bens_desk, two.at_bens, is_there).await;
    look(&two.ben, two.at_bens).await;
    let has_joined = |it: &[NoticeGroup]| kinds(it).contains(&NoticeKind::Joined);
    lists(&two.ana, &mut at_anas_desk, two.at_anas, has_joined).await;
    let settings = Settings {
        notify: app::settings::Notify {
            conflicts: false,
            ..Default::default()
        },
        ..Default::default()
    };
    two.ana.call(Request::PutSettings { settings }).await;
    let template = two.ana.snapshot(two.at_anas).await.frame.template;
    let title = title_field(&template, &two.ana.snapshot(two.at_anas).await.nodes[0].3);
    let rename = |text: &str| Command::SetField {
        nodes: vec![node],
        field: title.clone(),
        value: Some(Value::Text(text.to_owned())),
    };
    // Ben is out of reach while both do it.
    let address = free_address().await;
    let Two {
        ana,
        ben,
        at_anas,
        at_bens,
    } = two;
    let ben = ben.restart().await;
    ben.open(at_bens).await;
    ben.apply(at_bens, rename("Ben's")).await;
    ana.apply(at_anas, rename("Ana's")).await;
    let ben = ben.restart_shared(address).await;
    ben.open(at_bens).await;
    let mut at_bens_desk = ben.app.events();
    let text = invitation(&ana, at_anas).await;
    ben.call(Request::JoinProject {
        invitation: text.into(),
    })
    .await;
    let has_conflict = |it: &[NoticeGroup]| kinds(it).contains(&NoticeKind::Conflict);
    lists(&ben, &mut at_bens_desk, at_bens, has_conflict).await;
    let is_merged = |it: &Snapshot| !it.problems.is_empty();
    shows(&ana, &mut at_anas_desk, at_anas, is_merged).await;
    assert!(!has_conflict(&entries(&ana, at_anas).await));
}

/// Each passage in the list, the oldest first: who, and who has removed them.
fn passages(entries: &[NoticeGroup]) -> Vec<(NoticeKind, String, String)> {
    let all = entries.iter().rev().flat_map(|entry| &entry.notices);
    all.map(|it| (it.kind, it.title.clone(), it.text.clone()))
        .collect()
}

async fn read_members(desk: &Desk, project: ProjectId) -> Members {
    match desk.call(Request::ReadMembers { project }).await {
        Reply::Members { members } => members.unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A window is open, so that others hear who is there.
async fn look(desk: &Desk, project: ProjectId) {
    let presence = Request::PutPresence {
        project,
        node: None,
        field: None,
        is_typing: false,
    };
    desk.call(presence).await;
}

/// Somebody comes as what Ana makes her.
async fn comes(two: &Two, who: &str, role: MemberRole) -> (Desk, ProjectId) {
    let invite = Request::InviteAs {
        project: two.at_anas,
        role,
        hours: 1,
        uses: 1,
    };
    let Reply::Invitation { invitation } = two.ana.call(invite).await else {
        panic!("no invitation")
    };
    let desk = Desk::shared().await;
    name(&desk, who).await;
    let joined = opened(desk.call(Request::JoinProject { invitation }).await);
    look(&desk, joined).await;
    (desk, joined)
}

/// Who may only read never writes anything, and who has left has written what stays.
#[tokio::test]
async fn who_came_and_who_went_is_told_once() {
    use NoticeKind::{Joined, Left};
    let two = Box::pin(ana_and_ben()).await;
    let mut at_anas = two.ana.app.events();
    let mut at_bens = two.ben.app.events();
    look(&two.ana, two.at_anas).await;
    let told = |kind, who: &str, by: &str| (kind, who.to_owned(), by.to_owned());
    let (cleo, at_cleos) = Box::pin(comes(&two, "Cleo", MemberRole::Viewer)).await;
    let mut expected = vec![told(Joined, "Cleo", "")];
    let is = |expected: Vec<_>| move |it: &[NoticeGroup]| passages(it) == expected;
    lists(&two.ben, &mut at_bens, two.at_bens, is(expected.clone())).await;

    // She leaves by herself.
    let mut at_hers = cleo.app.events();
    is_live(&cleo, &mut at_hers, at_cleos).await;
    cleo.call(Request::LeaveProject { project: at_cleos }).await;
    expected.push(told(Left, "Cleo", ""));
    lists(&two.ben, &mut at_bens, two.at_bens, is(expected.clone())).await;

    // Ben is told whom Ana has removed.
    let (_dora, _) = Box::pin(comes(&two, "Dora", MemberRole::Editor)).await;
    expected.push(told(Joined, "Dora", ""));
    lists(&two.ben, &mut at_bens, two.at_bens, is(expected.clone())).await;
    let has_dora = |it: &[NoticeGroup]| passages(it).contains(&told(Joined, "Dora", ""));
    lists(&two.ana, &mut at_anas, two.at_anas, has_dora).await;
    let members = read_members(&two.ana, two.at_anas).await;
    let dora = members
        .devices
        .iter()
        .find(|it| it.name.as_deref() == Some("Dora"));
    let remove = Request::RemoveMember {
        project: two.at_anas,
        device: dora.unwrap().device.clone(),
    };
    two.ana.call(remove).await;
    expected.push(told(Left, "Dora", "Ana"));
    lists(&two.ben, &mut at_bens, two.at_bens, is(expected.clone())).await;
    let anas = passages(&entries(&two.ana, two.at_anas).await);
    assert!(anas.contains(&told(Left, "Cleo", "")), "{anas:?}");
    assert!(!anas.contains(&told(Left, "Dora", "Ana")), "she knows");

    Box::pin(nothing_comes_again(two, &expected)).await;
}

/// Nor does Ben hear of people after he has said that he does not want to.
async fn nothing_comes_again(two: Two, expected: &[(NoticeKind, String, String)]) {
    let mut at_anas = two.ana.app.events();
    let ben = two.ben.restart_shared(free_address().await).await;
    ben.open(two.at_bens).await;
    assert_eq!(passages(&entries(&ben, two.at_bens).await), expected);
    let settings = Settings {
        notify: app::settings::Notify {
            people: false,
            ..Default::default()
        },
        ..Default::default()
    };
    ben.call(Request::PutSettings { settings }).await;
    let mut at_bens = ben.app.events();
    let text = invitation(&two.ana, two.at_anas).await;
    let join = Request::JoinProject {
        invitation: text.into(),
    };
    ben.call(join).await;
    let two = Two { ben, ..two };
    let (_emil, _) = Box::pin(comes(&two, "Emil", MemberRole::Viewer)).await;
    let has_emil = |it: &[NoticeGroup]| {
        passages(it).contains(&(NoticeKind::Joined, "Emil".to_owned(), String::new()))
    };
    lists(&two.ana, &mut at_anas, two.at_anas, has_emil).await;
    // Ben knows of him, and of what he wants to hear there is more.
    while !read_members(&two.ben, two.at_bens)
        .await
        .devices
        .iter()
        .any(|it| it.name.as_deref() == Some("Emil"))
    {
        heard(&mut at_bens, |event| {
            matches!(event, Event::Members { .. }).then_some(())
        })
        .await;
    }
    assert_eq!(passages(&entries(&two.ben, two.at_bens).await), expected);
}
