//! Whose rooms a relay keeps.

use std::collections::BTreeSet;

use trust::{DeviceId, hosting::HostingToken};

/// Whose rooms are kept.
///
/// A room belongs to its owners, as its log of members names them, and is kept as long as one of them is let. So it does
/// not matter which member brings it, and a room goes with the last of its owners who was let.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Everybody's, as far as the limits go.
    Everybody,
    /// Those of these devices; with none nobody's.
    Owners(BTreeSet<DeviceId>),
}

impl Hosts {
    /// Whether a room of these owners is kept.
    pub fn permits<'a>(&self, owners: impl IntoIterator<Item = &'a DeviceId>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Owners(let_in) => owners.into_iter().any(|owner| let_in.contains(owner)),
        }
    }

    /// Whether no room is kept at all.
    pub fn is_nobody(&self) -> bool {
        matches!(self, Self::Owners(let_in) if let_in.is_empty())
    }
}

/// Lets devices host rooms by the token that they bring.
pub trait Redeemer: Send + Sync + 'static {
    /// Whoever has this token comes as this device; says whose rooms are kept from now on. It may wait for the disk, and is asked
    /// again at each link until the device hosts rooms.
    ///
    /// # Errors
    /// Why the token lets nobody in.
    fn redeem(&self, token: &HostingToken, device: DeviceId) -> Result<Hosts, NotRedeemed>;
}

/// Why a hosting token lets nobody in, in words for whoever brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRedeemed {
    /// Nobody gave it out here.
    #[error("the hosting token is not one of this relay; ask whoever runs it for a link")]
    Unknown,
    /// It was good until a time that has passed.
    #[error("the hosting token has expired; ask whoever runs the relay for another")]
    Expired,
    /// As many devices as may have come with it.
    #[error("the hosting token is used up; ask whoever runs the relay for another")]
    UsedUp,
    /// It was taken back.
    #[error("the hosting token was revoked; ask whoever runs the relay")]
    Revoked,
    /// It cannot be looked at now.
    #[error("the relay cannot check hosting tokens now; it is tried again by itself")]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_is_enough_and_none_is_nobody() {
        let [ana, ben, cleo] = [1, 2, 3].map(|byte| DeviceId([byte; 32]));
        let hosts = Hosts::Owners([ana].into());
        assert!(hosts.permits([&ben, &ana]));
        assert!(!hosts.permits([&ben, &cleo]));
        assert!(!hosts.permits([]));
        let nobody = Hosts::Owners(BTreeSet::new());
        assert!(nobody.is_nobody() && !nobody.permits([&ana]));
        assert!(Hosts::Everybody.permits([&ana]) && !Hosts::Everybody.is_nobody());
    }
}
