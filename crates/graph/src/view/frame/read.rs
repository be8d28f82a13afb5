//! Reading parts of the frame.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use automerge::{ObjId, ReadDoc};
use smol_str::SmolStr;

use super::super::read::{map_at, text_at};
use super::super::{Home, View};
use super::registers::Registers;
use super::{Before, Part};
use crate::document::{Document, OpId};
use crate::id::{FieldId, FilterId, KitId, PersonId, TypeId, ViewId};
use crate::person::Person;
use crate::saved::{SavedFilter, SavedView};

/// Reads parts of the frame into a view and remembers what they were.
pub(super) struct FrameReader<'a, P, C> {
    pub view: &'a mut View,
    pub project: &'a P,
    pub comments: &'a C,
    pub before: Before,
}

impl<P: ReadDoc, C: ReadDoc> FrameReader<'_, P, C> {
    pub fn read(mut self, parts: &BTreeSet<Part>) -> Before {
        let (mut fields, mut types) = (BTreeSet::new(), BTreeSet::new());
        for (section, key) in parts {
            match *section {
                "meta" => self.read_meta(),
                "people" => self.read_person(key),
                "authors" => self.read_author(key),
                "settled" => self.read_settled(key),
                "filters" => self.read_filter(key),
                "views" => self.read_view(key),
                "kits" => self.read_kit(key),
                "types" => drop(types.insert(TypeId(key.clone()))),
                "fields" => drop(fields.insert(FieldId(key.clone()))),
                // Options belong to their field, and are read with it.
                "options" => {
                    self.placed("options", key);
                    fields.extend(key.split_once('/').map(|(field, _)| field.into()));
                }
                _ => {}
            }
        }
        if !fields.is_empty() || !types.is_empty() {
            self.read_template(&fields, &types);
        }
        self.before
    }

    fn read_meta(&mut self) {
        let meta = self.view.containers.section("meta").clone();
        let meta = Registers::read(self.project, &meta);
        let (name, currency) = (meta.text("name"), meta.text("currency"));
        let version = meta.number("schema").unwrap_or(1);
        let frame = &mut self.view.frame;
        let before = (frame.schema_version, &frame.name, &frame.currency);
        self.before.differs |= before != (version, &name, &currency);
        (frame.schema_version, frame.name, frame.currency) = (version, name, currency);
    }

    /// Names are edited in the project document; the comments document introduces who may only comment.
    fn read_person(&mut self, key: &SmolStr) {
        let Some(id) = canonical::<PersonId>(key) else {
            return;
        };
        let known = self.object("people", key);
        let person = match known.map(|object| person_at(self.project, &object)) {
            Some(person) => Some(person),
            None => {
                let section = &self.view.comment_containers.people;
                map_at(self.comments, section, key).map(|object| {
                    let part = ("people", key.clone());
                    let person = person_at(self.comments, &object);
                    let home = (Document::Comments, object);
                    self.view.homes.insert(home, Home::Part(part));
                    person
                })
            }
        };
        self.before.differs |= replace(&mut self.view.frame.people, id, person).is_some();
    }

    fn read_author(&mut self, key: &SmolStr) {
        let person = |doc: Option<(SmolStr, OpId)>| doc?.0.parse::<PersonId>().ok();
        let section = &self.view.comment_containers.authors;
        let author = person(text_at(self.comments, section, key)).or_else(|| {
            let section = self.view.containers.section("authors");
            person(text_at(self.project, section, key))
        });
        replace(&mut self.view.frame.authors, key.clone(), author);
    }

    fn read_settled(&mut self, key: &SmolStr) {
        let section = self.view.containers.section("settled");
        let place = self.project.get(section, key.as_str()).ok().flatten();
        let place = place.map(|(value, _)| SmolStr::from(value.as_str().unwrap_or_default()));
        let frame = &mut self.view.frame;
        match canonical::<OpId>(key) {
            Some(op) => {
                let before = frame.settled.get(&op).cloned();
                replace(&mut frame.settled, op.clone(), place);
                self.before.settled.push((op, before));
            }
            None => {
                let differs = match place {
                    Some(_) => frame.noted.insert(key.clone()),
                    None => frame.noted.remove(key),
                };
                self.before.noted.extend(differs.then(|| key.clone()));
            }
        }
    }

    fn read_filter(&mut self, key: &SmolStr) {
        let id = FilterId(key.clone());
        let filter = self.live("filters", key).map(|filter| SavedFilter {
            id: id.clone(),
            name: filter.text("name"),
            query: filter.text("query"),
            owner: filter.text("owner").parse().ok(),
        });
        self.before.differs |= replace(&mut self.view.frame.filters, id, filter).is_some();
    }

    fn read_view(&mut self, key: &SmolStr) {
        let id = ViewId(key.clone());
        let view = self.live("views", key).map(|view| SavedView {
            id: id.clone(),
            name: view.text("name"),
            layout: view.text("layout"),
            owner: view.text("owner").parse().ok(),
        });
        self.before.differs |= replace(&mut self.view.frame.views, id, view).is_some();
    }

    fn read_kit(&mut self, key: &SmolStr) {
        let kit = self.live("kits", key);
        let kit = kit.map(|kit| (kit.text("name"), kit.text("content").into()));
        let kits = &mut self.view.frame.kits;
        self.before.differs |= replace(kits, KitId(key.clone()), kit).is_some();
    }

    /// The map that holds a definition, removed or not.
    fn object(&mut self, section: &'static str, key: &SmolStr) -> Option<ObjId> {
        let part = (section, key.clone());
        let object = map_at(self.project, self.view.containers.section(section), key);
        if let Some(object) = object.clone() {
            let home = (Document::Project, object);
            self.view.homes.insert(home, Home::Part(part.clone()));
        }
        replace(&mut self.view.frame.objects, part, object.clone());
        object
    }

    /// A definition, if it is not removed.
    pub(super) fn live(&mut self, section: &'static str, key: &SmolStr) -> Option<Registers> {
        let object = self.object(section, key)?;
        let registers = Registers::read(self.project, &object);
        (!registers.flag("@del")).then_some(registers)
    }
}

/// Puts or removes; says what was there if that is something else.
pub(super) fn replace<K: Ord, V: PartialEq>(
    map: &mut BTreeMap<K, V>,
    key: K,
    value: Option<V>,
) -> Option<Option<V>> {
    if map.get(&key) == value.as_ref() {
        return None;
    }
    Some(match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    })
}

/// What a key says, if it says it as we write it: of several spellings one counts.
fn canonical<T: FromStr + ToString>(key: &str) -> Option<T> {
    let parsed: T = key.parse().ok()?;
    (parsed.to_string() == key).then_some(parsed)
}

fn person_at(doc: &impl ReadDoc, object: &ObjId) -> Person {
    let person = Registers::read(doc, object);
    Person {
        name: person.text("name"),
        colour: person.text("colour"),
    }
}
