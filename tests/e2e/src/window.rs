//! What a person does at the window, and what they see there.

use std::cell::Cell;
use std::future::Future;
use std::time::Instant;

use fantoccini::actions::{
    ActionSequence, InputSource, MOUSE_BUTTON_RIGHT, MouseActions, PointerAction,
};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::interval;

use crate::process::Program;
use crate::wait::LOOK_EVERY;
use crate::{DEADLINE, keys, wait, x11};

/// The page in the window or in the browser. Everything here blocks until it is done, and waits for what it needs.
pub struct Window {
    runtime: Runtime,
    client: Client,
    place: Place,
    strokes: Cell<usize>,
}

/// Where the page is to be seen.
pub(crate) enum Place {
    /// On a screen, in the window of a program.
    Screen { display: String, program: Program },
    /// Nowhere, but for the driver.
    Driver,
}

impl Window {
    pub(crate) fn new(runtime: Runtime, client: Client, place: Place) -> Self {
        Self {
            runtime,
            client,
            place,
            strokes: Cell::new(0),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The screen and the program on it, if there is a screen.
    pub(crate) fn on_screen(&self) -> Option<(&str, u32)> {
        match &self.place {
            Place::Screen { display, program } => Some((display, program.id())),
            Place::Driver => None,
        }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// How often a key, a chord or the button of the mouse was pressed here so far.
    pub fn strokes(&self) -> usize {
        self.strokes.get()
    }

    fn count_strokes(&self, more: usize) {
        self.strokes.set(self.strokes.get() + more);
    }

    /// Presses a chord such as `Ctrl+Shift+Z`.
    pub fn press(&self, chord: &str) {
        self.press_times(chord, 1);
    }

    /// Presses a chord so many times.
    pub fn press_times(&self, chord: &str, times: usize) {
        self.count_strokes(times);
        self.act(keys::chord(chord, times));
    }

    /// Types into whatever has the focus.
    pub fn type_text(&self, text: &str) {
        self.count_strokes(text.chars().count());
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

    fn act(&self, actions: impl Into<ActionSequence>) {
        self.block_on(self.client.perform_actions(actions))
            .expect("keyboard and pointer work");
    }

    /// Clicks what has the id `name`, once it is there.
    pub fn click(&self, name: &str) {
        self.count_strokes(1);
        self.sees(name);
        let place = selector(name);
        let element = self
            .block_on(self.client.find(Locator::Css(&place)))
            .expect("it was there just now");
        self.block_on(element.click())
            .unwrap_or_else(|error| panic!("{name} cannot be clicked: {error}"));
    }

    /// Clicks it with the button that opens menus. Where there is a screen, that does it: WebKit's driver presses that
    /// button and keeps it.
    pub fn click_for_menu(&self, name: &str) {
        let place = self.middle_of(name);
        match self.on_screen() {
            Some((display, program)) => {
                x11::click_right(display, program, place).expect("the screen answers");
            }
            None => self.act(right_click(place)),
        }
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
        // What is seen may be drawn anew before the next look.
        let fill = "const input = document.querySelector(arguments[0]);
            if (!input) return false;
            input.focus(); input.select();
            document.execCommand('insertText', false, arguments[1]);
            return true;";
        let into = vec![json!(selector(name)), json!(text)];
        self.wait_with("an input to be there", fill, into);
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

    /// Turns to it, as a click on it does where there are several windows. Browsers are not turned to: each believes to be
    /// alone.
    pub fn look_at(&self) {
        let (display, program) = self.on_screen().expect("a window on a screen");
        x11::focus(display, Some(program)).expect("the screen answers");
        self.wait_for("the keyboard", "return document.hasFocus()");
    }

    /// Turns to something else.
    pub fn look_away(&self) {
        let (display, _) = self.on_screen().expect("a window on a screen");
        x11::focus(display, None).expect("the screen answers");
        self.wait_for("no keyboard", "return !document.hasFocus()");
    }

    /// Leaves the page for another one.
    pub fn go_to(&self, address: &str) {
        self.block_on(self.client.goto(address))
            .expect("somebody serves it");
    }

    /// Returns to the page before this one.
    pub fn go_back(&self) {
        self.block_on(self.client.back())
            .expect("there was a page before");
    }

    /// Opens another tab of the browser at an address, and is in it from then on.
    pub fn open_tab(&self, address: &str) {
        self.block_on(async {
            let opened = self.client.new_window(true).await.expect("a browser");
            let switched = self.client.switch_to_window(opened.handle).await;
            switched.expect("it is there");
        });
        self.go_to(address);
    }

    /// Is in the tab from now on that was opened as that number, from 0.
    pub fn go_to_tab(&self, number: usize) {
        self.block_on(async {
            let tabs = self.client.windows().await.expect("a browser");
            let switched = self.client.switch_to_window(tabs[number].clone()).await;
            switched.expect("it is there");
        });
    }

    /// What the title bar says.
    pub fn title(&self) -> String {
        self.block_on(self.client.title())
            .expect("the page has a title")
    }
}

fn right_click((x, y): (i16, i16)) -> MouseActions {
    let (x, y, button) = (x.into(), y.into(), MOUSE_BUTTON_RIGHT);
    let there = PointerAction::MoveTo {
        duration: None,
        x,
        y,
    };
    [
        there,
        PointerAction::Down { button },
        PointerAction::Up { button },
    ]
    .into_iter()
    .fold(MouseActions::new("mouse".to_owned()), InputSource::then)
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
