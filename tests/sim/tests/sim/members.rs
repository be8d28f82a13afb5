//! Who may do what, and how that changes: owners invite, remove and lower, change keys, hand over and resign.

use app::project::{Answer, Ask};
use app::room::members::Saying;
use graph::generate::Random;
use trust::membership::Terms;
use trust::record::Role;
use trust::{DeviceId, Right};

use crate::step::Action;
use crate::world::{Broken, World, wall_ms};

/// No run takes so long.
const LIFE_MS: u64 = 10 * 365 * 86_400_000;

/// More than join in any run.
const USES: u32 = 1_000;

/// Writers that are left by whoever takes rights away.
const WRITERS: usize = 2;

impl World {
    /// An owner opens an invitation.
    pub fn invite(&mut self, at: usize, role: Role) -> Result<bool, Broken> {
        let now = self.now;
        let terms = Terms {
            role,
            expires_ms: wall_ms(now).unsigned_abs() + LIFE_MS,
            uses: USES,
        };
        let Some(desk) = self.desk(at) else {
            return Ok(false);
        };
        let answer = desk.put(now, Ask::Invite(Some(terms)))?;
        self.send_out(at)?;
        let Ok(Answer::Invitation(invitation)) = answer else {
            return Ok(false);
        };
        self.invitations.push(*invitation);
        Ok(true)
    }

    /// An owner opens one of some kind.
    pub fn invite_somebody(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        let roles = [Role::Editor, Role::Editor, Role::Commenter, Role::Viewer];
        self.invite(at, roles[random.below(roles.len())])
    }

    /// An owner says something in the log of members.
    pub fn say(&mut self, action: Action, at: usize, random: &mut Random) -> Result<bool, Broken> {
        let Some(saying) = self.saying(action, at, random) else {
            return Ok(false);
        };
        let now = self.now;
        let Some(desk) = self.desk(at) else {
            return Ok(false);
        };
        let said = desk.put(now, Ask::Say(saying))?.is_ok();
        self.send_out(at)?;
        Ok(said)
    }

    fn saying(&mut self, action: Action, at: usize, random: &mut Random) -> Option<Saying> {
        let apps: Vec<DeviceId> = self
            .apps()
            .into_iter()
            .filter_map(|it| self.device(it))
            .collect();
        let desk = self.desk(at)?;
        let me = desk.device()?;
        let log = desk.members()?;
        if log.role_of(&me) != Some(Role::Owner) {
            return None;
        }
        let others = log
            .members()
            .filter(|(device, it)| **device != me && it.role.is_some());
        let others: Vec<DeviceId> = others.map(|(device, _)| *device).collect();
        let other = random.pick(&others).copied();
        let writers = apps
            .iter()
            .filter(|it| log.permits(it, Right::Edit).is_ok());
        let writers: Vec<DeviceId> = writers.copied().collect();
        let are_left =
            |without: DeviceId| writers.iter().filter(|it| **it != without).count() >= WRITERS;
        match action {
            Action::ChangeRole => {
                let other = other?;
                let roles = [
                    Role::Owner,
                    Role::Owner,
                    Role::Editor,
                    Role::Editor,
                    Role::Commenter,
                    Role::Viewer,
                ];
                let role = roles[random.below(roles.len())];
                let is_higher = Some(role) > log.role_of(&other);
                let may = match is_higher {
                    // Who has no application cannot do what an owner has to.
                    true => apps.contains(&other),
                    false => role >= Role::Editor || are_left(other),
                };
                may.then_some(Saying::Role(other, Some(role)))
            }
            Action::Remove => {
                let other = other?;
                are_left(other).then_some(Saying::Role(other, None))
            }
            Action::HandOver => {
                let other = other.filter(|it| apps.contains(it))?;
                Some(Saying::HandOver(other))
            }
            Action::Resign => are_left(me).then_some(Saying::Leave),
            Action::Revoke => {
                let open = log.invitations().filter(|(_, it)| !it.is_revoked);
                let open: Vec<_> = open.map(|(id, _)| *id).collect();
                Some(Saying::Revoke(*random.pick(&open)?))
            }
            _ => Some(Saying::BeginEpoch),
        }
    }

    /// Applications that are up and own the room, as far as they know.
    pub fn owners(&self) -> Vec<usize> {
        let is_owner = |host: &usize| self.role_by_itself(*host) == Some(Role::Owner);
        self.apps().into_iter().filter(is_owner).collect()
    }

    /// What a machine may, as far as it knows.
    pub fn role_by_itself(&self, host: usize) -> Option<Role> {
        let device = self.device(host)?;
        let exchange = self.hosts[host].exchange()?;
        exchange.membership().role_of(&device)
    }
}
