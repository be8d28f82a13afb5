//! Deliberate defects, each of which a simulation or a property must notice.

pub(crate) use ::fault::planted;
#[cfg(feature = "testing")]
pub use ::fault::{clear, plant};

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A frame is announced when it is offered to the disk and not when it is written.
    PublishBeforeWritten,
    /// A frame is acknowledged when it is written and not when it is durable.
    AcknowledgeBeforeDurable,
    /// What the disk refused is not offered again.
    ForgetRefused,
    /// Its door is not told the time, and lets nobody in by an invitation.
    ForgetClock,
}
