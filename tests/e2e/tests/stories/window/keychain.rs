//! Keys in the keychain of the system: a real one, on a session bus of the story.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::json;

use crate::accessible::check;

/// What the sample is called.
const NAME: &str = "Moving the office";

fn open(home: &Home, screen: &Screen) -> Desktop {
    Desktop::open_with(home, screen, &["--keys=keychain"])
}

fn look_at_keys(window: &Window) {
    window.run_command("Settings");
    window.click("settings-security");
    window.sees("keys-place");
}

fn leave_settings(window: &Window) {
    window.press("Escape");
    window.no_longer_sees("settings");
}

/// Nothing of a project is on the screen or answered, and what is there says why.
fn is_withheld(window: &Window, code: &str, words: &str) {
    window.sees(&format!("withheld[data-code=\"{code}\"]"));
    window.reads("withheld", words);
    let page = window.run("return document.body.innerText", Vec::new());
    assert!(!page.as_str().expect("text").contains(NAME), "{page}");
    let refused = window.call(json!({ "kind": "start" }));
    assert_eq!(refused.expect_err("no keys")["code"], code);
}

#[test]
fn keys_in_a_keychain_are_waited_for_and_moved() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let bus = home.session_bus();
    let keyring = bus.keyring();
    let desktop = open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.reads("project-menu", NAME);
    look_at_keys(window);
    window.reads("keys-place", "in the keychain of your system");
    check(window, "settings, keys in the keychain");
    window.screenshot("keys-keychain");
    leave_settings(window);
    window.sees_saved();
    desktop.close();
    drop(keyring);

    let desktop = open(&home, &screen);
    let window = desktop.window();
    is_withheld(window, "KEYCHAIN_ABSENT", "none is running in this session");
    check(window, "withheld");
    window.screenshot("withheld");
    let keyring = bus.locked_keyring();
    window.click("withheld-again");
    is_withheld(window, "KEYCHAIN_LOCKED", "which is locked");
    drop(keyring);
    let keyring = bus.keyring();
    keyring.freeze();
    window.click("withheld-again");
    is_withheld(window, "KEYCHAIN_SILENT", "does not answer");
    keyring.thaw();
    window.click("withheld-again");
    window.no_longer_sees("withheld");
    window.sees("row-title");
    look_at_keys(window);
    window.click("keys-to-file");
    window.reads("keys-place", "in a file that only you may read");
    window.screenshot("keys-file");
    leave_settings(window);
    desktop.close();
    drop(keyring);

    let desktop = open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    look_at_keys(window);
    window.click("keys-to-keychain");
    window.reads("keys-problem", "No keychain is running in this session");
    check(window, "settings, no keychain");
    window.screenshot("keys-problem");
    desktop.close();
}
