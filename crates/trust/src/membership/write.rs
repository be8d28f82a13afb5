//! Saying something in the log.
//!
//! What is refused here is what would not count. Whoever writes a record here has it in her log at once and sends
//! [`Membership::records`].

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::CryptoRngCore;

use super::graph::Entry;
use super::keys::previous_header;
use super::leaving::added_by;
use super::{Membership, MembershipError, NotAdmitted, Role};
use crate::invitation::InvitationSecret;
use crate::key::{DeviceKey, DevicePublic, SealingCertificate, SealingKey, SealingPublic};
use crate::record::{Added, Begun, Changed, Content, Cut, EpochId, Left, MAX_DEPS, Opened};
use crate::record::{Readmitted, Record, RecordId, SealedKey};
use crate::seal::{EpochKey, Use, seal_to};
use crate::{DeviceId, Genesis};

/// Why something cannot be said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// Only owners may.
    #[error("only an owner may do this")]
    NotAnOwner,
    /// The device is a member already.
    #[error("the device is a member of this room")]
    IsAMember,
    /// The device is not a member.
    #[error("the device is not a member of this room")]
    NotAMember,
    /// A room needs an owner.
    #[error("the last owner cannot leave or step down")]
    LastOwner,
    /// A device that was removed joins by no invitation.
    #[error("the device was removed by an owner")]
    WasRemoved,
    /// A device that has left joins by no invitation that it has used.
    #[error("the device has left this room")]
    HasLeft,
    /// The invitation lets nobody in.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// The key of the epoch is not here.
    #[error("the key of the room is not here")]
    NoKey,
    /// A sealing key that is none, or not that of the device.
    #[error("not a sealing key of the device")]
    BadKey,
    /// The log cannot take the record.
    #[error(transparent)]
    Log(#[from] MembershipError),
}

/// What an invitation offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// What the invited may; not to own.
    pub role: Role,
    /// From then on no door lets anybody in by it, in ms since 1970.
    pub expires_ms: u64,
    /// So many devices may join, at least one.
    pub uses: u32,
}

impl Membership {
    /// The log of a closed room that begins now: its owner, and its first epoch.
    pub fn found(
        nonce: [u8; 32],
        key: &DeviceKey,
        sealing: &SealingKey,
        random: &mut impl CryptoRngCore,
    ) -> (Self, EpochId, EpochKey) {
        let mut own = Self::begin(&Genesis::closed(&key.public(), nonce));
        let owner = Content::Added(Added {
            device: key.public(),
            sealing: sealing.certify(key),
            role: Role::Owner,
            epoch: None,
        });
        own.say(key, owner).expect("the founder is an owner");
        let (epoch, epoch_key) = own
            .begin_epoch(key, &BTreeMap::new(), 0, random)
            .expect("the founder is an owner and has a key to seal to");
        (own, epoch, epoch_key)
    }

    /// Adds a device, which has certified its sealing key, or gives a member another sealing key. `epoch` is sealed to it.
    pub fn add(
        &mut self,
        key: &DeviceKey,
        device: (DevicePublic, SealingCertificate),
        role: Role,
        epoch: (EpochId, &EpochKey),
        random: &mut impl CryptoRngCore,
    ) -> Result<RecordId, Refused> {
        let (device, sealing) = device;
        sealing.verify(&device).map_err(|_| Refused::BadKey)?;
        let epoch = self.sealed_key(epoch, &sealing.key, random)?;
        let added = Added {
            device,
            sealing,
            role,
            epoch: Some(epoch),
        };
        self.say(key, Content::Added(added))
    }

    /// Gives a member another role, or none; who has left can only be removed. `cut` counts the frames of the device that are here; it is without effect
    /// where no right is taken away. An epoch is due afterwards if it is a removal.
    pub fn change(
        &mut self,
        key: &DeviceKey,
        device: DeviceId,
        role: Option<Role>,
        cut: Cut,
    ) -> Result<RecordId, Refused> {
        if self.role_of(&key.device()) != Some(Role::Owner) {
            return Err(Refused::NotAnOwner);
        }
        let member = self.member(&device).ok_or(Refused::NotAMember)?;
        let before = match (member.role, role) {
            (Some(before), _) => before,
            // Whose own word ends here: her cut is the owner's from then on.
            (None, None) if member.has_left => Role::Viewer,
            (None, _) => return Err(Refused::NotAMember),
        };
        let owners = self.owners().count();
        if before == Role::Owner && role != Some(Role::Owner) && owners == 1 {
            return Err(Refused::LastOwner);
        }
        self.say(key, Content::Changed(Changed { device, role, cut }))
    }

    /// The device is no member any more, and says so itself; an owner resigns. `cut` counts its own frames. An epoch is due
    /// afterwards.
    pub fn leave(&mut self, key: &DeviceKey, cut: &Cut) -> Result<(), Refused> {
        let me = key.device();
        match self.role_of(&me).ok_or(Refused::NotAMember)? {
            Role::Owner => self.change(key, me, None, cut.clone()).map(drop),
            _ => self.end_additions(key, cut),
        }
    }

    fn end_additions(&mut self, key: &DeviceKey, cut: &Cut) -> Result<(), Refused> {
        let me = key.device();
        let is_own = |entry: &&Arc<Entry>| added_by(entry) == Some(me);
        let additions: Vec<RecordId> = (self.entries.iter())
            .filter(is_own)
            .map(|entry| entry.id)
            .filter(|id| !self.has_ended(&me, id))
            .collect();
        for of in additions {
            let mut deps = self.heads();
            // It may count for nothing, and then nothing lists it.
            if !deps.contains(&of) {
                deps.truncate(MAX_DEPS - 1);
                deps.push(of);
                deps.sort_unstable();
            }
            let content = Content::Left(Left {
                of,
                cut: cut.clone(),
            });
            self.take(&Record::sign(self.room(), deps, content, key))?;
        }
        Ok(())
    }

    fn has_ended(&self, device: &DeviceId, addition: &RecordId) -> bool {
        self.history().any(|(_, record)| match &record.content {
            Content::Left(left) => left.of == *addition && record.signer.device() == *device,
            _ => false,
        })
    }

    /// Makes a device that was a member, and was removed or has left, a member again, with the keys that it had; not an owner.
    /// `epoch` is sealed to it.
    pub fn readmit(
        &mut self,
        key: &DeviceKey,
        device: DeviceId,
        role: Role,
        epoch: (EpochId, &EpochKey),
        random: &mut impl CryptoRngCore,
    ) -> Result<RecordId, Refused> {
        let member = self.member(&device).ok_or(Refused::NotAMember)?;
        if member.role.is_some() {
            return Err(Refused::IsAMember);
        }
        let sealing = member.sealing().ok_or(Refused::BadKey)?;
        let epoch = self.sealed_key(epoch, &sealing, random)?;
        let again = Readmitted {
            device,
            role: role.min(Role::Editor),
            epoch,
        };
        self.say(key, Content::Readmitted(again))
    }

    /// Opens an invitation.
    pub fn invite(
        &mut self,
        key: &DeviceKey,
        secret: &InvitationSecret,
        terms: Terms,
        epoch: (EpochId, &EpochKey),
        random: &mut impl CryptoRngCore,
    ) -> Result<RecordId, Refused> {
        let sealing = secret.sealing().public();
        let opened = Opened {
            key: secret.key().public(),
            sealing,
            role: terms.role,
            expires_ms: terms.expires_ms,
            uses: terms.uses,
            epoch: self.sealed_key(epoch, &sealing, random)?,
        };
        self.say(key, Content::Opened(opened))
    }

    /// Revokes an invitation. An epoch is due afterwards.
    pub fn revoke(&mut self, key: &DeviceKey, invitation: RecordId) -> Result<RecordId, Refused> {
        self.invitation(&invitation).ok_or(NotAdmitted::Unknown)?;
        self.say(key, Content::Revoked(invitation))
    }

    /// The invitation of which this is the secret.
    pub fn invitation_of(&self, secret: &InvitationSecret) -> Option<RecordId> {
        let key = secret.key().public();
        let mut invitations = self.invitations();
        invitations
            .find(|(_, invitation)| invitation.key == key)
            .map(|(id, _)| *id)
    }

    /// Joins by an invitation.
    pub fn join(
        &mut self,
        secret: &InvitationSecret,
        key: &DeviceKey,
        sealing: &SealingKey,
        now_ms: u64,
    ) -> Result<RecordId, Refused> {
        let invitation = self.invitation_of(secret).ok_or(NotAdmitted::Unknown)?;
        if let Some(member) = self.member(&key.device())
            && member.role.is_none()
        {
            // An owner's word about her goes before any join (M12), and an invitation is used once (M14).
            let known = self.invitation(&invitation).map(|it| &it.joined);
            let is_used = known.is_some_and(|joined| joined.contains(&key.device()));
            if !member.has_left {
                return Err(Refused::WasRemoved);
            }
            if is_used || !member.joins_again {
                return Err(Refused::HasLeft);
            }
        }
        self.may_admit(&invitation, now_ms)?;
        let invitation = (invitation, &secret.key());
        let record = Record::join(self.room(), self.heads(), invitation, sealing.public(), key);
        self.take(&record)
    }

    /// Begins an epoch: its key is sealed to every member and to every invitation that is still good, and the keys of the
    /// epochs before are sealed under it, of which the current one must be there. More than about 500 members and
    /// invitations do not fit into a record.
    pub fn begin_epoch(
        &mut self,
        key: &DeviceKey,
        keys: &BTreeMap<EpochId, EpochKey>,
        now_ms: u64,
        random: &mut impl CryptoRngCore,
    ) -> Result<(EpochId, EpochKey), Refused> {
        if self.epoch().is_some_and(|epoch| !keys.contains_key(&epoch)) {
            return Err(Refused::NoKey);
        }
        let new = EpochKey::generate(random);
        let room = self.room();
        let mut seal = |to: &SealingPublic| seal_to(to, &room, new.bytes(), random);
        // Who has a key to which nothing can be sealed has made it so, and keeps no others out; no further epoch is due for it.
        let members = (self.members())
            .filter(|(_, member)| member.role.is_some())
            .map(|(device, member)| {
                let sealed = member.sealing().and_then(|to| seal(&to));
                (*device, sealed.unwrap_or_default())
            })
            .collect();
        let invitations = (self.invitations())
            .filter(|(id, _)| self.may_admit(id, now_ms).is_ok())
            .filter_map(|(id, invitation)| Some((*id, seal(&invitation.sealing)?)))
            .collect();
        let previous = self.previous(keys);
        let previous = (previous.into_iter())
            .map(|(epoch, earlier)| SealedKey {
                epoch,
                sealed: new.seal(
                    Use::PreviousKey,
                    &previous_header(self, epoch),
                    earlier.bytes(),
                    random,
                ),
            })
            .collect();
        let begun = Begun {
            previous,
            members,
            invitations,
        };
        let record = self.say(key, Content::Begun(begun))?;
        Ok((record.epoch(), new))
    }

    /// The epochs that no other one carries on, with their keys: all of them are carried on by the next.
    fn previous<'k>(
        &self,
        keys: &'k BTreeMap<EpochId, EpochKey>,
    ) -> BTreeMap<EpochId, &'k EpochKey> {
        let begun = self
            .history()
            .filter_map(|(id, record)| match &record.content {
                Content::Begun(begun) => Some((id.epoch(), begun)),
                _ => None,
            });
        let mut last = BTreeMap::new();
        for (epoch, begun) in begun {
            let Some(key) = keys.get(&epoch) else {
                continue;
            };
            // Whoever began it may have said so and sealed something else.
            let carries = |earlier: &&SealedKey| {
                let header = previous_header(self, earlier.epoch);
                let opened = key.open(Use::PreviousKey, &header, &earlier.sealed);
                let known = keys.get(&earlier.epoch);
                known.is_some_and(|known| opened.is_ok_and(|bytes| bytes == known.bytes()))
            };
            for earlier in begun.previous.iter().filter(carries) {
                last.remove(&earlier.epoch);
            }
            last.insert(epoch, key);
        }
        last
    }

    fn sealed_key(
        &self,
        epoch: (EpochId, &EpochKey),
        to: &SealingPublic,
        random: &mut impl CryptoRngCore,
    ) -> Result<SealedKey, Refused> {
        let (epoch, key) = epoch;
        let sealed = seal_to(to, &self.room(), key.bytes(), random);
        let sealed = sealed.ok_or(Refused::BadKey)?;
        Ok(SealedKey { epoch, sealed })
    }

    fn say(&mut self, key: &DeviceKey, content: Content) -> Result<RecordId, Refused> {
        if self.role_of(&key.device()) != Some(Role::Owner) {
            return Err(Refused::NotAnOwner);
        }
        self.take(&Record::sign(self.room(), self.heads(), content, key))
    }

    fn take(&mut self, record: &Record) -> Result<RecordId, Refused> {
        let bytes = record.encode();
        let genesis = self.records()[0].clone();
        if !self.merge(&[genesis, bytes.clone()])? {
            return Err(MembershipError::TooManyOfOne.into());
        }
        Ok(RecordId::of(&bytes))
    }

    /// What a new record lists (M19). If there is more, it is left to the next: the latest are enough to come after the
    /// others'.
    fn heads(&self) -> Vec<RecordId> {
        let mut heads = self.state.heads.clone();
        heads.drain(..heads.len().saturating_sub(MAX_DEPS));
        if heads.is_empty() {
            heads.push(RecordId(self.room().0));
        }
        heads.sort_unstable();
        heads
    }
}
