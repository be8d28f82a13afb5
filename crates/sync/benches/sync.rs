//! Measures what a frame costs on its way to many links, what catching up costs, and what a room weighs, and writes
//! `target/bench/sync.json`: a list of {id, value, unit, spread, target, met, reference}.
//!
//! The reference of forwarding is a bare broadcast in the same run: one reference to the same bytes for each link, pushed
//! to a list.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    unsafe_code,
    reason = "a measurement reads the clock, counts allocations and ends where it fails"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use sync::{
    Advert, Content, Document, Draft, Exchange, Frame, Limits, LinkId, Message, Outgoing, Peer,
    Setup, Side, StreamId, Time, Vector,
};
use trust::{DeviceId, Genesis, Membership};

const LINKS: u64 = 500;
const FRAMES: u64 = 2_000;
const PAYLOAD_BYTES: usize = 137;
const RUNS: usize = 9;

struct Counting;

static HEAP: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HEAP.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HEAP.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    let mut measured = Vec::new();
    forwarding(&mut measured);
    receiving(&mut measured);
    catching_up(&mut measured);
    weight(&mut measured);
    let folder = PathBuf::from(
        std::env::var("CARGO_TARGET_DIR")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target").to_owned()),
    )
    .join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let text = serde_json::to_string_pretty(&measured).unwrap();
    println!("{text}");
    std::fs::write(folder.join("sync.json"), text).unwrap();
}

fn membership() -> Membership {
    Membership::begin(&Genesis::new([1; 32], [2; 32]))
}

fn device(name: u64) -> DeviceId {
    DeviceId(*blake3::hash(&name.to_be_bytes()).as_bytes())
}

fn frames(count: u64) -> Vec<Frame> {
    let payload: Vec<u8> = (0..PAYLOAD_BYTES).map(|at| (at * 37) as u8).collect();
    let frame = |number| {
        Frame::mint(&Draft {
            room: membership().room(),
            document: Document::Project,
            epoch: 0,
            stream: StreamId {
                device: device(1),
                nonce: 77,
            },
            number,
            deps: &[],
            content: Content::Changes,
            payload: &payload,
        })
        .unwrap()
    };
    (1..=count).map(frame).collect()
}

fn exchange(held: Vector) -> Exchange {
    Exchange::new(Setup {
        device: device(0),
        membership: membership(),
        held,
        base: None,
        own: None,
        limits: Limits::default(),
    })
}

fn join(exchange: &mut Exchange, link: u64, held: Vector) {
    let peer = Peer {
        device: device(1000 + link),
        side: Side::Accepted,
        protocol: 1,
    };
    exchange.connect(LinkId(link), peer, Time(0));
    let records = membership().records().to_vec();
    let members = Message::Members(records.into_iter().map(Bytes::from).collect());
    let vector = Message::Vector(Advert { held, base: None });
    for message in [members, vector] {
        exchange
            .receive(LinkId(link), message.encode(), Time(0))
            .unwrap();
    }
    drain(exchange);
}

fn drain(exchange: &mut Exchange) -> usize {
    let outgoing = exchange.poll(Time(1));
    let messages = outgoing.len();
    for outgoing in outgoing {
        if let Outgoing::Send(link, message) = outgoing {
            exchange.sent(link, message.len());
        }
    }
    messages
}

/// Median and spread of some runs of a measurement.
fn median_of(runs: usize, mut run: impl FnMut() -> f64) -> (f64, f64) {
    let mut values: Vec<f64> = (0..runs).map(|_| run()).collect();
    values.sort_by(f64::total_cmp);
    (values[runs / 2], values[runs * 3 / 4] - values[runs / 4])
}

fn median(run: impl FnMut() -> f64) -> (f64, f64) {
    median_of(RUNS, run)
}

/// Each frame is measured alone, so that what else the machine does shows in a few of them only.
fn forwarding(measured: &mut Vec<Json>) {
    let frames = frames(FRAMES);
    let per_delivery = |begin: Instant| begin.elapsed().as_nanos() as f64 / LINKS as f64;
    let mut next = frames.iter();
    let (bare, _) = median_of(FRAMES as usize, || {
        let frame = next.next().unwrap();
        let begin = Instant::now();
        let mut outbox: Vec<(u64, Bytes)> = Vec::new();
        for link in 0..LINKS {
            outbox.push((link, frame.message().clone()));
        }
        std::hint::black_box(&outbox);
        per_delivery(begin)
    });
    let mut exchange = exchange(Vector::new());
    (0..LINKS).for_each(|link| join(&mut exchange, link, Vector::new()));
    let mut next = frames.iter();
    let (value, spread) = median_of(FRAMES as usize, || {
        let frame = next.next().unwrap();
        let begin = Instant::now();
        exchange.publish(frame);
        let outgoing = std::hint::black_box(exchange.poll(Time(1)));
        let value = per_delivery(begin);
        assert_eq!(outgoing.len(), LINKS as usize);
        // A shell reports in portions; here it is not part of what is measured.
        (0..LINKS).for_each(|link| exchange.sent(LinkId(link), frame.message().len()));
        value
    });
    // A delivery by a bare broadcast server costs 12,000 ns of CPU; a fiftieth of it is the room's share.
    measured.push(json!({
        "id": "sync/forward/500", "value": value, "unit": "ns per delivery", "spread": spread,
        "target": 240.0, "met": value <= 240.0, "reference": bare,
    }));
}

fn receiving(measured: &mut Vec<Json>) {
    let messages: Vec<Bytes> = frames(FRAMES).iter().map(|f| f.message().clone()).collect();
    let (value, spread) = median(|| {
        let mut exchange = exchange(Vector::new());
        join(&mut exchange, 1, Vector::new());
        let begin = Instant::now();
        for message in &messages {
            let received = exchange
                .receive(LinkId(1), message.clone(), Time(1))
                .unwrap();
            exchange.publish(&received.frames[0]);
        }
        begin.elapsed().as_nanos() as f64 / FRAMES as f64
    });
    measured.push(json!({
        "id": "sync/receive", "value": value, "unit": "ns per frame", "spread": spread,
        "target": 2_000.0, "met": value <= 2_000.0,
    }));
}

fn catching_up(measured: &mut Vec<Json>) {
    let frames = frames(1_000);
    let held: Vector = [(frames[0].header().stream, 1_000)].into_iter().collect();
    let (value, spread) = median(|| {
        let mut here = exchange(held.clone());
        let mut there = exchange(Vector::new());
        join(&mut there, 1, held.clone());
        let begin = Instant::now();
        let peer = Peer {
            device: device(9),
            side: Side::Accepted,
            protocol: 1,
        };
        here.connect(LinkId(1), peer, Time(0));
        let records = membership().records().to_vec();
        let members = Message::Members(records.into_iter().map(Bytes::from).collect());
        for message in [members, Message::Vector(Advert::default())] {
            here.receive(LinkId(1), message.encode(), Time(0)).unwrap();
        }
        let mut frames_there = 0;
        let mut sent = 0;
        loop {
            let outgoing = here.poll(Time(1));
            if outgoing.is_empty() {
                break;
            }
            for outgoing in outgoing {
                match outgoing {
                    Outgoing::Replay(link, ranges, max_bytes) => {
                        let from = ranges[0].from as usize - 1;
                        let count = max_bytes / frames[0].bytes().len();
                        let end = frames.len().min(from + count);
                        here.replayed(link, frames[from..end].to_vec());
                    }
                    Outgoing::Send(link, message) => {
                        here.sent(link, message.len());
                        sent += 1;
                        if matches!(message[0], 5 | 6) {
                            let received = there.receive(LinkId(1), message, Time(1)).unwrap();
                            frames_there += received.frames.len();
                        }
                    }
                    Outgoing::Drop(..) => panic!("the peer is honest"),
                }
            }
        }
        assert_eq!(frames_there, 1_000);
        assert!(sent < 10);
        begin.elapsed().as_micros() as f64
    });
    measured.push(json!({
        "id": "sync/catch-up/1000 frames", "value": value, "unit": "us, both sides", "spread": spread,
        "target": 5_000.0, "met": value <= 5_000.0,
    }));
}

fn weight(measured: &mut Vec<Json>) {
    let held: Vector = (0..10)
        .map(|name| {
            let device = device(name);
            (StreamId { device, nonce: 5 }, 100)
        })
        .collect();
    let before = HEAP.load(Ordering::Relaxed);
    let mut rooms: Vec<Exchange> = Vec::with_capacity(100);
    (0..100).for_each(|_| rooms.push(exchange(held.clone())));
    let room = (HEAP.load(Ordering::Relaxed) - before) as f64 / 100.0;
    let before = HEAP.load(Ordering::Relaxed);
    for room in &mut rooms {
        (0..10).for_each(|link| join(room, link, held.clone()));
    }
    let link = (HEAP.load(Ordering::Relaxed) - before) as f64 / 1000.0;
    measured.push(json!({
        "id": "sync/idle room, 10 streams", "value": room, "unit": "bytes", "target": 2_000.0,
        "met": room <= 2_000.0,
    }));
    measured.push(json!({
        "id": "sync/idle link, 10 streams", "value": link, "unit": "bytes", "target": 1_000.0,
        "met": link <= 1_000.0,
    }));
}
