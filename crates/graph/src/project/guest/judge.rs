//! What a guest may write where.
//!
//! Each operation is judged by the object that it writes into, as the view knows it, and by what is written. Records are
//! judged when all changes have been read, since their registers come in any order. What others do at the same time is
//! no reason to refuse: a guest that has not heard yet of a deletion may write into what was deleted.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{Change, ObjId, ObjType, ScalarValue};
use smol_str::SmolStr;

use super::records::{NewLink, NewNode, Register};
use super::{Refusal, pack};
use crate::codec::split_key;
use crate::commands::check;
use crate::document::{OpId, record_id};
use crate::id::{LinkId, NodeId};
use crate::link::LinkKind;
use crate::position::Tombstone;
use crate::view::{Home, Slot, View, parse_relation};

/// Judges changes that come together, in their order.
pub(super) struct Judge<'a> {
    pub(super) view: &'a View,
    /// What these changes make.
    made: BTreeMap<OpId, Made>,
    pub(super) nodes: BTreeMap<NodeId, NewNode>,
    links: BTreeMap<LinkId, NewLink>,
    /// Nodes that they move into the trash.
    buried: BTreeSet<NodeId>,
    /// Long texts that they write into, with the names of their fields.
    texts: BTreeMap<OpId, String>,
}

enum Made {
    Node(NodeId),
    Link(LinkId),
    /// A long text, and the name of its field.
    Text(String),
}

impl<'a> Judge<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        Self {
            view,
            made: BTreeMap::new(),
            nodes: BTreeMap::new(),
            links: BTreeMap::new(),
            buried: BTreeSet::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Judges one change.
    pub(super) fn take(&mut self, change: &Change) -> Result<(), Refusal> {
        let decoded = pack::malformed_is_an_error(|| Ok(change.decode()));
        let decoded = decoded.map_err(Refusal::Malformed)?;
        for (counter, op) in (decoded.start_op.get()..).zip(&decoded.operations) {
            let actor = decoded.actor_id.clone();
            self.operation(OpId { counter, actor }, op)?;
        }
        Ok(())
    }

    /// Judges what they make and bury as a whole. The texts that they write into, with the names of their fields, are
    /// still to be looked at.
    pub(super) fn finish(self) -> Result<BTreeMap<OpId, String>, Refusal> {
        for (id, node) in &self.nodes {
            self.new_node(*id, node)?;
        }
        for link in self.links.values() {
            self.new_link(link)?;
        }
        for node in &self.buried {
            let children = self.view.node(*node).into_iter();
            let mut children = children.flat_map(|node| node.children().map(|child| child.id()));
            if children.any(|child| !self.buried.contains(&child)) {
                return Err(Refusal::shape(
                    "what is under an item goes into the trash with it: write `@del` of all of it",
                ));
            }
        }
        Ok(self.texts)
    }

    fn operation(&mut self, at: OpId, op: &Op) -> Result<(), Refusal> {
        let object = match &op.obj {
            ObjectId::Root => return Err(container()),
            ObjectId::Id(id) => OpId {
                counter: id.counter(),
                actor: id.actor().clone(),
            },
        };
        match (&op.key, &op.action) {
            (_, OpType::Increment(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_)) => {
                return Err(Refusal::shape("counters and marks are no values here"));
            }
            (Key::Map(_), _) => {}
            (Key::Seq(_), _) => return self.typed(&object, op),
        }
        let Key::Map(key) = &op.key else {
            return Err(Refusal::unknown());
        };
        match self.made.get(&object) {
            Some(Made::Node(id)) => return self.register_of_new(at, *id, key, op),
            Some(Made::Link(id)) => return self.register_of_link(*id, key, op),
            Some(Made::Text(_)) => return Err(Refusal::unknown()),
            None => {}
        }
        match self.view.home(&object.object()) {
            Some(Home::Root) => Err(container()),
            Some(Home::NodeBucket(bucket)) => self.make_node(at, *bucket, key, op),
            Some(Home::LinkBucket(bucket)) => self.make_link(at, *bucket, key, op),
            Some(Home::Node(slot)) => self.register(at, *slot, key, op),
            Some(Home::Link(id)) => self.known_link(*id, key, op),
            Some(Home::Section("meta")) => project_name(key, op),
            Some(Home::Section("authors" | "people")) => Err(Refusal::shape(
                "the door writes down who a program is; leave `authors` and `people` alone",
            )),
            Some(Home::Section(section) | Home::Part((section, _))) => Err(Refusal::shape(
                format!("`{section}` is changed by commands only",),
            )),
            _ => Err(Refusal::unknown()),
        }
    }

    /// Characters in a long text.
    fn typed(&mut self, object: &OpId, op: &Op) -> Result<(), Refusal> {
        if !self.texts.contains_key(object) {
            let label = match (self.made.get(object), self.view.home(&object.object())) {
                (Some(Made::Text(label)), _) => label.clone(),
                (None, Some(Home::Prose(_, key))) => self.label(key),
                _ => return Err(Refusal::unknown()),
            };
            self.texts.insert(object.clone(), label);
        }
        match &op.action {
            OpType::Delete => Ok(()),
            OpType::Put(ScalarValue::Str(_)) if op.insert => Ok(()),
            _ => Err(Refusal::shape("a long text holds characters only")),
        }
    }

    /// The name of the field of a register.
    fn label(&self, key: &str) -> String {
        let field = split_key(key).map(|(field, _)| field);
        let known = field.and_then(|field| self.view.frame().schema.field(&field));
        known.map_or_else(|| key.to_owned(), |field| field.label.clone())
    }

    /// A register of a node that was there before.
    fn register(&mut self, at: OpId, slot: Slot, key: &SmolStr, op: &Op) -> Result<(), Refusal> {
        let record = self.view.record(slot);
        match (key.as_str(), &op.action) {
            ("@pos", OpType::Put(ScalarValue::Str(text))) => self.moved(slot, text),
            ("@del", OpType::Put(ScalarValue::Str(text))) => self.buried(slot, text),
            ("@del", OpType::Delete) => Ok(()),
            (structure, _) if structure.starts_with('@') => Err(Refusal::shape(format!(
                "`{structure}` of an item is not written like this",
            ))),
            (_, OpType::Delete) => self.stands_no_text(key, op),
            (_, OpType::Put(scalar)) => {
                self.stands_no_text(key, op)?;
                self.value(&record.node_type, key, Register::Scalar(scalar.clone()))
            }
            (_, OpType::Make(ObjType::Text)) => {
                self.stands_no_text(key, op)?;
                self.value(&record.node_type, key, Register::Text)?;
                let label = self.label(key);
                self.made.insert(at, Made::Text(label));
                Ok(())
            }
            _ => Err(Refusal::shape(format!(
                "“{}” holds no map and no list",
                self.label(key)
            ))),
        }
    }

    /// A long text that is there is written into and not replaced, or what others type would be out of sight.
    fn stands_no_text(&self, key: &str, op: &Op) -> Result<(), Refusal> {
        let is_text = |pred: &automerge::legacy::OpId| {
            let object = ObjId::Id(pred.counter(), pred.actor().clone(), 0);
            matches!(self.view.home(&object), Some(Home::Prose(..)))
        };
        match op.pred.iter().any(is_text) {
            false => Ok(()),
            true => Err(Refusal::shape(format!(
                "the text of “{}” is replaced as a whole; splice it, or make it empty",
                self.label(key)
            ))),
        }
    }

    fn make_node(&mut self, at: OpId, bucket: usize, key: &str, op: &Op) -> Result<(), Refusal> {
        let id = NodeId(record_id(bucket, key).ok_or_else(misplaced)?);
        if self.view.is_taken(id) || self.nodes.contains_key(&id) {
            return Err(record());
        }
        match op.action {
            OpType::Make(ObjType::Map) => {
                self.nodes.insert(id, NewNode::default());
                self.made.insert(at, Made::Node(id));
                Ok(())
            }
            _ => Err(Refusal::shape("an item is a map")),
        }
    }

    fn make_link(&mut self, at: OpId, bucket: usize, key: &str, op: &Op) -> Result<(), Refusal> {
        let id = LinkId(record_id(bucket, key).ok_or_else(misplaced)?);
        if self.view.link_record(id).is_some() || self.links.contains_key(&id) {
            return Err(record());
        }
        match op.action {
            OpType::Make(ObjType::Map) => {
                self.links.insert(id, NewLink::default());
                self.made.insert(at, Made::Link(id));
                Ok(())
            }
            _ => Err(Refusal::shape("a link is a map")),
        }
    }

    /// Judged when all registers are there.
    fn register_of_new(
        &mut self,
        at: OpId,
        id: NodeId,
        key: &SmolStr,
        op: &Op,
    ) -> Result<(), Refusal> {
        let label = self.label(key);
        let node = self.nodes.get_mut(&id).ok_or_else(Refusal::unknown)?;
        let register = match &op.action {
            OpType::Put(scalar) => Register::Scalar(scalar.clone()),
            OpType::Make(ObjType::Text) => {
                self.made.insert(at, Made::Text(label));
                Register::Text
            }
            OpType::Delete if !key.starts_with('@') => {
                node.registers.remove(key);
                return Ok(());
            }
            _ => {
                return Err(Refusal::shape(format!(
                    "“{label}” holds no map and no list"
                )));
            }
        };
        node.registers.insert(key.clone(), register);
        Ok(())
    }

    fn register_of_link(&mut self, id: LinkId, key: &str, op: &Op) -> Result<(), Refusal> {
        let link = self.links.get_mut(&id).ok_or_else(Refusal::unknown)?;
        match (key, &op.action) {
            ("from", OpType::Put(ScalarValue::Str(text))) => link.from = text.parse().ok(),
            ("to", OpType::Put(ScalarValue::Str(text))) => link.to = text.parse().ok(),
            ("relation", OpType::Put(value)) => link.relation = Some(relation(value)?),
            ("lag", OpType::Put(value)) => lag(value)?,
            _ => return Err(no_register_of_a_link(key)),
        }
        Ok(())
    }

    fn known_link(&self, id: LinkId, key: &str, op: &Op) -> Result<(), Refusal> {
        match (key, &op.action) {
            ("relation", OpType::Put(value)) => {
                let record = self.view.link_record(id).ok_or_else(Refusal::unknown)?;
                let (link, relation) = (&record.link, relation(value)?);
                match relation.blocks() && !link.relation.blocks() {
                    true => self.no_circle(link.from, link.to),
                    false => Ok(()),
                }
            }
            ("lag", OpType::Put(value)) => lag(value),
            ("@del", OpType::Put(ScalarValue::Boolean(true)) | OpType::Delete) => Ok(()),
            _ => Err(no_register_of_a_link(key)),
        }
    }

    fn buried(&mut self, slot: Slot, text: &str) -> Result<(), Refusal> {
        let record = self.view.record(slot);
        let tombstone = Tombstone::parse(text);
        let is_whole = tombstone.print() == text && tombstone.position.parse::<OpId>().is_ok();
        let root = tombstone.root.and_then(|root| self.view.slot(root));
        if !is_whole || root.is_none() {
            return Err(Refusal::shape(
                "`@del` names the operation of `@pos`, and the topmost item that goes with it",
            ));
        }
        self.buried.insert(record.id);
        Ok(())
    }
}

fn project_name(key: &str, op: &Op) -> Result<(), Refusal> {
    match (key, &op.action) {
        ("name", OpType::Put(ScalarValue::Str(text))) => Ok(check::name("the name", text)?),
        _ => Err(Refusal::shape(
            "of `meta` only `name` is written, as one line",
        )),
    }
}

pub(super) fn relation(value: &ScalarValue) -> Result<LinkKind, Refusal> {
    let known = match value {
        ScalarValue::Str(text) => parse_relation(text),
        _ => None,
    };
    known.ok_or_else(|| Refusal::shape("there is no such relation"))
}

fn lag(value: &ScalarValue) -> Result<(), Refusal> {
    let days = match value {
        ScalarValue::Int(days) => Some(*days),
        ScalarValue::Uint(days) => i64::try_from(*days).ok(),
        _ => None,
    };
    match days.is_some_and(|days| i32::try_from(days).is_ok()) {
        true => Ok(()),
        false => Err(Refusal::shape("`lag` is a whole number of days")),
    }
}

fn container() -> Refusal {
    Refusal::shape(
        "the containers of a project are neither deleted nor replaced, and there are no others",
    )
}

fn record() -> Refusal {
    Refusal::shape(
        "an item or a link is neither deleted nor replaced as a map; write `@del` to move it into the trash",
    )
}

fn misplaced() -> Refusal {
    Refusal::shape(
        "a record stands under its id, in lower case, in the bucket that the last two digits name",
    )
}

fn no_register_of_a_link(key: &str) -> Refusal {
    Refusal::shape(format!("`{key}` of a link is not written like this"))
}
