//! Keys by name, as WebDriver wants them.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

/// Presses and releases a chord such as `Ctrl+Shift+Z`, `Alt+ArrowUp`, `F2`, `?`, so many times.
pub fn chord(name: &str, times: usize) -> KeyActions {
    (0..times).fold(sequence(), |actions, _| press(actions, name))
}

fn press(mut actions: KeyActions, name: &str) -> KeyActions {
    // The plus sign itself is a key, too.
    let (modifiers, last) = match name.strip_suffix('+') {
        Some(before) => (before.trim_end_matches('+'), "+"),
        None => name.rsplit_once('+').unwrap_or(("", name)),
    };
    let modifiers: Vec<char> = modifiers
        .split('+')
        .filter(|name| !name.is_empty())
        .map(code)
        .collect();
    for &value in &modifiers {
        actions = actions.then(KeyAction::Down { value });
    }
    actions = stroke(actions, code(last));
    for &value in modifiers.iter().rev() {
        actions = actions.then(KeyAction::Up { value });
    }
    actions
}

/// Types `text`, one key after the other.
pub fn text(text: &str) -> KeyActions {
    text.chars().fold(sequence(), stroke)
}

fn sequence() -> KeyActions {
    KeyActions::new("keyboard".to_owned())
}

fn stroke(actions: KeyActions, value: char) -> KeyActions {
    actions
        .then(KeyAction::Down { value })
        .then(KeyAction::Up { value })
}

fn code(name: &str) -> char {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return only.to_ascii_lowercase();
    }
    let key = match name {
        "Ctrl" => Key::Control,
        "Shift" => Key::Shift,
        "Alt" => Key::Alt,
        "Meta" => Key::Meta,
        "Enter" => Key::Enter,
        "Tab" => Key::Tab,
        "Escape" => Key::Escape,
        "Space" => return ' ',
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        "F1" => Key::F1,
        "F2" => Key::F2,
        "F6" => Key::F6,
        _ => panic!("no key is called {name}"),
    };
    key.into()
}
