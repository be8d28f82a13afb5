//! The keys of epochs, as far as somebody can open them: rule M22, and what M17 asks of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Membership;
use crate::DeviceId;
use crate::key::SealingKey;
use crate::record::{Begun, Content, EpochId, Record, RecordId, SealedKey};
use crate::seal::{EpochKey, Use, open_from};

/// Who reads.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// A member.
    Device(DeviceId, &'a SealingKey),
    /// Whoever has the secret of an invitation.
    Invitation(RecordId, &'a SealingKey),
}

impl Membership {
    /// The keys of all epochs that a reader can open, beside those that are there already: from what is sealed to the
    /// reader back to the first epoch. Records that do not count are read, too: something may have been sealed under
    /// their keys before they fell. What does not open is left out; its owner has done that. So who was an owner may say that
    /// something else is the key of an epoch: a key goes first that opens what its epoch carries on, then what that leads to.
    pub fn keys(
        &self,
        reader: Reader<'_>,
        known: &BTreeMap<EpochId, EpochKey>,
    ) -> BTreeMap<EpochId, EpochKey> {
        let begun: BTreeMap<EpochId, &Begun> = (self.history())
            .filter_map(|(id, record)| match &record.content {
                Content::Begun(begun) => Some((id.epoch(), begun)),
                _ => None,
            })
            .collect();
        let previous_of =
            |epoch: &EpochId| begun.get(epoch).map_or(&[][..], |begun| &begun.previous);
        let is_proven = |(epoch, key): &(EpochId, EpochKey)| {
            let mut previous = previous_of(epoch).iter();
            previous.any(|earlier| self.carried_on(key, earlier).is_some())
        };
        let sealed = self.sealed_to(reader, known);
        let (proven, others): (Vec<_>, Vec<_>) = sealed.into_iter().partition(is_proven);
        let mut keys = known.clone();
        let mut ready: Vec<EpochId> = keys.keys().copied().collect();
        for told in [proven, others] {
            for (epoch, key) in told {
                keys.entry(epoch).or_insert(key);
                ready.push(epoch);
            }
            while let Some(epoch) = ready.pop() {
                for earlier in previous_of(&epoch) {
                    if keys.contains_key(&earlier.epoch) {
                        continue;
                    }
                    if let Some(key) = self.carried_on(&keys[&epoch], earlier) {
                        keys.insert(earlier.epoch, key);
                        ready.push(earlier.epoch);
                    }
                }
            }
        }
        keys
    }

    /// What is sealed to a reader and opens, for epochs of which the key is not known.
    fn sealed_to(
        &self,
        reader: Reader<'_>,
        known: &BTreeMap<EpochId, EpochKey>,
    ) -> Vec<(EpochId, EpochKey)> {
        let (Reader::Device(_, sealing) | Reader::Invitation(_, sealing)) = reader;
        let open = |(id, record)| {
            let (epoch, sealed) = sealed_to(reader, id, record)?;
            if known.contains_key(&epoch) {
                return None;
            }
            let opened = open_from(sealing, &self.room(), sealed).ok()?;
            Some((epoch, key_of(&opened)?))
        };
        self.history().filter_map(open).collect()
    }

    /// The key of an earlier epoch, if this one opens it.
    fn carried_on(&self, key: &EpochKey, earlier: &SealedKey) -> Option<EpochKey> {
        let header = previous_header(self, earlier.epoch);
        let opened = key.open(Use::PreviousKey, &header, &earlier.sealed);
        key_of(&opened.ok()?)
    }

    /// The devices to which the log gives the key of an epoch (M22), whether they are members or not.
    pub fn given(&self, epoch: EpochId) -> BTreeSet<DeviceId> {
        given(self.history(), &self.carriers(epoch))
    }

    /// Whether there is a member to whom the log does not give the key of an epoch.
    pub fn is_kept_from_somebody(&self, epoch: EpochId) -> bool {
        let given = self.given(epoch);
        let mut members = self.members();
        members.any(|(device, member)| member.role.is_some() && !given.contains(device))
    }

    /// The epochs with whose keys one opens that of another: that one, and all that carry it on.
    fn carriers(&self, epoch: EpochId) -> BTreeSet<EpochId> {
        let mut carriers = BTreeSet::from([epoch]);
        loop {
            let carry =
                |begun: &Begun| begun.previous.iter().any(|it| carriers.contains(&it.epoch));
            let more: Vec<EpochId> = (self.history())
                .filter(|(_, record)| matches!(&record.content, Content::Begun(it) if carry(it)))
                .map(|(id, _)| id.epoch())
                .collect();
            let before = carriers.len();
            carriers.extend(more);
            if carriers.len() == before {
                return carriers;
            }
        }
    }
}

/// To whom records give the key of one of some epochs: in its own record, with an addition, or with an invitation that was
/// used.
pub fn given<'r>(
    records: impl Iterator<Item = (RecordId, &'r Record)>,
    epochs: &BTreeSet<EpochId>,
) -> BTreeSet<DeviceId> {
    let (mut devices, mut invitations, mut joins) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (id, record) in records {
        match &record.content {
            Content::Begun(begun) if epochs.contains(&id.epoch()) => {
                devices.extend(begun.members.iter().map(|(device, _)| *device));
                invitations.extend(begun.invitations.iter().map(|(invitation, _)| *invitation));
            }
            Content::Opened(opened) if epochs.contains(&opened.epoch.epoch) => {
                invitations.insert(id);
            }
            Content::Added(added) => {
                let epoch = added.epoch.as_ref();
                let is_given = epoch.is_some_and(|it| epochs.contains(&it.epoch));
                devices.extend(is_given.then(|| added.device.device()));
            }
            Content::Readmitted(again) if epochs.contains(&again.epoch.epoch) => {
                devices.insert(again.device);
            }
            Content::Joined(joined) => joins.push((joined.invitation, record.signer.device())),
            _ => {}
        }
    }
    let joined = joins.iter().filter(|(it, _)| invitations.contains(it));
    devices.extend(joined.map(|(_, device)| *device));
    devices
}

/// What an earlier key is sealed with, so that it cannot be taken for another one.
pub fn previous_header(membership: &Membership, earlier: EpochId) -> Vec<u8> {
    [membership.room().0.as_slice(), &earlier.0.to_be_bytes()].concat()
}

fn key_of(bytes: &[u8]) -> Option<EpochKey> {
    Some(EpochKey::from_bytes(bytes.try_into().ok()?))
}

fn sealed_to<'r>(
    reader: Reader<'_>,
    id: RecordId,
    record: &'r Record,
) -> Option<(EpochId, &'r [u8])> {
    let of = |key: &'r SealedKey| (key.epoch, key.sealed.as_slice());
    match (&record.content, reader) {
        (Content::Added(added), Reader::Device(device, _)) if added.device.device() == device => {
            added.epoch.as_ref().map(of)
        }
        (Content::Readmitted(again), Reader::Device(device, _)) if again.device == device => {
            Some(of(&again.epoch))
        }
        (Content::Opened(opened), Reader::Invitation(invitation, _)) if invitation == id => {
            Some(of(&opened.epoch))
        }
        (Content::Begun(begun), Reader::Device(device, _)) => {
            let found = begun.members.iter().find(|(member, _)| *member == device);
            found.map(|(_, sealed)| (id.epoch(), sealed.as_slice()))
        }
        (Content::Begun(begun), Reader::Invitation(invitation, _)) => {
            let found = begun
                .invitations
                .iter()
                .find(|(other, _)| *other == invitation);
            found.map(|(_, sealed)| (id.epoch(), sealed.as_slice()))
        }
        _ => None,
    }
}
