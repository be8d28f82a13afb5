//! Measures the real window.
fn main() {}
