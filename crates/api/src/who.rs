//! Who asks: a token, and which of its clients; and what that turns out to be about.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::programs::Caller;
use app::request::ProjectId;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;
use crate::tokens::{Scope, Token};

/// Whoever makes a request.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) token: Arc<Token>,
    /// By its own word.
    pub(crate) client: Option<String>,
    trail: Arc<Mutex<Trail>>,
    /// Room for its body among all that are being read or worked on, until it is answered.
    held: Arc<Mutex<Vec<OwnedSemaphorePermit>>>,
}

/// What a request was about, for the audit log. No content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    pub(crate) project: Option<ProjectId>,
    pub(crate) command_id: Option<String>,
    /// Names of commands.
    pub(crate) commands: Vec<String>,
    /// Nodes that were changed.
    pub(crate) nodes: Vec<String>,
}

impl Who {
    pub(crate) fn new(token: Arc<Token>, client: Option<String>) -> Self {
        Self {
            token,
            client,
            trail: Arc::default(),
            held: Arc::default(),
        }
    }

    /// Takes room for so many bytes of a body, of its token's and of `all`, until the request is answered.
    pub(crate) fn hold(&self, all: &Arc<Semaphore>, bytes: usize) -> Result<(), Problem> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        for room in [self.token.bodies(), all] {
            let permit = Arc::clone(room).try_acquire_many_owned(bytes);
            let permit = permit.map_err(|_| {
                let detail = "Too much is being sent at once; send it again later.";
                Problem::new("RATE_LIMITED", detail)
            })?;
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.push(permit);
        }
        Ok(())
    }

    /// The client as an author of projects.
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            token: self.token.id.clone(),
            client: self.client.clone(),
        }
    }

    /// Refuses what is of another project than the token's. What is of none is for tokens of all projects.
    pub(crate) fn may_see(&self, project: Option<ProjectId>) -> Result<(), Problem> {
        if project.is_some() {
            self.trail().project = project;
        }
        match self.token.project {
            Some(own) if project != Some(own) => Err(Problem::new(
                "OTHER_PROJECT",
                "The token is for another project.",
            )),
            _ => Ok(()),
        }
    }

    /// Whether something of a project may be shown in a list.
    pub(crate) fn sees(&self, project: Option<ProjectId>) -> bool {
        self.token.project.is_none_or(|own| project == Some(own))
    }

    /// Refuses what needs more than the token permits.
    pub(crate) fn needs(&self, scope: Scope) -> Result<(), Problem> {
        match self.token.scope >= scope {
            true => Ok(()),
            false => Err(Problem::new(
                "SCOPE_TOO_SMALL",
                format!(
                    "This needs a token with the scope {}; this one has {}.",
                    scope.name(),
                    self.token.scope.name()
                ),
            )),
        }
    }

    /// What is known of the request so far.
    pub(crate) fn trail(&self) -> MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let who = parts.extensions.get::<Self>().cloned();
        who.ok_or_else(crate::access::unauthorized)
    }
}
