//! Where the programs under test are, and where pictures go.

use std::path::PathBuf;

/// The desktop app that was built beside this test. `TALUS_E2E_PROGRAM` names another one.
pub fn program() -> PathBuf {
    found("TALUS_E2E_PROGRAM", "talus-tally")
}

/// The command-line program that was built beside this test, which serves the UI to a browser. `TALUS_E2E_SERVER` names
/// another one.
pub fn server() -> PathBuf {
    found("TALUS_E2E_SERVER", "tally")
}

/// The relay that was built beside this test. `TALUS_E2E_RELAY` names another one.
pub fn relay() -> PathBuf {
    found("TALUS_E2E_RELAY", "tally-relay")
}

fn found(variable: &str, name: &str) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let program = named.unwrap_or_else(|| built().join(name));
    assert!(
        program.is_file(),
        "{} is missing: run `cargo build --workspace --bins`",
        program.display()
    );
    program
}

/// A file below `target/`, whose folder is there.
pub fn artifact(folder: &str, name: &str) -> PathBuf {
    let folder = built()
        .parent()
        .expect("target/ holds the profile")
        .join(folder);
    std::fs::create_dir_all(&folder).expect("target/ can be written");
    folder.join(name)
}

/// `target/PROFILE`; tests lie one folder deeper.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("the test runs");
    test.ancestors()
        .nth(2)
        .expect("target/PROFILE/deps/TEST")
        .to_owned()
}
