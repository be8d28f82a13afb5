//! Which attachments the live nodes of a project name, and what they say of them.

use std::collections::{BTreeMap, BTreeSet};

use graph::delta::Delta;
use graph::id::NodeId;
use graph::value::File;
use graph::view::{NodeView, View};
use sync::BlobName;
use trust::seal::{BlobKey, sealed_blob_bytes};

use super::content::Opening;
use super::name_of;

/// Different things that are said of one attachment and looked at; there is one, unless somebody wants to confuse.
const MAX_CLAIMS: usize = 16;

/// What a node says of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is kept as it is, and has so many bytes.
    Plain(u64),
    /// It is sealed and has so many bytes, and opens with this key; none if what the node has is no key.
    Sealed(u64, Option<BlobKey>),
}

impl Claim {
    fn of(file: &File) -> Self {
        match &file.seal {
            None => Self::Plain(file.size_bytes),
            Some(seal) => {
                let opening = Opening::read(seal);
                let key = opening.map(|opening| opening.key().clone());
                Self::Sealed(sealed_blob_bytes(file.size_bytes), key)
            }
        }
    }

    /// How many bytes the blob has by it.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Plain(bytes) | Self::Sealed(bytes, _) => *bytes,
        }
    }
}

/// Which attachments the live nodes of a project name.
#[derive(Default)]
pub(super) struct Named {
    by_node: BTreeMap<NodeId, BTreeSet<BlobName>>,
    claims: BTreeMap<BlobName, BTreeMap<NodeId, Claim>>,
}

/// What differs.
#[derive(Default)]
pub(super) struct Changes {
    /// What is named now, or of which something else is said.
    pub(super) appeared: Vec<BlobName>,
    pub(super) vanished: Vec<BlobName>,
}

impl Named {
    /// Reads all of it.
    pub(super) fn read(&mut self, view: &View) -> Changes {
        let mut changes = Changes::default();
        for node in view.nodes() {
            self.put(node.id(), files(node), &mut changes);
        }
        changes
    }

    /// Reads what a change touched; nodes of which a field became one of files, or ceased to be, are among that.
    pub(super) fn update(&mut self, view: &View, delta: &Delta) -> Changes {
        let mut changes = Changes::default();
        for node in delta.nodes.keys() {
            let files = view.node(*node).map(files).unwrap_or_default();
            self.put(*node, files, &mut changes);
        }
        changes
    }

    pub(super) fn has(&self, name: &BlobName) -> bool {
        self.claims.contains_key(name)
    }

    /// The nodes that name something.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.by_node.keys().copied()
    }

    /// The nodes that name an attachment.
    pub(super) fn nodes_of(&self, name: &BlobName) -> impl Iterator<Item = NodeId> {
        let claims = self.claims.get(name).into_iter();
        claims.flat_map(|claims| claims.keys().copied())
    }

    /// How large an attachment is at most, as it is kept and travels, if what the project says of it is true.
    pub(super) fn size(&self, name: &BlobName) -> u64 {
        let claims = self.claims.get(name).into_iter().flatten();
        claims.map(|(_, claim)| claim.bytes()).max().unwrap_or(0)
    }

    /// What is said of an attachment, each thing once.
    pub(super) fn claims(&self, name: &BlobName) -> Vec<Claim> {
        let mut different: Vec<Claim> = Vec::new();
        for claim in self.claims.get(name).into_iter().flat_map(BTreeMap::values) {
            if different.len() < MAX_CLAIMS && !different.contains(claim) {
                different.push(claim.clone());
            }
        }
        different
    }

    /// Whether some node says that an attachment is sealed.
    pub(super) fn is_sealed(&self, name: &BlobName) -> bool {
        let mut claims = self.claims.get(name).into_iter().flat_map(BTreeMap::values);
        claims.any(|claim| matches!(claim, Claim::Sealed(..)))
    }

    fn put(&mut self, node: NodeId, files: BTreeMap<BlobName, Claim>, changes: &mut Changes) {
        let names: BTreeSet<BlobName> = files.keys().copied().collect();
        let before = match names.is_empty() {
            true => self.by_node.remove(&node),
            false => self.by_node.insert(node, names.clone()),
        };
        for name in before.unwrap_or_default().difference(&names) {
            let claims = self.claims.get_mut(name);
            let is_last = claims.is_some_and(|it| it.remove(&node).is_some() && it.is_empty());
            if is_last {
                self.claims.remove(name);
                changes.vanished.push(*name);
            }
        }
        for (name, claim) in files {
            let claims = self.claims.entry(name).or_default();
            if claims.is_empty() {
                changes.vanished.retain(|gone| *gone != name);
            }
            let first = claims.values().next();
            if claims.get(&node).or(first) != Some(&claim) {
                changes.appeared.push(name);
            }
            claims.insert(node, claim);
        }
    }
}

fn files(node: NodeView<'_>) -> BTreeMap<BlobName, Claim> {
    let files = node.files().into_iter();
    files
        .filter_map(|(blob, file)| Some((name_of(&blob)?, Claim::of(&file))))
        .collect()
}
