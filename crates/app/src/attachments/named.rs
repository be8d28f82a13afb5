//! Which attachments the live nodes of a project name.

use std::collections::{BTreeMap, BTreeSet};

use graph::delta::Delta;
use graph::id::NodeId;
use graph::view::{NodeView, View};
use sync::BlobName;

use super::name_of;

/// Which attachments the live nodes of a project name, and how large they say these are.
#[derive(Default)]
pub(super) struct Named {
    by_node: BTreeMap<NodeId, BTreeMap<BlobName, u64>>,
    nodes: BTreeMap<BlobName, BTreeSet<NodeId>>,
}

/// What differs.
#[derive(Default)]
pub(super) struct Changes {
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
        self.nodes.contains_key(name)
    }

    /// A node that names an attachment.
    pub(super) fn node(&self, name: &BlobName) -> Option<NodeId> {
        self.nodes.get(name)?.first().copied()
    }

    /// How large an attachment is at most, if what the project says of it is true.
    pub(super) fn size(&self, name: &BlobName) -> u64 {
        let nodes = self.nodes.get(name).into_iter().flatten();
        let sizes = nodes.filter_map(|node| self.by_node.get(node)?.get(name));
        sizes.copied().max().unwrap_or(0)
    }

    fn put(&mut self, node: NodeId, files: BTreeMap<BlobName, u64>, changes: &mut Changes) {
        let before = match files.is_empty() {
            true => self.by_node.remove(&node),
            false => self.by_node.insert(node, files.clone()),
        };
        let before = before.unwrap_or_default();
        for name in before.keys().filter(|name| !files.contains_key(*name)) {
            let nodes = self.nodes.get_mut(name);
            let is_last = nodes.is_some_and(|nodes| nodes.remove(&node) && nodes.is_empty());
            if is_last {
                self.nodes.remove(name);
                changes.vanished.push(*name);
            }
        }
        for name in files.into_keys().filter(|name| !before.contains_key(name)) {
            let nodes = self.nodes.entry(name).or_default();
            if nodes.is_empty() {
                changes.appeared.push(name);
                changes.vanished.retain(|gone| *gone != name);
            }
            nodes.insert(node);
        }
    }
}

fn files(node: NodeView<'_>) -> BTreeMap<BlobName, u64> {
    let files = node.files().into_iter();
    files
        .filter_map(|(blob, file)| Some((name_of(&blob)?, file.size_bytes)))
        .collect()
}
