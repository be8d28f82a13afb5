//! One command being carried out: the only place where documents are written.
//!
//! An edit is one transaction in each document that it touches. It remembers of every register what
//! stood there before, which is all that undo needs, and which registers to read again.

mod writer;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue, hydrate};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::{SmolStr, ToSmolStr};

use crate::delta::Delta;
use crate::document::{Document, OpId};
use crate::history::{Item, Stored};
use crate::id::{NodeId, PersonId};
use crate::order::Jitter;
use crate::person::Person;
use crate::text::{Renamed, TextStep};
use crate::time::Timestamp;
use crate::view::{Touched, View, differences_since};
use writer::{Writer, with_reader};

/// The content of a new record.
pub(crate) type Registers = std::collections::HashMap<String, hydrate::Value>;

/// Who edits, when.
#[derive(Debug, Clone)]
pub(crate) struct Occasion {
    pub actor: ActorId,
    pub person: PersonId,
    pub profile: Person,
    pub now: Timestamp,
}

/// A command being carried out.
pub(crate) struct Edit<'a> {
    pub view: &'a mut View,
    pub occasion: &'a Occasion,
    pub jitter: Jitter,
    project: Writer<'a>,
    comments: Writer<'a>,
    items: Vec<Item>,
    seen: FxHashSet<(Document, ObjId, SmolStr)>,
    created: FxHashMap<ObjId, Document>,
    touched: Vec<Touched>,
    absorbed: Vec<Touched>,
    delta: Delta,
}

/// What a finished edit leaves.
pub(crate) struct Finished {
    pub hashes: Vec<(Document, ChangeHash)>,
    pub items: Vec<Item>,
    /// Registers that the view has yet to read.
    pub touched: Vec<Touched>,
    /// What the view has read already.
    pub delta: Delta,
}

impl<'a> Edit<'a> {
    pub fn begin(
        project: &'a mut Automerge,
        comments: &'a mut Automerge,
        view: &'a mut View,
        occasion: &'a Occasion,
    ) -> Self {
        for doc in [&mut *project, &mut *comments] {
            if *doc.get_actor() != occasion.actor {
                doc.set_actor(occasion.actor.clone());
            }
        }
        let seed = occasion
            .actor
            .to_bytes()
            .iter()
            .fold(project.stats().num_ops, |seed, byte| {
                seed.rotate_left(7) ^ u64::from(*byte)
            });
        Self {
            view,
            occasion,
            jitter: Jitter::new(seed),
            project: Writer::Idle(project),
            comments: Writer::Idle(comments),
            items: vec![],
            seen: FxHashSet::default(),
            created: FxHashMap::default(),
            touched: vec![],
            absorbed: vec![],
            delta: Delta::default(),
        }
    }

    fn writer(&mut self, document: Document) -> &mut Writer<'a> {
        match document {
            Document::Project => &mut self.project,
            Document::Comments => &mut self.comments,
        }
    }

    /// Ends the edit; one change per document that was written to.
    pub fn commit(mut self) -> Finished {
        self.introduce_author();
        let items = std::mem::take(&mut self.items);
        let items = items
            .into_iter()
            .filter_map(|item| self.complete(item))
            .collect();
        let now = self.occasion.now;
        let committed = [
            (Document::Project, self.project.commit(now)),
            (Document::Comments, self.comments.commit(now)),
        ];
        let hashes = committed
            .into_iter()
            .filter_map(|(document, hash)| Some((document, hash?)))
            .collect();
        Finished {
            hashes,
            items,
            touched: self.touched,
            delta: self.delta,
        }
    }

    /// Takes everything back; returns what the view has read of it and must read again.
    pub fn roll_back(self) -> Vec<Touched> {
        self.project.roll_back();
        self.comments.roll_back();
        self.absorbed
    }

    /// Lets the view see what was written so far, for commands that build on each other.
    pub fn absorb(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        let view = &mut *self.view;
        let delta = with_reader!(&self.project, project => with_reader!(&self.comments, comments => view.absorb(project, comments, &touched)));
        self.delta.append(delta);
        self.absorbed.extend(touched);
    }

    /// Fills in which operation is visible now; none if the register ended as it began.
    fn complete(&mut self, item: Item) -> Option<Item> {
        let Item::Register {
            document,
            object,
            key,
            before,
            ..
        } = item
        else {
            return Some(item);
        };
        let id = object.object();
        let visible = with_reader!(self.writer(document), doc => doc.get(&id, key.as_str()).ok().flatten().map(|(_, op)| OpId::of(&op)));
        let unchanged = match (&before, &visible) {
            (Some((_, before)), Some(now)) => before.as_ref() == Some(now),
            (None, None) => true,
            _ => false,
        };
        (!unchanged).then_some(Item::Register {
            document,
            object,
            key,
            before,
            after: visible,
        })
    }

    /// In an author's first change: who the actor is.
    fn introduce_author(&mut self) {
        let actor = self.occasion.actor.to_hex_string().to_smolstr();
        let person = self.occasion.person;
        for document in [Document::Project, Document::Comments] {
            if !matches!(self.writer(document), Writer::Open(_)) {
                continue;
            }
            let (people, authors) = match document {
                Document::Project => (
                    self.view.containers.section("people").clone(),
                    self.view.containers.section("authors").clone(),
                ),
                Document::Comments => (
                    self.view.comment_containers.people.clone(),
                    self.view.comment_containers.authors.clone(),
                ),
            };
            let transaction = self.writer(document).open();
            if transaction
                .get(&authors, actor.as_str())
                .ok()
                .flatten()
                .is_some()
            {
                continue;
            }
            put(transaction, &authors, &actor, person.to_string().into());
            let key = person.to_smolstr();
            if transaction
                .get(&people, key.as_str())
                .ok()
                .flatten()
                .is_none()
            {
                let record = person_record(&self.occasion.profile);
                create(self.writer(document).open(), &people, &key, record);
                self.touch(document, &people, &key);
            }
            self.touch(document, &authors, &actor);
        }
    }

    fn touch(&mut self, document: Document, object: &ObjId, key: &SmolStr) {
        self.touched.push(Touched {
            document,
            object: object.clone(),
            key: Some(key.clone()),
            made: None,
        });
    }

    /// Writes a register.
    pub fn put(
        &mut self,
        document: Document,
        object: &ObjId,
        key: &str,
        value: impl Into<ScalarValue>,
    ) {
        let key = SmolStr::from(key);
        self.remember(document, object, &key);
        put(self.writer(document).open(), object, &key, value.into());
        self.touch(document, object, &key);
    }

    /// Clears a register; nothing happens if it is empty.
    pub fn delete(&mut self, document: Document, object: &ObjId, key: &str) {
        let key = SmolStr::from(key);
        let present = with_reader!(self.writer(document), doc => doc.get(object, key.as_str()).ok().flatten().is_some());
        if !present {
            return;
        }
        self.remember(document, object, &key);
        self.writer(document)
            .open()
            .delete(object, key.as_str())
            .expect("the object is a map of this document");
        self.touch(document, object, &key);
    }

    /// Remembers what stands in a register, the first time that it is written to.
    fn remember(&mut self, document: Document, object: &ObjId, key: &SmolStr) {
        if self.created.contains_key(object)
            || !self.seen.insert((document, object.clone(), key.clone()))
        {
            return;
        }
        let mut before = with_reader!(self.writer(document), doc => Stored::read(doc, object, key));
        if key == "@del" && document == Document::Project && self.view.is_live_object(object) {
            before = None; // a tombstone that a move has outdated
        }
        self.items.push(Item::Register {
            document,
            object: OpId::of(object),
            key: key.clone(),
            before,
            after: None,
        });
    }

    /// Makes a node, link, comment or definition with all its registers. Undoing it buries it.
    pub fn create(
        &mut self,
        document: Document,
        container: &ObjId,
        key: &str,
        registers: Registers,
        buried: Stored,
    ) -> ObjId {
        let key = SmolStr::from(key);
        let object = create(self.writer(document).open(), container, &key, registers);
        self.touch(document, container, &key);
        self.created.insert(object.clone(), document);
        self.items.push(Item::Register {
            document,
            object: OpId::of(&object),
            key: "@del".into(),
            before: Some((buried, None)),
            after: None,
        });
        object
    }

    /// Makes the text object of a long text. Undo empties it and leaves it.
    pub fn create_text(&mut self, object: &ObjId, key: &str) -> ObjId {
        let key = SmolStr::from(key);
        let text = self
            .project
            .open()
            .put_object(object, key.as_str(), ObjType::Text)
            .expect("the object is a map of this document");
        self.touch(Document::Project, object, &key);
        text
    }

    /// Replaces ranges of a long text, positions as they are before any of them.
    pub fn splice(
        &mut self,
        node: &ObjId,
        key: &str,
        text: &ObjId,
        splices: &[(usize, usize, &str)],
    ) {
        let transaction = self.project.open();
        let steps: Vec<TextStep> = splices
            .iter()
            .rev()
            .map(|(at, delete, insert)| TextStep::make(transaction, text, *at, *delete, insert))
            .collect();
        self.touched.push(Touched {
            document: Document::Project,
            object: text.clone(),
            key: None,
            made: None,
        });
        // A text made by this very command is in no index yet; its register is read instead.
        self.touch(Document::Project, node, &key.into());
        self.items.push(Item::Text {
            node: OpId::of(node),
            key: key.into(),
            text: OpId::of(text),
            steps,
        });
    }

    /// Writes a register that undo does not take back.
    pub fn put_for_good(
        &mut self,
        document: Document,
        object: &ObjId,
        key: &str,
        value: impl Into<ScalarValue>,
    ) {
        let key = SmolStr::from(key);
        put(self.writer(document).open(), object, &key, value.into());
        self.touch(document, object, &key);
    }

    /// Writes how a person is shown in the project, which undo does not take back.
    pub fn put_person_for_good(&mut self, person: PersonId, profile: &Person) {
        let people = self.view.containers.section("people").clone();
        let key = person.to_smolstr();
        let frame = self.view.frame();
        if frame.people.get(&person) == Some(profile) {
            return;
        }
        match frame.objects.get(&("people", key.clone())).cloned() {
            Some(record) => {
                for (register, text) in [("name", &profile.name), ("colour", &profile.colour)] {
                    self.put_for_good(Document::Project, &record, register, text.as_str());
                }
            }
            None => {
                create(self.project.open(), &people, &key, person_record(profile));
                self.touch(Document::Project, &people, &key);
            }
        }
    }

    /// The visible operation of a register.
    pub fn op_at(&mut self, document: Document, object: &ObjId, key: &str) -> Option<OpId> {
        with_reader!(self.writer(document), doc => doc.get(object, key).ok().flatten().map(|(_, op)| OpId::of(&op)))
    }

    /// Visible values of a register with the operations that wrote them; none for what cannot be
    /// written back.
    pub fn values_at(
        &mut self,
        document: Document,
        object: &ObjId,
        key: &str,
    ) -> Vec<(OpId, Option<Stored>)> {
        with_reader!(self.writer(document), doc => {
            let all = doc.get_all(object, key).unwrap_or_default();
            all.into_iter().map(|(value, op)| (OpId::of(&op), Stored::from_value(&*doc, &value, &op))).collect()
        })
    }

    /// What kind of object this is; none if the document does not know it.
    pub fn type_of(&mut self, document: Document, object: &ObjId) -> Option<ObjType> {
        with_reader!(self.writer(document), doc => doc.object_type(object).ok())
    }

    /// What differs in a record since a change, and by which operation.
    pub fn differences_since(
        &mut self,
        document: Document,
        object: &ObjId,
        change: ChangeHash,
    ) -> Vec<(SmolStr, Option<OpId>)> {
        with_reader!(self.writer(document), doc => differences_since(doc, object, &[change]))
    }

    /// The project document, for reading what the view does not hold.
    pub fn project(&mut self) -> &Transaction<'a> {
        self.project.open()
    }

    /// Replaces whatever stands in a register by a new text object.
    pub fn put_prose(&mut self, object: &ObjId, key: &str, content: &str) {
        self.remember(Document::Project, object, &key.into());
        let text = self.create_text(object, key);
        self.project
            .open()
            .splice_text(&text, 0, 0, content)
            .expect("a fresh text is empty");
    }

    /// Takes splices back; tells whether some characters were gone. Those that `renamed` says have got
    /// new ids are looked for under these, and those that come back are added to it.
    pub fn revert_splices(
        &mut self,
        node: &OpId,
        key: &str,
        text: &OpId,
        steps: &[TextStep],
        renamed: &mut Vec<(OpId, Renamed)>,
    ) -> bool {
        let (mut inverse, mut skipped) = (vec![], false);
        let object = text.object();
        for mut step in steps.iter().rev().cloned() {
            for (_, renamed) in renamed.iter().filter(|(of, _)| of == text) {
                step.rename(renamed);
            }
            let reverted = step.revert(self.project.open(), &object);
            skipped |= reverted.skipped;
            let back = reverted.renamed.into_iter();
            renamed.extend(back.map(|renamed| (text.clone(), renamed)));
            if reverted.changed {
                inverse.push(reverted.inverse);
            }
        }
        if !inverse.is_empty() {
            self.touched.push(Touched {
                document: Document::Project,
                object,
                key: None,
                made: None,
            });
            self.items.push(Item::Text {
                node: node.clone(),
                key: key.into(),
                text: text.clone(),
                steps: inverse,
            });
        }
        skipped
    }

    /// Clears undo entries that touch these nodes, in every history; purging does this.
    pub fn forget_history_of(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        self.items.extend(nodes.into_iter().map(Item::Purged));
    }
}

fn person_record(Person { name, colour }: &Person) -> Registers {
    let record = [("name", name), ("colour", colour)];
    Registers::from(record.map(|(key, text)| (key.to_owned(), text.as_str().into())))
}

fn put(transaction: &mut Transaction<'_>, object: &ObjId, key: &SmolStr, value: ScalarValue) {
    transaction
        .put(object, key.as_str(), value)
        .expect("the object is a map of this document");
}

fn create(
    transaction: &mut Transaction<'_>,
    container: &ObjId,
    key: &SmolStr,
    registers: Registers,
) -> ObjId {
    let value = hydrate::Value::Map(registers.into());
    transaction
        .batch_create_object(container, key.as_str(), &value, false)
        .expect("the container is a map of this document")
}
