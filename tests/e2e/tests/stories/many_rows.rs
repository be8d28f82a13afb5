//! More rows than anybody can see.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::json;

/// A build with assertions rebuilds every view to compare it, which takes minutes with 100,000 nodes; the bench of the
/// release scrolls those.
const ROWS: u32 = if cfg!(debug_assertions) {
    10_000
} else {
    100_000
};
/// More rows than this in the page would make scrolling slow.
const MOST_ROWS: u64 = 200;

#[test]
fn thousands_of_rows_scroll_without_a_gap() {
    let (home, screen) = (Home::new(), Screen::start(1920, 1080));
    home.make_project("Everything", ROWS);
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    window.press("Alt+Shift+ArrowRight");
    window.until("all rows", || {
        (window.row_count() == u64::from(ROWS)).then_some(())
    });
    let scrolled = window.scroll_through();
    assert!(scrolled.frames > 50, "{scrolled:?}");
    assert_eq!(scrolled.blank_frames, 0, "{scrolled:?}");
    assert!(scrolled.most_rows < MOST_ROWS, "{scrolled:?}");
    window.press("End");
    window.until("the last row", || {
        window
            .outline_rows()
            .last()
            .filter(|row| row.is_selected)
            .cloned()
    });
    window.screenshot("many-rows");
    let hits = window.call(
        json!({ "kind": "find", "project": window.project(), "query": format!("item {}", ROWS - 1), "limit": 5 }),
    );
    assert_eq!(
        hits.expect("a search")["hits"].as_array().map(Vec::len),
        Some(1)
    );
    give_up_a_copy(window);
    desktop.close();
}

/// What takes long says how far it is and can be given up, and then leaves nothing behind. One that was faster than whoever
/// gave it up is a whole project, and the next one is tried.
fn give_up_a_copy(window: &Window) {
    window.until("a copy that is given up in time", || {
        let before = window.project_count();
        let request = json!({ "kind": "duplicateProject", "project": window.project(), "name": "Everything twice" });
        let outcome = window.call_and_click(request, "underway-cancel");
        window.no_longer_sees("underway");
        match outcome {
            Ok(_) => {
                assert_eq!(window.project_count(), before + 1);
                None
            }
            Err(failure) => {
                assert_eq!(failure["code"], "CANCELLED", "{failure}");
                assert_eq!(window.project_count(), before);
                Some(())
            }
        }
    });
}
