//! Text of other programs becomes rows.

use e2e::{Desktop, Home, Screen, Window};

/// Puts text on the clipboard, as somebody does who copies it out of a text.
pub fn copy(window: &Window, text: &str) {
    window.sees_inspected();
    let comment = "inspector textarea[aria-label=\"Comment\"]";
    window.fill(comment, text);
    window.press("Ctrl+A");
    window.press("Ctrl+C");
    window.press("Backspace");
    window.focus("outline-grid");
}

#[test]
fn pasted_text_becomes_rows_of_one_step() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    let before = window.content();

    copy(
        window,
        "# Move\n- Pack\n\t- Books\t12\tAna\n\t- Plates\n- Drive",
    );
    window.edit("a paste", || window.press("Ctrl+V"));
    window.sees_row("Plates");
    let rows = window.outline_rows();
    let at = rows
        .iter()
        .position(|row| row.title == "Move")
        .expect("it is there");
    let top = rows[at].level;
    let drawn: Vec<_> = rows[at..at + 5]
        .iter()
        .map(|row| (row.level - top, row.title.as_str()))
        .collect();
    let wanted = [
        (0, "Move"),
        (1, "Pack"),
        (2, "Books"),
        (2, "Plates"),
        (1, "Drive"),
    ];
    assert_eq!(drawn, wanted);
    window.until("the new row to be selected", || {
        (window.selected_row().title == "Move").then_some(())
    });
    window.screenshot("pasted-text");
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), before);

    window.edit("a copy of nodes", || {
        window.press("Ctrl+C");
        window.reads("toast", "Copied");
        window.press("Ctrl+V");
    });
    assert_ne!(window.content(), before);
    desktop.close();
}

#[test]
fn text_that_cannot_stand_there_is_refused_with_the_reason() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    copy(window, "one\n  two");
    let before = window.content();
    window.select("Lease signed");
    window.press("Alt+Enter");
    window.reads("outline-nothing", "Nothing beneath");
    window.press("Ctrl+V");
    window.reads("toast", "Nothing can stand under Milestone.");
    window.screenshot("refused-paste");
    assert_eq!(window.content(), before);
    desktop.close();
}

#[test]
fn text_is_pasted_into_an_empty_project() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    copy(window, "\u{2022} Walls\n\u{2022} Roof\n\t\u{2022} Tiles");
    window.run_command("All projects");
    window.new_project("blank", "House");
    window.sees("outline-nothing");
    window.edit("a paste", || window.press("Ctrl+V"));
    window.sees_row("Tiles");
    let drawn: Vec<_> = window
        .outline_rows()
        .into_iter()
        .map(|row| (row.level, row.title))
        .collect();
    let wanted = [(1, "Walls"), (1, "Roof"), (2, "Tiles")];
    assert_eq!(
        drawn,
        wanted.map(|(level, title)| (level, title.to_owned()))
    );
    desktop.close();
}
