//! The life of projects: made, opened, edited, closed, renamed, copied, deleted.

use std::collections::BTreeMap;

use app::event::Event;
use app::reply::{Comment, Reply};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use graph::command::{Command, Splice};
use graph::id::{CommentId, NodeId};
use graph::person::Person;
use graph::saved::SavedFilter;
use graph::template::FieldKind;
use graph::value::Value;
use uuid::Uuid;

use crate::desk::{Desk, content, heard, new_node, opened, row, shown, title_field};

#[tokio::test]
async fn each_template_makes_a_project_that_is_edited_undone_closed_and_reopened() {
    let mut desk = Desk::new().await;
    let templates = desk.started().await.templates;
    assert_eq!(templates.len(), 6);
    for template in templates {
        let project = desk.create(&template.key, true).await;
        let before = desk.snapshot(project).await;
        assert_eq!(
            before.nodes.len(),
            template.sample_nodes as usize,
            "{}",
            template.key
        );

        let first = before.nodes[0].clone();
        let field = title_field(&before.frame.template, &first.3);
        let rename = Command::SetField {
            nodes: vec![first.0],
            field,
            value: Some(Value::Text("Renamed".to_owned())),
        };
        desk.apply(project, rename).await;
        desk.add_root(project, "Added").await;
        let last = before.nodes.last().unwrap().0;
        desk.apply(project, Command::TrashNodes { nodes: vec![last] })
            .await;
        let after = desk.snapshot(project).await;
        assert_eq!(after.trash_count, 1);

        for _ in 0..3 {
            desk.call(Request::Undo { project }).await;
        }
        assert_eq!(
            shown(desk.snapshot(project).await),
            shown(before),
            "{}",
            template.key
        );
        for _ in 0..3 {
            desk.call(Request::Redo { project }).await;
        }
        let redone = desk.snapshot(project).await;
        assert_eq!(redone.nodes.len(), after.nodes.len());

        desk = desk.restart().await;
        assert_eq!(desk.started().await.reopen, Some(project));
        desk.open(project).await;
        assert_eq!(
            content(desk.snapshot(project).await),
            content(redone),
            "{}",
            template.key
        );
        desk.call(Request::Undo { project }).await;
    }
}

#[tokio::test]
async fn two_projects_are_open_at_once() {
    let desk = Desk::new().await;
    let (one, two) = (
        desk.create("blank", false).await,
        desk.create("book", true).await,
    );
    let node = desk.add_root(one, "Only here").await;
    let in_two = desk.snapshot(two).await;
    assert!(in_two.nodes.iter().all(|row| row.0 != node));
    assert_eq!(in_two.history.undo, None);
    assert_eq!(desk.snapshot(one).await.nodes.len(), 1);
    desk.call(Request::CloseProject { project: one }).await;
    assert_eq!(
        desk.refused(Request::Snapshot { project: one }).await.code,
        "PROJECT_NOT_OPEN"
    );
    desk.snapshot(two).await;
}

#[tokio::test]
async fn the_last_project_is_reopened_unless_it_was_closed() {
    let desk = Desk::new().await;
    let (one, two) = (
        desk.create("blank", false).await,
        desk.create("blank", false).await,
    );
    desk.open(one).await;
    let desk = desk.restart().await;
    assert_eq!(desk.started().await.reopen, Some(one));
    desk.open(one).await;
    desk.call(Request::CloseProject { project: one }).await;
    assert_eq!(desk.started().await.reopen, Some(two));
    let settings = Settings {
        reopen_last: false,
        ..Settings::default()
    };
    desk.call(Request::PutSettings { settings }).await;
    let desk = desk.restart().await;
    assert_eq!(desk.started().await.reopen, None);
}

#[tokio::test]
async fn a_project_is_renamed_open_or_not() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let rename = |name: &str| Request::RenameProject {
        project,
        name: name.to_owned(),
    };
    let mut events = desk.app.events();
    desk.call(rename("While open")).await;
    assert_eq!(desk.snapshot(project).await.frame.name, "While open");
    heard(&mut events, |event| match event {
        Event::Projects { projects } => (projects[0].name == "While open").then_some(()),
        _ => None,
    })
    .await;
    desk.call(Request::CloseProject { project }).await;
    desk.call(rename("While closed")).await;
    assert_eq!(desk.projects().await[0].name, "While closed");
    desk.open(project).await;
    assert_eq!(desk.snapshot(project).await.frame.name, "While closed");
    assert_eq!(desk.refused(rename(" ")).await.code, "EMPTY");
    assert_eq!(
        desk.refused(rename(&"x".repeat(100_000))).await.code,
        "TOO_LONG"
    );
}

#[tokio::test]
async fn a_copy_has_the_content_and_none_of_the_history() {
    let desk = Desk::new().await;
    let project = desk.create("software-delivery", true).await;
    desk.add_root(project, "Mine").await;
    let filter = SavedFilter {
        id: "mine".into(),
        name: "Mine".to_owned(),
        query: "{}".to_owned(),
        owner: None,
    };
    desk.apply(project, Command::PutFilter { filter }).await;
    let nodes: Vec<_> = desk.snapshot(project).await.nodes;
    let (root, comment) = (nodes[0].0, CommentId(Uuid::from_u128(5)));
    let kit = Command::SaveKit {
        kit: "kit".into(),
        name: "A kit".to_owned(),
        nodes: vec![root],
    };
    desk.apply(project, kit).await;
    for (id, reply_to) in [
        (comment, None),
        (CommentId(Uuid::from_u128(6)), Some(comment)),
    ] {
        let add = Command::AddComment {
            comment: id,
            node: root,
            reply_to,
            body: "Said".to_owned(),
        };
        desk.apply(project, add).await;
    }
    let resolve = Command::ResolveComment {
        comment,
        resolved: true,
    };
    desk.apply(project, resolve).await;
    let layout = "{\"folded\":[1]}".to_owned();
    let put = Request::PutLayout {
        project: Some(project),
        layout: layout.clone(),
    };
    desk.call(put).await;
    desk.pass(std::time::Duration::from_secs(1_000));
    let copy = opened(
        desk.call(Request::DuplicateProject {
            project,
            name: "The copy".to_owned(),
        })
        .await,
    );
    assert_ne!(copy, project);
    desk.open(copy).await;
    assert_eq!(
        comments(&desk, copy, root).await,
        comments(&desk, project, root).await
    );
    let kept = Request::ReadLayout {
        project: Some(copy),
    };
    assert_eq!(
        desk.call(kept).await,
        Reply::Layout {
            layout: Some(layout)
        }
    );
    let (original, mut copy) = (desk.snapshot(project).await, desk.snapshot(copy).await);
    assert_eq!(copy.frame.name, "The copy");
    assert_eq!(copy.history.undo, None);
    assert_eq!(copy.frame.kits.len(), 1);
    copy.frame.name.clone_from(&original.frame.name);
    assert_eq!(copy.frame, original.frame);
    assert_eq!(copy.nodes, original.nodes);
    assert_eq!(copy.links, original.links);
}

async fn comments(desk: &Desk, project: ProjectId, node: NodeId) -> Vec<Comment> {
    match desk.call(Request::Inspect { project, node }).await {
        Reply::Details(details) => details.comments,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_project_goes_to_the_trash_comes_back_and_is_purged() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let node = desk.add_root(project, "Here").await;
    assert_eq!(
        desk.refused(Request::PurgeProject { project }).await.code,
        "PROJECT_NOT_IN_TRASH"
    );
    desk.call(Request::TrashProject { project }).await;
    assert!(desk.projects().await[0].trashed_at.is_some());
    assert_eq!(desk.started().await.reopen, None);
    assert_eq!(
        desk.refused(Request::OpenProject { project }).await.code,
        "PROJECT_IN_TRASH"
    );
    desk.call(Request::RestoreProject { project }).await;
    desk.open(project).await;
    row(&desk.snapshot(project).await, node);
    desk.call(Request::TrashProject { project }).await;
    desk.call(Request::PurgeProject { project }).await;
    assert_eq!(desk.projects().await, []);
    assert_eq!(
        desk.refused(Request::OpenProject { project }).await.code,
        "PROJECT_NOT_FOUND"
    );
}

#[tokio::test]
async fn settings_layouts_and_the_person_are_kept() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.add_root(project, "So that somebody took part").await;
    let mut events = desk.app.events();
    let settings = Settings {
        first_weekday: 9,
        reduce_motion: true,
        ..Settings::default()
    };
    desk.call(Request::PutSettings { settings }).await;
    let told = heard(&mut events, |event| match event {
        Event::Settings { settings } => Some(settings.clone()),
        _ => None,
    });
    assert_eq!(told.await.first_weekday, 1);
    let me = Person {
        name: "Ana".to_owned(),
        colour: "#123456".to_owned(),
    };
    desk.call(Request::PutMe { me: me.clone() }).await;
    let layout = "{\"folded\":[]}".to_owned();
    for project in [None, Some(project)] {
        let layout = layout.clone();
        desk.call(Request::PutLayout { project, layout }).await;
    }
    let shown = desk.snapshot(project).await;
    assert_eq!(shown.frame.people.values().collect::<Vec<_>>(), [&me]);
    assert_eq!(
        shown
            .history
            .undo
            .as_deref()
            .map(|label| label.contains("Ana")),
        Some(false)
    );

    let desk = desk.restart().await;
    let started = desk.started().await;
    assert_eq!(started.me, me);
    assert!(started.settings.reduce_motion);
    for project in [None, Some(project)] {
        let read = desk.call(Request::ReadLayout { project }).await;
        assert_eq!(
            read,
            Reply::Layout {
                layout: Some(layout.clone())
            }
        );
    }
    let huge = Request::PutLayout {
        project: None,
        layout: "x".repeat((1 << 20) + 1),
    };
    assert_eq!(desk.refused(huge).await.code, "TOO_LONG");
}

#[tokio::test]
async fn a_new_name_reaches_projects_that_were_closed_when_it_changed() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    desk.add_root(project, "So that somebody took part").await;
    desk.call(Request::CloseProject { project }).await;
    let me = Person {
        name: "Bo".to_owned(),
        colour: "#123456".to_owned(),
    };
    desk.call(Request::PutMe { me: me.clone() }).await;
    desk.open(project).await;
    let people = desk.snapshot(project).await.frame.people;
    assert_eq!(people.values().collect::<Vec<_>>(), [&me]);
}

#[tokio::test]
async fn texts_comments_and_titles_are_found() {
    let desk = Desk::new().await;
    let project = desk.create("book", false).await;
    let snapshot = desk.snapshot(project).await;
    let template = &snapshot.frame.template;
    let node = desk.add_root(project, "Éclipse of the heart").await;
    let other = desk.add_root(project, "Another").await;
    let find = |query: &str| Request::Find {
        project,
        query: query.to_owned(),
        limit: 10,
    };
    let found = |reply: Reply| match reply {
        Reply::Hits { hits } => hits.into_iter().map(|hit| hit.node).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(desk.call(find("eclipse HEART")).await), [node]);

    let add = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node: other,
        reply_to: None,
        body: "Ask about the eclipse".to_owned(),
    };
    desk.apply(project, add).await;
    assert_eq!(found(desk.call(find("eclipse")).await), [node, other]);

    let node_type = row(&desk.snapshot(project).await, other).3.clone();
    let node_type = template.types.iter().find(|t| t.id == node_type).unwrap();
    let prose = node_type.fields.iter().find_map(|placement| {
        let field = template
            .fields
            .iter()
            .find(|field| field.id == placement.field)?;
        (field.kind == FieldKind::Prose).then(|| field.id.clone())
    });
    let field = prose.expect("books have a long text");
    let type_in = Command::EditText {
        node: other,
        field: field.clone(),
        base: None,
        splices: vec![Splice {
            at: 0,
            delete: 0,
            insert: format!("{} Zebra", "long ".repeat(100)),
        }],
    };
    desk.apply(project, type_in).await;
    assert_eq!(found(desk.call(find("zebra")).await), [other]);
    let read = desk
        .call(Request::ReadText {
            project,
            node: other,
            field: field.clone(),
        })
        .await;
    assert!(
        matches!(read, Reply::Text { ref text, .. } if text.ends_with("Zebra")),
        "{read:?}"
    );
    let cut = desk.snapshot(project).await;
    assert!(
        matches!(&row(&cut, other).4[&field], Value::Prose(text) if text.chars().count() == 200)
    );

    desk.apply(project, Command::TrashNodes { nodes: vec![node] })
        .await;
    assert_eq!(found(desk.call(find("eclipse")).await), [other]);
    desk.call(Request::Undo { project }).await;
    assert_eq!(found(desk.call(find("eclipse")).await), [node, other]);
    let missing = Request::ReadText {
        project,
        node: new_node(),
        field,
    };
    assert_eq!(desk.refused(missing).await.code, "NODE_NOT_FOUND");
}

#[tokio::test]
async fn the_trash_of_a_project_tells_who_and_when() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let root = desk.snapshot(project).await.nodes[0].0;
    desk.apply(project, Command::TrashNodes { nodes: vec![root] })
        .await;
    let Reply::Trash { items } = desk.call(Request::ReadTrash { project }).await else {
        panic!("no trash")
    };
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].node, root);
    assert!(items[0].node_count > 1);
    assert!(items[0].by.is_some());
    assert!(items[0].at.0 > 1_700_000_000_000);
}

#[tokio::test]
async fn what_was_deleted_at_once_is_listed_as_it_stood() {
    let desk = Desk::new().await;
    let project = desk.create("book", true).await;
    let mut rows = desk.snapshot(project).await.nodes;
    rows.sort_by(|a, b| (&a.2, a.0).cmp(&(&b.2, b.0)));
    let mut families: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for row in rows {
        families.entry(row.1).or_default().push(row.0);
    }
    let siblings = families.into_values().max_by_key(Vec::len);
    let siblings = siblings.expect("the sample is not empty");
    assert!(!siblings.is_sorted(), "ids alone would do");
    let nodes = siblings.iter().rev().copied().collect();
    desk.apply(project, Command::TrashNodes { nodes }).await;
    let Reply::Trash { items } = desk.call(Request::ReadTrash { project }).await else {
        panic!("no trash")
    };
    let listed: Vec<_> = items.iter().map(|item| item.node).collect();
    assert_eq!(listed, siblings);
}
