//! Writers who listen to each other and write as fast as the others receive.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{sync::Notify, task::spawn_local, time::timeout};
use tokio_tungstenite::tungstenite::Message;

use super::Goal;
use crate::{
    client::{Pen, connect, room, tags},
    process::cpu_ns,
    workload::Found,
};

/// For the last edits to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// An edit on its way.
struct Flight {
    writer: usize,
    sent: Instant,
    missing: u32,
}

struct State {
    flights: RefCell<BTreeMap<u64, Flight>>,
    in_flight: Vec<Cell<u32>>,
    may_write: Vec<Notify>,
    next_tag: Cell<u64>,
    is_over: Cell<bool>,
    landed: Notify,
    found: RefCell<Found>,
}

pub async fn run(goal: Goal, writers: u32, window: u32, ms: u64) -> Found {
    let room = room(0);
    let frame_kind = Pen::new(&room, 0, 137).write(0)[0];
    let state = Rc::new(State {
        flights: RefCell::default(),
        in_flight: (0..writers).map(|_| Cell::new(0)).collect(),
        may_write: (0..writers).map(|_| Notify::new()).collect(),
        next_tag: Cell::new(1),
        is_over: Cell::new(false),
        landed: Notify::new(),
        found: RefCell::default(),
    });
    let mut halves = Vec::new();
    for number in 0..writers {
        halves.push(
            connect(goal.kind, &goal.address, &room, number)
                .await
                .split(),
        );
    }
    let (begin, cpu_before) = (Instant::now(), cpu_ns(goal.pid));
    for (number, (mut to, mut from)) in halves.into_iter().enumerate() {
        let listener = state.clone();
        spawn_local(async move {
            while let Some(Ok(message)) = from.next().await {
                if let Message::Binary(message) = message {
                    tags(&message, frame_kind, |tag| listener.land(tag));
                }
            }
        });
        let (state, room) = (state.clone(), room.clone());
        spawn_local(async move {
            let mut pen = Pen::new(&room, number as u32, 137);
            while !state.is_over.get() {
                if state.in_flight[number].get() >= window {
                    state.may_write[number].notified().await;
                    continue;
                }
                let message = pen.write(state.take_off(number, writers - 1));
                to.send(Message::Binary(message)).await.unwrap();
            }
        });
    }
    let _ = timeout(Duration::from_millis(ms), std::future::pending::<()>()).await;
    state.is_over.set(true);
    let mut found = state.found.borrow().clone();
    found.ms = begin.elapsed().as_secs_f64() * 1e3;
    found.cpu_ns = cpu_ns(goal.pid) - cpu_before;
    let empty = async {
        while !state.flights.borrow().is_empty() {
            state.landed.notified().await;
        }
    };
    // What has not arrived by then is lost.
    let _ = timeout(PATIENCE, empty).await;
    found.lost = state.flights.borrow().len() as u64;
    found
}

impl State {
    fn take_off(&self, writer: usize, missing: u32) -> u64 {
        let tag = self.next_tag.get();
        self.next_tag.set(tag + 1);
        let sent = Instant::now();
        self.flights.borrow_mut().insert(
            tag,
            Flight {
                writer,
                sent,
                missing,
            },
        );
        self.in_flight[writer].set(self.in_flight[writer].get() + 1);
        tag
    }

    fn land(&self, tag: u64) {
        let mut flights = self.flights.borrow_mut();
        let Some(flight) = flights.get_mut(&tag) else {
            return;
        };
        flight.missing -= 1;
        let mut found = self.found.borrow_mut();
        found.deliveries += 1;
        if flight.missing == 0 {
            let (writer, sent) = (flight.writer, flight.sent);
            flights.remove(&tag);
            found.edits += 1;
            found.latencies_ms.push(sent.elapsed().as_secs_f64() * 1e3);
            self.in_flight[writer].set(self.in_flight[writer].get() - 1);
            self.may_write[writer].notify_one();
            self.landed.notify_one();
        }
    }
}
