//! Items that the addressee was put on.

use automerge::ReadDoc;

use super::{Case, Notice, NoticeKind};
use crate::document::OpId;
use crate::id::NodeId;
use crate::template::{Field, FieldKind, Role};
use crate::value::Value;
use crate::view::NodeView;

impl Case<'_> {
    pub(super) fn assigned(&self) -> Vec<Notice> {
        let view = self.project.view();
        let mut found = vec![];
        for (id, before) in &self.delta.nodes {
            let Some(node) = view.node(*id) else { continue };
            let fields = view.frame().schema.fields_of(node.node_type());
            for field in fields.filter(|field| field.kind == FieldKind::People) {
                // Of what was not live, nothing was shown before.
                let before = before.fields.get(&field.id).filter(|_| before.was_live());
                let before = before.and_then(Option::as_ref);
                let was_there = |card: NodeId| matches!(before, Some(Value::Nodes(nodes)) if nodes.contains(&card));
                let cards = self.cards_in(node, field);
                let new = cards.filter(|card| !was_there(*card));
                found.extend(new.filter_map(|card| self.assignment(node, field, card)));
            }
        }
        found
    }

    /// Items that stand for the addressee and are in a field of a node.
    fn cards_in<'a>(
        &'a self,
        node: NodeView<'a>,
        field: &'a Field,
    ) -> impl Iterator<Item = NodeId> + 'a {
        let view = self.project.view();
        let members = match node.value(&field.id) {
            Some(Value::Nodes(members)) => members,
            _ => Default::default(),
        };
        members.into_iter().filter(move |member| {
            view.node(*member)
                .is_some_and(|member| self.names.is_card(view, member))
        })
    }

    fn assignment(&self, node: NodeView<'_>, field: &Field, card: NodeId) -> Option<Notice> {
        let view = self.project.view();
        let record = view.record(view.slot(node.id())?);
        let key = format!("{}/{card}", field.id);
        let (_, op) = self.project.project.get(&record.object, key).ok()??;
        let op = OpId::of(&op);
        let news = self.news(&op)?;
        Some(Notice {
            field: Some(field.id.clone()),
            text: field.label.clone(),
            ..self.about(
                NoticeKind::Assigned,
                node.id(),
                format!("assigned {op}"),
                news,
            )
        })
    }

    /// Whether an item is the addressee's to do.
    pub(super) fn is_assigned(&self, node: NodeView<'_>) -> bool {
        let view = self.project.view();
        let fields = view.frame().schema.fields_of(node.node_type());
        let mut fields = fields.filter(|field| field.role == Some(Role::Assignees));
        fields.any(|field| self.cards_in(node, field).next().is_some())
    }
}
