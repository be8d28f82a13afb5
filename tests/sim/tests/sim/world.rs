//! Machines, links between them, and one clock.

use std::collections::{BTreeMap, BTreeSet};

use app::machine;
use bytes::Bytes;
use graph::generate::Random;
use sync::{LinkId, Peer, Side, Time, Vector};
use trust::{DeviceId, Genesis, Membership};

use crate::desk::{Desk, Out};
use crate::link::Link;
use crate::post::Post;
use crate::step::Name;

/// What does not hold, in words.
pub type Broken = String;

/// How often each thing happened.
pub type Counts = BTreeMap<String, usize>;

/// A machine.
pub enum Host {
    App(Box<Desk>),
    Relay(Box<Post>),
}

/// How quick this world is, in percent.
struct Pace {
    disk: u64,
    network: u64,
    dial: u64,
    step_ms: usize,
}

/// Everything that takes part.
pub struct World {
    pub hosts: Vec<Host>,
    pub apps: usize,
    pub links: BTreeMap<LinkId, Link>,
    /// Which pairs can reach each other.
    pub reach: BTreeSet<(usize, usize)>,
    /// While there is a partition, who is on the first side of it.
    pub partition: Option<BTreeSet<usize>>,
    pub asleep: BTreeSet<usize>,
    pub now: Time,
    pub counts: Counts,
    pub membership: Membership,
    /// Frames that a stranger has sent so far, each in a stream of its own.
    pub garbage: u64,
    /// Steps so far.
    pub steps: usize,
    next_link: u64,
    pace: Pace,
}

impl World {
    pub fn new(seed: u64, apps: usize, relays: usize) -> Result<Self, Broken> {
        let mut random = Random(seed ^ 0x7a11_5000);
        machine::draw_ids(Some(seed));
        let membership = Membership::begin(&Genesis::new([1; 32], [2; 32]));
        let room = membership.room();
        let mut hosts = Vec::new();
        for name in 0..apps {
            let ahead_ms = random.below(1_000_000) as u64;
            hosts.push(Host::App(Box::new(Desk::new(name, &membership, ahead_ms)?)));
        }
        for name in 0..relays {
            hosts.push(Host::Relay(Box::new(Post::new(name, room))));
        }
        let reach = who_reaches_whom(&mut random, apps, relays);
        let pace = Pace {
            disk: [40, 100, 160][random.below(3)],
            network: [25, 60, 90][random.below(3)],
            dial: [5, 15, 50][random.below(3)],
            step_ms: [20, 200, 1500][random.below(3)],
        };
        let mut world = Self {
            hosts,
            apps,
            links: BTreeMap::new(),
            reach,
            partition: None,
            asleep: BTreeSet::new(),
            now: Time(1),
            counts: Counts::new(),
            membership,
            garbage: 0,
            steps: 0,
            next_link: 1,
            pace,
        };
        for host in 0..world.hosts.len() {
            world.start(host)?;
        }
        Ok(world)
    }

    pub fn count(&mut self, name: &str) {
        match self.counts.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(name.to_owned(), 1)),
        }
    }

    pub fn name(&self, host: usize) -> Name {
        match host.checked_sub(self.apps) {
            None => Name::App(host),
            Some(relay) => Name::Relay(relay),
        }
    }

    pub fn host(&self, name: Name) -> Option<usize> {
        let host = match name {
            Name::App(app) => Some(app).filter(|app| *app < self.apps),
            Name::Relay(relay) => Some(self.apps + relay),
        };
        host.filter(|host| *host < self.hosts.len())
    }

    pub fn desk(&mut self, host: usize) -> Option<&mut Desk> {
        match self.hosts.get_mut(host) {
            Some(Host::App(desk)) => Some(desk),
            _ => None,
        }
    }

    pub fn is_up(&self, host: usize) -> bool {
        match &self.hosts[host] {
            Host::App(desk) => desk.is_up(),
            Host::Relay(post) => post.is_up(),
        }
    }

    pub fn is_awake(&self, host: usize) -> bool {
        self.is_up(host) && !self.asleep.contains(&host)
    }

    pub fn start(&mut self, host: usize) -> Result<(), Broken> {
        let now = self.now;
        let started = match &mut self.hosts[host] {
            Host::App(desk) => desk.start(now),
            Host::Relay(post) => post.start(),
        };
        started.map_err(|broken| format!("{}: {broken}", self.name(host)))
    }

    /// Ends a process in some way; its links end with it, which the others may not see.
    pub fn stop(&mut self, host: usize, end: impl FnOnce(&mut Host)) -> Result<(), Broken> {
        end(&mut self.hosts[host]);
        self.asleep.remove(&host);
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            for end in [0, 1] {
                if self
                    .links
                    .get(&id)
                    .is_some_and(|link| link.ends[end] == host)
                {
                    self.close(id, end)?;
                }
            }
        }
        Ok(())
    }

    /// Whether two machines could be linked now.
    pub fn reaches(&self, a: usize, b: usize) -> bool {
        let side = |host| self.partition.as_ref().is_some_and(|it| it.contains(&host));
        side(a) == side(b)
    }

    /// One machine dials another.
    pub fn join(&mut self, ends: [usize; 2]) -> Result<(), Broken> {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        self.links.insert(id, Link::new(ends));
        for (end, side) in [Side::Dialled, Side::Accepted].into_iter().enumerate() {
            let Some(device) = self.device(ends[1 - end]) else {
                continue;
            };
            let peer = Peer {
                device,
                side,
                protocol: sync::PROTOCOL,
            };
            let now = self.now;
            let up = match &mut self.hosts[ends[end]] {
                Host::App(desk) => desk.up(now, id, peer),
                Host::Relay(post) => post.up(now, id, peer),
            };
            up?;
            self.send_out(ends[end])?;
        }
        Ok(())
    }

    pub fn device(&self, host: usize) -> Option<DeviceId> {
        match &self.hosts[host] {
            Host::App(desk) => desk.device(),
            Host::Relay(post) => Some(post.device),
        }
    }

    /// An end of a link learns that it is over.
    pub fn close(&mut self, id: LinkId, end: usize) -> Result<(), Broken> {
        let Some(link) = self.links.get_mut(&id) else {
            return Ok(());
        };
        let was_up = std::mem::take(&mut link.is_up[end]);
        let host = link.ends[end];
        link.queue[1 - end].clear();
        if link.is_up == [false, false] {
            self.links.remove(&id);
        }
        if was_up && self.is_up(host) {
            let now = self.now;
            match &mut self.hosts[host] {
                Host::App(desk) => desk.down(now, id)?,
                Host::Relay(post) => post.down(now, id)?,
            }
            self.send_out(host)?;
        }
        Ok(())
    }

    pub fn cut(&mut self, id: LinkId) -> Result<(), Broken> {
        self.close(id, 0)?;
        self.close(id, 1)
    }

    /// The links that join two machines.
    pub fn between(&self, a: usize, b: usize) -> Vec<LinkId> {
        let links = self.links.iter().filter(|(_, link)| link.joins(a, b));
        links.map(|(id, _)| *id).collect()
    }

    /// Puts onto links what a machine wants to send.
    pub fn send_out(&mut self, host: usize) -> Result<(), Broken> {
        let out = match &mut self.hosts[host] {
            Host::App(desk) => desk.take_out(),
            Host::Relay(post) => post.take_out(),
        };
        for out in out {
            match out {
                Out::Send(id, message) => {
                    if let Some(link) = self.links.get_mut(&id) {
                        let end = usize::from(link.ends[1] == host);
                        // Who is gone at the other end gets nothing, which the sender does not know.
                        if link.is_up[end] && link.is_up[1 - end] {
                            link.queue[end].push_back(message);
                        }
                    }
                }
                Out::Drop(id, error) => {
                    let name = self.name(host);
                    return Err(format!("{name} refuses an honest peer on {id:?}: {error}"));
                }
            }
        }
        Ok(())
    }

    /// Delivers the next message that left `end`; says whether it was more than a signal.
    pub fn deliver(&mut self, id: LinkId, end: usize) -> Result<bool, Broken> {
        let Some(link) = self.links.get_mut(&id) else {
            return Ok(false);
        };
        let Some(message) = link.queue[end].pop_front() else {
            return Ok(false);
        };
        let (from, to) = (link.ends[end], link.ends[1 - end]);
        let (is_from, is_to) = (link.is_up[end], link.is_up[1 - end]);
        let is_signal = message.first() == Some(&8);
        if is_from && self.is_up(from) {
            let (now, bytes) = (self.now, message.len());
            match &mut self.hosts[from] {
                Host::App(desk) => desk.sent(now, id, bytes)?,
                Host::Relay(post) => post.sent(now, id, bytes)?,
            }
            self.send_out(from)?;
        }
        if is_to && self.is_up(to) {
            self.receive(to, id, message)?;
        }
        Ok(!is_signal)
    }

    pub fn receive(&mut self, host: usize, id: LinkId, message: Bytes) -> Result<(), Broken> {
        let now = self.now;
        let received = match &mut self.hosts[host] {
            Host::App(desk) => desk.receive(now, id, message),
            Host::Relay(post) => post.receive(now, id, message),
        };
        received?;
        self.send_out(host)
    }

    /// A moment passes: a little of everything happens.
    pub fn breathe(&mut self, random: &mut Random) -> Result<(), Broken> {
        self.now = self.now.plus_ms(1 + random.below(self.pace.step_ms) as u64);
        self.redial(random)?;
        for host in 0..self.hosts.len() {
            if self.is_awake(host) {
                let (now, pace) = (self.now, self.pace.disk);
                let worked = match &mut self.hosts[host] {
                    Host::App(desk) => desk.work(now, Some((random, pace))),
                    Host::Relay(post) => post.work(now, Some((random, pace))),
                };
                worked.map_err(|broken| format!("{}: {broken}", self.name(host)))?;
                self.send_out(host)?;
            }
        }
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            for end in [0, 1] {
                for _ in 0..4 {
                    let Some(link) = self.links.get(&id) else {
                        break;
                    };
                    let is_held = link.held_until > self.now || !self.is_awake(link.ends[1 - end]);
                    if is_held || link.queue[end].is_empty() || !random.chance(self.pace.network) {
                        break;
                    }
                    self.deliver(id, end)?;
                }
            }
        }
        self.notice_ends(random)
    }

    /// Machines that reach each other and are not linked dial each other.
    fn redial(&mut self, random: &mut Random) -> Result<(), Broken> {
        let pairs: Vec<(usize, usize)> = self.reach.iter().copied().collect();
        for (a, b) in pairs {
            let is_possible = self.is_awake(a) && self.is_awake(b) && self.reaches(a, b);
            let is_joined = self
                .links
                .values()
                .any(|link| link.is_whole() && link.joins(a, b));
            if is_possible && !is_joined && random.chance(self.pace.dial) {
                let ends = if b < self.apps && random.chance(50) {
                    [b, a]
                } else {
                    [a, b]
                };
                self.join(ends)?;
            }
        }
        Ok(())
    }

    /// Whoever has a link with nobody at the other end, or a damaged one, finds out in time.
    fn notice_ends(&mut self, random: &mut Random) -> Result<(), Broken> {
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            let is_over = self
                .links
                .get(&id)
                .is_some_and(|link| !link.is_whole() || link.is_damaged);
            if is_over && random.chance(3) {
                for end in [0, 1] {
                    if self.links.get(&id).is_some_and(|link| {
                        self.is_awake(link.ends[end]) || !self.is_up(link.ends[end])
                    }) {
                        self.close(id, end)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What must hold at any time: nothing is said to be held that the disk does not have, and nothing is taken for
    /// acknowledged that the other machine could lose.
    pub fn check(&self, host: usize) -> Result<(), Broken> {
        let (exchange, store) = match &self.hosts[host] {
            Host::App(desk) => {
                let room = desk.project().and_then(|project| project.room());
                (room.map(|room| room.exchange()), desk.store())
            }
            Host::Relay(post) => (post.exchange(), post.store()),
        };
        let (Some(exchange), Some(store)) = (exchange, store) else {
            return Ok(());
        };
        let key = store::RoomKey(self.membership.room().0);
        let stored = match store::Store::rooms(store).load(key) {
            Ok(loaded) => crate::desk::vector(&loaded.vector),
            // A relay makes a room when the first frame comes.
            Err(_) => Vector::new(),
        };
        let held = exchange.held();
        if !stored.covers(&held) {
            let name = self.name(host);
            return Err(format!("{name} says {held:?}, its disk has {stored:?}"));
        }
        for peer in exchange.peers() {
            let link = self.links.get(&peer.link).filter(|link| link.is_whole());
            let other = link.map(|link| link.ends[usize::from(link.ends[0] == host)]);
            let durable = other.and_then(|other| self.durable(other));
            if durable.is_some_and(|durable| !durable.covers(&peer.acknowledged)) {
                return Err(format!("{:?} was not durable", peer.acknowledged));
            }
        }
        Ok(())
    }

    /// What a machine that is up would hold after a loss of power.
    fn durable(&self, host: usize) -> Option<Vector> {
        let store = match &self.hosts[host] {
            Host::App(desk) => desk.store(),
            Host::Relay(post) => post.store(),
        };
        let room = store?.durable_room(store::RoomKey(self.membership.room().0));
        room.ok().map(|room| crate::desk::vector(&room.vector))
    }
}

/// Everybody reaches everybody through somebody: each application another one directly, or the relay of one.
fn who_reaches_whom(random: &mut Random, apps: usize, relays: usize) -> BTreeSet<(usize, usize)> {
    let mut reach = BTreeSet::new();
    for app in 1..apps {
        let other = random.below(app);
        if relays > 0 && random.chance(60) {
            let relay = apps + random.below(relays);
            reach.insert((app, relay));
            reach.insert((other, relay));
        } else {
            reach.insert((other, app));
        }
    }
    for relay in apps..apps + relays {
        reach.insert((random.below(apps), relay));
    }
    for _ in 0..random.below(apps + relays) {
        let (app, other) = (random.below(apps), random.below(apps + relays));
        if app != other {
            reach.insert((app.min(other), app.max(other)));
        }
    }
    reach
}
