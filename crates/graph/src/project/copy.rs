//! A project anew: what it shows, without how it came to be.

use std::ops::ControlFlow;

use automerge::{Automerge, ConcreteTextValue, ObjId, ObjType, ReadDoc, ScalarValue, TextEncoding};
use automerge::{ValueRef, hydrate};

use super::{Project, Saver, Signature, StoredHistory};
use crate::codec::Raw;
use crate::document::{Document, NotOurs, SCHEMA, bucket_of, record_key};
use crate::edit::{Edit, Registers};
use crate::history::Stored;
use crate::position::{Spot, print_position};
use crate::time::Timestamp;
use crate::view::{NodeView, View};

/// Everything that a definition can be of; authors and settled races belong to the history.
const COPIED_SECTIONS: [&str; 8] = [
    "fields",
    "options",
    "types",
    "calendars",
    "filters",
    "views",
    "kits",
    "people",
];

/// Nodes between two calls of the caller's `progress`.
const STEP: usize = 500;

impl Project {
    /// A project of documents that were forked from another one, which goes on being edited.
    ///
    /// # Errors
    /// When one of them is no document of a project.
    pub fn of_forks(project: Saver, comments: Saver) -> Result<Project, NotOurs> {
        let (project, comments) = (project.into_document(), comments.into_document());
        let view = View::rebuild(&project, &comments)?;
        Ok(Project {
            project,
            comments,
            view,
            ..Project::empty()
        })
    }

    /// The same content as another project without history, written by this author in one change.
    ///
    /// Live nodes with all their values, unmapped ones too, links, comments, definitions (removed
    /// ones too, so that what is unmapped returns with its field), filters, views, kits and people.
    /// Ids stay the same: whatever names a node, a person or a field, such as a filter, goes on
    /// doing so. Of races the value that is shown is copied; the trash, and what only other programs write, is not.
    ///
    /// `progress` hears how many nodes are done and may break the copying off; then there is no copy.
    pub fn copy(
        &self,
        name: &str,
        signature: Signature,
        now: Timestamp,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Option<Project> {
        let mut copy = Project::empty();
        let author = signature.author;
        copy.sign_on(signature, &StoredHistory::default());
        let occasion = copy.occasion(author, now);
        let mut edit = Edit::begin(
            &mut copy.project,
            &mut copy.comments,
            &mut copy.view,
            &occasion,
        );
        self.copy_definitions(&mut edit, name);
        for (done, node) in self.view.nodes().enumerate() {
            if done % STEP == 0 && progress(done).is_break() {
                edit.roll_back();
                return None;
            }
            self.copy_node(&mut edit, node);
        }
        self.copy_links(&mut edit);
        self.copy_comments(&mut edit);
        let mut finished = edit.commit();
        finished.items.clear();
        copy.finish(author, finished, |_, _, _| {});
        Some(copy)
    }

    fn copy_definitions(&self, edit: &mut Edit<'_>, name: &str) {
        let meta = self.view.containers.section("meta");
        let mut properties = plain(&self.project, meta, &[]);
        properties.insert("name".into(), name.into());
        properties.insert("schema".into(), ScalarValue::Uint(SCHEMA).into());
        let target = edit.view.containers.section("meta").clone();
        for (key, value) in properties {
            if let hydrate::Value::Scalar(value) = value {
                edit.put(Document::Project, &target, &key, value);
            }
        }
        for section in COPIED_SECTIONS {
            let from = self.view.containers.section(section);
            let to = edit.view.containers.section(section).clone();
            copy_records(edit, Document::Project, &self.project, from, &to);
        }
    }

    fn copy_node(&self, edit: &mut Edit<'_>, node: NodeView<'_>) {
        let slot = self.view.slot(node.id()).expect("the node is in the view");
        let record = self.view.record(slot);
        let mut registers = plain(&self.project, &record.object, &["@pos", "@del", "@purge"]);
        // Of several values of a register not always the newest is shown, even if no two of them race.
        let items = self.project.map_range(&record.object, ..);
        for item in items.filter(|item| item.conflict) {
            registers.remove(&*item.key);
            let shown = record.register(&item.key).and_then(shown_value);
            registers.extend(shown.map(|value| (item.key.to_string(), value)));
        }
        let spot = Spot {
            parent: node.parent().map(NodeView::id),
            order: node.order().into(),
        };
        let position = print_position(&spot, None);
        registers.insert("@pos".into(), position.as_str().into());
        registers.insert("@type".into(), node.node_type().as_str().into());
        let id = node.id().0;
        let bucket = edit.view.containers.nodes[bucket_of(id)].clone();
        let buried = Stored::Text("".into());
        edit.create(
            Document::Project,
            &bucket,
            &record_key(id),
            registers,
            buried,
        );
    }

    fn copy_links(&self, edit: &mut Edit<'_>) {
        for link in self.view.links() {
            let registers = Registers::from([
                ("from".to_owned(), link.from.to_string().as_str().into()),
                ("to".to_owned(), link.to.to_string().as_str().into()),
                (
                    "relation".to_owned(),
                    crate::view::print_relation(link.relation).into(),
                ),
                ("lag".to_owned(), ScalarValue::Int(link.lag.0.into()).into()),
            ]);
            let bucket = edit.view.containers.links[bucket_of(link.id.0)].clone();
            let key = record_key(link.id.0);
            let buried = Stored::Flag(true);
            edit.create(Document::Project, &bucket, &key, registers, buried);
        }
    }

    fn copy_comments(&self, edit: &mut Edit<'_>) {
        let on_nodes = self
            .view
            .nodes()
            .flat_map(|node| self.view.comments_on(node.id()));
        let ids: Vec<_> = on_nodes.map(|comment| comment.id).collect();
        // Also who has commented on what is in the trash: something else may name her.
        let to = edit.view.comment_containers.people.clone();
        let from = &self.view.comment_containers.people;
        copy_records(edit, Document::Comments, &self.comments, from, &to);
        for id in ids {
            let record = self.view.comment_record(id).expect("the comment is shown");
            let registers = plain(&self.comments, &record.object, &[]);
            let bucket = edit.view.comment_containers.comments[bucket_of(id.0)].clone();
            let buried = Stored::Flag(true);
            edit.create(
                Document::Comments,
                &bucket,
                &record_key(id.0),
                registers,
                buried,
            );
        }
    }
}

/// Copies each map of a section with its registers.
fn copy_records(
    edit: &mut Edit<'_>,
    document: Document,
    doc: &Automerge,
    from: &ObjId,
    to: &ObjId,
) {
    for item in doc.map_range(from, ..) {
        if let ValueRef::Object(ObjType::Map) = item.value {
            let registers = plain(doc, &item.id(), &[]);
            edit.create(document, to, &item.key, registers, Stored::Flag(true));
        }
    }
}

/// The registers of a map, as they are, but for some. An empty text is no value and is left out.
fn plain(doc: &Automerge, object: &ObjId, but: &[&str]) -> Registers {
    let mut registers = Registers::new();
    for item in doc.map_range(object, ..) {
        if but.contains(&&*item.key) {
            continue;
        }
        let value = match &item.value {
            ValueRef::Scalar(value) => Some(ScalarValue::from(value.clone()).into()),
            ValueRef::Object(ObjType::Text) => doc.text(item.id()).ok().and_then(|it| prose(&it)),
            ValueRef::Object(_) => None,
        };
        registers.extend(value.map(|value| (item.key.to_string(), value)));
    }
    registers
}

fn shown_value(raw: &Raw) -> Option<hydrate::Value> {
    match raw {
        Raw::Text(text) | Raw::Odd(text) => Some(text.as_str().into()),
        Raw::Flag(flag) => Some(ScalarValue::Boolean(*flag).into()),
        Raw::Prose { text, .. } => prose(text),
    }
}

fn prose(text: &str) -> Option<hydrate::Value> {
    let value = || ConcreteTextValue::new(text, TextEncoding::Utf16CodeUnit);
    (!text.is_empty()).then(|| hydrate::Value::from(value()))
}
