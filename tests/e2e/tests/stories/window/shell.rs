//! The program around the page: it starts, refuses, gives way, remembers and ends.

use std::path::Path;

use e2e::{Desktop, Home, Screen, launch};
use serde_json::json;

fn stage() -> (Home, Screen) {
    (Home::new(), Screen::start(1280, 800))
}

#[test]
fn the_window_shows_its_page_and_answers() {
    let (home, screen) = stage();
    let desktop = Desktop::open(&home, &screen);
    assert_eq!(desktop.window().title(), "Talus Tally");
    let failure = desktop
        .window()
        .call(json!({ "kind": "sing" }))
        .expect_err("nobody knows this request");
    assert_eq!(failure["code"], "BAD_REQUEST");
    desktop.close();
}

#[test]
fn closing_lets_the_page_say_its_last_words() {
    for end in [Desktop::close, Desktop::terminate] {
        let (home, screen) = stage();
        let desktop = Desktop::open(&home, &screen);
        desktop.window().run(
            "addEventListener('pagehide', () => window.__TAURI_INTERNALS__.invoke('rpc', {
                request: JSON.stringify({ kind: 'putLayout', project: null, layout: 'last words' }) }))",
            Vec::new(),
        );
        end(desktop);
        let desktop = Desktop::open(&home, &screen);
        let reply = desktop
            .window()
            .call(json!({ "kind": "readLayout", "project": null }))
            .expect("an answer");
        assert_eq!(reply["layout"], "last words");
    }
}

#[test]
fn a_second_launch_gives_way_to_the_first() {
    let (home, screen) = stage();
    let desktop = Desktop::open(&home, &screen);
    desktop.window().run(
        "window.handedOver = [];
        const id = window.__TAURI_INTERNALS__.transformCallback(({ payload }) => window.handedOver.push(...payload));
        window.__TAURI_INTERNALS__.invoke('plugin:event|listen', { event: 'event', target: { kind: 'Any' }, handler: id })",
        Vec::new(),
    );
    let ended = launch(&home, &screen, &[Path::new("/somewhere/plan.talus")]);
    assert_eq!((ended.code, ended.complaint.as_str()), (Some(0), ""));
    desktop.window().wait_for(
        "the path to arrive",
        "return window.handedOver.some(({ kind, arguments: list }) =>
            kind === 'arguments' && list.length === 1 && list[0] === '/somewhere/plan.talus')",
    );
}

#[test]
fn a_folder_that_cannot_be_used_is_said_in_a_window() {
    let (home, screen) = stage();
    std::fs::write(home.data_dir(), "not a folder").expect("the home can be written");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    assert_eq!(window.title(), "Talus Tally cannot start");
    window.reads(
        "refusal-message",
        "The folder of your projects cannot be used.",
    );
    window.reads("refusal-code", "DISK_FAILED");
    window.screenshot("refusal");
    desktop.close();
}

#[test]
fn a_folder_whose_owner_does_not_answer_is_not_opened_twice() {
    let (home, screen) = stage();
    home.while_occupied(|| {
        let desktop = Desktop::open(&home, &screen);
        desktop.window().reads("refusal-code", "ALREADY_RUNNING");
        desktop.close();
    });
    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees("welcome");
    desktop.close();
}

#[test]
fn the_window_returns_to_its_place() {
    let (home, screen) = (Home::new(), Screen::start(1920, 1080));
    let place = json!({ "x": 310, "y": 170, "width": 1400, "height": 820, "is_maximized": false });
    std::fs::create_dir_all(home.data_dir()).expect("the home can be written");
    let file = home.data_dir().join("window.json");
    std::fs::write(&file, place.to_string()).expect("the home can be written");
    let desktop = Desktop::open(&home, &screen);
    desktop.window().wait_for(
        "its size",
        "return innerWidth === 1400 && innerHeight === 820",
    );
    desktop.close();
    let kept = std::fs::read(&file).expect("the place is remembered");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&kept).expect("JSON"),
        place
    );
}

#[test]
fn the_page_may_do_nothing_but_what_it_needs() {
    let (home, screen) = stage();
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    for command in [
        "plugin:window|close",
        "plugin:fs|read_file",
        "plugin:dialog|message",
        "plugin:app|version",
    ] {
        let script = "return window.__TAURI_INTERNALS__.invoke(arguments[0], {}).then(() => 'allowed', (error) => String(error))";
        let refusal = window.run(script, vec![json!(command)]);
        let is_refused = refusal
            .as_str()
            .is_some_and(|text| text.contains("not allowed") || text.contains("not found"));
        assert!(is_refused, "{command}: {refusal}");
    }
    let evaluated = window.run(
        "try { return window.eval('1') } catch (error) { return error.name }",
        Vec::new(),
    );
    assert_eq!(evaluated, "EvalError");
}
