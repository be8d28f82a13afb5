//! Scrolling the outline as fast as frames come, and looking at every frame.

use serde::Deserialize;
use serde_json::json;

use crate::window::Window;

/// What was seen while scrolling.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scrolled {
    /// Frames that were looked at.
    pub frames: u64,
    /// Frames in which a part of the view had no row.
    pub blank_frames: u64,
    /// The most rows that were in the page at once.
    pub most_rows: u64,
    /// The longest time between two frames, in milliseconds.
    pub longest_frame_ms: f64,
}

/// Frames of one run.
const FRAMES: u32 = 64;

/// Wheel-like steps first, then leaps to anywhere. A frame is looked at after the page had its turn to draw: at the
/// centre of every row height of the view there has to be a row.
const SCROLL: &str = r#"
const [frames, done] = arguments;
const grid = document.querySelector('[data-testid="outline-grid"]');
const row = grid.querySelector('[role="row"][data-node]');
const height = row.getBoundingClientRect().height;
const seen = { frames: 0, blankFrames: 0, mostRows: 0, longestFrameMs: 0 };
let last = performance.now();
const isBlank = () => {
    const view = grid.getBoundingClientRect();
    for (let y = view.bottom - height; y > view.top + 2 * height; y -= height) {
        if (!document.elementFromPoint(view.left + view.width / 4, y)?.closest('[role="row"][data-node]')) return true;
    }
    return false;
};
const look = () => {
    const now = performance.now();
    seen.longestFrameMs = Math.max(seen.longestFrameMs, now - last);
    last = now;
    seen.frames++;
    if (isBlank()) seen.blankFrames++;
    seen.mostRows = Math.max(seen.mostRows, grid.querySelectorAll('[role="row"]').length);
};
const channel = new MessageChannel();
const frame = () => requestAnimationFrame(() => channel.port2.postMessage(null));
channel.port1.onmessage = () => {
    look();
    if (seen.frames >= frames) return done(seen);
    const far = grid.scrollHeight - grid.clientHeight;
    if (seen.frames < frames / 2) grid.scrollTop += 7 * height;
    else grid.scrollTop = (far * ((seen.frames * 7919) % frames)) / frames;
    frame();
};
frame();
"#;

impl Window {
    /// Scrolls through the outline, row by row at first, then by leaps.
    pub fn scroll_through(&self) -> Scrolled {
        let seen = self.run_async(SCROLL, vec![json!(FRAMES)]);
        serde_json::from_value(seen).expect("what was seen")
    }

    /// Rows of the outline, on the screen or not.
    pub fn row_count(&self) -> u64 {
        let count = "return Number(document.querySelector('[role=\"treegrid\"]').getAttribute('aria-rowcount')) - 1";
        self.run(count, Vec::new()).as_u64().expect("a number")
    }
}
