//! Whether what this machine keeps of a project is whole.

use app::verification;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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

/// Read all that is kept of a project here, attachments included, and find out whether it is whole. It takes as long as
/// the disk needs.
#[utoipa::path(
    post, path = "/projects/{project_id}/verification", tag = "projects",
    params(("project_id" = String, Path, description = "Id of a project")),
    responses((status = 200, body = Verification), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn verify(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<Verification>, Problem> {
    let project = projects::project(&who, &id)?;
    let read = state.app().verify(project).await?;
    Ok(axum::Json(Verification {
        project_id: project.0,
        is_whole: read.is_whole(),
        changes: read.changes,
        nodes: read.nodes,
        frames: read.frames,
        attachments: read.attachments,
        bytes: read.bytes,
        findings: read.findings.into_iter().map(Finding::from).collect(),
    }))
}
