//! What a relay counts, for whoever watches it. Nothing of it names a room, a device or an address.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{access::Turned, greet::Ungreeted};

/// Counters that servers and rooms share; copies count together.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    connections: Gauge,
    links: Gauge,
    refusals: [AtomicU64; Refusal::ALL.len()],
    offences: AtomicU64,
    received: Traffic,
    sent: Traffic,
    stored: Traffic,
    written: Histogram,
    durable: Histogram,
}

/// How it stands at one moment. Numbers of events are counted since the process began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// Connections there are, and how many there ever were.
    pub connections: (u64, u64),
    /// The same of links: connections that were greeted and are about a room.
    pub links: (u64, u64),
    /// Who was sent away, by reason.
    pub refusals: Vec<(Refusal, u64)>,
    /// What senders could have known to be wrong.
    pub offences: u64,
    /// Messages that came by links, and their bytes.
    pub received: (u64, u64),
    /// The same of those that left.
    pub sent: (u64, u64),
    /// Frames that were given to the store, and their bytes.
    pub stored: (u64, u64),
    /// How long it took until frames would survive the end of the process.
    pub written: Latency,
    /// The same for a loss of power.
    pub durable: Latency,
}

/// How long something took, how often.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// Seconds, and how often it took at most as long; rising.
    pub buckets: Vec<(f64, u64)>,
    /// How often in all.
    pub count: u64,
    /// Seconds in all.
    pub sum_s: f64,
}

/// Why somebody was sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many connections as there may be.
    Connections,
    /// The same from one address.
    Address,
    /// The same of one device.
    Device,
    /// Connections come too fast.
    Rate,
    /// No memory is left for more.
    Memory,
    /// From another machine, where only this one may come.
    Foreign,
    /// No TLS handshake that counts.
    Handshake,
    /// Nothing was said in time.
    Silent,
    /// What was said is no greeting, or not the truth.
    Greeting,
    /// No owner of the room may keep rooms here.
    NotHosted,
    /// The room has all the space that it may have.
    RoomFull,
    /// Its owner has.
    OwnerFull,
}

impl Refusal {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 12] = [
        Self::Connections,
        Self::Address,
        Self::Device,
        Self::Rate,
        Self::Memory,
        Self::Foreign,
        Self::Handshake,
        Self::Silent,
        Self::Greeting,
        Self::NotHosted,
        Self::RoomFull,
        Self::OwnerFull,
    ];

    /// What it is called where numbers are shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Address => "address",
            Self::Device => "device",
            Self::Rate => "rate",
            Self::Memory => "memory",
            Self::Foreign => "foreign",
            Self::Handshake => "handshake",
            Self::Silent => "silent",
            Self::Greeting => "greeting",
            Self::NotHosted => "not_hosted",
            Self::RoomFull => "room_full",
            Self::OwnerFull => "owner_full",
        }
    }
}

impl From<Turned> for Refusal {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Foreign => Self::Foreign,
            Turned::Address => Self::Address,
            Turned::Full => Self::Connections,
            Turned::TooFast => Self::Rate,
            Turned::Memory => Self::Memory,
        }
    }
}

impl From<&Ungreeted> for Refusal {
    fn from(why: &Ungreeted) -> Self {
        match why {
            Ungreeted::TooMany(_) => Self::Device,
            Ungreeted::Gone(_) => Self::Silent,
            _ => Self::Greeting,
        }
    }
}

/// Something that is there; no longer counted when this is dropped.
pub(crate) struct Present {
    metrics: Metrics,
    gauge: fn(&Counters) -> &Gauge,
}

impl Drop for Present {
    fn drop(&mut self) {
        let gauge = (self.gauge)(&self.metrics.0);
        gauge.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Gauge {
    now: AtomicU64,
    ever: AtomicU64,
}

#[derive(Debug, Default)]
struct Traffic {
    items: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    fn add(&self, items: u64, bytes: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn now(&self) -> (u64, u64) {
        (now(&self.items), now(&self.bytes))
    }
}

/// Upper ends of the buckets, in microseconds: from a commit that another one carried along to a disk that hangs.
const BUCKETS_US: [u64; 12] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
];

#[derive(Debug, Default)]
struct Histogram {
    /// One more for what took longer than any.
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    fn note(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BUCKETS_US.partition_point(|end| *end < us);
        self.buckets[place].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn now(&self) -> Latency {
        let mut count = 0;
        let mut buckets = Vec::with_capacity(BUCKETS_US.len());
        for (end_us, bucket) in BUCKETS_US.iter().zip(&self.buckets) {
            count += now(bucket);
            buckets.push((seconds(*end_us), count));
        }
        Latency {
            buckets,
            count: count + now(&self.buckets[BUCKETS_US.len()]),
            sum_s: seconds(now(&self.sum_us)),
        }
    }
}

impl Metrics {
    /// How it stands now. Numbers that change together may differ by what happens meanwhile.
    pub fn counted(&self) -> Counted {
        let counters = &*self.0;
        let gauge = |gauge: &Gauge| (now(&gauge.now), now(&gauge.ever));
        let refusals = Refusal::ALL.into_iter().zip(&counters.refusals);
        Counted {
            connections: gauge(&counters.connections),
            links: gauge(&counters.links),
            refusals: refusals.map(|(it, count)| (it, now(count))).collect(),
            offences: now(&counters.offences),
            received: counters.received.now(),
            sent: counters.sent.now(),
            stored: counters.stored.now(),
            written: counters.written.now(),
            durable: counters.durable.now(),
        }
    }

    pub(crate) fn connection(&self) -> Present {
        self.present(|it| &it.connections)
    }

    pub(crate) fn link(&self) -> Present {
        self.present(|it| &it.links)
    }

    pub(crate) fn refuse(&self, why: impl Into<Refusal>) {
        self.refuse_all(why.into(), 1);
    }

    pub(crate) fn refuse_all(&self, why: Refusal, count: usize) {
        self.0.refusals[why as usize].fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn offend(&self) {
        self.0.offences.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn receive(&self, bytes: usize) {
        self.0.received.add(1, bytes as u64);
    }

    pub(crate) fn send(&self, bytes: usize) {
        self.0.sent.add(1, bytes as u64);
    }

    pub(crate) fn store(&self, frames: usize, bytes: u64) {
        self.0.stored.add(frames as u64, bytes);
    }

    pub(crate) fn written(&self, took: Duration) {
        self.0.written.note(took);
    }

    pub(crate) fn durable(&self, took: Duration) {
        self.0.durable.note(took);
    }

    fn present(&self, gauge: fn(&Counters) -> &Gauge) -> Present {
        let counted = gauge(&self.0);
        counted.now.fetch_add(1, Ordering::Relaxed);
        counted.ever.fetch_add(1, Ordering::Relaxed);
        Present {
            metrics: self.clone(),
            gauge,
        }
    }
}

fn now(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_counted_while_it_is() {
        let metrics = Metrics::default();
        let first = metrics.connection();
        let _second = metrics.clone().connection();
        drop(first);
        assert_eq!(metrics.counted().connections, (1, 2));
        assert_eq!(metrics.counted().links, (0, 0));
    }

    #[test]
    fn every_reason_has_its_own_count_and_word() {
        let metrics = Metrics::default();
        for (count, why) in Refusal::ALL.into_iter().enumerate() {
            metrics.refuse_all(why, count + 1);
        }
        let counted = metrics.counted().refusals;
        let expected = Refusal::ALL.into_iter().zip(1..);
        assert!(counted.iter().copied().eq(expected), "{counted:?}");
        let mut words = Refusal::ALL.map(Refusal::word).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Refusal::ALL.len());
    }

    #[test]
    fn a_histogram_rises_and_counts_what_is_longer_than_any_bucket() {
        let metrics = Metrics::default();
        for us in [0, 250, 251, 3_000, 60_000_000] {
            metrics.durable(Duration::from_micros(us));
        }
        let latency = metrics.counted().durable;
        assert_eq!(
            latency.buckets[..3],
            [(0.00025, 2), (0.0005, 3), (0.001, 3)]
        );
        assert_eq!(latency.buckets.last(), Some(&(5.0, 4)));
        assert_eq!(latency.count, 5);
        assert!(
            (latency.sum_s - 60.003501).abs() < 1e-9,
            "{}",
            latency.sum_s
        );
    }
}
