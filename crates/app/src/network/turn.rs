//! Which of two machines that found each other dials. Pure.
//!
//! The one with the greater device id dials, so that there is one link between them. If nothing comes of that for
//! [`PATIENCE`], because a firewall lets nobody in here or because the other one gave up for a while, the other dials too.

use std::time::Duration;

use trust::DeviceId;

/// How long the lesser of two leaves it to the greater to dial.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How it stands with a machine that was found, in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its device id is greater than that of this machine.
    pub(super) is_greater: bool,
    /// It is being dialled because it was found.
    pub(super) is_dialled: bool,
    /// There is another link to it.
    pub(super) is_linked: bool,
    /// And that one was dialled here, too.
    pub(super) is_linked_from_here: bool,
    /// For how long there has been no link to it.
    pub(super) silent: Duration,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Dial it, or go on.
    Dial,
    /// Do not dial it, or no longer.
    Leave,
    /// Look again after this time.
    Wait(Duration),
}

impl Standing {
    pub(super) fn turn(self) -> Turn {
        match self {
            // One of two links is enough. Both ends must not drop one, so it is the greater's that stays.
            Self {
                is_linked: true,
                is_dialled: true,
                is_greater: false,
                is_linked_from_here: false,
                ..
            } => Turn::Dial,
            Self {
                is_linked: true, ..
            } => Turn::Leave,
            Self {
                is_dialled: true, ..
            }
            | Self {
                is_greater: false, ..
            } => Turn::Dial,
            Self { silent, .. } if silent >= PATIENCE => Turn::Dial,
            Self { silent, .. } => Turn::Wait(PATIENCE.saturating_sub(silent)),
        }
    }
}

/// Whether a dial goes on that was begun expecting somebody, or whoever is there, and is linked to somebody by now: not if
/// `device` is expected from here on, and it is neither. Anybody can announce himself as a member who is not known yet.
pub(super) fn goes_on(
    expected: Option<DeviceId>,
    linked: Option<DeviceId>,
    device: Option<DeviceId>,
) -> bool {
    device.is_none() || expected == device || linked == device
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn standing(is_greater: bool) -> Standing {
        Standing {
            is_greater,
            is_dialled: false,
            is_linked: false,
            is_linked_from_here: false,
            silent: NOW,
        }
    }

    #[test]
    fn the_lesser_is_dialled_at_once_and_the_greater_after_a_while() {
        assert_eq!(standing(false).turn(), Turn::Dial);
        assert_eq!(standing(true).turn(), Turn::Wait(PATIENCE));
        let silent = Duration::from_secs(1);
        let waiting = Standing {
            silent,
            ..standing(true)
        };
        assert_eq!(waiting.turn(), Turn::Wait(Duration::from_secs(2)));
        let silent = PATIENCE;
        let late = Standing {
            silent,
            ..standing(true)
        };
        assert_eq!(late.turn(), Turn::Dial);
        // Begun once, it goes on.
        let is_dialled = true;
        assert_eq!(
            Standing {
                is_dialled,
                ..standing(true)
            }
            .turn(),
            Turn::Dial
        );
    }

    #[test]
    fn whoever_is_linked_is_not_dialled() {
        for is_greater in [false, true] {
            let is_linked = true;
            assert_eq!(
                Standing {
                    is_linked,
                    ..standing(is_greater)
                }
                .turn(),
                Turn::Leave
            );
        }
    }

    #[test]
    fn of_two_links_one_end_alone_drops_one() {
        let both = |is_greater| Standing {
            is_dialled: true,
            is_linked: true,
            ..standing(is_greater)
        };
        assert_eq!(both(true).turn(), Turn::Leave);
        assert_eq!(both(false).turn(), Turn::Dial);
        let is_linked_from_here = true;
        assert_eq!(
            Standing {
                is_linked_from_here,
                ..both(false)
            }
            .turn(),
            Turn::Leave
        );
    }

    #[test]
    fn who_pretends_to_be_a_member_is_left_once_the_member_is_known() {
        let (member, other) = (Some(DeviceId([1; 32])), Some(DeviceId([2; 32])));
        for expected in [None, member, other] {
            for linked in [None, member, other] {
                assert!(goes_on(expected, linked, None));
                let is_she = expected == member || linked == member;
                assert_eq!(goes_on(expected, linked, member), is_she);
            }
        }
    }
}
