//! Whether what this machine keeps of a project is whole.

use std::path::Path;

use app::failure::Failure;
use app::verification;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::described::InProject;
use super::projects;
use crate::body::Ids;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// What was read of a project, and what is wrong with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Verification {
    /// The project.
    project_id: Uuid,
    /// Whether nothing was lost.
    is_whole: bool,
    /// Changes of its documents.
    changes: u64,
    /// Live nodes.
    nodes: u64,
    /// Frames of its log; 0 if it is not shared.
    frames: u64,
    /// Attachments that are on this machine.
    attachments: u64,
    /// Bytes of frames and attachments that were read.
    bytes: u64,
    /// What is wrong, 1,000 at most.
    findings: Vec<Finding>,
}

/// One thing that is wrong with what is kept of a project.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationFinding)]
pub(crate) struct Finding {
    /// Stable code, such as `attachment-damaged`.
    code: &'static str,
    /// `fail`: something was lost here; `warn`: it is something to know.
    status: &'static str,
    /// What was found.
    message: String,
}

impl From<verification::Finding> for Finding {
    fn from(finding: verification::Finding) -> Self {
        Self {
            code: finding.code,
            status: if finding.is_loss { "fail" } else { "warn" },
            message: finding.message,
        }
    }
}

impl Verification {
    fn of(project_id: Uuid, read: verification::Verification) -> Self {
        Self {
            project_id,
            is_whole: read.is_whole(),
            changes: read.changes,
            nodes: read.nodes,
            frames: read.frames,
            attachments: read.attachments,
            bytes: read.bytes,
            findings: read.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

/// Reads a `.talus` file or a backup, which needs no server. Each project in it is shown as REST shows one that is kept here,
/// with `name` and `file`; `project_id` is null where a file names none.
///
/// # Errors
/// If the file cannot be read at all, or no copy of a backup be made. What is damaged is in what is returned.
pub fn verify_file(path: &Path) -> Result<Vec<Value>, Failure> {
    let scratch = tempfile::tempdir().map_err(|error| {
        let why = format!("The backup could not be copied: {error}.");
        Failure::new("DISK_FAILED", why)
    })?;
    let found = verification::verify_file(path, scratch.path())?;
    let shown = found.into_iter().map(|it| {
        let id = it.project.map(|project| project.0);
        let mut shown = json!(Verification::of(id.unwrap_or_default(), it.read));
        shown["project_id"] = json!(id);
        shown["name"] = json!(it.name);
        shown["file"] = json!(path);
        shown
    });
    Ok(shown.collect())
}

/// Read all that is kept of a project here, attachments included, and find out whether it is whole. It takes as long as
/// the disk needs.
#[utoipa::path(
    post, path = "/projects/{project_id}/verification", tag = "projects",
    params(InProject),
    responses((status = 200, body = Verification), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn verify(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<Verification>, Problem> {
    let project = projects::project(&who, &id)?;
    let read = state.app().verify(project).await?;
    Ok(axum::Json(Verification::of(project.0, read)))
}
