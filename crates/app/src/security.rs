//! What the window shows of the keys of this machine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What became of a passphrase that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Unlocked {
    /// Whether it was the right one; `start` is answered from then on.
    pub is_open: bool,
    /// Otherwise, how long to wait before the next, in ms.
    #[ts(type = "number")]
    pub wait_ms: u64,
}

impl Unlocked {
    /// The application is open.
    pub(crate) const OPEN: Self = Self {
        is_open: true,
        wait_ms: 0,
    };
}

/// How the keys of this machine are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Security {
    /// Under a passphrase.
    pub has_passphrase: bool,
    /// The device that this machine is, as words that two people can compare.
    pub words: String,
}
