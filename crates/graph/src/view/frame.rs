//! What changes rarely: properties, template, people, saved things. It is read part by part, a part being what stands
//! under one key of a section: whoever signs on, in a project of a thousand people, costs one read.

mod read;
mod registers;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ReadDoc};
use smol_str::SmolStr;

use self::read::FrameReader;
use super::{Home, View};
use crate::document::{Document, OpId, SECTIONS};
use crate::id::{FilterId, KitId, PersonId, ViewId};
use crate::person::Person;
use crate::saved::{SavedFilter, SavedView};
use crate::schema::Schema;

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
    /// Order keys of live fields, options and types and of the fields of types.
    pub(crate) orders: BTreeMap<Part, SmolStr>,
    /// Values that lost a race which somebody has settled, with the register that they stand in, and
    /// records whose removal somebody has taken note of.
    pub(crate) settled: BTreeMap<OpId, SmolStr>,
    /// Containers whose removal somebody has taken note of.
    pub(crate) noted: BTreeSet<SmolStr>,
    /// Definitions, live or removed, and the maps that hold them.
    pub(crate) objects: BTreeMap<Part, ObjId>,
}

/// What is read at once: a section, and a key in it.
pub(crate) type Part = (&'static str, SmolStr);

/// What the frame said of what was read anew.
#[derive(Default)]
pub(super) struct Before {
    /// What is shown of the frame differs.
    pub differs: bool,
    /// The template, if that differs.
    pub schema: Option<Schema>,
    /// Removed containers and records of which somebody took note, or does no longer.
    pub noted: Vec<SmolStr>,
    /// Values that were looked at, and in which register one had lost a settled race.
    pub settled: Vec<(OpId, Option<SmolStr>)>,
}

impl View {
    /// Reads the whole frame.
    pub(super) fn read_frame(&mut self, project: &impl ReadDoc, comments: &impl ReadDoc) {
        let sections = SECTIONS
            .into_iter()
            .zip(self.containers.sections().to_vec());
        let project_sections = sections.map(|(name, object)| (Document::Project, name, object));
        let people = self.comment_containers.people.clone();
        let authors = self.comment_containers.authors.clone();
        let comment_sections = [
            (Document::Comments, "people", people),
            (Document::Comments, "authors", authors),
        ];
        // A document of nobody's has a schema version, too.
        let mut parts = BTreeSet::from([("meta", SmolStr::new_static("schema"))]);
        for (document, name, object) in project_sections.chain(comment_sections) {
            let keys: Vec<String> = match document {
                Document::Project => project.keys(&object).collect(),
                Document::Comments => comments.keys(&object).collect(),
            };
            parts.extend(keys.into_iter().map(|key| (name, SmolStr::from(key))));
            self.homes.insert((document, object), Home::Section(name));
        }
        self.read_parts(project, comments, &parts);
    }

    /// Reads parts of the frame, anew or for the first time; the order does not matter.
    pub(super) fn read_parts(
        &mut self,
        project: &impl ReadDoc,
        comments: &impl ReadDoc,
        parts: &BTreeSet<Part>,
    ) -> Before {
        FrameReader {
            view: self,
            project,
            comments,
            before: Before::default(),
        }
        .read(parts)
    }
}
