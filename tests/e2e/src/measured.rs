//! What a bench reports.

use serde_json::{Value, json};

use crate::artifact;

/// One line of the report.
pub struct Measured {
    id: &'static str,
    unit: &'static str,
    /// Sorted.
    runs: Vec<f64>,
    /// Which part of the runs lies at or below the value.
    part: f64,
    target: f64,
}

impl Measured {
    /// Of `runs` in any order. `part` of them, 0.5 for a median, should lie at or below `target`.
    pub fn new(
        id: &'static str,
        unit: &'static str,
        mut runs: Vec<f64>,
        part: f64,
        target: f64,
    ) -> Self {
        runs.sort_by(f64::total_cmp);
        Self {
            id,
            unit,
            runs,
            part,
            target,
        }
    }

    /// Prints the lines of an area and writes them to `target/bench/AREA.json`.
    pub fn report(area: &str, measured: &[Self]) {
        let lines: Vec<Value> = measured.iter().map(Self::json).collect();
        let text = serde_json::to_string_pretty(&lines).expect("numbers and words");
        println!("{text}");
        let path = artifact("bench", &format!("{area}.json"));
        std::fs::write(path, text).expect("target/ can be written");
    }

    fn at(&self, part: f64) -> f64 {
        self.runs[((self.runs.len() - 1) as f64 * part).round() as usize]
    }

    fn json(&self) -> Value {
        let value = self.at(self.part);
        json!({
            "id": self.id, "value": value, "unit": self.unit, "spread": (self.at(0.75) - self.at(0.25)) / 2.0,
            "target": self.target, "met": value <= self.target, "reference": null,
        })
    }
}
