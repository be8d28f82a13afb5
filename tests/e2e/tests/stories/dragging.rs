//! Rows and columns are dragged with the pointer.

use e2e::{Desktop, Home, Screen, Spot, Window};

use crate::row::{icon, is_remembered, row_named, title};

const LEVELS: &str = "the row to stand there";

/// A place between a row and the one below it, as deep as another row.
fn below(window: &Window, row: &str, as_deep_as: &str) -> Spot {
    Spot {
        x: icon(window, as_deep_as).x,
        y: row_named(window, row, (0.5, 1.0)).y,
    }
}

/// Waits until `child` is the row after `parent`, a level deeper.
fn stands_first_beneath(window: &Window, child: &str, parent: &str) {
    window.until(LEVELS, || {
        let rows = window.outline_rows();
        let at = rows.iter().position(|row| row.title == parent)?;
        let next = rows.get(at + 1)?;
        (next.title == child && next.level == rows[at].level + 1).then_some(())
    });
}

#[test]
fn rows_are_dragged_where_they_may_stand() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.sees_row("Measure everything twice");
    let before = window.content();

    // Beneath another row: the pointer's indentation says how deep.
    let beneath = below(window, "Visit four offices", "Measure everything twice");
    window.edit("a drag", || {
        window.carry(title(window, "Compare the offers"), beneath);
        window.sees("drop-line");
        window.screenshot("drag");
        window.let_go();
    });
    stands_first_beneath(window, "Compare the offers", "Visit four offices");
    assert_eq!(
        window.history().0.as_deref(),
        Some("Move “Compare the offers”")
    );
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), before);

    // Several go together, in one step.
    window.select("Compare the offers");
    window.press("Shift+ArrowDown");
    window.reads("inspector", "2 items selected");
    window.edit("a drag of two", || {
        let beneath = below(window, "Visit four offices", "Measure everything twice");
        window.carry(title(window, "Compare the offers"), beneath);
        window.reads("[role=\"status\"]", "2 items");
        window.let_go();
    });
    stands_first_beneath(window, "Compare the offers", "Visit four offices");
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), before);

    // Where they may not stand, the reason is beside the pointer, and nothing happens.
    for (dragged, above, reason) in [
        (
            "Find a place",
            "Measure everything twice",
            "Group cannot stand under Item. Allowed: Item, Milestone.",
        ),
        (
            "Prepare",
            "Measure everything twice",
            "An item cannot be moved into itself.",
        ),
    ] {
        window.carry(
            title(window, dragged),
            below(window, above, "Measure everything twice"),
        );
        window.reads("[role=\"status\"]", reason);
        window.screenshot("drag-refused");
        window.let_go();
        window.no_longer_sees("drop-line");
    }
    assert_eq!(window.content(), before);

    // Escape takes it back while the button is down.
    window.carry(title(window, "Compare the offers"), beneath);
    window.sees("drop-line");
    window.press("Escape");
    window.no_longer_sees("drop-line");
    window.let_go();
    assert_eq!(window.content(), before);
    desktop.close();
}

fn width(window: &Window, column: &str) -> u64 {
    let edge = format!("[role=\"separator\"][aria-label=\"Width of {column}\"]");
    let value = window.run(
        "return Number(document.querySelector(arguments[0]).getAttribute('aria-valuenow'))",
        vec![edge.into()],
    );
    value.as_u64().expect("a whole number")
}

fn columns(window: &Window) -> Vec<String> {
    let names = window.texts("[role=\"columnheader\"]").into_iter();
    names.map(|name| name.trim().to_owned()).collect()
}

#[test]
fn columns_are_widened_moved_and_chosen_and_stay_so() {
    let (home, screen) = (Home::new(), Screen::start(1600, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    assert_eq!(
        columns(window)[..3],
        ["Title", "Status", "Assignees"].map(str::to_owned)
    );
    let before = width(window, "Assignees");
    let edge = window.spot(
        "[role=\"separator\"][aria-label=\"Width of Assignees\"]",
        (0.5, 0.5),
    );
    let left = Spot {
        x: edge.x - 40.0,
        ..edge
    };
    window.drag(edge, left);
    window.until("the wider column", || {
        (width(window, "Assignees") == before + 40).then_some(())
    });

    window.click("[role=\"columnheader\"]:nth-child(3) button");
    window.press("ArrowDown");
    window.press("Enter");
    window.until("the other order", || {
        (columns(window)[..3] == ["Title", "Assignees", "Status"].map(str::to_owned)).then_some(())
    });
    window.click("columns-menu");
    window.click("column-status");
    window.until("the column to go", || {
        (!columns(window).contains(&"Status".to_owned())).then_some(())
    });
    let chosen = columns(window);
    is_remembered(window, "columns", |columns| {
        let mut fields = columns.as_array().into_iter().flatten();
        !columns.is_null() && fields.all(|it| it["field"] != "status")
    });
    desktop.close();

    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    assert_eq!(columns(window), chosen);
    assert_eq!(width(window, "Assignees"), before + 40);
    desktop.close();
}
