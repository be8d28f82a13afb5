//! Edits of all kinds by keyboard, all undone, some redone, and found again after a restart.

use std::collections::BTreeSet;

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

use crate::pasting::copy;

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

/// Brings the keyboard to a field of the inspector.
fn reach(window: &Window, label: &str, key: &str) {
    window.choose("Go to field", label);
    window.has_keyboard(&format!("inspector-field[data-field=\"{key}\"] *"));
}

/// Puts `text` into a field of the inspector.
fn put(window: &Window, label: &str, key: &str, text: &str) {
    window.edit(label, || {
        reach(window, label, key);
        window.press("Ctrl+A");
        match text {
            "" => window.press("Backspace"),
            _ => window.type_text(text),
        }
        window.press("Enter");
    });
}

/// Takes one of a list that a field of the inspector opens.
fn pick(window: &Window, label: &str, key: &str, entry: &str) {
    window.edit(label, || {
        reach(window, label, key);
        window.press("Enter");
        window.type_into("[role=\"combobox\"]", entry);
        window.reads("[role=\"option\"]", entry);
        window.press("Enter");
    });
    // Several can be taken from some lists; those stay open.
    let is_open = "return document.querySelector('[role=\"combobox\"]') !== null";
    if window.run(is_open, Vec::new()) == Value::Bool(true) {
        window.press("Escape");
        window.no_longer_sees("[role=\"combobox\"]");
    }
}

fn write(window: &Window, text: &str) {
    reach(window, "Notes", "notes");
    window.press("Enter");
    window.wait_for(
        "the editor to have the keyboard",
        "return document.activeElement?.closest('[data-testid=\"prose-editor\"]') != null",
    );
    window.edit("a long text", || {
        window.run(
            "document.execCommand('insertText', false, arguments[0])",
            vec![text.into()],
        );
    });
    window.press("Escape");
    window.reads("prose", text);
}

fn plan_hours(window: &Window) {
    let field = "inspector-field[data-field=\"allocations\"]";
    reach(window, "Allocated hours", "allocations");
    window.press("Enter");
    window.type_into("node-picker", "Mia");
    window.reads("[role=\"option\"]", "Mia");
    window.press("Enter");
    window.no_longer_sees("node-picker");
    window.edit("hours of a day", || {
        window.type_into(&format!("{field} input"), "4");
        window.press("Enter");
    });
}

fn comment(window: &Window, text: &str) {
    window.run_command("Comment");
    window.edit("a comment", || {
        window.type_into("comment-new", text);
        window.press("Ctrl+Enter");
    });
    window.reads("comment-body", text);
}

fn restore(window: &Window) {
    window.run_command("Trash");
    window.focus("trash-restore");
    press(window, "a restoring", "Enter");
    window.run_command("Outline");
    window.has_keyboard("outline-grid");
}

type Edit = (&'static str, fn(&Window));

const FUSES: &str = "Fuse box";

const EDITS: [Edit; 32] = [
    ("a row", |window| add(window, "Enter", "Dyno run")),
    ("a second row", |window| add(window, "Enter", "Wiring")),
    ("a row beneath", |window| add(window, "Ctrl+Enter", "Loom")),
    ("a row beside it", |window| add(window, "Enter", "Fuses")),
    ("another title", |window| {
        rename(
            window,
            "Fuse box, \u{fc}ber-long title \u{2014} with \u{65e5}\u{672c} \u{1f527}\u{1f3fd} \u{645}\u{631}\u{62d}",
        )
    }),
    ("up", |window| press(window, "a move up", "Alt+ArrowUp")),
    ("down", |window| {
        press(window, "a move down", "Alt+ArrowDown")
    }),
    ("in", |window| press(window, "an indent", "Tab")),
    ("out", |window| press(window, "an outdent", "Shift+Tab")),
    ("a status", |window| {
        window.edit("a status", || window.choose("Set status", "In review"))
    }),
    ("an option", |window| {
        pick(window, "Priority", "priority", "High")
    }),
    ("labels", |window| pick(window, "Labels", "label", "Red")),
    ("a date", |window| {
        put(window, "Start", "start", "12 mar 2027")
    }),
    ("a person", |window| {
        pick(window, "Assignees", "assignees", "Mia")
    }),
    ("a reference", |window| {
        pick(window, "Uses", "uses", "Ladder")
    }),
    ("a number", |window| {
        put(window, "Estimated hours", "estimated-hours", "12.5")
    }),
    ("money", |window| {
        put(window, "Estimated cost", "estimated-cost", "1250.75")
    }),
    ("an address", |window| {
        put(window, "Link", "link", "example.org/fuses")
    }),
    ("hours of a day", plan_hours),
    ("a number cleared", |window| {
        put(window, "Estimated hours", "estimated-hours", "")
    }),
    ("a long text", |window| {
        write(window, "Eight amperes, not ten")
    }),
    ("a comment", |window| {
        comment(window, "Where is the drawing?")
    }),
    ("a link", |window| {
        window.edit("a link", || {
            window.choose("Link: is blocked by", "Plan the rooms")
        });
    }),
    ("a place far away", |window| {
        window.edit("a move", || window.choose("Move beneath", "Afterwards"));
    }),
    ("another type", |window| {
        window.edit("a conversion", || window.choose("Convert to", "Milestone"));
        window.focus("outline-grid");
    }),
    ("a copy beside", |window| {
        press(window, "a duplicate", "Ctrl+D")
    }),
    ("a copy", |window| {
        window.press("Ctrl+C");
        press(window, "a paste", "Ctrl+V");
    }),
    ("several at once into the trash", |window| {
        window.press("Shift+ArrowUp");
        press(window, "a deletion of two", "Delete");
    }),
    ("out of the trash", restore),
    ("text of another program", |window| {
        window.press("Home");
        copy(window, "- Fill\n  - Sand\n- Prime");
        press(window, "a paste of text", "Ctrl+V");
    }),
    ("a cut", |window| {
        window.press("Ctrl+X");
        window.press("End");
        press(window, "a paste of what was cut", "Ctrl+V");
    }),
    ("a link less", |window| {
        window.press("Home");
        window.sees_row("Sign the lease");
        window.select("Sign the lease");
        window.edit("a link less", || {
            window.choose("Remove link", "Compare the offers")
        });
    }),
];

/// What a step does: its verb, and of a field also which.
fn kind(label: &str) -> String {
    let is_of_field = ["Set ", "Clear ", "Edit "]
        .iter()
        .any(|it| label.starts_with(it));
    let words = match is_of_field {
        true => label.split(" of ").next(),
        false => label.split(' ').next(),
    };
    words.unwrap_or(label).to_owned()
}

/// Everything that an edit can change: the comments are not in what the outline shows.
fn everything(window: &Window) -> Value {
    let mut content = window.content();
    let rows = content["nodes"].as_array().cloned().unwrap_or_default();
    let commented = rows.iter().find(|row| row[4].to_string().contains(FUSES));
    let bodies: Vec<_> = commented.map_or(Vec::new(), |row| {
        let inspect = json!({ "kind": "inspect", "project": window.project(), "node": row[0] });
        let details = window.call(inspect).expect("a live node");
        let comments = details["comments"].as_array().cloned().unwrap_or_default();
        comments
            .iter()
            .map(|comment| comment["body"].clone())
            .collect()
    });
    content["comments"] = bodies.into();
    content
}

#[test]
fn edits_of_all_kinds_can_be_undone_redone_and_found_again() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    let mut contents = vec![everything(window)];
    let mut kinds = BTreeSet::new();
    for (what, edit) in EDITS {
        eprintln!("edit {}: {what}", contents.len());
        edit(window);
        contents.push(everything(window));
        assert_ne!(
            contents[contents.len() - 1],
            contents[contents.len() - 2],
            "{what} changes something"
        );
        kinds.insert(kind(&window.history().0.expect("a step")));
    }
    window.screenshot("edits");
    assert!(kinds.len() >= 24, "{} kinds: {kinds:?}", kinds.len());
    window.focus("outline-grid");
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
            &everything(desktop.window()),
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
            &everything(window),
            content,
            &format!("undo of edit {}", step + 1),
        );
    }
}

/// Redoes so many steps, starting from the first of `contents`.
fn redo_up_to(window: &Window, contents: &[Value], steps: usize) {
    for (step, content) in contents.iter().enumerate().take(steps + 1).skip(1) {
        press(window, "a redo", "Ctrl+Shift+Z");
        assert_same(
            &everything(window),
            content,
            &format!("redo of edit {step}"),
        );
    }
}

/// Compares node by node, so that a difference can be read.
fn assert_same(found: &Value, wanted: &Value, when: &str) {
    for part in ["nodes", "links", "comments"] {
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
