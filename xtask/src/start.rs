//! `cargo xtask run`: from a fresh clone to the open window, or to the address for a browser.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::workspace::Workspace;

/// The desktop app: package and program have one name.
pub const APP: &str = "talus-tally";

/// What `demo` ends with when there is no screen to open windows on.
const NO_DISPLAY: u8 = 2;

const NO_DISPLAY_HELP: &str = "\
There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set, so no window can open.

  On this machine     run it from a terminal of your desktop session
  Over ssh            connect with `ssh -X` (or `ssh -Y`) and run it again
  Without a screen    apt-get install xvfb, then
                      xvfb-run -s '-screen 0 1280x800x24' cargo xtask demo

`cargo xtask run` serves a browser where there is no display. The tests need none: `cargo xtask test` brings its own.
";

/// The command-line program, which serves the UI to a browser.
const SERVER: &str = "tally";

/// `cargo xtask run [--release] [ARGS]`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let (is_release, passed_on) = split(arguments);
    let mut command = match has_screen() {
        true => {
            setup::prepare(workspace, Ready::Build, Manner::Ask)?;
            process::timed("building the desktop app", || build(workspace, is_release))?;
            Command::new(program(workspace, is_release)?)
        }
        false => {
            eprintln!("- there is no display: a browser of this machine shows the same");
            setup::prepare(workspace, Ready::Page, Manner::Ask)?;
            process::timed("building `tally serve`", || {
                build_server(workspace, is_release)
            })?;
            let program = server(workspace, is_release)?;
            let mut command = Command::new(&program);
            command.arg("serve");
            eprintln!("- another address later: {} page", program.display());
            command
        }
    };
    eprintln!("- starting {}", process::describe(&command));
    let status = command.args(passed_on).status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What to end with, after having said why, where no window can open.
pub fn without_display() -> Option<ExitCode> {
    if has_screen() {
        return None;
    }
    eprint!("{NO_DISPLAY_HELP}");
    Some(ExitCode::from(NO_DISPLAY))
}

fn has_screen() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || has_display(is_set)
}

/// Builds what a machine without a screen needs, and nothing of the desktop.
pub fn build_server(workspace: &Workspace, is_release: bool) -> Result<()> {
    let mut command = workspace.cargo(&["build", "--package", "cli", "--bin", SERVER]);
    if is_release {
        command.arg("--release");
    }
    process::run(&mut command)
}

/// Builds the desktop app as it ships, or every program of the workspace with the features that the tests have too.
///
/// `--workspace --bins` alone is not enough for the latter: cargo leaves the features out that only tests switch on, and
/// one such feature deep down compiles the whole desktop shell a second time. One test target, the smallest, brings them
/// in. In release every program is linked with all that it has in it, which takes minutes for each; so it is the app alone.
pub fn build(workspace: &Workspace, is_release: bool) -> Result<()> {
    let mut command = workspace.cargo(&["build", "--workspace"]);
    command.args(if is_release {
        ["--release", "--bin", APP].as_slice()
    } else {
        &["--bins", "--test", "setup"]
    });
    process::run(&mut command)
}

/// Where cargo puts the desktop app.
pub fn program(workspace: &Workspace, is_release: bool) -> Result<std::path::PathBuf> {
    built(workspace, is_release, APP)
}

/// Where cargo puts the command-line program.
pub fn server(workspace: &Workspace, is_release: bool) -> Result<std::path::PathBuf> {
    built(workspace, is_release, SERVER)
}

fn built(workspace: &Workspace, is_release: bool, name: &str) -> Result<std::path::PathBuf> {
    let profile = if is_release { "release" } else { "debug" };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace
        .members()?
        .target_directory
        .join(profile)
        .join(name))
}

fn has_display(is_set: impl Fn(&str) -> bool) -> bool {
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Our own flag from the front, and what belongs to the app.
fn split(arguments: &[String]) -> (bool, &[String]) {
    let (is_release, rest) = match arguments.split_first() {
        Some((first, rest)) if first == "--release" => (true, rest),
        _ => (false, arguments),
    };
    let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
    (is_release, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_display_will_do() {
        assert!(has_display(|name| name == "DISPLAY"));
        assert!(has_display(|name| name == "WAYLAND_DISPLAY"));
        assert!(!has_display(|_| false));
    }

    #[test]
    fn what_follows_our_flag_goes_to_the_app() {
        let arguments = ["--release", "--", "a.talus", "--release"].map(str::to_owned);
        assert_eq!(split(&arguments), (true, &arguments[2..]));
        assert_eq!(split(&arguments[2..]), (false, &arguments[2..]));
    }
}
