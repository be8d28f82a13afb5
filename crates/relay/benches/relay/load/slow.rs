//! One who stops reading while others go on.

use std::time::{Duration, Instant};

use super::Goal;
use crate::{
    client::{Listener, Pen, connect, receive, room, send, tags},
    process::rss_bytes,
    workload::Found,
};

const PAYLOAD_BYTES: usize = 1_000;

/// The slow one is alive all the same.
const SLOW_PING: Duration = Duration::from_secs(5);

/// Edits on their way to the one who reads.
const WINDOW: u64 = 32;

pub async fn run(goal: Goal, number: u32, megabytes: u32, has_slow: bool) -> Found {
    let room = room(number);
    let mut pen = Pen::new(&room, 0, PAYLOAD_BYTES);
    let frame_kind = Pen::new(&room, 0, PAYLOAD_BYTES).write(0)[0];
    let mut found = Found {
        rss_before: rss_bytes(goal.pid),
        ..Found::default()
    };
    let mut slow = match has_slow {
        true => Some(Listener::new(
            connect(goal.kind, &goal.address, &room, 2).await,
        )),
        false => None,
    };
    let listener = connect(goal.kind, &goal.address, &room, 1).await;
    let mut listener = Listener::new(listener);
    let mut writer = connect(goal.kind, &goal.address, &room, 0).await;
    let edits = u64::from(megabytes) * 1_000_000 / PAYLOAD_BYTES as u64;
    let mut sent = Vec::new();
    let begin = Instant::now();
    let mut pinged = begin;
    while found.edits < edits {
        if sent.len() as u64 - found.edits < WINDOW && (sent.len() as u64) < edits {
            let message = pen.write(sent.len() as u64);
            sent.push(Instant::now());
            send(&mut writer, message).await;
            continue;
        }
        tokio::select! {
            message = listener.receive() => tags(&message, frame_kind, |tag| {
                if let Some(sent) = sent.get(tag as usize) {
                    found.edits += 1;
                    found.latencies_ms.push(sent.elapsed().as_secs_f64() * 1e3);
                }
            }),
            _ = receive(&mut writer) => {}
        }
        if found.edits.is_multiple_of(256) {
            found.rss_most = found.rss_most.max(rss_bytes(goal.pid));
        }
        if let Some(slow) = &mut slow
            && pinged.elapsed() > SLOW_PING
        {
            pinged = Instant::now();
            slow.ping().await;
        }
    }
    found.ms = begin.elapsed().as_secs_f64() * 1e3;
    found.rss_most = found.rss_most.max(rss_bytes(goal.pid));
    drop(slow);
    found
}
