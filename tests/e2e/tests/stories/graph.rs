//! Links are drawn, refused and removed on the canvas.

use e2e::{Desktop, Home, Screen, Spot, Window};
use serde_json::Value;

const NAMES: [&str; 3] = ["Foundations", "Walls", "Roof"];

fn node(window: &Window, title: &str) -> String {
    let card = format!(
        "return document.querySelector('[data-testid=\"graph-node\"][title=\"{title}\"]')?.dataset.node ?? null"
    );
    window.until(title, || {
        window.run(&card, Vec::new()).as_str().map(str::to_owned)
    })
}

fn handle(window: &Window, title: &str, kind: &str) -> Spot {
    let card = node(window, title);
    window.spot(
        &format!("[data-id=\"{card}\"] .svelte-flow__handle.{kind}"),
        (0.5, 0.5),
    )
}

/// Draws a line from the right of one card to the left of another.
fn draw(window: &Window, from: &str, to: &str) {
    window.sees_nothing_change();
    let (start, end) = (handle(window, from, "source"), handle(window, to, "target"));
    window.drag(start, end);
}

fn links(window: &Window) -> usize {
    window.content()["links"].as_array().map_or(0, Vec::len)
}

/// How many lines are drawn.
fn lines(window: &Window) -> Value {
    window.run(
        "return document.querySelectorAll('.svelte-flow__edge').length",
        Vec::new(),
    )
}

/// Whether every card is within the canvas.
fn all_in_sight(window: &Window) -> bool {
    let script = "const view = document.querySelector('.svelte-flow').getBoundingClientRect();
        const cards = [...document.querySelectorAll('[data-testid=\"graph-node\"]')].map((card) => card.getBoundingClientRect());
        return cards.length === arguments[0] && cards.every((card) =>
            card.left >= view.left && card.right <= view.right && card.top >= view.top && card.bottom <= view.bottom)";
    window.run(script, vec![NAMES.len().into()]) == Value::Bool(true)
}

#[test]
fn links_are_drawn_from_card_to_card_and_a_circle_is_named() {
    let (home, screen) = (Home::new(), Screen::start(1600, 900));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    window.new_project("blank", "House");
    window.click("[data-testid^=\"first-\"]");
    for name in NAMES {
        window.edit(name, || {
            window.type_into("title-editor", name);
            window.press("Enter");
        });
        window.sees_row(name);
    }
    window.press("Escape");
    window.run_command("Graph");

    window.edit("a link", || draw(window, "Foundations", "Walls"));
    window.edit("another link", || draw(window, "Walls", "Roof"));
    window.sees_nothing_change();
    window.screenshot("graph-links");
    let before = window.content();
    draw(window, "Roof", "Foundations");
    window.reads("toast", "This would block in a circle");
    for name in NAMES {
        window.reads("toast", name);
    }
    window.screenshot("graph-circle");
    assert_eq!(window.content(), before, "a refused link changes nothing");
    assert_eq!(links(window), 2);
    assert_eq!(lines(window), 2, "nor is it drawn");

    // A click on a line offers to remove it.
    let line = "const line = document.querySelector('.svelte-flow__edge.blocks path.svelte-flow__edge-path');
        const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
        return { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) }";
    let middle = window.spot_of(line, Vec::new(), (0.0, 0.0));
    window.click_at(middle);
    window.sees("graph-unlink");
    window.screenshot("graph-unlink");
    window.edit("the removal of a link", || window.click("graph-unlink"));
    assert_eq!(links(window), 1);
    window.edit("an undo", || window.press("Ctrl+Z"));
    assert_eq!(window.content(), before);

    // The canvas is moved by dragging it, and everything comes back to sight.
    window.sees("[class~=\"svelte-flow__minimap\"]");
    window.sees_nothing_change();
    assert!(all_in_sight(window), "all is in sight at first");
    let canvas = "[class~=\"svelte-flow__pane\"]";
    window.drag(
        window.spot(canvas, (0.5, 0.1)),
        window.spot(canvas, (0.5, 0.95)),
    );
    window.until("the cards to leave", || {
        (!all_in_sight(window)).then_some(())
    });
    window.click("[aria-label=\"Graph\"] [aria-label=\"Fit\"]");
    window.until("the cards to be back", || {
        all_in_sight(window).then_some(())
    });
    desktop.close();
}
