//! What the page asks the application, asked in the same way.

use serde_json::{Value, json};

use crate::window::{Window, selector};

/// `send(request)` in the page: the window invokes a command, the browser posts what its pass lets it ask.
const SEND: &str = "const send = (request) => '__TAURI_INTERNALS__' in window
    ? window.__TAURI_INTERNALS__.invoke('rpc', { request: JSON.stringify(request) }).then((bytes) => new TextDecoder().decode(bytes))
    : fetch('/rpc', {
        method: 'POST',
        headers: { authorization: `Bearer ${localStorage.getItem('talus-tally-pass')}` },
        body: JSON.stringify(request),
    }).then((response) => response.text());
";

impl Window {
    /// Asks the application what the page asks it, the same way.
    ///
    /// The error is the `Failure`.
    pub fn call(&self, request: Value) -> Result<Value, Value> {
        let call = "const [request, done] = arguments;
            send(request).then((text) => done(JSON.parse(text)), (error) => done({ failed: String(error) }))";
        self.answer_to(call, vec![request])
    }

    /// The same, and clicks what has the id `name` the moment it is there.
    pub fn call_and_click(&self, request: Value, name: &str) -> Result<Value, Value> {
        let call = "const [request, place, done] = arguments;
            const observer = new MutationObserver(() => {
                const found = document.querySelector(place);
                if (!found) return;
                observer.disconnect();
                found.click();
            });
            observer.observe(document.body, { subtree: true, childList: true });
            send(request)
                .then((text) => done(JSON.parse(text)), (error) => done({ failed: String(error) }))
                .finally(() => observer.disconnect())";
        self.answer_to(call, vec![request, json!(selector(name))])
    }

    /// Something of the snapshot of the project that was opened last: `of` is an expression about `snapshot`.
    pub(crate) fn ask_of_snapshot(&self, of: &str) -> Value {
        let call = format!(
            "const [done] = arguments;
            const ask = (request) => send(request).then((text) => JSON.parse(text).ok);
            ask({{ kind: 'listProjects' }})
                .then(({{ projects: [newest] }}) => ask({{ kind: 'snapshot', project: newest.id }}))
                .then((snapshot) => done({{ ok: {of} }}), (error) => done({{ failed: String(error) }}))"
        );
        let answer = self.run_async(&format!("{SEND}{call}"), Vec::new());
        let found = answer.get("ok");
        found
            .unwrap_or_else(|| panic!("no project can be read: {answer}"))
            .clone()
    }

    fn answer_to(&self, call: &str, arguments: Vec<Value>) -> Result<Value, Value> {
        let answer = self.run_async(&format!("{SEND}{call}"), arguments);
        match answer.get("ok") {
            Some(reply) => Ok(reply.clone()),
            None => Err(answer["failed"].clone()),
        }
    }
}
