//! The log of members as a list of what happened.

use graph::id::PersonId;
use trust::key::words_of;
use trust::record::{Content, Record, RecordId};
use trust::{DeviceId, Genesis, RoomId};

use super::Room;
use crate::activity::{Activity, Deed, Party};
use crate::members::MemberRole;

impl Room {
    /// What happened, the newest last. `me` is who works here.
    pub(crate) fn activity(&self, me: &(PersonId, String)) -> Vec<Activity> {
        let log = self.members();
        if log.is_open() {
            return Vec::new();
        }
        let genesis = Genesis::decode(&log.records()[0]).expect("a log begins with its genesis");
        let founder = trust::key::DevicePublic(genesis.owner).device();
        let mut activity = vec![Activity {
            id: self.id.to_string(),
            by: self.party(&founder, me),
            deed: Deed::Shared,
        }];
        let mut has_key = false;
        for (id, record) in log.history() {
            // The first key belongs to the beginning.
            let is_first_key = matches!(record.content, Content::Begun(_)) && !has_key;
            has_key |= is_first_key;
            if is_first_key {
                continue;
            }
            activity.push(Activity {
                id: name(&id),
                by: self.party(&record.signer.device(), me),
                deed: self.deed(&id, record, me),
            });
        }
        activity
    }

    fn deed(&self, id: &RecordId, record: &Record, me: &(PersonId, String)) -> Deed {
        let role_of = |invitation: &RecordId| {
            let known = self.members().invitation(invitation);
            known.map(|it| MemberRole::from(it.role))
        };
        match &record.content {
            Content::Added(added) => Deed::Added {
                device: self.party(&added.device.device(), me),
                role: added.role.into(),
            },
            Content::Changed(changed) => match changed.role {
                Some(role) => Deed::RoleChanged {
                    device: self.party(&changed.device, me),
                    role: role.into(),
                },
                None if changed.device == record.signer.device() => Deed::Left,
                None => Deed::Removed {
                    device: self.party(&changed.device, me),
                },
            },
            Content::Opened(opened) => Deed::Invited {
                invitation: name(id),
                role: opened.role.into(),
                uses: opened.uses,
            },
            Content::Revoked(invitation) => Deed::Revoked {
                invitation: name(invitation),
                role: role_of(invitation),
            },
            Content::Joined(joined) => Deed::Joined {
                invitation: name(&joined.invitation),
                role: role_of(&joined.invitation),
            },
            Content::Begun(_) => Deed::KeyChanged,
            Content::Left(_) => Deed::Left,
            Content::Readmitted(again) => Deed::Readmitted {
                device: self.party(&again.device, me),
                role: again.role.into(),
            },
        }
    }

    fn party(&self, device: &DeviceId, (person, name): &(PersonId, String)) -> Party {
        let is_me = *device == self.stream.device;
        let face = self.faces.get(device).cloned();
        let face = face.or_else(|| is_me.then(|| (*person, name.clone())));
        Party {
            device: device.to_string(),
            words: words_of(device),
            is_me,
            name: face.map(|(_, name)| name),
        }
    }
}

fn name(id: &RecordId) -> String {
    RoomId(id.0).to_string()
}
