//! Who came to the project and who went.
//!
//! It is told from the members as the log has them, and not from what somebody writes: who may only read writes nothing, and
//! what somebody wrote stays when they go. The list of notices says which devices were told of, so that nothing is told twice
//! and nothing that a crash came between is missed.

use std::collections::BTreeSet;

use graph::notice::{Notice, NoticeKind};
use graph::time::Timestamp;
use trust::key::words_of;
use trust::{DeviceId, RoomId};

use super::Project;
use crate::attachments::Face;
use crate::room::Room;

/// Who it is comes behind the record that lets them in. Of whoever has not said so after this time is told by the words of the
/// device.
const UNNAMED_MS: u64 = 5_000;

impl Project {
    /// Lists who came and who went since the last time. Gives the entries that windows are to be told of.
    pub(super) fn list_passages(&mut self, now: Timestamp) -> Vec<u32> {
        let me = (self.person(), self.profile().name.clone());
        let Some(shared) = &mut self.shared else {
            return Vec::new();
        };
        let time = shared.time();
        let is_over = shared.unnamed_until.is_some_and(|until| until <= time);
        let known = shared.room.company_known();
        if shared.company_known.replace(known) == Some(known) && !is_over {
            return Vec::new();
        }
        let company = shared.room.company();
        let is_news = !shared.notices.is_catching_up();
        let Some(mut told) = shared.notices.company().filter(|_| is_news) else {
            // Who was there before is no news.
            shared.notices.set_company(company);
            return Vec::new();
        };
        let before = told.clone();
        let passages = Passages {
            room: &shared.room,
            me: &me,
            now,
        };
        let mut found = Vec::new();
        for device in before.difference(&company) {
            told.remove(device);
            found.extend(passages.left(device, &told));
        }
        let mut waits = false;
        for device in company.difference(&before) {
            if passages.face(device).is_some() || is_over {
                found.extend(passages.joined(device, &told));
                told.insert(*device);
            } else {
                waits = true;
            }
        }
        let until = shared.unnamed_until.take();
        shared.unnamed_until = waits.then(|| until.unwrap_or(time.plus_ms(UNNAMED_MS)));
        if told == before {
            return Vec::new();
        }
        shared.notices.set_company(told);
        shared.are_notices_due = true;
        shared.notices.add(found, &self.notify, now)
    }
}

/// What passages are told from.
struct Passages<'a> {
    room: &'a Room,
    me: &'a Face,
    now: Timestamp,
}

impl Passages<'_> {
    fn face(&self, device: &DeviceId) -> Option<&Face> {
        self.room.face(device, self.me)
    }

    fn name(&self, device: &DeviceId) -> String {
        let face = self.face(device);
        face.map_or_else(|| words_of(device), |(_, name)| name.clone())
    }

    /// Somebody is there now, and was on none of these devices.
    fn joined(&self, device: &DeviceId, there: &BTreeSet<DeviceId>) -> Option<Notice> {
        let (record, by) = self.room.last_word_on(device)?;
        let key = format!("joined {}", RoomId(record.0));
        let is_new = !self.is_mine(&by) && !self.is_there(device, there);
        is_new.then(|| self.notice(NoticeKind::Joined, device, key))
    }

    /// Somebody is not there any more, on none of these devices.
    fn left(&self, device: &DeviceId, there: &BTreeSet<DeviceId>) -> Option<Notice> {
        let (record, by) = self.room.last_word_on(device)?;
        let key = format!("left {}", RoomId(record.0));
        let is_gone = !self.is_mine(&by) && !self.is_there(device, there);
        is_gone.then(|| Notice {
            text: match by == *device {
                true => String::new(),
                false => self.name(&by),
            },
            ..self.notice(NoticeKind::Left, device, key)
        })
    }

    /// Whether the person here is at a device: what they did is no news to them.
    fn is_mine(&self, device: &DeviceId) -> bool {
        self.face(device)
            .is_some_and(|(person, _)| *person == self.me.0)
    }

    /// Whether whoever is at a device is at one of these too, or is the person here.
    fn is_there(&self, device: &DeviceId, others: &BTreeSet<DeviceId>) -> bool {
        let Some((person, _)) = self.face(device) else {
            return false;
        };
        let mut faces = others.iter().filter_map(|other| self.face(other));
        self.is_mine(device) || faces.any(|(other, _)| other == person)
    }

    fn notice(&self, kind: NoticeKind, device: &DeviceId, key: String) -> Notice {
        Notice {
            key,
            kind,
            by: self.face(device).map(|(person, _)| *person),
            at: self.now,
            node: None,
            title: self.name(device),
            field: None,
            comment: None,
            conflict: None,
            text: String::new(),
        }
    }
}
