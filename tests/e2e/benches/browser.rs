//! Measures the UI in Chromium and writes `target/bench/browser.json`.
//!
//! There is no graphics card: everything is drawn by the processor. `tally serve` is that of the release build.

use e2e::{FirstPaint, Home, Measured, Screen, first_paints};

const NODES: u32 = 10_000;
const RUNS: usize = 9;

fn main() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_project("Everything", NODES);
    let runs: Vec<[FirstPaint; 2]> = (0..RUNS).map(|_| first_paints(&home, &screen)).collect();
    for [first, again] in &runs {
        eprintln!("first {first:?}, again {again:?}");
    }
    let rows = |which: usize| runs.iter().map(|run| run[which].rows).collect();
    Measured::report(
        "browser",
        &[
            Measured::new(
                "first useful paint, 10,000 nodes on disk, new browser",
                "ms",
                rows(0),
                0.5,
                700.0,
            ),
            Measured::new(
                "first useful paint, 10,000 nodes, loaded anew",
                "ms",
                rows(1),
                0.5,
                700.0,
            ),
        ],
    );
}
