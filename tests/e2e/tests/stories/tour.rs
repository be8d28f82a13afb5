//! The two minutes of the README, step by step. Its picture is the one that the README shows.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::json;

const WIDTH: u32 = 1360;
const HEIGHT: u32 = 850;

fn level(window: &Window) -> u32 {
    window.selected_row().level
}

fn wait_for_level(window: &Window, wanted: u32) {
    window.until("the level", || (level(window) == wanted).then_some(()));
}

/// What is done is folded, and an item is chosen that has something in every part of the inspector.
fn show(window: &Window) {
    for done in ["Strip and assess", "Body shell", "Engine"] {
        window.select(done);
        window.press("ArrowLeft");
    }
    window.select("Rebuild clutch hydraulics");
    window.reads("inspector", "Made by Ana");
    window.sees_saved();
    window.screenshot("tour-outline");
}

fn edit_by_keyboard(window: &Window) {
    window.edit("a sibling", || {
        window.press("Enter");
        window.type_into("title-editor", "Bleed the clutch");
        window.press("Enter");
    });
    window.press("Escape");
    window.sees_row("Bleed the clutch");
    window.select("Bleed the clutch");
    let before = level(window);
    window.edit("a level down", || window.press("Tab"));
    wait_for_level(window, before + 1);
    window.edit("a level up", || window.press("Shift+Tab"));
    wait_for_level(window, before);
    window.edit("a step up", || window.press("Alt+ArrowUp"));
    window.edit("a step down", || window.press("Alt+ArrowDown"));
    window.edit("another name", || {
        window.press("F2");
        window.fill("title-editor", "Bleed and adjust the clutch");
        window.press("Enter");
    });
    window.sees_row("Bleed and adjust the clutch");
    window.edit("a deletion", || window.press("Delete"));
    window.reads("status-trash .figures", "1");
}

#[test]
fn the_two_minutes_of_the_readme_are_as_it_says() {
    let (home, screen) = (Home::new(), Screen::start(WIDTH, HEIGHT));
    std::fs::create_dir_all(home.data_dir()).expect("the home can be written");
    let place = json!({ "x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "is_maximized": false });
    std::fs::write(home.data_dir().join("window.json"), place.to_string()).expect("a file");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    assert_eq!(
        (window.count("template-card"), window.count("sample-card")),
        (6, 6)
    );
    window.open_sample("vehicle-restoration");
    show(window);
    edit_by_keyboard(window);

    window.press("?");
    window.sees("shortcut-sheet");
    window.press("Escape");
    window.no_longer_sees("shortcut-sheet");
    window.press("Ctrl+Z");
    let toast = window.toast();
    assert!(toast.contains("Bleed and adjust the clutch"), "{toast}");
    window.sees_saved();
    desktop.close();

    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    window.press("Ctrl+Z");
    let toast = window.toast();
    assert!(toast.contains("Bleed the clutch"), "{toast}");
    for (view, something) in [
        ("Graph", "graph-node"),
        ("Problems", "view-problems[aria-current]"),
        ("Trash", "view-trash[aria-current]"),
    ] {
        window.press("Ctrl+K");
        window.type_into("palette-input", view);
        window.reads("palette", view);
        window.press("Enter");
        window.no_longer_sees("palette");
        window.sees(something);
    }
    window.click("sharing-chip");
    window.sees("share-dialog");
    desktop.close();
}
