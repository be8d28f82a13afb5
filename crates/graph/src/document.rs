//! The Automerge documents of a project and the names of what is in them.
//!
//! Both documents are maps only. Every container that is not the record of one thing is made in
//! the genesis change, whose actor, time and order are fixed, so that all peers hold byte-identical
//! containers and nothing that matters is ever created twice. Maps that grow are sharded into 256
//! buckets, because a map with many keys makes remote changes slow. See `docs/document.md`.

use std::fmt;
use std::str::FromStr;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, TextEncoding};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use uuid::Uuid;

/// Version of the shape described in `docs/document.md`. Higher ones are refused.
pub const SCHEMA: u64 = 1;

/// Who made genesis: nobody in particular, the same everywhere.
pub(crate) const GENESIS_ACTOR: [u8; 16] = *b"talus.genesis.01";

/// Which of the project's two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Document {
    /// Nodes, links, template, people.
    Project,
    /// Comments, so that who may only comment can be held to it without reading a frame.
    Comments,
}

/// Top-level maps of the project document without the sharded ones.
pub(crate) const SECTIONS: [&str; 11] = [
    "meta",
    "fields",
    "options",
    "types",
    "calendars",
    "filters",
    "views",
    "kits",
    "people",
    "authors",
    "settled",
];

/// An operation, the way Automerge orders them: a register's visible value is that of the greatest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// Lamport counter.
    pub counter: u64,
    /// Who made it.
    pub actor: ActorId,
}

impl OpId {
    /// The operation that made an object or wrote a value.
    pub fn of(object: &ObjId) -> OpId {
        match object {
            ObjId::Id(counter, actor, _) => OpId {
                counter: *counter,
                actor: actor.clone(),
            },
            ObjId::Root => OpId {
                counter: 0,
                actor: ActorId::from([].as_slice()),
            },
        }
    }

    /// The object made by this operation.
    pub fn object(&self) -> ObjId {
        if self.counter == 0 {
            ROOT
        } else {
            ObjId::Id(self.counter, self.actor.clone(), 0)
        }
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.counter, self.actor.to_hex_string())
    }
}

/// Text that is not of the form `counter@actor`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an operation id")]
pub struct BadOpId;

impl FromStr for OpId {
    type Err = BadOpId;
    fn from_str(text: &str) -> Result<Self, BadOpId> {
        let (counter, actor) = text.split_once('@').ok_or(BadOpId)?;
        Ok(OpId {
            counter: counter.parse().map_err(|_| BadOpId)?,
            actor: actor.try_into().map_err(|_| BadOpId)?,
        })
    }
}

impl Serialize for OpId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OpId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where things are in a project document.
#[derive(Debug, Clone)]
pub(crate) struct ProjectContainers {
    pub nodes: Vec<ObjId>,
    pub links: Vec<ObjId>,
    /// In the order of [`SECTIONS`].
    sections: Vec<ObjId>,
}

/// Where things are in a comments document.
#[derive(Debug, Clone)]
pub(crate) struct CommentContainers {
    pub comments: Vec<ObjId>,
    pub people: ObjId,
    pub authors: ObjId,
}

/// A document that lacks what genesis makes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document has no {0}")]
pub struct NotOurs(pub String);

impl ProjectContainers {
    pub fn find(doc: &impl ReadDoc) -> Result<Self, NotOurs> {
        let sections = SECTIONS
            .iter()
            .map(|name| child(doc, &ROOT, name))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            nodes: buckets(doc, "nodes")?,
            links: buckets(doc, "links")?,
            sections,
        })
    }

    pub fn section(&self, name: &str) -> &ObjId {
        let index = SECTIONS
            .iter()
            .position(|section| *section == name)
            .expect("only names of SECTIONS are asked for");
        &self.sections[index]
    }

    pub fn sections(&self) -> &[ObjId] {
        &self.sections
    }
}

impl CommentContainers {
    pub fn find(doc: &impl ReadDoc) -> Result<Self, NotOurs> {
        Ok(Self {
            comments: buckets(doc, "comments")?,
            people: child(doc, &ROOT, "people")?,
            authors: child(doc, &ROOT, "authors")?,
        })
    }
}

/// The bucket of a thing: the last byte of its id, which is random in UUIDv7.
pub(crate) fn bucket_of(id: Uuid) -> usize {
    usize::from(id.as_bytes()[15])
}

/// The key of a thing in its bucket.
pub(crate) fn record_key(id: Uuid) -> SmolStr {
    format_smolstr!("{}", id.as_hyphenated())
}

/// An empty document: genesis and nothing else.
pub(crate) fn genesis(document: Document) -> Automerge {
    let mut doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit)
        .with_actor(ActorId::from(GENESIS_ACTOR));
    let mut tx = doc.transaction();
    let (sections, sharded): (&[&str], &[&str]) = match document {
        Document::Project => (&SECTIONS, &["nodes", "links"]),
        Document::Comments => (&["people", "authors"], &["comments"]),
    };
    for name in sections {
        tx.put_object(ROOT, *name, ObjType::Map)
            .expect("a fresh document takes new maps");
    }
    for name in sharded {
        let map = tx
            .put_object(ROOT, *name, ObjType::Map)
            .expect("a fresh document takes new maps");
        for bucket in 0..256 {
            tx.put_object(&map, bucket_name(bucket), ObjType::Map)
                .expect("a fresh document takes new maps");
        }
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    doc
}

fn bucket_name(bucket: usize) -> String {
    format!("{bucket:02x}")
}

fn buckets(doc: &impl ReadDoc, name: &str) -> Result<Vec<ObjId>, NotOurs> {
    let map = child(doc, &ROOT, name)?;
    (0..256)
        .map(|bucket| child(doc, &map, &bucket_name(bucket)))
        .collect()
}

/// The oldest visible map under this key: of concurrent writes to a container's place, genesis counts.
fn child(doc: &impl ReadDoc, parent: &ObjId, key: &str) -> Result<ObjId, NotOurs> {
    let found = doc.get_all(parent, key).map_err(|_| NotOurs(key.into()))?;
    let maps = found
        .into_iter()
        .filter(|(value, _)| matches!(value, automerge::Value::Object(ObjType::Map)));
    maps.map(|(_, object)| object)
        .min()
        .ok_or_else(|| NotOurs(key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genesis_is_byte_identical() {
        for document in [Document::Project, Document::Comments] {
            assert_eq!(genesis(document).get_heads(), genesis(document).get_heads());
            assert_eq!(genesis(document).save(), genesis(document).save());
        }
    }

    #[test]
    fn containers_are_found_again() {
        let doc = genesis(Document::Project);
        assert_eq!(
            ProjectContainers::find(&doc)
                .expect("genesis has them all")
                .nodes
                .len(),
            256
        );
        assert!(CommentContainers::find(&doc).is_err());
    }

    #[test]
    fn operation_ids_survive_text() {
        let op = OpId {
            counter: 17,
            actor: ActorId::from(GENESIS_ACTOR),
        };
        assert_eq!(op.to_string().parse(), Ok(op));
        assert!("17".parse::<OpId>().is_err());
    }
}
