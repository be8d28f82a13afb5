//! Formatting, lints and tests of all our crates.
//!
//! Every command names `--workspace` and leaves the rest to filters: with the same packages chosen the features
//! of the dependencies are the same too, and the desktop shell is compiled once.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// The crate whose tests need a screen and a driver; the stage `e2e` runs them.
pub const E2E: &str = "e2e";

/// `cargo fmt --check`.
pub fn formatting(workspace: &Workspace) -> Result<()> {
    process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
}

/// `cargo clippy`, where a warning is an error.
pub fn lints(workspace: &Workspace) -> Result<()> {
    process::run(&mut workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Every test that needs no screen, the examples in the documentation included.
pub fn tests(workspace: &Workspace) -> Result<()> {
    run(workspace, &Choice::of(Only::Without(E2E)))?;
    let mut doc = workspace.cargo(&["test", "--workspace", "--doc", "--quiet"]);
    process::run(bindings_elsewhere(workspace, &mut doc)?)
}

/// Which package's tests to run.
pub enum Only<'a> {
    /// This package's.
    Package(&'a str),
    /// All but this package's.
    Without(&'a str),
}

/// Which tests to run, and what they are told.
pub struct Choice<'a> {
    /// Of which package.
    pub only: Only<'a>,
    /// Words, one of which a name has in it; without any: every name.
    pub filter: &'a [String],
    /// What no name has in it.
    pub without: Option<&'a str>,
    /// A variable of the environment and its value.
    pub told: Option<(&'a str, &'a str)>,
}

impl<'a> Choice<'a> {
    /// All tests there.
    pub fn of(only: Only<'a>) -> Self {
        Self {
            only,
            filter: &[],
            without: None,
            told: None,
        }
    }

    fn tell<'c>(&self, workspace: &Workspace, command: &'c mut Command) -> Result<&'c mut Command> {
        let command = bindings_elsewhere(workspace, command)?;
        Ok(command.envs(self.told))
    }
}

/// Runs tests with nextest if it is installed, otherwise one test program after the other.
pub fn run(workspace: &Workspace, choice: &Choice) -> Result<()> {
    if process::succeeds(&mut workspace.cargo(&["nextest", "--version"])) {
        return with_nextest(workspace, choice);
    }
    with_cargo(workspace, choice)
}

/// The names of all tests of a package.
pub fn names(workspace: &Workspace, package: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for program in build(workspace, &Only::Package(package))? {
        let mut list = Command::new(program.executable);
        let listed = process::read(list.current_dir(program.folder).arg("--list"))?;
        let tests = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        names.extend(tests.map(str::to_owned));
    }
    Ok(names)
}

fn with_nextest(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let mut set = match choice.only {
        Only::Package(name) => format!("package({name})"),
        Only::Without(name) => format!("not package({name})"),
    };
    if let Some(word) = choice.without {
        set += &format!(" and not test(~{word})");
    }
    let mut command = workspace.cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
        "-E",
        &set,
    ]);
    process::run(choice.tell(workspace, command.args(choice.filter))?)
}

/// `cargo test` cannot leave a package out without choosing other features, so it only builds.
fn with_cargo(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let mut failed = Vec::new();
    for program in build(workspace, &choice.only)? {
        let mut command = Command::new(&program.executable);
        command.current_dir(&program.folder).args(choice.filter);
        if let Some(word) = choice.without {
            command.args(["--skip", word]);
        }
        command.env("CARGO_MANIFEST_DIR", &program.folder);
        if process::run(choice.tell(workspace, &mut command)?).is_err() {
            failed.push(program.executable);
        }
    }
    if !failed.is_empty() {
        bail!(
            "{} test programs failed: {}",
            failed.len(),
            failed.join(", ")
        );
    }
    Ok(())
}

/// Builds the tests of all packages, and says which programs are those of the chosen.
fn build(workspace: &Workspace, only: &Only) -> Result<Vec<TestProgram>> {
    let mut build = workspace.cargo(&["test", "--workspace", "--no-run"]);
    build.arg("--message-format=json-render-diagnostics");
    eprintln!("  $ {}", process::describe(&build));
    let mut programs = test_programs(&process::read(&mut build)?)?;
    programs.retain(|program| match only {
        Only::Package(name) => program.package == *name,
        Only::Without(name) => program.package != *name,
    });
    if programs.is_empty() {
        bail!("there are no tests to run");
    }
    Ok(programs)
}

struct TestProgram {
    package: String,
    folder: String,
    executable: String,
}

#[derive(Deserialize)]
struct Artifact {
    manifest_path: Option<String>,
    profile: Option<Profile>,
    executable: Option<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The test programs among what cargo says it has built.
fn test_programs(messages: &str) -> Result<Vec<TestProgram>> {
    let mut programs = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let artifact: Artifact =
            serde_json::from_str(line).context("cargo speaks an unknown dialect")?;
        let is_test = artifact.profile.is_some_and(|profile| profile.test);
        if let (true, Some(manifest), Some(executable)) =
            (is_test, artifact.manifest_path, artifact.executable)
        {
            let folder = manifest
                .trim_end_matches("Cargo.toml")
                .trim_end_matches(['/', '\\'])
                .to_owned();
            let package = folder
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned();
            programs.push(TestProgram {
                package,
                folder,
                executable,
            });
        }
    }
    Ok(programs)
}

/// Tests export the bindings; in a check they must not mend the very files that are checked.
pub fn bindings_elsewhere<'a>(
    workspace: &Workspace,
    command: &'a mut Command,
) -> Result<&'a mut Command> {
    let folder = workspace.members()?.target_directory.join("bindings");
    Ok(command.env("TS_RS_EXPORT_DIR", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_programs_are_taken_from_what_cargo_built() -> Result<()> {
        let messages = r#"
{"reason":"compiler-artifact","manifest_path":"/a/crates/graph/Cargo.toml","profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/a/crates/graph/Cargo.toml","profile":{"test":true},"executable":"/t/graph-1"}
{"reason":"compiler-artifact","manifest_path":"/a/xtask/Cargo.toml","profile":{"test":false},"executable":"/t/xtask"}
{"reason":"build-finished","success":true}
"#;
        let programs = test_programs(messages)?;
        assert_eq!(programs.len(), 1);
        assert_eq!(
            (programs[0].package.as_str(), programs[0].folder.as_str()),
            ("graph", "/a/crates/graph")
        );
        Ok(())
    }
}
