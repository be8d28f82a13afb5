//! Deliberate defects, each of which a simulation must notice.

pub(crate) use ::fault::planted;

/// A defect that somebody could write by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What came of a blob counts as the blob, whatever its hash.
    BelievePart,
}
