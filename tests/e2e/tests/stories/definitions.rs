//! What a template says of values: defaults of fields, scores of types and options.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

fn put(window: &Window, what: &str, place: &str, text: &str) {
    window.edit(what, || {
        window.focus(place);
        window.press("Ctrl+A");
        window.type_text(text);
        window.press("Enter");
    });
}

/// The definition with this id among the fields or types of the open project.
fn definition(window: &Window, list: &str, id: &str) -> Value {
    let template = &window.content()["frame"]["template"];
    let mut found = template[list].as_array().expect("a list").iter();
    found
        .find(|one| one["id"] == id)
        .cloned()
        .expect("it is in the template")
}

#[test]
fn a_default_and_scores_can_be_edited_and_new_rows_have_the_default() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.run_command("Template");

    window.click("template-field[data-key=\"estimated-hours\"]");
    put(window, "a default", "field-default input", "7.5");
    let hours = definition(window, "fields", "estimated-hours");
    assert_eq!(hours["default"], json!({ "number": "7.5" }));
    window.focus("field-default input");
    window.press("Ctrl+A");
    window.type_text("soon");
    window.press("Enter");
    window.reads("field-form", "That is not a number.");
    window.press("Escape");

    window.click("template-field[data-key=\"priority\"]");
    put(
        window,
        "the score of an option",
        "option-row:first-child [data-testid=\"score\"]",
        "2.25",
    );
    let priority = definition(window, "fields", "priority");
    assert_eq!(priority["options"][0]["score"], "2.25");
    window.screenshot("template-options");

    window.click("template-type[data-key=\"item\"]");
    put(
        window,
        "the score of a type",
        "type-form [data-testid=\"score\"]",
        "-3",
    );
    assert_eq!(definition(window, "types", "item")["score"], "-3");

    window.run_command("Outline");
    window.press("Home");
    window.press("ArrowDown");
    window.edit("a row", || {
        window.press("Enter");
        window.type_into("title-editor", "With a default");
        window.press("Enter");
    });
    window.press("Escape");
    let node = window.selected_row().node;
    let rows = window.content()["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let made = rows.iter().find(|row| row[0] == *node).expect("the row");
    assert_eq!(made[4]["estimated-hours"], json!({ "number": "7.5" }));
    desktop.close();
}
