//! That every member can read what is here: rules M17 and R12.

use std::collections::{BTreeMap, BTreeSet};

use store::RoomWrite;
use sync::limits::SIGNAL_LIFE_MS;
use sync::{Frame, Time};
use trust::record::{EpochId, Role};
use trust::{DeviceId, Membership};

use super::Room;
use super::members::Saying;
use crate::fault::{Fault, planted};

/// Under which name a closed room keeps of which epochs all was framed once more: 8 bytes each, big-endian.
pub(crate) const FRAMED_ANEW: &str = "framed-anew";

/// The epochs in which what is here is sealed.
#[derive(Debug, Default)]
pub(crate) struct Epochs {
    sealed_in: BTreeSet<EpochId>,
    /// What was sealed in these was framed once more by this device, which is to be kept.
    framed_anew: BTreeSet<EpochId>,
    /// What was sealed in these is in the next frames.
    to_frame: BTreeSet<EpochId>,
    /// Something has changed since it was looked whether one is due, or one is.
    may_be_due: bool,
    /// Since when something is here that others have to see to first, and when this device does.
    lacking: Option<(Time, Time)>,
}

impl Epochs {
    /// Those of a log, and those of which all was framed once more.
    pub(super) fn of(log: &[Frame], framed_anew: BTreeSet<EpochId>) -> Self {
        let mut epochs = Self::default();
        log.iter().for_each(|frame| epochs.note(frame));
        Self {
            framed_anew,
            ..epochs
        }
    }

    /// A frame is here. Every member is to have its key.
    pub(super) fn note(&mut self, frame: &Frame) {
        let epoch = EpochId(frame.header().epoch);
        let is_new = epoch.0 != 0 && self.sealed_in.insert(epoch);
        self.may_be_due |= is_new || self.framed_anew.remove(&epoch);
    }

    /// Frames were made of all that was to be in them.
    pub(super) fn note_framed_anew(&mut self) {
        self.framed_anew.append(&mut self.to_frame);
    }

    /// Of which all was framed once more is to be stored with this.
    pub(super) fn keep(&self, write: &mut RoomWrite) {
        let epochs = self.framed_anew.iter();
        let bytes: Vec<u8> = epochs.flat_map(|epoch| epoch.0.to_be_bytes()).collect();
        let kept = (!bytes.is_empty()).then_some(bytes);
        write.meta.push((FRAMED_ANEW.to_owned(), kept));
    }

    /// What [`Epochs::keep`] has stored.
    pub(crate) fn decode(bytes: &[u8]) -> BTreeSet<EpochId> {
        let (epochs, _) = bytes.as_chunks();
        let epoch = |bytes: &[u8; 8]| EpochId(u64::from_be_bytes(*bytes));
        epochs.iter().map(epoch).collect()
    }

    /// Members have changed.
    pub(super) fn look_again(&mut self) {
        self.may_be_due = true;
    }
}

impl Room {
    /// Sees to it that everybody can read what is here, if that is for this device to do: an owner begins an epoch, an editor
    /// frames anew what no owner can read.
    pub(super) fn let_all_read(&mut self, now: Time, unix_ms: u64) {
        match self.role() {
            Some(Role::Owner) if self.epochs.may_be_due => self.begin_due_epoch(now, unix_ms),
            Some(Role::Editor) if self.epochs.may_be_due => self.frame_anew(now),
            _ => {}
        }
    }

    /// Begins another epoch if one is due, or if a member is not given the key of something that is here (R12), and if no other
    /// owner does so.
    fn begin_due_epoch(&mut self, now: Time, unix_ms: u64) {
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

    /// Puts all that is here into frames once more, in an epoch that everybody is given, if some of it is sealed in one that
    /// some member is not given, and nobody was heard for a while who goes first (R12).
    fn frame_anew(&mut self, now: Time) {
        let kept = self.not_framed_anew();
        self.epochs.may_be_due = !kept.is_empty();
        let members = self.exchange.membership();
        let current = members.epoch().filter(|_| !members.is_epoch_due());
        let Some(current) = current.filter(|epoch| !kept.is_empty() && self.has_key_of(epoch))
        else {
            self.epochs.lacking = None;
            return;
        };
        let heard = self.exchange.devices(now);
        let first = heard.filter(|it| self.goes_first(&it.device, current, &kept));
        let since = self.epochs.lacking.map_or(now, |(since, _)| since);
        let heard_last = first.map(|it| it.seen).max().unwrap_or(since);
        let at = since.max(heard_last).plus_ms(SIGNAL_LIFE_MS);
        if now < at {
            self.epochs.lacking = Some((since, at));
            return;
        }
        self.epochs.to_frame.extend(kept.into_keys());
        (self.epochs.lacking, self.epochs.may_be_due) = (None, false);
        self.framed.forget_all();
    }

    /// Epochs that are kept from somebody, of which this device has not framed all once more; with whoever is given each.
    fn not_framed_anew(&self) -> BTreeMap<EpochId, BTreeSet<DeviceId>> {
        let members = self.exchange.membership();
        let Epochs {
            framed_anew,
            to_frame,
            ..
        } = &self.epochs;
        let is_done = |epoch: &EpochId| framed_anew.contains(epoch) || to_frame.contains(epoch);
        self.kept_from_somebody()
            .filter(|epoch| !is_done(epoch))
            .map(|epoch| (epoch, members.given(epoch)))
            .collect()
    }

    /// Whether somebody sees to it before this device does that everybody reads what is sealed in these epochs: an owner who can
    /// carry one of them on, or of those who frame anew the device with the smallest id.
    fn goes_first(
        &self,
        device: &DeviceId,
        current: EpochId,
        kept: &BTreeMap<EpochId, BTreeSet<DeviceId>>,
    ) -> bool {
        let members = self.exchange.membership();
        let is_given = |given: &BTreeSet<DeviceId>| given.contains(device);
        match members.role_of(device) {
            Some(Role::Owner) => {
                members.given(current).contains(device) && kept.values().any(is_given)
            }
            Some(Role::Editor) => *device < self.stream.device && kept.values().all(is_given),
            _ => false,
        }
    }

    /// Does what nobody has done who goes first.
    pub(crate) fn stand_in(&mut self, now: Time) {
        if self.stands_in_at().is_some_and(|at| at <= now) {
            self.frame_anew(now);
        }
    }

    /// When [`Room::stand_in`] is due.
    pub(super) fn stands_in_at(&self) -> Option<Time> {
        let may_do_so = self.role() == Some(Role::Editor) && self.has_company();
        self.epochs.lacking.map(|(_, at)| at).filter(|_| may_do_so)
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

    /// Of several owners who were heard lately and can carry the current epoch on, and the one of which it is said, one does.
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
        let mut heard = self.exchange.devices(now);
        !heard.any(|it| {
            let (other, silent_ms) = (it.device, now.since_ms(it.seen));
            silent_ms < SIGNAL_LIFE_MS && other < me && is_owner(&other) && can_begin(&other)
        })
    }
}

/// Whether the log says that another key is due (M17).
pub(super) fn is_epoch_due(members: &Membership) -> bool {
    members.is_epoch_due() && !planted(Fault::KeepEpoch)
}
