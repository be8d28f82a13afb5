//! Who asks: a token, and which of its clients; and what that turns out to be about.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::programs::Caller;
use app::request::ProjectId;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::problem::Problem;
use crate::tokens::{Scope, Token};

/// Whoever makes a request.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) token: Arc<Token>,
    /// By its own word.
    pub(crate) client: Option<String>,
    trail: Arc<Mutex<Trail>>,
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
        }
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
