//! What commands are about: nodes, places, links, comments that are there, and now and then one that is not.

use super::Generator;
use super::template::FIELDS;
use crate::command::{Place, Position};
use crate::id::{BlobId, CommentId, FieldId, KitId, LinkId, NodeId, TypeId};
use crate::link::LinkKind;
use crate::template::FieldKind;

impl Generator<'_> {
    pub(super) fn some_field(&mut self) -> (FieldId, FieldKind) {
        let (id, kind) = FIELDS[self.random.below(FIELDS.len())];
        (id.into(), kind)
    }

    pub(super) fn line(&mut self) -> String {
        self.random.word().replace('\n', " ")
    }

    pub(super) fn live(&self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = self.project.view().nodes().map(|node| node.id()).collect();
        all.sort();
        all
    }

    pub(super) fn node(&mut self) -> NodeId {
        let live = self.live();
        let nobody = NodeId(uuid::Uuid::from_u128(99));
        if self.random.chance(2) {
            nobody
        } else {
            self.random.pick(&live).copied().unwrap_or(nobody)
        }
    }

    pub(super) fn nodes(&mut self) -> Vec<NodeId> {
        (0..1 + self.random.below(3)).map(|_| self.node()).collect()
    }

    pub(super) fn a_person(&mut self) -> NodeId {
        let view = self.project.view();
        let people: Vec<NodeId> = self
            .live()
            .into_iter()
            .filter(|node| {
                view.node(*node)
                    .is_some_and(|node| node.node_type().as_str() == "person")
            })
            .collect();
        self.random
            .pick(&people)
            .copied()
            .unwrap_or_else(|| NodeId(uuid::Uuid::from_u128(98)))
    }

    pub(super) fn trashed(&mut self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = self.project.view().trash().map(|node| node.id()).collect();
        all.sort();
        self.random.pick(&all).copied().into_iter().collect()
    }

    pub(super) fn place(&mut self) -> Place {
        let parent = if self.random.chance(20) {
            None
        } else {
            Some(self.node())
        };
        let view = self.project.view();
        let siblings: Vec<NodeId> = match parent {
            None => view.roots().map(|node| node.id()).collect(),
            Some(parent) => view
                .node(parent)
                .map(|node| node.children().map(|child| child.id()).collect())
                .unwrap_or_default(),
        };
        let sibling = self.random.pick(&siblings).copied();
        let at = match (self.random.below(4), sibling) {
            (0, _) => Position::First,
            (1, Some(sibling)) => Position::Before(sibling),
            (2, Some(sibling)) => Position::After(sibling),
            _ => Position::Last,
        };
        Place { parent, at }
    }

    pub(super) fn type_for(&mut self, place: &Place) -> TypeId {
        let view = self.project.view();
        let schema = &view.frame().schema;
        let parent = place
            .parent
            .and_then(|parent| view.node(parent))
            .map(|node| node.node_type().clone());
        let fitting: Vec<TypeId> = schema
            .template()
            .types
            .iter()
            .map(|node_type| node_type.id.clone())
            .filter(|id| schema.allows(parent.as_ref(), id))
            .collect();
        self.random
            .pick(&fitting)
            .cloned()
            .unwrap_or_else(|| TypeId::from("task"))
    }

    pub(super) fn any_type(&mut self) -> TypeId {
        TypeId::from(
            *self
                .random
                .pick(&["phase", "task", "step", "extra-type"])
                .expect("there are some"),
        )
    }

    pub(super) fn relation(&mut self) -> LinkKind {
        use LinkKind::*;
        *self
            .random
            .pick(&[
                FinishToStart,
                FinishToStart,
                StartToStart,
                FinishToFinish,
                StartToFinish,
                RelatesTo,
            ])
            .expect("there are some")
    }

    pub(super) fn link(&mut self) -> LinkId {
        let mut all: Vec<LinkId> = self.project.view().links().map(|link| link.id).collect();
        all.sort();
        self.random
            .pick(&all)
            .copied()
            .unwrap_or(LinkId(uuid::Uuid::from_u128(97)))
    }

    pub(super) fn comment(&mut self) -> CommentId {
        let view = self.project.view();
        let all: Vec<CommentId> = self
            .live()
            .into_iter()
            .flat_map(|node| view.comments_on(node))
            .map(|comment| comment.id)
            .collect();
        self.random
            .pick(&all)
            .copied()
            .unwrap_or(CommentId(uuid::Uuid::from_u128(96)))
    }

    pub(super) fn blob(&mut self) -> BlobId {
        BlobId::from("0123456789abcdef".repeat(4).as_str())
    }

    pub(super) fn kit(&mut self) -> KitId {
        KitId::from(
            *self
                .random
                .pick(&["kit-a", "kit-b"])
                .expect("there are some"),
        )
    }
}
