//! Deliberate defects, each of which a simulation or a property must notice.

pub(crate) use ::fault::planted;
#[cfg(feature = "testing")]
pub use ::fault::{clear, plant};

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
    /// What a closed room says is to be read by whoever carries it.
    SealNothing,
    /// A snapshot of a document claims chunks that it does not hold.
    SnapshotClaimsMore,
    /// Another key is due, and no owner begins it.
    KeepEpoch,
    /// A member does not have the key of something that is here, and no owner carries it on.
    KeepKeys,
    /// What changes in the log of members is not stored.
    ForgetMembers,
}
