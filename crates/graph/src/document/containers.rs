//! Where the containers of genesis are.
//!
//! They are named by the operations that made them, which are the same everywhere, and never looked
//! up by name: another program may delete or replace what stands under a name, and everything that
//! is in the container is still there and still merges.

use std::sync::LazyLock;

use automerge::{ActorId, Automerge, ChangeHash, ObjId, ROOT};
use smol_str::{SmolStr, format_smolstr};

use super::{Document, GENESIS_ACTOR, OpId, SECTIONS, bucket_name, layout};

/// Hashes of the two first changes. They stand here in writing, since every project begins with them.
const GENESIS: [(Document, &str); 2] = [
    (
        Document::Project,
        "f4e858945d07f0c8134356e3d24de6ff8cb78c0cb7b91b8b12d3965cd49ad397",
    ),
    (
        Document::Comments,
        "10a7a384daf7180548e994116cf1ddbc1e653054d6b5e347ee8d436cce0cf435",
    ),
];

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

/// A document that does not begin with genesis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document does not begin like {}", match .0 {
    Document::Project => "a project",
    Document::Comments => "the comments of a project",
})]
pub struct NotOurs(pub Document);

impl ProjectContainers {
    pub fn find(doc: &Automerge) -> Result<Self, NotOurs> {
        begins_with_genesis(doc, Document::Project)?;
        let (plain, sharded) = layout(Document::Project);
        Ok(Self {
            nodes: buckets(plain.len(), 0),
            links: buckets(plain.len(), sharded.len() - 1),
            sections: (0..plain.len()).map(|index| made(index + 1)).collect(),
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
    pub fn find(doc: &Automerge) -> Result<Self, NotOurs> {
        begins_with_genesis(doc, Document::Comments)?;
        Ok(Self {
            comments: buckets(layout(Document::Comments).0.len(), 0),
            people: made(1),
            authors: made(2),
        })
    }
}

/// A container, as its parent and its name lead to it.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub parent: ObjId,
    /// Names from the document down.
    pub path: SmolStr,
    pub object: ObjId,
}

/// All containers of a document, those of one parent in a row.
pub(crate) fn containers(document: Document) -> &'static [Container] {
    static ALL: LazyLock<[Vec<Container>; 2]> =
        LazyLock::new(|| [Document::Project, Document::Comments].map(list_containers));
    &ALL[document as usize]
}

fn list_containers(document: Document) -> Vec<Container> {
    let (plain, sharded) = layout(document);
    let top = match document {
        Document::Project => "project",
        Document::Comments => "comments",
    };
    let container = |parent: &ObjId, above: &str, name: &str, object| Container {
        parent: parent.clone(),
        path: format_smolstr!("{above}/{name}"),
        object,
    };
    let mut all = vec![];
    for (index, name) in plain.iter().enumerate() {
        all.push(container(&ROOT, top, name, made(index + 1)));
    }
    for (index, name) in sharded.iter().enumerate() {
        all.push(container(&ROOT, top, name, shards(plain.len(), index)));
    }
    for (index, name) in sharded.iter().enumerate() {
        let (parent, above) = (shards(plain.len(), index), format!("{top}/{name}"));
        for (bucket, object) in buckets(plain.len(), index).into_iter().enumerate() {
            all.push(container(&parent, &above, &bucket_name(bucket), object));
        }
    }
    all
}

fn begins_with_genesis(doc: &Automerge, document: Document) -> Result<(), NotOurs> {
    let (_, hash) = GENESIS
        .into_iter()
        .find(|(of, _)| *of == document)
        .expect("both documents have a first change");
    let hash: ChangeHash = hash.parse().expect("the hash is 64 hexadecimal digits");
    match doc.get_change_meta_by_hash(&hash) {
        Some(_) => Ok(()),
        None => Err(NotOurs(document)),
    }
}

/// The container that genesis made with its n-th operation.
fn made(counter: usize) -> ObjId {
    let counter = counter as u64;
    let actor = ActorId::from(GENESIS_ACTOR);
    OpId { counter, actor }.object()
}

/// A sharded map.
fn shards(plain: usize, index: usize) -> ObjId {
    made(plain + 1 + index * 257)
}

/// The buckets of a sharded map; they follow it.
fn buckets(plain: usize, index: usize) -> Vec<ObjId> {
    let first = plain + 2 + index * 257;
    (first..first + 256).map(made).collect()
}

#[cfg(test)]
mod tests {
    use automerge::ReadDoc;

    use super::*;
    use crate::document::genesis;

    #[test]
    fn genesis_has_the_hash_that_is_written_here() {
        for (document, hash) in GENESIS {
            let heads = genesis(document).get_heads();
            assert_eq!(heads.len(), 1);
            assert_eq!(heads[0].to_string(), hash, "{document:?}");
        }
    }

    #[test]
    fn containers_stand_under_their_names() {
        for document in [Document::Project, Document::Comments] {
            let doc = genesis(document);
            let all = containers(document);
            assert_eq!(all.len() as u64, doc.stats().num_ops);
            for container in all {
                let name = container.path.rsplit('/').next().expect("paths have names");
                let visible = doc.get(&container.parent, name);
                let (_, object) = visible.expect("a map").expect("it is there");
                assert_eq!(object, container.object, "{}", container.path);
            }
        }
    }

    #[test]
    fn the_two_documents_are_told_apart() {
        let [project, comments] = [Document::Project, Document::Comments].map(genesis);
        assert!(ProjectContainers::find(&project).is_ok());
        assert!(CommentContainers::find(&comments).is_ok());
        assert!(ProjectContainers::find(&comments).is_err());
        assert!(CommentContainers::find(&project).is_err());
    }
}
