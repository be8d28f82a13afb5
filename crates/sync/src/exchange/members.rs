//! Who is let in, and whose frames are taken: rules M5 and R1 to R9.

use std::collections::BTreeSet;

use bytes::Bytes;
use trust::record::RecordId;
use trust::{DeviceId, Membership, MembershipError, Refusal, Right, Standing};

use super::{Exchange, Outgoing, Received};
use crate::fault::{Fault, planted};
use crate::limits::MAX_KNOCKS;
use crate::{Frame, FrameId, LinkError, LinkId, Message, StreamId, Time};

/// What those want to know who wait at a door.
pub(super) struct Welcome {
    /// Those that let somebody in, whenever they expire.
    open: BTreeSet<RecordId>,
    is_member: bool,
}

impl Exchange {
    /// What somebody has said here in the log: it goes to all links, and who is shut out is cut off. True if it is new.
    pub fn merge_members(&mut self, membership: &Membership) -> Result<bool, MembershipError> {
        let before = self.welcome();
        let changed = self.membership.merge(membership.records())?;
        if changed {
            self.members_changed(None, before);
        }
        Ok(changed)
    }

    /// This device keeps frames for the members although it is none of them and reads nothing: a relay that somebody here has
    /// chosen. It is served as long as the log says nothing of it.
    pub fn trust_carrier(&mut self, device: DeviceId) {
        self.carriers.insert(device);
        for place in 0..self.links.len() {
            self.let_in(place);
        }
    }

    /// Nobody here has chosen this device any more: its links are cut off, unless it is a member by now.
    pub fn dismiss_carrier(&mut self, device: &DeviceId) {
        if !self.carriers.remove(device) {
            return;
        }
        let links = self.links.iter();
        let its = links.filter(|link| link.peer.device == *device);
        let its: Vec<LinkId> = its.map(|link| link.id).collect();
        for id in its {
            let refusal = self.place(id).and_then(|place| self.shuts_out(place));
            if let Some(refusal) = refusal {
                self.expel(id, refusal);
            }
        }
    }

    /// What time it is, in ms since 1970. Before it is told, every invitation has expired here.
    pub fn set_clock(&mut self, unix_ms: u64, now: Time) {
        self.clock = Some((unix_ms, now));
    }

    /// Shows a frame of the log after the room was opened, in any order: for which it vouches is not stored. In an open
    /// room there is no need to.
    pub fn recall(&mut self, frame: &Frame) {
        self.note_vouched(frame);
    }

    /// Whether a frame came, and was left because it does not count and nobody vouches for it (R4); or a snapshot was, that stands
    /// for it.
    pub fn has_left(&self, stream: StreamId, number: u64) -> bool {
        let vouchers = self.vouchers.as_ref();
        vouchers
            .is_some_and(|it| it.has_left(stream, number) || it.has_left_counted(stream, number))
    }

    pub(super) fn take_members(
        &mut self,
        place: usize,
        records: &[Bytes],
        received: &mut Received,
    ) -> Result<(), LinkError> {
        let before = self.welcome();
        let changed = match self.links[place].is_let_in {
            true => self.membership.merge(records)?,
            false => self.knock(place, records)?,
        };
        let link = &mut self.links[place];
        // It tells us because it has let us in, or was let in itself; it may not have looked at what we hold before.
        let is_again = link.has_members && link.is_let_in && !link.has_vector && !changed;
        link.has_members = true;
        received.membership_changed |= changed;
        let id = link.id;
        if changed {
            self.members_changed(Some(id), before);
        }
        if let Some(place) = self.place(id) {
            match self.shuts_out(place) {
                Some(refusal) => self.expel(id, refusal),
                None if is_again => self.say_again(place),
                None => self.let_in(place),
            }
        }
        Ok(())
    }

    fn knock(&mut self, place: usize, records: &[Bytes]) -> Result<bool, LinkError> {
        let link = &mut self.links[place];
        link.knocks += 1;
        let device = link.peer.device;
        if link.knocks > MAX_KNOCKS {
            let refusal = Refusal::NotAMember;
            return Err(LinkError::NotPermitted { device, refusal });
        }
        // Who knows nothing but the genesis has nothing to lose, and how others were let in was judged when they came.
        if self.membership.history().len() == 0 {
            return Ok(self.membership.merge(records)?);
        }
        let unix_ms = self.clock.map_or(u64::MAX, |(unix_ms, at)| {
            unix_ms.saturating_add(self.now.since_ms(at))
        });
        let merged = self.membership.merge_at_door(records, &device, unix_ms);
        Ok(merged?)
    }

    /// What of the log is for those who wait, too: which invitations there are, one of which may be theirs, and whether
    /// this device is a member, without which it is nobody for them.
    pub(super) fn welcome(&self) -> Welcome {
        let log = &self.membership;
        let all = log.invitations().map(|(id, _)| *id);
        Welcome {
            open: all.filter(|id| log.may_admit(id, 0).is_ok()).collect(),
            is_member: log.role_of(&self.device).is_some(),
        }
    }

    /// Everybody else learns of new records; who may be here now is let in, and who may not any more is cut off. Who waits is
    /// told if there is more of what is for her than before.
    pub(super) fn members_changed(&mut self, from: Option<LinkId>, before: Welcome) {
        let members = self.members();
        let now = self.welcome();
        // Whoever has fallen may have revoked one, or used it up.
        let is_for_guests = !now.open.is_subset(&before.open) || now.is_member && !before.is_member;
        let links: Vec<LinkId> = self.links.iter().map(|link| link.id).collect();
        for id in links {
            let Some(place) = self.place(id) else {
                continue;
            };
            if let Some(refusal) = self.shuts_out(place) {
                self.expel(id, refusal);
                continue;
            }
            if !self.links[place].is_let_in {
                self.let_in(place);
                if is_for_guests && !self.links[place].is_let_in && Some(id) != from {
                    self.send(place, members.clone());
                }
                continue;
            }
            if Some(id) != from {
                self.send(place, members.clone());
            }
            // It may have heard what we hold before it knew that we may say so.
            if !self.links[place].has_vector {
                self.say_again(place);
            }
        }
        self.forget_signals_of_others();
        let log = &self.membership;
        let is_editors = |stream: StreamId, number| {
            log.counts(&stream.device, Right::Edit, stream.nonce, number)
        };
        let vouchers = self.vouchers.as_mut();
        if vouchers.is_some_and(|it| it.strengthen(is_editors) | it.begin_anew()) {
            self.ask_everybody();
        }
    }

    /// Whether somebody may have what is in the room, sealed as it is. Who is or was a member is judged by that alone.
    fn may_have(&self, device: &DeviceId) -> Result<(), Refusal> {
        let is_carrier = self.carriers.contains(device) && self.membership.member(device).is_none();
        match self.membership.permits(device, Right::Read) {
            Err(_) if is_carrier => Ok(()),
            judged => judged,
        }
    }

    /// Why a link is to be cut off: its device was let in and may not be here any more, or the log says that it was removed.
    /// Who is unknown may still come with a join of its own.
    fn shuts_out(&self, place: usize) -> Option<Refusal> {
        let link = &self.links[place];
        let refusal = self.may_have(&link.peer.device).err()?;
        if planted(Fault::KeepRemoved) {
            return None;
        }
        let is_known = self.membership.member(&link.peer.device).is_some();
        (link.is_let_in || is_known).then_some(refusal)
    }

    /// A link that has waited may have what is here: it is told, beginning with the members of whom it has not heard while it
    /// waited.
    fn let_in(&mut self, place: usize) {
        let link = &self.links[place];
        if !link.is_let_in && self.may_have(&link.peer.device).is_ok() {
            self.send(place, self.members());
            self.links[place].has_waited = true;
            self.open_up(place);
        }
    }

    /// Says once more what is here to a link that has not answered.
    fn say_again(&mut self, place: usize) {
        self.links[place].hear_all_signals();
        self.send_vector(place);
        self.send_signals(place);
    }

    /// Says what is here to a link that has heard who is a member, if it may have it.
    pub(super) fn open_up(&mut self, place: usize) {
        if self.may_have(&self.links[place].peer.device).is_ok() {
            self.links[place].is_let_in = true;
            self.send_vector(place);
            self.send_signals(place);
        }
    }

    /// The last that the link hears are the records that shut it out.
    fn expel(&mut self, id: LinkId, refusal: Refusal) {
        let Some(place) = self.place(id) else {
            return;
        };
        let device = self.links[place].peer.device;
        let members = self.members();
        self.disconnect(id);
        self.outbox.push(Outgoing::Send(id, members));
        let error = LinkError::NotPermitted { device, refusal };
        self.outbox.push(Outgoing::Drop(id, error));
    }

    /// All that a sender could have checked of a frame before sending it. Nothing comes back if it cannot be told here
    /// who has signed it.
    pub(super) fn verify(&self, frame: &Frame) -> Result<Option<Standing>, LinkError> {
        let header = frame.header();
        if header.room != self.room() {
            return Err(LinkError::OtherRoom);
        }
        if self.membership.is_open() {
            return Ok(Some(Standing::Counts));
        }
        let (device, nonce) = (header.stream.device, header.stream.nonce);
        let log = &self.membership;
        let standing = log.standing(&device, header.right(), nonce, header.number);
        if let (Standing::Never(refusal), false) = (standing, planted(Fault::ForgetRoles)) {
            return Err(LinkError::NotPermitted { device, refusal });
        }
        let Some(key) = log.key_of(&device) else {
            return Ok(None);
        };
        match frame.verify(&key) {
            Err(_) if !planted(Fault::ForgetSignatures) => Err(LinkError::NotSigned { device }),
            _ if header.epoch == 0 && !frame.payload().is_empty() => {
                Err(LinkError::NotSealed { device })
            }
            _ => Ok(Some(standing)),
        }
    }

    /// Whether a frame that its sender may have sent counts. If not, it is left, and asked for when somebody vouches.
    pub(super) fn counts(&mut self, frame: &Frame, standing: Option<Standing>) -> bool {
        let Some(standing) = standing else {
            return false;
        };
        let is_taken = planted(Fault::TakeWhatWasLeft) || planted(Fault::ForgetRoles);
        let counts = standing == Standing::Counts || is_taken;
        let vouchers = self.vouchers.as_ref();
        let some_are_left = vouchers.is_some_and(|it| it.have_left());
        if counts && !some_are_left {
            return true;
        }
        let id = frame.id();
        let vouchers = self.vouchers.get_or_insert_default();
        let vouched = vouchers.vouch_for(&id, frame);
        if vouched.counts || counts {
            return true;
        }
        vouchers.leave(id, frame);
        let counted = frame.snapshot().map(|it| it.vector).unwrap_or_default();
        let known = counted
            .iter()
            .filter(|(it, _)| self.table.find(it).is_some());
        vouchers.leave_counted(known);
        if vouched.is_news && !planted(Fault::ForgetWhatWasLeft) {
            self.ask_everybody();
        }
        false
    }

    /// A frame that counts came after a gap: what is missing is asked for, unless it is what was left. What is missing may also be
    /// below a snapshot that was left, so the frame vouches like one that is taken. Behind what was left only a countersignature
    /// does.
    pub(super) fn fill_gap(&mut self, place: usize, frame: &Frame, next: u64) {
        let vouchers = self.vouchers.as_ref();
        let was_left = vouchers.is_some_and(|it| it.has_left(frame.header().stream, next));
        if !was_left || frame.countersignature().is_some() {
            self.note_vouched(frame);
        }
        match &mut self.vouchers {
            Some(vouchers) if was_left => vouchers.leave(frame.id(), frame),
            _ => self.ask_again(place, self.now),
        }
    }

    /// A frame was taken: what it lists counts.
    pub(super) fn note_vouched(&mut self, frame: &Frame) {
        if self.membership.is_open() || planted(Fault::ForgetVouchers) {
            return;
        }
        let right = self.strength_of(frame);
        let signed = frame.countersignature().map(|body| body.snapshot);
        let lists: Vec<FrameId> = frame.deps().chain(signed).collect();
        let vouchers = self.vouchers.get_or_insert_default();
        let is_news = vouchers.take(frame, lists, right);
        if is_news && !planted(Fault::ForgetWhatWasLeft) {
            self.ask_everybody();
        }
    }

    /// For what a frame that was taken vouches: who may not write the project does not let others write it.
    fn strength_of(&self, frame: &Frame) -> Right {
        let header = frame.header();
        let (device, nonce) = (header.stream.device, header.stream.nonce);
        let log = &self.membership;
        if log.counts(&device, Right::Edit, nonce, header.number) {
            return Right::Edit;
        }
        let vouchers = self.vouchers.as_ref();
        let listed = vouchers.and_then(|it| it.strength_of(&frame.id()));
        listed.map_or(header.right(), |right| right.max(header.right()))
    }

    fn ask_everybody(&mut self) {
        for place in 0..self.links.len() {
            self.ask_again(place, self.now);
        }
    }

    pub(super) fn members(&self) -> Bytes {
        let records = self.membership.records().iter();
        let records = records.map(|record| Bytes::copy_from_slice(record));
        Message::Members(records.collect()).encode()
    }
}
