//! Two laptops on one network find each other, and one shares a project with the other.

use std::time::{Duration, Instant};

use e2e::{Person, Window};
use serde_json::json;
use testkit::netns::Lab;

use crate::sharing::{add, become_equal, select_second, type_code};

/// So long it may take two people who sit at new windows.
const DEADLINE: Duration = Duration::from_secs(60);

/// Three clicks, six digits and Enter at the one, Enter at the other.
const STROKES: usize = 11;

/// Ana chooses the only other machine of the network, by the words that it has for itself.
fn choose(ana: &Window, bo: &Window) {
    let nearby = bo.call(json!({ "kind": "readNearby" })).expect("it looks");
    let words = nearby["words"].as_str().expect("text");
    ana.click("sharing-chip");
    ana.click("share-nearby");
    ana.reads("nearby-machine", words);
    ana.screenshot("nearby-found");
    assert_eq!(ana.count("nearby-machine"), 1);
    ana.click("pair:not([aria-disabled])");
}

/// What Bo may, as he reads it.
fn is_editor(bo: &Window) {
    bo.run_command("Share: people, roles, invitations");
    bo.sees("share-dialog[data-state=\"editor\"]");
    bo.press("Escape");
    bo.no_longer_sees("share-dialog");
}

#[test]
fn two_laptops_share_a_project_within_a_minute() {
    let Some(lab) = Lab::lan(&["ana", "bo"]) else {
        return;
    };
    let (ana, bo) = (Person::new(), Person::new());
    let at_ana = ana.start_on(lab.machine("ana"));
    let at_bo = bo.start_on(lab.machine("bo"));
    let (window, other) = (at_ana.window(), at_bo.window());
    let begun = Instant::now();
    window.introduce("Ana");
    window.open_sample("blank");
    other.introduce("Bo");

    let before = window.strokes() + other.strokes();
    let met = Instant::now();
    choose(window, other);
    type_code(window, other);
    other.has_keyboard("pairing-open");
    other.press("Enter");
    other.sees("row-title");
    let strokes = window.strokes() + other.strokes() - before;
    let (sharing, all) = (met.elapsed(), begun.elapsed());
    eprintln!(
        "shared with {strokes} clicks and keys in {:.1} s, {:.1} s after two new windows",
        sharing.as_secs_f64(),
        all.as_secs_f64()
    );
    assert!(strokes <= STROKES, "{strokes} clicks and keys");
    assert!(all < DEADLINE, "{all:?}");

    window.press("Escape");
    window.no_longer_sees("share-dialog");
    become_equal(window, other);
    is_editor(other);
    select_second(window);
    add(window, "From Ana");
    other.sees_row("From Ana");
    other.select("From Ana");
    add(other, "From Bo");
    window.sees_row("From Bo");
    at_bo.close();
    at_ana.close();
}
