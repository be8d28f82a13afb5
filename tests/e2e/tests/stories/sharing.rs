//! Two people at two windows edit one project at once, and apart.

use std::path::Path;

use e2e::{Host, Person, Window, launch};
use serde_json::json;

use crate::accessible::check;

/// The command that shows who shares the project.
const PEOPLE: &str = "Share: people, roles, invitations";

fn share(window: &Window) -> String {
    window.click("sharing-chip");
    window.click("share-project");
    window.sees("invitation");
    window.screenshot("sharing-invitation");
    let invitation = window.value("invitation");
    window.press("Escape");
    window.no_longer_sees("share-dialog");
    invitation
}

/// The system hands the link over to the window; into a page it is pasted.
fn follow_link(person: &Person, window: &Window, invitation: &str) {
    match Host::chosen() {
        Host::Window => {
            let ended = launch(&person.home, &person.screen, &[Path::new(invitation)]);
            assert_eq!(ended.code, Some(0), "{}", ended.complaint);
        }
        Host::Browser => {
            window.click("join-project");
            window.fill("join-text", invitation);
        }
    }
}

/// What is no invitation is refused; a link that is one is asked about.
fn join(person: &Person, window: &Window, invitation: &str) {
    window.click("join-project");
    window.type_into("join-text", "talus://join#AQID");
    window.click("join");
    window.sees("sharing-failure[data-code=\"NOT_AN_INVITATION\"]");
    window.screenshot("sharing-refused");
    window.press("Escape");
    window.no_longer_sees("join-dialog");
    follow_link(person, window, invitation);
    window.click("join");
    window.no_longer_sees("join-dialog");
    window.sees("row-title");
}

/// A new row below the selected one; the row that opens after it is not wanted.
pub fn add(window: &Window, title: &str) {
    window.focus("outline-grid");
    window.press("Enter");
    window.type_into("title-editor", title);
    window.press("Enter");
    window.press("Escape");
    window.sees_row(title);
}

fn lacks_row(window: &Window, title: &str) {
    let is_there = || window.outline_rows().iter().any(|row| row.title == title);
    window.until(&format!("{title} to go"), || (!is_there()).then_some(()));
}

/// Selects a row, and says which node it is.
fn select(window: &Window, title: &str) -> String {
    window.select(title);
    window.selected_row().node
}

/// Near the top, so that what is added beneath is on every screen.
pub fn select_second(window: &Window) {
    window.sees("row-title");
    let second = window.outline_rows().swap_remove(1);
    window.select(&second.title);
}

pub fn become_equal(ana: &Window, bo: &Window) {
    ana.until("both windows to hold the same", || {
        (ana.content() == bo.content()).then_some(())
    });
    for window in [ana, bo] {
        window.reads("sharing-chip", "Live \u{b7} 1 peer");
    }
}

fn each_sees_and_undoes(ana: &Window, bo: &Window) {
    add(ana, "From Ana");
    bo.sees_row("From Ana");
    bo.select("From Ana");
    add(bo, "From Bo");
    ana.sees_row("From Bo");
    ana.press("Ctrl+Z");
    for window in [ana, bo] {
        lacks_row(window, "From Ana");
        window.sees_row("From Bo");
    }
    bo.press("Ctrl+Z");
    lacks_row(ana, "From Bo");
    bo.press("Ctrl+Shift+Z");
    ana.sees_row("From Bo");
    become_equal(ana, bo);
}

fn each_sees_where_the_other_is(ana: &Window, bo: &Window) {
    let rows = ana.outline_rows();
    let (first, other) = (&rows[1].title, &rows[3].title);
    let node = select(ana, first);
    bo.sees(&format!(
        "[data-node=\"{node}\"] [data-testid=\"visitors\"]"
    ));
    let node = select(bo, other);
    bo.press("F2");
    bo.type_into("title-editor", "Bo is typ");
    ana.sees(&format!("[data-node=\"{node}\"] [data-testid=\"typing\"]"));
    ana.screenshot("sharing-typing");
    ana.select(other);
    ana.press("F2");
    ana.type_into("title-editor", "Ana was quicker");
    ana.press("Enter");
    ana.sees_row("Ana was quicker");
    bo.sees(&format!(
        "[data-node=\"{node}\"] [data-testid=\"visitors\"]"
    ));
    bo.type_into("title-editor", "ing");
    bo.press("Enter");
    for window in [ana, bo] {
        window.sees_row("Bo is typing");
    }
    follow(ana, bo, first, "Bo is typing");
}

fn follow(ana: &Window, bo: &Window, first: &str, second: &str) {
    bo.click("person");
    for title in [first, second] {
        ana.select(title);
        bo.until("Bo to be where Ana is", || {
            (bo.selected_row().title == title).then_some(())
        });
    }
    bo.sees("person[aria-pressed=\"true\"]");
    bo.screenshot("sharing-follow");
    bo.focus("outline-grid");
    bo.press("ArrowDown");
    bo.sees("person[aria-pressed=\"false\"]");
    bo.click("sharing-chip");
    bo.reads("peer", "Ana");
    bo.screenshot("sharing-peers");
    bo.press("Escape");
    bo.no_longer_sees("peers");
}

/// Ana chooses Bo's machine and types what it shows.
fn pair(ana: &Window, bo: &Window, address: &str, is_hers: bool) {
    ana.click("sharing-chip");
    ana.click("share-nearby");
    if is_hers {
        ana.click("pairing-mine");
    }
    ana.focus("address-input");
    ana.type_into("address-input", address);
    ana.screenshot("pairing-nearby");
    ana.press("Enter");
    type_code(ana, bo);
    ana.press("Escape");
    ana.no_longer_sees("share-dialog");
    bo.screenshot("pairing-joined");
}

fn open_paired(window: &Window) {
    window.click("pairing-open");
    window.sees("row-title");
}

/// What Bo's machine shows is typed at Ana's, which has asked it; both say that it is done.
pub fn type_code(ana: &Window, bo: &Window) {
    bo.sees("pairing-dialog[data-state=\"showing\"]");
    bo.screenshot("pairing-code");
    let shown = bo.texts("pairing-digits").concat();
    let code: String = shown.split_whitespace().collect();
    ana.sees("pairing[data-state=\"typing\"]");
    ana.screenshot("pairing-typing");
    ana.type_into("pairing-code", &code);
    ana.press("Enter");
    ana.sees("pairing[data-state=\"done\"]");
    ana.screenshot("pairing-done");
    bo.sees("pairing-dialog[data-state=\"done\"]");
}

/// Of the member who is not at this window.
const OTHER: &str = "member[data-me=\"false\"]";

/// Who is in is a reader from now on, and then no member any more.
fn demote_and_remove(owner: &Window, other: &Window) {
    owner.run_command(PEOPLE);
    owner.sees(OTHER);
    check(owner, "share dialog");
    owner.screenshot("share-owner");
    owner.click(&format!("{OTHER} [data-testid=\"member-role\"]"));
    owner.click("role-viewer");
    owner.sees(&format!("{OTHER}[data-role=\"viewer\"]"));
    other.sees("add-menu[aria-disabled=\"true\"]");
    other.run_command(PEOPLE);
    other.sees("share-dialog[data-state=\"viewer\"]");
    check(other, "share dialog of a viewer");
    other.screenshot("share-viewer");
    other.press("Escape");
    other.no_longer_sees("share-dialog");
    owner.click(&format!("{OTHER} [data-testid=\"member-more\"]"));
    owner.click("remove-member");
    owner.sees("share-ask");
    owner.screenshot("share-remove");
    owner.click("share-ask-do");
    owner.no_longer_sees(OTHER);
    other.sees("sharing-chip[data-state=\"problem\"]");
    other.run_command(PEOPLE);
    other.sees("share-dialog[data-state=\"out\"]");
    other.screenshot("share-out");
}

#[test]
fn whoever_has_the_link_joins_by_it_until_she_is_removed() {
    let (ana, bo) = (Person::new(), Person::new());
    let (at_ana, at_bo) = (ana.start(), bo.start());
    let (window, other) = (at_ana.window(), at_bo.window());
    window.introduce("Ana");
    window.open_sample("blank");
    other.introduce("Bo");
    join(&bo, other, &share(window));
    become_equal(window, other);
    demote_and_remove(window, other);
    at_bo.close();
    at_ana.close();
}

/// She says at each of them that the other one is hers.
#[test]
fn two_computers_of_hers_are_one_person() {
    let (desk, laptop) = (Person::new(), Person::new());
    let (at_desk, at_laptop) = (desk.start(), laptop.start());
    let (window, other) = (at_desk.window(), at_laptop.window());
    window.introduce("Ana");
    window.open_sample("blank");
    other.introduce("Laptop");
    pair(window, other, &laptop.address(), true);
    other.reads("pairing-hers", "Ana says that this computer is hers");
    other.screenshot("pairing-hers");
    check(other, "a computer of hers");
    other.click("pairing-become");
    open_paired(other);
    become_equal(window, other);
    window.run_command(PEOPLE);
    window.sees(OTHER);
    window.reads("member-person", "2 computers");
    assert_eq!(window.count("member-person"), 1);
    window.screenshot("share-one-person");
    at_laptop.close();
    at_desk.close();
}

#[test]
fn two_windows_edit_one_project_at_once_and_apart() {
    let (ana, bo) = (Person::new(), Person::new());
    let (at_ana, at_bo) = (ana.start(), bo.start());
    let (window, other) = (at_ana.window(), at_bo.window());
    window.introduce("Ana");
    window.open_sample("blank");
    other.introduce("Bo");
    pair(window, other, &bo.address(), false);
    open_paired(other);
    become_equal(window, other);
    select_second(window);
    each_sees_and_undoes(window, other);
    each_sees_where_the_other_is(window, other);
    become_equal(window, other);

    at_ana.kill();
    let other = at_bo.window();
    other.sees("sharing-chip[data-state=\"offline\"]");
    add(other, "Bo alone");
    other.reads("sharing-chip", "1 change waiting");
    other.screenshot("sharing-offline");
    other.sees_saved();
    at_bo.kill();

    let at_ana = ana.start();
    at_ana.window().sees("sharing-chip[data-state=\"offline\"]");
    select_second(at_ana.window());
    add(at_ana.window(), "Ana alone");
    at_ana.window().sees_saved();
    let at_bo = bo.start();
    for desktop in [&at_ana, &at_bo] {
        desktop.window().sees_row("Ana alone");
        desktop.window().sees_row("Bo alone");
    }
    become_equal(at_ana.window(), at_bo.window());
    at_ana.window().screenshot("sharing-together");
    at_bo.close();
    at_ana.window().sees("sharing-chip[data-state=\"offline\"]");
    let project = at_ana.window().project();
    let sharing = at_ana
        .window()
        .call(json!({ "kind": "readSharing", "project": project }));
    assert_eq!(sharing.expect("it is open")["sharing"]["waiting"], 0);
    at_ana.close();
}
