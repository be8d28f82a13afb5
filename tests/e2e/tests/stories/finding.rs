//! Where others are looked for, why they are not reached, and what they see of oneself.

use e2e::{Person, Window, free_port, mia_and_noah};

use crate::accessible::check;

fn open_peers(window: &Window) {
    window.click("sharing-chip");
    window.sees("peers");
}

/// An address that is none is refused; one where nobody answers is tried, examined and taken away again.
fn look_in_vain(window: &Window) {
    let nowhere = format!("127.0.0.1:{}", free_port());
    open_peers(window);
    check(window, "peers");
    window.focus("address-input");
    window.type_text("two words");
    window.press("Enter");
    window.sees("sharing-failure");
    window.fill("address-input", &nowhere);
    window.press("Enter");
    let link = format!("peer-link[data-origin=\"typed\"][data-address=\"{nowhere}\"]");
    window.sees(&format!("{link}[data-state=\"waiting\"]"));
    window.screenshot("peers-in-vain");
    window.press("Escape");
    window.no_longer_sees("peers");
    window.in_every_theme(|theme| {
        open_peers(window);
        window.click(&format!("{link} [data-testid=\"check-address\"]"));
        window.sees("network-doctor[data-state=\"ready\"]");
        window.sees("network-finding[data-status=\"fail\"]");
        check(window, "network doctor");
        window.screenshot(&format!("network-doctor-{theme}"));
        window.press("Escape");
        window.no_longer_sees("network-doctor");
    });
    open_peers(window);
    window.click(&format!("{link} [data-testid=\"remove-address\"]"));
    window.no_longer_sees(&link);
    window.press("Escape");
    window.no_longer_sees("peers");
}

/// A relay of the settings is looked at for every project that is shared.
fn add_relay(window: &Window) {
    let relay = format!("127.0.0.1:{}", free_port());
    window.run_command("Settings");
    window.click("settings-network");
    window.focus("relay-input");
    window.type_text(&relay);
    window.press("Enter");
    window.reads("settings", &relay);
    check(window, "network settings");
    window.screenshot("settings-network-relay");
    window.press("Escape");
    window.no_longer_sees("settings");
    open_peers(window);
    window.sees(&format!(
        "peer-link[data-origin=\"relay\"][data-address=\"{relay}\"]"
    ));
    window.press("Escape");
    window.no_longer_sees("peers");
}

fn show_whereabouts(window: &Window, is_on: bool) {
    window.run_command("Settings");
    window.click("settings-me");
    let switch = "settings [data-switch=\"showsWhereabouts\"] input";
    window.click(switch);
    let state = if is_on { ":checked" } else { ":not(:checked)" };
    window.sees(&format!("{switch}{state}"));
    window.press("Escape");
    window.no_longer_sees("settings");
}

#[test]
fn addresses_are_tried_and_nobody_is_seen_who_does_not_want_it() {
    let (mia, noah): (Person, Person) = mia_and_noah();
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let (one, other) = (at_mia.window(), at_noah.window());
    one.reads("sharing-chip", "Live");
    look_in_vain(one);
    add_relay(one);

    one.select("Prepare");
    let node = one.selected_row().node;
    let visitors = format!("[data-node=\"{node}\"] [data-testid=\"visitors\"]");
    other.sees(&visitors);
    show_whereabouts(one, false);
    other.no_longer_sees(&visitors);
    other.sees("person");
    show_whereabouts(one, true);
    other.sees(&visitors);
    at_noah.close();
    at_mia.close();
}
