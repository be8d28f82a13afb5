//! Machines and one clock.

use std::collections::{BTreeMap, BTreeSet};

use app::machine;
use app::project::LinkEvent;
use graph::generate::Random;
use relay::machine::Input;
use store::testing::SteppedStore;
use store::{LoadedRoom, RoomKey, Store};
use sync::{Exchange, FrameId, LinkId, StreamId, Time};
use trust::invitation::Invitation;
use trust::record::Role;
use trust::{DeviceId, Right, RoomId};

use crate::desk::{Desk, Out, vector};
use crate::disk::{Chance, Disk};
use crate::ghost::Ghost;
use crate::liar::Liar;
use crate::link::Link;
use crate::post::Post;
use crate::step::Name;
use crate::wire::who_reaches_whom;

/// What does not hold, in words.
pub type Broken = String;

/// How often each thing happened.
pub type Counts = BTreeMap<String, usize>;

/// A machine.
pub enum Host {
    App(Box<Desk>),
    Relay(Box<Post>),
}

/// The time of day, in milliseconds since 1970, by a clock that is right.
pub fn wall_ms(now: Time) -> i64 {
    1_700_000_000_000 + now.0 as i64
}

impl Host {
    pub fn is_up(&self) -> bool {
        match self {
            Host::App(desk) => desk.is_up(),
            Host::Relay(post) => post.is_up(),
        }
    }

    pub fn disk(&mut self) -> &mut Disk {
        match self {
            Host::App(desk) => &mut desk.disk,
            Host::Relay(post) => &mut post.disk,
        }
    }

    pub fn store(&self) -> Option<&SteppedStore> {
        match self {
            Host::App(desk) => desk.disk.store(),
            Host::Relay(post) => post.disk.store(),
        }
    }

    pub fn exchange(&self) -> Option<&Exchange> {
        match self {
            Host::App(desk) => desk.project()?.room().map(|room| room.exchange()),
            Host::Relay(post) => post.exchange(),
        }
    }

    fn start(&mut self, now: Time) -> Result<(), Broken> {
        match self {
            Host::App(desk) => desk.start(now),
            Host::Relay(post) => post.start(),
        }
    }

    /// It is down; its disk has been seen to.
    fn end(&mut self) {
        match self {
            Host::App(desk) => desk.end(),
            Host::Relay(post) => post.end(),
        }
    }

    pub fn copy(&mut self) {
        match self {
            Host::App(desk) => desk.copy(),
            Host::Relay(post) => post.copy(),
        }
    }

    pub fn has_copy(&self) -> bool {
        match self {
            Host::App(desk) => desk.copy.is_some(),
            Host::Relay(post) => post.copy.is_some(),
        }
    }

    pub fn put_back(&mut self) -> bool {
        match self {
            Host::App(desk) => desk.put_back(),
            Host::Relay(post) => post.put_back(),
        }
    }

    pub fn link(&mut self, now: Time, event: LinkEvent) -> Result<(), Broken> {
        match (self, event) {
            (Host::App(desk), event) => desk.link(now, event),
            (Host::Relay(post), LinkEvent::Up(id, peer)) => post.handle(now, Input::Up(id, peer)),
            (Host::Relay(post), LinkEvent::Down(id)) => post.handle(now, Input::Down(id)),
            (Host::Relay(post), LinkEvent::Message(id, message)) => {
                post.handle(now, Input::Message(id, message))
            }
            (Host::Relay(post), LinkEvent::Sent(id, bytes)) => {
                post.handle(now, Input::Sent(id, bytes))
            }
            (Host::Relay(_), LinkEvent::Replayed(..)) => Ok(()),
        }
    }

    pub fn take_out(&mut self) -> Vec<Out> {
        match self {
            Host::App(desk) => desk.take_out(),
            Host::Relay(post) => post.take_out(),
        }
    }

    pub fn wake(&self) -> Option<Time> {
        match self {
            Host::App(desk) => desk.wake(),
            Host::Relay(post) => post.wake(),
        }
    }
}

/// How quick this world is, in percent.
pub struct Pace {
    pub disk: u64,
    pub network: u64,
    pub dial: u64,
    pub step_ms: usize,
}

/// Everything that takes part.
pub struct World {
    pub hosts: Vec<Host>,
    /// What they are called in plans; who joins late comes last.
    pub names: Vec<Name>,
    pub seed: u64,
    pub links: BTreeMap<LinkId, Link>,
    /// Which pairs can reach each other.
    pub reach: BTreeSet<(usize, usize)>,
    /// While there is a partition, who is on the first side of it.
    pub partition: Option<BTreeSet<usize>>,
    pub asleep: BTreeSet<usize>,
    pub now: Time,
    pub counts: Counts,
    pub room: RoomId,
    /// What lets somebody in, or did; the first one is there from the beginning.
    pub invitations: Vec<Invitation>,
    /// Members without an application.
    pub ghosts: Vec<Ghost>,
    /// Whether the one who visits was refused.
    pub is_refused: bool,
    /// Frames that somebody made up, or was not allowed to write: nobody may take them.
    pub forged: BTreeSet<FrameId>,
    /// Streams in which somebody has written two frames in the first place, and what she must be permitted for that.
    pub forked: BTreeMap<StreamId, Right>,
    /// A relay that lies, and which of the machines it is.
    pub liar: Option<(usize, Liar)>,
    /// Steps so far.
    pub steps: usize,
    pub next_link: u64,
    pub pace: Pace,
}

impl World {
    pub fn new(seed: u64, apps: usize, relays: usize) -> Result<Self, Broken> {
        let mut random = Random(seed ^ 0x7a11_5000);
        machine::draw_ids(Some(seed));
        let ahead_ms = random.below(1_000_000) as u64;
        let founder = Desk::found(ahead_ms)?;
        let room = founder.room();
        let hosts = vec![Host::App(Box::new(founder))];
        let names = vec![Name::App(0)];
        let ahead_ms: Vec<u64> = (1..apps).map(|_| random.below(1_000_000) as u64).collect();
        let reach = who_reaches_whom(&mut random, apps, relays);
        let pace = Pace {
            disk: [40, 100, 160][random.below(3)],
            network: [25, 60, 90][random.below(3)],
            dial: [5, 15, 50][random.below(3)],
            step_ms: [20, 200, 1500][random.below(3)],
        };
        let mut world = Self {
            hosts,
            names,
            seed,
            links: BTreeMap::new(),
            reach,
            partition: None,
            asleep: BTreeSet::new(),
            now: Time(1),
            counts: Counts::new(),
            room,
            invitations: Vec::new(),
            ghosts: Vec::new(),
            is_refused: false,
            forged: BTreeSet::new(),
            forked: BTreeMap::new(),
            liar: None,
            steps: 0,
            next_link: 1,
            pace,
        };
        world.open_doors()?;
        for (name, ahead_ms) in (1..).zip(ahead_ms) {
            let desk = Desk::join(&world.invitations[0], ahead_ms)?;
            world.hosts.push(Host::App(Box::new(desk)));
            world.names.push(Name::App(name));
        }
        for name in 0..relays {
            let post = Post::new(name, room);
            world.hosts.push(Host::Relay(Box::new(post)));
            world.names.push(Name::Relay(name));
        }
        if relays > 0 && seed % 4 == 1 {
            world.add_liar(&mut random, apps, relays);
        }
        for host in 1..world.hosts.len() {
            world.start(host)?;
        }
        Ok(world)
    }

    /// The founder opens the invitations by which all others come.
    fn open_doors(&mut self) -> Result<(), Broken> {
        self.start(0)?;
        for role in [Role::Editor, Role::Commenter] {
            if !self.invite(0, role)? {
                return Err("the founder cannot invite".to_owned());
            }
        }
        let now = self.now;
        match self.desk(0).map(|desk| desk.save(now)) {
            Some(Ok(true)) => {}
            _ => return Err("the founder cannot save".to_owned()),
        }
        self.ghosts = vec![
            Ghost::new(0xee, &self.invitations[0]),
            Ghost::new(0xed, &self.invitations[1]),
        ];
        // Who may only comment comes once, as what she is.
        self.invitations.truncate(1);
        Ok(())
    }

    /// One more relay, that some reach and nobody needs.
    fn add_liar(&mut self, random: &mut Random, apps: usize, relays: usize) {
        let host = self.hosts.len();
        let post = Post::new(relays, self.room);
        self.hosts.push(Host::Relay(Box::new(post)));
        self.names.push(Name::Relay(relays));
        for _ in 0..2 {
            self.reach.insert((random.below(apps), host));
        }
        self.liar = Some((host, Liar::new(self.seed)));
    }

    pub fn is_liar(&self, host: usize) -> bool {
        self.liar.as_ref().is_some_and(|(liar, _)| *liar == host)
    }

    /// All machines but the relay that lies.
    pub fn honest(&self) -> Vec<usize> {
        let hosts = 0..self.hosts.len();
        hosts.filter(|host| !self.is_liar(*host)).collect()
    }

    /// The relay that lies is gone, for good.
    pub fn leave_liar(&mut self) -> Result<(), Broken> {
        let Some((liar, _)) = self.liar else {
            return Ok(());
        };
        self.reach.retain(|(a, b)| *a != liar && *b != liar);
        self.stop(liar, |host| host.disk().end())
    }

    pub fn count(&mut self, name: &str) {
        match self.counts.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(name.to_owned(), 1)),
        }
    }

    pub fn name(&self, host: usize) -> Name {
        self.names[host]
    }

    pub fn host(&self, name: Name) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    /// All applications.
    pub fn apps(&self) -> Vec<usize> {
        let hosts = 0..self.hosts.len();
        hosts.filter(|host| self.is_app(*host)).collect()
    }

    pub fn is_app(&self, host: usize) -> bool {
        matches!(self.hosts[host], Host::App(_))
    }

    /// Somebody else joins, who reaches one machine that is here.
    pub fn add(&mut self, random: &mut Random) -> Result<(), Broken> {
        let ahead_ms = random.below(1_000_000) as u64;
        let honest = self.honest();
        let other = honest[random.below(honest.len())];
        let (host, name) = (self.hosts.len(), self.apps().len());
        let by = match random.chance(50) {
            true => 0,
            false => random.below(self.invitations.len()),
        };
        let desk = Desk::join(&self.invitations[by], ahead_ms)?;
        self.hosts.push(Host::App(Box::new(desk)));
        self.names.push(Name::App(name));
        self.reach.insert((host, other));
        self.start(host)
    }

    pub fn desk(&mut self, host: usize) -> Option<&mut Desk> {
        match self.hosts.get_mut(host) {
            Some(Host::App(desk)) => Some(desk),
            _ => None,
        }
    }

    pub fn is_up(&self, host: usize) -> bool {
        self.hosts[host].is_up()
    }

    pub fn is_awake(&self, host: usize) -> bool {
        self.is_up(host) && !self.asleep.contains(&host)
    }

    pub fn start(&mut self, host: usize) -> Result<(), Broken> {
        let now = self.now;
        let started = self.hosts[host].start(now);
        started.map_err(|broken| format!("{}: {broken}", self.name(host)))
    }

    /// Ends a process in some way; its links end with it, which the others may not see.
    pub fn stop(&mut self, host: usize, end: impl FnOnce(&mut Host)) -> Result<(), Broken> {
        end(&mut self.hosts[host]);
        self.hosts[host].end();
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

    pub fn device(&self, host: usize) -> Option<DeviceId> {
        match &self.hosts[host] {
            Host::App(desk) => desk.device(),
            Host::Relay(post) => Some(post.device),
        }
    }

    /// A machine's disk and jobs go on, all of it or by chance; says whether anything moved.
    pub fn work(&mut self, host: usize, chance: Chance<'_>) -> Result<bool, Broken> {
        let worked = match &mut self.hosts[host] {
            Host::App(desk) => desk.work(self.now, chance),
            Host::Relay(post) => post.work(self.now, chance),
        };
        let moved = worked.map_err(|broken| format!("{}: {broken}", self.name(host)))?;
        self.send_out(host)?;
        Ok(moved)
    }

    /// A moment passes: a little of everything happens.
    pub fn breathe(&mut self, random: &mut Random) -> Result<(), Broken> {
        self.now = self.now.plus_ms(1 + random.below(self.pace.step_ms) as u64);
        self.redial(random)?;
        for host in 0..self.hosts.len() {
            if self.is_awake(host) {
                let pace = self.pace.disk;
                self.work(host, Chance(Some((random, pace))))?;
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

    /// What must hold at any time: nothing is said to be held that the disk does not have, and nothing is taken for
    /// acknowledged that the other machine could lose.
    pub fn check(&self, host: usize) -> Result<(), Broken> {
        let (exchange, store) = (self.hosts[host].exchange(), self.hosts[host].store());
        let (Some(exchange), Some(store), false) = (exchange, store, self.is_liar(host)) else {
            return Ok(());
        };
        // A relay makes a room when the first frame comes.
        let stored = store.rooms().load(self.room_key()).ok();
        let stored = stored.map(|room| vector(&room.vector)).unwrap_or_default();
        let held = exchange.held();
        if !stored.covers(&held) {
            let name = self.name(host);
            return Err(format!("{name} says {held:?}, its disk has {stored:?}"));
        }
        for peer in exchange.peers() {
            let link = self.links.get(&peer.link).filter(|link| link.is_whole());
            let other = link.map(|link| link.ends[usize::from(link.ends[0] == host)]);
            let other = other.filter(|other| !self.is_liar(*other));
            let durable = other.and_then(|other| self.durable(other));
            let durable = durable.map(|room| vector(&room.vector));
            if durable.is_some_and(|durable| !durable.covers(&peer.acknowledged)) {
                return Err(format!("{:?} was not durable", peer.acknowledged));
            }
        }
        Ok(())
    }

    /// The room that a machine that is up would hold after a loss of power.
    pub fn durable(&self, host: usize) -> Option<LoadedRoom> {
        let store = self.hosts[host].store()?;
        store.durable_room(self.room_key()).ok()
    }

    fn room_key(&self) -> RoomKey {
        RoomKey(self.room.0)
    }
}
