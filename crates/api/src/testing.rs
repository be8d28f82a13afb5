//! Bodies for the hostile bytes that are read here. They return whatever the bytes are; a panic is a defect.

use crate::door::wire::{self, Ends, Said};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[("door", door, door_samples)];

const ENDS: Ends<'_> = Ends {
    us: "tally",
    them: "board",
};

/// What a client of automerge-repo says. What it says of a document is said again as it was.
pub fn door(bytes: &[u8]) {
    if let Some(Said::Sync { document, data }) = wire::read(bytes) {
        let again = wire::read(&ENDS.sync(&document, &data));
        assert_eq!(again, Some(Said::Sync { document, data }));
    }
}

fn door_samples() -> Vec<Vec<u8>> {
    // {"type": "join", "senderId": "board", "supportedProtocolVersions": ["1"]}
    let join = [
        &b"\xa3\x64type\x64join\x68senderId\x65board"[..],
        b"\x78\x19supportedProtocolVersions\x81\x611",
    ];
    vec![
        join.concat(),
        ENDS.sync("2Ab", &[1, 2]),
        ENDS.peer(),
        ENDS.unavailable("2Ab"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_messages() {
        for sample in door_samples() {
            assert!(wire::read(&sample).is_some());
        }
    }
}
