//! Measures the real window and writes `target/bench/desktop.json`.
//!
//! The screen has no graphics card, and everything in the window is drawn by the processor, as on a machine without
//! one. The window is that of the release build.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use e2e::{Area, Desktop, Home, Latency, Measured, Screen, Window, start_until};

fn main() {
    let mut measured = vec![starting()];
    measured.extend(keys());
    measured.extend(scrolling());
    measured.extend(memory());
    Measured::report("desktop", &measured);
}

/// From the start of the process to the pixels of the outline of a sample of 300 nodes.
fn starting() -> Measured {
    const RUNS: usize = 7;
    const ROWS: Area = Area {
        x: 60,
        y: 90,
        width: 400,
        height: 250,
    };
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("vehicle-restoration");
    let (_, wanted) = start_until(&home, &screen, ROWS, None);
    let runs = (0..RUNS).map(|_| {
        start_until(&home, &screen, ROWS, Some(&wanted))
            .0
            .as_secs_f64()
            * 1_000.0
    });
    Measured::new(
        "process start to a usable outline",
        "ms",
        runs.collect(),
        0.5,
        800.0,
    )
}

/// From a key to the frame that shows its effect: the focus, typing, and edits that go through the application.
fn keys() -> [Measured; 2] {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("vehicle-restoration");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    window.press("Home");
    window.measure_keys();
    let focus =
        ["ArrowDown", "ArrowUp"].map(|chord| (0..40).map(move |_| window.key_latency(chord)));
    let focus = focus.into_iter().flatten().collect();
    let moves = moves(window);
    window.press("F2");
    window.has_keyboard("title-editor");
    let typing = (0..40).map(|_| window.key_latency("a")).collect();
    window.press("Escape");
    desktop.close();
    let kinds: [(&str, Vec<Latency>); 3] = [("focus", focus), ("move", moves), ("typing", typing)];
    for (kind, latencies) in &kinds {
        tell(kind, latencies);
    }
    let all = kinds.iter().flat_map(|(_, latencies)| latencies);
    let runs: Vec<f64> = all.map(|latency| latency.whole()).collect();
    [
        Measured::new(
            "keydown to the frame that shows it, p50",
            "ms",
            runs.clone(),
            0.5,
            20.0,
        ),
        Measured::new(
            "keydown to the frame that shows it, p95",
            "ms",
            runs,
            0.95,
            50.0,
        ),
    ]
}

/// Moves a row down and up again.
fn moves(window: &Window) -> Vec<Latency> {
    window.press_times("ArrowDown", 3);
    (0..20)
        .flat_map(|_| ["Alt+ArrowDown", "Alt+ArrowUp"])
        .map(|chord| window.key_latency(chord))
        .collect()
}

/// Says where the time goes: medians.
fn tell(kind: &str, latencies: &[Latency]) {
    let median = |part: fn(&Latency) -> f64| {
        let mut parts: Vec<f64> = latencies.iter().map(part).collect();
        parts.sort_by(f64::total_cmp);
        parts[parts.len() / 2]
    };
    let (heard, changed) = (median(|it| it.heard), median(|it| it.changed));
    let (drawn, whole) = (median(|it| it.drawn), median(|it| it.whole()));
    eprintln!(
        "{kind}: heard {heard} ms, changed {changed} ms, drawn {drawn} ms, in all {whole} ms"
    );
}

/// All of 100,000 rows, unfolded.
fn scrolling() -> [Measured; 3] {
    let (home, screen) = (Home::new(), Screen::start(1920, 1080));
    home.make_project("Everything", 100_000);
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    window.press("Alt+Shift+ArrowRight");
    window.until("all rows", || (window.row_count() == 100_000).then_some(()));
    let seen = window.scroll_through();
    desktop.close();
    [
        Measured::new(
            "frames with a blank row while scrolling 100,000",
            "frames",
            vec![seen.blank_frames as f64],
            0.5,
            0.0,
        ),
        Measured::new(
            "rows in the page while scrolling 100,000",
            "rows",
            vec![seen.most_rows as f64],
            0.5,
            200.0,
        ),
        Measured::new(
            "longest frame while scrolling 100,000",
            "ms",
            vec![seen.longest_frame_ms],
            0.5,
            100.0,
        ),
    ]
}

/// Resident memory of the program with a project open, above that of an empty one.
fn memory() -> [Measured; 2] {
    let empty = resident_megabytes(0);
    let above = |count| vec![resident_megabytes(count) - empty];
    [
        Measured::new(
            "memory of the program above an empty one, 10,000 nodes",
            "MB",
            above(10_000),
            0.5,
            60.0,
        ),
        Measured::new(
            "memory of the program above an empty one, 100,000 nodes",
            "MB",
            above(100_000),
            0.5,
            250.0,
        ),
    ]
}

fn resident_megabytes(count: u32) -> f64 {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    if count > 0 {
        home.make_project("Large", count);
    }
    let desktop = Desktop::open(&home, &screen);
    desktop
        .window()
        .sees(if count > 0 { "row-title" } else { "welcome" });
    desktop.window().sees_nothing_change();
    let bytes = desktop.resident_bytes();
    desktop.close();
    bytes as f64 / 1e6
}
