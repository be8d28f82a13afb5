//! Where the addressee was named with an `@`.

use std::collections::BTreeSet;
use std::ops::Range;

use automerge::{ObjId, ReadDoc, ScalarValueRef, ValueRef};

use super::{Case, Notice, NoticeKind};
use crate::codec::Raw;
use crate::document::{Document, OpId};
use crate::id::{FieldId, NodeId};
use crate::template::FieldKind;
use crate::view::shorten;

/// Characters before a mention that are told with it.
const LEAD: usize = 12;

impl Case<'_> {
    pub(super) fn mentions(&self) -> Vec<Notice> {
        match self.document {
            Document::Project => self.in_texts(),
            Document::Comments => self.in_comments(),
        }
    }

    fn in_comments(&self) -> Vec<Notice> {
        let view = self.project.view();
        let mut found = vec![];
        for (id, before) in &self.delta.remarks {
            let Some(comment) = view.comment(*id) else {
                continue;
            };
            let mentions = self.names.mentions(&comment.body);
            let Some(first) = mentions.first() else {
                continue;
            };
            let earlier = before
                .as_ref()
                .map_or(0, |before| self.names.mentions(&before.body).len());
            if mentions.len() <= earlier || self.is_mine(comment.by) {
                continue;
            }
            let Some(record) = view.comment_record(*id) else {
                continue;
            };
            let body = self.project.comments.get(&record.object, "body");
            let Some(op) = body.ok().flatten().map(|(_, op)| OpId::of(&op)) else {
                continue;
            };
            let Some(at) = self.fresh.made(&op) else {
                continue;
            };
            let key = format!("mentioned {id} {}", mentions.len());
            found.push(Notice {
                comment: Some(*id),
                text: around(&comment.body, first),
                ..self.about(NoticeKind::Mentioned, comment.node, key, (comment.by, at))
            });
        }
        found
    }

    fn in_texts(&self) -> Vec<Notice> {
        let texts = self.changed_texts().into_iter();
        texts
            .filter_map(|(node, field)| self.in_text(node, &field))
            .collect()
    }

    /// Long texts that changed, those of new nodes included.
    fn changed_texts(&self) -> BTreeSet<(NodeId, FieldId)> {
        let view = self.project.view();
        let mut texts = self.delta.texts.clone();
        let new = self.delta.nodes.iter().filter(|(_, it)| !it.was_live());
        for node in new.filter_map(|(id, _)| view.node(*id)) {
            let fields = view.frame().schema.fields_of(node.node_type());
            let prose = fields.filter(|field| field.kind == FieldKind::Prose);
            texts.extend(prose.map(|field| (node.id(), field.id.clone())));
        }
        texts
    }

    fn in_text(&self, node: NodeId, field: &FieldId) -> Option<Notice> {
        let view = self.project.view();
        view.node(node)?;
        let record = view.record(view.slot(node)?);
        let Raw::Prose { object, text } = record.register(field.as_str())? else {
            return None;
        };
        let mentions = self.names.mentions(text);
        if mentions.is_empty() {
            return None;
        }
        let (op, range) = self.newest_mention(object, &mentions)?;
        let news = self.news(&op)?;
        Some(Notice {
            field: Some(field.clone()),
            text: around(text, &range),
            ..self.about(NoticeKind::Mentioned, node, format!("mentioned {op}"), news)
        })
    }

    /// Of the mentions that somebody else has just written at, the newest character, and where it stands.
    fn newest_mention(
        &self,
        text: &ObjId,
        mentions: &[Range<usize>],
    ) -> Option<(OpId, Range<usize>)> {
        let mut at = 0;
        let mut newest: Option<(OpId, Range<usize>)> = None;
        for item in self.project.project.list_range(text, ..) {
            let place = at;
            at += match &item.value {
                ValueRef::Scalar(ScalarValueRef::Str(character)) => character.len(),
                _ => 0,
            };
            let Some(mention) = mentions.iter().find(|it| it.contains(&place)) else {
                continue;
            };
            let op = OpId::of(&item.id());
            if self.news(&op).is_some() && newest.as_ref().is_none_or(|(known, _)| *known < op) {
                newest = Some((op, mention.clone()));
            }
        }
        newest
    }
}

/// The words around a mention, on one line.
fn around(text: &str, mention: &Range<usize>) -> String {
    let lead = text[..mention.start].char_indices().rev();
    let start = lead.take(LEAD).last().map_or(mention.start, |(at, _)| at);
    let shown = shorten(&text[start..]);
    if start == 0 {
        shown
    } else {
        format!("…{shown}")
    }
}
