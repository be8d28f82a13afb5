//! Commands: what an author intends. A command may be refused; what it did is one change and one
//! undo step. New ids are minted by the caller.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::clipping::Clipping;
use crate::id::{
    BlobId, CommentId, FieldId, FilterId, KitId, LinkId, NodeId, OptionId, PersonId, TypeId, ViewId,
};
use crate::link::{Lag, LinkKind};
use crate::person::Person;
use crate::problem::ProblemKind;
use crate::saved::{SavedFilter, SavedView};
use crate::template::{Field, FieldOption, NodeType, Trait};
use crate::value::{File, Value};

/// Every way in which an author can change a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "graph.ts")]
pub enum Command {
    /// Make a node. Fields not given take the defaults of the template.
    CreateNode {
        /// Id of the new node, minted by the caller.
        node: NodeId,
        /// Its type.
        node_type: TypeId,
        /// Where.
        place: Place,
        /// Values that differ from the defaults; the title is among them.
        #[serde(default)]
        values: Vec<(FieldId, Value)>,
    },
    /// Set or clear one field of one or many nodes. Sets are compared member by member, so that
    /// concurrent additions merge. Setting a field in conflict to any value settles the conflict.
    SetField {
        /// Nodes to change.
        nodes: Vec<NodeId>,
        /// Field to set.
        field: FieldId,
        /// New value; none clears it.
        value: Option<Value>,
    },
    /// Add members to a set field and remove members from it, leaving the others.
    EditMembers {
        /// Nodes to change.
        nodes: Vec<NodeId>,
        /// A multi-select, people, node or file field.
        field: FieldId,
        /// Members to add.
        add: Option<Value>,
        /// Members to remove.
        remove: Option<Value>,
    },
    /// Replace ranges of a long text.
    EditText {
        /// Node.
        node: NodeId,
        /// A long-text field.
        field: FieldId,
        /// The text state that the positions refer to, from [`crate::text::TextSnapshot`]; none: the current one.
        base: Option<String>,
        /// Ranges to replace, positions in the text before any of them, ascending and disjoint.
        splices: Vec<Splice>,
    },
    /// Move or reorder nodes; they keep their order among each other.
    MoveNodes {
        /// Nodes to move.
        nodes: Vec<NodeId>,
        /// Where to.
        place: Place,
    },
    /// Make each node the last child of the sibling above it.
    Indent {
        /// Nodes to move, siblings next to each other.
        nodes: Vec<NodeId>,
    },
    /// Make each node the next sibling of its parent.
    Outdent {
        /// Nodes to move.
        nodes: Vec<NodeId>,
    },
    /// Copy subtrees beside their originals.
    DuplicateNodes {
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
        /// From which all new ids are derived.
        seed: Uuid,
    },
    /// Insert copied subtrees, from this project or another one.
    PasteNodes {
        /// What was copied.
        clipping: Clipping,
        /// Where to.
        place: Place,
        /// From which all new ids are derived.
        seed: Uuid,
    },
    /// Move subtrees to the trash.
    TrashNodes {
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
    },
    /// Bring subtrees back from the trash, with what was trashed along with them.
    RestoreNodes {
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
    },
    /// Take trashed subtrees out of every view for ever. Cannot be undone.
    PurgeNodes {
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
    },
    /// Take note that another program removed nodes or parts of the document. Nothing of them was
    /// lost; they are just not listed as problems any more.
    KeepRemoved {
        /// Nodes whose records were removed.
        nodes: Vec<NodeId>,
        /// Paths of containers that were removed, like `project/nodes/3f`.
        containers: Vec<String>,
    },
    /// Take note of a conflict: it stays as it is and is not listed any more, for anybody.
    SettleConflict {
        /// The node that it is about, live or in the trash.
        node: NodeId,
        /// `fieldRace`, `moveRace`, `moveCycle`, `parentDeleted` or `editedAfterDelete`.
        conflict: ProblemKind,
        /// The field, of a `fieldRace`.
        field: Option<FieldId>,
    },
    /// Change the type of nodes. Values of fields that the new type lacks become unmapped.
    ConvertType {
        /// Nodes to convert.
        nodes: Vec<NodeId>,
        /// New type.
        node_type: TypeId,
    },
    /// Link two nodes.
    Link {
        /// Id of the new link, minted by the caller.
        link: LinkId,
        /// Kind of link.
        relation: LinkKind,
        /// Blocker, or either end of a relation.
        from: NodeId,
        /// Blocked node, or the other end.
        to: NodeId,
        /// Delay of a blocking link.
        #[serde(default)]
        lag: Lag,
    },
    /// Change kind or lag of a link.
    EditLink {
        /// The link.
        link: LinkId,
        /// Kind of link.
        relation: LinkKind,
        /// Delay of a blocking link.
        lag: Lag,
    },
    /// Remove links.
    Unlink {
        /// The links.
        links: Vec<LinkId>,
    },
    /// Make exactly these nodes block a node, finish to start; links that stay keep their kind and lag.
    SetBlockers {
        /// The blocked node.
        node: NodeId,
        /// Its blockers.
        blockers: Vec<NodeId>,
        /// From which new link ids are derived.
        seed: Uuid,
    },
    /// Comment on a node, or answer a comment.
    AddComment {
        /// Id of the new comment, minted by the caller.
        comment: CommentId,
        /// The node.
        node: NodeId,
        /// The comment that is answered; answers are one level deep.
        #[serde(default)]
        reply_to: Option<CommentId>,
        /// Markdown.
        body: String,
    },
    /// Change the text of one's own comment.
    EditComment {
        /// The comment.
        comment: CommentId,
        /// Markdown.
        body: String,
    },
    /// Mark a thread as resolved, or open it again.
    ResolveComment {
        /// First comment of the thread.
        comment: CommentId,
        /// New state.
        resolved: bool,
    },
    /// Remove one's own comment.
    DeleteComment {
        /// The comment.
        comment: CommentId,
    },
    /// Attach a file that the blob store holds.
    Attach {
        /// The node.
        node: NodeId,
        /// A file field.
        field: FieldId,
        /// Hash of the content.
        blob: BlobId,
        /// Name, type and size.
        file: File,
    },
    /// Detach a file.
    Detach {
        /// The node.
        node: NodeId,
        /// A file field.
        field: FieldId,
        /// Hash of the content.
        blob: BlobId,
    },
    /// Add a field to the template, or edit it: what differs is written. Options are not touched.
    PutField {
        /// The whole definition.
        field: Field,
    },
    /// Remove a field from the template. Values stay and become unmapped.
    RemoveField {
        /// The field.
        field: FieldId,
    },
    /// Add an option to a field, or edit it.
    PutOption {
        /// The field.
        field: FieldId,
        /// The whole definition.
        option: FieldOption,
        /// Position among the field's options; none: last, or where it is.
        #[serde(default)]
        index: Option<u32>,
    },
    /// Remove an option. Values that use it stay and become unmapped.
    RemoveOption {
        /// The field.
        field: FieldId,
        /// The option.
        option: OptionId,
    },
    /// Add a node type to the template, or edit it: what differs is written, its fields' placement included.
    PutType {
        /// The whole definition.
        node_type: NodeType,
    },
    /// Remove a node type. Its nodes stay and are listed as a problem.
    RemoveType {
        /// The type.
        node_type: TypeId,
    },
    /// Put a field at a position of the template's list of fields.
    ReorderField {
        /// The field.
        field: FieldId,
        /// New position.
        index: u32,
    },
    /// Put a node type at a position of the template's list of types.
    ReorderType {
        /// The type.
        node_type: TypeId,
        /// New position.
        index: u32,
    },
    /// Switch a behaviour of a node type on or off, with the fields that come with it.
    SetTrait {
        /// The type.
        node_type: TypeId,
        /// The behaviour.
        behaviour: Trait,
        /// On or off.
        on: bool,
    },
    /// Save subtrees as a kit, or replace its content.
    SaveKit {
        /// Id, minted by the caller.
        kit: KitId,
        /// What people read.
        name: String,
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
    },
    /// Remove a kit.
    RemoveKit {
        /// The kit.
        kit: KitId,
    },
    /// Insert a kit.
    ApplyKit {
        /// The kit.
        kit: KitId,
        /// Where to.
        place: Place,
        /// From which all new ids are derived.
        seed: Uuid,
    },
    /// Save or rename a filter.
    PutFilter {
        /// The whole filter.
        filter: SavedFilter,
    },
    /// Remove a filter.
    RemoveFilter {
        /// The filter.
        filter: FilterId,
    },
    /// Save or rename a view.
    PutView {
        /// The whole view.
        view: SavedView,
    },
    /// Remove a view.
    RemoveView {
        /// The view.
        view: ViewId,
    },
    /// Change the project's own properties; what is none stays.
    SetProject {
        /// Name of the project.
        name: Option<String>,
        /// ISO 4217 code of the one currency.
        currency: Option<String>,
    },
    /// Change name or colour of a person.
    PutPerson {
        /// Who.
        id: PersonId,
        /// Name and colour.
        person: Person,
    },
    /// Several commands as one change and one undo step. All or none.
    Batch {
        /// What the undo step is called; none: the first command's label.
        label: Option<String>,
        /// The commands, in order; each sees what the earlier ones did.
        commands: Vec<Command>,
    },
}

/// A position in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Place {
    /// Parent; none: top level.
    pub parent: Option<NodeId>,
    /// Where among the parent's children.
    pub at: Position,
}

/// A position among siblings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum Position {
    /// Before all.
    First,
    /// After all.
    Last,
    /// Right before this sibling.
    Before(NodeId),
    /// Right after this sibling.
    After(NodeId),
    /// After so many siblings, or after all. What is about to move there is none of them.
    Index(u32),
}

/// One replaced range of a long text. Positions count UTF-16 code units, as editors in a browser do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Splice {
    /// Start of the range.
    pub at: u32,
    /// Length of the range.
    pub delete: u32,
    /// What stands there afterwards.
    pub insert: String,
}
