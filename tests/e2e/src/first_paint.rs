//! How long a browser takes until the rows of the outline are to be seen, by the clock of its page.

use serde::Deserialize;
use serde_json::json;

use crate::chromium::Devtools;
use crate::{Desktop, Home, Screen};

/// Milliseconds since the page was asked for, its own files and everything it asks the application included.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct FirstPaint {
    /// Until anything was drawn.
    pub anything: f64,
    /// Until the frame was drawn in which rows had come.
    pub rows: f64,
}

/// Runs before the page does. What a frame draws is drawn before the next message is heard.
const WATCH: &str = r#"
const channel = new MessageChannel();
channel.port1.onmessage = () => (window.rowsDrawnMs = performance.now());
const observer = new MutationObserver(() => {
    if (document.querySelector('[role="row"][data-node] [data-part="title"]') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => channel.port2.postMessage(null));
});
observer.observe(document, { subtree: true, childList: true });
"#;

const READ: &str = "const [anything] = performance.getEntriesByName('first-contentful-paint');
    return { anything: anything.startTime, rows: window.rowsDrawnMs }";

/// Of a browser that knows nothing of the page, which the program has just begun to serve: the project is still on the
/// disk. Then of the same browser when the page is loaded anew.
pub fn first_paints(home: &Home, screen: &Screen) -> [FirstPaint; 2] {
    let (desktop, address) = Desktop::open_blank(home, screen, &[]);
    let window = desktop.window();
    let watch = Devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": WATCH }),
    );
    let watching = window.client().issue_cmd(watch);
    window.block_on(watching).expect("it runs before the page");
    let read = || {
        window.wait_for("rows", "return window.rowsDrawnMs !== undefined");
        serde_json::from_value(window.run(READ, Vec::new())).expect("two numbers")
    };
    window.go_to(&address);
    let first = read();
    let again = window.client().refresh();
    window.block_on(again).expect("the page is served");
    let again = read();
    desktop.close();
    [first, again]
}
