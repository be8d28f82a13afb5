//! Comments on nodes.

use automerge::{ObjId, ReadDoc};
use serde::{Deserialize, Serialize};

use super::read::{flag_at, map_at, text_at};
use super::{Home, View};
use crate::document::{Document, bucket_of, record_key};
use crate::id::{CommentId, NodeId, PersonId};
use crate::time::Timestamp;

/// A comment as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentView {
    /// Id.
    pub id: CommentId,
    /// The node that it is on.
    pub node: NodeId,
    /// The comment that it answers.
    pub reply_to: Option<CommentId>,
    /// Who wrote it.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// When it was edited last.
    pub edited_at: Option<Timestamp>,
    /// Markdown.
    pub body: String,
    /// Whether the thread is resolved.
    pub resolved: bool,
}

/// A comment, shown or not.
#[derive(Debug, Clone)]
pub(crate) struct CommentRecord {
    pub comment: CommentView,
    pub object: ObjId,
    pub deleted: bool,
}

impl View {
    pub(super) fn read_comment(&mut self, doc: &impl ReadDoc, id: CommentId, object: ObjId) {
        self.homes
            .insert((Document::Comments, object.clone()), Home::Comment(id));
        let text = |key| {
            text_at(doc, &object, key)
                .map(|(text, _)| text.to_string())
                .unwrap_or_default()
        };
        let time = |key| {
            doc.get(&object, key)
                .ok()
                .flatten()
                .and_then(|(value, _)| value.as_i64())
                .map(Timestamp)
        };
        self.remove_comment(id);
        let Ok(node) = text("node").parse() else {
            return;
        };
        let comment = CommentView {
            id,
            node,
            reply_to: text("replyTo").parse().ok(),
            by: text("by").parse().ok(),
            at: time("at").unwrap_or_default(),
            edited_at: time("editedAt"),
            body: text("body"),
            resolved: flag_at(doc, &object, "resolved"),
        };
        let deleted = flag_at(doc, &object, "@del");
        self.comments_by_node.entry(node).or_default().insert(id);
        self.comments.insert(
            id,
            CommentRecord {
                comment,
                object,
                deleted,
            },
        );
    }

    pub(super) fn remove_comment(&mut self, id: CommentId) {
        if let Some(old) = self.comments.remove(&id) {
            self.comments_by_node
                .entry(old.comment.node)
                .or_default()
                .remove(&id);
        }
    }

    /// The map that is the record of a comment, if there is one.
    pub(super) fn comment_object(&self, doc: &impl ReadDoc, id: CommentId) -> Option<ObjId> {
        let bucket = &self.comment_containers.comments[bucket_of(id.0)];
        map_at(doc, bucket, &record_key(id.0))
    }

    pub(crate) fn comment_record(&self, id: CommentId) -> Option<&CommentRecord> {
        self.comments.get(&id)
    }

    /// A comment that is there.
    pub fn comment(&self, id: CommentId) -> Option<&CommentView> {
        self.comments
            .get(&id)
            .filter(|record| !record.deleted)
            .map(|record| &record.comment)
    }

    /// Nodes on which there are or were comments.
    pub(crate) fn commented_nodes(&self) -> impl Iterator<Item = NodeId> {
        self.comments_by_node.keys().copied()
    }

    /// All comments that are there.
    pub(crate) fn all_comments(&self) -> impl Iterator<Item = &CommentView> {
        let shown = self.comments.values().filter(|record| !record.deleted);
        shown.map(|record| &record.comment)
    }

    /// Comments on a node, oldest first.
    pub fn comments_on(&self, node: NodeId) -> Vec<&CommentView> {
        let ids = self.comments_by_node.get(&node).into_iter().flatten();
        let mut comments: Vec<_> = ids.filter_map(|id| self.comment(*id)).collect();
        comments.sort_by_key(|comment| (comment.at, comment.id));
        comments
    }
}
