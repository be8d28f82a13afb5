//! What axe-core finds wrong with the page as it is shown.

use std::path::Path;

use serde::Deserialize;

use crate::window::Window;

/// A rule that the page breaks.
#[derive(Debug, Deserialize)]
pub struct Violation {
    /// Name of the rule.
    pub id: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// Which elements, and why.
    pub places: Vec<String>,
}

impl Violation {
    /// Whether somebody is kept from using the page.
    pub fn is_serious(&self) -> bool {
        matches!(self.impact.as_str(), "serious" | "critical")
    }
}

const RUN: &str = r#"
const done = arguments[0];
axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.map(({ id, impact, nodes }) => ({
    id, impact: impact ?? 'minor',
    places: nodes.slice(0, 8).map(({ target, failureSummary }) => `${target.join(' ')}: ${(failureSummary ?? '').replace(/\s+/g, ' ')}`),
}))), (error) => done([{ id: 'axe', impact: 'critical', places: [String(error)] }]))"#;

impl Window {
    /// Every rule that the page breaks now.
    pub fn violations(&self) -> Vec<Violation> {
        let is_there = self.run("return typeof window.axe === 'object'", Vec::new());
        if is_there.as_bool() != Some(true) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../ui/node_modules/axe-core/axe.min.js");
            let axe =
                std::fs::read_to_string(path).expect("axe-core is among the packages of the UI");
            self.run(&axe, Vec::new());
        }
        serde_json::from_value(self.run_async(RUN, Vec::new())).expect("violations")
    }
}
