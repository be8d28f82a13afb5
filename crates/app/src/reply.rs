//! Answers to requests.

mod details;

use std::collections::BTreeMap;

use graph::clipping::Clipping;
use graph::id::{AuthorId, FieldId, FilterId, KitId, NodeId, PersonId, TypeId};
use graph::link::Link;
use graph::person::Person;
use graph::problem::Problem;
use graph::saved::{SavedFilter, SavedView};
use graph::template::Template;
use graph::time::Timestamp;
use graph::value::Value;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use self::details::{Comment, Details, FieldDetails, OtherValue, Unmapped};
use crate::activity::Activity;
use crate::attachments::Attachment;
use crate::event::SaveState;
use crate::failure::Failure;
use crate::members::Members;
use crate::notices::NoticeGroup;
use crate::pairing::{Nearby, Pairing};
use crate::request::ProjectId;
use crate::secret_text::SecretText;
use crate::security::{Security, Unlocked};
use crate::serving::Serving;
use crate::settings::Settings;
use crate::sharing::{Acquaintance, PeerLink, Sharing};
use crate::surroundings::{Network, NetworkFinding};

/// The answer to a request that succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum Reply {
    /// It is done.
    Done,
    /// What a window needs to draw itself.
    Started(Box<Started>),
    /// A passphrase was tried.
    Unlocked(Unlocked),
    /// How the keys of this machine are kept.
    Security(Security),
    /// Where programs reach the projects here.
    Serving(Serving),
    /// The catalogue.
    Projects {
        /// Most recently opened first.
        projects: Vec<ProjectSummary>,
    },
    /// A project is open, or was made.
    Opened {
        /// Which.
        project: ProjectId,
        /// What was noticed on the way, for example set-aside damage; for people.
        notices: Vec<String>,
    },
    /// How others join a project.
    Invitation {
        /// The text to give to them.
        invitation: SecretText,
    },
    /// The machines of the local network.
    Nearby(Nearby),
    /// How a pairing stands.
    Pairing {
        /// None: there is none.
        pairing: Option<Pairing>,
    },
    /// How a project is shared.
    Sharing {
        /// Its room; none: it is not shared.
        sharing: Option<Sharing>,
    },
    /// Who is a member of a project.
    Members {
        /// None: it is not shared.
        members: Option<Members>,
    },
    /// What happened to the members of a project.
    Activity {
        /// The newest last.
        activity: Vec<Activity>,
    },
    /// What concerned the person here.
    Notices {
        /// Newest first.
        entries: Vec<NoticeGroup>,
    },
    /// How this machine reaches others in a project.
    Links {
        /// What is dialled first, then who came.
        links: Vec<PeerLink>,
    },
    /// Where this machine is.
    Network(Network),
    /// For whom a file of changes can be made.
    Acquaintances {
        /// Those heard last come first.
        acquaintances: Vec<Acquaintance>,
    },
    /// A file of changes was written.
    Bundled {
        /// Packets of changes in it; 0: whoever it is for has everything.
        packets: u32,
        /// Size of the file in bytes.
        #[ts(type = "number")]
        size_bytes: u64,
    },
    /// A file of changes was taken in.
    Brought {
        /// The project that it was of.
        project: ProjectId,
        /// Packets of changes that were new.
        packets: u32,
        /// Nodes that differ for it.
        nodes: u32,
        /// Packets that could not be taken in, because the file begins later than what is here.
        left: u32,
        /// Whether the project was not here before.
        is_new: bool,
    },
    /// What the network doctor found.
    Examination {
        /// In the order in which it was known.
        findings: Vec<NetworkFinding>,
    },
    /// Everything the views show.
    Snapshot(Box<Snapshot>),
    /// A command was applied.
    Applied {
        /// Revision that contains it.
        #[ts(type = "number")]
        revision: u64,
        /// What the step is called, for example `Move 3 tasks`.
        label: String,
    },
    /// A step was undone or redone.
    Undone {
        /// Revision that contains it.
        #[ts(type = "number")]
        revision: u64,
        /// What the step is called.
        label: String,
        /// What was left alone because somebody else has changed it since.
        skipped: Vec<Skipped>,
    },
    /// Who changed what of a node.
    Details(Box<Details>),
    /// A long text.
    Text {
        /// The text.
        text: String,
        /// The state it was read at; goes into `editText`.
        base: String,
    },
    /// Copied subtrees.
    Clipping {
        /// For `pasteNodes`.
        clipping: Clipping,
    },
    /// What was found.
    Hits {
        /// Best first.
        hits: Vec<Hit>,
    },
    /// The trash of a project.
    Trash {
        /// Newest first.
        items: Vec<TrashItem>,
    },
    /// Content of an attachment.
    Bytes {
        /// Base64 (RFC 4648).
        base64: String,
    },
    /// A small picture.
    Thumbnail {
        /// A PNG (RFC 2083) in base64; none if it is no picture that can be shown.
        png: Option<String>,
    },
    /// Attachments that are not here.
    Attachments {
        /// How each stands.
        attachments: Vec<Attachment>,
    },
    /// Local backups.
    Backups {
        /// Newest first.
        backups: Vec<Backup>,
    },
    /// What a window had remembered.
    Layout {
        /// Its own JSON.
        layout: Option<String>,
    },
}

/// What a window needs to draw itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Started {
    /// Version of the application.
    pub version: String,
    /// The person at this desktop; an empty name: not asked yet.
    pub me: Person,
    /// Settings.
    pub settings: Settings,
    /// Catalogue, most recently opened first.
    pub projects: Vec<ProjectSummary>,
    /// Built-in templates.
    pub templates: Vec<TemplateSummary>,
    /// Project to open at once.
    pub reopen: Option<ProjectId>,
    /// Whether edits reach the disk.
    pub saving: SaveState,
    /// Files and links named when the application was started.
    pub arguments: Vec<String>,
    /// Whether projects can be shared here.
    pub can_share: bool,
}

/// A project in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct ProjectSummary {
    /// Id.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// Name of the template it was made from.
    pub template: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was opened last.
    pub opened_at: Timestamp,
    /// When it was moved to the trash.
    pub trashed_at: Option<Timestamp>,
    /// Live nodes when it was last open.
    pub node_count: u32,
}

/// A built-in template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct TemplateSummary {
    /// Key for `createProject`.
    pub key: String,
    /// What people read.
    pub name: String,
    /// A sentence.
    pub description: String,
    /// Name of a Lucide icon.
    pub icon: String,
    /// `#rrggbb`.
    pub colour: String,
    /// Labels of the first node types, for a preview.
    pub types: Vec<String>,
    /// Name of the sample project.
    pub sample_name: String,
    /// Nodes in the sample project.
    pub sample_nodes: u32,
}

/// Everything the views show of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Snapshot {
    /// Which project.
    pub project: ProjectId,
    /// Deltas with a higher revision continue it, without a gap.
    #[ts(type = "number")]
    pub revision: u64,
    /// Live nodes, each parent before its children, siblings in order.
    pub nodes: Vec<Row>,
    /// Links whose ends are live.
    pub links: Vec<Link>,
    /// What changes rarely.
    pub frame: Frame,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Roots in the trash.
    pub trash_count: u32,
    /// What undo and redo would do.
    pub history: HistoryState,
    /// Author of the commands of this window.
    pub author: AuthorId,
}

/// One live node.
///
/// On the wire it is the array `[id, parent, order, type, values]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "app.ts")]
pub struct Row(
    /// Id.
    pub NodeId,
    /// Parent; none: top level.
    pub Option<NodeId>,
    /// Key among siblings: they sort by (order, id), both compared as ASCII.
    pub String,
    /// Type; may be missing in the template.
    pub TypeId,
    /// Values that fit their fields, long texts cut to 200 characters. What does not fit is in the details only.
    pub BTreeMap<FieldId, Value>,
);

/// What changes rarely, sent whole when it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Frame {
    /// Name of the project.
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Fields and node types.
    pub template: Template,
    /// Everybody who ever took part.
    pub people: BTreeMap<PersonId, Person>,
    /// Saved filters.
    pub filters: BTreeMap<FilterId, SavedFilter>,
    /// Saved views.
    pub views: Vec<SavedView>,
    /// Names of the kits.
    pub kits: BTreeMap<KitId, String>,
    /// Why nothing can be changed here before this version is updated; none if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub needs_update: Option<Failure>,
}

/// What undo and redo would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct HistoryState {
    /// Label of the step that undo would take back; none: nothing to undo.
    pub undo: Option<String>,
    /// Label of the step that redo would repeat.
    pub redo: Option<String>,
}

/// Something undo left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Skipped {
    /// Title of the node, or name of what it is.
    pub what: String,
    /// Label of the field or aspect.
    pub field: String,
    /// Who has changed it since.
    pub by: Option<String>,
}

/// A node that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Hit {
    /// The node.
    pub node: NodeId,
    /// Field in which the words stand; none: a comment.
    pub field: Option<FieldId>,
    /// Text around the words.
    pub excerpt: String,
}

/// A subtree in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct TrashItem {
    /// Its root.
    pub node: NodeId,
    /// Title of the root.
    pub title: String,
    /// Type of the root.
    pub node_type: TypeId,
    /// Titles from the top to where it was.
    pub path: Vec<String>,
    /// Nodes in it.
    pub node_count: u32,
    /// Who deleted it.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// Somebody edited it while it was being deleted.
    pub edited_since: bool,
}

/// A local backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Backup {
    /// Name for `restoreBackup`.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Size in bytes.
    #[ts(type = "number")]
    pub size_bytes: u64,
}
