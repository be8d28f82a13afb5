//! The outline as it is on the screen.

use serde::Deserialize;

use crate::window::Window;

/// A row that is in the page now. Most rows of a large project are not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutlineRow {
    /// Id of the node.
    pub node: String,
    /// Depth, from 1.
    pub level: u32,
    /// Title.
    pub title: String,
    /// Whether it is selected.
    pub is_selected: bool,
}

const ROWS: &str = r#"
const rows = [...document.querySelectorAll('[role="row"][data-node]')];
rows.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
return rows.map((row) => ({
    node: row.dataset.node ?? '',
    level: Number(row.getAttribute('aria-level')),
    title: row.querySelector('[data-part="title"]')?.innerText ?? '',
    isSelected: row.getAttribute('aria-selected') === 'true',
}))"#;

impl Window {
    /// The rows in the page, from top to bottom.
    pub fn outline_rows(&self) -> Vec<OutlineRow> {
        serde_json::from_value(self.run(ROWS, Vec::new())).expect("rows")
    }

    /// Waits until a row has this title.
    pub fn sees_row(&self, title: &str) {
        self.reads("row-title", title);
    }

    /// The selected row; there has to be exactly one.
    pub fn selected_row(&self) -> OutlineRow {
        let mut selected: Vec<_> = self
            .outline_rows()
            .into_iter()
            .filter(|row| row.is_selected)
            .collect();
        assert_eq!(selected.len(), 1, "one selected row");
        selected.remove(0)
    }
}
