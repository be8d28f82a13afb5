//! Open projects in one room under a seed, without sockets, tasks or a clock: they edit, undo, lose the link with what
//! is on its way, and are set back to an earlier state of their disk. At rest all show the same.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use app::device_keys::DeviceKeys;
use app::event::Event;
use app::outbox::Fate;
use app::project::{Ask, Effect, Input, LinkEvent, Project, Ticket};
use app::request::{ProjectId, Request};
use app::room::{Beginning, Framed, Keys, RoomSetup, Weight};
use app::sharing::{Sharing, Status};
use bytes::Bytes;
use graph::clipping::Clipping;
use graph::command::{Command, Place, Position};
use graph::id::{AuthorId, FieldId, NodeId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::value::Value;
use graph::{NewProject, Signature, StoredDocument, StoredHistory};
use rand_core::OsRng;
use store::testing::Random;
use store::{Chunk, Document, Seq};
use sync::{Base, Frame, LinkId, Outgoing, Peer, Side, Snapshots, StreamId, Time, Vector};
use trust::key::{DeviceKey, SealingKey};
use trust::record::Role;
use trust::{DeviceId, Genesis, Membership};
use uuid::Uuid;

use crate::desk::title_field;

const SEEDS: u64 = 40;
const STEPS: u64 = 120;

/// One installation: its open project and its disk.
pub struct Site {
    number: u8,
    /// None: the room is open.
    members: Option<Membership>,
    pub project: Project,
    /// Everything that was ever given to the disk, oldest first.
    chunks: Vec<Chunk>,
    /// Frames that were let go: of which document, up to which number of each stream.
    dropped: Vec<(Document, store::Vector)>,
    starts: u64,
    tickets: u64,
    nodes: Vec<NodeId>,
    payload_bytes: usize,
    /// What it was last told.
    sharing: Option<Sharing>,
}

pub struct World {
    random: Random,
    pub sites: Vec<Site>,
    /// Bytes that were sent to each.
    pub received: BTreeMap<usize, usize>,
    /// Messages on their way: where to, on which link.
    wire: VecDeque<(usize, LinkId, Bytes)>,
    /// The links that are up, by pair of sites.
    links: BTreeMap<(usize, usize), LinkId>,
    next_link: u64,
    now: u64,
    streams_drawn: u32,
}

fn genesis() -> Membership {
    Membership::begin(&Genesis {
        version: Genesis::VERSION,
        owner: [0; 32],
        nonce: [9; 32],
    })
}

fn keys(number: u8) -> Arc<DeviceKeys> {
    Arc::new(DeviceKeys {
        signing: DeviceKey::from_seed(&[number + 1; 32]),
        sealing: SealingKey::from_bytes(&[number + 1; 32]),
    })
}

/// A closed room in which the first owns and the others edit.
fn closed(sites: u8) -> Membership {
    let owner = keys(0);
    let (mut members, epoch, key) =
        Membership::found([9; 32], &owner.signing, &owner.sealing, &mut OsRng);
    for number in 1..sites {
        let it = keys(number);
        let device = (it.signing.public(), it.sealing.certify(&it.signing));
        let added = members.add(
            &owner.signing,
            device,
            Role::Editor,
            (epoch, &key),
            &mut OsRng,
        );
        added.unwrap();
    }
    members
}

fn signature(number: u8, start: u64) -> Signature {
    let mut actor = [number; 16];
    actor[..8].copy_from_slice(&start.to_le_bytes());
    Signature {
        author: AuthorId(Uuid::from_bytes([number; 16])),
        actor,
        person: PersonId(Uuid::from_bytes([number; 16])),
        profile: Person {
            name: format!("Person {number}"),
            colour: "#123456".to_owned(),
        },
    }
}

/// The project of the first site, as it is before it is shared.
fn sample() -> graph::Project {
    let builtin = app::builtin::all()
        .iter()
        .find(|it| it.key == "blank")
        .unwrap();
    let new = NewProject {
        name: "Shared".to_owned(),
        currency: "EUR".to_owned(),
        template: builtin.template.clone(),
        content: Clipping::default(),
    };
    graph::Project::create(&new, signature(0, 0), Uuid::from_u128(1), Timestamp(0)).unwrap()
}

impl Site {
    fn new(number: u8, members: Option<Membership>) -> Self {
        let mut site = Self {
            number,
            members,
            project: Project::new(
                ProjectId(Uuid::from_bytes([number; 16])),
                graph::Project::empty(),
                signature(number, 0),
                &StoredHistory::default(),
            ),
            chunks: Vec::new(),
            dropped: Vec::new(),
            starts: 0,
            tickets: 0,
            nodes: Vec::new(),
            payload_bytes: sync::limits::MAX_PAYLOAD_BYTES,
            sharing: None,
        };
        if number == 0 {
            let mut graph = sample();
            graph.take_written();
            let save = |document| graph.fork(document).save();
            // A saved document is a chunk like any other when it is read.
            let mut bytes = vec![2];
            bytes.extend(save(graph::document::Document::Project));
            site.chunks.push(Chunk::new(Document::PROJECT, bytes));
        }
        site.open(false);
        site
    }

    /// Opens what the disk holds. Set back, a machine does not notice, and goes on with the stream that it had.
    pub fn open(&mut self, was_set_back: bool) {
        self.starts += 1;
        let (graph, notices) = self.stored();
        assert_eq!(notices, [""; 0]);
        self.project = Project::new(
            ProjectId(Uuid::from_bytes([self.number; 16])),
            graph,
            // The graph's actor is fresh: what its reuse does is not for this test.
            signature(self.number, self.starts),
            &StoredHistory::default(),
        );
        let stream = if was_set_back { 1 } else { self.starts };
        self.project.share(RoomSetup {
            device: self.device(),
            session: self.starts,
            membership: self.members.clone().unwrap_or_else(genesis),
            keys: self.members.as_ref().map(|_| Keys::new(keys(self.number))),
            log: self.members.as_ref().map_or(Vec::new(), |_| self.frames()),
            held: self.held(),
            era: Uuid::nil(),
            stream,
            framed: self.framed(),
            notices: app::notices::Notices::default(),
            beginning: self.beginning(),
            payload_bytes: self.payload_bytes,
        });
    }

    fn device(&self) -> DeviceId {
        match self.members {
            Some(_) => keys(self.number).device(),
            None => DeviceId([self.number + 1; 32]),
        }
    }

    pub fn held(&self) -> Vector {
        let mut held = Vector::new();
        for write in self.writes() {
            let written = write.frames.iter().map(|it| (it.stream, it.number));
            let covered = write
                .covered
                .iter()
                .map(|(stream, number)| (*stream, *number));
            for (stream, number) in written.chain(covered) {
                let stream = StreamId {
                    device: DeviceId(stream.device),
                    nonce: stream.stream,
                };
                held.raise(stream, number);
            }
        }
        held
    }

    fn writes(&self) -> impl DoubleEndedIterator<Item = &store::RoomWrite> {
        self.chunks.iter().filter_map(|chunk| chunk.room.as_ref())
    }

    /// What the log has.
    pub fn frames(&self) -> Vec<Frame> {
        let is_dropped = |frame: &store::Frame| {
            self.dropped.iter().any(|(document, through)| {
                let through = through.get(&frame.stream).copied().unwrap_or(0);
                *document == frame.document && frame.number <= through
            })
        };
        let frames = self.writes().flat_map(|write| &write.frames);
        frames
            .filter(|frame| !is_dropped(frame))
            .map(|frame| Frame::from_bytes(&frame.bytes).unwrap())
            .collect()
    }

    fn meta(&self, name: &str) -> Option<&Vec<u8>> {
        let meta = self.writes().rev().flat_map(|write| &write.meta);
        let mut values = meta.filter(|(known, _)| known == name);
        values.next().and_then(|(_, value)| value.as_ref())
    }

    pub fn beginning(&self) -> Beginning {
        let snapshots = self.meta("snapshots").map(|it| Snapshots::decode(it));
        let base = self.meta("base").map(|it| Base::decode(it).unwrap());
        Beginning {
            base,
            snapshots: snapshots.map(Result::unwrap).unwrap_or_default(),
            weight: self
                .meta("weight")
                .and_then(|it| Weight::decode(it))
                .unwrap_or_default(),
            is_unread: self.meta("unread").is_some(),
            ..Beginning::default()
        }
    }

    fn framed(&self) -> Framed {
        let newest = self.meta("framed");
        newest.map_or_else(Framed::default, |bytes| Framed::decode(bytes).unwrap())
    }

    fn read(&self, stream: StreamId, from: u64, through: u64) -> Vec<Frame> {
        let mut frames = self.frames();
        frames.retain(|frame| {
            let header = frame.header();
            header.stream == stream && (from..=through).contains(&header.number)
        });
        frames.sort_by_key(|frame| frame.header().number);
        frames
    }
}

impl World {
    pub fn new(seed: u64, sites: u8) -> Self {
        Self::of(seed, sites, None)
    }

    /// The same in a closed room.
    pub fn closed(seed: u64, sites: u8) -> Self {
        Self::of(seed, sites, Some(&closed(sites)))
    }

    fn of(seed: u64, sites: u8, members: Option<&Membership>) -> Self {
        Self {
            random: Random::new(seed),
            received: BTreeMap::new(),
            sites: (0..sites)
                .map(|number| Site::new(number, members.cloned()))
                .collect(),
            wire: VecDeque::new(),
            links: BTreeMap::new(),
            next_link: 1,
            now: 1,
            streams_drawn: 0,
        }
    }

    fn time(&mut self) -> (Timestamp, Time) {
        self.now += 7;
        (Timestamp(self.now as i64), Time(self.now))
    }

    /// Carries effects out with a disk that keeps everything at once.
    fn handle(&mut self, at: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let (now, time) = self.time();
            for effect in self.sites[at].project.handle(now, input) {
                match effect {
                    Effect::Store(number, chunk) => {
                        self.sites[at].chunks.push(chunk);
                        let seq = Seq(self.sites[at].chunks.len() as u64);
                        inputs.push_back(Input::Learned(number, Fate::Written(seq)));
                        inputs.push_back(Input::Learned(number, Fate::Durable(seq)));
                    }
                    Effect::Link(Outgoing::Send(link, message)) => {
                        inputs.push_back(Input::Link(time, LinkEvent::Sent(link, message.len())));
                        if let Some(to) = self.other_end(at, link) {
                            *self.received.entry(to).or_default() += message.len();
                            self.wire.push_back((to, link, message));
                        }
                    }
                    Effect::Link(Outgoing::Replay(link, ranges, _)) => {
                        let site = &self.sites[at];
                        let frames = ranges
                            .iter()
                            .flat_map(|it| site.read(it.stream, it.from, it.through));
                        let event = LinkEvent::Replayed(link, frames.collect());
                        inputs.push_back(Input::Link(time, event));
                    }
                    Effect::Link(Outgoing::Drop(_, error)) => panic!("{error}"),
                    Effect::Condense(saver) => {
                        inputs.push_back(Input::Condensed(saver.save()));
                    }
                    Effect::DropFrames(documents) => self.sites[at].dropped.extend(documents),
                    Effect::DrawStream(_) => {
                        self.streams_drawn += 1;
                        inputs.push_back(Input::Stream(self.random.below(u64::MAX)));
                    }
                    Effect::Answer(_, answer) => drop(answer.map_err(|failure| failure.code)),
                    Effect::Emit(Event::Sharing { sharing, .. }) => {
                        self.sites[at].sharing = Some(sharing);
                    }
                    _ => {}
                }
            }
        }
    }

    fn other_end(&self, at: usize, link: LinkId) -> Option<usize> {
        let (pair, _) = self.links.iter().find(|(_, known)| **known == link)?;
        Some(if pair.0 == at { pair.1 } else { pair.0 })
    }

    pub fn connect(&mut self, a: usize, b: usize) {
        if self.links.contains_key(&(a, b)) {
            return;
        }
        let link = LinkId(self.next_link);
        self.next_link += 1;
        self.links.insert((a, b), link);
        for (at, other, side) in [(a, b, Side::Dialled), (b, a, Side::Accepted)] {
            let peer = Peer {
                device: self.sites[other].device(),
                side,
                protocol: sync::PROTOCOL,
            };
            let (_, time) = self.time();
            self.handle(at, Input::Link(time, LinkEvent::Up(link, peer)));
        }
    }

    /// What is on its way is lost.
    pub fn cut(&mut self, a: usize, b: usize) {
        if let Some(link) = self.links.remove(&(a, b)) {
            self.wire.retain(|(_, on, _)| *on != link);
            for at in [a, b] {
                let (_, time) = self.time();
                self.handle(at, Input::Link(time, LinkEvent::Down(link)));
            }
        }
    }

    fn deliver(&mut self) -> bool {
        let Some((to, link, message)) = self.wire.pop_front() else {
            return false;
        };
        let (_, time) = self.time();
        self.handle(to, Input::Link(time, LinkEvent::Message(link, message)));
        true
    }

    fn ask(&mut self, at: usize, request: Request) {
        let site = &mut self.sites[at];
        site.tickets += 1;
        let ticket = Ticket(site.tickets);
        self.handle(at, Input::Ask(ticket, Ask::Request(Box::new(request))));
    }

    /// A new node with this title.
    fn creation(&mut self, text: String) -> (NodeId, FieldId, Command) {
        let random = u128::from(self.random.below(u64::MAX));
        let node = NodeId(Uuid::from_u128(random << 64 | 7));
        let builtin = app::builtin::all().iter().find(|it| it.key == "blank");
        let template = &builtin.unwrap().template;
        let node_type = template.types.iter().find(|it| it.top_level).unwrap();
        let title = title_field(template, &node_type.id);
        let command = Command::CreateNode {
            node,
            node_type: node_type.id.clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: vec![(title.clone(), Value::Text(text))],
        };
        (node, title, command)
    }

    pub fn edit(&mut self, at: usize) {
        let project = project(at);
        let known = self.sites[at].nodes.last().copied();
        let text = self.random.below(1000).to_string();
        let (node, field, create) = self.creation(text.clone());
        let command = match (self.random.below(4), known) {
            (0, Some(_)) => return self.ask(at, Request::Undo { project }),
            (1, Some(known)) => Command::SetField {
                nodes: vec![known],
                field,
                value: Some(Value::Text(text)),
            },
            _ => create,
        };
        for site in &mut self.sites {
            site.nodes.push(node);
        }
        self.ask(at, Request::Apply { project, command });
    }

    /// Makes so many nodes in one step, of each of which the title takes 4,000 characters that no packing makes fewer.
    fn edit_much(&mut self, at: usize, nodes: usize) {
        let mut commands = Vec::new();
        for _ in 0..nodes {
            let text = (0..4_000).map(|_| char::from(b'!' + self.random.below(90) as u8));
            let text = text.collect();
            commands.push(self.creation(text).2);
        }
        let label = None;
        let command = Command::Batch { label, commands };
        let project = project(at);
        self.ask(at, Request::Apply { project, command });
    }

    /// The disk is again as it was some time ago; what was sent since lives on elsewhere.
    pub fn set_back(&mut self, at: usize) {
        for other in 0..self.sites.len() {
            self.cut(at.min(other), at.max(other));
        }
        let kept = self.sites[at].chunks.len() as u64;
        let kept = kept - self.random.below(kept.min(6) + 1);
        self.sites[at]
            .chunks
            .truncate(kept.max(u64::from(at == 0)) as usize);
        self.sites[at].open(true);
    }

    fn settle(&mut self) {
        for site in 1..self.sites.len() {
            self.connect(site - 1, site);
        }
        self.rest(40);
        assert!(self.wire.is_empty(), "it comes to rest");
    }

    /// Delivers what is on its way while so many seconds pass.
    pub fn rest(&mut self, seconds: usize) {
        for _ in 0..seconds {
            while self.deliver() {}
            self.now += 1_000;
            for at in 0..self.sites.len() {
                let (_, time) = self.time();
                self.handle(at, Input::Tick(time));
            }
        }
    }

    pub fn assert_equal(&self, seed: u64) {
        let first = picture(&self.sites[0]);
        for site in &self.sites[1..] {
            assert_eq!(site.held(), self.sites[0].held(), "seed {seed}");
            assert_eq!(picture(site), first, "seed {seed}");
        }
    }
}

impl Site {
    /// The project as the disk has it.
    pub fn stored(&self) -> (graph::Project, Vec<String>) {
        let of = |document| StoredDocument {
            snapshot: None,
            changes: self
                .chunks
                .iter()
                .filter(|chunk| chunk.document == document && !chunk.bytes.is_empty())
                .map(|chunk| chunk.bytes.clone())
                .collect(),
        };
        graph::Project::load(of(Document::PROJECT), of(Document::COMMENTS)).unwrap()
    }
}

fn project(at: usize) -> ProjectId {
    ProjectId(Uuid::from_bytes([at as u8; 16]))
}

fn run(mut world: World, seed: u64) -> u32 {
    world.settle();
    for _ in 0..STEPS {
        let at = world.random.below(3) as usize;
        match world.random.below(16) {
            0 => world.connect(0, 1),
            1 => world.connect(1, 2),
            2 => world.connect(0, 2),
            3 => world.cut(0, 1),
            4 => world.cut(1, 2),
            5 if world.random.below(4) == 0 => world.set_back(at),
            6..=10 => drop(world.deliver()),
            _ => world.edit(at),
        }
    }
    world.settle();
    world.assert_equal(seed);
    world.streams_drawn
}

#[test]
fn whatever_happens_all_show_the_same_at_rest() {
    let drawn: u32 = (0..SEEDS).map(|seed| run(World::new(seed, 3), seed)).sum();
    assert!(drawn > 0, "no machine was ever found to be set back");
}

/// As above, where every frame and every signal is sealed and signed.
#[test]
fn whatever_happens_in_a_closed_room_all_show_the_same_at_rest() {
    let seeds = SEEDS / 4;
    let drawn: u32 = (0..seeds)
        .map(|seed| run(World::closed(seed, 3), seed))
        .sum();
    assert!(drawn > 0, "no machine was ever found to be set back");
}

#[test]
fn r2_snapshots_are_sealed_and_signed_like_everything_else() {
    let mut world = World::closed(5, 3);
    world.connect(0, 1);
    for _ in 0..300 {
        world.edit(1);
        world.rest(1);
    }
    world.rest(75);
    let mut kinds = std::collections::BTreeSet::new();
    for site in &world.sites[..2] {
        assert!(site.beginning().base.is_some(), "it was condensed");
        for frame in site.frames() {
            let header = frame.header();
            let signer = (0..3)
                .map(keys)
                .find(|it| it.device() == header.stream.device);
            frame.verify(&signer.unwrap().signing.public()).unwrap();
            assert_eq!(header.epoch == 0, frame.payload().is_empty());
            kinds.insert(format!("{:?}", header.kind));
        }
    }
    assert!(kinds.contains("Snapshot") && kinds.contains("Countersignature"));
    // Who comes then reads it.
    world.connect(1, 2);
    world.rest(10);
    assert!(world.sites[2].beginning().base.is_some());
    world.assert_equal(5);
}

/// What fits into a frame of the next two tests: a template, or four of the nodes that [`World::edit_much`] makes.
const FITS: usize = 20_000;

/// One room, closed or open, in which little fits into a frame.
fn narrow() -> impl Iterator<Item = World> {
    let worlds = [World::new(11, 3), World::closed(12, 3)];
    worlds.into_iter().map(|mut world| {
        for site in &mut world.sites {
            site.payload_bytes = FITS;
            site.open(false);
        }
        world
    })
}

#[test]
fn f7_what_does_not_fit_into_one_frame_goes_in_several() {
    for mut world in narrow() {
        (0..5).for_each(|_| world.edit_much(0, 2));
        world.settle();
        world.cut(0, 1);
        for _ in 0..10 {
            world.edit_much(0, 2);
            world.edit_much(1, 2);
        }
        world.settle();
        world.assert_equal(0);
        let frames = world.sites[0].frames();
        assert!((8..40).contains(&frames.len()), "{}", frames.len());
        assert!(frames.iter().all(|it| it.payload().len() <= FITS + 64));
        assert!(world.sites.iter().all(is_live));
    }
}

#[test]
fn f7_a_change_that_fits_into_no_frame_is_named_and_stays() {
    for mut world in narrow() {
        world.edit_much(0, 1);
        world.settle();
        let before = picture(&world.sites[1]);
        world.edit_much(0, 8);
        world.edit_much(0, 1);
        world.rest(10);
        assert_eq!(picture(&world.sites[1]), before);
        let sharing = world.sites[0].sharing.as_ref().unwrap();
        assert_eq!(sharing.waiting, 2);
        assert_eq!(
            sharing.unsendable.as_ref().unwrap().code,
            "TOO_LARGE_TO_SHARE"
        );
        // What others write passes.
        world.edit_much(1, 1);
        world.rest(10);
        assert_ne!(picture(&world.sites[2]), before);
        assert!(
            world.sites[1]
                .sharing
                .as_ref()
                .unwrap()
                .unsendable
                .is_none()
        );
        // It is known again after a start, and the rest still goes.
        world.cut(0, 1);
        world.sites[0].open(false);
        world.connect(0, 1);
        world.edit_much(1, 1);
        world.rest(10);
        let sharing = world.sites[0].sharing.as_ref().unwrap();
        assert_eq!((sharing.waiting, sharing.unsendable.is_some()), (2, true));
        let nodes = |site: &Site| site.stored().0.view().node_count();
        assert_eq!(nodes(&world.sites[0]), nodes(&world.sites[1]) + 9);
    }
}

fn is_live(site: &Site) -> bool {
    let sharing = site.sharing.as_ref().unwrap();
    matches!(sharing.status, Status::Live { .. }) && sharing.unsendable.is_none()
}

fn picture(site: &Site) -> graph::view::Picture {
    site.stored().0.view().picture()
}
