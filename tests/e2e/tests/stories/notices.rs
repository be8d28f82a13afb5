//! What others do is told to whom it concerns, and to nobody who does not want to hear of it.

use e2e::{Window, mia_and_noah};

use crate::accessible::{check, check_in_every_theme};

pub const MINE: &str = "Moving day";

/// Puts somebody on an item, from the inspector and with the keyboard.
fn assign(window: &Window, item: &str, name: &str) {
    window.inspect(item);
    let add = "inspector-field[data-field=\"assignees\"] .add";
    window.edit("an assignment", || {
        window.focus(add);
        window.press("Enter");
        window.type_into("node-picker", name);
        window.reads("[role=\"option\"]", name);
        window.press("Enter");
    });
    window.press("Escape");
    window.no_longer_sees("node-picker");
}

pub fn comment(window: &Window, item: &str, text: &str) {
    window.inspect(item);
    window.focus("comment-new");
    window.edit("a comment", || {
        window.type_into("comment-new", text);
        window.press("Ctrl+Enter");
    });
}

fn kinds(window: &Window, kind: &str) -> usize {
    window.count(&format!("notice[data-kind=\"{kind}\"]"))
}

/// An item of Mia's that waits for nothing.
const VAN: &str = "Book the van and two strong people";

/// Waits for news, looks at it and marks it as read.
fn hears(window: &Window, words: [&str; 2], picture: &str) {
    window.sees("bell[data-unread=\"1\"]");
    window.click("bell");
    for words in words {
        window.reads("notices", words);
    }
    window.screenshot(picture);
    window.click("notices-mark-all");
    window.sees("bell[data-unread=\"0\"]");
    window.press("Escape");
    window.no_longer_sees("notices");
}

/// Somebody else's work holds an item up, and then it does not.
fn holds_up_and_lets_go(one: &Window, other: &Window) {
    other.select(VAN);
    other.edit("a link", || other.choose("Link: is blocked by", "Desks"));
    let blocked = format!("Your item “{VAN}” is blocked");
    hears(
        one,
        [&blocked, "Noah: it waits for “Desks”"],
        "notices-blocked",
    );
    other.edit("a link less", || {
        other.choose("Remove link", "Is blocked by: Desks")
    });
    let free = format!("Your item “{VAN}” is free to go on");
    hears(
        one,
        [&free, "Noah: it waited for “Desks”"],
        "notices-unblocked",
    );
}

fn turn_mentions_off(window: &Window) {
    window.run_command("Settings");
    window.click("settings-notifications");
    let mentions = "settings [data-switch=\"mentioned\"] input";
    window.sees(mentions);
    check(window, "switches of notifications");
    window.click(mentions);
    window.sees("settings [data-switch=\"mentioned\"] input:not(:checked)");
    window.screenshot("notices-switches");
    window.press("Escape");
    window.no_longer_sees("settings");
}

#[test]
fn what_concerns_somebody_is_told_unless_they_do_not_want_it() {
    let (mia, noah) = mia_and_noah();
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let (one, other) = (at_mia.window(), at_noah.window());
    for window in [one, other] {
        window.sees("row-title");
        window.reads("sharing-chip", "Live");
    }
    other.click("bell");
    other.reads("notices", "Nothing yet");
    other.screenshot("notices-empty");
    other.press("Escape");
    other.no_longer_sees("notices");

    assign(other, "Visit four offices", "Olga");
    assign(other, "Sign the lease", "Mia");
    comment(other, MINE, "@Mia can you drive the van?");
    one.sees("bell[data-unread=\"2\"]");
    one.press("Ctrl+Shift+P");
    one.type_into("palette-input", "Notifications");
    one.press("Enter");
    for words in [
        "Noah assigned “Sign the lease” to you",
        "Noah mentioned you in “Moving day”",
        "can you drive the van?",
    ] {
        one.reads("notices", words);
    }
    assert_eq!(one.count("notice"), 2);
    one.screenshot("notices");
    one.click("notice-mark");
    one.sees("bell[data-unread=\"1\"]");
    one.click("notices-mark-all");
    one.sees("bell[data-unread=\"0\"]");
    one.click("notice[data-kind=\"mentioned\"] .main");
    one.no_longer_sees("notices");
    assert_eq!(one.selected_row().title, MINE);
    one.reads("comment-body", "can you drive the van?");

    holds_up_and_lets_go(one, other);

    turn_mentions_off(one);
    comment(other, MINE, "@Mia it has no radio");
    assign(other, "Post redirect", "Mia");
    one.sees("bell[data-unread=\"1\"]");
    one.click("bell");
    one.reads("notices", "Post redirect");
    assert_eq!((kinds(one, "assigned"), kinds(one, "mentioned")), (2, 1));
    check_in_every_theme(one, "notices");
    at_noah.close();
    at_mia.close();
}
