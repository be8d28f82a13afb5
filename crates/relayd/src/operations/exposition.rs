//! Numbers in the text format of Prometheus, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::{Display, Write};

use relay::Latency;

/// What a page of it is called.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page that is being written: one family of numbers after the other.
#[derive(Default)]
pub struct Page(String);

impl Page {
    /// A number that rises and falls.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.begin(name, "gauge", help);
        self.line(name, "", value);
    }

    /// A number that only rises; by convention its name ends in `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.counters(name, help, "", [("", value)]);
    }

    /// Such a number for each value of a label.
    pub fn counters<'a, N: Display>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, N)>,
    ) {
        self.begin(name, "counter", help);
        for (value, number) in values {
            let labels = match label {
                "" => String::new(),
                label => format!("{{{label}=\"{value}\"}}"),
            };
            self.line(name, &labels, number);
        }
    }

    /// How long something took.
    pub fn histogram(&mut self, name: &str, help: &str, latency: &Latency) {
        self.begin(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (end_s, count) in &latency.buckets {
            self.line(&bucket, &format!("{{le=\"{end_s}\"}}"), count);
        }
        self.line(&bucket, "{le=\"+Inf\"}", latency.count);
        self.line(&format!("{name}_sum"), "", latency.sum_s);
        self.line(&format!("{name}_count"), "", latency.count);
    }

    /// What is constant, as labels of a 1.
    pub fn constant(&mut self, name: &str, help: &str, labels: &[(&str, &str)]) {
        self.begin(name, "gauge", help);
        let labels: Vec<_> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        self.line(name, &format!("{{{}}}", labels.join(",")), 1);
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.0
    }

    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        let text = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        self.0.push_str(&text);
    }

    fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        // A string takes everything.
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_prometheus_reads_them() {
        let mut page = Page::default();
        page.gauge("links", "Links there are.", 3);
        page.counters(
            "refusals_total",
            "By reason.",
            "reason",
            [("rate", 1), ("full", 2)],
        );
        let latency = Latency {
            buckets: vec![(0.25, 1), (1.0, 4)],
            count: 5,
            sum_s: 9.5,
        };
        page.histogram("seconds", "How long.", &latency);
        page.constant("info", "Which.", &[("version", "1")]);
        let expected = "\
            # HELP links Links there are.\n# TYPE links gauge\nlinks 3\n\
            # HELP refusals_total By reason.\n# TYPE refusals_total counter\n\
            refusals_total{reason=\"rate\"} 1\nrefusals_total{reason=\"full\"} 2\n\
            # HELP seconds How long.\n# TYPE seconds histogram\n\
            seconds_bucket{le=\"0.25\"} 1\nseconds_bucket{le=\"1\"} 4\nseconds_bucket{le=\"+Inf\"} 5\n\
            seconds_sum 9.5\nseconds_count 5\n\
            # HELP info Which.\n# TYPE info gauge\ninfo{version=\"1\"} 1\n";
        assert_eq!(page.finish(), expected);
    }
}
