//! Machines of a closed room and the links between them, on which messages wait until they are delivered.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use sync::{
    Content, Document, Draft, Exchange, Frame, Frontier, Limits, LinkError, LinkId, LogRange,
    Message, Outgoing, Peer, Received, Setup, Side, Signal, StreamId, Time, Vector,
};
use trust::testing::Actor;
use trust::{DeviceId, Right, Standing};

/// Somebody with keys, an exchange, a log in memory, and what she has seen since she last wrote.
pub struct Machine {
    pub actor: Actor,
    pub exchange: Exchange,
    pub log: BTreeMap<(StreamId, u64), Frame>,
    pub signals: Vec<Signal>,
    frontier: Frontier,
}

impl Machine {
    pub fn new(actor: Actor) -> Self {
        let exchange = exchange(&actor, Vector::new());
        Self {
            actor,
            exchange,
            log: BTreeMap::new(),
            signals: Vec::new(),
            frontier: Frontier::new(),
        }
    }

    pub fn device(&self) -> DeviceId {
        self.actor.device()
    }

    pub fn stream(&self) -> StreamId {
        StreamId {
            device: self.device(),
            nonce: 7,
        }
    }

    pub fn held(&self, stream: StreamId) -> u64 {
        self.exchange.held().get(&stream)
    }

    pub fn may(&self, right: Right) -> bool {
        let membership = self.exchange.membership();
        membership.permits(&self.device(), right).is_ok()
    }

    /// The next frame of its stream, listing what was seen of others. It is written whether it is permitted or not.
    pub fn write(&mut self, document: Document) -> Frame {
        let deps = self.frontier.take(Content::Changes.right(document));
        let frame = self.sign(document, Content::Changes, &deps);
        self.keep(&frame);
        frame
    }

    /// A frame in the next place of its stream, which is not written.
    pub fn sign(&self, document: Document, content: Content<'_>, deps: &[sync::FrameId]) -> Frame {
        let draft = Draft {
            room: self.actor.log.room(),
            document,
            epoch: 1,
            stream: self.stream(),
            number: self.held(self.stream()) + 1,
            deps,
            content,
            payload: b"sealed",
        };
        Frame::sign(&draft, &self.actor.key).expect("a small frame")
    }

    /// What it has said in its copy of the log goes out.
    pub fn tell(&mut self) {
        let log = self.actor.log.clone();
        self.exchange.merge_members(&log).expect("its own log");
    }

    /// The device's frames that are here, as a cut.
    pub fn cut_of(&self, device: DeviceId) -> Vec<(u64, u64)> {
        let held = self.exchange.held();
        let own = held.iter().filter(|(stream, _)| stream.device == device);
        own.map(|(stream, number)| (stream.nonce, number)).collect()
    }

    /// The process ends and begins again; what was seen since the last own frame is kept by the host.
    pub fn restart(&mut self) {
        self.exchange = exchange(&self.actor, self.exchange.held());
        for frame in self.log.values() {
            self.exchange.recall(frame);
        }
    }

    pub fn keep(&mut self, frame: &Frame) {
        let header = frame.header();
        let place = (header.stream, header.number);
        self.log.insert(place, frame.clone());
        self.exchange.publish(frame);
    }

    fn take(&mut self, received: Received) {
        if let Some(base) = &received.base {
            self.exchange.rebase(base.clone());
        }
        for frame in &received.frames {
            self.keep(frame);
            if frame.header().stream != self.stream() {
                self.frontier.see(frame);
            }
        }
        self.signals.extend(received.signals);
        self.actor.log = self.exchange.membership().clone();
    }

    fn read(&self, ranges: &[LogRange]) -> Vec<Frame> {
        let places = ranges.iter().flat_map(|range| {
            let numbers = range.from..=range.through;
            numbers.map(|number| (range.stream, number))
        });
        places
            .filter_map(|place| self.log.get(&place).cloned())
            .collect()
    }
}

fn exchange(actor: &Actor, held: Vector) -> Exchange {
    Exchange::new(Setup {
        device: actor.device(),
        membership: actor.log.clone(),
        held,
        base: None,
        own: None,
        limits: Limits::default(),
    })
}

struct Link {
    ends: [usize; 2],
    /// What each end has sent and the other has not received.
    queue: [VecDeque<Bytes>; 2],
}

#[derive(Default)]
pub struct House {
    pub machines: Vec<Machine>,
    links: BTreeMap<LinkId, Link>,
    last_link: u64,
    pub now: Time,
    /// Which machine has ended a link to which, and why.
    pub ended: Vec<(usize, usize, LinkError)>,
    /// Frames that somebody took although they did not count.
    pub wrongly_taken: Vec<(usize, StreamId, u64)>,
}

impl House {
    /// These machines, of which each knows what the last one knows.
    pub fn of(actors: Vec<Actor>) -> Self {
        Self {
            machines: actors.into_iter().map(Machine::new).collect(),
            ..Self::default()
        }
    }

    pub fn join(&mut self, from: usize, to: usize) -> LinkId {
        self.last_link += 1;
        let id = LinkId(self.last_link);
        let link = Link {
            ends: [from, to],
            queue: Default::default(),
        };
        self.links.insert(id, link);
        for (at, other, side) in [(from, to, Side::Dialled), (to, from, Side::Accepted)] {
            let peer = Peer {
                device: self.machines[other].device(),
                side,
                protocol: 1,
            };
            self.machines[at].exchange.connect(id, peer, self.now);
        }
        id
    }

    pub fn are_joined(&self, one: usize, other: usize) -> bool {
        let joins = |link: &Link| link.ends.contains(&one) && link.ends.contains(&other);
        self.links.values().any(joins)
    }

    pub fn cut(&mut self, id: LinkId) {
        if let Some(link) = self.links.remove(&id) {
            for end in link.ends {
                self.machines[end].exchange.disconnect(id);
            }
        }
    }

    pub fn cut_all_of(&mut self, machine: usize) {
        let of = self
            .links
            .iter()
            .filter(|(_, link)| link.ends.contains(&machine));
        let ids: Vec<LinkId> = of.map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.cut(id));
    }

    pub fn link_ids(&self) -> Vec<LinkId> {
        self.links.keys().copied().collect()
    }

    /// A machine receives a message that the other end of a link did not send.
    pub fn say(
        &mut self,
        link: LinkId,
        to: usize,
        message: &Message,
    ) -> Result<Received, LinkError> {
        let exchange = &mut self.machines[to].exchange;
        exchange.receive(link, message.encode(), self.now)
    }

    /// Moves what the machines want to send to the links.
    pub fn poll(&mut self) {
        for at in 0..self.machines.len() {
            for outgoing in self.machines[at].exchange.poll(self.now) {
                self.carry_out(at, outgoing);
            }
        }
    }

    fn carry_out(&mut self, at: usize, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Send(id, message) => {
                self.machines[at].exchange.sent(id, message.len());
                if let Some(link) = self.links.get_mut(&id) {
                    let end = usize::from(link.ends[1] == at);
                    link.queue[end].push_back(message);
                }
            }
            Outgoing::Replay(id, ranges, _) => {
                let frames = self.machines[at].read(&ranges);
                self.machines[at].exchange.replayed(id, frames);
            }
            Outgoing::Drop(id, error) => self.end(at, id, error),
        }
    }

    /// The other end gets what was sent before.
    fn end(&mut self, at: usize, id: LinkId, error: LinkError) {
        let Some(mut link) = self.links.remove(&id) else {
            return;
        };
        let end = usize::from(link.ends[1] == at);
        let other = link.ends[1 - end];
        self.ended.push((at, other, error));
        for message in link.queue[end].drain(..) {
            let exchange = &mut self.machines[other].exchange;
            if let Ok(received) = exchange.receive(id, message, self.now) {
                self.machines[other].take(received);
            }
        }
        self.machines[other].exchange.disconnect(id);
    }

    /// Somebody stands between the ends of a link, and drops, repeats, swaps, changes or puts in what he has seen on another.
    pub fn tamper(&mut self, id: LinkId, end: usize, mut draw: impl FnMut(usize) -> usize) {
        let seen = self
            .links
            .values()
            .flat_map(|link| link.queue.iter().flatten());
        let seen: Vec<Bytes> = seen.cloned().collect();
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let queue = &mut link.queue[end];
        if queue.is_empty() {
            return;
        }
        let (place, other) = (draw(queue.len()), draw(queue.len()));
        match draw(5) {
            0 => drop(queue.remove(place)),
            1 => queue.push_back(queue[place].clone()),
            2 => queue.swap(place, other),
            3 => queue.insert(place, seen[draw(seen.len())].clone()),
            _ => {
                let mut bytes = queue[place].to_vec();
                let at = draw(bytes.len());
                bytes[at] ^= 1 << draw(8);
                queue[place] = bytes.into();
            }
        }
    }

    /// Delivers the first message that one end of a link has sent; false if there is none.
    pub fn deliver(&mut self, id: LinkId, end: usize) -> bool {
        let Some(link) = self.links.get_mut(&id) else {
            return false;
        };
        let Some(message) = link.queue[end].pop_front() else {
            return false;
        };
        let to = link.ends[1 - end];
        match self.machines[to].exchange.receive(id, message, self.now) {
            Ok(received) => self.take(to, received),
            Err(error) => self.end(to, id, error),
        }
        true
    }

    fn take(&mut self, to: usize, received: Received) {
        let frames = received.frames.clone();
        self.machines[to].take(received);
        for frame in frames {
            if !self.counts_for(to, &frame) {
                let header = frame.header();
                self.wrongly_taken.push((to, header.stream, header.number));
            }
        }
    }

    /// Whether a frame counts by itself, or a later one of its stream, or it, is listed by what the machine holds.
    fn counts_for(&self, machine: usize, frame: &Frame) -> bool {
        let (header, machine) = (frame.header(), &self.machines[machine]);
        let (stream, number) = (header.stream, header.number);
        let membership = machine.exchange.membership();
        let standing = membership.standing(&stream.device, header.right(), stream.nonce, number);
        let author = self.machines.iter().find(|other| other.stream() == stream);
        let later = author
            .expect("one of the machines")
            .log
            .range((stream, number)..);
        let mut later = later.take_while(|((other, _), _)| *other == stream);
        let is_listed = |id| {
            machine
                .log
                .values()
                .any(|held| held.deps().any(|dep| dep == id))
        };
        standing == Standing::Counts || later.any(|(_, frame)| is_listed(frame.id()))
    }

    /// Delivers until nobody has anything to say, and lets as much time pass as somebody waits for.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            self.poll();
            let mut is_busy = false;
            for id in self.link_ids() {
                for end in [0, 1] {
                    is_busy |= self.deliver(id, end);
                    self.poll();
                }
            }
            let waits = self
                .machines
                .iter()
                .filter_map(|machine| machine.exchange.wake());
            match waits.min() {
                _ if is_busy => {}
                Some(due) => self.now = due.max(self.now.plus_ms(1)),
                None => return,
            }
        }
        panic!("it does not come to rest");
    }
}
