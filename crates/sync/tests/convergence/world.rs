//! Machines, links and what can happen to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use sync::{
    Content, Frame, Limits, LinkId, Message, Outgoing, Peer, Side, SignalKind, StreamId, Time,
    Vector,
};

use crate::node::Node;
use crate::random::Random;

pub type Broken = String;

/// All that can happen; a batch of runs must have seen each.
pub const EVENTS: &[&str] = &[
    "write",
    "write large",
    "write out",
    "sync",
    "deliver",
    "deliver twice",
    "read log",
    "dial",
    "cut",
    "half-open",
    "kill",
    "power loss",
    "wipe",
    "start",
    "snapshot",
    "countersign",
    "compact",
    "refuse",
    "presence",
    "state",
    "wait",
    "leap",
];

/// The largest frame's payload.
const LARGE_BYTES: usize = 6000;

struct Link {
    /// Who dialled whom.
    ends: [usize; 2],
    /// Whether each end believes that it is up.
    is_up: [bool; 2],
    /// What is on its way from each end.
    queue: [VecDeque<Bytes>; 2],
    /// What has left and was not reported.
    unreported: [usize; 2],
    /// Frames that came along here, by the end from which they came.
    brought: [BTreeSet<(StreamId, u64)>; 2],
}

pub struct World {
    random: Random,
    nodes: Vec<Node>,
    links: BTreeMap<LinkId, Link>,
    next_link: u64,
    now: Time,
    pub counts: BTreeMap<&'static str, usize>,
    /// Which pairs can reach each other.
    reach: BTreeSet<(usize, usize)>,
}

impl Link {
    /// Nobody sends a frame to where it got it from. A snapshot may go, in place of what it counts.
    fn watch_for_echo(&self, end: usize, message: &Bytes) -> Result<(), Broken> {
        let frames = frames(message);
        let mut changes = frames.iter().filter(|frame| frame.snapshot().is_none());
        match changes.find(|frame| self.brought[1 - end].contains(&place(frame))) {
            Some(frame) => Err(format!("{:?} goes back", place(frame))),
            None => Ok(()),
        }
    }
}

fn place(frame: &Frame) -> (StreamId, u64) {
    (frame.header().stream, frame.header().number)
}

fn frames(message: &Bytes) -> Vec<Frame> {
    match Message::decode(message.clone()) {
        Ok(Message::Frame(frame)) => vec![frame],
        Ok(Message::Frames(frames)) => frames,
        _ => Vec::new(),
    }
}

fn limits(random: &mut Random) -> Limits {
    let link_bytes = 1000 + random.below(8000);
    Limits {
        link_bytes,
        room_bytes: 3 * link_bytes,
        least_link_bytes: 1000,
        recent_bytes: [0, 500, 3000][random.below(3)],
        replays: 1 + random.below(2),
        ..Limits::default()
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let size = 2 + random.below(5);
        let nodes = (1..=size).map(|name| Node::new(name as u8, limits(&mut random)));
        let nodes = nodes.collect();
        let mut reach = BTreeSet::new();
        // A chain joins everybody up; in some worlds that is all there is.
        for node in 1..size {
            reach.insert((node - 1, node));
        }
        for _ in 0..random.below(2 * size) {
            let (a, b) = (random.below(size), random.below(size));
            if a != b {
                reach.insert((a.min(b), a.max(b)));
            }
        }
        let mut world = Self {
            random,
            nodes,
            links: BTreeMap::new(),
            next_link: 1,
            now: Time(1),
            counts: BTreeMap::new(),
            reach,
        };
        for (a, b) in world.reach.clone() {
            world.join([a, b]);
        }
        world
    }

    pub fn step(&mut self) -> Result<(), Broken> {
        let node = self.random.below(self.nodes.len());
        let event = match self.random.below(1000) {
            0..110 => self.write(node),
            110..130 => self.write_large(node),
            130..300 => self.write_out(node)?,
            300..350 => self.sync(node),
            350..680 => self.deliver_some()?,
            680..760 => self.read_log(node),
            760..850 => self.dial(),
            850..856 => self.cut(),
            856..860 => self.half_open(),
            860..863 => self.kill(node),
            863..866 => self.lose_power(node),
            866..868 => self.wipe(node),
            868..900 => self.start(node),
            900..912 => self.snapshot(node)?,
            912..932 => self.countersign(node)?,
            932..955 => self.compact(node)?,
            955..965 => self.refuse(node),
            965..970 => self.say(node, SignalKind::Presence, "presence"),
            970..975 => self.say(node, SignalKind::State, "state"),
            _ => self.wait(),
        };
        self.count(event);
        self.carry_out()?;
        self.check_node(node)
    }

    fn count(&mut self, event: Option<&'static str>) {
        if let Some(event) = event {
            *self.counts.entry(event).or_default() += 1;
        }
    }

    fn is_up(&self, node: usize) -> bool {
        self.nodes[node].exchange.is_some()
    }

    fn write(&mut self, node: usize) -> Option<&'static str> {
        let payload = vec![1; self.random.below(300)];
        self.is_up(node).then(|| {
            self.nodes[node].mint(Content::Changes, &payload);
            "write"
        })
    }

    fn write_large(&mut self, node: usize) -> Option<&'static str> {
        let payload = vec![2; self.random.below(LARGE_BYTES)];
        self.is_up(node).then(|| {
            self.nodes[node].mint(Content::Changes, &payload);
            "write large"
        })
    }

    fn write_out(&mut self, node: usize) -> Result<Option<&'static str>, Broken> {
        let written = self.is_up(node) && self.nodes[node].write_out()?;
        Ok(written.then_some("write out"))
    }

    fn sync(&mut self, node: usize) -> Option<&'static str> {
        let now = self.now;
        (self.is_up(node) && self.nodes[node].sync(now)).then_some("sync")
    }

    fn read_log(&mut self, node: usize) -> Option<&'static str> {
        (self.is_up(node) && self.nodes[node].read_log()).then_some("read log")
    }

    fn deliver_some(&mut self) -> Result<Option<&'static str>, Broken> {
        for _ in 0..self.random.below(4) {
            let event = self.deliver()?;
            self.count(event);
            self.carry_out()?;
        }
        self.deliver()
    }

    fn deliver(&mut self) -> Result<Option<&'static str>, Broken> {
        let mut waiting = Vec::new();
        for (id, link) in &self.links {
            let ends = [0, 1]
                .into_iter()
                .filter(|&end| !link.queue[end].is_empty());
            waiting.extend(ends.map(|end| (*id, end)));
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        let (id, end) = waiting[self.random.below(waiting.len())];
        let twice = self.random.one_in(20);
        self.deliver_on(id, end, twice)
    }

    /// Delivers the next message that left `end`.
    fn deliver_on(
        &mut self,
        id: LinkId,
        end: usize,
        twice: bool,
    ) -> Result<Option<&'static str>, Broken> {
        let lazy = self.random.below(200);
        let link = self.links.get_mut(&id).expect("a link that is there");
        let Some(message) = link.queue[end].pop_front() else {
            return Ok(None);
        };
        link.unreported[end] += message.len();
        if link.is_up[end] && (link.queue[end].is_empty() || link.unreported[end] > lazy) {
            let bytes = std::mem::take(&mut link.unreported[end]);
            self.nodes[link.ends[end]].exchange().sent(id, bytes);
        }
        if !link.is_up[1 - end] {
            return Ok(None);
        }
        self.links
            .get_mut(&id)
            .expect("a link that is there")
            .brought[end]
            .extend(frames(&message).iter().map(place));
        let may_repeat = matches!(message[0], 3..=6);
        self.receive(id, end, message.clone())?;
        if twice && may_repeat {
            self.receive(id, end, message)?;
            return Ok(Some("deliver twice"));
        }
        Ok(Some("deliver"))
    }

    fn receive(&mut self, id: LinkId, end: usize, message: Bytes) -> Result<(), Broken> {
        let now = self.now;
        let to = self.links[&id].ends[1 - end];
        let received = self.nodes[to].exchange().receive(id, message, now);
        let received = received.map_err(|error| format!("an honest peer is refused: {error}"))?;
        if received.base.is_some() {
            self.count(Some("leap"));
        }
        self.nodes[to].take(received)
    }

    fn dial(&mut self) -> Option<&'static str> {
        let pairs: Vec<_> = self.reach.iter().copied().collect();
        let (a, b) = pairs[self.random.below(pairs.len())];
        let is_joined = self
            .links
            .values()
            .any(|link| link.is_up == [true, true] && (link.ends == [a, b] || link.ends == [b, a]));
        // Now and then two links join the same two.
        if !self.is_up(a) || !self.is_up(b) || (is_joined && !self.random.one_in(20)) {
            return None;
        }
        let ends = if self.random.one_in(2) {
            [a, b]
        } else {
            [b, a]
        };
        self.join(ends);
        Some("dial")
    }

    fn join(&mut self, ends: [usize; 2]) {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        let link = Link {
            ends,
            is_up: [true, true],
            queue: Default::default(),
            unreported: [0, 0],
            brought: Default::default(),
        };
        self.links.insert(id, link);
        for (end, side) in [Side::Dialled, Side::Accepted].into_iter().enumerate() {
            let peer = Peer {
                device: self.nodes[ends[1 - end]].device,
                side,
                protocol: 1,
            };
            let now = self.now;
            self.nodes[ends[end]].exchange().connect(id, peer, now);
        }
    }

    fn any_link(&mut self) -> Option<LinkId> {
        let ids: Vec<_> = self.links.keys().copied().collect();
        (!ids.is_empty()).then(|| ids[self.random.below(ids.len())])
    }

    fn cut(&mut self) -> Option<&'static str> {
        let id = self.any_link()?;
        self.close(id, 0);
        self.close(id, 1);
        Some("cut")
    }

    /// One end gives up; the other does not know.
    fn half_open(&mut self) -> Option<&'static str> {
        let id = self.any_link()?;
        let end = self.random.below(2);
        self.close(id, end);
        Some("half-open")
    }

    fn close(&mut self, id: LinkId, end: usize) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if std::mem::take(&mut link.is_up[end]) && self.nodes[link.ends[end]].exchange.is_some() {
            self.nodes[link.ends[end]].exchange().disconnect(id);
        }
        link.queue[end].clear();
        if link.is_up == [false, false] {
            self.links.remove(&id);
        }
    }

    fn go_down(&mut self, node: usize) {
        self.nodes[node].stop();
        let ends = self.links.iter().flat_map(|(id, link)| {
            let ends = [0, 1].into_iter().filter(|&end| link.ends[end] == node);
            ends.map(|end| (*id, end)).collect::<Vec<_>>()
        });
        let ends: Vec<_> = ends.collect();
        for (id, end) in ends {
            self.close(id, end);
        }
    }

    fn kill(&mut self, node: usize) -> Option<&'static str> {
        self.is_up(node).then(|| {
            self.go_down(node);
            "kill"
        })
    }

    fn lose_power(&mut self, node: usize) -> Option<&'static str> {
        self.is_up(node).then(|| {
            self.go_down(node);
            self.nodes[node].disk.lose_power();
            "power loss"
        })
    }

    /// Somebody new, on the same machine.
    fn wipe(&mut self, node: usize) -> Option<&'static str> {
        self.is_up(node).then(|| {
            self.go_down(node);
            self.nodes[node].disk = Default::default();
            "wipe"
        })
    }

    fn start(&mut self, node: usize) -> Option<&'static str> {
        (!self.is_up(node)).then(|| {
            self.nodes[node].start(true);
            "start"
        })
    }

    /// The host waits for its writer before it does anything about snapshots.
    fn is_settled(&mut self, node: usize) -> Result<bool, Broken> {
        while self.is_up(node) && self.nodes[node].write_out()? {}
        Ok(self.is_up(node))
    }

    fn snapshot(&mut self, node: usize) -> Result<Option<&'static str>, Broken> {
        let made = self.is_settled(node)? && self.nodes[node].snapshot();
        Ok(made.then_some("snapshot"))
    }

    fn countersign(&mut self, node: usize) -> Result<Option<&'static str>, Broken> {
        let signed = self.is_settled(node)? && self.nodes[node].countersign();
        Ok(signed.then_some("countersign"))
    }

    fn compact(&mut self, node: usize) -> Result<Option<&'static str>, Broken> {
        let compacted = self.is_settled(node)? && self.nodes[node].compact()?;
        Ok(compacted.then_some("compact"))
    }

    fn refuse(&mut self, node: usize) -> Option<&'static str> {
        (self.is_up(node) && self.nodes[node].refuse()).then_some("refuse")
    }

    fn say(&mut self, node: usize, kind: SignalKind, event: &'static str) -> Option<&'static str> {
        let now = self.now;
        self.is_up(node).then(|| {
            self.nodes[node].say(kind, now);
            event
        })
    }

    fn wait(&mut self) -> Option<&'static str> {
        let ms = 1 + self.random.below(1500) as u64;
        self.now = self.now.plus_ms(ms);
        Some("wait")
    }

    /// Moves what the exchanges want to the links.
    fn carry_out(&mut self) -> Result<(), Broken> {
        for node in 0..self.nodes.len() {
            let now = self.now;
            for outgoing in self.nodes[node].poll(now)? {
                match outgoing {
                    Outgoing::Send(id, message) => {
                        let link = self
                            .links
                            .get_mut(&id)
                            .filter(|link| link.ends.contains(&node));
                        let link = link.ok_or("a message for a link that is gone")?;
                        let end = usize::from(link.ends[1] == node);
                        link.watch_for_echo(end, &message)?;
                        link.queue[end].push_back(message);
                    }
                    Outgoing::Replay(id, ranges, max_bytes) => {
                        self.nodes[node].reads.push_back((id, ranges, max_bytes));
                    }
                    Outgoing::Drop(id, error) => return Err(format!("{id:?} dropped: {error}")),
                }
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Broken> {
        (0..self.nodes.len()).try_for_each(|node| self.check_node(node))
    }

    fn check_node(&self, node: usize) -> Result<(), Broken> {
        let node = &self.nodes[node];
        node.check()
            .map_err(|broken| format!("{:?}: {broken}", node.device.0[0]))?;
        let Some(exchange) = &node.exchange else {
            return Ok(());
        };
        for peer in exchange.peers() {
            let most = node.limits.link_bytes + LARGE_BYTES + 6000;
            if peer.in_flight_bytes > most {
                return Err(format!("{} bytes are in flight", peer.in_flight_bytes));
            }
            let mut others = self.nodes.iter();
            let other = others.find(|other| other.device == peer.peer.device);
            let other = other.expect("a machine of that name");
            if !other.durable.covers(&peer.acknowledged) && other.exchange.is_some() {
                return Err(format!("{:?} was not durable", peer.acknowledged));
            }
        }
        Ok(())
    }

    /// No more faults: everybody is up, joined and given time. Then all hold the same, and nothing is lost.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        for node in 0..self.nodes.len() {
            self.start(node);
        }
        let half: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, link)| link.is_up != [true, true])
            .map(|(id, _)| *id)
            .collect();
        for id in half {
            self.close(id, 0);
            self.close(id, 1);
        }
        for (a, b) in self.reach.clone() {
            let joins = |link: &Link| link.ends == [a, b] || link.ends == [b, a];
            if !self.links.values().any(joins) {
                self.join([a, b]);
            }
        }
        let mut expected = Vector::new();
        for node in &self.nodes {
            expected.merge(&node.disk.held());
        }
        self.settle()?;
        self.check_rest(&expected)
    }

    fn settle(&mut self) -> Result<(), Broken> {
        let mut quiet = 0;
        for _ in 0..4000 {
            self.carry_out()?;
            let mut moved = false;
            for id in self.links.keys().copied().collect::<Vec<_>>() {
                for end in [0, 1] {
                    let twice = self.random.one_in(50);
                    moved |= self.deliver_on(id, end, twice)?.is_some();
                    self.carry_out()?;
                }
            }
            for node in 0..self.nodes.len() {
                moved |= self.nodes[node].write_out()?;
                moved |= self.nodes[node].sync(self.now);
                moved |= self.nodes[node].read_log();
            }
            self.check()?;
            quiet = if moved { 0 } else { quiet + 1 };
            if !moved {
                self.wait();
            }
            if quiet == 20 {
                return Ok(());
            }
        }
        Err("it does not come to rest".to_owned())
    }

    fn check_rest(&self, expected: &Vector) -> Result<(), Broken> {
        let all = self.nodes[0].disk.held();
        if let Some(other) = self.nodes.iter().find(|node| node.disk.held() != all) {
            let held = other.disk.held();
            return Err(format!("one holds {all:?}, another {held:?}"));
        }
        for node in &self.nodes {
            let exchange = node.exchange.as_ref().expect("everybody is up");
            for peer in exchange.peers() {
                if peer.holds != all {
                    return Err(format!(
                        "all hold {all:?}, but {peer:?} is believed of a link"
                    ));
                }
            }
        }
        match all.covers(expected) {
            true => Ok(()),
            false => Err(format!("of {expected:?} only {all:?} is left")),
        }
    }
}
