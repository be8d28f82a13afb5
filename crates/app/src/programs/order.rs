//! Orders of programs, and their answers.

use std::sync::Arc;

use graph::Signature;
use graph::command::Command;
use graph::id::NodeId;
use graph::problem::Problem;
use graph::rejection::Rejection;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use super::classic::{self, Drafts};
use super::{Happening, NodeCard, Page, PastChange};
use crate::failure::{Failure, sentence};
use crate::outbox::Number;
use crate::project::Ticket;
use crate::reply::{HistoryState, Skipped};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Caller {
    /// Names the token, and does not betray it.
    pub token: String,
    /// Which of the token's clients, by its own word.
    pub client: Option<String>,
}

/// One command by its name: of `graph` (`setField`), or one of the earlier application (`UpdateProperty`).
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Name.
    pub name: String,
    /// Its fields, as a JSON object.
    pub data: Json,
}

/// When a change is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It survives the death of the process.
    Written,
    /// It survives a loss of power.
    Durable,
}

/// What a program wants.
#[derive(Debug)]
pub enum Order {
    /// Commands as one change and one undo step; all or none.
    Execute {
        /// The commands.
        steps: Vec<Step>,
        /// What the undo step is called.
        label: Option<String>,
        /// Names the order in what followers are told.
        command_id: String,
        /// Refused unless the project stands at one of these heads.
        if_match: Option<Vec<String>>,
        /// When to answer.
        level: Level,
    },
    /// Take back the last step of this author.
    Undo {
        /// Names the order in what followers are told.
        command_id: String,
        /// Refused unless the project stands at one of these heads.
        if_match: Option<Vec<String>>,
        /// When to answer.
        level: Level,
    },
    /// Repeat the step undone last.
    Redo {
        /// Names the order in what followers are told.
        command_id: String,
        /// Refused unless the project stands at one of these heads.
        if_match: Option<Vec<String>>,
        /// When to answer.
        level: Level,
    },
    /// Change nothing, and answer when all that was changed before is kept.
    Wait {
        /// How.
        level: Level,
    },
    /// How the project stands.
    State,
    /// One node.
    Node(NodeId),
    /// Live nodes, each parent before its children.
    Nodes {
        /// Only this one and what is beneath it.
        under: Option<NodeId>,
        /// So many are passed over.
        offset: usize,
        /// At most so many.
        limit: usize,
    },
    /// What is wrong.
    Problems,
    /// What was done, newest first.
    Past {
        /// So many are passed over.
        offset: usize,
        /// At most so many.
        limit: usize,
    },
}

impl Order {
    /// What kind of order it is, for followers: the name of a command, `Batch` for several, `undo` or `redo`.
    pub fn name(&self) -> String {
        match self {
            Self::Execute { steps, label, .. } => match (steps.as_slice(), label) {
                ([one], None) => one.name.clone(),
                _ => BATCH.to_owned(),
            },
            Self::Undo { .. } => "undo".to_owned(),
            Self::Redo { .. } => "redo".to_owned(),
            _ => "read".to_owned(),
        }
    }
}

/// What followers call several commands as one.
const BATCH: &str = "Batch";

/// The answer to an [`Order`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// A change was made, or there was nothing to undo or redo.
    Done(Box<Done>),
    /// To [`Order::State`].
    State {
        /// Number of changes since the project was opened.
        revision: u64,
        /// What the documents hold; equal heads, equal projects.
        heads: String,
        /// What undo and redo would do for the caller.
        history: HistoryState,
        /// Name of the project.
        name: String,
        /// Live nodes.
        node_count: usize,
    },
    /// To [`Order::Node`].
    Node {
        /// The node.
        node: Box<NodeCard>,
        /// As of [`Answered::State`].
        heads: String,
    },
    /// To [`Order::Nodes`].
    Nodes(Page),
    /// To [`Order::Problems`].
    Problems(Vec<Problem>),
    /// To [`Order::Past`].
    Past {
        /// Newest first.
        changes: Vec<PastChange>,
        /// How many there are in all.
        total: usize,
        /// As of [`Answered::State`].
        heads: String,
    },
}

/// What an order changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Revision that contains it.
    pub revision: u64,
    /// Heads afterwards.
    pub heads: String,
    /// What the step is called; none: there was nothing to undo or redo.
    pub label: Option<String>,
    /// What followers are told; none: the view is as it was.
    pub happening: Option<Arc<Happening>>,
    /// What undo or redo left alone.
    pub skipped: Vec<Skipped>,
    /// What undo and redo would do now.
    pub history: HistoryState,
    /// Whether it survives a loss of power already.
    pub is_durable: bool,
    /// Why the disk does not take it. It is in memory then, and is written when that is possible again.
    pub unwritten: Option<Failure>,
}

/// An order with the author for whom it is carried out.
#[derive(Debug)]
pub struct SignedOrder {
    pub(crate) signature: Signature,
    pub(crate) caller: Caller,
    /// One for each command, for what it makes.
    pub(crate) ids: Vec<Uuid>,
    pub(crate) order: Order,
}

/// Somebody who is answered when the disk has what came before a number.
pub(crate) struct Waiter {
    pub(crate) ticket: Ticket,
    pub(crate) before: Number,
    pub(crate) level: Level,
    pub(crate) done: Done,
}

/// The commands as one, and what its name is for followers.
pub(crate) fn translate(
    project: &graph::Project,
    steps: Vec<Step>,
    label: Option<String>,
    ids: Vec<Uuid>,
) -> Result<(String, Command), Failure> {
    let mut drafts = Drafts::new(project);
    let mut names = Vec::new();
    let mut commands = Vec::new();
    let is_alone = steps.len() == 1;
    for (Step { name, data }, id) in steps.into_iter().zip(ids) {
        let read = classic::read(&drafts, &name, &data, id);
        let command = read.unwrap_or_else(|| own(&name, data));
        let number = commands.len() + 1;
        let command = command.map_err(|failure| match is_alone {
            true => failure,
            false => of_command(number, failure),
        })?;
        drafts.note(&command);
        names.push(name);
        commands.push(command);
    }
    match (commands.len(), &label) {
        (0, _) => Err(Failure::new("INVALID_REQUEST", "There is no command.")),
        (1, None) => Ok((names.remove(0), commands.remove(0))),
        _ => Ok((BATCH.to_owned(), Command::Batch { label, commands })),
    }
}

/// Why a command was refused, or which of several.
pub(crate) fn refused(rejection: Rejection) -> Failure {
    match rejection {
        Rejection::OfCommand { number, why } => of_command(number, (*why).into()),
        why => why.into(),
    }
}

fn of_command(number: usize, failure: Failure) -> Failure {
    let message = format!("Command {number}: {}", failure.message);
    Failure { message, ..failure }
}

/// A command of `graph` by its own name.
fn own(name: &str, data: Json) -> Result<Command, Failure> {
    let Json::Object(mut fields) = data else {
        return Err(Failure::new(
            "INVALID_REQUEST",
            "The data of a command are an object.",
        ));
    };
    fields.insert("kind".to_owned(), Json::String(name.to_owned()));
    serde_json::from_value(Json::Object(fields)).map_err(|error| {
        let text = error.to_string();
        match text.starts_with("unknown variant") {
            true => Failure::new(
                "INVALID_COMMAND",
                format!("There is no command “{name:.60}”."),
            ),
            false => Failure::new("INVALID_REQUEST", sentence(&format!("{name:.60}: {text}"))),
        }
    })
}
