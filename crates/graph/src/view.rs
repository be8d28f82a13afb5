//! The project as it is shown: a pure function of the documents, kept up to date register by
//! register.
//!
//! Absorbing re-reads exactly the registers that a change touched. Reading is idempotent and its
//! order does not matter, so an absorbed view equals a rebuilt one; taking back what a refused
//! command had written is absorbing the same registers once more. Nothing here writes, and nothing
//! here walks a whole document except [`View::rebuild`].

mod absorb;
mod comments;
mod flaws;
mod frame;
mod links;
mod node;
mod picture;
mod problems;
mod read;
mod record;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ReadDoc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::document::{CommentContainers, Document, NotOurs, ProjectContainers};
use crate::id::{CommentId, LinkId, NodeId};
use crate::link::Link;

pub(crate) use absorb::Touched;
pub(crate) use comments::CommentRecord;
pub use comments::CommentView;
pub use flaws::Flaw;
pub use frame::Frame;
pub(crate) use links::print_relation;
pub use node::{NodeView, UnmappedValue};
pub use picture::{NodePicture, Picture};
pub(crate) use problems::shorten;
pub(crate) use record::{Record, Slot, TOP};

/// What a container of a document holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Home {
    NodeBucket,
    LinkBucket,
    CommentBucket,
    Frame,
    Node(Slot),
    Link(LinkId),
    Comment(CommentId),
    Prose(Slot, SmolStr),
}

/// The project as it is shown.
pub struct View {
    pub(crate) containers: ProjectContainers,
    pub(crate) comment_containers: CommentContainers,
    homes: FxHashMap<(Document, ObjId), Home>,
    slots: FxHashMap<NodeId, Slot>,
    records: Vec<Record>,
    /// Live nodes at the top level, in order.
    roots: Vec<Slot>,
    /// All nodes whose resolved parent is the top level.
    root_kids: Vec<Slot>,
    /// Nodes whose own place made a cycle or names a parent that is not there.
    displaced: BTreeSet<Slot>,
    live_count: usize,
    referrers: FxHashMap<NodeId, BTreeSet<Slot>>,
    links: BTreeMap<LinkId, links::LinkRecord>,
    cyclic_links: BTreeSet<LinkId>,
    comments: BTreeMap<CommentId, CommentRecord>,
    comments_by_node: FxHashMap<NodeId, BTreeSet<CommentId>>,
    frame: Frame,
    flaws: BTreeMap<Slot, Vec<Flaw>>,
    dead: BTreeSet<Slot>,
    keys: FxHashSet<SmolStr>,
}

impl View {
    /// Reads everything anew.
    ///
    /// # Errors
    /// When a document lacks the containers that genesis makes.
    pub fn rebuild(project: &impl ReadDoc, comments: &impl ReadDoc) -> Result<View, NotOurs> {
        let mut view = View {
            containers: ProjectContainers::find(project)?,
            comment_containers: CommentContainers::find(comments)?,
            homes: FxHashMap::default(),
            slots: FxHashMap::default(),
            records: vec![],
            roots: vec![],
            root_kids: vec![],
            displaced: BTreeSet::new(),
            live_count: 0,
            referrers: FxHashMap::default(),
            links: BTreeMap::new(),
            cyclic_links: BTreeSet::new(),
            comments: BTreeMap::new(),
            comments_by_node: FxHashMap::default(),
            frame: Frame::default(),
            flaws: BTreeMap::new(),
            dead: BTreeSet::new(),
            keys: FxHashSet::default(),
        };
        view.name_homes();
        view.read_everything(project, comments);
        Ok(view)
    }

    fn name_homes(&mut self) {
        let (project, comments) = (self.containers.clone(), self.comment_containers.clone());
        for bucket in project.nodes {
            self.homes
                .insert((Document::Project, bucket), Home::NodeBucket);
        }
        for bucket in project.links {
            self.homes
                .insert((Document::Project, bucket), Home::LinkBucket);
        }
        for bucket in comments.comments {
            self.homes
                .insert((Document::Comments, bucket), Home::CommentBucket);
        }
    }

    /// Name, currency, template, people, filters, views and kits.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// A live node.
    pub fn node(&self, id: NodeId) -> Option<NodeView<'_>> {
        let slot = self.slot(id)?;
        self.record(slot)
            .is_live()
            .then_some(NodeView { view: self, slot })
    }

    /// A node in the trash.
    pub fn trashed(&self, id: NodeId) -> Option<NodeView<'_>> {
        let slot = self.slot(id)?;
        self.record(slot)
            .is_in_trash()
            .then_some(NodeView { view: self, slot })
    }

    /// Live nodes at the top level, in order.
    pub fn roots(&self) -> impl DoubleEndedIterator<Item = NodeView<'_>> {
        self.roots.iter().map(|slot| NodeView {
            view: self,
            slot: *slot,
        })
    }

    /// All live nodes, each parent before its children, siblings in order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeView<'_>> {
        let mut stack: Vec<Slot> = self.roots.iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let slot = stack.pop()?;
            stack.extend(self.record(slot).children.iter().rev());
            Some(NodeView { view: self, slot })
        })
    }

    /// Number of live nodes.
    pub fn node_count(&self) -> usize {
        self.live_count
    }

    /// Links both of whose ends are live.
    pub fn links(&self) -> impl Iterator<Item = Link> {
        self.links
            .values()
            .filter(|record| self.shows_link(record))
            .map(|record| record.link.clone())
    }

    /// A link both of whose ends are live.
    pub fn link(&self, id: LinkId) -> Option<Link> {
        self.links
            .get(&id)
            .filter(|record| self.shows_link(record))
            .map(|record| record.link.clone())
    }

    pub(crate) fn slot(&self, id: NodeId) -> Option<Slot> {
        self.slots.get(&id).copied()
    }

    pub(crate) fn is_displaced(&self, slot: Slot) -> bool {
        self.displaced.contains(&slot)
    }

    /// Whether an object is the record of a live node.
    pub(crate) fn is_live_object(&self, object: &ObjId) -> bool {
        match self.homes.get(&(Document::Project, object.clone())) {
            Some(Home::Node(slot)) => self.record(*slot).is_live(),
            _ => false,
        }
    }

    /// The node whose record an object is.
    pub(crate) fn node_of(&self, object: &ObjId) -> Option<Slot> {
        match self.homes.get(&(Document::Project, object.clone())) {
            Some(Home::Node(slot)) => Some(*slot),
            _ => None,
        }
    }

    pub(crate) fn record(&self, slot: Slot) -> &Record {
        &self.records[slot as usize]
    }

    fn record_mut(&mut self, slot: Slot) -> &mut Record {
        &mut self.records[slot as usize]
    }

    /// One allocation for each key, however many nodes have it.
    fn intern(&mut self, key: &str) -> SmolStr {
        match self.keys.get(key) {
            Some(known) => known.clone(),
            None => {
                let key = SmolStr::from(key);
                self.keys.insert(key.clone());
                key
            }
        }
    }
}
