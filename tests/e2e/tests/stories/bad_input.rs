//! Input that is wrong, too much or odd: a clear message, nothing lost, nothing hung.

use e2e::{Desktop, Home, Screen, Window};
use serde_json::{Value, json};

const ODDITIES: [&str; 6] = [
    "\u{645}\u{631}\u{62d}\u{628}\u{627} \u{202e}right to left\u{202c}",
    "Z\u{351}\u{36b}\u{343}a\u{34a}\u{300}lgo, combined",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466} and \u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "zero\u{200b}width\u{feff} and \u{ad}soft",
    "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{540d}\u{524d}",
    "<b>&amp; {{bold}} ${x} %s ' OR 1=1 --",
];

fn refusal(window: &Window, path: &std::path::Path) -> Value {
    let failure = window
        .call(json!({ "kind": "importProject", "path": path }))
        .expect_err("it is refused");
    let message = failure["message"].as_str().expect("a message");
    assert!(message.ends_with('.') && message.len() > 20, "{message}");
    failure["code"].clone()
}

#[test]
fn files_that_cannot_be_read_are_refused_with_a_reason() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("book");
    let (good, cut, newer) = (
        home.file("good.talus"),
        home.file("cut.talus"),
        home.file("newer.talus"),
    );
    let (empty, foreign, missing) = (
        home.file("empty.talus"),
        home.file("foreign.talus"),
        home.file("missing.talus"),
    );
    window
        .call(json!({ "kind": "exportProject", "project": window.project(), "path": good }))
        .expect("an export");
    let bytes = std::fs::read(&good).expect("the export");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("a file");
    std::fs::write(&newer, with_newer_format(&bytes)).expect("a file");
    std::fs::write(&empty, "").expect("a file");
    std::fs::write(&foreign, "PK\u{3}\u{4} this is something else").expect("a file");
    let codes: Vec<Value> = [&cut, &newer, &empty, &foreign, &missing]
        .map(|path| refusal(window, path))
        .into();
    assert!(
        codes
            .iter()
            .all(|code| code.as_str().is_some_and(|code| !code.is_empty())),
        "{codes:?}"
    );
    assert_ne!(codes[1], codes[0], "a newer file is not a damaged one");
    assert_eq!(
        window.project_count(),
        1,
        "nothing half read is left behind"
    );
    window.sees("row-title");
    desktop.close();
}

/// The same file as a later version would begin it: the version is the number behind the mark.
fn with_newer_format(bytes: &[u8]) -> Vec<u8> {
    let mut newer = bytes.to_vec();
    newer[MARK_BYTES] = 0xff;
    newer
}

/// Bytes before the version in a `.talus` file.
const MARK_BYTES: usize = 8;

#[test]
fn titles_that_are_odd_are_kept_and_a_monstrous_one_is_refused() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    for oddity in ODDITIES {
        window.edit(oddity, || {
            window.press("F2");
            window.fill("title-editor", oddity);
            window.press("Enter");
        });
        let first = window.content()["nodes"][0].to_string();
        assert!(
            first.contains(&json!(oddity).to_string()),
            "{oddity:?} is not in {first}"
        );
    }
    let before = window.content();
    window.press("F2");
    window.fill("title-editor", &"x".repeat(100_000));
    window.press("Enter");
    window.sees("toast[data-kind=\"failed\"]");
    window.screenshot("monstrous-title");
    assert_eq!(window.content(), before);
    desktop.close();
}
