//! Giving a project another name.

use graph::command::Command;

use crate::app::Inner;
use crate::catalogue;
use crate::failure::Failure;
use crate::project::Ask;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};

/// The name stands in the project, so this is a command of it; the catalogue follows.
pub(super) async fn call(app: &Inner, project: ProjectId, name: &str) -> Result<Reply, Failure> {
    let command = Command::SetProject {
        name: Some(catalogue::checked_name(name)?),
        currency: None,
    };
    let _alone = app.lifecycle.lock().await;
    let apply = Ask::Request(Box::new(Request::Apply { project, command }));
    app.visit(project, apply).await?;
    Ok(Reply::Done)
}
