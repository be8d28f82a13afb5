//! Why a command was refused, in words on which a person can act.

use thiserror::Error;

use crate::id::{CommentId, FieldId, KitId, LinkId, NodeId, OptionId, TypeId};

/// A command was refused and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Rejection {
    #[error("there is no node {0}; it may have been deleted")]
    NoSuchNode(NodeId),
    #[error("the node {0} exists already")]
    NodeExists(NodeId),
    #[error("“{0}” is in the trash; restore it first")]
    InTrash(String),
    #[error("“{0}” is not in the trash")]
    NotInTrash(String),
    #[error("there is no node type {0} in this project's template")]
    NoSuchType(TypeId),
    #[error("there is no field {0} in this project's template")]
    NoSuchField(FieldId),
    #[error("there is no option {0} in the field “{1}”")]
    NoSuchOption(OptionId, String),
    #[error("there is no link {0}")]
    NoSuchLink(LinkId),
    #[error("there is no comment {0}")]
    NoSuchComment(CommentId),
    #[error("there is no kit {0}")]
    NoSuchKit(KitId),
    #[error("there is no saved filter or view {0}")]
    NoSuchSaved(String),
    #[error("{child} cannot be placed {parent}; {hint}")]
    TypeNotAllowed {
        child: String,
        parent: String,
        hint: String,
    },
    #[error("“{0}” cannot be moved into its own subtree")]
    OwnSubtree(String),
    #[error("the place is not among the children of the parent")]
    NoSuchPlace,
    #[error("an item cannot be linked to itself")]
    SelfLink,
    #[error("these two items are linked like this already")]
    LinkExists,
    #[error("this would block in a circle: {0}")]
    BlockingCycle(String),
    #[error("“{title}” has no field “{field}”")]
    FieldNotOfType { title: String, field: String },
    #[error("“{field}” takes {expected}, not {found}")]
    WrongKind {
        field: String,
        expected: String,
        found: String,
    },
    #[error("“{field}”: {reason}")]
    BadValue { field: String, reason: String },
    #[error("“{0}” is needed by the template and cannot be removed")]
    Needed(String),
    #[error("the text changed so much that the edit has no place in it any more")]
    StaleText,
    #[error("only its author can change a comment")]
    NotYourComment,
    #[error("an answer cannot be answered; answer the thread")]
    NestedReply,
    #[error("{what} has {found} characters; at most {limit} are kept")]
    TooLong {
        what: String,
        found: usize,
        limit: usize,
    },
    #[error("{0} must not be empty")]
    Empty(String),
    #[error("nothing was chosen")]
    NothingChosen,
    #[error("there is nothing above to indent under")]
    NothingAbove,
    #[error("it is at the top level already")]
    AtTop,
    #[error("the id {0} is not acceptable: at most 64 letters, digits, `-`, `_` or `.`")]
    BadId(String),
    #[error("too many at once: {found}; at most {limit}")]
    TooMany { found: usize, limit: usize },
    /// Of several commands the one with this number, from 1, was refused.
    #[error("{why}")]
    OfCommand { number: usize, why: Box<Rejection> },
}

impl Rejection {
    /// The same, of the command with this number among several. Of several within those the outer number counts.
    pub(crate) fn of_command(self, number: usize) -> Self {
        let why = match self {
            Self::OfCommand { why, .. } => why,
            why => Box::new(why),
        };
        Self::OfCommand { number, why }
    }

    /// The stable code that programs see.
    pub fn code(&self) -> &'static str {
        use Rejection::*;
        match self {
            NoSuchNode(_) => "NODE_NOT_FOUND",
            NodeExists(_) => "NODE_EXISTS",
            InTrash(_) => "NODE_IN_TRASH",
            NotInTrash(_) => "NODE_NOT_IN_TRASH",
            NoSuchType(_) => "TYPE_NOT_FOUND",
            NoSuchField(_) => "FIELD_NOT_FOUND",
            NoSuchOption(..) => "OPTION_NOT_FOUND",
            NoSuchLink(_) => "LINK_NOT_FOUND",
            NoSuchComment(_) => "COMMENT_NOT_FOUND",
            NoSuchKit(_) => "KIT_NOT_FOUND",
            NoSuchSaved(_) => "SAVED_NOT_FOUND",
            TypeNotAllowed { .. } => "TYPE_NOT_ALLOWED",
            OwnSubtree(_) => "MOVE_INTO_SELF",
            NoSuchPlace => "PLACE_NOT_FOUND",
            SelfLink => "SELF_LINK",
            LinkExists => "LINK_EXISTS",
            BlockingCycle(_) => "BLOCKING_CYCLE",
            FieldNotOfType { .. } => "FIELD_NOT_OF_TYPE",
            WrongKind { .. } => "WRONG_KIND",
            BadValue { .. } => "BAD_VALUE",
            Needed(_) => "NEEDED",
            StaleText => "STALE_TEXT",
            NotYourComment => "NOT_YOUR_COMMENT",
            NestedReply => "NESTED_REPLY",
            TooLong { .. } => "TOO_LONG",
            Empty(_) => "EMPTY",
            NothingChosen => "NOTHING_CHOSEN",
            NothingAbove => "NOTHING_ABOVE",
            AtTop => "AT_TOP",
            BadId(_) => "BAD_ID",
            TooMany { .. } => "TOO_MANY",
            OfCommand { why, .. } => why.code(),
        }
    }
}
