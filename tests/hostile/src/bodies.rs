//! All bodies.

use crate::{corpus, forged};

/// What takes the hostile bytes of one decoder.
#[derive(Clone, Copy)]
pub struct Body {
    /// Whose decoder it is.
    pub owner: &'static str,
    /// Unlike that of any other.
    pub name: &'static str,
    /// Returns whatever the bytes are; a panic is a defect.
    pub take: fn(&[u8]),
    samples: fn() -> Vec<Vec<u8>>,
}

impl Body {
    /// Bytes to begin from: good ones, and what once did harm.
    pub fn beginnings(&self) -> Vec<Vec<u8>> {
        let mut beginnings = (self.samples)();
        beginnings.extend(corpus::of(self.name));
        beginnings
    }
}

/// All of them.
pub fn all() -> Vec<Body> {
    type Row = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);
    let tables: [(&'static str, &[Row]); 8] = [
        ("trust", trust::testing::BODIES),
        ("sync", sync::testing::BODIES),
        ("relay", relay::testing::BODIES),
        ("discovery", discovery::testing::BODIES),
        ("graph", graph::testing::BODIES),
        ("graph", forged::BODIES),
        ("app", app::testing::BODIES),
        ("api", api::testing::BODIES),
    ];
    let rows = tables
        .into_iter()
        .flat_map(|(owner, rows)| rows.iter().map(move |row| (owner, row)));
    let bodies = rows.map(|(owner, &(name, take, samples))| Body {
        owner,
        name,
        take,
        samples,
    });
    bodies.collect()
}

/// The one of this name.
pub fn find(name: &str) -> Option<Body> {
    all().into_iter().find(|body| body.name == name)
}
