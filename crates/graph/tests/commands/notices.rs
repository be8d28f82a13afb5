//! What of a merge concerns somebody: a table of what others do and what Ben hears of it.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use graph::Merged;
use graph::command::Command;
use graph::document::Document;
use graph::link::LinkKind;
use graph::notice::{Addressee, Notice};
use graph::template::{Category, FieldOption};

use crate::dsl::uuid;
use crate::peer::{DOCUMENTS, Peer, ann_and_ben, signature, sync};
use crate::print;
use crate::say::*;
use crate::template::{option, put_option};

const PLAN: &str = r#"
person "Ann" #annc
person "Ben" #benc
task "Hull" #hull assignees=#benc status=todo
task "Keel" #keel status=todo
task "Sail" #sail status=todo
  task "Mast" #mast status=todo
"#;

fn status(id: &str, label: &str, category: Category) -> Command {
    let option = FieldOption {
        category: Some(category),
        ..option(id, label)
    };
    put_option("status", option, None)
}

/// Ann and Ben with the plan, who both have written before, with options that say what they mean.
fn two() -> (Peer, Peer) {
    let (mut ann, mut ben) = ann_and_ben(PLAN);
    ann.does(status("todo", "To do", Category::ToDo));
    ann.does(status("doing", "In progress", Category::InProgress));
    ann.does(status("done", "Done", Category::Done));
    ben.does(set("keel", "size=1"));
    sync(&mut ann, &mut ben);
    (ann, ben)
}

fn ben_himself() -> Addressee {
    Addressee {
        person: signature(b'b').person,
        name: "Ben".into(),
    }
}

/// What somebody hears when they take in all that another has, however many changes it is.
fn heard_as(whom: &Addressee, peer: &mut Peer, from: &Peer) -> Vec<Notice> {
    let mut found = vec![];
    for document in DOCUMENTS {
        let heads = peer.project.heads(document);
        let mut all = Merged::default();
        for change in from.project.changes_since(document, &heads) {
            let merged = peer.project.merge(document, [change]);
            all.delta.append(merged.delta);
            all.fresh.append(merged.fresh);
        }
        found.extend(peer.project.notices(document, &all, whom));
    }
    found.sort_by(|a, b| (a.kind, &a.title, &a.key).cmp(&(b.kind, &b.title, &b.key)));
    found
}

fn told(peer: &Peer, notices: &[Notice]) -> String {
    let view = peer.project.view();
    let lines = notices.iter().map(|notice| {
        let by = print::person(view, notice.by);
        let conflict = notice.conflict.map(|kind| format!(" {kind:?}"));
        format!(
            "{:?}{} “{}” by {by}: {}\n",
            notice.kind,
            conflict.unwrap_or_default(),
            notice.title,
            notice.text
        )
    });
    lines.collect()
}

fn heard(peer: &mut Peer, from: &Peer) -> String {
    let notices = heard_as(&ben_himself(), peer, from);
    told(peer, &notices)
}

/// Ann does these things while Ben does those; then Ben hears of hers.
fn check(anns: Vec<Command>, bens: Vec<Command>, expected: Expect) {
    let (mut ann, mut ben) = two();
    bens.into_iter().for_each(|command| {
        ben.does(command);
    });
    anns.into_iter().for_each(|command| {
        ann.does(command);
    });
    let told = heard(&mut ben, &ann);
    expected.assert_eq(&told);
    assert_eq!(heard(&mut ben, &ann), "", "nothing is heard twice");
}

fn check_one(command: Command, expected: Expect) {
    check(vec![command], vec![], expected);
}

fn edited(name: &str, body: &str) -> Command {
    Command::EditComment {
        comment: comment_id(name),
        body: body.into(),
    }
}

fn say_in_comment(text: &str) -> Command {
    comment("c1", "hull", text)
}

#[test]
fn being_put_on_an_item() {
    check_one(
        set("keel", "assignees=#benc"),
        expect![[r#"
        Assigned “Keel” by Ann: Assignees
    "#]],
    );
    check_one(
        create(r#"task "New" #new assignees=#annc,#benc"#, last("")),
        expect![[r#"
            Assigned “New” by Ann: Assignees
        "#]],
    );
    check_one(set("keel", "assignees=#annc"), expect![""]);
    // He is on it already; the others come and go.
    check_one(members("hull", "assignees=#annc", ""), expect![""]);
    check_one(members("hull", "", "assignees=#benc"), expect![""]);
    check(
        vec![set("keel", "assignees=#benc"), clear("keel", "assignees")],
        vec![],
        expect![""],
    );
    // Trashing and restoring is no assignment.
    check(vec![trash("hull"), restore("hull")], vec![], expect![""]);
}

#[test]
fn being_named() {
    check_one(
        say_in_comment("Could @ben look at this? The seam opens again."),
        expect![[r#"
            Mentioned “Hull” by Ann: Could @ben look at this? The seam opens …
        "#]],
    );
    check_one(say_in_comment("Ben, and mail@ben, and @Benno"), expect![""]);
    check(
        vec![say_in_comment("Nothing"), edited("c1", "@Ben: see")],
        vec![],
        expect![[r#"
            Mentioned “Hull” by Ann: @Ben: see
        "#]],
    );
    check_one(
        set("sail", r#"notes="Cut it as @Ben said""#),
        expect![[r#"
            Mentioned “Sail” by Ann: Cut it as @Ben said
        "#]],
    );
    check_one(
        create(r#"task "New" #new notes="@Ben""#, last("")),
        expect![[r#"
            Mentioned “New” by Ann: @Ben
        "#]],
    );
}

/// A text that names him is edited elsewhere: that is no mention. Another one in it is.
#[test]
fn a_mention_is_told_when_it_is_written() {
    let (mut ann, mut ben) = two();
    ann.does(set("sail", r#"notes="Ask @Ben first""#));
    assert!(!heard(&mut ben, &ann).is_empty());
    ann.does(set("sail", r#"notes="Ask @Ben first, today""#));
    assert_eq!(heard(&mut ben, &ann), "");
    ann.does(set("sail", r#"notes="Ask @Ben first, today. @Ben: well?""#));
    expect![[r#"
        Mentioned “Sail” by Ann: …rst, today. @Ben: well?
    "#]]
    .assert_eq(&heard(&mut ben, &ann));
    ann.does(comment("c1", "hull", "@Ben"));
    heard(&mut ben, &ann);
    ann.does(edited("c1", "@Ben, the bow"));
    assert_eq!(heard(&mut ben, &ann), "");
}

#[test]
fn waiting_for_others_and_waiting_no_more() {
    check_one(
        block("keel", "hull"),
        expect![[r#"
        Blocked “Hull” by Ann: Keel
    "#]],
    );
    check_one(relate("keel", LinkKind::RelatesTo, "hull"), expect![""]);
    check_one(block("hull", "keel"), expect![""]);
    check_one(block("keel", "sail"), expect![""]);
    check(
        vec![set("keel", "status=done"), block("keel", "hull")],
        vec![],
        expect![""],
    );
    check(
        vec![block("keel", "hull"), set("keel", "status=done")],
        vec![],
        expect![""],
    );
    // It is his, but he has finished it.
    check(
        vec![set("hull", "status=done"), block("keel", "hull")],
        vec![],
        expect![""],
    );
}

/// Every way in which a blocker lets go, and comes back.
#[test]
fn a_blocker_lets_go_and_holds_again() {
    let ways: [(&str, Command, Command); 3] = [
        (
            "status",
            set("keel", "status=done"),
            set("keel", "status=todo"),
        ),
        ("trash", trash("keel"), restore("keel")),
        ("link", unlink("keel>hull"), block("sail", "hull")),
    ];
    for (way, free, hold) in ways {
        let (mut ann, mut ben) = two();
        ann.does(block("keel", "hull"));
        assert!(heard(&mut ben, &ann).starts_with("Blocked"), "{way}");
        ann.does(free);
        let told = heard(&mut ben, &ann);
        assert_eq!(told, "Unblocked “Hull” by Ann: Keel\n", "{way}");
        ann.does(hold);
        assert!(
            heard(&mut ben, &ann).starts_with("Blocked “Hull” by Ann"),
            "{way}"
        );
    }
}

#[test]
fn a_link_between_starts_lets_go_when_the_other_has_begun() {
    let (mut ann, mut ben) = two();
    ann.does(relate("keel", LinkKind::StartToStart, "hull"));
    assert!(heard(&mut ben, &ann).starts_with("Blocked"));
    ann.does(set("keel", "status=doing"));
    assert!(heard(&mut ben, &ann).starts_with("Unblocked"));
    // Two blockers: one that lets go is not enough.
    let (mut ann, mut ben) = two();
    ann.does(block("keel", "hull"));
    ann.does(block("sail", "hull"));
    heard(&mut ben, &ann);
    ann.does(set("keel", "status=done"));
    assert_eq!(heard(&mut ben, &ann), "");
    ann.does(set("sail", "status=done"));
    assert_eq!(heard(&mut ben, &ann), "Unblocked “Hull” by Ann: Sail\n");
}

#[test]
fn conflicts_with_what_he_did() {
    check(
        vec![set("sail", "size=1")],
        vec![set("sail", "size=2")],
        expect![[r#"
            Conflict FieldRace “Sail” by Ann: Size
        "#]],
    );
    check(
        vec![mv("mast", last("hull"))],
        vec![mv("mast", last("keel"))],
        expect![[r#"
            Conflict MoveRace “Mast” by Ann: Moved below “Hull”
        "#]],
    );
    check(
        vec![mv("hull", last("keel"))],
        vec![mv("keel", last("hull"))],
        expect![[r#"
            Conflict MoveCycle “Hull” by Ann: “Hull” below “Keel”
        "#]],
    );
    check(
        vec![trash("sail")],
        vec![create(r#"task "Boom" #boom"#, last("sail"))],
        expect![[r#"
            Conflict ParentDeleted “Boom” by Ann: “Sail” moved to the trash
        "#]],
    );
    check(
        vec![trash("sail")],
        vec![set("mast", "size=3")],
        expect![[r#"
            Conflict EditedAfterDelete “Mast” by Ann: Moved to the trash
        "#]],
    );
    // The other way round: she worked on what he deleted.
    check(
        vec![set("mast", "size=3")],
        vec![trash("sail")],
        expect![[r#"
            Conflict EditedAfterDelete “Mast” by Ann: Size edited
        "#]],
    );
    // The same value twice, and different fields, are none.
    check(
        vec![set("sail", "size=1")],
        vec![set("sail", "size=1")],
        expect![""],
    );
    check(
        vec![set("sail", "size=1")],
        vec![set("sail", "cost=1")],
        expect![""],
    );
}

/// Ann and Cid race; that is nobody else's business.
#[test]
fn conflicts_of_others_are_not_his() {
    let (mut ann, mut ben) = two();
    let mut cid = ann.copy(b'c');
    ann.does(set("sail", "size=1"));
    cid.does(set("sail", "size=2"));
    ann.receive(&cid);
    assert_eq!(heard(&mut ben, &ann), "");
}

/// His other machine: another author of the same person, or of the same name.
#[test]
fn what_he_does_elsewhere_is_no_news() {
    let all = || {
        [
            set("keel", "assignees=#benc"),
            say_in_comment("@Ben"),
            set("sail", r#"notes="@Ben""#),
            block("keel", "hull"),
        ]
    };
    let (ann, mut ben) = two();
    let mut laptop = ann.copy(b'b');
    laptop.reopen_as(0xbb);
    all().into_iter().for_each(|command| {
        laptop.does(command);
    });
    assert_eq!(heard(&mut ben, &laptop), "");
    let (mut ann, mut ben) = two();
    all().into_iter().for_each(|command| {
        ann.does(command);
    });
    let like_ann = Addressee {
        person: signature(b'b').person,
        name: "ann".into(),
    };
    assert!(heard_as(&like_ann, &mut ben, &ann).is_empty());
}

/// Whoever has no name is nobody's card, and is named by nobody.
#[test]
fn without_a_name_only_conflicts_and_people_are_told() {
    let (mut ann, mut ben) = two();
    ben.does(set("sail", "size=2"));
    ann.does(set("sail", "size=1"));
    ann.does(set("keel", "assignees=#benc"));
    ann.does(say_in_comment("@ @Ben"));
    let nameless = Addressee {
        name: " ".into(),
        ..ben_himself()
    };
    let notices = heard_as(&nameless, &mut ben, &ann);
    let kinds: Vec<_> = notices.iter().map(|it| format!("{:?}", it.kind)).collect();
    assert_eq!(kinds, ["Conflict"]);
}

/// The first comments of a project travel as a whole document, which is taken as it is.
#[test]
fn the_first_comment_is_told_although_it_comes_as_a_document() {
    let (mut ann, mut ben) = two();
    ann.does(say_in_comment("@Ben: the first word"));
    let comments = Document::Comments;
    let packed = ann.project.pack(comments, &[]).expect("there is one");
    let (merged, _) = ben.project.merge_packed(comments, &packed.bytes);
    let notices = ben.project.notices(comments, &merged, &ben_himself());
    assert_eq!(
        told(&ben, &notices),
        "Mentioned “Hull” by Ann: @Ben: the first word\n"
    );
    let (again, _) = ben.project.merge_packed(comments, &packed.bytes);
    assert!(
        ben.project
            .notices(comments, &again, &ben_himself())
            .is_empty()
    );
}

/// The same changes by two ways and in pieces: each key comes once.
#[test]
fn a_change_that_comes_by_two_ways_is_told_once() {
    let (mut ann, mut ben) = two();
    let mut relay = ann.copy(b'r');
    ann.does(set("keel", "assignees=#benc"));
    ann.does(block("keel", "hull"));
    relay.receive(&ann);
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for from in [&ann, &relay, &ann] {
        for notice in heard_as(&ben_himself(), &mut ben, from) {
            *keys.entry(notice.key).or_default() += 1;
        }
    }
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(keys.values().all(|times| *times == 1));
    assert!(
        keys.keys()
            .any(|key| key.contains(&uuid("hull").to_string()))
    );
}
