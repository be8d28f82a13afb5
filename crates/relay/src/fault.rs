//! Deliberate defects. With the feature `testing` one of them can be switched on for the current thread, and the
//! simulation must notice; without it nothing of this is compiled in.

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A frame is announced when it is offered to the disk and not when it is written.
    PublishBeforeWritten,
    /// A frame is acknowledged when it is written and not when it is durable.
    AcknowledgeBeforeDurable,
    /// What the disk refused is not offered again.
    ForgetRefused,
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
