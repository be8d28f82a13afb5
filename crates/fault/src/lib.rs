//! Deliberate defects, to see whether the tests notice.
//!
//! A crate lists what somebody could write wrong in an enum of its own, and asks [`planted`] where that would be wrong.
//! With the feature `plant` one defect of one crate can be switched on for the current thread; without it nothing of this
//! is compiled in.

#[cfg(feature = "plant")]
mod switch {
    use std::any::Any;
    use std::cell::RefCell;

    thread_local!(static PLANTED: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) });

    /// Switches a defect on for this thread, and whatever was on off.
    pub fn plant<F: PartialEq + 'static>(fault: F) {
        PLANTED.set(Some(Box::new(fault)));
    }

    /// Switches off what is on.
    pub fn clear() {
        PLANTED.set(None);
    }

    /// Whether a defect is on.
    pub fn planted<F: PartialEq + 'static>(fault: F) -> bool {
        PLANTED.with_borrow(|planted| {
            let planted = planted.as_ref().and_then(|it| it.downcast_ref::<F>());
            planted == Some(&fault)
        })
    }
}

#[cfg(feature = "plant")]
pub use switch::{clear, plant, planted};

/// Whether a defect is on: never.
#[cfg(not(feature = "plant"))]
#[inline(always)]
pub fn planted<F>(_: F) -> bool {
    false
}
