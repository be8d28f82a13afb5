//! One writer, many listeners, one edit at a time.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{sync::Notify, task::spawn_local, time::timeout};

use super::Goal;
use crate::{
    client::{Listener, Pen, connect, receive, room, send, tags},
    process::{cpu_ns, rss_bytes},
    workload::Found,
};

/// So long nothing comes to somebody who has everything.
const QUIET: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Arrivals {
    tag: Cell<u64>,
    missing: Cell<u32>,
    last: Cell<Option<Instant>>,
    all: Notify,
}

pub async fn run(goal: Goal, listeners: u32, edits: u32, warm_up: u32) -> Found {
    let room = room(0);
    let mut pen = Pen::new(&room, 0, 137);
    let frame_kind = pen.write(0)[0];
    let mut pen = Pen::new(&room, 0, 137);
    let arrivals = Rc::new(Arrivals::default());
    for number in 1..=listeners {
        let web = connect(goal.kind, &goal.address, &room, number).await;
        let mut listener = Listener::new(web);
        let arrivals = arrivals.clone();
        spawn_local(async move {
            loop {
                let message = listener.receive().await;
                tags(&message, frame_kind, |tag| arrivals.note(tag));
            }
        });
    }
    let mut writer = connect(goal.kind, &goal.address, &room, 0).await;
    let mut found = Found::default();
    let (mut begin, mut cpu_before) = (Instant::now(), 0);
    for tag in 1..=u64::from(edits + warm_up) {
        if tag == u64::from(warm_up) + 1 {
            // Who writes is sent what is in the room like all others, and has it now.
            while timeout(QUIET, receive(&mut writer)).await.is_ok() {}
            found.rss_before = rss_bytes(goal.pid);
            (begin, cpu_before) = (Instant::now(), cpu_ns(goal.pid));
        }
        let message = pen.write(tag);
        arrivals.tag.set(tag);
        arrivals.missing.set(listeners);
        let sent = Instant::now();
        send(&mut writer, message).await;
        loop {
            tokio::select! {
                () = arrivals.all.notified() => break,
                _ = receive(&mut writer) => {}
            }
        }
        if tag > u64::from(warm_up) {
            let last = arrivals.last.get().unwrap();
            found.latencies_ms.push((last - sent).as_secs_f64() * 1e3);
            found.edits += 1;
            found.deliveries += u64::from(listeners);
        }
    }
    found.cpu_ns = cpu_ns(goal.pid) - cpu_before;
    found.ms = begin.elapsed().as_secs_f64() * 1e3;
    found.rss_most = rss_bytes(goal.pid);
    found
}

impl Arrivals {
    fn note(&self, tag: u64) {
        if tag != self.tag.get() {
            return;
        }
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            self.last.set(Some(Instant::now()));
            self.all.notify_one();
        }
    }
}
