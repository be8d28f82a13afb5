//! Taking a step back as one ordinary change.

use automerge::ObjType;
use smol_str::SmolStr;

use crate::document::{Document, OpId};
use crate::edit::{Edit, Finished};
use crate::fault::{Fault, planted};
use crate::history::{Entry, History, Item, Stack, Stored};
use crate::id::{NodeId, PersonId};
use crate::position::Tombstone;
use crate::text::{Renamed, TextStep};

/// Which way through the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Undo,
    Redo,
}

impl Direction {
    pub fn source(self, history: &mut History) -> &mut Stack {
        match self {
            Direction::Undo => &mut history.undo,
            Direction::Redo => &mut history.redo,
        }
    }

    pub fn target(self, history: &mut History) -> &mut Stack {
        match self {
            Direction::Undo => &mut history.redo,
            Direction::Redo => &mut history.undo,
        }
    }
}

/// Something that was left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The node, if it is one.
    pub node: Option<NodeId>,
    /// Title of the node, or what else it is.
    pub what: String,
    /// Label of the field, or which aspect.
    pub aspect: String,
    /// Who has changed it since.
    pub by: Option<PersonId>,
}

/// What reverting an entry did; an empty `finished.hashes` says nothing.
pub(crate) struct RevertedEntry {
    pub finished: Finished,
    pub skipped: Vec<Skipped>,
    /// Values that stand again: register, the operation that had written it, the one that has now.
    pub reowned: Vec<(OpId, SmolStr, OpId, OpId)>,
    pub renamed: Vec<(OpId, Renamed)>,
}

/// A register to be written.
struct Planned<'e> {
    document: Document,
    object: &'e OpId,
    key: &'e SmolStr,
    value: Option<Stored>,
    /// The operation that wrote the value the first time.
    origin: Option<OpId>,
}

impl Edit<'_> {
    /// Reverts an entry and ends the edit.
    pub fn revert(mut self, entry: &Entry) -> RevertedEntry {
        let mut plan: Vec<Planned<'_>> = vec![];
        let mut skipped = vec![];
        for item in entry.items.iter().rev() {
            if let Item::Register {
                document,
                object,
                key,
                before,
                after,
            } = item
            {
                match self.plan(*document, object, key, before, after.as_ref(), &plan) {
                    Ok(planned) => plan.push(planned),
                    Err(left) => skipped.push(left),
                }
            }
        }
        plan.retain(|planned| match self.changed_by_others(planned, entry) {
            Some(left) => {
                skipped.push(left);
                false
            }
            None => true,
        });
        // Tombstones name the position that they see, so they are written last.
        plan.sort_by_key(|planned| planned.key == "@del");
        let revived: Vec<OpId> = plan
            .iter()
            .filter(|planned| planned.key == "@del" && planned.value.is_none())
            .map(|planned| planned.object.clone())
            .collect();
        let reowned = plan
            .into_iter()
            .filter_map(|planned| self.write(planned))
            .collect();
        let mut renamed = vec![];
        for item in entry.items.iter().rev() {
            if let Item::Text {
                node,
                key,
                text,
                steps,
            } = item
            {
                self.revert_text(
                    node,
                    key,
                    text,
                    steps,
                    revived.contains(node),
                    &mut renamed,
                    &mut skipped,
                );
            }
        }
        RevertedEntry {
            finished: self.commit(),
            skipped,
            reowned,
            renamed,
        }
    }

    /// What to write into a register, or why to leave it alone.
    fn plan<'e>(
        &mut self,
        document: Document,
        object: &'e OpId,
        key: &'e SmolStr,
        before: &Option<(Stored, Option<OpId>)>,
        after: Option<&OpId>,
        plan: &[Planned<'e>],
    ) -> Result<Planned<'e>, Skipped> {
        let visible = self.visible(document, object, key);
        let is_known = self.type_of(document, &object.object()) == Some(ObjType::Map);
        let mine = match after {
            Some(after) => visible.iter().any(|(op, _)| op == after),
            None => visible.is_empty(),
        };
        let revived = plan.iter().any(|planned| {
            planned.object == object && planned.key == "@del" && planned.value.is_none()
        });
        let buried = key != "@del" && self.is_buried(document, object) && !revived;
        let other = visible.iter().rfind(|(op, _)| Some(op) != after);
        let is_odd = matches!(other, Some((_, None)));
        if !is_known || (!mine || buried || is_odd) && !planted(Fault::UndoIgnoresOwnership) {
            return Err(self.left_alone(document, object, key, visible.last().map(|(op, _)| op)));
        }
        let (value, origin) = match (other, before) {
            (Some((_, value)), _) if !planted(Fault::UndoIgnoresOwnership) => (value.clone(), None),
            (_, Some((value, origin))) => (Some(value.clone()), origin.clone()),
            (_, None) => (None, None),
        };
        Ok(Planned {
            document,
            object,
            key,
            value,
            origin,
        })
    }

    /// Why a record is not buried: somebody else has changed it since the step.
    fn changed_by_others(&mut self, planned: &Planned<'_>, entry: &Entry) -> Option<Skipped> {
        let buries = planned.key == "@del" && planned.value.is_some();
        if !buries || planted(Fault::UndoIgnoresOwnership) {
            return None;
        }
        let document = planned.document;
        let (_, change) = entry.changes.iter().find(|(of, _)| *of == document)?;
        let differences = self.differences_since(document, &planned.object.object(), *change);
        let (key, by) = differences.into_iter().find(|(key, by)| {
            let own = by.as_ref().is_some_and(|op| self.is_own(op));
            !own && !["@del", "@purge"].contains(&key.as_str())
        })?;
        Some(self.left_alone(document, planned.object, &key, by.as_ref()))
    }

    /// Whether the same person wrote it, here or elsewhere.
    fn is_own(&self, op: &OpId) -> bool {
        op.actor == self.occasion.actor || self.author_of(op) == Some(self.occasion.person)
    }

    fn author_of(&self, op: &OpId) -> Option<PersonId> {
        let authors = &self.view.frame().authors;
        authors.get(op.actor.to_hex_string().as_str()).copied()
    }

    /// Visible values of a register, the winner last; tombstones count only while they are believed.
    fn visible(
        &mut self,
        document: Document,
        object: &OpId,
        key: &str,
    ) -> Vec<(OpId, Option<Stored>)> {
        let id = object.object();
        let is_node = document == Document::Project && self.view.node_of(&id).is_some();
        let position = if key == "@del" && is_node {
            self.op_at(document, &id, "@pos")
        } else {
            None
        };
        let mut all = self.values_at(document, &id, key);
        if let Some(position) = position {
            all.retain(|(_, value)| matches!(value, Some(Stored::Text(text)) if Tombstone::parse(text).position == position.to_string().as_str()));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn is_buried(&self, document: Document, object: &OpId) -> bool {
        document == Document::Project
            && self
                .view
                .node_of(&object.object())
                .is_some_and(|slot| !self.view.record(slot).is_live())
    }

    /// Writes a register; tells which operation now stands for the one that wrote the value first.
    /// A value that stands already is not written once more, yet it may be another operation's.
    fn write(&mut self, planned: Planned<'_>) -> Option<(OpId, SmolStr, OpId, OpId)> {
        let Planned {
            document,
            object,
            key,
            value,
            origin,
        } = planned;
        let id = object.object();
        match value {
            None => self.delete(document, &id, key),
            Some(Stored::Text(text))
                if key == "@del"
                    && document == Document::Project
                    && self.view.node_of(&id).is_some() =>
            {
                if let Some(position) = self.op_at(document, &id, "@pos") {
                    self.put(
                        document,
                        &id,
                        key,
                        Tombstone::parse(&text).seeing(&position).print().as_str(),
                    );
                }
            }
            Some(Stored::Prose(text)) => self.put_prose(&id, key, &text),
            Some(value) => self.put(
                document,
                &id,
                key,
                value.scalar().expect("only prose is no scalar"),
            ),
        }
        let (old, new) = (origin?, self.op_at(document, &id, key)?);
        Some((object.clone(), key.clone(), old, new))
    }

    #[expect(clippy::too_many_arguments, reason = "an item taken apart")]
    fn revert_text(
        &mut self,
        node: &OpId,
        key: &SmolStr,
        text: &OpId,
        steps: &[TextStep],
        revived: bool,
        renamed: &mut Vec<(OpId, Renamed)>,
        skipped: &mut Vec<Skipped>,
    ) {
        let is_known = self.type_of(Document::Project, &text.object()) == Some(ObjType::Text);
        if !is_known || self.is_buried(Document::Project, node) && !revived {
            skipped.push(self.left_alone(Document::Project, node, key, None));
            return;
        }
        if self.revert_splices(node, key, text, steps, renamed) {
            skipped.push(self.left_alone(Document::Project, node, key, None));
        }
    }

    fn left_alone(
        &mut self,
        document: Document,
        object: &OpId,
        key: &str,
        by: Option<&OpId>,
    ) -> Skipped {
        let id = object.object();
        let by = by.and_then(|op| self.author_of(op));
        let slot = if document == Document::Project {
            self.view.node_of(&id)
        } else {
            None
        };
        let (node, what) = match slot {
            Some(slot) => (Some(self.view.record(slot).id), self.view.title_of(slot)),
            None => (None, self.view.name_of_object(document, &id).into()),
        };
        let field = crate::codec::split_key(key)
            .and_then(|(field, _)| self.view.frame().schema.field(&field));
        let aspect = match key {
            "@pos" => "Position".into(),
            "@del" => "Deletion".into(),
            "@type" => "Type".into(),
            _ => field.map_or_else(|| key.to_owned(), |field| field.label.clone()),
        };
        Skipped {
            node,
            what,
            aspect,
            by,
        }
    }
}
