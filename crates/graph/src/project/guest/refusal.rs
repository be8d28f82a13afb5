//! Why a guest is sent away.

use thiserror::Error;

use crate::rejection::Rejection;

/// Why nothing of what a guest said was taken. It may come again with a fresh copy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is not the protocol, or not a change.
    #[error("it cannot be read: {0}")]
    Malformed(String),
    /// It may only read.
    #[error("this program may read the project and not change it")]
    ReadOnly,
    /// An actor is somebody else's.
    #[error("the actor {0} is not this program's; changes are made in a copy of its own")]
    Actor(String),
    /// Something is written where nothing may be, or nothing of that kind.
    #[error("{0}")]
    Shape(String),
    /// What a register would hold breaks the rules that hold for commands.
    #[error(transparent)]
    Value(#[from] Rejection),
    /// Too many changes, or too large ones.
    #[error("this is too much at once")]
    TooMuch,
}

impl Refusal {
    /// The stable code that programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Malformed(_) => "MALFORMED",
            Refusal::ReadOnly => "READ_ONLY",
            Refusal::Actor(_) => "ACTOR_TAKEN",
            Refusal::Shape(_) => "SHAPE_REFUSED",
            Refusal::Value(rejection) => rejection.code(),
            Refusal::TooMuch => "TOO_MANY",
        }
    }

    pub(super) fn shape(why: impl Into<String>) -> Self {
        Self::Shape(why.into())
    }

    /// Nobody knows what the object is that something was written into.
    pub(super) fn unknown() -> Self {
        Self::shape("it writes into something that is no part of a project")
    }
}
