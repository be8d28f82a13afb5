//! What was said in the log of members, as windows tell it.
//!
//! The log holds no time: entries have an order, each after those it builds on, and no date. It also holds what does not
//! count any more, such as what a removed owner went on to say; who is a member, [`Members`](crate::members::Members) tells.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::members::MemberRole;

/// Something that somebody said in the log of members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Activity {
    /// Names it, as 64 hexadecimal digits.
    pub id: String,
    /// The device that said so.
    pub by: Party,
    /// What happened by it.
    pub deed: Deed,
}

/// A device that is, or was, a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Party {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Its id as words that people can compare.
    pub words: String,
    /// Whether it is this one.
    pub is_me: bool,
    /// Who was seen there; none while nobody was.
    pub name: Option<String>,
}

/// What happens to the members of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum Deed {
    /// The project was shared for the first time.
    Shared,
    /// A device was made a member, or got another key.
    Added {
        /// Which.
        device: Party,
        /// What it may.
        role: MemberRole,
    },
    /// A member may something else, or is a member again.
    RoleChanged {
        /// Which.
        device: Party,
        /// What it may from then on.
        role: MemberRole,
    },
    /// Somebody was removed by another.
    Removed {
        /// Which.
        device: Party,
    },
    /// Whoever said it is no member any more.
    Left,
    /// A device that was removed or had left is a member again.
    Readmitted {
        /// Which.
        device: Party,
        /// What it may from then on.
        role: MemberRole,
    },
    /// An invitation was made.
    Invited {
        /// Its name, as 64 hexadecimal digits.
        invitation: String,
        /// What the invited may.
        role: MemberRole,
        /// So many devices may join.
        uses: u32,
    },
    /// An invitation was taken back.
    Revoked {
        /// Its name, as 64 hexadecimal digits.
        invitation: String,
        /// What the invited could do; none if there is no such invitation.
        role: Option<MemberRole>,
    },
    /// Whoever said it has joined by an invitation.
    Joined {
        /// Its name, as 64 hexadecimal digits.
        invitation: String,
        /// What it lets one do; none if there is no such invitation.
        role: Option<MemberRole>,
    },
    /// What is written from then on is sealed under another key.
    KeyChanged,
}
