//! Orders and answers, as they pass the socket: an object of JSON each, on a line.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::StoreError;
use trust::DeviceId;

use crate::tls::PageCertificate;

/// What a relay is told to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Status,
    Rooms,
    Devices,
    Remove(Id),
    Kick(Id),
    AdminLink,
    Drain,
}

/// What it says to that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Status(Box<ShownStatus>),
    Rooms(Vec<ShownRoom>),
    Devices(Vec<ShownDevice>),
    /// Whether the room was there.
    Removed(bool),
    /// How many links were ended.
    Kicked(usize),
    /// A link to the page for admins, if there is one.
    AdminLink(Option<String>),
    Draining,
    Refused(Refusal),
}

/// Of a room or a device: 32 bytes, in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id([u8; 32]);

impl Id {
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = trust::NotAnId;

    fn try_from(text: String) -> Result<Self, trust::NotAnId> {
        text.parse().map(|DeviceId(bytes)| Self(bytes))
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        DeviceId(self.0).fmt(formatter)
    }
}

/// How a relay stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownStatus {
    pub version: String,
    pub device: String,
    pub process: u32,
    /// Where links come to.
    pub listen: String,
    /// Where those ask who watch.
    pub operations: Option<String>,
    /// Where the page for admins is.
    pub admin: Option<String>,
    /// What these two have, if they have one.
    pub certificate: Option<ShownCertificate>,
    pub since: Option<Timestamp>,
    pub uptime_s: u64,
    /// `ok`, or what is wrong with the disk.
    pub store: String,
    pub connections: u64,
    pub links: u64,
    pub rooms_open: usize,
    pub rooms_stored: usize,
}

/// How the certificate stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCertificate {
    pub until: Timestamp,
    /// `ok`, or what is wrong with it.
    pub state: String,
}

impl ShownCertificate {
    pub fn of(shown: &PageCertificate) -> Self {
        let wrong = shown.judge().err().map(|it| it.message);
        Self {
            until: shown.until(),
            state: wrong.unwrap_or_else(|| "ok".to_owned()),
        }
    }
}

/// A room that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownRoom {
    pub room: String,
    /// Of changes and attachments together.
    pub bytes: u64,
    pub log_bytes: u64,
    pub attachment_bytes: u64,
    pub owners: Vec<String>,
    /// How many may be in it.
    pub members: usize,
    /// How many devices wrote what is kept.
    pub writers: usize,
    /// Who is in it now.
    pub links: usize,
    /// When somebody was last in it, if that is known.
    pub visited: Option<Timestamp>,
}

/// A device that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDevice {
    pub device: String,
    pub links: usize,
    pub addresses: BTreeSet<String>,
    pub rooms: BTreeSet<String>,
}

/// Why it was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub fn of(error: &StoreError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
        }
    }
}

#[cfg(test)]
impl ShownRoom {
    /// An empty one.
    pub fn unvisited(room: String) -> Self {
        Self {
            room,
            bytes: 0,
            log_bytes: 0,
            attachment_bytes: 0,
            owners: Vec::new(),
            members: 1,
            writers: 1,
            links: 0,
            visited: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_back_and_ids_that_are_none_are_refused() {
        let id = Id([7; 32]);
        for order in [
            Order::Status,
            Order::Remove(id),
            Order::Kick(id),
            Order::Drain,
        ] {
            let text = serde_json::to_string(&order).expect("it is JSON");
            assert_eq!(
                serde_json::from_str::<Order>(&text).ok(),
                Some(order),
                "{text}"
            );
        }
        assert!(serde_json::from_str::<Order>("{\"remove\":\"07\"}").is_err());
        assert!(serde_json::from_str::<Order>("\"format\"").is_err());
    }
}
