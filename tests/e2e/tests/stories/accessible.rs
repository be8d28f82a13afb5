//! Nobody is kept from using a screen, as far as a program can tell.

use e2e::{Desktop, Home, Screen, Window};

/// What would keep somebody out of what is shown now is a failure.
pub fn check(window: &Window, screen: &str) {
    let (serious, others): (Vec<_>, Vec<_>) = window
        .violations()
        .into_iter()
        .partition(e2e::Violation::is_serious);
    for one in &others {
        eprintln!("{screen}: {one:?}");
    }
    assert!(serious.is_empty(), "{screen}: {serious:#?}");
}

/// The same in every theme, which are changed by command.
pub fn check_in_every_theme(window: &Window, screen: &str) {
    window.in_every_theme(|theme| check(window, &format!("{screen}, {theme}")));
}

#[test]
fn no_screen_keeps_anybody_out() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("me-name");
    check(window, "first run");
    window.introduce("Ana");
    check_in_every_theme(window, "welcome");
    window.open_sample("blank");
    window.press("Home");
    window.sees("inspector-field");
    check_in_every_theme(window, "outline");
    window.edit("a deletion", || window.press("Delete"));
    for (view, something) in [
        ("Graph", "graph-node"),
        ("Problems", "view-problems[aria-current]"),
        ("Trash", "trash-item"),
        ("Template", "type-form"),
    ] {
        window.run_command(view);
        window.sees(something);
        check_in_every_theme(window, view);
    }
    window.click("template-field[data-key=\"status\"]");
    check_in_every_theme(window, "field of the template");
    window.run_command("Settings");
    window.sees("settings");
    check(window, "settings");
    window.press("Escape");
    window.no_longer_sees("settings");
    window.press("?");
    window.sees("shortcut-sheet");
    check(window, "shortcuts");
    window.press("Escape");
    window.no_longer_sees("shortcut-sheet");
    window.press("Ctrl+K");
    window.type_into("palette-input", "o");
    check(window, "palette");
    window.press("Escape");
    window.no_longer_sees("palette");
    window.run_command("Outline");
    window.sees("outline-grid");
    window.press("Home");
    window.press("Shift+ArrowDown");
    window.reads("inspector", "2 items selected");
    check(window, "several nodes");
    window.press("Ctrl+F");
    window.type_into("find-input", "o");
    check(window, "find");
    desktop.close();
}
