//! An installation: the pure project, its room and its store, with a disk that takes its time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use app::machine::{self, Machine};
use app::outbox::{Fate, Number};
use app::project::{Answer, Ask, Effect, Input, LinkEvent, Project, Tail, Ticket};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Sharing;
use bytes::Bytes;
use graph::document::Document;
use graph::generate::Random;
use graph::generate::template::{content, template};
use graph::id::{AuthorId, PersonId};
use graph::time::Timestamp;
use graph::{ChangeHash, NewProject, Saver};
use store::testing::{Image, SteppedStore};
use store::{Acknowledgement, Chunk, ProjectKey, RoomKey, Store, StoreError};
use sync::{Frame, LinkError, LinkId, LogRange, Outgoing, Peer, Time, Vector};
use trust::{DeviceId, Membership, RoomId};
use uuid::Uuid;

use crate::world::Broken;

pub const DOCUMENTS: [Document; 2] = [Document::Project, Document::Comments];

/// While the disk takes no writes it is tried again after this time, as the task of a project does.
const RETRY_MS: u64 = 1_000;

/// A log is compacted after the first number of chunks, as it would be after the second.
const UNTIL_COMPACTION: (usize, usize) = (40, 1_000);

/// What leaves a machine.
pub enum Out {
    Send(LinkId, Bytes),
    Drop(LinkId, LinkError),
}

/// A disk, and what is known to be on it.
#[derive(Clone)]
pub struct Kept {
    pub project: ProjectId,
    pub image: Image,
    pub saved: Saved,
}

/// What was called saved: it must never be missing.
#[derive(Clone, Default)]
pub struct Saved {
    /// The newest changes of each document.
    pub heads: BTreeMap<Document, Vec<ChangeHash>>,
    /// Frames that were durable.
    pub frames: Vector,
}

/// One installation.
pub struct Desk {
    room: RoomId,
    project: ProjectId,
    /// None while it is down; then `kept` has the disk.
    open: Option<Open>,
    kept: Option<Image>,
    pub saved: Saved,
    /// A copy of the directory that somebody made.
    pub copy: Option<Kept>,
    /// What its clock of the time of day is off by.
    pub skew_ms: i64,
    /// What its other clock is ahead of everybody's.
    ahead_ms: u64,
    /// The directory is a copy, or not where it was.
    is_moved: bool,
}

struct Open {
    machine: Machine,
    project: Project,
    store: Arc<SteppedStore>,
    heard: Receiver<Input>,
    tell: Sender<Input>,
    jobs: VecDeque<Job>,
    retry_at: Option<Time>,
    tickets: u64,
    answer: Option<Result<Reply, String>>,
    out: Vec<Out>,
    key: ProjectKey,
    room_key: RoomKey,
}

/// What a project's task does beside it.
enum Job {
    Retry,
    Replay(LinkId, Vec<LogRange>, usize),
    DrawStream(Uuid),
    Compact(store::Document, store::Seq, Box<Saver>),
    Rename(String),
}

impl Desk {
    /// The first makes the project, the others join.
    pub fn new(name: usize, membership: &Membership, ahead_ms: u64) -> Result<Self, Broken> {
        let store = SteppedStore::open(Image::empty(), false);
        let machine = Machine::start(&store, Timestamp(0)).map_err(words)?;
        let project = if name == 0 {
            let new = NewProject {
                name: "Shared".to_owned(),
                currency: "EUR".to_owned(),
                template: template(),
                content: content(),
            };
            machine.share(&store, &new, membership, Timestamp(1))
        } else {
            machine.join(&store, membership, Timestamp(1))
        };
        let project = project.map_err(words)?;
        machine.close(&store).map_err(words)?;
        Ok(Self {
            room: membership.room(),
            project,
            open: None,
            kept: Some(store.image()),
            saved: Saved::default(),
            copy: None,
            skew_ms: 0,
            ahead_ms,
            is_moved: false,
        })
    }

    pub fn is_up(&self) -> bool {
        self.open.is_some()
    }

    pub fn device(&self) -> Option<DeviceId> {
        self.open.as_ref().map(|open| open.machine.device())
    }

    pub fn person(&self) -> Option<PersonId> {
        self.open.as_ref().map(|open| open.machine.person())
    }

    pub fn author(&self) -> Option<AuthorId> {
        self.open.as_ref().map(|open| open.machine.author())
    }

    pub fn graph(&self) -> Option<&graph::Project> {
        self.open.as_ref().map(|open| machine::graph(&open.project))
    }

    pub fn project(&self) -> Option<&Project> {
        self.open.as_ref().map(|open| &open.project)
    }

    pub fn store(&self) -> Option<&SteppedStore> {
        self.open.as_ref().map(|open| &*open.store)
    }

    fn time(&self, now: Time) -> (Timestamp, Time) {
        let time = Time(now.0 + self.ahead_ms);
        let wall = 1_700_000_000_000 + now.0 as i64 + self.skew_ms;
        (Timestamp(wall), time)
    }

    /// Starts what the disk holds.
    pub fn start(&mut self, now: Time) -> Result<(), Broken> {
        let Some(image) = self.kept.take() else {
            return Ok(());
        };
        let (wall, _) = self.time(now);
        let store = Arc::new(SteppedStore::open(image, !self.is_moved));
        self.is_moved = false;
        let machine = Machine::start(&*store, wall).map_err(words)?;
        let opened = machine.open(&*store, self.project).map_err(words)?;
        let loaded = store.load(self.project.into()).map_err(words)?;
        let tails = loaded.documents.iter().map(|(document, loaded)| {
            // Logs are compacted when they are long; here after some chunks more.
            let mut tail = Tail::of(loaded);
            tail.count += UNTIL_COMPACTION.1 - UNTIL_COMPACTION.0;
            (*document, tail)
        });
        let tails: Vec<_> = tails.collect();
        if let Some(notice) = opened.notices.first() {
            return Err(format!("opening noticed: {notice}"));
        }
        let (tell, heard) = mpsc::channel();
        let mut project = opened.project;
        for (document, tail) in tails {
            project.tail_was_loaded(document, tail);
        }
        self.open = Some(Open {
            machine,
            project,
            store,
            heard,
            tell,
            jobs: VecDeque::new(),
            retry_at: None,
            tickets: 0,
            answer: None,
            out: Vec::new(),
            key: self.project.into(),
            room_key: RoomKey(self.room.0),
        });
        for input in opened.first {
            self.handle(now, input)?;
        }
        self.check_saved()
    }

    /// What was called saved is in the open project.
    fn check_saved(&self) -> Result<(), Broken> {
        let Some(graph) = self.graph() else {
            return Ok(());
        };
        for (document, heads) in &self.saved.heads {
            if let Some(lost) = heads.iter().find(|head| !graph.holds(*document, head)) {
                return Err(format!("a saved change of {document:?} is gone: {lost}"));
            }
        }
        let held = self.held();
        match held.covers(&self.saved.frames) {
            true => Ok(()),
            false => Err(format!("of {:?} only {held:?} is left", self.saved.frames)),
        }
    }

    /// What its room says to hold.
    pub fn held(&self) -> Vector {
        let room = self.project().and_then(Project::room);
        room.map(|room| room.exchange().held()).unwrap_or_default()
    }

    /// The process ends at once; what was written stays.
    pub fn kill(&mut self) {
        if let Some(open) = self.open.take() {
            self.kept = Some(open.store.image());
        }
    }

    /// The power goes; of what was not synced, the oldest writes may be there.
    pub fn lose_power(&mut self, random: &mut Random) {
        if let Some(open) = self.open.take() {
            let (_, unsynced) = open.store.pending();
            let kept = random.below(unsynced + 1);
            self.kept = Some(open.store.torn_image(kept));
        }
    }

    /// Ends in order, if the disk takes what waits.
    pub fn quit(&mut self, now: Time) -> Result<bool, Broken> {
        for _ in 0..100 {
            let Some(open) = &self.open else {
                return Ok(false);
            };
            if open.project.unsaved().pending == 0 {
                let is_closed = open.machine.close(&*open.store).is_ok();
                self.kill();
                return Ok(is_closed);
            }
            open.store.write(usize::MAX);
            open.store.sync();
            self.hear(now)?;
        }
        Ok(false)
    }

    /// A copy of the directory, as it is at this moment.
    pub fn copy(&mut self) {
        let image = match (&self.open, &self.kept) {
            (Some(open), _) => open.store.image(),
            (None, Some(image)) => image.clone(),
            (None, None) => return,
        };
        self.copy = Some(Kept {
            project: self.project,
            image,
            saved: self.saved.clone(),
        });
    }

    /// The copy takes the place of what is there.
    pub fn put_back(&mut self) -> bool {
        let copy = self.copy.clone();
        copy.map(|copy| self.replace(copy)).is_some()
    }

    /// Another directory takes the place of this one; it is noticed at the next start.
    pub fn replace(&mut self, kept: Kept) {
        self.open = None;
        self.project = kept.project;
        self.kept = Some(kept.image);
        self.saved = kept.saved;
        self.is_moved = true;
    }

    pub fn up(&mut self, now: Time, link: LinkId, peer: Peer) -> Result<(), Broken> {
        self.link(now, LinkEvent::Up(link, peer))
    }

    pub fn down(&mut self, now: Time, link: LinkId) -> Result<(), Broken> {
        self.link(now, LinkEvent::Down(link))
    }

    pub fn sent(&mut self, now: Time, link: LinkId, bytes: usize) -> Result<(), Broken> {
        self.link(now, LinkEvent::Sent(link, bytes))
    }

    pub fn receive(&mut self, now: Time, link: LinkId, message: Bytes) -> Result<(), Broken> {
        self.link(now, LinkEvent::Message(link, message))
    }

    fn link(&mut self, now: Time, event: LinkEvent) -> Result<(), Broken> {
        let (_, time) = self.time(now);
        self.handle(now, Input::Link(time, event))
    }

    /// Asks for something; says why if it is refused.
    pub fn ask(&mut self, now: Time, request: Request) -> Result<Result<Reply, String>, Broken> {
        let Some(open) = &mut self.open else {
            return Ok(Err("it is down".to_owned()));
        };
        open.tickets += 1;
        let ticket = Ticket(open.tickets);
        self.handle(now, Input::Ask(ticket, Ask::Request(Box::new(request))))?;
        let answer = self.open.as_mut().and_then(|open| open.answer.take());
        answer.ok_or_else(|| "a question was not answered".to_owned())
    }

    pub fn id(&self) -> ProjectId {
        self.project
    }

    pub fn sharing(&mut self, now: Time) -> Result<Sharing, Broken> {
        let project = self.project;
        match self.ask(now, Request::ReadSharing { project })? {
            Ok(Reply::Sharing { sharing: Some(it) }) => Ok(it),
            other => Err(format!("it is not shared: {other:?}")),
        }
    }

    /// Somebody looks at something.
    pub fn put_presence(
        &mut self,
        now: Time,
        presence: Option<app::room::Presence>,
    ) -> Result<(), Broken> {
        self.handle(now, Input::Presence(presence))
    }

    /// One input, and what follows from it.
    pub fn handle(&mut self, now: Time, input: Input) -> Result<(), Broken> {
        let (wall, time) = self.time(now);
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        for effect in open.project.handle(wall, input) {
            if open.carry_out(effect, time)? {
                let graph = machine::graph(&open.project);
                for document in DOCUMENTS {
                    self.saved.heads.insert(document, graph.heads(document));
                }
                let durable = open.store.durable_room(open.room_key).map_err(words)?;
                self.saved.frames = vector(&durable.vector);
            }
        }
        Ok(())
    }

    /// What the store said since.
    pub fn hear(&mut self, now: Time) -> Result<(), Broken> {
        while let Some(input) = self
            .open
            .as_ref()
            .and_then(|open| open.heard.try_recv().ok())
        {
            self.handle(now, input)?;
        }
        Ok(())
    }

    /// The disk writes and syncs, jobs and timers run: all of it if there is no chance; says whether anything moved.
    pub fn work(
        &mut self,
        now: Time,
        mut some: Option<(&mut Random, u64)>,
    ) -> Result<bool, Broken> {
        let mut chance = |percent: u64| match &mut some {
            Some((random, factor)) => random.chance(percent * *factor / 100),
            None => true,
        };
        let (_, time) = self.time(now);
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        let mut moved = false;
        if chance(60) {
            let most = if chance(30) { usize::MAX } else { 1 };
            moved |= open.store.write(most) > 0;
        }
        if chance(30) {
            moved |= open.store.sync() > 0;
        }
        let is_retry = open.retry_at.is_some_and(|at| at <= time);
        let (job, flush) = (chance(60), chance(50) && open.project.has_news());
        let is_due = open.project.wake().is_some_and(|at| at <= time);
        if is_retry {
            open.retry_at = None;
            self.handle(now, Input::Retry)?;
        }
        self.hear(now)?;
        if job {
            moved |= self.do_job(now)?;
        }
        if flush {
            self.handle(now, Input::Flush)?;
        }
        if is_due {
            self.handle(now, Input::Tick(time))?;
        }
        Ok(moved)
    }

    /// When it acts by itself, by everybody's clock.
    pub fn wake(&self) -> Option<Time> {
        let open = self.open.as_ref()?;
        let wake = [open.project.wake(), open.retry_at]
            .into_iter()
            .flatten()
            .min()?;
        Some(Time(wake.0.saturating_sub(self.ahead_ms)))
    }

    fn do_job(&mut self, now: Time) -> Result<bool, Broken> {
        let (_, time) = self.time(now);
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        let Some(job) = open.jobs.pop_front() else {
            return Ok(false);
        };
        let key = ProjectKey::from(self.project);
        let input = match job {
            Job::Retry => {
                let room = open.store.rooms().retry(open.room_key);
                Some(Input::Resumed(room.and_then(|()| open.store.retry(key))))
            }
            Job::Replay(link, ranges, most) => {
                let frames: Vec<Frame> = machine::read_log(&*open.store, self.room, &ranges, most);
                Some(Input::Link(time, LinkEvent::Replayed(link, frames)))
            }
            Job::DrawStream(era) => {
                let stream = machine::fresh_stream(&*open.store, era, self.room);
                Some(Input::Stream(stream))
            }
            Job::Compact(document, through, saver) => {
                open.store
                    .compact(key, document, through, saver.save())
                    .ok();
                Some(Input::Compacted(document))
            }
            Job::Rename(name) => {
                rename(&*open.store, key, name).ok();
                None
            }
        };
        self.hear(now)?;
        if let Some(input) = input {
            self.handle(now, input)?;
        }
        Ok(true)
    }

    /// What wants to leave.
    pub fn take_out(&mut self) -> Vec<Out> {
        let open = self.open.as_mut();
        open.map(|open| std::mem::take(&mut open.out))
            .unwrap_or_default()
    }

    /// Whether the disk fails to take writes, from now on or no longer.
    pub fn set_full(&mut self, is_full: bool) {
        if let Some(open) = &self.open {
            open.store.set_fault(is_full.then_some(StoreError::Full));
        }
    }

    /// Opens a copy of its disk beside it.
    pub fn beside(&self, now: Time) -> Result<Self, Broken> {
        let image = self.store().map(SteppedStore::image);
        let mut beside = Self {
            open: None,
            kept: image,
            saved: self.saved.clone(),
            copy: None,
            is_moved: false,
            ..*self
        };
        beside.start(now)?;
        Ok(beside)
    }
}

impl Open {
    /// Whether it was said that everything is saved.
    fn carry_out(&mut self, effect: Effect, time: Time) -> Result<bool, Broken> {
        match effect {
            Effect::Answer(Ticket(ticket), answer) => {
                if ticket != self.tickets || self.answer.is_some() {
                    return Err("a question was answered twice".to_owned());
                }
                self.answer = Some(match answer {
                    Ok(Answer::Reply(reply)) => Ok(*reply),
                    Ok(_) => Err("no reply".to_owned()),
                    Err(failure) => Err(failure.code.to_string()),
                });
            }
            Effect::Store(number, chunk) => self.store(number, chunk),
            Effect::Unsaved(unsaved) => return Ok(unsaved.pending == 0),
            Effect::Retry => self.jobs.push_back(Job::Retry),
            Effect::RetryLater => self.retry_at = Some(time.plus_ms(RETRY_MS)),
            Effect::Compact {
                document,
                through,
                saver,
            } => self.jobs.push_back(Job::Compact(document, through, saver)),
            Effect::Renamed(name) => self.jobs.push_back(Job::Rename(name)),
            Effect::Link(Outgoing::Send(link, message)) => self.out.push(Out::Send(link, message)),
            Effect::Link(Outgoing::Drop(link, error)) => self.out.push(Out::Drop(link, error)),
            Effect::Link(Outgoing::Replay(link, ranges, most)) => {
                self.jobs.push_back(Job::Replay(link, ranges, most));
            }
            Effect::DrawStream(era) => self.jobs.push_back(Job::DrawStream(era)),
            // Attachments and snapshots have tests of their own.
            Effect::Emit(_) | Effect::Blob(_) | Effect::Condense(_) | Effect::DropFrames(_) => {}
        }
        Ok(false)
    }

    fn store(&self, number: Number, chunk: Chunk) {
        let tell = self.tell.clone();
        let acknowledge = Box::new(move |news| {
            let fate = match news {
                Acknowledgement::Written(seq) => Fate::Written(seq),
                Acknowledgement::Durable(seq) => Fate::Durable(seq),
                Acknowledgement::Failed(error) => Fate::Failed(error),
            };
            tell.send(Input::Learned(number, fate)).ok();
        });
        self.store.append(self.key, chunk, acknowledge);
    }
}

fn rename(store: &dyn Store, key: ProjectKey, name: String) -> Result<(), StoreError> {
    let records = store.projects()?;
    let Some(mut record) = records.into_iter().find(|record| record.key == key) else {
        return Ok(());
    };
    record.name = name;
    store.update_project(&record)
}

/// A vector of the store as one of the protocol.
pub fn vector(stored: &store::Vector) -> Vector {
    let streams = stored.iter().map(|(key, number)| {
        let stream = sync::StreamId {
            device: DeviceId(key.device),
            nonce: key.stream,
        };
        (stream, *number)
    });
    streams.collect()
}

pub fn words(error: impl std::fmt::Display) -> Broken {
    error.to_string()
}
