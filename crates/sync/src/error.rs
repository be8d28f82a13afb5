//! Why a link is dropped.

use trust::membership::{NotAdmitted, NotLetIn};
use trust::{DeviceId, MembershipError, Refusal};

use crate::ByeCode;

/// Bytes that are not what they should be, and in what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("undecodable: {0}")]
pub struct DecodeError(pub &'static str);

/// Why a link is dropped: something that its sender could have known, or its own wish.
///
/// What opens and decodes but cannot be applied is not here: that is held, and charged to the device that signed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// The bytes are no message.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    /// A message or a part of it is larger than is allowed.
    #[error("{what} of {bytes} bytes is too large")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// How large it is.
        bytes: usize,
    },
    /// A frame of another room.
    #[error("a frame of another room")]
    OtherRoom,
    /// The peer's membership log cannot be merged with ours.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// A frame or a signal by somebody who may not.
    #[error("{device} wrote what it may not: {refusal}")]
    NotPermitted {
        /// Who is named in the frame.
        device: DeviceId,
        /// Why it may not.
        refusal: Refusal,
    },
    /// A frame or a signal that its device has not signed.
    #[error("what {device} is said to have written is not signed by it")]
    NotSigned {
        /// Who is named in the frame.
        device: DeviceId,
    },
    /// A frame that everybody can read, in a room that is for its members.
    #[error("{device} wrote what is not sealed")]
    NotSealed {
        /// Who is named in the frame.
        device: DeviceId,
    },
    /// Somebody comes by an invitation that lets nobody in.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// A message that has no place at this point.
    #[error("{0} has no place here")]
    Unexpected(&'static str),
    /// More streams than a room may have.
    #[error("too many streams")]
    TooManyStreams,
    /// The peer says goodbye.
    #[error("the peer left: {0:?}")]
    Bye(ByeCode),
}

impl From<NotLetIn> for LinkError {
    fn from(refused: NotLetIn) -> Self {
        match refused {
            NotLetIn::Log(error) => error.into(),
            NotLetIn::NotAdmitted(refused) => refused.into(),
        }
    }
}
