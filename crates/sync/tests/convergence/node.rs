//! A machine: an exchange, a disk that takes its time, and what a host does with both.

use std::collections::VecDeque;

use sync::{
    Base, Content, CountersignatureBody, Document, Draft, Exchange, Frame, Heads, Limits, LinkId,
    LogRange, Outgoing, Received, Setup, Signal, SignalKind, SnapshotBody, Snapshots, State,
    StreamId, Time, Vector,
};
use trust::{DeviceId, Genesis, Membership};

use crate::disk::Disk;
use crate::world::Broken;

pub struct Node {
    pub device: DeviceId,
    /// None while it is down.
    pub exchange: Option<Exchange>,
    pub disk: Disk,
    /// Handed to the writer and not written.
    pub pending: VecDeque<(Vec<Frame>, Option<Base>)>,
    pub reads: VecDeque<(LinkId, Vec<LogRange>, usize)>,
    pub snapshots: Snapshots,
    own: StreamId,
    number: u64,
    /// What was handed over since the start.
    handed: Vector,
    /// What was ever durable.
    pub durable: Vector,
    session: u64,
    counter: u64,
    pub limits: Limits,
}

pub fn membership() -> Membership {
    Membership::begin(&Genesis::new([1; 32], [2; 32]))
}

impl Node {
    pub fn new(name: u8, limits: Limits) -> Self {
        let device = DeviceId([name; 32]);
        let mut node = Self {
            device,
            exchange: None,
            disk: Disk::default(),
            pending: VecDeque::new(),
            reads: VecDeque::new(),
            snapshots: Snapshots::new(),
            own: StreamId { device, nonce: 0 },
            number: 0,
            handed: Vector::new(),
            durable: Vector::new(),
            session: 0,
            counter: 0,
            limits,
        };
        node.start(true);
        node
    }

    pub fn start(&mut self, fresh: bool) {
        self.session += 1;
        if fresh {
            self.own.nonce = self.session;
        }
        let held = self.disk.held();
        self.number = held.get(&self.own);
        self.handed = held.clone();
        self.snapshots = Snapshots::new();
        let frames: Vec<Frame> = self.disk.log.values().cloned().collect();
        for frame in frames {
            self.snapshots.see(&frame, 0);
        }
        // What is found at the start is synced before it is vouched for.
        self.disk.sync();
        self.durable.merge(&held);
        self.exchange = Some(Exchange::new(Setup {
            device: self.device,
            membership: membership(),
            held,
            base: self.disk.base.clone(),
            own: Some(self.own),
            limits: self.limits,
        }));
    }

    pub fn stop(&mut self) {
        self.exchange = None;
        self.pending.clear();
        self.reads.clear();
    }

    pub fn exchange(&mut self) -> &mut Exchange {
        self.exchange.as_mut().expect("the machine is up")
    }

    pub fn mint(&mut self, content: Content<'_>, payload: &[u8]) {
        self.number += 1;
        let document = match content {
            Content::Changes => Document::Project,
            _ => Document::Room,
        };
        let frame = Frame::mint(&Draft {
            room: membership().room(),
            document,
            epoch: 0,
            stream: self.own,
            number: self.number,
            deps: &[],
            content,
            payload,
        })
        .expect("a frame within the limits");
        self.handed.raise(self.own, self.number);
        self.pending.push_back((vec![frame], None));
    }

    pub fn is_written(&self) -> bool {
        self.pending.is_empty()
    }

    /// A snapshot of all that is held.
    pub fn snapshot(&mut self) -> bool {
        let held = self.disk.held();
        if !self.is_written() || held.is_empty() {
            return false;
        }
        let heads = heads(&held);
        let body = SnapshotBody {
            vector: held,
            heads,
        };
        self.mint(Content::Snapshot(&body), b"everything");
        true
    }

    pub fn countersign(&mut self) -> bool {
        let held = self.disk.held();
        let Some(snapshot) = self.snapshots.to_countersign(&self.device, &held) else {
            return false;
        };
        let body = CountersignatureBody {
            snapshot: snapshot.id,
            heads: heads(&snapshot.counted),
        };
        self.mint(Content::Countersignature(body), b"");
        true
    }

    /// Drops what a countersigned snapshot counts.
    pub fn compact(&mut self) -> Result<bool, Broken> {
        let held = self.disk.held();
        let Some(snapshot) = self.snapshots.may_drop(&held, self.disk.base.as_ref(), 0) else {
            return Ok(false);
        };
        if !self.is_written() {
            return Ok(false);
        }
        let snapshot = snapshot.clone();
        let base = self.exchange().base_below(&snapshot);
        self.disk.drop_below(&base)?;
        self.exchange().rebase(base);
        Ok(true)
    }

    pub fn write_out(&mut self) -> Result<bool, Broken> {
        let Some((frames, base)) = self.pending.pop_front() else {
            return Ok(false);
        };
        self.disk.write(&frames, base.as_ref())?;
        if let Some(base) = base {
            self.exchange().rebase(base);
        }
        for frame in &frames {
            self.snapshots.see(frame, 0);
            self.exchange().publish(frame);
        }
        Ok(true)
    }

    pub fn sync(&mut self, now: Time) -> bool {
        if self.disk.is_synced() {
            return false;
        }
        self.disk.sync();
        let held = self.disk.held();
        self.durable.merge(&held);
        for (stream, number) in held.iter() {
            self.exchange().durable(stream, number, now);
        }
        true
    }

    pub fn read_log(&mut self) -> bool {
        let Some((link, ranges, max_bytes)) = self.reads.pop_front() else {
            return false;
        };
        let frames = self.disk.read(&ranges, max_bytes);
        self.exchange().replayed(link, frames);
        true
    }

    /// The disk refuses everything that waits.
    pub fn refuse(&mut self) -> bool {
        let own = self.own;
        let is_own =
            |(frames, _): &(Vec<Frame>, _)| frames.iter().any(|f| f.header().stream == own);
        if self.pending.is_empty() || self.pending.iter().any(is_own) {
            return false;
        }
        self.pending.clear();
        self.handed = self.disk.held();
        self.exchange().refused();
        true
    }

    pub fn say(&mut self, kind: SignalKind, now: Time) {
        self.counter += 1;
        let held = self.disk.held();
        let payload = match kind {
            SignalKind::State => State::of(&held, Some(heads(&held))).encode(),
            _ => vec![7; 100].into(),
        };
        let signal = Signal {
            device: self.device,
            session: self.session,
            counter: self.counter,
            kind,
            payload,
            signature: None,
        };
        self.exchange().signal(signal, now);
    }

    /// What a message brought: in order, and nothing for the second time.
    pub fn take(&mut self, received: Received) -> Result<(), Broken> {
        if received.own_stream_taken {
            self.own.nonce += 1000;
            self.number = 0;
            let own = self.own;
            self.exchange().begin_stream(own);
        }
        if !received.diverged.is_empty() {
            return Err(format!("{:?} have not diverged", received.diverged));
        }
        for frame in &received.frames {
            let (stream, number) = (frame.header().stream, frame.header().number);
            let before = self.handed.get(&stream);
            let stands = |base: &Base| base.stands(stream, number);
            let is_base = received.base.as_ref().is_some_and(stands);
            if number <= before && !is_base {
                return Err(format!("{stream:?} {number} is handed over twice"));
            }
            let counted = received.base.as_ref().map_or(0, |base| {
                base.vector()
                    .get(&stream)
                    .max(if is_base { number } else { 0 })
            });
            if number > before.max(counted) + 1 {
                return Err(format!("{stream:?} {number} comes after {before}"));
            }
            self.handed.raise(stream, number);
        }
        if let Some(base) = &received.base {
            self.handed.merge(base.vector());
        }
        if !received.frames.is_empty() || received.base.is_some() {
            self.pending.push_back((received.frames, received.base));
        }
        Ok(())
    }

    pub fn poll(&mut self, now: Time) -> Result<Vec<Outgoing>, Broken> {
        let Some(exchange) = &mut self.exchange else {
            return Ok(Vec::new());
        };
        let outgoing = exchange.poll(now);
        let more = exchange.poll(now);
        match more.is_empty() {
            true => Ok(outgoing),
            false => Err(format!("a second poll says {more:?}")),
        }
    }

    /// What must hold at any time.
    pub fn check(&self) -> Result<(), Broken> {
        let Some(exchange) = &self.exchange else {
            return Ok(());
        };
        let (said, held) = (exchange.held(), self.disk.held());
        if said != held {
            return Err(format!("it says {said:?}, its disk has {held:?}"));
        }
        if exchange.base() != self.disk.base.as_ref() {
            return Err("its base is not the one on its disk".to_owned());
        }
        self.disk.check()
    }
}

fn heads(held: &Vector) -> Heads {
    Heads(held.digest())
}
