//! Running `ip`, the one program that is needed.

use std::process::Command;

/// Runs `ip` with the words of `line` and says what went wrong, if anything did.
pub fn attempt(line: &str) -> Result<(), String> {
    let output = Command::new("ip")
        .args(line.split_whitespace())
        .output()
        .map_err(|error| {
            format!("cannot run `ip` ({error}); `cargo xtask setup --test` installs iproute2")
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`ip {line}` failed: {}", said.trim()))
}

/// The same where it has to work.
pub fn run(line: &str) {
    if let Err(error) = attempt(line) {
        panic!("{error}");
    }
}
