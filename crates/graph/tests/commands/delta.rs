//! A delta with the view afterwards tells what people want to be notified of.

use std::collections::BTreeSet;

use graph::delta::Delta;
use graph::document::Document;
use graph::id::FieldId;
use graph::value::Value;
use graph::view::Flaw;

use crate::dsl::node;
use crate::peer::{DOCUMENTS, Peer, ann, ann_and_ben, sync};
use crate::say::*;

const TREE: &str = "person \"Ana\" #ana\ntask \"A\" #a\ntask \"B\" #b\n";

fn received(peer: &mut Peer, from: &Peer) -> Delta {
    let mut delta = Delta::default();
    for document in DOCUMENTS {
        let changes = from
            .project
            .changes_since(document, &peer.project.heads(document));
        delta.append(peer.project.merge(document, changes).delta);
    }
    delta
}

#[test]
fn what_was_assigned_and_to_whom_before() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(set("a", "assignees=#ana"));
    let delta = received(&mut ann, &ben);
    let field = FieldId::from("assignees");
    assert_eq!(delta.nodes[&node("a")].fields[&field], None);
    let now = ann
        .project
        .view()
        .node(node("a"))
        .and_then(|it| it.value(&field));
    assert_eq!(now, Some(Value::Nodes(BTreeSet::from([node("ana")]))));
}

#[test]
fn what_a_comment_and_a_text_said_before() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(comment("c", "a", "Words"));
    ben.does(edit_notes("a", 0, 0, "Words"));
    let delta = received(&mut ann, &ben);
    assert_eq!(delta.remarks[&comment_id("c")], None);
    assert_eq!(
        delta.nodes[&node("a")].fields[&FieldId::from("notes")],
        None
    );
    ben.does(graph::command::Command::EditComment {
        comment: comment_id("c"),
        body: "Words for @Ana".into(),
    });
    ben.does(edit_notes("a", 5, 0, " for @Ana"));
    let delta = received(&mut ann, &ben);
    let before = delta.remarks[&comment_id("c")]
        .as_ref()
        .map(|it| it.body.as_str());
    assert_eq!(before, Some("Words"));
    let before = &delta.nodes[&node("a")].fields[&FieldId::from("notes")];
    assert_eq!(*before, Some(Value::Prose("Words".into())));
    let view = ann.project.view();
    assert_eq!(
        view.comment(comment_id("c")).map(|it| it.body.as_str()),
        Some("Words for @Ana")
    );
}

#[test]
fn which_links_and_which_states_of_blockers_changed() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(block("b", "a"));
    let delta = received(&mut ann, &ben);
    assert_eq!(delta.links.values().collect::<Vec<_>>(), [&None]);
    ben.does(set("b", "status=done"));
    let delta = received(&mut ann, &ben);
    assert_eq!(
        delta.nodes[&node("b")].fields[&FieldId::from("status")],
        None
    );
    ben.does(trash("b"));
    let delta = received(&mut ann, &ben);
    assert!(delta.nodes[&node("b")].was_live());
    assert!(delta.links.values().all(Option::is_some) && delta.links.len() == 1);
}

#[test]
fn what_was_wrong_before() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "size=1"));
    ben.does(set("a", "size=2"));
    let delta = received(&mut ann, &ben);
    assert_eq!(delta.flaws[&node("a")], []);
    let race = [Flaw::FieldRace("size".into())];
    assert_eq!(ann.project.view().flaws(node("a")), race);
    sync(&mut ann, &mut ben);
    ben.does(set("a", "size=1"));
    assert_eq!(received(&mut ann, &ben).flaws[&node("a")], race);
}

#[test]
fn what_changes_are_called_and_who_made_them() {
    let mut ann = ann(TREE);
    let heads = ann.project.heads(Document::Project);
    ann.does(set("a", "size=1"));
    ann.does(set("a", "size=2"));
    let headers = ann.project.headers_since(Document::Project, &heads);
    assert_eq!(headers.len(), 2);
    assert_eq!(headers[0].dependencies, heads);
    assert_eq!(headers[1].dependencies, [headers[0].hash]);
    assert_eq!(
        [headers[1].hash].to_vec(),
        ann.project.heads(Document::Project)
    );
    let person = headers[0].person.map(|person| person.0.into_bytes());
    assert_eq!(person, Some([b'a'; 16]));
    assert_eq!(headers[1].at.0 - headers[0].at.0, 1000);
    let written: Vec<Vec<u8>> = ann
        .project
        .take_written()
        .into_iter()
        .flat_map(|it| it.changes)
        .map(|it| it.1)
        .collect();
    for (bytes, header) in written.iter().zip(&headers) {
        assert_eq!(ann.project.header(bytes).as_ref(), Some(header));
    }
    let mut late = crate::peer::ann(TREE).copy(b'l');
    late.project.merge(Document::Project, [written[1].clone()]);
    assert_eq!(late.project.missing(Document::Project), [headers[0].hash]);
    assert_eq!(late.project.header(b"nothing"), None);
}
