//! Titles stay readable, however wide the window is and however deep the tree.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

const WIDTHS: [u32; 4] = [1024, 1200, 1440, 1920];
const LEVELS: u32 = 12;
const DENSITIES: [&str; 3] = ["compact", "comfortable", "normal"];
/// What a title of the deepest row should have at least, in pixels.
const READABLE: f64 = 120.0;

const MEASURE: &str = r#"
const grid = document.querySelector('[data-testid="outline-grid"]');
const titles = [...grid.querySelectorAll('[data-testid="row-title"]')];
const room = titles.map((title) => {
    const cell = title.parentElement.getBoundingClientRect();
    return cell.right - title.getBoundingClientRect().left;
});
return {
    overflow: Math.max(grid.scrollWidth - grid.clientWidth, document.documentElement.scrollWidth - innerWidth),
    title: grid.querySelector('.title-cell').getBoundingClientRect().width,
    leastRoom: Math.min(...room),
    inspector: document.querySelector('[data-testid="inspector"]').getBoundingClientRect().width,
};"#;

fn measure(window: &Window) -> impl Fn(&str) -> f64 + use<> {
    let found: Value = window.run(MEASURE, Vec::new());
    move |name| found[name].as_f64().expect("a number")
}

fn check(window: &Window, width: u32) {
    let at = measure(window);
    assert_eq!(at("overflow"), 0.0, "at {width}");
    let (title, inspector) = (at("title"), at("inspector"));
    assert!(title >= 280.0, "titles have {title} at {width}");
    let least = at("leastRoom");
    assert!(least >= READABLE, "a title has {least} at {width}");
    assert!(
        inspector >= 280.0,
        "the inspector has {inspector} at {width}"
    );
    window.screenshot(&format!("width-{width}"));
}

#[test]
fn titles_stay_readable_in_every_width_and_depth() {
    let home = Home::new();
    home.make_chain("Deep", LEVELS);
    for width in WIDTHS {
        let screen = Screen::start(width, 800);
        let place = json!({ "x": 0, "y": 0, "width": width, "height": 800, "is_maximized": false });
        std::fs::write(home.data_dir().join("window.json"), place.to_string()).expect("a file");
        let desktop = Desktop::open(&home, &screen);
        let window = desktop.window();
        window.sees("row-title");
        window.wait_for("its width", &format!("return innerWidth === {width}"));
        window.press("Home");
        window.sees("inspector-field");
        let densities = if width == WIDTHS[0] {
            &DENSITIES[..]
        } else {
            &[]
        };
        check(window, width);
        for density in densities {
            window.run_command(&format!("Rows: {density}"));
            check(window, width);
            window.screenshot(&format!("width-{width}-{density}"));
        }
        desktop.close();
    }
}
