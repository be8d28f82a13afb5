//! What the addressee did and what somebody else did at the same time.

use super::{Case, Notice, NoticeKind};
use crate::codec::split_key;
use crate::document::OpId;
use crate::id::NodeId;
use crate::view::Flaw;

impl Case<'_> {
    pub(super) fn conflicts(&self) -> Vec<Notice> {
        let view = self.project.view();
        let mut found = vec![];
        for (node, before) in &self.delta.flaws {
            let new = view.flaws(*node).iter().filter(|it| !before.contains(it));
            found.extend(new.filter_map(|flaw| self.conflict(*node, flaw)));
        }
        found
    }

    fn conflict(&self, node: NodeId, flaw: &Flaw) -> Option<Notice> {
        let kind = flaw.conflict()?;
        let view = self.project.view();
        let sides = view.sides(view.slot(node)?, flaw);
        let made =
            |side: &crate::problem::Side| side.op.as_ref().and_then(|op| self.fresh.made(op));
        if !sides.iter().any(|side| self.is_mine(side.by))
            || sides.iter().all(|it| made(it).is_none())
        {
            return None;
        }
        let others = sides.iter().filter(|side| !self.is_mine(side.by));
        let theirs = others.filter_map(|side| Some((side.op.clone()?, side)));
        let (op, theirs): (OpId, _) = theirs.max_by(|(a, _), (b, _)| a.cmp(b))?;
        let at = made(theirs).or_else(|| self.fresh.newest().map(|(_, at)| at))?;
        let field = match flaw {
            Flaw::FieldRace(key) => split_key(key).map(|(field, _)| field),
            _ => None,
        };
        let label = field.as_ref().map(|field| view.label_of(field));
        let key = format!("conflict {kind:?} {node} {op}");
        Some(Notice {
            text: label.unwrap_or_else(|| theirs.text.clone()),
            field,
            conflict: Some(kind),
            ..self.about(NoticeKind::Conflict, node, key, (theirs.by, at))
        })
    }
}
