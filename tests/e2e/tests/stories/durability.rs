//! What was shown as saved is there, whatever happens next.

use e2e::{Desktop, Disk, Home, Screen, Window};

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
    rename(window, "Never to be lost");
    window.sees_saved();
    let content = window.content();
    desktop.kill();

    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees_row("Never to be lost");
    assert_eq!(desktop.window().content(), content);
    desktop.window().press("Ctrl+Z");
    desktop.window().sees_row(&first);
}

/// Text that does not become shorter by packing.
fn long_text(letters: usize) -> String {
    let mut state = 1_u32;
    let letter = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match at % 60 {
            59 => ' ',
            _ => char::from(b'a' + (state >> 24) as u8 % 26),
        }
    };
    (0..letters).map(letter).collect()
}

/// Writes comments until the disk takes no more.
fn edit_until_unsaved(window: &Window) {
    let text = long_text(100_000);
    for _ in 0..80 {
        window.edit("a comment", || {
            window.fill("comment-new", &text);
            window.press("Ctrl+Enter");
        });
        let states = ["saved", "unsaved"].map(|state| format!("saving[data-state=\"{state}\"]"));
        let is_unsaved = window.until("the answer of the disk", || {
            let is_there = states.each_ref().map(|state| window.count(state) > 0);
            (is_there != [false, false]).then_some(is_there[1])
        });
        if is_unsaved {
            return;
        }
    }
    panic!("8 MB went to a full disk");
}

pub fn rename(window: &Window, title: &str) {
    window.focus("outline-grid");
    window.edit("the title", || {
        window.press("F2");
        window.has_keyboard("title-editor");
        window.press("Ctrl+A");
        window.type_text(title);
        window.press("Enter");
    });
    window.sees_row(title);
}

#[test]
fn a_full_disk_is_said_and_costs_nothing() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let Some(disk) = Disk::mount(&home, 32) else {
        return;
    };
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("book");
    window.sees_saved();
    let first = window.outline_rows().swap_remove(0).title;
    window.select(&first);
    window.sees("comment-new");
    disk.fill();
    edit_until_unsaved(window);
    window.reads("saving", "disk full");
    // One goes on editing.
    rename(window, "Only in memory");
    window.reads("saving", "edits in memory");
    window.screenshot("full-disk");
    window.click("retry-saving");
    window.reads("saving", "disk full");
    // It is tried again every second, whoever asks for it.
    disk.make_room();
    window.sees_saved();
    let content = window.content();
    desktop.kill();

    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees_row("Only in memory");
    assert_eq!(desktop.window().content(), content);
    desktop.close();
}
