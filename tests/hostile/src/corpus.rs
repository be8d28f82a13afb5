//! Bytes that once did harm, or that nothing else leads to: `fuzz/corpus/NAME.txt`, a line of hexadecimal digits each.
//!
//! They are text, so that a change of them can be read.

use std::path::PathBuf;

/// Where they are kept.
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"))
}

/// Those of one body; a body need not have any.
///
/// # Panics
/// When a line is not what it should be.
pub fn of(body: &str) -> Vec<Vec<u8>> {
    let file = folder().join(format!("{body}.txt"));
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| from_hex(line).unwrap_or_else(|| panic!("{body}: `{line}`")))
        .collect()
}

/// Bytes as a line.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A line as bytes.
pub fn from_hex(line: &str) -> Option<Vec<u8>> {
    let digits = line.trim().as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}
