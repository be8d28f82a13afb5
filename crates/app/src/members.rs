//! Who is a member of a shared project, as windows show it.

use graph::id::PersonId;
use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use trust::record;
use ts_rs::TS;

/// Who may do what in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Members {
    /// Everybody who reaches the project may do everything, and nobody is a member: it was shared by an earlier version.
    pub is_open: bool,
    /// What this device may; none while it is no member, and in an open project.
    pub role: Option<MemberRole>,
    /// This device has joined, and nobody who could let it in was reached yet.
    pub is_waiting: bool,
    /// The devices that are members, this one included, owners first.
    pub devices: Vec<MemberDevice>,
    /// The devices that were members and are none, this one not.
    pub former: Vec<FormerMember>,
    /// The invitations that still let somebody in.
    pub invitations: Vec<OpenInvitation>,
    /// Somebody who is no member any more could read what is written now, until an owner changes the key.
    pub is_key_due: bool,
}

impl Members {
    /// The same, whenever anybody was seen.
    pub(crate) fn unseen(&self) -> Self {
        let mut unseen = self.clone();
        for device in &mut unseen.devices {
            device.seen_at = None;
        }
        unseen
    }
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum MemberRole {
    /// Read.
    Viewer,
    /// Read, and write comments.
    Commenter,
    /// Read, and write everything.
    Editor,
    /// All of it, and say who may.
    Owner,
}

/// A device that is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct MemberDevice {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Its id as words that people can compare.
    pub words: String,
    /// Whether it is this one.
    pub is_me: bool,
    /// What it may.
    pub role: MemberRole,
    /// Who was seen there; none while nobody was.
    pub person: Option<PersonId>,
    /// Their name.
    pub name: Option<String>,
    /// When it was heard last; none if that was before this project was opened.
    pub seen_at: Option<Timestamp>,
}

/// A device that was a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct FormerMember {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Its id as words that people can compare.
    pub words: String,
    /// Who was seen there; none while nobody was.
    pub person: Option<PersonId>,
    /// Their name.
    pub name: Option<String>,
    /// Whether it has left by itself, and was not removed.
    pub has_left: bool,
}

/// An invitation that lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct OpenInvitation {
    /// Its name, as 64 hexadecimal digits. It is no secret.
    pub id: String,
    /// What the invited may.
    pub role: MemberRole,
    /// From then on it lets nobody in.
    pub expires_at: Timestamp,
    /// So many devices may join by it.
    pub uses: u32,
    /// So many have.
    pub used: u32,
}

impl From<record::Role> for MemberRole {
    fn from(role: record::Role) -> Self {
        match role {
            record::Role::Viewer => Self::Viewer,
            record::Role::Commenter => Self::Commenter,
            record::Role::Editor => Self::Editor,
            record::Role::Owner => Self::Owner,
        }
    }
}

impl From<MemberRole> for record::Role {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Viewer => Self::Viewer,
            MemberRole::Commenter => Self::Commenter,
            MemberRole::Editor => Self::Editor,
            MemberRole::Owner => Self::Owner,
        }
    }
}
