//! A passphrase that is asked for before anything of a project is shown.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

use crate::accessible::check;

const PASSPHRASE: &str = "quokka on the hill";

/// What the sample is called.
const NAME: &str = "Moving the office";

fn look_at_security(window: &Window) {
    window.run_command("Settings");
    window.click("settings-security");
    window.sees("keys-place");
}

fn set(window: &Window) {
    look_at_security(window);
    window.reads("keys-place", "without a passphrase");
    check_in_every_theme_of_settings(window);
    for field in ["passphrase-new", "passphrase-again"] {
        window.click(field);
        window.type_into(field, PASSPHRASE);
    }
    window.press("Enter");
    window.reads("keys-place", "asks for it at each start");
    window.screenshot("security-set");
    window.press("Escape");
    window.no_longer_sees("settings");
}

/// Commands close the settings, so the theme is changed where it is set.
fn check_in_every_theme_of_settings(window: &Window) {
    for theme in ["light", "highContrast", "dark"] {
        window.click("settings-appearance");
        window.click(&format!("theme-{theme}"));
        window.until("the theme", || (window.theme() == theme).then_some(()));
        window.click("settings-security");
        window.sees("keys-place");
        check(window, "settings, security");
        window.screenshot(&format!("security-{theme}"));
    }
}

fn take_away(window: &Window) {
    look_at_security(window);
    window.click("passphrase-current");
    window.type_into("passphrase-current", PASSPHRASE);
    window.click("passphrase-remove");
    window.reads("keys-place", "without a passphrase");
    window.press("Escape");
    window.no_longer_sees("settings");
}

/// Nothing of a project is on the screen or answered.
fn is_shut(window: &Window, project: &str) {
    window.sees("unlock");
    let page = window.run("return document.body.innerText", Vec::new());
    assert!(!page.as_str().expect("text").contains(NAME), "{page}");
    for request in [
        json!({ "kind": "start" }),
        json!({ "kind": "listProjects" }),
        json!({ "kind": "snapshot", "project": project }),
    ] {
        let refused = window.call(request).expect_err("the keys are locked");
        assert_eq!(refused["code"], "LOCKED");
    }
}

/// How long the button says to wait, in s, once what was typed is refused.
fn refused(window: &Window, passphrase: &str) -> u64 {
    window.sees("unlock-done[aria-disabled=\"true\"]");
    window.type_into("unlock-passphrase", passphrase);
    window.press("Enter");
    window.reads("unlock", "This is not the passphrase.");
    let said = window.texts("unlock-done").concat();
    let seconds = said
        .strip_prefix("Wait ")
        .and_then(|it| it.strip_suffix(" s"));
    seconds.map_or(0, |it| it.parse().expect("a number"))
}

fn unlock(window: &Window, passphrase: &str) {
    window.type_into("unlock-passphrase", passphrase);
    window.press("Enter");
}

/// Whoever goes on guessing waits longer each time, whatever the page says.
fn guess_in_vain(window: &Window) {
    for guess in ["quokka", "Quokka on the hill"] {
        assert_eq!(refused(window, guess), 0);
    }
    assert_eq!(refused(window, "quokka on the hil"), 1);
    let early = window.call(json!({ "kind": "unlock", "passphrase": PASSPHRASE }));
    assert_eq!(early.map_err(code_of), Err(json!("TOO_SOON")));
    window.reads("unlock-done", "Unlock");
    assert_eq!(refused(window, "let me in"), 2);
    window.screenshot("unlock-wait");
    window.reads("unlock-done", "Unlock");
}

fn code_of(failure: Value) -> Value {
    failure["code"].clone()
}

#[test]
fn a_passphrase_is_asked_for_before_anything_is_shown() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.reads("project-menu", NAME);
    set(window);
    window.sees_saved();
    let project = window.project();
    desktop.close();

    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    is_shut(window, &project);
    check(window, "unlock");
    window.screenshot("unlock");
    guess_in_vain(window);
    is_shut(window, &project);
    unlock(window, PASSPHRASE);
    window.no_longer_sees("unlock");
    window.sees("row-title");
    take_away(window);
    desktop.close();

    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees("row-title");
    assert_eq!(desktop.window().count("unlock"), 0);
    desktop.close();
}
