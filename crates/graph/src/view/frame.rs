//! What changes rarely and is read whole when it does: properties, template, people, saved things.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ObjType, ReadDoc, ValueRef};
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

use super::read::{flag_at, text_at};
use super::{Home, View};
use crate::document::{Document, OpId};
use crate::id::{FieldId, FilterId, KitId, OptionId, PersonId, TypeId, ViewId};
use crate::person::Person;
use crate::saved::{SavedFilter, SavedView};
use crate::schema::Schema;
use crate::template::{Field, FieldOption, FieldPlacement, Indicator, NodeType, Template};
use crate::value::parse_decimal;

/// Name, currency, template, people, filters, views and kits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// Schema version of the document.
    pub schema_version: u64,
    /// Name of the project.
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// The template with its indexes.
    pub schema: Schema,
    /// Everybody who ever took part.
    pub people: BTreeMap<PersonId, Person>,
    /// Who writes as which Automerge actor (hexadecimal).
    pub authors: BTreeMap<SmolStr, PersonId>,
    /// Saved filters.
    pub filters: BTreeMap<FilterId, SavedFilter>,
    /// Saved views.
    pub views: BTreeMap<ViewId, SavedView>,
    /// Kits: name and content as JSON.
    pub kits: BTreeMap<KitId, (String, SmolStr)>,
    /// Order keys of fields, options and types, by their key in the document.
    pub(crate) orders: BTreeMap<SmolStr, SmolStr>,
    /// Values that lost a race which somebody has settled, with the register that they stand in, and
    /// records whose removal somebody has taken note of.
    pub(crate) settled: BTreeMap<OpId, SmolStr>,
    /// Containers whose removal somebody has taken note of.
    pub(crate) noted: BTreeSet<SmolStr>,
    /// Definitions, live or removed: section and key to the map that holds it.
    pub(crate) objects: BTreeMap<(&'static str, SmolStr), ObjId>,
}

impl View {
    /// Reads the whole frame.
    pub(super) fn read_frame(&mut self, project: &impl ReadDoc, comments: &impl ReadDoc) {
        for section in self.containers.sections().to_vec() {
            self.homes.insert((Document::Project, section), Home::Frame);
        }
        for section in [
            self.comment_containers.people.clone(),
            self.comment_containers.authors.clone(),
        ] {
            self.homes
                .insert((Document::Comments, section), Home::Frame);
        }
        let reader = FrameReader {
            view: self,
            doc: project,
            objects: BTreeMap::new(),
        };
        let mut frame = reader.read();
        // Names are edited in the project document; the comments document introduces who may only comment.
        for (id, person) in read_people(comments, &self.comment_containers.people) {
            frame.people.entry(id).or_insert(person);
        }
        frame
            .authors
            .extend(read_authors(comments, &self.comment_containers.authors));
        for object in frame.objects.values() {
            self.homes
                .insert((Document::Project, object.clone()), Home::Frame);
        }
        let people = comments
            .map_range(&self.comment_containers.people, ..)
            .map(|item| item.id())
            .collect::<Vec<_>>();
        for object in people {
            self.homes.insert((Document::Comments, object), Home::Frame);
        }
        self.frame = frame;
    }
}

struct FrameReader<'a, R> {
    view: &'a View,
    doc: &'a R,
    objects: BTreeMap<(&'static str, SmolStr), ObjId>,
}

impl<R: ReadDoc> FrameReader<'_, R> {
    fn read(mut self) -> Frame {
        let meta = self.view.containers.section("meta").clone();
        let mut orders = BTreeMap::new();
        let schema = Schema::new(self.template(&mut orders));
        let people_section = self.view.containers.section("people").clone();
        let mut frame = Frame {
            schema_version: self
                .doc
                .get(&meta, "schema")
                .ok()
                .flatten()
                .and_then(|(value, _)| value.as_u64())
                .unwrap_or(1),
            name: self.text(&meta, "name"),
            currency: self.text(&meta, "currency"),
            schema,
            people: read_people(self.doc, &people_section),
            authors: read_authors(self.doc, self.view.containers.section("authors")),
            orders,
            ..Frame::default()
        };
        self.read_settled(&mut frame);
        for (key, object) in self.live("filters") {
            let owner = self.text(&object, "owner").parse().ok();
            let filter = SavedFilter {
                id: FilterId(key.clone()),
                name: self.text(&object, "name"),
                query: self.text(&object, "query"),
                owner,
            };
            frame.filters.insert(FilterId(key), filter);
        }
        for (key, object) in self.live("views") {
            let owner = self.text(&object, "owner").parse().ok();
            let view = SavedView {
                id: ViewId(key.clone()),
                name: self.text(&object, "name"),
                layout: self.text(&object, "layout"),
                owner,
            };
            frame.views.insert(ViewId(key), view);
        }
        for (key, object) in self.live("kits") {
            frame.kits.insert(
                KitId(key),
                (
                    self.text(&object, "name"),
                    self.text(&object, "content").into(),
                ),
            );
        }
        for item in self.doc.map_range(&people_section, ..) {
            if matches!(item.value, ValueRef::Object(ObjType::Map)) {
                self.objects
                    .insert(("people", SmolStr::from(&*item.key)), item.id());
            }
        }
        frame.objects = self.objects;
        frame
    }

    fn read_settled(&self, frame: &mut Frame) {
        let section = self.view.containers.section("settled");
        for key in self.doc.keys(section) {
            if let Ok(op) = key.parse() {
                frame.settled.insert(op, self.text(section, &key).into());
            } else {
                frame.noted.insert(key.into());
            }
        }
    }

    /// Records of a section that are not removed; all are remembered.
    fn live(&mut self, section: &'static str) -> Vec<(SmolStr, ObjId)> {
        let container = self.view.containers.section(section);
        let mut live = vec![];
        for item in self.doc.map_range(container, ..) {
            if !matches!(item.value, ValueRef::Object(ObjType::Map)) {
                continue;
            }
            let (key, object) = (SmolStr::from(&*item.key), item.id());
            if !flag_at(self.doc, &object, "@del") {
                live.push((key.clone(), object.clone()));
            }
            self.objects.insert((section, key), object);
        }
        live
    }

    /// Live records in display order.
    fn ordered(
        &mut self,
        section: &'static str,
        orders: &mut BTreeMap<SmolStr, SmolStr>,
    ) -> Vec<(SmolStr, ObjId)> {
        let mut live: Vec<_> = self
            .live(section)
            .into_iter()
            .map(|(key, object)| (self.text(&object, "order"), key, object))
            .collect();
        live.sort();
        for (order, key, _) in &live {
            orders.insert(key.clone(), order.as_str().into());
        }
        live.into_iter()
            .map(|(_, key, object)| (key, object))
            .collect()
    }

    fn template(&mut self, orders: &mut BTreeMap<SmolStr, SmolStr>) -> Template {
        let mut options: BTreeMap<FieldId, Vec<FieldOption>> = BTreeMap::new();
        for (key, object) in self.ordered("options", orders) {
            if let Some((field, option)) = key.split_once('/') {
                options
                    .entry(field.into())
                    .or_default()
                    .push(self.option(option, &object));
            }
        }
        let fields = self.ordered("fields", orders);
        let fields = fields.into_iter().filter_map(|(key, object)| {
            let id = FieldId(key);
            let options = options.remove(&id).unwrap_or_default();
            self.field(id, options, &object)
        });
        let fields = fields.collect();
        let types = self.ordered("types", orders);
        let types = types
            .into_iter()
            .map(|(key, object)| self.node_type(TypeId(key), &object, orders))
            .collect();
        Template { fields, types }
    }

    fn option(&self, id: &str, object: &ObjId) -> FieldOption {
        FieldOption {
            id: OptionId::from(id),
            label: self.text(object, "label"),
            indicator: Indicator {
                icon: self.text(object, "icon"),
                colour: self.text(object, "colour"),
                style: self.word(object, "style").unwrap_or_default(),
            },
            category: self.word(object, "category"),
            score: parse_decimal(&self.text(object, "score")),
        }
    }

    fn field(&self, id: FieldId, options: Vec<FieldOption>, object: &ObjId) -> Option<Field> {
        let unit = self.text(object, "unit");
        Some(Field {
            key: self.text(object, "key"),
            label: self.text(object, "label"),
            kind: self.word(object, "kind")?,
            options,
            default: serde_json::from_str(&self.text(object, "default")).ok(),
            required: flag_at(self.doc, object, "required"),
            unit: (!unit.is_empty()).then_some(unit),
            role: self.word(object, "role"),
            help: self.text(object, "help"),
            targets: self.members(object, "target/").map(TypeId).collect(),
            id,
        })
    }

    fn node_type(
        &self,
        id: TypeId,
        object: &ObjId,
        orders: &mut BTreeMap<SmolStr, SmolStr>,
    ) -> NodeType {
        let mut placements: Vec<(SmolStr, SmolStr, String)> = vec![];
        for field in self.members(object, "field/") {
            let text = self.text(object, &format!("field/{field}"));
            let (order, group) = text.split_once('|').unwrap_or((&text, ""));
            placements.push((order.into(), field, group.into()));
        }
        placements.sort();
        for (order, field, _) in &placements {
            orders.insert(
                smol_str::format_smolstr!("{id}/field/{field}"),
                order.clone(),
            );
        }
        NodeType {
            key: self.text(object, "key"),
            label: self.text(object, "label"),
            plural: self.text(object, "plural"),
            icon: self.text(object, "icon"),
            shape: self.word(object, "shape").unwrap_or_default(),
            colour: self.text(object, "colour"),
            top_level: flag_at(self.doc, object, "topLevel"),
            children: self.members(object, "child/").map(TypeId).collect(),
            fields: placements
                .into_iter()
                .map(|(_, field, group)| FieldPlacement {
                    field: FieldId(field),
                    group,
                })
                .collect(),
            traits: self
                .members(object, "trait/")
                .filter_map(|name| parse_word(&name))
                .collect(),
            score: parse_decimal(&self.text(object, "score")),
            id,
        }
    }

    fn members(&self, object: &ObjId, prefix: &'static str) -> impl Iterator<Item = SmolStr> {
        let keys = self
            .doc
            .keys(object)
            .filter(move |key| key.starts_with(prefix));
        keys.map(move |key| SmolStr::from(&key[prefix.len()..]))
    }

    fn text(&self, object: &ObjId, key: &str) -> String {
        text_at(self.doc, object, key)
            .map(|(text, _)| text.to_string())
            .unwrap_or_default()
    }

    fn word<T: DeserializeOwned>(&self, object: &ObjId, key: &str) -> Option<T> {
        parse_word(&self.text(object, key))
    }
}

/// A closed set's member by its name in JSON.
fn parse_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.into())).ok()
}

fn read_people(doc: &impl ReadDoc, section: &ObjId) -> BTreeMap<PersonId, Person> {
    let mut people = BTreeMap::new();
    for item in doc.map_range(section, ..) {
        if let Ok(id) = item.key.parse() {
            let object = item.id();
            let text = |key| {
                text_at(doc, &object, key)
                    .map(|(text, _)| text.to_string())
                    .unwrap_or_default()
            };
            people.insert(
                id,
                Person {
                    name: text("name"),
                    colour: text("colour"),
                },
            );
        }
    }
    people
}

fn read_authors(doc: &impl ReadDoc, section: &ObjId) -> BTreeMap<SmolStr, PersonId> {
    let mut authors = BTreeMap::new();
    for item in doc.map_range(section, ..) {
        if let Some(person) =
            text_at(doc, section, &item.key).and_then(|(text, _)| text.parse().ok())
        {
            authors.insert(SmolStr::from(&*item.key), person);
        }
    }
    authors
}
