//! What the operating system has to provide.

use std::io::{IsTerminal, Write};
use std::process::Command;

use anyhow::{Result, bail};

use super::{Manner, Ready};
use crate::process;

/// What the desktop shell is compiled against.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
];
/// What clients of others need that talk to ours in tests.
const CLIENTS: &[&str] = &["curl", "python3-venv"];
/// What tests of the window need on top: a driver, a screen, a message bus and a keychain for the real window, and `ip` for
/// networks of their own. The proxies stand in front of a relay, and Redis between several, with a certificate that openssl
/// makes.
const TESTS: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "dbus",
    "gnome-keyring",
    "iproute2",
    "nginx",
    "libnginx-mod-stream",
    "haproxy",
    "caddy",
    "redis-server",
    "openssl",
];

/// A browser and its driver, for the same tests. Where there is a driver already, whoever put it there put a browser beside it.
const BROWSER: &[&str] = &["chromium", "chromium-driver"];

/// Installs what is missing, or says exactly what that is and how to install it.
pub fn run(ready: Ready, manner: Manner) -> Result<()> {
    match std::env::consts::OS {
        "macos" => macos(),
        "windows" => windows(),
        _ if process::succeeds(Command::new("apt-get").arg("--version")) => debian(ready, manner),
        _ => other_linux(),
    }
}

fn debian(ready: Ready, manner: Manner) -> Result<()> {
    let wanted = BUILD
        .iter()
        .chain(if ready >= Ready::Clients {
            CLIENTS
        } else {
            &[]
        })
        .chain(if ready >= Ready::Window { TESTS } else { &[] })
        .chain(if ready >= Ready::Window && !has_browser() {
            BROWSER
        } else {
            &[]
        });
    let missing: Vec<&str> = wanted
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        eprintln!("- system packages: all there");
        return Ok(());
    }
    let install = format!(
        "apt-get update -q && apt-get install -q -y --no-install-recommends {}",
        missing.join(" ")
    );
    eprintln!(
        "- system packages: {} missing: {}",
        missing.len(),
        missing.join(" ")
    );
    if manner == Manner::DryRun {
        eprintln!("  would run: {install}");
        return Ok(());
    }
    let Some(mut shell) = as_root(manner, &install)? else {
        bail!(
            "system packages are missing and cannot be installed from here; run this as root:\n\n    {install}\n"
        );
    };
    process::timed("installing system packages", || {
        process::run(shell.args([
            "sh",
            "-c",
            &format!("export DEBIAN_FRONTEND=noninteractive; {install}"),
        ]))
    })
}

/// Whether there is a driver, or none can be had from packages: Ubuntu has Chromium only as a snap, which reaches no
/// folder of a test.
fn has_browser() -> bool {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    process::succeeds(Command::new("chromedriver").arg("--version"))
        || system.lines().any(|line| line == "ID=ubuntu")
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

/// A prefix that makes the rest run as root, or nothing if there is no way.
fn as_root(manner: Manner, install: &str) -> Result<Option<Command>> {
    if process::read(Command::new("id").arg("-u"))?.trim() == "0" {
        return Ok(Some(Command::new("env")));
    }
    let mut sudo = Command::new("sudo");
    if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        sudo.arg("-n");
        return Ok(Some(sudo));
    }
    let can_ask = manner == Manner::Ask && std::io::stdin().is_terminal();
    if !can_ask || !process::succeeds(Command::new("sudo").arg("--version")) {
        return Ok(None);
    }
    eprint!("  run this with sudo?\n\n    {install}\n\n  [Y/n] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes").then_some(sudo))
}

fn other_linux() -> Result<()> {
    if process::succeeds(Command::new("pkg-config").args([
        "--exists",
        "webkit2gtk-4.1",
        "librsvg-2.0",
    ])) {
        eprintln!("- system packages: webkit2gtk 4.1 and librsvg are there");
        return Ok(());
    }
    bail!(
        "this system has no apt-get, and pkg-config does not find webkit2gtk-4.1 and librsvg-2.0.\n\
         Install a C compiler, pkg-config, and the development packages of both, for example\n\n    \
         dnf install gcc-c++ pkgconf webkit2gtk4.1-devel librsvg2-devel\n    \
         pacman -S base-devel webkit2gtk-4.1 librsvg\n\n\
         For the tests also WebKitWebDriver, Xvfb, dbus-daemon, gnome-keyring, iproute2, Chromium, chromedriver, nginx with its stream module, HAProxy and Caddy."
    )
}

fn macos() -> Result<()> {
    if process::succeeds(Command::new("xcode-select").arg("-p")) {
        eprintln!("- system packages: the Xcode command line tools are there");
        return Ok(());
    }
    bail!("the Xcode command line tools are missing; install them with `xcode-select --install`")
}

fn windows() -> Result<()> {
    let host = process::read(Command::new("rustc").arg("-vV"))?;
    if !host.contains("-msvc") {
        bail!(
            "this Rust does not use the MSVC linker; install the Visual Studio build tools with \"Desktop \
             development with C++\", then run `rustup default stable-msvc`"
        );
    }
    eprintln!(
        "- system packages: the MSVC build tools (\"Desktop development with C++\") and the WebView2 runtime are \
         needed; Windows 11 has the latter, for Windows 10 it is the Evergreen installer of Microsoft Edge WebView2"
    );
    Ok(())
}
