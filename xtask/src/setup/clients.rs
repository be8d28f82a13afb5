//! Clients of others that talk to ours in tests: npm packages, and Python packages in an environment beside them.

use std::process::Command;

use anyhow::Result;

use super::Manner;
use super::node::Stamp;
use super::toolchain::node_program;
use crate::process;
use crate::workspace::Workspace;

/// `npm ci` and `pip install`, unless both were made from these lists.
pub fn install(workspace: &Workspace, manner: Manner) -> Result<()> {
    let folder = workspace.path("tests/interop");
    let lists = ["package-lock.json", "requirements.txt"].map(|name| folder.join(name));
    let stamp = Stamp::new(&folder, "clients", lists.to_vec())?;
    stamp.renew("clients for tests", manner, || {
        process::run(node_program("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
        // It goes when the npm packages go.
        let environment = folder.join("node_modules/.venv");
        let python = if cfg!(windows) { "python" } else { "python3" };
        process::run(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
        let place = if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        };
        let mut pip = Command::new(environment.join(place));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            "requirements.txt",
        ]);
        process::run(pip.current_dir(&folder))
    })
}
