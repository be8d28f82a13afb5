//! `cargo xtask dist relay`: the relay's Debian package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::program;
use crate::process;
use crate::workspace::Workspace;

/// What of the repository goes where, with its mode.
const FILES: &[(&str, &str, u32)] = &[
    (
        "packaging/relay/tally-relay.service",
        "usr/lib/systemd/system/tally-relay.service",
        0o644,
    ),
    (
        "docs/guides/relay.md",
        "usr/share/doc/tally-relay/relay.md",
        0o644,
    ),
    (
        "packaging/relay/grafana.json",
        "usr/share/doc/tally-relay/grafana.json",
        0o644,
    ),
    (
        "packaging/relay/alerts.yml",
        "usr/share/doc/tally-relay/alerts.yml",
        0o644,
    ),
    ("LICENSE-MIT", "usr/share/doc/tally-relay/copyright", 0o644),
    ("packaging/relay/debian/postinst", "DEBIAN/postinst", 0o755),
    ("packaging/relay/debian/prerm", "DEBIAN/prerm", 0o755),
    ("packaging/relay/debian/postrm", "DEBIAN/postrm", 0o755),
];

/// Above this systemd calls a service less than well fenced in.
const MOST_EXPOSURE: f64 = 2.0;

/// Builds the package; with `--try` it is also installed, upgraded and purged on a copy of this machine.
pub fn command(workspace: &Workspace, is_tried: bool) -> Result<()> {
    let package = build(workspace, env!("CARGO_PKG_VERSION"))?;
    if is_tried {
        let script = workspace.path("packaging/relay/debian/try");
        let mut attempt = Command::new("unshare");
        attempt.args(["--mount", "sh"]).arg(script).arg(&package);
        process::timed("installing, upgrading and purging it", || {
            process::run(&mut attempt)
        })?;
    }
    eprintln!("the package is {}", package.display());
    Ok(())
}

/// Builds the package as this version, and returns where it is.
pub fn build(workspace: &Workspace, version: &str) -> Result<PathBuf> {
    let built = program::dynamic(workspace)?;
    fenced_in(&workspace.path("packaging/relay/tally-relay.service"))?;
    process::timed("packing it", || pack(workspace, &built, version))
}

fn pack(workspace: &Workspace, built: &Path, version: &str) -> Result<PathBuf> {
    let architecture = process::read(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    let folder = workspace.members()?.target_directory;
    let folder = folder.join("release/bundle/relay");
    let root = folder.join("root");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let bytes = program::put(built, &root.join("usr/bin/tally-relay"))?;
    for (from, into, mode) in FILES {
        put(&workspace.path(from), &root.join(into), *mode)?;
    }
    let control = control(version, architecture, &glibc()?, bytes / 1024);
    fs::write(root.join("DEBIAN/control"), control)?;
    let package = folder.join(format!("tally-relay_{version}_{architecture}.deb"));
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "--build"]);
    process::run(build.arg(&root).arg(&package))?;
    Ok(package)
}

/// Puts a copy of a file there.
fn put(from: &Path, into: &Path, mode: u32) -> Result<()> {
    let parent = into.parent().context("it is in a folder")?;
    fs::create_dir_all(parent)?;
    fs::copy(from, into).with_context(|| format!("copying {}", from.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(into, fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    Ok(())
}

/// The C library that the program was linked against; an older one may lack what it uses.
fn glibc() -> Result<String> {
    let said = process::read(Command::new("getconf").arg("GNU_LIBC_VERSION"))?;
    let version = said.trim().strip_prefix("glibc ");
    Ok(version.context("this is not glibc")?.to_owned())
}

fn control(version: &str, architecture: &str, glibc: &str, size_kib: u64) -> String {
    format!(
        "Package: tally-relay\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: The authors of Talus Tally\n\
         Depends: libc6 (>= {glibc}), libgcc-s1, adduser, procps\n\
         Section: net\n\
         Priority: optional\n\
         Installed-Size: {size_kib}\n\
         Description: always-on relay for Talus Tally\n \
         It keeps the projects of those who are let in and passes on what is written in them, without being able to\n \
         read it, so that two people need not be online at the same time.\n"
    )
}

/// Refuses a service that may do more than it needs, as far as systemd judges that.
fn fenced_in(service: &Path) -> Result<()> {
    let mut judge = Command::new("systemd-analyze");
    judge
        .args(["security", "--offline=true", "--no-pager"])
        .arg(service);
    let Ok(judged) = judge.output() else {
        eprintln!("  systemd-analyze is not here, so how exposed the service is was not looked at");
        return Ok(());
    };
    let said = String::from_utf8_lossy(&judged.stdout);
    let exposure = exposure(&said).context("systemd-analyze says nothing of the exposure")?;
    if exposure >= MOST_EXPOSURE {
        bail!("the service is exposed by {exposure}; it has to be below {MOST_EXPOSURE}:\n{said}");
    }
    eprintln!("  systemd calls the service exposed by {exposure} of 10");
    Ok(())
}

fn exposure(said: &str) -> Option<f64> {
    let line = said
        .lines()
        .find(|it| it.contains("Overall exposure level"))?;
    let (_, behind) = line.rsplit_once(": ")?;
    behind.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exposure_is_read_from_what_systemd_says() {
        let said = "✓ User=\n→ Overall exposure level for tally-relay.service: 1.3 OK :-)\n";
        assert_eq!(exposure(said), Some(1.3));
        assert_eq!(exposure("nothing"), None);
    }

    #[test]
    fn the_service_may_do_no_more_than_it_needs() {
        let service = "../packaging/relay/tally-relay.service";
        let service = Path::new(env!("CARGO_MANIFEST_DIR")).join(service);
        fenced_in(&service).expect("it is");
    }

    #[test]
    fn a_control_file_has_a_field_on_each_line_and_goes_on_with_a_blank() {
        let text = control("1.2.3", "amd64", "2.36", 9_000);
        for line in text.lines() {
            assert!(
                line.starts_with(' ') || line.split_once(": ").is_some(),
                "{line:?}"
            );
        }
        assert!(text.contains("\nDepends: libc6 (>= 2.36), "));
        assert!(text.ends_with(".\n"));
    }
}
