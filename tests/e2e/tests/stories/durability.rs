//! What was shown as saved is there, whatever happens next.

use e2e::{Desktop, Home, Screen};

#[test]
fn an_edit_that_was_shown_saved_survives_a_kill() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("book");
    window.sees_saved();
    let first = window.outline_rows().swap_remove(0).title;
    window.select(&first);
    window.edit("the title", || {
        window.press("F2");
        window.type_into("title-editor", "Never to be lost");
        window.press("Enter");
    });
    window.sees_row("Never to be lost");
    window.sees_saved();
    let content = window.content();
    desktop.kill();

    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees_row("Never to be lost");
    assert_eq!(desktop.window().content(), content);
    desktop.window().press("Ctrl+Z");
    desktop.window().sees_row(&first);
}
