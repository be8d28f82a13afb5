//! Changes go from machine to machine in a file, where no network goes.

use std::path::{Path, PathBuf};

use e2e::{Desktop, Person, Window, launch, mia_and_noah};
use serde_json::json;

use crate::accessible::check;

fn add(window: &Window, title: &str) {
    window.select("Afterwards");
    window.press("Enter");
    window.type_into("title-editor", title);
    window.press("Enter");
    window.press("Escape");
    window.sees_row(title);
    window.sees_saved();
}

/// Looks at the dialog up to the desktop's own one, which asks where to put the file, and does what follows that.
fn export(person: &Person, window: &Window, whom: Option<&str>, name: &str) -> PathBuf {
    window.run_command("Export changes to a file");
    window.sees("export-changes");
    window.reads("export-changes", "What Noah lacks");
    check(window, "export of changes");
    if let Some(device) = whom {
        window.click(&format!("export-changes [data-device=\"{device}\"] input"));
    }
    window.screenshot(&format!("export-changes-{name}"));
    window.press("Escape");
    window.no_longer_sees("export-changes");
    let path = person.home.file(format!("{name}.tallybundle"));
    let request =
        json!({ "kind": "exportBundle", "project": window.project(), "path": path, "since": whom });
    window.call(request).expect("the file can be written");
    path
}

fn noahs_device(window: &Window) -> String {
    let known = window
        .call(json!({ "kind": "readAcquaintances", "project": window.project() }))
        .expect("a shared project");
    let known = known["acquaintances"].as_array().expect("a list").iter();
    let mut noah = known.filter(|one| one["name"] == "Noah");
    let device = noah.next().expect("Noah was here")["device"].as_str();
    device.expect("an id").to_owned()
}

/// Hands the file to the program that runs, as a double click does.
fn take_in(person: &Person, desktop: &Desktop, file: &Path, state: &str) {
    let ended = launch(&person.home, &person.screen, &[file]);
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let window = desktop.window();
    window.sees(&format!("import-changes[data-state=\"{state}\"]"));
}

fn leave(window: &Window, words: &str, picture: &str) {
    window.reads("import-changes", words);
    check(window, picture);
    window.screenshot(picture);
    window.press("Escape");
    window.no_longer_sees("import-changes");
}

#[test]
fn changes_are_carried_to_who_is_not_reached_and_to_no_stranger() {
    let (mia, noah) = mia_and_noah();
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let window = at_mia.window();
    window.sees("person");
    at_noah.close();
    window.sees("sharing-chip[data-state=\"offline\"]");
    add(window, "Written on the train");
    let device = noahs_device(window);
    let for_noah = export(&mia, window, Some(&device), "for-noah");
    let for_all = export(&mia, window, None, "for-all");
    at_mia.close();

    let damaged = noah.home.file("damaged.tallybundle");
    let bytes = std::fs::read(&for_noah).expect("the file");
    std::fs::write(&damaged, &bytes[..bytes.len() - 1]).expect("a file");
    let at_noah = noah.start();
    let window = at_noah.window();
    window.sees("row-title");
    take_in(&noah, &at_noah, &damaged, "failed");
    leave(window, "file", "import-changes-damaged");
    take_in(&noah, &at_noah, &for_noah, "taken");
    leave(window, "1 packet of changes was new", "import-changes");
    window.sees_row("Written on the train");
    take_in(&noah, &at_noah, &for_all, "taken");
    leave(
        window,
        "Everything in the file was here already.",
        "import-changes-again",
    );
    at_noah.close();

    // Who was not invited gets nothing out of the file.
    let pia = Person::new();
    let at_pia = pia.start();
    let window = at_pia.window();
    window.introduce("Pia");
    take_in(&pia, &at_pia, &for_all, "failed");
    leave(window, "NOT_A_MEMBER", "import-changes-stranger");
    assert_eq!(window.project_count(), 0);
    at_pia.close();
}
