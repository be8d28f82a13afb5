//! The soak in its short form.

#![allow(clippy::disallowed_methods, reason = "shell: it starts the program")]

use std::process::Command;

/// Long enough for several faults to come and to be mended.
const MINUTES: &str = "0.5";

#[test]
fn all_show_the_same_after_half_a_minute_of_faults() {
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(["run", "--minutes", MINUTES])
        .args(["--pause-ms", "300", "--fault-ms", "3000"])
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}\n{errors}");
    assert!(out.contains("all equal"), "{out}");
}
