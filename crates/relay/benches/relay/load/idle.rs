//! Many who say nothing.

use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};

use super::Goal;
use crate::{
    client::{connect, room},
    process::{cpu_ns, rss_bytes},
    workload::Found,
};

/// Handshakes under way at once.
pub const AT_ONCE: usize = 64;

/// For the server to settle, well below the time after which it drops who is silent.
pub const SETTLE: Duration = Duration::from_secs(2);

pub async fn run(goal: Goal, rooms: u32, connections: u32) -> Found {
    let mut found = Found {
        rss_before: rss_bytes(goal.pid),
        ..Found::default()
    };
    let rooms: Vec<_> = (0..rooms).map(room).collect();
    let cpu_before = cpu_ns(goal.pid);
    let begin = Instant::now();
    let webs: Vec<_> = stream::iter(0..connections)
        .map(|number| {
            let room = &rooms[number as usize % rooms.len()];
            connect(goal.kind, &goal.address, room, number)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    found.ms = begin.elapsed().as_secs_f64() * 1e3;
    found.cpu_ns = cpu_ns(goal.pid) - cpu_before;
    found.edits = webs.len() as u64;
    let _ = tokio::time::timeout(SETTLE, std::future::pending::<()>()).await;
    found.rss_most = rss_bytes(goal.pid);
    found
}
