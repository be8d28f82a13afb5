//! Every screen in every theme, and what one does there.

use e2e::{Desktop, Home, Screen, Window};

use crate::accessible::check;

/// A picture of what is shown, in every theme.
fn pictures(window: &Window, name: &str) {
    window.in_every_theme(|theme| {
        window.screenshot(&format!("{name}-{theme}"));
    });
}

/// Pictures of a menu, which every command closes and which is therefore opened again in every theme.
fn pictures_of_menu(window: &Window, name: &str, entry: &str, open: impl Fn()) {
    window.in_every_theme(|theme| {
        // The palette, by which the theme was changed, gives the keyboard back, which closes a menu.
        window.sees_nothing_change();
        open();
        window.sees(entry);
        check(window, name);
        window.screenshot(&format!("{name}-{theme}"));
        window.press("Escape");
        window.no_longer_sees(entry);
    });
}

#[test]
fn every_screen_shows_something_in_every_theme() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("me-name");
    window.screenshot("first-run");
    window.introduce("Ana");
    pictures(window, "welcome");
    window.open_sample("vehicle-restoration");
    window.press_times("ArrowDown", 3);
    window.sees("inspector-field");
    pictures(window, "outline");
    pictures_of_menu(window, "menu", "action-node.trash", || {
        window.click_for_menu("[role=\"row\"][aria-selected=\"true\"] [data-part=\"title\"]");
    });
    pictures_of_menu(window, "menu-add", "[role=\"menu\"]", || {
        window.click("add-menu");
    });
    window.focus("outline-grid");
    window.edit("no title", || {
        window.press("F2");
        window.has_keyboard("title-editor");
        window.press("Backspace");
        window.press("Enter");
    });
    for (view, something) in [
        ("Graph", "graph-node"),
        ("Problems", "problem"),
        ("Outline", "row-title"),
    ] {
        window.run_command(view);
        window.sees(something);
        pictures(window, &view.to_lowercase());
    }
    window.edit("a deletion", || window.press("Delete"));
    window.run_command("Trash");
    window.sees("trash-item");
    pictures(window, "trash");
    window.click("trash-restore");
    window.no_longer_sees("trash-item");
    window.screenshot("trash-empty");
    window.run_command("Template");
    pictures(window, "template");
    window.run_command("Settings");
    window.sees("settings");
    window.screenshot("settings");
    window.press("Escape");
    window.no_longer_sees("settings");
    window.press("?");
    window.sees("shortcut-sheet");
    window.screenshot("shortcuts");
    window.press("Escape");
    window.no_longer_sees("shortcut-sheet");
    window.press("Ctrl+K");
    window.type_into("palette-input", "brake");
    window.screenshot("palette");
    window.press("Escape");
    desktop.close();
}
