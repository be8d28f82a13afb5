//! The handshake: which room, who, and which version of the protocol. Pure functions; the shell moves the bytes.

use trust::hosting::HostingToken;
use trust::{DeviceId, RoomId};

/// The newest version of the protocol that is spoken here.
pub const PROTOCOL: u32 = 1;

/// The oldest that is still spoken: the one before, once there is one.
pub const OLDEST_PROTOCOL: u32 = 1;

/// The first message of whoever dialled. Later versions may add to it, so that any two can say why they do not agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// The oldest version that the sender speaks.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
    /// Which room it wants.
    pub room: RoomId,
    /// Who it is.
    pub device: DeviceId,
    /// Random; what a signature over the handshake will cover.
    pub nonce: [u8; 32],
    /// What lets the sender have rooms kept, where that takes one. Only for whom a link is proven to lead to.
    pub hosting: Option<HostingToken>,
}

/// The answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Welcome {
    /// The version that both speak from here on.
    pub protocol: u32,
    /// Who answers.
    pub device: DeviceId,
    /// Random, as in the hello.
    pub nonce: [u8; 32],
}

/// Why somebody ends a link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ByeCode {
    /// It stops; come again.
    ShuttingDown,
    /// It does not have that room and does not make one.
    UnknownRoom,
    /// The device may not.
    NotPermitted,
    /// The one who dialled speaks only versions that are too old.
    TooOld,
    /// The one who dialled speaks only versions that are too new.
    TooNew,
    /// It has too much to do; come again later.
    Busy,
    /// A message that its sender could have known to be wrong.
    Misbehaved,
    /// The device dialled itself, or is there on a newer link.
    Redundant,
    /// Something that only a later version knows.
    Later(u8),
}

impl Hello {
    /// A hello of this version.
    pub fn new(room: RoomId, device: DeviceId, nonce: [u8; 32]) -> Self {
        Self {
            oldest: OLDEST_PROTOCOL,
            newest: PROTOCOL,
            room,
            device,
            nonce,
            hosting: None,
        }
    }

    /// The version to speak with whoever sent this, or why there is none.
    pub fn negotiate(&self) -> Result<u32, ByeCode> {
        negotiate((self.oldest, self.newest), (OLDEST_PROTOCOL, PROTOCOL))
    }
}

impl Welcome {
    /// Whether the version is one that this side offered.
    pub fn is_acceptable(&self) -> bool {
        (OLDEST_PROTOCOL..=PROTOCOL).contains(&self.protocol)
    }
}

/// The newest version that is in both ranges of (oldest, newest), seen from the second.
pub fn negotiate(theirs: (u32, u32), ours: (u32, u32)) -> Result<u32, ByeCode> {
    let newest = theirs.1.min(ours.1);
    if theirs.1 < ours.0 || theirs.0 > theirs.1 {
        Err(ByeCode::TooOld)
    } else if theirs.0 > ours.1 {
        Err(ByeCode::TooNew)
    } else {
        Ok(newest)
    }
}

impl ByeCode {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::ShuttingDown => 1,
            Self::UnknownRoom => 2,
            Self::NotPermitted => 3,
            Self::TooOld => 4,
            Self::TooNew => 5,
            Self::Busy => 6,
            Self::Misbehaved => 7,
            Self::Redundant => 8,
            Self::Later(code) => code,
        }
    }

    pub(crate) fn from_code(code: u8) -> Self {
        match code {
            1 => Self::ShuttingDown,
            2 => Self::UnknownRoom,
            3 => Self::NotPermitted,
            4 => Self::TooOld,
            5 => Self::TooNew,
            6 => Self::Busy,
            7 => Self::Misbehaved,
            8 => Self::Redundant,
            later => Self::Later(later),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_the_newest_version_of_both_is_spoken() {
        assert_eq!(negotiate((1, 1), (1, 1)), Ok(1));
        assert_eq!(negotiate((1, 2), (2, 3)), Ok(2));
        assert_eq!(negotiate((2, 9), (2, 3)), Ok(3));
        assert_eq!(negotiate((3, 4), (1, 9)), Ok(4));
    }

    #[test]
    fn h2_without_a_common_version_the_dialler_learns_which_way_to_go() {
        assert_eq!(negotiate((1, 1), (2, 3)), Err(ByeCode::TooOld));
        assert_eq!(negotiate((4, 5), (2, 3)), Err(ByeCode::TooNew));
        assert_eq!(negotiate((3, 2), (1, 9)), Err(ByeCode::TooOld));
    }
}
