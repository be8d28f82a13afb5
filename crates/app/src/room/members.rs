//! What is said here in the log of members, and how this installation gets into a room.
//!
//! Who may say what, and what it amounts to, is for [`trust::Membership`]; here stands what goes with it: whoever has changed
//! the log keeps it and begins the epoch that is due.

use std::collections::BTreeSet;

use store::RoomWrite;
use sync::Time;
use trust::invitation::{Invitation, InvitationSecret};
use trust::membership::{NotAdmitted, Refused, Terms};
use trust::record::{Cut, RecordId, Role};
use trust::{DeviceId, Genesis, Membership};

use super::epochs::is_epoch_due;
use super::{Keys, Room};
use crate::world::Random;

/// What is offered if nobody says otherwise: enough time to find the message, enough uses for a small group.
const DEFAULT_LIFE_MS: u64 = 7 * DAY_MS;
const DEFAULT_USES: u32 = 20;

/// An invitation that ends sooner is not given to anybody any more.
const LEAST_LIFE_MS: u64 = DAY_MS;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Something that somebody says in the log of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// The device has this role from now on, or none.
    Role(DeviceId, Option<Role>),
    /// The device is an owner, and this one an editor.
    HandOver(DeviceId),
    /// This device is no member any more.
    Leave,
    /// The device, which was a member, is one again.
    Readmit(DeviceId, Role),
    /// The invitation lets nobody in any more.
    Revoke(RecordId),
    /// What is written from now on is sealed under another key.
    BeginEpoch,
}

/// Why something is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// The log does not take it.
    Refused(Refused),
    /// The room is open, and has no members.
    Open,
    /// Nobody who is in the project was reached yet.
    Waiting,
}

impl<E: Into<Refused>> From<E> for Unsaid {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl Room {
    /// Who may do what.
    pub(crate) fn members(&self) -> &Membership {
        self.exchange.membership()
    }

    /// The role of this device; none in an open room, or while it is no member.
    pub(crate) fn role(&self) -> Option<Role> {
        let role = self.members().role_of(&self.stream.device);
        role.filter(|_| !self.members().is_open())
    }

    /// Why this device, which is no member, may say nothing: as far as that is known, and otherwise it waits for somebody who
    /// lets it in.
    fn unsaid_outside(&self) -> Unsaid {
        match self.refusal() {
            Some(refused) => refused.into(),
            None => Unsaid::Waiting,
        }
    }

    /// Whether this device is a member, and not the last owner.
    pub(crate) fn may_leave(&self) -> bool {
        let role = self.role();
        role.is_some() && (role != Some(Role::Owner) || self.members().owners().count() > 1)
    }

    /// Whether this device waits for somebody who lets it in.
    pub(crate) fn waits_for_door(&self) -> bool {
        self.not_in() && self.refusal().is_none()
    }

    /// Why this device is not let in, as far as that is known.
    pub(crate) fn refusal(&self) -> Option<Refused> {
        let is_in = self.members().is_open() || self.role().is_some();
        self.not_let_in.filter(|_| !is_in)
    }

    /// Somebody else has changed the log.
    pub(super) fn members_changed(&mut self, now: Time, unix_ms: u64) {
        self.are_members_due = true;
        self.note_news();
        let members = self.exchange.membership();
        if let Some(keys) = &mut self.keys {
            keys.learn(members);
        }
        self.trust_chosen();
        self.say_what_is_left();
        self.try_to_join(unix_ms);
        self.epochs.look_again();
        self.let_all_read(now, unix_ms);
    }

    /// These machines are at addresses that somebody here has typed or chosen, and no others. One of which the log says
    /// nothing is taken for one that keeps the room for others, such as an admin's relay, and gets what is in it, sealed as
    /// it is, until nobody looks for it there any more.
    pub(crate) fn choose(&mut self, devices: BTreeSet<DeviceId>) {
        for gone in self.chosen.difference(&devices) {
            self.exchange.dismiss_carrier(gone);
        }
        self.chosen = devices;
        self.trust_chosen();
    }

    fn trust_chosen(&mut self) {
        let members = self.exchange.membership();
        // Before there is a log it cannot be told who was a member.
        if members.is_open() || members.history().len() == 0 {
            return;
        }
        let strangers = self.chosen.iter().filter(|it| members.member(it).is_none());
        let strangers: Vec<DeviceId> = strangers.copied().collect();
        for device in strangers {
            self.exchange.trust_carrier(device);
        }
    }

    /// Enters by an invitation, now or once the log is here. Who is in has no use for it.
    pub(crate) fn enter_by(&mut self, secret: InvitationSecret, unix_ms: u64) {
        if !self.not_in() {
            return;
        }
        let Some(keys) = &mut self.keys else {
            return;
        };
        keys.invitation = Some(secret);
        keys.learn(self.exchange.membership());
        self.are_members_due = true;
        self.try_to_join(unix_ms);
    }

    fn not_in(&self) -> bool {
        !self.members().is_open() && self.role().is_none()
    }

    /// Joins if there is an invitation and a log.
    pub(crate) fn try_to_join(&mut self, unix_ms: u64) {
        let members = self.exchange.membership();
        if !self.not_in() || members.history().len() == 0 {
            return;
        }
        let Some((keys, secret)) = self
            .keys
            .as_ref()
            .and_then(|it| Some((it, it.invitation.as_ref()?)))
        else {
            self.not_let_in = Some(self.refused_without_invitation());
            return;
        };
        let mut joined = members.clone();
        let own = &keys.device;
        let said = joined.join(secret, &own.signing, &own.sealing, unix_ms);
        self.not_let_in = said.err();
        if said.is_ok() {
            self.tell_members(&joined);
        }
    }

    fn refused_without_invitation(&self) -> Refused {
        match self.members().member(&self.stream.device) {
            Some(member) if member.has_left => Refused::HasLeft,
            Some(_) => Refused::WasRemoved,
            None => Refused::NotAMember,
        }
    }

    /// Says something in the log.
    pub(crate) fn say(&mut self, saying: Saying, unix_ms: u64) -> Result<(), Unsaid> {
        let keys = self.keys.as_ref().ok_or(Unsaid::Open)?;
        let own = &keys.device.signing;
        let me = self.stream.device;
        let mut members = self.exchange.membership().clone();
        if members.is_open() {
            return Err(Unsaid::Open);
        }
        if self.not_in() {
            return Err(self.unsaid_outside());
        }
        let cut = |device| self.cut_of(device);
        match saying {
            Saying::Role(device, role) => drop(members.change(own, device, role, cut(device))?),
            Saying::Leave => members.leave(own, &cut(me))?,
            Saying::Readmit(device, role) => {
                let epoch = keys.current(&members).ok_or(Refused::NoKey)?;
                members.readmit(own, device, role, epoch, &mut Random)?;
            }
            Saying::HandOver(device) => {
                members.change(own, device, Some(Role::Owner), cut(device))?;
                members.change(own, me, Some(Role::Editor), cut(me))?;
            }
            Saying::Revoke(invitation) => drop(members.revoke(own, invitation)?),
            Saying::BeginEpoch => {
                self.begin_epoch(members, unix_ms)?;
                return Ok(());
            }
        };
        let is_owner = members.role_of(&me) == Some(Role::Owner);
        if is_epoch_due(&members) && is_owner {
            // What was said holds, whether or not the key can be another at once.
            if self.begin_epoch(members.clone(), unix_ms).is_ok() {
                return Ok(());
            }
        }
        self.tell_members(&members);
        if saying == Saying::Leave {
            self.not_let_in = Some(Refused::HasLeft);
        }
        Ok(())
    }

    /// An invitation on these terms, or, if there are none, the one that is given to everybody: the last that was made here,
    /// or by which this device has joined, as long as it lets somebody in.
    pub(crate) fn invite(
        &mut self,
        terms: Option<Terms>,
        unix_ms: u64,
    ) -> Result<Invitation, Unsaid> {
        let keys = self.keys.as_ref().ok_or(Unsaid::Open)?;
        let mut members = self.exchange.membership().clone();
        if self.not_in() {
            return Err(self.unsaid_outside());
        }
        let role = self.role().ok_or(Refused::NotAMember)?;
        let is_owner = role == Role::Owner;
        if terms.is_none()
            && let Some(secret) = self.known_invitation(keys, is_owner, unix_ms)
        {
            return Ok(self.invitation(secret));
        }
        let secret = InvitationSecret::generate(&mut Random);
        let epoch = keys.current(&members);
        let offered = terms.unwrap_or(Terms {
            role: Role::Editor,
            expires_ms: unix_ms.saturating_add(DEFAULT_LIFE_MS),
            uses: DEFAULT_USES,
        });
        let own = &keys.device.signing;
        let epoch = match epoch {
            Some(epoch) => epoch,
            None if is_owner => return Err(Refused::NoKey.into()),
            None => return Err(Refused::NotAnOwner.into()),
        };
        members.invite(own, &secret, offered, epoch, &mut Random)?;
        if let (None, Some(keys)) = (terms, &mut self.keys) {
            keys.invitation = Some(secret.clone());
        }
        self.tell_members(&members);
        Ok(self.invitation(secret))
    }

    fn known_invitation(
        &self,
        keys: &Keys,
        is_owner: bool,
        unix_ms: u64,
    ) -> Option<InvitationSecret> {
        let secret = keys.invitation.as_ref()?;
        let members = self.members();
        let id = members.invitation_of(secret)?;
        // An owner makes another in good time.
        let until = unix_ms + if is_owner { LEAST_LIFE_MS } else { 0 };
        members.may_admit(&id, until).ok()?;
        Some(secret.clone())
    }

    fn invitation(&self, secret: InvitationSecret) -> Invitation {
        let genesis = &self.members().records()[0];
        Invitation {
            genesis: Genesis::decode(genesis).expect("a log begins with its genesis"),
            secret,
            hints: Vec::new(),
        }
    }

    fn begin_epoch(&mut self, mut members: Membership, unix_ms: u64) -> Result<(), Unsaid> {
        let keys = self.keys.as_mut().ok_or(Unsaid::Open)?;
        let own = &keys.device.signing;
        let (epoch, key) = members.begin_epoch(own, &keys.epochs, unix_ms, &mut Random)?;
        keys.epochs.insert(epoch, key);
        self.tell_members(&members);
        Ok(())
    }

    /// The log is this from here on: everybody is told, and it is kept with the next write.
    fn tell_members(&mut self, members: &Membership) {
        let merged = self.exchange.merge_members(members);
        debug_assert!(merged.is_ok(), "what was said here builds on what is here");
        self.are_members_due = true;
        self.note_news();
        if let Some(keys) = &mut self.keys {
            keys.learn(members);
        }
    }

    /// Of what a device may write no longer, this counts: what is here.
    fn cut_of(&self, device: DeviceId) -> Cut {
        let held = self.exchange.held();
        let own = held.iter().filter(|(stream, _)| stream.device == device);
        own.map(|(stream, through)| (stream.nonce, through))
            .collect()
    }

    /// What is to be kept of a log that has changed, or of who was heard, if no frame carries it.
    pub(crate) fn members_write(&mut self) -> Option<RoomWrite> {
        let is_due = self.are_members_due || self.are_faces_due;
        is_due.then(|| self.write(&[]))
    }
}

impl Unsaid {
    /// The code and the sentence of it.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => (
                "ROOM_OPEN",
                "This project is shared in the open way of earlier versions: everybody who reaches it may do everything. Export it as a new project and share that to say who may.",
            ),
            Self::Waiting => WAITING,
            Self::Refused(refused) => words(refused),
        }
    }
}

/// The code and the sentence of who has joined and was not let in yet.
pub(crate) const WAITING: (&str, &str) = (
    "WAITING_TO_BE_LET_IN",
    "You have joined, and nobody who is in the project was reached yet. Ask one of them to keep it open, and look in “Peers and links” whom this computer reaches; this works once you are let in.",
);

/// The code and the sentence of what the log refuses.
pub(crate) fn words(refused: Refused) -> (&'static str, &'static str) {
    match refused {
        Refused::NotAnOwner => (
            "NOT_AN_OWNER",
            "Only an owner of the project may do this. Ask one of them.",
        ),
        Refused::NotAMember => (
            "NOT_A_MEMBER",
            "The device is not a member of this project. Ask an owner for an invitation.",
        ),
        Refused::LastOwner => (
            "LAST_OWNER",
            "A project needs an owner. Make somebody else an owner first.",
        ),
        Refused::WasRemoved => (
            "WAS_REMOVED",
            "An owner has removed this device from the project, and only an owner can let it in again. What was here stays here.",
        ),
        Refused::HasLeft => (
            "HAS_LEFT",
            "This device has left the project, and only an owner can let it in again. What was here stays here.",
        ),
        Refused::IsAMember => (
            "IS_A_MEMBER",
            "The device is a member of this project already.",
        ),
        Refused::NotAdmitted(NotAdmitted::Unknown) => (
            "INVITATION_UNKNOWN",
            "The invitation is not one of this project, or has not arrived here yet.",
        ),
        Refused::NotAdmitted(NotAdmitted::Revoked) => (
            "INVITATION_REVOKED",
            "The invitation was taken back. Ask for a new one.",
        ),
        Refused::NotAdmitted(NotAdmitted::Expired) => (
            "INVITATION_EXPIRED",
            "The invitation has expired. Ask for a new one, and make sure that the clock of this machine is right.",
        ),
        Refused::NotAdmitted(NotAdmitted::UsedUp) => (
            "INVITATION_USED_UP",
            "As many have joined by the invitation as it was made for. Ask for a new one.",
        ),
        Refused::NoKey => (
            "NO_ROOM_KEY",
            "The key of the project is not on this machine, so nobody can be given it from here. Let another owner do it.",
        ),
        Refused::BadKey => (
            "BAD_DEVICE_KEY",
            "What the device says of its key is wrong. Update Talus Tally there.",
        ),
        Refused::Log(_) => (
            "MEMBERS_FULL",
            "The list of members takes no more entries. Export the project as a new one and share that.",
        ),
    }
}
