//! Long texts and comments are read as Markdown, and nothing of them becomes a part of the page.

use e2e::{Desktop, Home, Screen, Window};

const NOTE: &str = "# Plan\n\n**bold** and <b onclick=\"x()\">typed</b> ![no](https://example.org/p.png)\n- [x] one\n- two";

fn is_there(window: &Window, selector: &str) -> bool {
    let script = "return document.querySelector(arguments[0]) !== null";
    window.run(script, vec![selector.into()]).as_bool() == Some(true)
}

#[test]
fn long_texts_and_comments_are_read_as_markdown_and_links_leave_the_page() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    home.note_opened_links();
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.open_sample("blank");
    window.press("Home");

    let notes = "inspector-field[data-field=\"notes\"]";
    window.click(&format!("{notes} [data-testid=\"prose-write\"]"));
    window.wait_for(
        "the editor to have the keyboard",
        "return document.activeElement?.closest('[data-testid=\"prose-editor\"]') != null",
    );
    window.press("Ctrl+A");
    window.edit("a long text", || {
        window.run(
            "document.execCommand('insertText', false, arguments[0])",
            vec![NOTE.into()],
        );
    });
    window.press("Escape");
    window.reads("prose h4", "Plan");
    window.reads("prose strong", "bold");
    window.reads("prose", "<b onclick=\"x()\">typed</b>");
    for unwanted in ["b", "img", "[onclick]"] {
        assert!(
            !is_there(window, &format!("[data-testid=\"prose\"] {unwanted}")),
            "{unwanted}"
        );
    }
    window.screenshot("long-text");

    window.edit("a comment", || {
        window.fill(
            "inspector textarea[aria-label=\"Comment\"]",
            "See [the *site*](https://example.org/page?a=1&b=2), `now`",
        );
        window.press("Ctrl+Enter");
    });
    window.reads("comment-body em", "site");
    window.screenshot("comment");
    window.click("comment-body a");
    window.until("the link to be opened", || {
        (desktop.opened_links(&home) == ["https://example.org/page?a=1&b=2"]).then_some(())
    });
    window.sees("outline-grid");
    desktop.close();
}
