//! What concerned the person of this installation in one project, and what of it they have seen.
//!
//! Pure: notices go in, a list comes out. It is kept with the frames that brought the notices, in one
//! commit, so a crash takes both or neither. The same event is never listed twice: its key is known.
//! What would be a flood is gathered: somebody's doings make a few entries, and then one that counts.

mod gather;

use std::collections::BTreeSet;

use graph::notice::{Notice, NoticeKind};
use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use trust::DeviceId;
use ts_rs::TS;

use crate::settings::Notify;

/// Under which name a room keeps them.
pub(crate) const NOTICES: &str = "notices";

/// Entries that are kept; the oldest go first, those that were read before the others.
const MAX_ENTRIES: usize = 200;

/// Clocks of two machines may differ by so much before old history passes for news.
const SKEW_MS: i64 = 24 * 60 * 60 * 1000;

/// One entry of the list: a notice, or several of one kind of concern by one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct NoticeGroup {
    /// Names it for as long as it is listed.
    pub id: u32,
    /// Whether it was seen.
    pub is_read: bool,
    /// When it was heard of here, the last time.
    pub heard_at: Timestamp,
    /// What happened, the newest first; of many only the newest.
    pub notices: Vec<Notice>,
    /// How many notices there were in all.
    pub count: u32,
    /// How many items they were about.
    pub items: u32,
    /// The items, of a gathered entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(skip)]
    pub(crate) gathered: Vec<graph::id::NodeId>,
}

/// The list of one project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Notices {
    /// Oldest first.
    entries: Vec<NoticeGroup>,
    last_id: u32,
    joining: Option<Joining>,
    /// The devices of members of which was told that they came, as hexadecimal digits; none before anybody looked.
    company: Option<BTreeSet<String>>,
}

/// A project that was joined here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Joining {
    at: Timestamp,
    /// Everything that was there before has arrived.
    is_caught_up: bool,
}

impl Notices {
    /// The list of a project that is being joined: what was there before is no news.
    pub fn joining(now: Timestamp) -> Self {
        Self {
            joining: Some(Joining {
                at: now,
                is_caught_up: false,
            }),
            ..Self::default()
        }
    }

    /// Whether what was there before the person joined is still on its way.
    pub fn is_catching_up(&self) -> bool {
        self.joining.is_some_and(|joining| !joining.is_caught_up)
    }

    /// From here on it is news.
    pub(crate) fn catch_up(&mut self) {
        if let Some(joining) = &mut self.joining {
            joining.is_caught_up = true;
        }
    }

    /// The devices that are known to have come.
    pub(crate) fn company(&self) -> Option<BTreeSet<DeviceId>> {
        let company = self.company.as_ref()?.iter();
        Some(company.filter_map(|it| it.parse().ok()).collect())
    }

    /// From here on these are.
    pub(crate) fn set_company(&mut self, devices: BTreeSet<DeviceId>) {
        let devices = devices.iter().map(DeviceId::to_string);
        self.company = Some(devices.collect());
    }

    /// Takes up what a merge brought; the entries that are new or tell more, oldest first.
    pub fn add(&mut self, mut found: Vec<Notice>, notify: &Notify, now: Timestamp) -> Vec<u32> {
        if self.is_catching_up() {
            return vec![];
        }
        let joined = self.joining.map(|joining| joining.at.0 - SKEW_MS);
        found.retain(|notice| {
            notify.wants(notice.kind)
                && joined.is_none_or(|joined| notice.at.0 >= joined)
                && !self.knows(&notice.key)
        });
        found.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        let mut fresh = vec![];
        for notice in found {
            let id = self.list(notice, now);
            fresh.retain(|known| *known != id);
            fresh.push(id);
        }
        self.shorten();
        fresh.retain(|id| self.entries.iter().any(|entry| entry.id == *id));
        fresh
    }

    /// Marks entries as read, all if none are named. Whether that changed anything.
    pub fn mark(&mut self, ids: Option<&[u32]>) -> bool {
        let named = |entry: &NoticeGroup| ids.is_none_or(|ids| ids.contains(&entry.id));
        let unread = self.entries.iter_mut();
        let unread = unread.filter(|entry| !entry.is_read && named(entry));
        unread.map(|entry| entry.is_read = true).count() > 0
    }

    /// The entries as windows get them, newest first.
    pub fn entries(&self) -> Vec<NoticeGroup> {
        let entries = self.entries.iter().rev().cloned();
        entries
            .map(|entry| NoticeGroup {
                gathered: vec![],
                ..entry
            })
            .collect()
    }

    /// For keeping.
    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("ids and texts become JSON")
    }

    /// What [`Notices::encode`] gave; an empty list if it is something else.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    fn knows(&self, key: &str) -> bool {
        let known = self.entries.iter().flat_map(|entry| &entry.notices);
        known.into_iter().any(|notice| notice.key == key)
    }

    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn shorten(&mut self) {
        while self.entries.len() > MAX_ENTRIES {
            let read = self.entries.iter().position(|entry| entry.is_read);
            self.entries.remove(read.unwrap_or(0));
        }
    }
}

impl Notify {
    /// Whether somebody wants to hear of this.
    pub fn wants(&self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::Assigned => self.assigned,
            NoticeKind::Mentioned => self.mentioned,
            NoticeKind::Blocked | NoticeKind::Unblocked => self.blocked,
            NoticeKind::Conflict => self.conflicts,
            NoticeKind::Joined | NoticeKind::Left => self.people,
        }
    }
}
