//! Many rooms in which somebody writes now and then, and many who listen.
//!
//! Edits are due at their times, however late earlier ones arrive.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use futures_util::{
    SinkExt,
    stream::{self, StreamExt},
};
use tokio::{
    sync::{Notify, mpsc},
    task::spawn_local,
    time::{interval, interval_at, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use trust::Membership;

use super::{
    Goal,
    idle::{AT_ONCE, SETTLE},
};
use crate::{
    client::{PING, Pen, Web, connect, room, tags},
    process::{cpu_ns, rss_bytes},
    workload::Found,
};

/// For the last edits to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

const TICK: Duration = Duration::from_millis(1);

pub struct Rate {
    pub edits_per_s: u32,
    pub warm_up_ms: u64,
    pub ms: u64,
}

/// An edit on its way.
struct Flight {
    due: Instant,
    missing: u32,
}

struct State {
    frame_kind: u8,
    flights: RefCell<BTreeMap<u64, Flight>>,
    is_warm: Cell<bool>,
    landed: Notify,
    found: RefCell<Found>,
}

pub async fn run(goal: Goal, rooms: u32, connections: u32, rate: Rate) -> Found {
    let rooms: Vec<_> = (0..rooms).map(room).collect();
    let state = Rc::new(State {
        frame_kind: Pen::new(&rooms[0], 0, 137).write(0)[0],
        flights: RefCell::default(),
        is_warm: Cell::new(false),
        landed: Notify::new(),
        found: RefCell::default(),
    });
    let seats = seats(&goal, &rooms, connections, &state).await;
    let _ = timeout(SETTLE, std::future::pending::<()>()).await;
    state.found.borrow_mut().rss_before = rss_bytes(goal.pid);

    let listeners = connections / rooms.len() as u32 - 1;
    let per_tick = u64::from(rate.edits_per_s) * TICK.as_millis() as u64 / 1_000;
    let mut pace = interval(TICK);
    let (mut begin, mut cpu_before) = (Instant::now(), 0);
    for tick in 0..rate.warm_up_ms + rate.ms {
        if tick == rate.warm_up_ms {
            state.is_warm.set(true);
            (begin, cpu_before) = (Instant::now(), cpu_ns(goal.pid));
        }
        let due = pace.tick().await.into_std();
        for tag in tick * per_tick..(tick + 1) * per_tick {
            let missing = listeners;
            let flight = Flight { due, missing };
            state.flights.borrow_mut().insert(tag, flight);
            // One number after another is in one room after another.
            seats[tag as usize % seats.len()].send(tag).unwrap();
        }
    }
    let ms = begin.elapsed().as_secs_f64() * 1e3;
    let cpu_ns = cpu_ns(goal.pid) - cpu_before;
    let empty = async {
        while !state.flights.borrow().is_empty() {
            state.landed.notified().await;
        }
    };
    // What has not arrived by then is lost.
    let _ = timeout(PATIENCE, empty).await;
    let mut found = state.found.borrow().clone();
    (found.ms, found.cpu_ns) = (ms, cpu_ns);
    found.lost = state.flights.borrow().len() as u64;
    found.rss_most = rss_bytes(goal.pid);
    found
}

/// Everybody is in their room, and writes what they are told to.
async fn seats(
    goal: &Goal,
    rooms: &[Membership],
    connections: u32,
    state: &Rc<State>,
) -> Vec<mpsc::UnboundedSender<u64>> {
    let seat = async |number: u32| {
        let room = &rooms[number as usize % rooms.len()];
        let web = connect(goal.kind, &goal.address, room, number).await;
        let (order, ordered) = mpsc::unbounded_channel();
        spawn_local(sit(
            web,
            Pen::new(room, number, 137),
            ordered,
            state.clone(),
        ));
        (number, order)
    };
    let seats = stream::iter(0..connections)
        .map(seat)
        .buffer_unordered(AT_ONCE);
    let seats: BTreeMap<_, _> = seats.collect().await;
    seats.into_values().collect()
}

/// One connection, until the load ends.
async fn sit(
    mut web: Web,
    mut pen: Pen,
    mut ordered: mpsc::UnboundedReceiver<u64>,
    state: Rc<State>,
) {
    let mut pings = interval_at(tokio::time::Instant::now() + PING, PING);
    loop {
        tokio::select! {
            message = web.next() => {
                if let Message::Binary(message) = message.unwrap().unwrap() {
                    tags(&message, state.frame_kind, |tag| state.land(tag));
                }
            }
            Some(tag) = ordered.recv() => {
                let message = Message::Binary(pen.write(tag));
                web.send(message).await.unwrap();
            }
            _ = pings.tick() => web.send(Message::Ping(bytes::Bytes::new())).await.unwrap(),
        }
    }
}

impl State {
    fn land(&self, tag: u64) {
        let mut flights = self.flights.borrow_mut();
        let Some(flight) = flights.get_mut(&tag) else {
            return;
        };
        flight.missing -= 1;
        let mut found = self.found.borrow_mut();
        found.deliveries += u64::from(self.is_warm.get());
        if flight.missing == 0 {
            if self.is_warm.get() {
                found.edits += 1;
                let late = flight.due.elapsed();
                found.latencies_ms.push(late.as_secs_f64() * 1e3);
            }
            flights.remove(&tag);
            self.landed.notify_one();
        }
    }
}
