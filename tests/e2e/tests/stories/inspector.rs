//! Several rows at once, values without a place, and what the window remembers of how one looks at a project.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::Value;

use crate::row::is_remembered;

const HOURS: &str = "inspector-field[data-field=\"estimated-hours\"] input";

/// Values of a node by its title.
fn row(content: &Value, title: &str) -> Value {
    let rows = content["nodes"].as_array().expect("rows");
    let is_called = |row: &&Value| {
        row[4]
            .to_string()
            .contains(&format!("{{\"text\":\"{title}\"}}"))
    };
    rows.iter().find(is_called).expect("a row")[4].clone()
}

fn start(home: &Home, screen: &Screen) -> Desktop {
    let desktop = Desktop::open(home, screen);
    desktop.window().introduce("Ana");
    desktop.window().open_sample("blank");
    desktop.window().sees_row("Measure everything twice");
    desktop
}

#[test]
fn several_rows_are_edited_as_one_step() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = start(&home, &screen);
    let window = desktop.window();
    let before = window.content();
    let rows = ["List what we need", "Visit four offices"];
    assert_ne!(row(&before, rows[0]), row(&before, rows[1]));
    window.select(rows[0]);
    window.press("Shift+ArrowDown");
    window.reads("inspector", "2 items selected");
    window.reads("inspector", "2 Items");
    window.sees(&format!("{HOURS}[placeholder=\"Mixed\"]"));
    window.screenshot("two-rows");
    window.edit("the hours of two", || {
        window.focus(HOURS);
        window.type_text("5.5");
        window.press("Enter");
    });
    let after = window.content();
    for title in rows {
        let values = row(&after, title).to_string();
        assert!(values.contains("{\"number\":\"5.5\"}"), "{values}");
        assert_ne!(row(&after, title), row(&before, title));
    }
    let (undo, _) = window.history();
    assert_eq!(undo.as_deref(), Some("Set Estimated hours of 2 items"));
    window.edit("the status of two", || {
        window.choose("Set status", "Waiting")
    });

    // The toast of an undo takes itself back.
    window.focus("outline-grid");
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), after);
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), before);
    window.reads("toast", "Set Estimated hours of 2 items");
    window.edit("a redo by the toast", || window.click("toast-action"));
    assert_eq!(window.content(), after);
    desktop.close();
}

#[test]
fn values_without_a_place_are_kept_and_come_back() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = start(&home, &screen);
    let window = desktop.window();
    window.select("Sign the lease");
    let before = window.content();
    window.edit("a conversion", || window.choose("Convert to", "Milestone"));
    window.sees("inspector-unmapped");
    for value in ["Estimated hours", "615.20", "Urgent", "Olga"] {
        window.reads("inspector-unmapped", value);
    }
    window.screenshot("unmapped");
    let held = window.count("inspector-unmapped");
    window.edit("a value cleared", || {
        window.click("inspector-unmapped button")
    });
    window.until("one value less", || {
        (window.count("inspector-unmapped") == held - 1).then_some(())
    });
    window.edit("an undo", || window.press("Ctrl+Z"));
    window.edit("an undo", || window.press("Ctrl+Z"));
    window.no_longer_sees("inspector-unmapped");
    assert_eq!(window.content(), before);
    desktop.close();
}

#[test]
fn what_is_folded_stays_so_and_one_finds_ones_way() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = start(&home, &screen);
    let window = desktop.window();

    // The names above lead to where one is.
    window.select("Measure everything twice");
    window.reads("[aria-label=\"Where you are\"]", "Plan the rooms");
    window.click("[aria-label=\"Where you are\"] li:nth-child(2) button");
    window.until("the row above", || {
        (window.selected_row().title == "Prepare").then_some(())
    });

    // F6 is faster than the inspector, which waits until the selection holds still; whoever is in it then stays in it.
    window.focus("outline-grid");
    window.press("ArrowDown");
    window.press("F6");
    window.reads("[data-region=\"inspector\"] h2", "Plan the rooms");
    window.has_keyboard("[data-region=\"inspector\"] *");
    window.screenshot("keyboard-in-the-inspector");
    window.press("Shift+F6");
    window.has_keyboard("outline-grid");
    window.press("ArrowUp");

    // It leads round the window, and back.
    for (key, regions) in [
        ("F6", ["inspector", "status", "views", "view"]),
        ("Shift+F6", ["views", "status", "inspector", "view"]),
    ] {
        for region in regions {
            window.press(key);
            window.has_keyboard(&format!("[data-region=\"{region}\"] *"));
        }
        window.has_keyboard("outline-grid");
    }

    window.press("ArrowLeft");
    let is_folded = |window: &Window| {
        let rows = window.outline_rows();
        let at = rows.iter().position(|row| row.title == "Prepare");
        at.and_then(|at| rows.get(at + 1))
            .is_some_and(|next| next.title == "Move")
    };
    window.until("the folded row", || is_folded(window).then_some(()));
    is_remembered(window, "fold", |fold| !fold.is_null());
    desktop.close();
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees_row("Find a place");
    assert!(is_folded(window), "it is still folded");

    // What is found is counted, and brought to sight while one types, wherever it is folded away.
    window.press("Ctrl+F");
    window.type_into("find-input", "everything twice");
    window.reads("find-count", "1 of 1");
    window.sees_row("Measure everything twice");
    window.has_keyboard("find-input");
    window.press("Ctrl+A");
    window.type_text("nothing is called so");
    window.reads("find-count", "Nothing found");
    window.press("Escape");
    window.no_longer_sees("find-input");
    window.click("fold-all");
    window.until("nothing but the first level", || {
        window
            .outline_rows()
            .iter()
            .all(|row| row.level == 1)
            .then_some(())
    });
    desktop.close();
}
