//! Giving tokens out, and taking them back.

use app::request::ProjectId;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::projects;
use crate::access;
use crate::body::{Ids, Json};
use crate::problem::Problem;
use crate::socket;
use crate::state::Shared;
use crate::tokens::{NewToken, Scope, Token};
use crate::who::Who;

/// Longest life of a token that ends: a hundred years.
const LIFE_S: u64 = 100 * 366 * 24 * 60 * 60;

/// A token to be given out.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewToken)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// What it is called: 1 to 64 characters.
    #[schema(example = "nightly report")]
    name: String,
    /// What it permits.
    scope: Scope,
    /// The only project that it is for. None: all.
    project_id: Option<Uuid>,
    /// It ends after so many seconds. None: when it is revoked.
    #[schema(example = 2592000, minimum = 1)]
    expires_in_s: Option<u64>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenInfo {
    /// Names it without betraying it.
    token_id: String,
    /// What it is called.
    name: String,
    /// What it permits.
    scope: Scope,
    /// The only project that it is for; null: all.
    project_id: Option<Uuid>,
    /// When it was given out (RFC 3339).
    created_at: String,
    /// When it ends; null: when it is revoked.
    expires_at: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
    /// Socket.IO connections of it.
    connections: usize,
}

/// A token with its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Given {
    #[serde(flatten)]
    token: TokenInfo,
    /// What programs show. It is told here and never again.
    secret: String,
}

/// All tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenList {
    /// Oldest first, those that have ended included. The token of the data directory is not among them.
    tokens: Vec<TokenInfo>,
}

/// The tokens that were given out.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = TokenList)))]
pub(crate) async fn list(State(state): State<Shared>, who: Who) -> axum::Json<TokenList> {
    let tokens = state.tokens().list();
    let seen = tokens.iter().filter(|token| who.sees(token.project));
    let tokens = seen.map(|token| info_of(token)).collect();
    axum::Json(TokenList { tokens })
}

/// Give a token out. Its secret is in the response, and nowhere else.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", request_body = New,
    responses(
        (status = 201, body = Given),
        (status = 400, description = "`INVALID_REQUEST`", body = Problem),
        (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem),
    ),
)]
pub(crate) async fn give(
    State(state): State<Shared>,
    who: Who,
    Json(new): Json<New>,
) -> Result<Response, Problem> {
    let project = new.project_id.map(ProjectId);
    who.may_see(project)?;
    if let Some(project) = project {
        projects::known(&state, project).await?;
    }
    let name = access::short("The name of a token", new.name.trim())?;
    let expires_at = new.expires_in_s.map(after).transpose()?;
    let new = NewToken {
        name,
        scope: new.scope,
        project,
        expires_at,
    };
    let (token, secret) = state.tokens().give(new)?;
    let given = Given {
        token: info_of(&token),
        secret: secret.text().to_owned(),
    };
    Ok((StatusCode::CREATED, axum::Json(given)).into_response())
}

/// Take a token back. Its connections are cut when the response comes.
#[utoipa::path(
    delete, path = "/tokens/{token_id}", tag = "tokens",
    params(("token_id" = String, Path, description = "Id of a token")),
    responses((status = 204), (status = 404, description = "`TOKEN_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn revoke(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<StatusCode, Problem> {
    let found = state.tokens().named(&id);
    let token = found.ok_or_else(|| Problem::new("TOKEN_NOT_FOUND", "There is no such token."))?;
    who.may_see(token.project)?;
    let written = state.tokens().revoke(&token);
    if let Some(why) = token.end(Timestamp::now()) {
        socket::cut(&state, &token, &why);
    }
    written?;
    Ok(StatusCode::NO_CONTENT)
}

fn after(seconds: u64) -> Result<Timestamp, Problem> {
    if seconds == 0 {
        let detail = "The token would have ended before anybody has it.";
        return Err(Problem::new("INVALID_REQUEST", detail));
    }
    let seconds = i64::try_from(seconds.min(LIFE_S)).unwrap_or(i64::MAX);
    let end = Timestamp::now().checked_add(SignedDuration::from_secs(seconds));
    end.map_err(|_| Problem::new("INVALID_REQUEST", "The token would last too long."))
}

fn info_of(token: &Token) -> TokenInfo {
    TokenInfo {
        token_id: token.id.clone(),
        name: token.name.clone(),
        scope: token.scope,
        project_id: token.project.map(|project| project.0),
        created_at: token.created_at.to_string(),
        expires_at: token.expires_at.map(|at| at.to_string()),
        revoked_at: token.revoked_at().map(|at| at.to_string()),
        connections: token.connections(),
    }
}
