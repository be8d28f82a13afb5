//! What is of a page in a browser alone: it can be left, lose its server, and be let in no more.

#[cfg(target_os = "linux")]
#[path = "browser/relay.rs"]
mod relay;

use e2e::{Desktop, Home, Screen, Window};

use crate::accessible::check;

/// Nothing can be asked here, so nobody's choice of a theme is kept: the page is given each of them.
fn look_in_every_theme(window: &Window, screen: &str) {
    for theme in ["light", "highContrast", "dark"] {
        window.run(
            "document.documentElement.dataset.theme = arguments[0]",
            vec![theme.into()],
        );
        check(window, &format!("{screen}, {theme}"));
        window.screenshot(&format!("{screen}-{theme}"));
    }
}

#[test]
fn a_page_that_loses_its_server_says_what_to_do() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("book");
    let mut desktop = Desktop::open(&home, &screen);
    desktop.window().sees("row-title");
    desktop.window().sees_saved();
    let content = desktop.window().content();
    desktop.stop_serving();
    desktop.window().sees("away");
    desktop.window().sees("row-title");
    look_in_every_theme(desktop.window(), "away");
    let address = desktop.serve_again(&home);
    let window = desktop.window();
    window.sees("visit-over");
    look_in_every_theme(window, "visit-over");
    window.go_to(&address);
    window.sees("row-title");
    assert_eq!(window.content(), content);
    desktop.close();
}

#[test]
fn what_is_being_typed_when_one_leaves_the_page_is_kept() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("book");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    window.press("Home");
    window.press("F2");
    window.has_keyboard("title-editor");
    window.press("Ctrl+A");
    window.type_text("Last words");
    leave_and_return(window);
    window.sees_row("Last words");
    desktop.close();
}

fn leave_and_return(window: &Window) {
    let address = window.run("return location.origin", Vec::new());
    window.go_to("about:blank");
    window.go_to(address.as_str().expect("text"));
    window.sees("row-title");
}

/// A browser keeps pages that were left: none of them may go on hearing what happens.
#[test]
fn one_may_leave_and_return_as_often_as_one_likes() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("book");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    for _ in 0..8 {
        leave_and_return(window);
    }
    window.go_to("about:blank");
    window.go_back();
    window.sees("row-title");
    window.no_longer_sees("away");
    window.select("Before the bees");
    window.edit("a deletion", || window.press("Delete"));
    window.reads("status-trash .figures", "1");
    desktop.close();
}

/// A browser opens six connections of HTTP to one address. What happens is heard in another way.
#[test]
fn one_may_have_as_many_tabs_as_one_likes() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.make_sample("book");
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.sees("row-title");
    let address = window.run("return location.origin", Vec::new());
    for _ in 0..8 {
        window.open_tab(address.as_str().expect("text"));
        window.sees("row-title");
    }
    window.select("Before the bees");
    window.edit("a deletion", || window.press("Delete"));
    for tab in 0..8 {
        window.go_to_tab(tab);
        window.reads("status-trash .figures", "1");
    }
    desktop.close();
}
