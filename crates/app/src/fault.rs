//! Deliberate defects. With the feature `testing` one of them can be switched on for the current thread, and the
//! simulation must notice; without it nothing of this is compiled in.

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A change counts as saved when it is written and not when it is durable.
    SavedBeforeDurable,
    /// A frame is announced when it is handed to the store and not when it is written.
    PublishBeforeWritten,
    /// A frame is acknowledged when it is written and not when it is durable.
    AcknowledgeBeforeDurable,
    /// The actor of before is gone on with after an end that was none.
    ReuseActor,
    /// A frame that came and what it changes are two commits.
    FrameApart,
    /// What a frame brought is not stored with it.
    FrameWithoutChange,
    /// What undo takes from the history stays in the store.
    ForgetHistory,
    /// After a merge, own changes that wait count as framed.
    FramedTooMuch,
    /// When the disk takes writes again, the oldest chunk is not among those that are offered again.
    ForgetOnRetry,
    /// Numbering begins anew after a start, whatever of the stream is there.
    NumberAnew,
    /// Attachments are kept and travel as they are.
    AttachInClear,
    /// A snapshot of a document claims chunks that it does not hold.
    SnapshotClaimsMore,
}

#[cfg(feature = "testing")]
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

#[cfg(feature = "testing")]
pub use switch::plant;
#[cfg(feature = "testing")]
pub(crate) use switch::planted;

#[cfg(not(feature = "testing"))]
#[inline(always)]
pub(crate) fn planted(_: Fault) -> bool {
    false
}
