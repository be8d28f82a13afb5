//! Whose rooms a relay keeps.

use std::collections::BTreeSet;

use trust::DeviceId;

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
