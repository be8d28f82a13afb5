//! What a person does at the window, and what they see there.

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::time::Instant;

use fantoccini::actions::KeyActions;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::interval;

use crate::process::Program;
use crate::wait::LOOK_EVERY;
use crate::{DEADLINE, artifact, keys, wait, x11};

/// The page in the window. Everything here blocks until it is done, and waits for what it needs.
pub struct Window {
    runtime: Runtime,
    client: Client,
    display: String,
    program: Program,
}

impl Window {
    pub(crate) fn new(runtime: Runtime, client: Client, display: &str, program: Program) -> Self {
        Self {
            runtime,
            client,
            display: display.to_owned(),
            program,
        }
    }

    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Presses a chord such as `Ctrl+Shift+Z`.
    pub fn press(&self, chord: &str) {
        self.act(keys::chord(chord));
    }

    /// Presses a chord so many times.
    pub fn press_times(&self, chord: &str, times: usize) {
        (0..times).for_each(|_| self.press(chord));
    }

    /// Types into whatever has the focus.
    pub fn type_text(&self, text: &str) {
        self.act(keys::text(text));
    }

    /// Types into what has the id `name`, once it has the keyboard. Nobody is asked to click there first.
    pub fn type_into(&self, name: &str, text: &str) {
        self.has_keyboard(name);
        self.type_text(text);
    }

    /// Waits until what has the id `name` has the keyboard.
    pub fn has_keyboard(&self, name: &str) {
        let has_it = "return document.activeElement?.matches(arguments[0]) ?? false";
        self.wait_with(
            &format!("{name} to have the keyboard"),
            has_it,
            vec![json!(selector(name))],
        );
    }

    fn act(&self, actions: KeyActions) {
        self.block_on(self.client.perform_actions(actions))
            .expect("the keyboard works");
    }

    /// Clicks what has the id `name`, once it is there.
    pub fn click(&self, name: &str) {
        self.sees(name);
        let place = selector(name);
        let element = self
            .block_on(self.client.find(Locator::Css(&place)))
            .expect("it was there just now");
        self.block_on(element.click())
            .unwrap_or_else(|error| panic!("{name} cannot be clicked: {error}"));
    }

    /// Clicks it with the button that opens menus. The screen does that: the driver presses that button and keeps it.
    pub fn click_for_menu(&self, name: &str) {
        x11::click_right(&self.display, self.program.id(), self.middle_of(name))
            .expect("the screen answers");
    }

    /// Gives the keyboard to what has the id `name`, as the Tab key would.
    pub fn focus(&self, name: &str) {
        self.sees(name);
        self.run(
            "document.querySelector(arguments[0]).focus()",
            vec![json!(selector(name))],
        );
    }

    /// The middle of what has the id `name`, in pixels of the page.
    pub fn middle_of(&self, name: &str) -> (i16, i16) {
        let middle = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
            return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]";
        let found = self.run(middle, vec![json!(selector(name))]);
        serde_json::from_value(found).expect("two numbers")
    }

    /// Waits until something with the id `name` can be seen.
    pub fn sees(&self, name: &str) {
        let is_visible = "const found = document.querySelector(arguments[0]);
            return found !== null && found.getClientRects().length > 0";
        self.wait_with(
            &format!("{name} to be seen"),
            is_visible,
            vec![json!(selector(name))],
        );
    }

    /// Waits until nothing has the id `name`.
    pub fn no_longer_sees(&self, name: &str) {
        let is_gone = "return document.querySelector(arguments[0]) === null";
        self.wait_with(
            &format!("{name} to go"),
            is_gone,
            vec![json!(selector(name))],
        );
    }

    /// Waits until what has the id `name` contains `text`.
    pub fn reads(&self, name: &str, text: &str) {
        let contains = "return [...document.querySelectorAll(arguments[0])].some((one) => one.innerText.includes(arguments[1]))";
        self.wait_with(
            &format!("{name} to say {text:?}"),
            contains,
            vec![json!(selector(name)), json!(text)],
        );
    }

    /// The text of everything that has the id `name`, in the order of the page.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let texts =
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)";
        let found = self.run(texts, vec![json!(selector(name))]);
        serde_json::from_value(found).expect("texts")
    }

    /// What the input with the id `name` holds.
    pub fn value(&self, name: &str) -> String {
        let value = "return document.querySelector(arguments[0])?.value ?? ''";
        let found = self.run(value, vec![json!(selector(name))]);
        found.as_str().expect("text").to_owned()
    }

    /// How many have the id `name`.
    pub fn count(&self, name: &str) -> usize {
        self.texts(name).len()
    }

    /// What the toast says, once there is one.
    pub fn toast(&self) -> String {
        self.sees("toast");
        self.texts("toast").swap_remove(0)
    }

    /// Puts `text` into an input at once, as a paste does; for texts too long to type.
    pub fn fill(&self, name: &str, text: &str) {
        self.sees(name);
        let fill = "const input = document.querySelector(arguments[0]);
            input.focus(); input.select();
            document.execCommand('insertText', false, arguments[1]);";
        self.run(fill, vec![json!(selector(name)), json!(text)]);
    }

    /// Asks the application what the page asks it, the same way.
    ///
    /// The error is the `Failure`.
    pub fn call(&self, request: Value) -> Result<Value, Value> {
        let call = "const [request, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('rpc', { request: JSON.stringify(request) })
                .then((bytes) => done(JSON.parse(new TextDecoder().decode(bytes))), (error) => done({ failed: String(error) }))";
        let answer = self.run_async(call, vec![request]);
        match answer.get("ok") {
            Some(reply) => Ok(reply.clone()),
            None => Err(answer["failed"].clone()),
        }
    }

    /// Asks the application for something and does not wait for the answer.
    pub fn begin(&self, request: Value) {
        let call =
            "window.__TAURI_INTERNALS__.invoke('rpc', { request: JSON.stringify(arguments[0]) })";
        self.run(call, vec![request]);
    }

    /// Runs the body of a function in the page.
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let done = self.block_on(self.client.execute(script, arguments));
        done.unwrap_or_else(|error| panic!("the page does not run {script:?}: {error}"))
    }

    /// Runs the body of a function in the page that calls its last argument with the result.
    pub fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let done = self.block_on(self.client.execute_async(script, arguments));
        done.unwrap_or_else(|error| panic!("the page does not run {script:?}: {error}"))
    }

    /// Waits until the body of a function in the page returns something true.
    pub fn wait_for(&self, what: &str, script: &str) {
        self.wait_with(what, script, Vec::new());
    }

    fn wait_with(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let look = || async {
            // While the page is being loaded it runs nothing; then it is not yet true.
            let found = self.client.execute(script, arguments.clone()).await.ok()?;
            (found.as_bool() == Some(true)).then_some(())
        };
        self.block_on(wait::until(what, look));
    }

    /// Waits until `look` finds something.
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let (begun, mut ticks) = (
            Instant::now(),
            self.block_on(async { interval(LOOK_EVERY) }),
        );
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(
                begun.elapsed() < DEADLINE,
                "waited {} s for {what}",
                DEADLINE.as_secs()
            );
            self.block_on(ticks.tick());
        }
    }

    /// Waits until the page has not changed for half a second.
    pub fn sees_nothing_change(&self) {
        let still = "const done = arguments[0];
            let last = performance.now();
            const observer = new MutationObserver(() => (last = performance.now()));
            observer.observe(document.body, { subtree: true, childList: true, characterData: true });
            const look = () => (performance.now() - last > 500 ? (observer.disconnect(), done(true)) : requestAnimationFrame(look));
            look();";
        self.run_async(still, Vec::new());
    }

    /// Turns to it, as a click on it does where there are several windows.
    pub fn look_at(&self) {
        x11::focus(&self.display, Some(self.program.id())).expect("the screen answers");
        self.wait_for("the keyboard", "return document.hasFocus()");
    }

    /// Turns to something else.
    pub fn look_away(&self) {
        x11::focus(&self.display, None).expect("the screen answers");
        self.wait_for("no keyboard", "return !document.hasFocus()");
    }

    /// What the title bar says.
    pub fn title(&self) -> String {
        self.block_on(self.client.title())
            .expect("the page has a title")
    }

    /// Saves what is on the screen as `target/e2e/NAME.png`.
    pub fn screenshot(&self, name: &str) {
        self.run_async(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))",
            Vec::new(),
        );
        self.save_picture(&artifact("e2e", &format!("{name}.png")))
            .expect("the window can be seen");
    }

    /// Asks the screen, as a person would: the driver waits for a change of the page before it shows it.
    fn save_picture(&self, path: &Path) -> x11::Result<()> {
        let picture = x11::picture(&self.display, self.program.id())?;
        let mut encoder = png::Encoder::new(File::create(path)?, picture.width, picture.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&picture.colours)?;
        Ok(())
    }

    /// Saves what is on the screen when a story fails. Nothing here may fail, too.
    pub(crate) fn show_failure(&self) {
        let story = std::thread::current()
            .name()
            .unwrap_or("story")
            .replace("::", "-");
        let path = artifact("e2e", &format!("failed-{story}.png"));
        match self.save_picture(&path) {
            Ok(()) => eprintln!("the window is in {}", path.display()),
            Err(error) => eprintln!("the window cannot be seen: {error}"),
        }
        let text = self
            .client
            .execute("return document.body.innerText", Vec::new());
        if let Ok(text) = self.block_on(text) {
            eprintln!("the window says:\n{}", text.as_str().unwrap_or_default());
        }
    }
}

/// A selector for what has the test id `name`, which may be followed by a condition: `saving[data-state="saved"]`.
/// What a person would call otherwise goes by its role: `[role="row"]`.
pub(crate) fn selector(name: &str) -> String {
    let (id, condition) = name.split_at(name.find(['[', ' ', ':']).unwrap_or(name.len()));
    if id.is_empty() {
        return condition.to_owned();
    }
    format!("[data-testid=\"{id}\"]{condition}")
}
