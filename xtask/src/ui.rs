//! The UI's own checks: types, then tests.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// `npm run check`, `npm test`. Its build is part of the set-up.
pub fn check(workspace: &Workspace) -> Result<()> {
    npm(workspace, "check")?;
    npm(workspace, "test")
}

fn npm(workspace: &Workspace, script: &str) -> Result<()> {
    let mut command = crate::setup::node_program("npm", &["run", "--silent", script]);
    process::run(command.current_dir(workspace.path("ui")))
}
