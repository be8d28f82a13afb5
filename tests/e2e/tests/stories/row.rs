//! Places of a row of the outline, and what is remembered of how it is looked at.

use e2e::{Spot, Window};
use serde_json::{Value, json};

const ROW: &str = "const rows = [...document.querySelectorAll('[role=\"row\"][data-node]')];
    const row = rows.find((one) => one.querySelector('[data-part=\"title\"]')?.innerText === arguments[0]);";

fn part_of(window: &Window, name: &str, find: &str, part: (f64, f64)) -> Spot {
    window.sees_row(name);
    window.spot_of(&format!("{ROW} return {find}"), vec![json!(name)], part)
}

/// A place of the row that is called so.
pub fn row_named(window: &Window, name: &str, part: (f64, f64)) -> Spot {
    part_of(window, name, "row", part)
}

/// Where one takes hold of it.
pub fn title(window: &Window, name: &str) -> Spot {
    part_of(
        window,
        name,
        "row.querySelector('[data-part=\"title\"]')",
        (0.2, 0.5),
    )
}

/// The sign of its type, which tells how deep it stands.
pub fn icon(window: &Window, name: &str) -> Spot {
    part_of(
        window,
        name,
        "row.querySelector('.title-cell > :nth-child(2)')",
        (0.5, 0.5),
    )
}

/// Waits until what the kept layout of the project has under a name is right.
pub fn is_remembered(window: &Window, name: &str, is_right: impl Fn(&Value) -> bool) {
    let request = json!({ "kind": "readLayout", "project": window.project() });
    window.until("the layout to be kept", || {
        let reply = window.call(request.clone()).expect("an open project");
        let layout: Value = serde_json::from_str(reply["layout"].as_str()?).ok()?;
        is_right(&layout[name]).then_some(())
    });
}
