//! From measurements to lines of a table.

use std::path::PathBuf;

use serde_json::{Value, json};

#[derive(Default)]
pub struct Report {
    lines: Vec<Value>,
}

impl Report {
    /// A line whose value should stay at or below a target.
    pub fn line(&mut self, id: &str, unit: &str, value: f64, target: Option<f64>) {
        let met = target.map(|target| value <= target);
        self.add(id, unit, value, target, met);
    }

    /// A line whose value should reach a target.
    pub fn at_least(&mut self, id: &str, unit: &str, value: f64, target: f64) {
        self.add(id, unit, value, Some(target), Some(value >= target));
    }

    fn add(&mut self, id: &str, unit: &str, value: f64, target: Option<f64>, met: Option<bool>) {
        eprintln!("  {id}: {value:.3} {unit} (target {target:?}, met {met:?})");
        self.lines.push(json!({
            "id": id, "value": value, "unit": unit, "spread": null,
            "target": target, "met": met, "reference": null,
        }));
    }

    pub fn write(&self) {
        let target = std::env::var("CARGO_TARGET_DIR")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target").to_owned());
        let folder = PathBuf::from(target).join("bench");
        std::fs::create_dir_all(&folder).unwrap();
        let text = serde_json::to_string_pretty(&self.lines).unwrap();
        std::fs::write(folder.join("api.json"), text).unwrap();
    }
}

/// The value below which this share of all lies.
pub fn share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len() - 1);
    sorted[place]
}
