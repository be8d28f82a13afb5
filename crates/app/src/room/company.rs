//! Who is in the room, as the log of members has it, for whoever tells when that changes.

use std::collections::BTreeSet;

use trust::DeviceId;
use trust::record::{Content, Record, RecordId};

use super::Room;
use crate::attachments::Face;

impl Room {
    /// The devices that are members; none in an open room, where nobody is.
    pub(crate) fn company(&self) -> BTreeSet<DeviceId> {
        let log = self.members();
        let members = log.members().filter(|_| !log.is_open());
        let members = members.filter(|(_, member)| member.role.is_some());
        members.map(|(device, _)| *device).collect()
    }

    /// How much is known of them: when this is as before, so are they.
    pub(crate) fn company_known(&self) -> (usize, usize) {
        (self.members().records().len(), self.faces.len())
    }

    /// Who was heard on a device of the room, which may be this one.
    pub(crate) fn face<'a>(&'a self, device: &DeviceId, me: &'a Face) -> Option<&'a Face> {
        let is_me = *device == self.stream.device;
        self.faces.get(device).or_else(|| is_me.then_some(me))
    }

    /// The last record that is about a device's being a member, and the device that made it.
    pub(crate) fn last_word_on(&self, device: &DeviceId) -> Option<(RecordId, DeviceId)> {
        let history = self.members().history();
        let about = history.filter(|(_, record)| subject(record) == Some(*device));
        about
            .map(|(id, record)| (id, record.signer.device()))
            .last()
    }
}

/// Whose being a member a record is about.
fn subject(record: &Record) -> Option<DeviceId> {
    match &record.content {
        Content::Added(added) => Some(added.device.device()),
        Content::Changed(changed) => Some(changed.device),
        Content::Readmitted(again) => Some(again.device),
        Content::Joined(_) | Content::Left(_) => Some(record.signer.device()),
        Content::Opened(_) | Content::Revoked(_) | Content::Begun(_) => None,
    }
}
