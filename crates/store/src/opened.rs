//! What opening a data directory says about the numbers that were handed out from it before.

/// What was found at opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The last one to use the directory closed it in order, with everything durable.
    pub clean: bool,
    /// It is the very directory that was closed, on the same machine: not a copy, not a restored backup, not a new one.
    pub same_place: bool,
}

impl Opened {
    /// Whether identifiers that count (an actor, a stream of frames) must be made anew. Otherwise a number could be used
    /// twice: after a loss of power numbers that were forwarded may be missing here, and a copy counts on elsewhere.
    pub fn fresh_identity_needed(self) -> bool {
        !(self.clean && self.same_place)
    }
}
