//! What the registers of a guest may hold: what commands would have written.

use std::collections::BTreeMap;

use automerge::ScalarValue;
use smol_str::SmolStr;

use super::Refusal;
use super::judge::Judge;
use crate::codec::{Encoded, Raw, decode, encode, expected, split_key};
use crate::commands::check;
use crate::id::{NodeId, TypeId};
use crate::link::LinkKind;
use crate::order;
use crate::position::{parse_position, print_position};
use crate::rejection::Rejection;
use crate::template::{Field, FieldKind};
use crate::value::Value;
use crate::view::{Slot, TOP};

/// A node that is being made.
#[derive(Default)]
pub(super) struct NewNode {
    pub registers: BTreeMap<SmolStr, Register>,
}

/// A link that is being made.
#[derive(Default)]
pub(super) struct NewLink {
    pub from: Option<NodeId>,
    pub to: Option<NodeId>,
    pub relation: Option<LinkKind>,
}

/// What is written into a register.
#[derive(Clone)]
pub(super) enum Register {
    Scalar(ScalarValue),
    /// A text object, whose content is looked at later.
    Text,
}

impl Judge<'_> {
    /// Whether a node of this type may hold this under a key.
    pub(super) fn value(
        &self,
        node_type: &TypeId,
        key: &str,
        register: Register,
    ) -> Result<(), Refusal> {
        let schema = &self.view.frame().schema;
        let (field, member) = split_key(key).ok_or_else(Refusal::unknown)?;
        let known = schema
            .field(&field)
            .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
        if !schema.has_field(node_type, &field) {
            let title = schema.node_type(node_type).map(|it| it.label.clone());
            return Err(Refusal::Value(Rejection::FieldNotOfType {
                title: title.unwrap_or_else(|| node_type.to_string()),
                field: known.label.clone(),
            }));
        }
        let is_prose = known.kind == FieldKind::Prose;
        let scalar = match register {
            Register::Text if is_prose && member.is_empty() => return Ok(()),
            Register::Scalar(scalar) if !is_prose => scalar,
            Register::Text => return Err(Refusal::shape(no_text(known))),
            Register::Scalar(_) => {
                let label = &known.label;
                return Err(Refusal::shape(format!("“{label}” is a text object")));
            }
        };
        let raw = Raw::from_scalar(&scalar).ok_or_else(|| {
            Refusal::shape(format!(
                "null is no value of “{}”; delete the key",
                known.label
            ))
        })?;
        let bad = |reason: String| Rejection::BadValue {
            field: known.label.clone(),
            reason,
        };
        let value = decode(known, &vec![(member, &raw)]).map_err(bad)?;
        let value = value.ok_or_else(|| bad("it says nothing".to_owned()))?;
        if !is_written_so(&value, member, &scalar) {
            return Err(bad(format!(
                "is not {} as it is written here",
                expected(known.kind)
            ))
            .into());
        }
        self.fits(known, &value)
    }

    /// The rules for values of commands. What is referred to has to be known, and need not be live any more.
    fn fits(&self, field: &Field, value: &Value) -> Result<(), Refusal> {
        match value {
            Value::Nodes(nodes) => nodes.iter().try_for_each(|node| self.target(field, *node)),
            Value::Hours(hours) => {
                hours
                    .keys()
                    .try_for_each(|node| self.target(field, *node))?;
                Ok(check::amounts_fit(field, hours)?)
            }
            other => Ok(check::value(self.view, field, other)?),
        }
    }

    fn target(&self, field: &Field, node: NodeId) -> Result<(), Refusal> {
        if self.nodes.contains_key(&node) {
            return Ok(());
        }
        match check::target(self.view, field, node) {
            Err(Rejection::InTrash(_)) => Ok(()),
            Err(Rejection::NoSuchNode(_)) if self.view.slot(node).is_some() => Ok(()),
            other => Ok(other?),
        }
    }

    pub(super) fn new_node(&self, id: NodeId, node: &NewNode) -> Result<(), Refusal> {
        let text = |key: &str| match node.registers.get(key) {
            Some(Register::Scalar(ScalarValue::Str(text))) => Some(text.as_str()),
            _ => None,
        };
        let (Some(node_type), Some(position)) = (text("@type"), text("@pos")) else {
            return Err(Refusal::shape(
                "an item has `@type` and `@pos`, as scalar text",
            ));
        };
        let node_type = TypeId::from(node_type);
        let parent = self.place(position)?;
        let parent_type = parent.map(|parent| self.type_of(parent)).transpose()?;
        if parent == Some(id) {
            return Err(Refusal::shape("an item does not stand under itself"));
        }
        check::allowed_types(self.view, parent_type.as_ref(), &node_type)?;
        for (key, register) in &node.registers {
            match key.as_str() {
                "@type" | "@pos" => {}
                structure if structure.starts_with('@') => {
                    return Err(Refusal::shape(format!("a new item has no `{structure}`")));
                }
                _ => self.value(&node_type, key, register.clone())?,
            }
        }
        Ok(())
    }

    pub(super) fn new_link(&self, link: &NewLink) -> Result<(), Refusal> {
        let (Some(from), Some(to), Some(relation)) = (link.from, link.to, link.relation) else {
            return Err(Refusal::shape("a link has `from`, `to` and `relation`"));
        };
        if from == to {
            return Err(Rejection::SelfLink.into());
        }
        for end in [from, to] {
            self.is_known(end)?;
        }
        match relation.blocks() {
            true => self.no_circle(from, to),
            false => Ok(()),
        }
    }

    pub(super) fn no_circle(&self, from: NodeId, to: NodeId) -> Result<(), Refusal> {
        match self.view.blocking_path(to, from) {
            Some(path) => Err(Rejection::BlockingCycle(self.view.chain(&path)).into()),
            None => Ok(()),
        }
    }

    /// Whether a node may go where its new `@pos` says.
    pub(super) fn moved(&self, slot: Slot, position: &str) -> Result<(), Refusal> {
        let record = self.view.record(slot);
        let parent = self.place(position)?;
        let parent_type = parent.map(|parent| self.type_of(parent)).transpose()?;
        check::allowed_types(self.view, parent_type.as_ref(), &record.node_type)?;
        let mut above = parent.and_then(|parent| self.view.slot(parent));
        while let Some(at) = above.filter(|at| *at != TOP) {
            if at == slot {
                return Err(Rejection::OwnSubtree(self.view.title_of(slot)).into());
            }
            above = Some(self.view.record(at).seat.parent);
        }
        Ok(())
    }

    /// The parent in a position.
    fn place(&self, position: &str) -> Result<Option<NodeId>, Refusal> {
        let (now, before) = parse_position(position);
        let is_key = |key: &str| {
            let fits = !key.is_empty() && key.len() <= order::MAX_BYTES;
            fits && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if print_position(&now, before.as_ref()) != position || !is_key(&now.order) {
            return Err(Refusal::shape(
                "`@pos` is `<parent>/<order>`, or that, `|` and where it was",
            ));
        }
        if let Some(parent) = now.parent {
            self.is_known(parent)?;
        }
        Ok(now.parent)
    }

    fn is_known(&self, node: NodeId) -> Result<(), Refusal> {
        match self.nodes.contains_key(&node) || self.view.is_taken(node) {
            true => Ok(()),
            false => Err(Rejection::NoSuchNode(node).into()),
        }
    }

    fn type_of(&self, node: NodeId) -> Result<TypeId, Refusal> {
        if let Some(slot) = self.view.slot(node) {
            return Ok(self.view.record(slot).node_type.clone());
        }
        let made = self
            .nodes
            .get(&node)
            .and_then(|it| it.registers.get("@type"));
        match made {
            Some(Register::Scalar(ScalarValue::Str(text))) => Ok(TypeId::from(text.as_str())),
            _ => Err(Rejection::NoSuchNode(node).into()),
        }
    }
}

/// Whether a member, a date or an option is spelled as the program spells it. Of numbers and lines the text is kept.
fn is_written_so(value: &Value, member: &str, scalar: &ScalarValue) -> bool {
    match (value, encode(value)) {
        (Value::Hours(_) | Value::Files(_), Encoded::Members(members)) => {
            members.contains_key(member) && matches!(scalar, ScalarValue::Str(_))
        }
        (_, Encoded::Members(members)) => members.get(member) == Some(scalar),
        (Value::Date(_) | Value::Option(_) | Value::Flag(_), Encoded::Scalar(written)) => {
            written == *scalar
        }
        (Value::Text(_) | Value::Url(_), _) => matches!(scalar, ScalarValue::Str(_)),
        _ => true,
    }
}

fn no_text(field: &Field) -> String {
    format!(
        "“{}” takes {} as a scalar: in JavaScript, new ImmutableString(…)",
        field.label,
        expected(field.kind)
    )
}
