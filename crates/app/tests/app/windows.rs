//! What a second window hears of the first one's doings.

use app::event::Event;
use app::request::Request;

use crate::desk::{Desk, heard};

#[tokio::test]
async fn a_second_window_hears_of_the_first_ones_edits_and_can_follow_them() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let mut second = desk.app.events();
    let mut followed = desk.snapshot(project).await;
    let mut last = followed.revision;
    let mut made = Vec::new();
    for number in 0..40 {
        made.push(desk.add_root(project, &format!("Node {number}")).await);
    }
    desk.call(Request::Undo { project }).await;
    let undone = made.pop().unwrap();
    let target = desk.snapshot(project).await;

    while last < target.revision {
        let changed = heard(&mut second, |event| match event {
            Event::Changed(changed) if changed.project == project => Some(changed.clone()),
            _ => None,
        })
        .await;
        assert_eq!(changed.since, last, "no gap");
        last = changed.revision;
        followed.nodes.retain(|row| {
            !changed.removed.contains(&row.0) && changed.nodes.iter().all(|new| new.0 != row.0)
        });
        followed.nodes.extend(changed.nodes);
        followed.trash_count = changed.trash_count;
        followed.history = changed.history;
        followed.problems = changed.problems.unwrap_or(followed.problems);
        followed.frame = changed.frame.unwrap_or(followed.frame);
    }
    followed.revision = last;
    followed.nodes.sort_by(|a, b| (&a.2, a.0).cmp(&(&b.2, b.0)));
    assert_eq!(followed, target);
    assert!(followed.nodes.iter().all(|row| row.0 != undone));
}

/// A snapshot on its way to a window is written row by row, but says the same.
#[tokio::test]
async fn a_snapshot_as_json_is_the_snapshot() {
    let desk = Desk::new().await;
    for template in desk.started().await.templates {
        let project = desk.create(&template.key, true).await;
        let request = serde_json::json!({ "kind": "snapshot", "project": project });
        let json = desk.app.call_json(request.to_string().as_bytes()).await;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let whole = serde_json::to_value(app::reply::Reply::Snapshot(Box::new(
            desk.snapshot(project).await,
        )));
        assert_eq!(json, serde_json::json!({ "ok": whole.unwrap() }));
    }
    let closed = br#"{"kind":"snapshot","project":"00000000-0000-0000-0000-000000000000"}"#;
    let json: serde_json::Value =
        serde_json::from_slice(&desk.app.call_json(closed).await).unwrap();
    assert_eq!(json["failed"]["code"], "PROJECT_NOT_OPEN");
}

#[tokio::test]
async fn a_burst_is_told_in_few_messages() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let mut events = desk.app.events();
    let revision = desk.snapshot(project).await.revision;
    let edits: Vec<_> = (0..200).map(|number| (number, desk.app.clone())).collect();
    let template = desk.snapshot(project).await.frame.template;
    let node_type = template
        .types
        .iter()
        .find(|t| t.top_level)
        .unwrap()
        .id
        .clone();
    let calls = edits.into_iter().map(|(_, app)| {
        let create = graph::command::Command::CreateNode {
            node: crate::desk::new_node(),
            node_type: node_type.clone(),
            place: graph::command::Place {
                parent: None,
                at: graph::command::Position::Last,
            },
            values: Vec::new(),
        };
        tokio::spawn(async move {
            app.call(Request::Apply {
                project,
                command: create,
            })
            .await
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    let target = desk.snapshot(project).await.revision;
    assert_eq!(target, revision + 200);
    let mut messages = 0;
    heard(&mut events, |event| match event {
        Event::Changed(changed) => {
            messages += 1;
            (changed.revision == target).then_some(())
        }
        _ => None,
    })
    .await;
    assert!(messages < 150, "{messages} messages for 200 edits");
}

#[tokio::test]
async fn a_second_start_hands_its_arguments_over_and_each_is_taken_once() {
    let desk = Desk::new().await;
    desk.app.hand_over(vec!["early.talus".to_owned()]);
    assert_eq!(desk.started().await.arguments, ["early.talus"]);
    let mut events = desk.app.events();
    desk.app.hand_over(vec!["a.talus".to_owned()]);
    let handed = heard(&mut events, |event| match event {
        Event::Arguments { arguments } => Some(arguments.clone()),
        _ => None,
    });
    assert_eq!(handed.await, ["a.talus"]);
    assert_eq!(desk.started().await.arguments, [""; 0]);
}
