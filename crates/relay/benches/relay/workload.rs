//! What a load consists of and what it finds, as they pass between processes.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Workload {
    /// One writer, who waits until the last of the listeners has an edit before the next.
    Latency {
        listeners: u32,
        edits: u32,
        warm_up: u32,
    },
    /// Writers who have as many edits on their way as the window allows, for so long.
    Sustained { writers: u32, window: u32, ms: u64 },
    /// Connections that say nothing, evenly in so many rooms.
    Idle { rooms: u32, connections: u32 },
    /// Connections evenly in so many rooms; so many edits a second in all, each by the next room's next connection, for so
    /// long after a warm-up.
    Active {
        rooms: u32,
        connections: u32,
        edits_per_s: u32,
        warm_up_ms: u64,
        ms: u64,
    },
    /// So many frames in each of so many rooms, all by one who wrote them there.
    Fill { rooms: u32, frames: u64 },
    /// One writer, one listener and, if so, one who never reads, in a room that was empty.
    Slow {
        room: u32,
        megabytes: u32,
        has_slow: bool,
    },
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Found {
    /// Milliseconds from the sending of an edit to its arrival at the last listener.
    pub latencies_ms: Vec<f64>,
    /// Edits that arrived everywhere.
    pub edits: u64,
    /// Arrivals.
    pub deliveries: u64,
    /// Edits that did not arrive everywhere.
    pub lost: u64,
    /// How long it took.
    pub ms: f64,
    /// Processor time of the server meanwhile.
    pub cpu_ns: u64,
    /// Memory of the server before, and the most of it during or after.
    pub rss_before: u64,
    pub rss_most: u64,
}
