//! An open project and the members of its room.

use std::collections::BTreeSet;

use graph::time::Timestamp;
use trust::invitation::{Invitation, InvitationSecret};
use trust::membership::Terms;
use trust::{DeviceId, Right};

use super::Project;
use super::shared::unix_ms;
use crate::activity::Activity;
use crate::failure::Failure;
use crate::members::Members;
use crate::room::Room;
use crate::room::members::{Saying, Unsaid, WAITING};

impl Project {
    /// Who is a member of its room; none if it is in no room.
    pub(crate) fn members(&self, now: Timestamp) -> Option<Members> {
        let shared = self.shared.as_ref()?;
        let me = (self.person(), self.profile().name.clone());
        Some(shared.room.members_shown(now, shared.time(), me))
    }

    /// What happened to them, the newest last; nothing if it is in no room.
    pub(crate) fn activity(&self) -> Vec<Activity> {
        let me = (self.person(), self.profile().name.clone());
        let shared = self.shared.as_ref();
        shared.map_or_else(Vec::new, |shared| shared.room.activity(&me))
    }

    /// Why nothing in the project can be changed by this version; none if it can (F3). What is not known here could be
    /// contradicted.
    pub(crate) fn needs_update(&self) -> Option<Failure> {
        let shared = self.shared.as_ref();
        let holds_later = shared.is_some_and(|shared| shared.room.holds_later());
        let is_newer = self.graph.require_known_schema().is_err();
        (holds_later || is_newer).then(Failure::needs_update)
    }

    /// Whether the person here may do this. Of a project that is in no room, or in an open one, she may everything, unless this
    /// version may not.
    pub(crate) fn permits(&self, right: Right) -> Result<(), Failure> {
        if right != Right::Read
            && let Some(failure) = self.needs_update()
        {
            return Err(failure);
        }
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        if shared.room.may(right) {
            return Ok(());
        }
        Err(match shared.room.role() {
            Some(_) => Failure::new(
                "ROLE_FORBIDS",
                "Your role in this project does not include this. Ask an owner for another role.",
            ),
            None if shared.room.waits_for_door() => {
                let (code, message) = WAITING;
                Failure::new(code, message)
            }
            None => Failure::new(
                "NOT_A_MEMBER_HERE",
                "This machine is not a member of the project, so others would not get the change. Duplicate the project to go on by yourself, or ask an owner to let it in.",
            ),
        })
    }

    pub(super) fn invite(
        &mut self,
        now: Timestamp,
        terms: Option<Terms>,
    ) -> Result<Invitation, Failure> {
        let room = self.shared_room()?;
        let invitation = room.invite(terms, unix_ms(now)).map_err(failure)?;
        self.tell_soon();
        Ok(invitation)
    }

    pub(super) fn enter_by(
        &mut self,
        now: Timestamp,
        secret: InvitationSecret,
    ) -> Result<(), Failure> {
        self.shared_room()?.enter_by(secret, unix_ms(now));
        self.tell_soon();
        Ok(())
    }

    pub(super) fn say(&mut self, now: Timestamp, saying: Saying) -> Result<(), Failure> {
        // Whoever has left is cut off, and what she has not sent by then nobody gets.
        let may_leave = self.shared.as_ref().is_some_and(|it| it.room.may_leave());
        if saying == Saying::Leave && may_leave && self.has_changes_on_their_way() {
            return Err(Failure::new(
                "CHANGES_ON_THEIR_WAY",
                "The last of your changes are still on their way to the others. Try again in a moment.",
            ));
        }
        let room = self.shared_room()?;
        room.say(saying, unix_ms(now)).map_err(failure)?;
        self.tell_soon();
        Ok(())
    }

    /// Whether somebody is reached who does not hold for certain what was changed here. Where nobody is, nothing is on its
    /// way, nor is what cannot be sent.
    fn has_changes_on_their_way(&self) -> bool {
        let shared = self.shared.as_ref();
        shared.is_some_and(|it| {
            it.room.has_company() && it.room.waiting(&self.graph) > it.room.stuck(&self.graph)
        })
    }

    pub(super) fn choose(&mut self, devices: BTreeSet<DeviceId>) {
        if let Ok(room) = self.shared_room() {
            room.choose(devices);
        }
    }

    fn shared_room(&mut self) -> Result<&mut Room, Failure> {
        let shared = self.shared.as_mut().ok_or_else(Failure::not_shared)?;
        Ok(&mut shared.room)
    }
}

fn failure(unsaid: Unsaid) -> Failure {
    let (code, message) = unsaid.words();
    Failure::new(code, message)
}
