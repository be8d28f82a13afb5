//! What a desk says of itself.

use app::reply::Snapshot;
use app::sharing::{Sharing, Status};
use serde::{Deserialize, Serialize};

/// How a desk stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Hash of everything that all show alike.
    pub view: String,
    /// Live nodes.
    pub nodes: usize,
    /// Its room.
    pub room: String,
    /// Whether another machine holds all that is here.
    pub is_live: bool,
    /// Own changes that no other machine has for certain.
    pub waiting: u32,
    /// Devices that hold something else, or have not said.
    pub behind: usize,
    /// Devices that hold the same and show something else.
    pub diverged: usize,
    /// Frames that could not be applied.
    pub faults: u32,
    /// Commands that were carried out since it was started.
    pub edits: u64,
}

impl Report {
    /// Says how a desk stands.
    pub fn of(snapshot: &Snapshot, sharing: &Sharing, edits: u64) -> Self {
        let common = (
            &snapshot.nodes,
            &snapshot.links,
            &snapshot.frame,
            &snapshot.problems,
            snapshot.trash_count,
        );
        let json = serde_json::to_vec(&common).expect("a snapshot becomes JSON");
        let companions = sharing.companions.iter();
        Self {
            view: blake3::hash(&json).to_hex().to_string(),
            nodes: snapshot.nodes.len(),
            room: sharing.room.clone(),
            is_live: matches!(sharing.status, Status::Live { .. }),
            waiting: sharing.waiting,
            behind: companions
                .clone()
                .filter(|it| it.has_everything != Some(true))
                .count(),
            diverged: companions.clone().filter(|it| it.has_diverged).count(),
            faults: companions.map(|it| it.faults).sum(),
            edits,
        }
    }

    /// Whether everything has crossed, as far as this desk knows.
    pub fn is_at_rest(&self) -> bool {
        self.is_live && self.waiting == 0 && self.behind == 0
    }
}
