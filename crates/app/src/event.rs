//! What the application tells its windows unasked.

use graph::id::{AuthorId, FieldId, LinkId, NodeId, PersonId};
use graph::link::Link;
use graph::problem::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::attachments::Attachment;
use crate::members::Members;
use crate::notices::NoticeGroup;
use crate::pairing::Pairing;
use crate::reply::{Frame, HistoryState, ProjectSummary, Row};
use crate::request::{ProjectId, TaskId};
use crate::serving::Serving;
use crate::settings::Settings;
use crate::sharing::{PeerLink, Sharing};

/// Something happened. A window that misses a revision takes a new snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum Event {
    /// A project changed.
    Changed(Box<Changed>),
    /// Writing went on, stopped or recovered.
    Saving {
        /// Of the whole installation.
        state: SaveState,
    },
    /// The catalogue changed.
    Projects {
        /// Most recently opened first.
        projects: Vec<ProjectSummary>,
    },
    /// Settings changed.
    Settings {
        /// All settings.
        settings: Settings,
    },
    /// Programs are served otherwise.
    Serving {
        /// As in the reply `serving`.
        serving: Serving,
    },
    /// The application was started again with files or links, which it hands over.
    Arguments {
        /// Paths and links.
        arguments: Vec<String>,
    },
    /// How a shared project stands with others.
    Sharing {
        /// Which.
        project: ProjectId,
        /// Its room.
        sharing: Sharing,
    },
    /// Somebody is a member who was none, or may something else, or an invitation differs.
    Members {
        /// Of which project.
        project: ProjectId,
        /// As in the reply `members`.
        members: Members,
    },
    /// A pairing stands otherwise, at either of the two machines.
    Pairing {
        /// None: it was put away.
        pairing: Option<Pairing>,
    },
    /// The list of what concerns the person here changed.
    Notices {
        /// Of which project.
        project: ProjectId,
        /// The whole list, newest first.
        entries: Vec<NoticeGroup>,
        /// Entries of which they have not been told yet, oldest first.
        fresh: Vec<u32>,
    },
    /// How this machine reaches others in a shared project.
    Links {
        /// Which.
        project: ProjectId,
        /// As in the reply `links`.
        links: Vec<PeerLink>,
    },
    /// Attachments of a project came, are coming, or do not come.
    Attachments {
        /// Which.
        project: ProjectId,
        /// Those that stand otherwise than before.
        attachments: Vec<Attachment>,
    },
    /// Something takes longer than a moment. Told about five times a second, until `ended`.
    Progress {
        /// What `cancel` names.
        task: TaskId,
        /// What is being done, for people: `Importing “Hull.talus”`.
        label: String,
        /// How much is done, in the unit of `total`.
        #[ts(type = "number")]
        done: u64,
        /// How much there is to do; 0: not known.
        #[ts(type = "number")]
        total: u64,
        /// Whether it can be given up now.
        can_cancel: bool,
    },
    /// What `progress` told of is over, done or not. Whoever asked for it has the answer.
    Ended {
        /// Which.
        task: TaskId,
    },
    /// A project had to be closed because of a defect; what was saved is safe.
    Crashed {
        /// Which.
        project: ProjectId,
        /// Report for people.
        report: String,
    },
}

/// What changed in a project's views since the revision before. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Changed {
    /// Which project.
    pub project: ProjectId,
    /// The revision that this starts from; a window at another one takes a snapshot.
    #[ts(type = "number")]
    pub since: u64,
    /// The revision that this leads to.
    #[ts(type = "number")]
    pub revision: u64,
    /// Whose change it was, where it was one author's.
    pub author: Option<AuthorId>,
    /// Whose it was, where it was one person's.
    pub by: Option<PersonId>,
    /// Nodes that are new or differ.
    pub nodes: Vec<Row>,
    /// Nodes that are not live any more.
    pub removed: Vec<NodeId>,
    /// Links that are new or differ.
    pub links: Vec<Link>,
    /// Links that are gone.
    pub unlinked: Vec<LinkId>,
    /// Long texts that differ.
    pub texts: Vec<(NodeId, FieldId)>,
    /// Nodes whose comments differ.
    pub comments: Vec<NodeId>,
    /// What changes rarely, when it did.
    pub frame: Option<Frame>,
    /// All problems, when they differ.
    pub problems: Option<Vec<Problem>>,
    /// Roots in the trash.
    pub trash_count: u32,
    /// What undo and redo would do.
    pub history: HistoryState,
}

/// Whether edits reach the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum SaveState {
    /// Everything is on disk and survives a power cut.
    Saved {
        /// Since when.
        at: graph::time::Timestamp,
    },
    /// Being written.
    Saving,
    /// The disk is full, read-only or broken; edits are kept in memory.
    Unsaved {
        /// Stable code: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_FAILED`.
        code: String,
        /// What to do; for people.
        message: String,
        /// Edits that only memory holds.
        pending: u32,
    },
}
