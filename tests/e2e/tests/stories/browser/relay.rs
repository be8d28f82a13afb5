//! An admin looks after a relay by its page.

use e2e::{RelayPage, Screen, Window};
use relay::Limits;
use testkit::links::{Member, room};

use crate::accessible::check;

/// Looks at what is shown now by day and by night.
fn look_in_both_themes(page: &RelayPage, screen: &str) {
    for theme in ["light", "dark"] {
        page.prefer(theme);
        check(page.window(), &format!("{screen}, {theme}"));
        page.window().screenshot(&format!("{screen}-{theme}"));
    }
}

/// The button of this name in the row of a table that names this.
fn press(window: &Window, section: &str, row: &str, button: &str) {
    let press = "const row = [...document.querySelectorAll(`section[aria-labelledby=${arguments[0]}] tbody tr`)]
            .find((one) => one.innerText.includes(arguments[1]));
        const button = [...row?.querySelectorAll('button') ?? []].find((one) => one.innerText.startsWith(arguments[2]));
        button?.focus();
        return button !== undefined;";
    let found = window.run(press, vec![section.into(), row.into(), button.into()]);
    assert_eq!(found, true, "{section}: {row}: {button}");
    window.press("Enter");
}

/// Answers the question that follows.
fn confirm(page: &RelayPage, question: &str) {
    page.window().reads(":is(h1)", question);
    look_in_both_themes(page, "relay-question");
    page.window().click(":is(button.danger)");
}

#[test]
fn an_admin_comes_by_a_link_and_lets_in_and_sends_away() {
    let page = RelayPage::open(&Screen::start(1280, 800));
    let window = page.window();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let _entered = runtime.enter();
    let here = room(1);
    let dial = |number| Member::dial(number, &here, page.address.into(), Limits::default());
    let (ana, ben) = (dial(1), dial(2));
    ana.write(3, 10_000);
    runtime.block_on(ben.holds(3));

    let link = page.command(&["admin-link"]);
    let (origin, _) = link.split_once("/enter/").expect("a link");
    window.go_to(origin);
    window.reads(":is(main)", "tally-relay admin-link");
    window.go_to(link.trim());
    look_in_both_themes(&page, "relay-door");
    window.click(":is(button)");
    window.reads(":is(dl)", "1 open, 1 on the disk");
    assert_eq!(window.run("return document.scripts.length", Vec::new()), 0);
    assert_eq!(window.run("return document.cookie", Vec::new()), "");

    window.fill("[name=label]", "<i>the team</i>");
    window.fill("[name=address]", "relay.example:7825");
    window.click(":is(fieldset button)");
    window.reads(":is(.notice)", "talus://relay#");
    window.reads(":is(tbody)", "<i>the team</i>");
    look_in_both_themes(&page, "relay");
    press(window, "tokens", "the team", "Revoke");
    confirm(&page, "Revoke this token?");
    window.reads(":is(.notice)", "is revoked");
    assert!(page.command(&["tokens", "list"]).contains("revoked"));

    press(window, "devices", "0101010101010101", "Send away");
    confirm(&page, "Send this device away?");
    window.reads(":is(.notice)", "1 link(s)");
    runtime.block_on(ana.until("she is back", |view| view.ups == 2));
    assert_eq!(ben.view().ups, 1);
    drop((ana, ben));

    let digits = &here.room().to_string()[..16];
    press(window, "rooms", digits, "Remove");
    confirm(&page, "Remove this room?");
    window.reads(":is(.notice)", "is removed");
    window.reads(":is(.none)", "No rooms are kept here.");
    assert_eq!(page.command(&["rooms", "list"]), "no rooms\n");

    let own = window.run("return location.href", Vec::new());
    let own = own.as_str().expect("text").to_owned();
    window.click(":is(header button)");
    window.reads(":is(main)", "tally-relay admin-link");
    for gone in [&own, link.trim()] {
        window.go_to(gone);
        if gone != own {
            window.click(":is(button)");
        }
        window.reads(":is(.notice)", "too old");
    }
}
