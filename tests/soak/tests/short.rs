//! The soak in its short form.

#![allow(clippy::disallowed_methods, reason = "shell: it starts the program")]

use std::process::Command;

/// Long enough for several faults to come and to be mended.
const MINUTES: &str = "0.5";

#[test]
fn all_show_the_same_after_half_a_minute_of_faults() {
    let faults = ["--pause-ms", "300", "--fault-ms", "3000"];
    let out = soak(&[&["run", "--minutes", MINUTES], &faults[..]].concat());
    assert!(out.contains("all equal"), "{out}");
}

#[test]
fn a_relay_loses_nothing_of_a_small_crowd() {
    let length = ["relay", "--minutes", "0.15", "--pause-ms", "300"];
    let crowd = ["--rooms", "3", "--devices=4", "--room-s", "3"];
    let out = soak(&[length, crowd].concat());
    let told = out.lines().rfind(|line| line.contains("checked"));
    assert!(!told.unwrap().contains(" 0 checked"), "{out}");
    assert!(out.contains("nothing lost"), "{out}");
}

/// What it says, if it ends well.
fn soak(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(arguments)
        .output()
        .expect("it starts");
    let out = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}\n{errors}");
    out.into_owned()
}
