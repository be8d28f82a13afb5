//! The table of layers. A new arrow is a decision: it is made here, in the open.

/// What a crate may use of ours.
pub enum Allowed {
    /// Exactly these.
    Only(&'static [&'static str]),
    /// Everything that is built; for what is never shipped.
    Everything,
}

impl Allowed {
    /// Whether the table has this arrow.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(&name),
            Self::Everything => name != "xtask",
        }
    }
}

/// The pure core and what stands on it: no disk, socket, clock, randomness or task.
pub const CORE: &[&str] = &["graph", "trust", "sync", "insight", "interchange"];

/// What tests of any crate may use.
pub const FOR_TESTS: &str = "testkit";

/// Crates from below to above; each may use what stands behind it and nothing else.
const LAYERS: &[(&str, Allowed)] = &[
    ("fault", Allowed::Only(&[])),
    ("graph", Allowed::Only(&["fault"])),
    ("trust", Allowed::Only(&[])),
    ("sync", Allowed::Only(&["fault", "trust"])),
    ("insight", Allowed::Only(&["graph"])),
    ("interchange", Allowed::Only(&["graph", "insight"])),
    ("store", Allowed::Only(&["fault"])),
    ("keychain", Allowed::Only(&["store"])),
    ("discovery", Allowed::Only(&[])),
    ("relay", Allowed::Only(&["fault", "sync", "trust", "store"])),
    ("cluster", Allowed::Only(&["relay", "sync", "trust"])),
    ("app", Allowed::Only(APP)),
    ("api", Allowed::Only(&["app", "relay"])),
    ("cli", Allowed::Only(&["app", "api", "keychain"])),
    (
        "relayd",
        Allowed::Only(&["relay", "cluster", "trust", "store", "discovery"]),
    ),
    ("talus-tally", Allowed::Only(&["app", "api", "keychain"])),
    ("testkit", Allowed::Everything),
    ("scenarios", Allowed::Everything),
    ("sim", Allowed::Everything),
    ("soak", Allowed::Everything),
    ("hostile", Allowed::Everything),
    ("compat", Allowed::Everything),
    ("interop", Allowed::Everything),
    ("e2e", Allowed::Everything),
    ("xtask", Allowed::Only(&[])),
];

const APP: &[&str] = &[
    "fault",
    "graph",
    "insight",
    "interchange",
    "sync",
    "trust",
    "store",
    "relay",
    "discovery",
];

/// What a crate may use, if the table has the crate.
pub fn allowed(name: &str) -> Option<&'static Allowed> {
    LAYERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, allowed)| allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_uses_only_what_stands_below_it() {
        for (place, (name, allowed)) in LAYERS.iter().enumerate() {
            let Allowed::Only(names) = allowed else {
                continue;
            };
            for used in *names {
                let below = LAYERS[..place].iter().any(|(known, _)| known == used);
                assert!(below, "{name} -> {used} does not point down");
            }
        }
    }
}
