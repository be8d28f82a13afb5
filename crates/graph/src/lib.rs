//! The project as a graph.
pub mod clipping;
mod codec;
pub mod command;
mod commands;
pub mod delta;
pub mod details;
pub mod document;
mod edit;
pub mod fault;
#[cfg(feature = "faults")]
pub mod generate;
mod history;
pub mod id;
pub mod link;
pub mod notice;
mod order;
pub mod person;
mod position;
pub mod problem;
mod project;
pub mod rejection;
pub mod saved;
pub mod schema;
pub mod template;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod time;
pub mod undo;
pub mod value;
pub mod view;

pub use automerge::ChangeHash;
pub use project::{
    Applied, ChangeHeader, Fresh, Guest, HistoryUpdate, HistoryWrite, LoadError, Merged,
    NewProject, NothingToUndo, Packed, PastChange, Project, Refusal, Said, Saver, Signature,
    StackUpdate, StoredDocument, StoredHistory, TextSnapshot, UndoReport, Written, hashes_in,
    is_whole,
};
