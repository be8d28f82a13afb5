//! A project as it is taken along: everything in it at one moment.

use std::collections::BTreeSet;

use graph::document::Document;
use graph::id::BlobId;
use graph::value::Value;
use graph::view::NodeView;
use graph::{Project, Saver};

/// What a file or a copy of the project needs. Making one takes a while and is done beside the project's task.
pub struct Package {
    /// Saves the project document.
    pub project: Saver,
    /// Saves the comments document.
    pub comments: Saver,
    /// Name of the project.
    pub name: String,
    /// Live nodes.
    pub node_count: u64,
    /// Attachments, those of trashed nodes included.
    pub blobs: BTreeSet<BlobId>,
}

impl Package {
    /// The project as it is now.
    pub fn of(graph: &Project) -> Self {
        let view = graph.view();
        let trashed = view
            .trash()
            .flat_map(|root| view.trashed_subtree(root.id()));
        let mut blobs = BTreeSet::new();
        view.nodes()
            .chain(trashed)
            .for_each(|node| add_blobs(node, &mut blobs));
        Self {
            project: graph.fork(Document::Project),
            comments: graph.fork(Document::Comments),
            name: view.frame().name.clone(),
            node_count: view.node_count() as u64,
            blobs,
        }
    }
}

fn add_blobs(node: NodeView<'_>, blobs: &mut BTreeSet<BlobId>) {
    for value in node.values().into_values() {
        if let Value::Files(files) = value {
            blobs.extend(files.into_keys());
        }
    }
}
