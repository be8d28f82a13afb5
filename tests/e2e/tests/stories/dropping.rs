//! Files that are dragged out of another program.

use e2e::{Desktop, Home, Host, Screen};
use serde_json::json;

/// A browser names files only once they are dropped.
fn over_window() -> &'static str {
    match Host::chosen() {
        Host::Window => "Drop to open “Ours.talus”",
        Host::Browser => "Drop a project to open it",
    }
}

#[test]
fn a_dropped_file_is_attached_and_a_dropped_project_opens() {
    let (home, screen) = (Home::new(), Screen::start(1280, 1000));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");
    window.press("ArrowDown");
    let files = "inspector-field[data-field=\"attachments\"] [data-drop]";
    window.sees(files);
    window.run(
        "document.querySelector('[data-drop]').scrollIntoView({ block: 'center' })",
        Vec::new(),
    );

    let manager = desktop.file_manager();
    let note = home.file("a note.txt");
    std::fs::write(&note, "what was agreed").expect("a file");
    window.edit("an attachment", || {
        let mut drag = manager.drag(&note);
        drag.over(files, "inspector-field[data-field=\"attachments\"] .aimed");
        drag.drop_it();
    });
    window.reads("inspector-field[data-field=\"attachments\"]", "a note.txt");

    let mut drag = manager.drag(&note);
    drag.over("outline-grid", "file-drop");
    window.screenshot("file-elsewhere");
    drag.drop_it();
    window.reads("toast", "Drop a file on the files of an item");

    let project = home.file("Ours.talus");
    window
        .call(json!({ "kind": "exportProject", "project": window.project(), "path": project }))
        .expect("an export");
    let mut drag = manager.drag(&project);
    drag.over("outline-grid", "file-drop");
    window.reads("file-drop", over_window());
    window.screenshot("project-over-window");
    drag.drop_it();
    window.until("the copy", || (window.project_count() == 2).then_some(()));
    window.sees("row-title");
    desktop.close();
}
