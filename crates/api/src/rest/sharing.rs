//! Who shares a project, how others come to it, and why somebody is not reached.

use std::collections::BTreeMap;

use app::members::{MemberRole, Members};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::secret_text::SecretText;
use app::sharing::{Companion, LinkOrigin, LinkState, PeerLink, Sharing, Status};
use app::surroundings::{FindingStatus, NetworkFinding};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::described::InProject;
use super::{at, projects};
use crate::body::{Ids, Json};
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// A week.
const USUAL_HOURS: u32 = 7 * 24;

/// What an invited machine may.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InvitedRole {
    /// Read.
    Viewer,
    /// Read, and write comments.
    Commenter,
    /// Read, and write everything.
    #[default]
    Editor,
}

impl From<InvitedRole> for MemberRole {
    fn from(role: InvitedRole) -> Self {
        match role {
            InvitedRole::Viewer => Self::Viewer,
            InvitedRole::Commenter => Self::Commenter,
            InvitedRole::Editor => Self::Editor,
        }
    }
}

/// On which terms somebody is invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// What the invited may.
    #[serde(default)]
    role: InvitedRole,
    /// For so many hours from now, at most a year; none: a week.
    #[schema(minimum = 1, maximum = 8784)]
    hours: Option<u32>,
    /// So many machines may join by it, at most 1,000; none: one.
    #[schema(minimum = 1, maximum = 1000)]
    uses: Option<u32>,
}

/// How others come to a project.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// To be opened or pasted on the other machine. Whoever has it gets in: it is a secret.
    #[schema(example = "talus://join#...")]
    invitation: String,
}

/// An invitation that somebody was given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joining {
    /// The text that begins with `talus://join#`.
    invitation: String,
}

/// A project that was joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct Joined {
    /// The project. Its content follows as machines of it are reached.
    project_id: Uuid,
}

/// Who shares a project, and how they are reached.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Peers {
    /// Whether anybody but this machine may have it.
    is_shared: bool,
    /// `live`, `syncing` or `offline`; none: it is not shared.
    status: Option<&'static str>,
    /// Own changes that no other machine has for certain.
    waiting: u32,
    /// Why this machine is not let in.
    not_let_in: Option<String>,
    /// The machines that are members or were heard, this one not.
    machines: Vec<Machine>,
    /// The ways to them: what is dialled first, then who came.
    ways: Vec<Way>,
}

/// Another machine of a project.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Machine {
    /// Its device id, as 64 hexadecimal digits.
    device: String,
    /// Its id as words that people can compare; none on a relay.
    words: Option<String>,
    /// Who is there.
    name: Option<String>,
    /// `owner`, `editor`, `commenter` or `viewer`; none: it is no member, such as a relay.
    role: Option<&'static str>,
    /// Whether there is a link to it.
    is_linked: bool,
    /// Whether it holds all that is here; none while it has not said.
    has_everything: Option<bool>,
    /// Since when it lacks something.
    behind_since: Option<String>,
    /// When it was heard last.
    seen_at: Option<String>,
}

/// A way to another machine.
#[derive(Serialize, ToSchema)]
pub(crate) struct Way {
    /// Where the machine is.
    address: String,
    /// How the way is known: `typed`, `relay`, `found` or `visitor`.
    origin: &'static str,
    /// `up`, `dialling`, `waiting` or `ended`.
    state: &'static str,
    /// The machine, as 64 hexadecimal digits.
    device: Option<String>,
    /// Why there is no link, and what one can do.
    trouble: Option<String>,
}

/// What the network doctor looks at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Complaint {
    /// Whoever of this project is not reached is looked at, too.
    project_id: Option<Uuid>,
    /// Rather whoever is at this address.
    #[schema(example = "127.0.0.1:7825")]
    address: Option<String>,
}

/// What the network doctor found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Examination {
    /// In the order in which it was known.
    findings: Vec<Finding>,
}

/// One thing that the network doctor found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Stable code, such as `port-blocked`.
    code: String,
    /// `ok`, `unknown`, `warn` or `fail`.
    status: &'static str,
    /// What was seen.
    message: String,
    /// What one can do.
    advice: Option<String>,
}

/// Invite others into a project, which is shared from then on.
#[utoipa::path(
    post, path = "/projects/{project_id}/invitations", tag = "sharing", request_body = Terms,
    params(InProject),
    responses((status = 201, body = Invitation), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn invite(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Json(terms): Json<Terms>,
) -> Result<Response, Problem> {
    let project = opened(&state, &who, &id).await?;
    let wanted = || Request::InviteAs {
        project,
        role: terms.role.into(),
        hours: terms.hours.unwrap_or(USUAL_HOURS),
        uses: terms.uses.unwrap_or(1),
    };
    let mut made = state.call(wanted()).await;
    if made
        .as_ref()
        .is_err_and(|problem| problem.code == "NOT_SHARED")
    {
        state.call(Request::Invite { project }).await?;
        made = state.call(wanted()).await;
    }
    match made? {
        Reply::Invitation { invitation } => {
            let invitation = Invitation {
                invitation: invitation.0,
            };
            Ok((StatusCode::CREATED, axum::Json(invitation)).into_response())
        }
        _ => Err(Problem::new("DEFECT", "The invitation was not made.")),
    }
}

/// Join a project that somebody else shares.
#[utoipa::path(
    post, path = "/projects/join", tag = "sharing", request_body = Joining,
    responses((status = 201, body = Joined), (status = 400, description = "`NOT_AN_INVITATION`", body = Problem)),
)]
pub(crate) async fn join(
    State(state): State<Shared>,
    who: Who,
    Json(Joining { invitation }): Json<Joining>,
) -> Result<Response, Problem> {
    who.may_see(None)?;
    let invitation = SecretText(invitation);
    match state.call(Request::JoinProject { invitation }).await? {
        Reply::Opened { project, .. } => {
            who.may_see(Some(project))?;
            let project_id = project.0;
            Ok((StatusCode::CREATED, axum::Json(Joined { project_id })).into_response())
        }
        _ => Err(Problem::new("DEFECT", "The project was not joined.")),
    }
}

/// Who shares a project, and how they are reached.
#[utoipa::path(
    get, path = "/projects/{project_id}/peers", tag = "sharing",
    params(InProject),
    responses((status = 200, body = Peers), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn peers(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<Peers>, Problem> {
    let project = opened(&state, &who, &id).await?;
    let Reply::Sharing {
        sharing: Some(sharing),
    } = state.call(Request::ReadSharing { project }).await?
    else {
        return Ok(axum::Json(Peers::default()));
    };
    let members = match state.call(Request::ReadMembers { project }).await? {
        Reply::Members { members } => members,
        _ => None,
    };
    let links = match state.call(Request::ReadLinks { project }).await? {
        Reply::Links { links } => links,
        _ => vec![],
    };
    Ok(axum::Json(Peers::of(sharing, members, links)))
}

/// Find out why others are not found or not reached; takes up to 5 s.
#[utoipa::path(
    post, path = "/network/examination", tag = "sharing", request_body = Complaint,
    responses((status = 200, body = Examination)),
)]
pub(crate) async fn examine(
    State(state): State<Shared>,
    who: Who,
    Json(complaint): Json<Complaint>,
) -> Result<axum::Json<Examination>, Problem> {
    let project = match complaint.project_id {
        Some(id) => Some(opened(&state, &who, &id.to_string()).await?),
        None => None,
    };
    who.may_see(project)?;
    let request = Request::ExamineNetwork {
        project,
        address: complaint.address,
    };
    match state.call(request).await? {
        Reply::Examination { findings } => {
            let findings = findings.into_iter().map(Finding::from).collect();
            Ok(axum::Json(Examination { findings }))
        }
        _ => Err(Problem::new("DEFECT", "The network was not examined.")),
    }
}

/// The project of a path, which is open from now on.
async fn opened(state: &Shared, who: &Who, id: &str) -> Result<ProjectId, Problem> {
    let project = projects::project(who, id)?;
    state.call(Request::OpenProject { project }).await?;
    Ok(project)
}

impl Peers {
    fn of(sharing: Sharing, members: Option<Members>, links: Vec<PeerLink>) -> Self {
        let mut machines: BTreeMap<String, Machine> = BTreeMap::new();
        let members = members.map(|it| it.devices).unwrap_or_default();
        for member in members.into_iter().filter(|it| !it.is_me) {
            let machine = Machine {
                device: member.device.clone(),
                words: Some(member.words),
                name: member.name,
                role: Some(role_name(member.role)),
                seen_at: member.seen_at.map(at),
                ..Machine::default()
            };
            machines.insert(member.device, machine);
        }
        for companion in sharing.companions {
            let machine = machines.entry(companion.device.clone()).or_default();
            machine.hear(companion);
        }
        Self {
            is_shared: true,
            status: Some(match sharing.status {
                Status::Live { .. } => "live",
                Status::Syncing => "syncing",
                Status::Offline => "offline",
            }),
            waiting: sharing.waiting,
            not_let_in: sharing.not_let_in.map(|why| why.message),
            machines: machines.into_values().collect(),
            ways: links.into_iter().map(Way::from).collect(),
        }
    }
}

impl Machine {
    fn hear(&mut self, companion: Companion) {
        self.device = companion.device;
        self.name = companion.name.or(self.name.take());
        self.is_linked = companion.is_linked;
        self.has_everything = companion.has_everything;
        self.behind_since = companion.behind_since.map(at);
        self.seen_at = Some(at(companion.seen_at));
    }
}

impl From<PeerLink> for Way {
    fn from(link: PeerLink) -> Self {
        Self {
            address: link.address,
            origin: match link.origin {
                LinkOrigin::Typed => "typed",
                LinkOrigin::Relay => "relay",
                LinkOrigin::Found => "found",
                LinkOrigin::Visitor => "visitor",
            },
            state: match link.state {
                LinkState::Up { .. } => "up",
                LinkState::Dialling => "dialling",
                LinkState::Waiting { .. } => "waiting",
                LinkState::Ended { .. } => "ended",
            },
            device: link.device,
            trouble: link.trouble.map(|why| why.message),
        }
    }
}

impl From<NetworkFinding> for Finding {
    fn from(finding: NetworkFinding) -> Self {
        Self {
            code: finding.code,
            status: match finding.status {
                FindingStatus::Ok => "ok",
                FindingStatus::Unknown => "unknown",
                FindingStatus::Warn => "warn",
                FindingStatus::Fail => "fail",
            },
            message: finding.message,
            advice: finding.advice,
        }
    }
}

fn role_name(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Viewer => "viewer",
        MemberRole::Commenter => "commenter",
        MemberRole::Editor => "editor",
        MemberRole::Owner => "owner",
    }
}
