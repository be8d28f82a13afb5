//! Thirty edits of all kinds by keyboard, all undone, some redone, and found again after a restart.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::Value;

/// Types into the cell, the field or the row that was just opened.
fn enter(window: &Window, text: &str) {
    window.type_into("title-editor", text);
    window.press("Enter");
}

/// A new row below the selected one; the row that opens after it is not wanted.
fn add(window: &Window, chord: &str, title: &str) {
    window.edit(title, || {
        window.press(chord);
        enter(window, title);
    });
    window.press("Escape");
    window.sees_row(title);
}

fn rename(window: &Window, title: &str) {
    window.edit(title, || {
        window.press("F2");
        enter(window, title);
    });
    window.sees_row(title);
}

fn press(window: &Window, what: &str, chord: &str) {
    window.edit(what, || window.press(chord));
}

/// Puts `text` into a field of the inspector.
fn put(window: &Window, field: &str, text: &str) {
    window.edit(field, || {
        window.focus(&format!("inspector-field[data-field=\"{field}\"] input"));
        window.press("Ctrl+A");
        match text {
            "" => window.press("Backspace"),
            _ => window.type_text(text),
        }
        window.press("Enter");
    });
}

type Edit = (&'static str, fn(&Window));

const EDITS: [Edit; 30] = [
    ("a row", |window| add(window, "Enter", "Dyno run")),
    ("a second row", |window| add(window, "Enter", "Paint")),
    ("a third row", |window| add(window, "Enter", "Wiring")),
    ("a row beneath", |window| add(window, "Ctrl+Enter", "Loom")),
    ("a row beside it", |window| add(window, "Enter", "Fuses")),
    ("another title", |window| {
        rename(
            window,
            "Fuse box, \u{fc}ber-long title \u{2014} with \u{65e5}\u{672c}",
        )
    }),
    ("up", |window| press(window, "a move up", "Alt+ArrowUp")),
    ("down", |window| {
        press(window, "a move down", "Alt+ArrowDown")
    }),
    ("in", |window| press(window, "an indent", "Tab")),
    ("out", |window| press(window, "an outdent", "Shift+Tab")),
    ("a copy beside", |window| {
        press(window, "a duplicate", "Ctrl+D")
    }),
    ("a number", |window| put(window, "estimated-hours", "12.5")),
    ("another number", |window| put(window, "actual-hours", "3")),
    ("money", |window| put(window, "estimated-cost", "1250.75")),
    ("a quantity", |window| put(window, "quantity", "4")),
    ("a price", |window| put(window, "unit-cost", "19.99")),
    ("a number cleared", |window| put(window, "quantity", "")),
    ("back to the rows", |window| {
        window.focus("outline-grid");
        add(window, "Enter", "Interior");
    }),
    ("into the trash", |window| {
        press(window, "a deletion", "Delete")
    }),
    ("a copy", |window| {
        window.press("Ctrl+C");
        press(window, "a paste", "Ctrl+V");
    }),
    ("a cut", |window| {
        window.press("Ctrl+X");
        window.press_times("ArrowUp", 2);
        press(window, "a paste of what was cut", "Ctrl+V");
    }),
    ("several at once into the trash", |window| {
        window.press("Shift+ArrowUp");
        press(window, "a deletion of two", "Delete");
    }),
    ("a row again", |window| add(window, "Enter", "Seats")),
    ("more rows", |window| add(window, "Enter", "Carpet")),
    ("and more", |window| add(window, "Enter", "Headliner")),
    ("several up at once", |window| {
        window.press("Shift+ArrowUp");
        press(window, "a move of two", "Alt+ArrowUp");
    }),
    ("several copies at once", |window| {
        press(window, "a duplicate of two", "Ctrl+D")
    }),
    ("a shorter title", |window| rename(window, "S")),
    ("a title of emoji", |window| {
        rename(
            window,
            "\u{1f527}\u{1f3fd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
        )
    }),
    ("the last row", |window| add(window, "Enter", "Test drive")),
];

#[test]
fn thirty_edits_can_be_undone_redone_and_found_again() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    let mut contents = vec![window.content()];
    for (what, edit) in EDITS {
        eprintln!("edit {}: {what}", contents.len());
        edit(window);
        contents.push(window.content());
        assert_ne!(
            contents[contents.len() - 1],
            contents[contents.len() - 2],
            "{what} changes something"
        );
    }
    window.screenshot("thirty-edits");
    undo_down_to(window, &contents, 0);
    assert_eq!(window.history().0, None, "nothing is left to undo");
    redo_up_to(window, &contents, 11);
    window.sees_saved();

    let closings: [fn(Desktop); 2] = [Desktop::terminate, Desktop::close];
    let mut desktop = desktop;
    for (round, close) in closings.into_iter().enumerate() {
        let history = desktop.window().history();
        close(desktop);
        desktop = Desktop::open(&home, &screen);
        desktop.window().sees("row-title");
        let reached = 11 + round;
        assert_same(
            &desktop.window().content(),
            &contents[reached],
            "after closing",
        );
        assert_eq!(desktop.window().history(), history);
        redo_up_to(desktop.window(), &contents[reached..], 1);
    }
    desktop.close();
}

fn undo_down_to(window: &Window, contents: &[Value], reached: usize) {
    for (step, content) in contents
        .iter()
        .enumerate()
        .take(contents.len() - 1)
        .skip(reached)
        .rev()
    {
        press(window, "an undo", "Ctrl+Z");
        assert_same(
            &window.content(),
            content,
            &format!("undo of edit {}", step + 1),
        );
    }
}

/// Redoes so many steps, starting from the first of `contents`.
fn redo_up_to(window: &Window, contents: &[Value], steps: usize) {
    for (step, content) in contents.iter().enumerate().take(steps + 1).skip(1) {
        press(window, "a redo", "Ctrl+Shift+Z");
        assert_same(&window.content(), content, &format!("redo of edit {step}"));
    }
}

/// Compares node by node, so that a difference can be read.
fn assert_same(found: &Value, wanted: &Value, when: &str) {
    for part in ["nodes", "links"] {
        let rows = |content: &Value| content[part].as_array().cloned().unwrap_or_default();
        let (found, wanted) = (rows(found), rows(wanted));
        let gone: Vec<_> = wanted.iter().filter(|row| !found.contains(row)).collect();
        let new: Vec<_> = found.iter().filter(|row| !wanted.contains(row)).collect();
        assert!(
            gone.is_empty() && new.is_empty(),
            "{when}: {part} gone {gone:#?}, new {new:#?}"
        );
    }
    assert_eq!(found, wanted, "{when}");
}
