//! Deliberate defects, each of which a simulation or a property must notice.

pub(crate) use ::fault::planted;
#[cfg(feature = "testing")]
pub use ::fault::{clear, plant};

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A frame counts as held, and is forwarded, when it arrives and not when it is written.
    HeldBeforeWritten,
    /// A frame that was handed over is handed over again when another link brings it.
    HandedTwice,
    /// A frame is accepted although one before it is missing.
    AcceptGap,
    /// A link that missed a frame is not caught up.
    ForgetBehind,
    /// Frames go to a link however much is on its way.
    IgnoreBudget,
    /// What is held is acknowledged before it is durable.
    AckBeforeDurable,
    /// After a gap, nobody is asked for what is missing.
    ForgetToAsk,
    /// A peer that is below the base gets frames and no snapshot.
    ForgetSnapshot,
    /// A frame goes back to the link that brought it.
    Echo,
    /// A signal is forwarded however often it comes.
    SignalStorm,
    /// After a read of the log the link counts as caught up, whatever it still lacks.
    OneReplay,
    /// A vector that comes again does not replace what was believed of the peer.
    KeepOldVector,
    /// What somebody who lost a right wrote afterwards counts although nobody vouches for it.
    TakeWhatWasLeft,
    /// Nobody's word makes a frame count that does not count by itself.
    ForgetVouchers,
    /// What was left is not asked for when somebody vouches for it.
    ForgetWhatWasLeft,
    /// A frame is taken whoever has signed it.
    ForgetSignatures,
    /// A signal is taken whoever has signed it.
    BelieveSignals,
    /// A frame is taken although no record ever allowed its device to write it.
    ForgetRoles,
    /// Whoever was removed keeps the links that she has.
    KeepRemoved,
}
