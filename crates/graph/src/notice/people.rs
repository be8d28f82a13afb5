//! Who came and who went.

use super::{Case, Notice, NoticeKind};
use crate::id::PersonId;

impl Case<'_> {
    pub(super) fn people(&self) -> Vec<Notice> {
        let others = self.delta.people.iter();
        let others = others.filter(|(id, _)| !self.names.is_addressee(**id));
        others
            .filter_map(|(id, before)| {
                let now = self.project.view().frame().people.get(id);
                match (before, now) {
                    (None, Some(now)) => self.passage(NoticeKind::Joined, *id, &now.name),
                    (Some(before), None) => self.passage(NoticeKind::Left, *id, &before.name),
                    _ => None,
                }
            })
            .collect()
    }

    fn passage(&self, kind: NoticeKind, person: PersonId, name: &str) -> Option<Notice> {
        let (_, at) = self.fresh.newest()?;
        let word = if kind == NoticeKind::Joined {
            "joined"
        } else {
            "left"
        };
        Some(Notice {
            key: format!("{word} {person}"),
            kind,
            by: Some(person),
            at,
            node: None,
            title: name.to_owned(),
            field: None,
            comment: None,
            conflict: None,
            text: String::new(),
        })
    }
}
