//! What a project is doing, for the report of a crash.

use super::{Ask, Input, LinkEvent};
use crate::requests;

impl Input {
    /// What is being done, for the report of a crash.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Input::Ask(_, Ask::Request(request)) => requests::name(request),
            Input::Ask(_, Ask::Snapshot) => "taking a snapshot",
            Input::Ask(_, Ask::Order(_)) => "carrying out an order of a program",
            Input::Ask(_, Ask::Visit(_)) => "taking in what a program changed",
            Input::Ask(_, Ask::Pack | Ask::Bundle(_) | Ask::Acquaintances) => "packing",
            Input::Ask(_, Ask::Import(_)) => "taking in a file of changes",
            Input::Ask(_, Ask::Sealed(_)) => "attaching a file",
            Input::Ask(_, Ask::Invite(_) | Ask::Enter(_) | Ask::Say(_)) => {
                "changing who is a member"
            }
            Input::Learned(..) => "hearing from the store",
            Input::Retry | Input::Resumed(_) => "writing again",
            Input::Flush => "telling what changed",
            Input::Compacted(_) => "compacting",
            Input::Profile(_) | Input::Become(_) => "changing a name",
            Input::Notify(_) => "changing what to hear of",
            Input::Share(_) => "entering a room",
            Input::Link(_, LinkEvent::Message(..)) => "taking in what others sent",
            Input::Link(..) | Input::Stream(_) | Input::Tick(_) | Input::Chosen(_) => {
                "sending to others"
            }
            Input::Presence(_) => "saying where one is",
            Input::Condensed(_) => "making a snapshot",
            Input::Blob(_) => "fetching an attachment",
        }
    }
}
