//! From a key to the frame that shows what it did, measured inside the page.

use serde_json::Value;

use crate::window::Window;

/// Listens before everybody else, notes when a key went down, and in the first animation frame after the page changed
/// notes how long that took. Clocks of the page step by a millisecond.
const LISTEN: &str = r#"
window.keyLatencies = [];
let pressed = null;
addEventListener('keydown', (event) => {
    if (['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return;
    const now = performance.now();
    pressed = event.timeStamp > 0 && event.timeStamp <= now ? event.timeStamp : now;
}, true);
const changed = () => {
    const from = pressed;
    if (from === null) return;
    pressed = null;
    requestAnimationFrame(() => window.keyLatencies.push(performance.now() - from));
};
// What is typed into a field is no change of the tree.
addEventListener('input', changed, true);
new MutationObserver(changed).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
"#;

impl Window {
    /// Starts to measure keys.
    pub fn measure_keys(&self) {
        self.run(LISTEN, Vec::new());
    }

    /// Presses a chord and waits until its effect was drawn. Milliseconds.
    pub fn key_latency(&self, chord: &str) -> f64 {
        let count = self.latencies().len();
        self.press(chord);
        self.until(chord, || {
            self.latencies().get(count).and_then(Value::as_f64)
        })
    }

    fn latencies(&self) -> Vec<Value> {
        let latencies = self.run("return window.keyLatencies", Vec::new());
        latencies.as_array().cloned().expect("measuring has begun")
    }
}
