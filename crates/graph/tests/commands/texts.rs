//! Long texts that two people edit.

use expect_test::expect;

use crate::dsl::node;
use crate::peer::{Peer, ann_and_ben, sync};
use crate::say::*;

const ONE: &str = "task \"A\" #a notes=\"The quick fox\"\n";
const NONE: &str = "task \"A\" #a\n";

fn base(peer: &Peer) -> Option<String> {
    let text = peer.project.text(node("a"), &"notes".into());
    Some(text.expect("the node is live").base)
}

fn notes(peer: &Peer) -> String {
    let text = peer.project.text(node("a"), &"notes".into());
    text.expect("the node is live").text
}

#[test]
fn edits_at_different_places_merge() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(edit_notes("a", 4, 5, "slow"));
    ben.does(edit_notes("a", 13, 0, " jumps"));
    sync(&mut ann, &mut ben);
    assert_eq!(notes(&ann), "The slow fox jumps");
}

#[test]
fn a_whole_text_set_against_an_edit_merges_character_by_character() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(set("a", r#"notes="The quick brown fox""#));
    ben.does(edit_notes("a", 0, 3, "A"));
    sync(&mut ann, &mut ben);
    assert_eq!(notes(&ann), "A quick brown fox");
}

#[test]
fn an_edit_with_an_older_base_lands_in_the_right_place() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    let old = base(&ann);
    ben.does(edit_notes("a", 0, 0, "Look: "));
    ann.receive(&ben);
    ann.does(edit_notes_since("a", old.clone(), &[(4, 5, "slow")]));
    assert_eq!(notes(&ann), "Look: The slow fox");
    ann.does(edit_notes_since("a", old.clone(), &[(13, 0, "!")]));
    assert_eq!(notes(&ann), "Look: The slow fox!");
    ann.does(edit_notes_since("a", old, &[(0, 0, ">"), (10, 3, "dog")]));
    assert_eq!(notes(&ann), "Look: >The slow dog!");
}

#[test]
fn an_older_base_whose_place_was_deleted() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    let old = base(&ann);
    ben.does(edit_notes("a", 4, 6, ""));
    ann.receive(&ben);
    ann.does(edit_notes_since("a", old.clone(), &[(6, 0, "X")]));
    assert_eq!(notes(&ann), "The Xfox");
    ann.does(edit_notes_since("a", old, &[(0, 13, "")]));
    assert_eq!(notes(&ann), "X", "what was typed since stays");
}

#[test]
fn a_base_from_before_the_text_existed() {
    let (mut ann, _) = ann_and_ben(NONE);
    let old = base(&ann);
    ann.does(edit_notes_since("a", old.clone(), &[(0, 0, "Hello")]));
    ann.does(edit_notes_since("a", old, &[(0, 0, "Again")]));
    assert_eq!(notes(&ann).len(), 10);
}

#[test]
fn an_older_base_counts_in_utf16() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a notes=\"😀😀 end\"\n");
    let old = base(&ann);
    ben.does(edit_notes("a", 2, 2, ""));
    ann.receive(&ben);
    ann.does(edit_notes_since("a", old, &[(5, 3, "fin")]));
    assert_eq!(notes(&ann), "😀 fin");
}

#[test]
fn two_first_edits_show_one_keep_the_other_and_can_be_settled() {
    let (mut ann, mut ben) = ann_and_ben(NONE);
    ann.does(edit_notes("a", 0, 0, "Ann's words"));
    ben.does(edit_notes("a", 0, 0, "Ben's words"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a notes="Ben's words"
        + profile "Ben" #aabbcc
        ! FieldRace #a: Notes of “A” was set to “Ben's words” and “Ann's words” at the same time. The first of them is shown.
            Keep “Ben's words”
            Take “Ann's words”
            Dismiss
    "#]].assert_eq(&ann.show());
    let details = ann.project.details(node("a")).expect("it is live");
    let field = details
        .fields
        .iter()
        .find(|field| field.field.as_str() == "notes");
    let others = &field.expect("there are notes").others;
    let loser: Vec<&str> = others.iter().map(|other| other.text.as_str()).collect();
    assert_eq!(loser.len(), 1);
    let winner = notes(&ann);
    assert_ne!(winner, loser[0]);
    ann.check(
        set("a", &format!("notes={winner:?}")),
        expect![[r#"
        task "A" #a notes="Ben's words"
        + profile "Ben" #aabbcc
    "#]],
    );
    sync(&mut ann, &mut ben);
    assert_eq!(notes(&ben), winner);
}

#[test]
fn the_losing_first_edit_can_be_taken_instead() {
    let (mut ann, mut ben) = ann_and_ben(NONE);
    ann.does(edit_notes("a", 0, 0, "Ann's words"));
    ben.does(edit_notes("a", 0, 0, "Ben's words"));
    sync(&mut ann, &mut ben);
    let loser = if notes(&ann).starts_with('A') {
        "Ben"
    } else {
        "Ann"
    };
    ben.does(set("a", &format!("notes=\"{loser}'s words\"")));
    sync(&mut ann, &mut ben);
    assert_eq!(notes(&ann), format!("{loser}'s words"));
    assert!(ann.problems().is_empty(), "{:?}", ann.problems());
}

/// Whoever lost goes on typing: the words go into the text that is shown.
#[test]
fn typing_goes_on_in_the_text_that_is_shown() {
    let (mut ann, mut ben) = ann_and_ben(NONE);
    ann.does(edit_notes("a", 0, 0, "Ann"));
    ben.does(edit_notes("a", 0, 0, "Ben"));
    sync(&mut ann, &mut ben);
    let (anns, bens) = (base(&ann), base(&ben));
    ann.does(edit_notes_since("a", anns, &[(3, 0, " A")]));
    ben.does(edit_notes_since("a", bens, &[(3, 0, " B")]));
    sync(&mut ann, &mut ben);
    assert!(notes(&ann).ends_with(" A B") || notes(&ann).ends_with(" B A"));
}

/// The base is of a text that has lost: positions cannot be told, so nothing is guessed.
#[test]
fn a_base_of_the_losing_text() {
    let (mut ann, mut ben) = ann_and_ben(NONE);
    ann.does(edit_notes("a", 0, 0, "Ann's"));
    let anns = base(&ann);
    ben.does(edit_notes("a", 0, 0, "Ben's words"));
    let bens = base(&ben);
    ann.receive(&ben);
    ben.receive(&ann);
    let outcomes = [
        ann.try_to(&edit_notes_since("a", anns, &[(5, 0, "!")])),
        ben.try_to(&edit_notes_since("a", bens, &[(11, 0, "!")])),
    ];
    let codes = outcomes.map(|outcome| outcome.map_err(|it| it.code()).err());
    assert_eq!(codes, [Some("STALE_TEXT"), None]);
}

#[test]
fn undo_of_typing_leaves_what_others_typed_in_between() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(edit_notes("a", 4, 0, "very "));
    sync(&mut ann, &mut ben);
    ben.does(edit_notes("a", 6, 0, "VERY"));
    sync(&mut ann, &mut ben);
    ann.undo();
    assert_eq!(notes(&ann), "The VERYquick fox");
    ann.redo();
    sync(&mut ann, &mut ben);
    assert!(notes(&ann).contains("VERY"), "{}", notes(&ann));
}

#[test]
fn undo_of_a_deletion_that_others_made_too() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(edit_notes("a", 4, 6, ""));
    ben.does(edit_notes("a", 4, 6, ""));
    sync(&mut ann, &mut ben);
    assert_eq!(notes(&ann), "The fox");
    ann.undo();
    assert_eq!(notes(&ann), "The quick fox");
}
