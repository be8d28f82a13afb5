//! The project as it is shown: a pure function of the documents, kept up to date register by
//! register.
//!
//! Absorbing re-reads exactly the registers that a change touched. Reading is idempotent and its
//! order does not matter, so an absorbed view equals a rebuilt one; taking back what a refused
//! command had written is absorbing the same registers once more. Nothing here writes, and nothing
//! here walks a whole document except [`View::rebuild`].

mod absorb;
mod comments;
mod conflicts;
mod flaws;
mod frame;
mod links;
mod node;
mod picture;
mod problems;
mod races;
mod read;
mod record;
mod removed;
mod since;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ObjId};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::document::{CommentContainers, Document, NotOurs, OpId, ProjectContainers, containers};
use crate::id::{CommentId, LinkId, NodeId};
use crate::link::Link;

pub(crate) use absorb::Touched;
pub(crate) use comments::CommentRecord;
pub use comments::CommentView;
pub(crate) use conflicts::renamed_note;
pub use flaws::Flaw;
pub use frame::Frame;
pub(crate) use links::{parse_relation, print_relation};
pub use node::{NodeView, UnmappedValue};
pub use picture::{NodePicture, Picture};
pub(crate) use problems::shorten;
pub(crate) use read::settled_place;
pub(crate) use record::{Record, Slot, TOP};
pub(crate) use since::differences_since;

/// Homes in an empty project.
const HOMES: usize = 800;

/// What a container of a document holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Home {
    /// The root or a sharded map: what stands under its keys are containers.
    Root,
    NodeBucket(usize),
    LinkBucket(usize),
    CommentBucket(usize),
    /// A section of the frame.
    Section(&'static str),
    /// A definition of the frame.
    Part(frame::Part),
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
    /// Further maps that somebody made under the key of a record.
    rivals: FxHashMap<Slot, BTreeSet<ObjId>>,
    /// Of contested records: the positions that lost, newest first, unless somebody has taken note.
    lost_places: FxHashMap<Slot, Vec<(OpId, Option<NodeId>)>>,
    /// Of dead records: what was written by somebody who had not seen that.
    unseen_edits: FxHashMap<Slot, Vec<(SmolStr, Option<OpId>)>>,
    /// Containers that another program removed or replaced, by path.
    lost: BTreeSet<SmolStr>,
    /// Live nodes at the top level, in order.
    roots: Vec<Slot>,
    /// All nodes whose resolved parent is the top level.
    root_kids: Vec<Slot>,
    /// Nodes whose own place made a cycle or names a parent that is not there.
    displaced: BTreeSet<Slot>,
    live_count: usize,
    referrers: FxHashMap<NodeId, BTreeSet<Slot>>,
    links: BTreeMap<LinkId, links::LinkRecord>,
    /// Links by the nodes that they name, whether these exist or not.
    links_by_end: FxHashMap<NodeId, BTreeSet<LinkId>>,
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
    /// When a document does not begin with genesis.
    pub fn rebuild(project: &Automerge, comments: &Automerge) -> Result<View, NotOurs> {
        let mut view = View {
            containers: ProjectContainers::find(project)?,
            comment_containers: CommentContainers::find(comments)?,
            homes: FxHashMap::with_capacity_and_hasher(2 * HOMES, FxBuildHasher),
            slots: FxHashMap::default(),
            records: vec![],
            rivals: FxHashMap::default(),
            lost_places: FxHashMap::default(),
            unseen_edits: FxHashMap::default(),
            lost: BTreeSet::new(),
            roots: vec![],
            root_kids: vec![],
            displaced: BTreeSet::new(),
            live_count: 0,
            referrers: FxHashMap::default(),
            links: BTreeMap::new(),
            links_by_end: FxHashMap::default(),
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
        for document in [Document::Project, Document::Comments] {
            for container in containers(document) {
                let parent = container.parent.clone();
                self.homes.insert((document, parent), Home::Root);
            }
        }
        let mut name = |document, buckets: &[ObjId], home: fn(usize) -> Home| {
            for (index, bucket) in buckets.iter().enumerate() {
                self.homes.insert((document, bucket.clone()), home(index));
            }
        };
        name(Document::Project, &self.containers.nodes, Home::NodeBucket);
        name(Document::Project, &self.containers.links, Home::LinkBucket);
        let comments = &self.comment_containers.comments;
        name(Document::Comments, comments, Home::CommentBucket);
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

    /// Whether there is a record of a node, live or not.
    pub(crate) fn is_taken(&self, id: NodeId) -> bool {
        self.slot(id).is_some_and(|slot| !self.record(slot).gone)
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

    /// What an object of the project document is, if the view knows it.
    pub(crate) fn home(&self, object: &ObjId) -> Option<&Home> {
        self.homes.get(&(Document::Project, object.clone()))
    }

    /// What an object that is not a node's record is called.
    pub(crate) fn name_of_object(&self, document: Document, object: &ObjId) -> &'static str {
        match self.homes.get(&(document, object.clone())) {
            Some(Home::Link(_)) => "Link",
            Some(Home::Comment(_)) => "Comment",
            _ if document == Document::Comments => "Comment",
            _ => "Template",
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
