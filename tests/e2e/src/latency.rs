//! From a key to the frame that shows what it did, measured inside the page.

use crate::window::Window;

/// Listens before everybody else and notes when a key went down, when it was heard, when the page had changed, and when
/// the first animation frame after that began. Clocks of the page step by a millisecond.
const LISTEN: &str = r#"
window.keyLatencies = [];
let pressed = null;
addEventListener('keydown', (event) => {
    if (['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
    const now = performance.now();
    pressed = [event.timeStamp > 0 && event.timeStamp <= now ? event.timeStamp : now, now];
}, true);
const changed = () => {
    if (pressed === null) return;
    const [from, heard] = pressed;
    const done = performance.now();
    pressed = null;
    requestAnimationFrame(() => window.keyLatencies.push([heard - from, done - heard, performance.now() - done]));
};
// What is typed into a field is no change of the tree.
addEventListener('input', changed, true);
new MutationObserver(changed).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
"#;

/// Where the time goes between a key and the frame that shows what it did. Milliseconds.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Latency {
    /// Until the page hears the key: it was busy with something else.
    pub heard: f64,
    /// Until the page has changed, the application's answer included.
    pub changed: f64,
    /// Until the animation frame.
    pub drawn: f64,
}

impl Latency {
    /// All of it.
    pub fn whole(self) -> f64 {
        self.heard + self.changed + self.drawn
    }
}

impl Window {
    /// Starts to measure keys.
    pub fn measure_keys(&self) {
        self.run(LISTEN, Vec::new());
    }

    /// Presses a chord and waits until its effect was drawn.
    pub fn key_latency(&self, chord: &str) -> Latency {
        let count = self.latencies().len();
        self.press(chord);
        self.until(chord, || self.latencies().get(count).copied())
    }

    fn latencies(&self) -> Vec<Latency> {
        let latencies = self.run("return window.keyLatencies", Vec::new());
        serde_json::from_value(latencies).expect("measuring has begun")
    }
}
