//! Deliberate defects, each of which a simulation or a property must notice.

pub(crate) use ::fault::planted;
#[cfg(feature = "faults")]
pub use ::fault::{clear, plant};

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Live children of a deleted parent stay below it.
    ForgetLift,
    /// Undo writes back whatever stood there before, whoever has changed it since.
    UndoIgnoresOwnership,
    /// New order keys carry no random digits.
    UnjitteredKey,
    /// A cycle of moves is cut at its newest edge on the first peer that sees it, by local order.
    CutByLocalOrder,
    /// A field that changed remotely is not read again.
    ForgetRemoteField,
    /// A tombstone is believed whatever position it names.
    TombstoneIgnoresMove,
    /// Undo of a restored value forgets that the value has a new operation id.
    ForgetReown,
    /// Two first edits of a long text: the view takes the oldest text, writers the newest.
    WrongTextWins,
    /// Undo of a text edit deletes by position, not by character.
    TextUndoByPosition,
    /// A refused command leaves what it had already written in the view.
    RollbackForgetsView,
}
