//! Where a notice goes: an entry of its own, or one that gathers what one person does.

use std::collections::BTreeSet;

use graph::id::{NodeId, PersonId};
use graph::notice::{Notice, NoticeKind};
use graph::time::Timestamp;

use super::{NoticeGroup, Notices};

/// So many unread entries of one concern and one person stand alone; the next one gathers them.
const ALONE: usize = 5;

/// Notices of a gathered entry that are kept.
const KEPT: usize = 20;

/// Items of a gathered entry that are told apart; beyond, each notice counts as one more.
const TOLD_APART: usize = 500;

/// What an entry may gather.
#[derive(PartialEq, Eq)]
enum Concern {
    Items(Option<PersonId>),
    Mentions(Option<PersonId>),
    Conflicts(Option<PersonId>),
    People,
}

fn concern(notice: &Notice) -> Concern {
    match notice.kind {
        NoticeKind::Assigned | NoticeKind::Blocked | NoticeKind::Unblocked => {
            Concern::Items(notice.by)
        }
        NoticeKind::Mentioned => Concern::Mentions(notice.by),
        NoticeKind::Conflict => Concern::Conflicts(notice.by),
        NoticeKind::Joined | NoticeKind::Left => Concern::People,
    }
}

impl Notices {
    /// Lists a notice; the entry that it is in now.
    pub(super) fn list(&mut self, notice: Notice, now: Timestamp) -> u32 {
        self.drop_overtaken(&notice);
        let kin = self.unread_kin(&notice);
        let gathering = kin.iter().find(|at| self.entries[**at].count > 1);
        let mut entry = match gathering {
            Some(at) => self.entries.remove(*at),
            None if kin.len() < ALONE => NoticeGroup::of(self.next_id()),
            None => self.gather(&kin),
        };
        entry.take(notice, now);
        let id = entry.id;
        self.entries.push(entry);
        id
    }

    /// An item that is blocked and free again before anybody looked is told once, as it is now.
    fn drop_overtaken(&mut self, notice: &Notice) {
        let turns = |kind| matches!(kind, NoticeKind::Blocked | NoticeKind::Unblocked);
        if turns(notice.kind) {
            self.entries.retain(|entry| {
                let is_overtaken = !entry.is_read
                    && entry.count == 1
                    && turns(entry.notices[0].kind)
                    && entry.notices[0].node == notice.node;
                !is_overtaken
            });
        }
    }

    /// Places of the unread entries of the same concern.
    fn unread_kin(&self, notice: &Notice) -> Vec<usize> {
        let wanted = concern(notice);
        let entries = self.entries.iter().enumerate();
        let unread = entries.filter(|(_, entry)| !entry.is_read);
        let kin = unread.filter(|(_, entry)| {
            let newest = entry.notices.first();
            newest.is_some_and(|newest| concern(newest) == wanted)
        });
        kin.map(|(at, _)| at).collect()
    }

    /// One entry in place of several.
    fn gather(&mut self, places: &[usize]) -> NoticeGroup {
        let mut gathered = NoticeGroup::of(self.next_id());
        for at in places.iter().rev() {
            let entry = self.entries.remove(*at);
            gathered.notices.extend(entry.notices);
            gathered.count += entry.count;
        }
        let items: BTreeSet<NodeId> = gathered.notices.iter().filter_map(|it| it.node).collect();
        gathered.items = items.len().try_into().unwrap_or(u32::MAX);
        gathered.gathered = items.into_iter().collect();
        gathered
    }
}

impl NoticeGroup {
    fn of(id: u32) -> Self {
        Self {
            id,
            is_read: false,
            heard_at: Timestamp::default(),
            notices: vec![],
            count: 0,
            items: 0,
            gathered: vec![],
        }
    }

    fn take(&mut self, notice: Notice, now: Timestamp) {
        if let Some(node) = notice.node {
            let place = self.gathered.binary_search(&node);
            self.items = self.items.saturating_add(u32::from(place.is_err()));
            if let Err(place) = place
                && self.gathered.len() < TOLD_APART
            {
                self.gathered.insert(place, node);
            }
        }
        self.heard_at = now;
        self.count = self.count.saturating_add(1);
        self.notices.insert(0, notice);
        self.notices.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use graph::id::PersonId;
    use uuid::Uuid;

    use super::*;
    use crate::settings::Notify;

    const NOW: Timestamp = Timestamp(1_000);

    fn notice(kind: NoticeKind, by: u128, node: u128) -> Notice {
        Notice {
            key: format!("{kind:?} {by} {node}"),
            kind,
            by: Some(PersonId(Uuid::from_u128(by))),
            at: NOW,
            node: Some(NodeId(Uuid::from_u128(node))),
            title: format!("Item {node}"),
            field: None,
            comment: None,
            conflict: None,
            text: String::new(),
        }
    }

    fn add(notices: &mut Notices, found: Vec<Notice>) -> Vec<u32> {
        notices.add(found, &Notify::default(), NOW)
    }

    /// Each entry, newest first: how many, about how many items, and the kind of the newest.
    fn shown(notices: &Notices) -> Vec<(u32, u32, NoticeKind)> {
        let entries = notices.entries().into_iter();
        entries
            .map(|entry| (entry.count, entry.items, entry.notices[0].kind))
            .collect()
    }

    #[test]
    fn a_flood_is_one_entry() {
        use NoticeKind::{Assigned, Mentioned};
        let mut notices = Notices::default();
        let flood = (0..500).map(|node| notice(Assigned, 1, node % 40));
        let flood = flood.enumerate().map(|(number, it)| Notice {
            key: number.to_string(),
            ..it
        });
        add(&mut notices, flood.collect());
        add(
            &mut notices,
            vec![notice(Mentioned, 1, 3), notice(Assigned, 2, 3)],
        );
        assert_eq!(
            shown(&notices),
            [(1, 1, Mentioned), (1, 1, Assigned), (500, 40, Assigned)]
        );
    }

    #[test]
    fn a_few_stand_alone_and_what_was_read_is_left_alone() {
        use NoticeKind::Assigned;
        let mut notices = Notices::default();
        let of = |range: std::ops::Range<u128>| range.map(|it| notice(Assigned, 1, it)).collect();
        assert_eq!(add(&mut notices, of(0..5)).len(), 5);
        assert!(notices.mark(None) && !notices.mark(None));
        assert_eq!(add(&mut notices, of(5..10)).len(), 5);
        assert_eq!(shown(&notices).len(), 10);
        assert_eq!(
            add(&mut notices, of(10..12)).len(),
            1,
            "one entry tells both"
        );
        assert_eq!(shown(&notices)[0], (7, 7, Assigned));
        assert_eq!(shown(&notices).len(), 6);
    }

    #[test]
    fn an_event_is_listed_once() {
        let mut notices = Notices::default();
        let blocked = || notice(NoticeKind::Blocked, 1, 1);
        add(&mut notices, vec![blocked()]);
        notices.mark(None);
        let mut again = Notices::decode(&notices.encode());
        assert_eq!(again, notices);
        assert!(add(&mut again, vec![blocked()]).is_empty());
        assert!(again.entries()[0].is_read);
    }

    #[test]
    fn what_is_overtaken_unseen_is_not_told() {
        let mut notices = Notices::default();
        add(&mut notices, vec![notice(NoticeKind::Blocked, 1, 1)]);
        add(&mut notices, vec![notice(NoticeKind::Unblocked, 2, 1)]);
        assert_eq!(shown(&notices), [(1, 1, NoticeKind::Unblocked)]);
    }

    #[test]
    fn what_was_there_before_one_joined_is_no_news() {
        let mut notices = Notices::joining(Timestamp(1_000_000_000));
        let late = |key: &str, at| Notice {
            key: key.to_owned(),
            at: Timestamp(at),
            ..notice(NoticeKind::Assigned, 1, 1)
        };
        assert!(add(&mut notices, vec![late("history", 2_000_000_000)]).is_empty());
        notices.catch_up();
        let found = vec![late("old", 1_000), late("new", 1_000_000_001)];
        assert_eq!(add(&mut notices, found).len(), 1);
    }

    #[test]
    fn what_nobody_wants_to_hear_is_not_kept() {
        let mut notices = Notices::default();
        let quiet = Notify {
            assigned: false,
            ..Notify::default()
        };
        let found = vec![
            notice(NoticeKind::Assigned, 1, 1),
            notice(NoticeKind::Mentioned, 1, 1),
        ];
        assert_eq!(notices.add(found, &quiet, NOW).len(), 1);
    }

    #[test]
    fn the_list_is_bounded_and_lets_go_of_what_was_read() {
        let mut notices = Notices::default();
        for number in 0..super::super::MAX_ENTRIES as u128 {
            add(&mut notices, vec![notice(NoticeKind::Mentioned, number, 1)]);
        }
        let second = notices.entries()[198].id;
        notices.mark(Some(&[second]));
        add(&mut notices, vec![notice(NoticeKind::Mentioned, 999, 1)]);
        let left = notices.entries();
        assert_eq!(left.len(), 200);
        assert!(left.iter().all(|entry| entry.id != second));
    }
}
