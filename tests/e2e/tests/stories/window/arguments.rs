//! Files that are given to the program.

use std::path::Path;

use e2e::{Desktop, Home, Screen, launch, program};
use serde_json::json;

/// A project of another user as a file.
fn exported(home: &Home, screen: &Screen, file: &Path) {
    let desktop = Desktop::open(home, screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("book");
    let request = json!({ "kind": "exportProject", "project": window.project(), "path": file });
    window.call(request).expect("the file can be written");
    desktop.close();
}

#[test]
fn a_file_given_at_the_start_or_later_is_opened() {
    let screen = Screen::start(1280, 800);
    let (ana, bo) = (Home::new(), Home::new());
    let file = ana.file("Ana's book.talus");
    exported(&ana, &screen, &file);

    let desktop = Desktop::open_with(&bo, &screen, &[file.to_str().expect("text")]);
    desktop.window().sees("row-title");
    assert_eq!(desktop.window().project_count(), 1);

    let ended = launch(&bo, &screen, &[&file]);
    assert_eq!((ended.code, ended.complaint.as_str()), (Some(0), ""));
    let window = desktop.window();
    window.until("the second copy", || {
        (window.project_count() == 2).then_some(())
    });
    window.sees("row-title");
    desktop.close();
}

#[test]
fn a_file_that_is_no_project_is_refused_with_the_reason() {
    let (screen, home) = (Screen::start(1280, 800), Home::new());
    let file = home.file("foreign.talus");
    std::fs::write(&file, "PK\u{3}\u{4} this is something else").expect("a file");
    home.make_sample("blank");
    let desktop = Desktop::open_with(&home, &screen, &[file.to_str().expect("text")]);
    desktop.window().sees("toast");
    desktop.window().screenshot("refused-file");
    desktop.close();
}

#[cfg(target_os = "linux")]
#[test]
fn a_link_that_is_clicked_elsewhere_is_asked_about_in_the_window_that_is_there() {
    let (screen, home) = (Screen::start(1280, 800), Home::new());
    let desktop = Desktop::open_with(&home, &screen, &["talus://join#AQIE"]);
    let window = desktop.window();
    window.introduce("Ana");
    window.sees("join-dialog");
    assert_eq!(window.value("join-text"), "talus://join#AQIE");
    let command_line = desktop.command_line();
    assert!(command_line.contains("talus-tally"), "{command_line}");
    assert!(!command_line.contains("AQIE"), "{command_line}");
    window.press("Escape");
    window.no_longer_sees("join-dialog");
    home.install(&program());
    home.open_link("talus://join#AQID", &screen);
    window.sees("join-dialog");
    assert_eq!(window.value("join-text"), "talus://join#AQID");
    window.screenshot("arguments-link");
    window.click("join");
    window.sees("sharing-failure[data-code=\"NOT_AN_INVITATION\"]");
    desktop.close();
}
