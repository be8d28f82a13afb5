//! Commands that ask for one of several: from the palette with the keyboard, and from the menu of a row.

use e2e::{Desktop, Home, OutlineRow, Screen, Window};

use crate::accessible::check;

fn rows_called(window: &Window, title: &str) -> Vec<OutlineRow> {
    let rows = window.outline_rows().into_iter();
    rows.filter(|row| row.title == title).collect()
}

fn save_as_kit(window: &Window, name: &str) {
    window.run_command("Save as kit");
    window.has_keyboard("kit-name");
    window.press("Ctrl+A");
    window.edit("a kit", || {
        window.type_into("kit-name", name);
        window.press("Enter");
    });
    window.no_longer_sees("kit-name");
}

#[test]
fn kits_links_and_places_are_chosen_by_typing() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.sees_row("Measure everything twice");

    // A branch becomes a kit, and the kit a branch.
    window.select("Plan the rooms");
    save_as_kit(window, "Rooms");
    window.select("Visit four offices");
    window.edit("a kit inserted", || window.choose("Insert kit", "Rooms"));
    window.until("the branch to be selected", || {
        (window.selected_row().title == "Plan the rooms").then_some(())
    });
    assert_eq!(rows_called(window, "Measure everything twice").len(), 2);

    window.edit("a link", || {
        window.choose("Link: is blocked by", "Paint the walls")
    });
    window.reads("links-blockedBy", "Paint the walls");
    window.ask("Link: relates to");
    window.type_into("palette-input", "house");
    window.reads("palette", "House-warming");
    check(window, "a palette of choices");
    window.screenshot("palette-choices");
    window.edit("a relation", || window.press("Enter"));
    window.reads("links-relatesTo", "House-warming");
    window.edit("a link removed", || {
        window.choose("Remove link", "Relates to: House-warming")
    });
    window.edit("a move", || window.choose("Move beneath", "Afterwards"));

    window.run_command("Comment");
    window.edit("a comment", || {
        window.type_into("comment-new", "Measured with a laser");
        window.press("Ctrl+Enter");
    });
    window.reads("comment-body", "Measured with a laser");

    // The same from the menu of a row.
    window.focus("outline-grid");
    window.select("Visit four offices");
    let row = window.selected_row().node;
    window.click_for_menu(&format!("[data-node=\"{row}\"] [data-part=\"title\"]"));
    window.sees("menu-kits");
    check(window, "the menu of a row");
    window.focus("menu-kits");
    window.press("ArrowRight");
    window.sees("kit-Rooms");
    window.screenshot("row-menu");
    window.press("ArrowLeft");
    window.no_longer_sees("kit-Rooms");
    window.focus("action-node.convert");
    window.press("ArrowRight");
    window.sees("convert-milestone");
    window.screenshot("row-menu-convert");
    window.edit("a conversion", || window.click("convert-milestone"));
    window.edit("the kit removed", || window.choose("Remove kit", "Rooms"));
    window.press("Ctrl+Shift+P");
    window.type_into("palette-input", "Insert kit");
    window.reads("palette", "There is no kit yet");
    window.press("Escape");
    desktop.close();
}
