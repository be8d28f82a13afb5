//! The Automerge documents of a project and the names of what is in them.
//!
//! Both documents are maps only. Every container that is not the record of one thing is made in
//! the genesis change, whose actor, time and order are fixed, so that all peers hold byte-identical
//! containers and nothing that matters is ever created twice. Maps that grow are sharded into 256
//! buckets, because a map with many keys makes remote changes slow. See `docs/document.md`.

mod containers;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, TextEncoding};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use uuid::Uuid;

pub use containers::NotOurs;
pub(crate) use containers::{CommentContainers, ProjectContainers, containers};

/// Version of the shape described in `docs/document.md`. Projects of higher ones are only read.
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
    /// Whether it is the next one of the same actor.
    pub(crate) fn follows(&self, before: &OpId) -> bool {
        self.actor == before.actor && self.counter == before.counter + 1
    }

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

/// A document that can tell which change made an operation.
pub(crate) trait Reader: ReadDoc {
    /// The change that made an operation; none while it is part of an open transaction.
    fn change_of(&self, op: &OpId) -> Option<ChangeHash>;
    /// Whether a change has seen everything that is in the document.
    fn is_last(&self, change: &ChangeHash) -> bool;
}

impl Reader for Automerge {
    fn change_of(&self, op: &OpId) -> Option<ChangeHash> {
        self.hash_for_opid(&op.object())
    }
    fn is_last(&self, change: &ChangeHash) -> bool {
        self.get_heads() == [*change]
    }
}

impl Reader for Transaction<'_> {
    fn change_of(&self, op: &OpId) -> Option<ChangeHash> {
        self.hash_for_opid(&op.object())
    }
    fn is_last(&self, _: &ChangeHash) -> bool {
        false
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

/// The id that a key names, if it stands in the bucket where it belongs and is written as
/// [`record_key`] writes it: of several spellings of an id one counts.
pub(crate) fn record_id(bucket: usize, key: &str) -> Option<Uuid> {
    let is_canonical = key.len() == 36 && !key.bytes().any(|byte| byte.is_ascii_uppercase());
    let id = Uuid::parse_str(key).ok().filter(|_| is_canonical)?;
    (bucket_of(id) == bucket).then_some(id)
}

/// An empty document: genesis and nothing else.
pub(crate) fn genesis(document: Document) -> Automerge {
    static EMPTY: LazyLock<[Automerge; 2]> =
        LazyLock::new(|| [Document::Project, Document::Comments].map(make_genesis));
    EMPTY[document as usize].clone()
}

fn make_genesis(document: Document) -> Automerge {
    let mut doc = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit)
        .with_actor(ActorId::from(GENESIS_ACTOR));
    let mut tx = doc.transaction();
    let (sections, sharded) = layout(document);
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

/// Names of plain and of sharded containers, in the order in which genesis makes them.
fn layout(document: Document) -> (&'static [&'static str], &'static [&'static str]) {
    match document {
        Document::Project => (&SECTIONS, &["nodes", "links"]),
        Document::Comments => (&["people", "authors"], &["comments"]),
    }
}

fn bucket_name(bucket: usize) -> String {
    format!("{bucket:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genesis_is_byte_identical() {
        for document in [Document::Project, Document::Comments] {
            let made = make_genesis(document);
            assert_eq!(made.get_heads(), genesis(document).get_heads());
            assert_eq!(made.save(), genesis(document).save());
        }
    }

    #[test]
    fn one_spelling_of_an_id_counts() {
        let key = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a3f";
        assert_eq!(record_id(0x3f, key).map(record_key).as_deref(), Some(key));
        assert_eq!(record_id(0x3e, key), None);
        assert_eq!(record_id(0x3f, &key.to_uppercase()), None);
        assert_eq!(record_id(0x3f, &key.replace('-', "")), None);
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
