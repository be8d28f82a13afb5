//! The places of the page that a story may take hold of: `ui/src/testids.ts`.

const LISTED: &str = include_str!("../../../ui/src/testids.ts");

/// A selector for what has the id `name`, which may be followed by a condition: `outline-row[aria-level="2"]`.
pub fn selector(name: &str) -> String {
    let (id, condition) = name.split_at(name.find('[').unwrap_or(name.len()));
    assert!(
        LISTED.contains(&format!("'{id}'")),
        "ui/src/testids.ts does not list {id}"
    );
    format!("[data-testid=\"{id}\"]{condition}")
}
