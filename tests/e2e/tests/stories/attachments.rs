//! A picture of one is there for the other, or it is said who has it.

use e2e::{Desktop, Host, Person, Window, artifact, mia_and_noah};

use crate::accessible::{check, check_in_every_theme};

const ITEM: &str = "Visit four offices";
const FILES: &str = "inspector-field[data-field=\"attachments\"]";

fn files(window: &Window) {
    window.inspect(ITEM);
    window.sees(FILES);
    window.run(
        "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })",
        vec!["[data-drop=\"files\"]".into()],
    );
}

/// Drops a picture on the files of the item: one of the window itself.
fn attach_picture(person: &Person, desktop: &Desktop, name: &str) {
    let window = desktop.window();
    window.screenshot("attachment-source");
    let picture = person.home.file(name);
    std::fs::copy(
        artifact(Host::chosen().folder(), "attachment-source.png"),
        &picture,
    )
    .expect("a picture");
    let manager = desktop.file_manager();
    window.edit("an attachment", || {
        let mut drag = manager.drag(&picture);
        drag.over(&format!("{FILES} [data-drop]"), &format!("{FILES} .aimed"));
        drag.drop_it();
    });
    window.reads(FILES, name);
}

fn sees_thumbnail(window: &Window) {
    window.sees(&format!("{FILES} [data-stage=\"here\"] img"));
}

fn look_at_it(window: &Window) {
    window.focus(&format!("{FILES} [data-stage=\"here\"] .look"));
    window.press("Enter");
    window.sees("[role=\"dialog\"] img");
    let shown = window.run_async(
        "document.querySelector('[role=\"dialog\"] img').decode().then(() => requestAnimationFrame(() => arguments[0](true)))",
        Vec::new(),
    );
    assert_eq!(shown, true);
    window.screenshot("attachment-picture");
    window.press("Escape");
    window.no_longer_sees("[role=\"dialog\"]");
}

fn make_room(window: &Window) {
    window.run_command("Settings");
    window.click("settings-attachments");
    window.click("attachments-mb-1024");
    check(window, "attachments in the settings");
    window.press("Escape");
    window.no_longer_sees("settings");
}

#[test]
fn a_picture_comes_to_whoever_has_room_and_otherwise_says_where_it_is() {
    let (mia, noah) = mia_and_noah();
    noah.prefer(|settings| settings.attachments_mb = 0);
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let (one, other) = (at_mia.window(), at_noah.window());
    for window in [one, other] {
        window.sees("row-title");
        window.reads("sharing-chip", "Live");
        files(window);
    }
    attach_picture(&mia, &at_mia, "First office.png");
    sees_thumbnail(one);
    look_at_it(one);

    let refused = format!("{FILES} [data-stage=\"failed\"]");
    other.sees(&refused);
    other.screenshot("attachment-no-room");
    one.sees_saved();
    at_mia.kill();
    other.sees("sharing-chip[data-state=\"offline\"]");
    make_room(other);
    other.click(&format!("{refused} [aria-label^=\"Try again\"]"));
    other.reads(FILES, "Not here yet: Mia has it");
    files(other);
    check_in_every_theme(other, "an attachment that is elsewhere");
    other.screenshot("attachment-not-here-yet");

    let at_mia = mia.start();
    sees_thumbnail(other);
    other.screenshot("attachment-here");
    at_noah.close();
    at_mia.close();
}
