//! Everything the views show of an open project.

use graph::id::AuthorId;
use graph::problem::Problem;
use graph::view::View;
use serde::{Serialize, Serializer};

use crate::project::Project;
use crate::reply::{Frame, HistoryState, Reply, Snapshot};
use crate::request::ProjectId;
use crate::rows;

/// The project as it is now.
pub(super) fn answer(project: &Project) -> Reply {
    let view = project.graph.view();
    Reply::Snapshot(Box::new(Snapshot {
        project: project.id,
        revision: project.revision(),
        nodes: view.nodes().map(rows::row).collect(),
        links: view.links().collect(),
        frame: rows::frame(view, project.needs_update()),
        problems: project.graph.problems(),
        trash_count: rows::trash_count(view),
        history: project.history(),
        author: project.author,
    }))
}

/// The same on the wire, as `{"ok": reply}`.
///
/// Rows are written one after another as they are read from the view. A hundred thousand of them at
/// once take 140 MB, which the process would keep for good.
pub(crate) fn to_json(project: &Project) -> Vec<u8> {
    let view = project.graph.view();
    let snapshot = Wire {
        project: project.id,
        revision: project.revision(),
        nodes: Nodes(view),
        links: Links(view),
        frame: rows::frame(view, project.needs_update()),
        problems: project.graph.problems(),
        trash_count: rows::trash_count(view),
        history: project.history(),
        author: project.author,
    };
    let mut json = br#"{"ok":"#.to_vec();
    serde_json::to_writer(&mut json, &snapshot).expect("a snapshot becomes JSON in memory");
    json.push(b'}');
    json.shrink_to_fit();
    json
}

/// [`Reply::Snapshot`], with the rows and links still in the view.
#[derive(Serialize)]
#[serde(tag = "kind", rename = "snapshot", rename_all = "camelCase")]
struct Wire<'a> {
    project: ProjectId,
    revision: u64,
    nodes: Nodes<'a>,
    links: Links<'a>,
    frame: Frame,
    problems: Vec<Problem>,
    trash_count: u32,
    history: HistoryState,
    author: AuthorId,
}

struct Nodes<'a>(&'a View);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.nodes().map(rows::row))
    }
}

struct Links<'a>(&'a View);

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.links())
    }
}
