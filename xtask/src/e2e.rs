//! `cargo xtask e2e`: the stories, at the real window on a screen of its own or in a browser.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::rust::{self, Choice, Only};
use crate::setup::{self, Manner, Ready};
use crate::start;
use crate::workspace::Workspace;

/// What shows the UI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Host {
    Window,
    Browser,
}

impl Host {
    /// What stories are told by `TALUS_E2E_HOST`.
    fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Browser => "browser",
        }
    }

    /// The module of the stories that it is spared.
    fn spared(self) -> &'static str {
        match self {
            Self::Window => "browser::",
            Self::Browser => "window::",
        }
    }
}

/// `cargo xtask e2e [--browser] [FILTER]`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    setup::prepare(workspace, Ready::Window, Manner::Ask)?;
    let (host, filter) = split(arguments);
    run(workspace, host, filter)
}

/// The stage `e2e` of `cargo xtask test`.
pub fn check(workspace: &Workspace) -> Result<()> {
    run(workspace, Host::Window, &[])
}

/// The stage `browser`.
pub fn check_in_browser(workspace: &Workspace) -> Result<()> {
    run(workspace, Host::Browser, &[])
}

fn split(arguments: &[String]) -> (Host, &[String]) {
    match arguments.split_first() {
        Some((first, rest)) if first == "--browser" => (Host::Browser, rest),
        _ => (Host::Window, arguments),
    }
}

fn run(workspace: &Workspace, host: Host, filter: &[String]) -> Result<()> {
    if host == Host::Browser && !process::succeeds(Command::new("chromedriver").arg("--version")) {
        bail!(
            "there is no `chromedriver`; install Chromium and its driver (Debian: chromium and chromium-driver; Ubuntu has \
             neither as a package: take both from Chrome for Testing) so that both are in the PATH"
        );
    }
    start::build(workspace, false)?;
    let names = rust::names(workspace, rust::E2E)?;
    eprintln!("- {}", told(host, &names)?);
    rust::run(
        workspace,
        &Choice {
            only: Only::Package(rust::E2E),
            filter,
            without: Some(host.spared()),
            told: Some(("TALUS_E2E_HOST", host.name())),
        },
    )
}

/// Says how many stories are told of a host, and which it is spared.
///
/// # Errors
/// If it is spared most of them.
fn told(host: Host, names: &[String]) -> Result<String> {
    let (spared, told): (Vec<&str>, Vec<&str>) = names
        .iter()
        .map(String::as_str)
        .partition(|name| name.starts_with(host.spared()));
    if spared.len() > told.len() {
        bail!(
            "only {} of {} stories are told of the {}",
            told.len(),
            names.len(),
            host.name()
        );
    }
    Ok(format!(
        "{} of {} stories are told of the {}; of the other alone are {}: {}",
        told.len(),
        names.len(),
        host.name(),
        spared.len(),
        spared.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_is_spared_is_named_and_is_not_most() {
        let names = ["edits::thirty", "shell::the_window::opens", "window::moves"];
        let mut names = names.map(str::to_owned).to_vec();
        assert_eq!(
            told(Host::Browser, &names).expect("most are told"),
            "2 of 3 stories are told of the browser; of the other alone are 1: window::moves"
        );
        names.extend(["window::closes", "window::opens"].map(str::to_owned));
        assert!(told(Host::Browser, &names).is_err());
        assert!(told(Host::Window, &names).is_ok());
    }

    #[test]
    fn the_window_is_meant_unless_a_browser_is_said() {
        let arguments = ["--browser", "edits::"].map(str::to_owned);
        assert_eq!(split(&arguments), (Host::Browser, &arguments[1..]));
        assert_eq!(split(&arguments[1..]), (Host::Window, &arguments[1..]));
    }
}
