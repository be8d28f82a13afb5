//! What a user interface can ask of the application. One enum for every host.

use graph::command::Command;
use graph::id::{BlobId, FieldId, NodeId};
use graph::person::Person;
use graph::value::Seal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::members::MemberRole;
use crate::pairing::{PairingId, PairingPlace};
use crate::secret_text::SecretText;
use crate::security::KeysPlace;
use crate::settings::Settings;

/// Id of a project in this installation's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, export_to = "app.ts", type = "string")]
pub struct ProjectId(pub Uuid);

/// Something that takes long, for as long as it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, export_to = "app.ts", type = "number")]
pub struct TaskId(pub u32);

/// A question or an order. Every request is answered by exactly one [`crate::reply::Reply`] or
/// [`crate::failure::Failure`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum Request {
    /// The first request of a window: what it needs to draw itself. Reply: `started`. Like every other it fails with
    /// `LOCKED` until [`Request::Unlock`] was given the passphrase, if the keys are under one; and with a code that begins
    /// with `KEYCHAIN_` until [`Request::TryKeychain`] succeeds, if they are in a keychain that does not give them.
    Start,
    /// Start with keys that are under a passphrase. Reply: `unlocked`. Fails with `TOO_SOON`, untried, while one has to wait.
    Unlock {
        /// As it was typed.
        passphrase: SecretText,
    },
    /// Start with keys that are in the system's keychain, which may ask whoever is at the screen to unlock it. Reply:
    /// `unlocked`. Fails with a code that begins with `KEYCHAIN_`, and can be tried again.
    TryKeychain,
    /// How the keys of this machine are kept. Reply: `security`.
    ReadSecurity,
    /// Where programs reach the projects here. Reply: `serving`; an event tells every window when that differs.
    ReadServing,
    /// Keep the keys of this machine elsewhere, or under another passphrase; they are removed where they were. Reply: `done`.
    /// Fails with `WRONG_PASSPHRASE`, `PASSPHRASE_TOO_SHORT` or what the keychain says, and then nothing was changed; with
    /// `KEYCHAIN_ENTRY_LEFT` everything was, but the keychain has them still.
    KeepKeys {
        /// The passphrase until now, if there was one.
        current: Option<SecretText>,
        /// Where they are to be.
        place: KeysPlace,
    },
    /// Projects of this installation, trashed ones included. Reply: `projects`.
    ListProjects,
    /// Make a project. Reply: `opened`.
    CreateProject {
        /// Key of a built-in template.
        template: String,
        /// Name of the project.
        name: String,
        /// Fill it with the template's sample.
        sample: bool,
    },
    /// Open a project, or find it open. Its events follow. Reply: `opened`.
    OpenProject {
        /// Which.
        project: ProjectId,
    },
    /// Close a project: everything is on disk when the reply comes. Reply: `done`.
    CloseProject {
        /// Which.
        project: ProjectId,
    },
    /// Give a project another name, open or not. Reply: `done`.
    RenameProject {
        /// Which.
        project: ProjectId,
        /// New name.
        name: String,
    },
    /// Copy a project as a new one without history. Reply: `opened` (the copy is not opened in the window).
    DuplicateProject {
        /// Which.
        project: ProjectId,
        /// Name of the copy.
        name: String,
    },
    /// Move a project to the trash. Reply: `done`.
    TrashProject {
        /// Which.
        project: ProjectId,
    },
    /// Bring a project back from the trash. Reply: `done`.
    RestoreProject {
        /// Which.
        project: ProjectId,
    },
    /// Delete a trashed project for ever. Reply: `done`.
    PurgeProject {
        /// Which.
        project: ProjectId,
    },
    /// Write a project with its history as one `.talus` file. Reply: `done`.
    ExportProject {
        /// Which.
        project: ProjectId,
        /// Where to.
        path: String,
    },
    /// Read a `.talus` file as a project of this installation. Reply: `opened`.
    ImportProject {
        /// Where from.
        path: String,
    },
    /// Everything the views show of an open project. Reply: `snapshot`.
    Snapshot {
        /// Which.
        project: ProjectId,
    },
    /// Change a project. Reply: `applied`.
    Apply {
        /// Which.
        project: ProjectId,
        /// The change.
        command: Command,
    },
    /// Undo the author's last own step. Reply: `undone`.
    Undo {
        /// Which.
        project: ProjectId,
    },
    /// Redo the step undone last. Reply: `undone`.
    Redo {
        /// Which.
        project: ProjectId,
    },
    /// Who changed what of a node, conflicts, unmapped values, comments. Reply: `details`.
    Inspect {
        /// Which project.
        project: ProjectId,
        /// Which node.
        node: NodeId,
    },
    /// A long text in full. Reply: `text`.
    ReadText {
        /// Which project.
        project: ProjectId,
        /// Which node.
        node: NodeId,
        /// A long-text field.
        field: FieldId,
    },
    /// Copy subtrees for the clipboard. Reply: `clipping`.
    Clip {
        /// Which project.
        project: ProjectId,
        /// Roots of the subtrees.
        nodes: Vec<NodeId>,
    },
    /// Nodes whose title, texts or comments contain the words. Reply: `hits`.
    Find {
        /// Which project.
        project: ProjectId,
        /// Words, all of which must occur; case and accents do not matter.
        query: String,
        /// At most so many.
        limit: u32,
    },
    /// What is in the trash of a project. Reply: `trash`.
    ReadTrash {
        /// Which project.
        project: ProjectId,
    },
    /// Take a file of this machine into the blob store and attach it. Reply: `applied`.
    AttachFile {
        /// Which project.
        project: ProjectId,
        /// Which node.
        node: NodeId,
        /// A file field.
        field: FieldId,
        /// Where the file is.
        path: String,
    },
    /// Write an attachment to a file of this machine. Reply: `done`.
    SaveAttachment {
        /// Which.
        blob: BlobId,
        /// What opens it, as the project says.
        #[serde(default)]
        seal: Option<Seal>,
        /// Where to.
        path: String,
    },
    /// An attachment's content, to be shown; at most 16 MiB. Reply: `bytes`.
    ReadAttachment {
        /// Which.
        blob: BlobId,
        /// What opens it, as the project says.
        #[serde(default)]
        seal: Option<Seal>,
    },
    /// A small picture of an attachment that is one; none of another. Reply: `thumbnail`.
    ReadThumbnail {
        /// Which.
        blob: BlobId,
        /// What opens it, as the project says.
        #[serde(default)]
        seal: Option<Seal>,
    },
    /// The attachments of an open project that are not here, and who has them. Reply: `attachments`; events follow.
    ListAttachments {
        /// Which project.
        project: ProjectId,
    },
    /// Fetch an attachment again that failed or was stopped, or cannot be read here. Reply: `done`.
    FetchAttachment {
        /// Which project.
        project: ProjectId,
        /// Which.
        blob: BlobId,
    },
    /// Give up fetching an attachment, until it is asked for. Reply: `done`.
    StopAttachment {
        /// Which project.
        project: ProjectId,
        /// Which.
        blob: BlobId,
    },
    /// Local backups of a project, newest first. Reply: `backups`.
    ListBackups {
        /// Which project.
        project: ProjectId,
    },
    /// Open a backup as a new project beside the present one. Reply: `opened`.
    RestoreBackup {
        /// Which project.
        project: ProjectId,
        /// Name of the backup, from the list.
        backup: String,
    },
    /// Make a local backup of all projects now. Reply: `done`.
    BackUp,
    /// Change the settings. Reply: `done`; an event tells every window.
    PutSettings {
        /// All settings.
        settings: Settings,
    },
    /// Change one's own name and colour. Reply: `done`.
    PutMe {
        /// Name and colour.
        me: Person,
    },
    /// Remember what a window wants to find again (fold state, columns, panes). Reply: `done`.
    PutLayout {
        /// For which project; none: for the application.
        project: Option<ProjectId>,
        /// The window's own JSON; at most 1 MiB.
        layout: String,
    },
    /// What [`Request::PutLayout`] remembered. Reply: `layout`.
    ReadLayout {
        /// For which project; none: for the application.
        project: Option<ProjectId>,
    },
    /// Try again to write what could not be written. Reply: `done`.
    RetrySaving,
    /// Share an open project, or find it shared: an invitation that lets some people edit for a week. Who is no owner is given
    /// the one by which she came. Reply: `invitation`.
    Invite {
        /// Which.
        project: ProjectId,
    },
    /// An invitation on other terms into a project that is shared and open. For owners. Reply: `invitation`.
    InviteAs {
        /// Which.
        project: ProjectId,
        /// What the invited may; not to own.
        role: MemberRole,
        /// For so many hours from now, at most a year.
        hours: u32,
        /// So many devices may join, at most 1,000.
        uses: u32,
    },
    /// Who may do what in an open project, and which invitations there are. Reply: `members`; none if it is not shared.
    /// Events follow when that differs.
    ReadMembers {
        /// Which.
        project: ProjectId,
    },
    /// What was said in the log of members of an open project. Reply: `activity`; empty if it is not shared.
    ReadActivity {
        /// Which.
        project: ProjectId,
    },
    /// Give a member another role. For owners. Reply: `done`.
    ChangeRole {
        /// Which project.
        project: ProjectId,
        /// Which device, as 64 hexadecimal digits.
        device: String,
        /// What it may from now on.
        role: MemberRole,
    },
    /// Remove a member: her device is cut off, and cannot read what is written from now on. For owners. Reply: `done`.
    RemoveMember {
        /// Which project.
        project: ProjectId,
        /// Which device, as 64 hexadecimal digits.
        device: String,
    },
    /// Be no member any more; what is here stays here. For every member but the last owner. Reply: `done`.
    LeaveProject {
        /// Which project.
        project: ProjectId,
    },
    /// Let in again a device that was removed or has left, with the keys that it had. For owners. Reply: `done`.
    ReadmitMember {
        /// Which project.
        project: ProjectId,
        /// Which device, as 64 hexadecimal digits.
        device: String,
        /// What it may from then on; not to own.
        role: MemberRole,
    },
    /// Make a member an owner, and be an editor from now on. For owners. Reply: `done`.
    HandOverProject {
        /// Which project.
        project: ProjectId,
        /// Which device, as 64 hexadecimal digits.
        device: String,
    },
    /// Take an invitation back: nobody joins by it any more. For owners. Reply: `done`.
    RevokeInvitation {
        /// Which project.
        project: ProjectId,
        /// Which, as 64 hexadecimal digits.
        invitation: String,
    },
    /// Change the key of a project: what is written from now on is sealed under another. For owners. Reply: `done`.
    ChangeProjectKey {
        /// Which project.
        project: ProjectId,
    },
    /// Join a project that somebody else shares. Reply: `opened`; the content follows by events.
    JoinProject {
        /// The text that begins with `talus://join#`.
        invitation: SecretText,
    },
    /// The machines of the local network that one can pair with; takes up to a second. Reply: `nearby`.
    ReadNearby,
    /// Ask a machine to join an open project. It shows a code, which [`Request::AnswerPairing`] takes. For owners; one that
    /// is not shared is shared once the code was right. Reply: `pairing`; events follow. Fails with `PAIRING_BUSY` while
    /// there is another.
    BeginPairing {
        /// Which project.
        project: ProjectId,
        /// Whom to ask.
        at: PairingPlace,
        /// What the other machine may; not to own.
        role: MemberRole,
        /// Whether the person here works there, too. Whoever sits there is asked for [`Request::BecomePeer`].
        #[serde(default)]
        is_mine: bool,
    },
    /// The code that the other machine shows. There is one guess at a code. Reply: `done`; events tell what comes of it. Fails
    /// with `NOT_A_CODE` if it is not six digits, which costs no guess.
    AnswerPairing {
        /// Which.
        pairing: PairingId,
        /// As it was typed; spaces and hyphens do not matter.
        code: SecretText,
    },
    /// Give a pairing up, or refuse it where the code is shown; put it away if it is over. Reply: `done`, also if there is none.
    CancelPairing {
        /// Which.
        pairing: PairingId,
    },
    /// Be the person that the other machine of a pairing that is done has said this one is: with her name and colour, in every
    /// project. What was written before stays of whom it was. Reply: `done`. Fails with `PAIRING_GONE` if that was not said.
    BecomePeer {
        /// Which.
        pairing: PairingId,
    },
    /// The pairing that there is, for a window that comes later. Reply: `pairing`.
    ReadPairing,
    /// How an open project is shared. Reply: `sharing`.
    ReadSharing {
        /// Which.
        project: ProjectId,
    },
    /// What concerned the person here. Reply: `notices`.
    ReadNotices {
        /// In which open project.
        project: ProjectId,
    },
    /// Note what of it was seen. Reply: `done`; an event tells every window.
    MarkNotices {
        /// In which open project.
        project: ProjectId,
        /// Ids of entries; none: all.
        entries: Option<Vec<u32>>,
    },
    /// Try at once to reach whoever shares a project. Reply: `done`.
    SyncNow {
        /// Which.
        project: ProjectId,
    },
    /// How this machine reaches others in a project, way by way. Reply: `links`. Events follow when that differs.
    ReadLinks {
        /// Which project.
        project: ProjectId,
    },
    /// Look for those who share a project at this address, too, now and from now on. Reply: `done`.
    AddAddress {
        /// Which project.
        project: ProjectId,
        /// As somebody typed it: a name or number, with or without a port.
        address: String,
    },
    /// Do not look there any more. Reply: `done`, also if nobody did.
    RemoveAddress {
        /// Which project.
        project: ProjectId,
        /// As `links` has it.
        address: String,
    },
    /// Where this machine is, and on which networks. Reply: `network`.
    ReadNetwork,
    /// Find out why others are not found or not reached; takes up to 5 s. Reply: `examination`.
    ExamineNetwork {
        /// Whoever of this project is not reached is looked at, too.
        project: Option<ProjectId>,
        /// Rather whoever is at this address, as somebody typed it.
        address: Option<String>,
    },
    /// For whom a file of changes can be made: the machines of which it is known what they last had. Reply:
    /// `acquaintances`.
    ReadAcquaintances {
        /// Which project.
        project: ProjectId,
    },
    /// Write changes of a shared project as a file, to be carried to somebody. Reply: `bundled`.
    ExportBundle {
        /// Which project.
        project: ProjectId,
        /// Where to.
        path: String,
        /// Only what this machine lacked when that was last known; none: everything.
        since: Option<String>,
    },
    /// Take in a file of changes. Reply: `brought`.
    ImportBundle {
        /// The project that it is expected to be of; none: whichever it is of, which is made if it is not here.
        project: Option<ProjectId>,
        /// Where from.
        path: String,
    },
    /// Tell those who share a project where this window is. Reply: `done`.
    PutPresence {
        /// Which project.
        project: ProjectId,
        /// The node in view.
        node: Option<NodeId>,
        /// The field that is being edited.
        field: Option<FieldId>,
        /// Whether keys are being pressed in it.
        is_typing: bool,
    },
    /// Give up something that takes long; nothing of it stays. Reply: `done`, also if it is over or past the point at
    /// which that is possible. The request that was being carried out fails with `CANCELLED`.
    Cancel {
        /// What an event `progress` named.
        task: TaskId,
    },
}
