//! Deliberate defects. With the feature `faults` one of them can be switched on for the current
//! thread, and the simulation must notice; without it nothing of this is compiled in.

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

#[cfg(feature = "faults")]
mod switch {
    use super::Fault;
    use std::cell::Cell;

    thread_local!(static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) });

    /// Switch a defect on for this thread, or all off.
    pub fn plant(fault: Option<Fault>) {
        PLANTED.set(fault);
    }

    pub(crate) fn planted(fault: Fault) -> bool {
        PLANTED.get() == Some(fault)
    }
}

#[cfg(feature = "faults")]
pub use switch::plant;
#[cfg(feature = "faults")]
pub(crate) use switch::planted;

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn planted(_: Fault) -> bool {
    false
}
