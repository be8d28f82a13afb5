//! Beginning the epoch that is due: rules M17 and R12.

use std::collections::BTreeSet;

use sync::{Frame, Time};
use trust::record::{EpochId, Role};
use trust::{DeviceId, Membership};

use super::Room;
use super::members::Saying;
use crate::fault::{Fault, planted};

/// The epochs in which what is here is sealed.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    sealed_in: BTreeSet<EpochId>,
    /// Something has changed since it was looked whether one is due, or one is.
    may_be_due: bool,
}

impl Epochs {
    /// Those of a log.
    pub(super) fn of(log: &[Frame]) -> Self {
        let mut epochs = Self::default();
        log.iter().for_each(|frame| epochs.note(frame));
        epochs
    }

    /// A frame is here. Every member is to have its key.
    pub(super) fn note(&mut self, frame: &Frame) {
        let epoch = EpochId(frame.header().epoch);
        self.may_be_due |= epoch.0 != 0 && self.sealed_in.insert(epoch);
    }

    /// Members have changed.
    pub(super) fn look_again(&mut self) {
        self.may_be_due = true;
    }
}

impl Room {
    /// Begins another epoch if one is due, or if a member is not given the key of something that is here (R12), and if it is
    /// for this device to do so.
    pub(super) fn begin_due_epoch(&mut self, now: Time, unix_ms: u64) {
        if !self.epochs.may_be_due || self.role() != Some(Role::Owner) {
            return;
        }
        let members = self.exchange.membership();
        let mut due: Vec<Option<EpochId>> = self.kept_from_somebody().map(Some).collect();
        due.extend(is_epoch_due(members).then_some(None));
        let is_for_me = due.iter().any(|epoch| self.is_first_owner(*epoch, now));
        // Who would begin it may be gone when something happens next.
        self.epochs.may_be_due = !due.is_empty() && !is_for_me;
        if is_for_me {
            // If it does not work now, an owner sees that it is due.
            self.say(Saying::BeginEpoch, unix_ms).ok();
        }
    }

    /// Epochs in which something is sealed that is here, of which this device has the key and some member is not given it.
    fn kept_from_somebody(&self) -> impl Iterator<Item = EpochId> {
        let members = self.exchange.membership();
        let known = self
            .epochs
            .sealed_in
            .iter()
            .filter(move |it| self.has_key_of(it));
        let kept = known.filter(move |epoch| members.is_kept_from_somebody(**epoch));
        kept.copied().filter(|_| !planted(Fault::KeepKeys))
    }

    fn has_key_of(&self, epoch: &EpochId) -> bool {
        let keys = self.keys.as_ref();
        keys.is_some_and(|keys| keys.epochs.contains_key(epoch))
    }

    /// Of several owners who are here and can carry the current epoch on, and the one of which it is said, one does.
    fn is_first_owner(&self, epoch: Option<EpochId>, now: Time) -> bool {
        let me = self.stream.device;
        let members = self.members();
        let needed: Vec<EpochId> = members.epoch().into_iter().chain(epoch).collect();
        if !needed.iter().all(|epoch| self.has_key_of(epoch)) {
            return false;
        }
        let is_owner = |device: &DeviceId| members.role_of(device) == Some(Role::Owner);
        let given: Vec<_> = needed.iter().map(|epoch| members.given(*epoch)).collect();
        let can_begin = |device: &DeviceId| given.iter().all(|given| given.contains(device));
        let mut here = self.exchange.devices(now).map(|it| it.device);
        !here.any(|it| it < me && is_owner(&it) && can_begin(&it))
    }
}

/// Whether the log says that another key is due (M17).
pub(super) fn is_epoch_due(members: &Membership) -> bool {
    members.is_epoch_due() && !planted(Fault::KeepEpoch)
}
