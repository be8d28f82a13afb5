//! Titles stay readable, however wide the window is and however deep the tree.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

const WIDTHS: [u32; 4] = [1024, 1200, 1440, 1920];
const LEVELS: u32 = 12;
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
        for density in ["compact", "comfortable", "normal"] {
            if density != "normal" || width == WIDTHS[0] {
                window.run_command(&format!("Rows: {density}"));
            }
            let at = measure(window);
            assert_eq!(at("overflow"), 0.0, "at {width}, {density}");
            assert!(
                at("title") >= 280.0,
                "titles have {} at {width}",
                at("title")
            );
            assert!(
                at("leastRoom") >= READABLE,
                "{} at {width}",
                at("leastRoom")
            );
            assert!(at("inspector") >= 280.0, "{} at {width}", at("inspector"));
            window.screenshot(&format!("width-{width}-{density}"));
        }
        desktop.close();
    }
}
