//! An installation: the pure project, its room and its store, with a disk that takes its time.

mod open;

use std::collections::{BTreeMap, BTreeSet};

use app::attachments::Attachment;
use app::machine::{self, Machine};
use app::project::{Answer, Ask, Input, LinkEvent, Project, Tail, Ticket};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Sharing;
use bytes::Bytes;
use graph::command::Command;
use graph::document::Document;
use graph::generate::template::{content, template};
use graph::id::{AuthorId, BlobId, NodeId, PersonId};
use graph::time::Timestamp;
use graph::value::File;
use graph::{ChangeHash, NewProject};
use store::Store;
use store::testing::{Image, SteppedStore};
use sync::{LinkError, LinkId, Time, Vector};
use trust::invitation::{Invitation, InvitationSecret};
use trust::{DeviceId, Membership, RoomId};

use self::open::Open;
use crate::disk::{Chance, Disk};
use crate::world::{Broken, wall_ms};

pub const DOCUMENTS: [Document; 2] = [Document::Project, Document::Comments];

/// A log is compacted after the first number of chunks, as it would be after the second.
const UNTIL_COMPACTION: (usize, usize) = (40, 1_000);

/// What leaves a machine.
pub enum Out {
    Send(LinkId, Bytes),
    Drop(LinkId, LinkError),
    /// A device is charged for an attachment that is something else.
    Blame(DeviceId),
    /// Something took place that a run must have seen.
    Tell(&'static str),
}

/// A disk, and what is known to be on it.
#[derive(Clone)]
pub struct Kept {
    project: ProjectId,
    invitation: Option<InvitationSecret>,
    image: Image,
    saved: Saved,
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
    pub disk: Disk,
    room: RoomId,
    project: ProjectId,
    /// With what it asks to be let in, at each start until it is.
    invitation: Option<InvitationSecret>,
    open: Option<Open>,
    /// Machines at addresses that somebody has typed here.
    chosen: BTreeSet<DeviceId>,
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

impl Desk {
    /// Makes the project and shares it.
    pub fn found(ahead_ms: u64) -> Result<Self, Broken> {
        let new = NewProject {
            name: "Shared".to_owned(),
            currency: "EUR".to_owned(),
            template: template(),
            content: content(),
        };
        Self::new(None, ahead_ms, |machine, store| {
            machine.share(store, &new, Timestamp(1)).map_err(words)
        })
    }

    /// Joins it by an invitation.
    pub fn join(invitation: &Invitation, ahead_ms: u64) -> Result<Self, Broken> {
        let secret = invitation.secret.clone();
        Self::new(Some(secret), ahead_ms, |machine, store| {
            let joined = machine.join(store, invitation, Timestamp(1));
            Ok((joined.map_err(words)?, invitation.genesis.room()))
        })
    }

    fn new(
        invitation: Option<InvitationSecret>,
        ahead_ms: u64,
        enter: impl FnOnce(&Machine, &SteppedStore) -> Result<(ProjectId, RoomId), Broken>,
    ) -> Result<Self, Broken> {
        let store = SteppedStore::open(Image::empty(), false);
        let machine = Machine::start(&store, Timestamp(0)).map_err(words)?;
        let (project, room) = enter(&machine, &store)?;
        machine.close(&store).map_err(words)?;
        Ok(Self {
            disk: Disk::with(store.image()),
            room,
            project,
            invitation,
            open: None,
            chosen: BTreeSet::new(),
            saved: Saved::default(),
            copy: None,
            skew_ms: 0,
            ahead_ms,
            is_moved: false,
        })
    }

    pub fn room(&self) -> RoomId {
        self.room
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

    fn time(&self, now: Time) -> (Timestamp, Time) {
        let time = Time(now.0 + self.ahead_ms);
        (Timestamp(wall_ms(now) + self.skew_ms), time)
    }

    /// Starts what the disk holds.
    pub fn start(&mut self, now: Time) -> Result<(), Broken> {
        let Some(store) = self.disk.start(!self.is_moved) else {
            return Ok(());
        };
        let (wall, _) = self.time(now);
        self.is_moved = false;
        let machine = Machine::start(&*store, wall).map_err(words)?;
        let opened = machine.open(&*store, self.project).map_err(words)?;
        if let Some(notice) = opened.notices.first() {
            return Err(format!("opening noticed: {notice}"));
        }
        let mut project = opened.project;
        let loaded = store.load(self.project.into()).map_err(words)?;
        for (document, loaded) in &loaded.documents {
            // Logs are compacted when they are long; here after some chunks more.
            let mut tail = Tail::of(loaded);
            tail.count += UNTIL_COMPACTION.1 - UNTIL_COMPACTION.0;
            project.tail_was_loaded(*document, tail);
        }
        self.open = Some(Open::new(machine, project, store, self.project, self.room));
        for input in opened.first {
            self.handle(now, input)?;
        }
        if let Some(secret) = self.invitation.clone() {
            self.put(now, Ask::Enter(secret))??;
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

    /// Who is a member, as far as it knows.
    pub fn members(&self) -> Option<&Membership> {
        Some(self.project()?.room()?.exchange().membership())
    }

    /// With what it asks to be let in.
    pub fn invitation(&self) -> Option<&InvitationSecret> {
        self.invitation.as_ref()
    }

    /// What its room says to hold.
    pub fn held(&self) -> Vector {
        let room = self.project().and_then(Project::room);
        room.map(|room| room.exchange().held()).unwrap_or_default()
    }

    /// The machine is down; its disk has been seen to.
    pub fn end(&mut self) {
        self.open = None;
    }

    /// Waits for the disk; says whether it took what waits.
    pub fn save(&mut self, now: Time) -> Result<bool, Broken> {
        for _ in 0..100 {
            let Some(open) = &self.open else {
                return Ok(false);
            };
            if open.project.unsaved().pending == 0 {
                return Ok(true);
            }
            self.disk.work(&mut Chance(None));
            self.hear(now)?;
        }
        Ok(false)
    }

    /// Ends in order, if the disk takes what waits.
    pub fn quit(&mut self, now: Time) -> Result<bool, Broken> {
        if !self.save(now)? {
            return Ok(false);
        }
        let Some(open) = &self.open else {
            return Ok(false);
        };
        let is_closed = open.machine.close(&*open.store).is_ok();
        self.disk.end();
        self.end();
        Ok(is_closed)
    }

    /// A copy of the directory, as it is at this moment.
    pub fn copy(&mut self) {
        if let Some(image) = self.disk.image() {
            self.copy = Some(Kept {
                project: self.project,
                invitation: self.invitation.clone(),
                image,
                saved: self.saved.clone(),
            });
        }
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
        self.invitation = kept.invitation;
        self.disk.replace(kept.image);
        self.saved = kept.saved;
        self.is_moved = true;
    }

    /// Somebody has typed the address at which this machine was found.
    pub fn choose(&mut self, now: Time, device: DeviceId) -> Result<(), Broken> {
        self.chosen.insert(device);
        self.handle(now, Input::Chosen(self.chosen.clone()))
    }

    pub fn link(&mut self, now: Time, event: LinkEvent) -> Result<(), Broken> {
        let (_, time) = self.time(now);
        self.handle(now, Input::Link(time, event))
    }

    /// Asks for something; says why if it is refused.
    pub fn ask(&mut self, now: Time, request: Request) -> Result<Result<Reply, String>, Broken> {
        let answer = self.put(now, Ask::Request(Box::new(request)))?;
        Ok(answer.and_then(|answer| match answer {
            Answer::Reply(reply) => Ok(*reply),
            _ => Err("no reply".to_owned()),
        }))
    }

    /// Asks for something that is no request of a window.
    pub fn put(&mut self, now: Time, ask: Ask) -> Result<Result<Answer, String>, Broken> {
        let Some(open) = &mut self.open else {
            return Ok(Err("it is down".to_owned()));
        };
        open.tickets += 1;
        let ticket = Ticket(open.tickets);
        self.handle(now, Input::Ask(ticket, ask))?;
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

    /// How the attachments stand that are not here.
    pub fn missing_attachments(&mut self, now: Time) -> Result<Vec<Attachment>, Broken> {
        let project = self.project;
        match self.ask(now, Request::ListAttachments { project })? {
            Ok(Reply::Attachments { attachments }) => Ok(attachments),
            other => Err(format!("attachments are not listed: {other:?}")),
        }
    }

    /// Whether a node of its project names an attachment.
    pub fn names(&self, blob: &BlobId) -> bool {
        let graph = self.graph();
        graph.is_some_and(|graph| {
            let mut nodes = graph.view().nodes();
            nodes.any(|node| node.files().contains_key(blob))
        })
    }

    /// Puts a file beside the project and names it in a node.
    pub fn attach(&mut self, now: Time, node: NodeId, bytes: &[u8]) -> Result<bool, Broken> {
        let (project, Some(store)) = (self.project, self.disk.store()) else {
            return Ok(false);
        };
        let sealed = machine::seal_file(store, bytes).map_err(words)?;
        let command = Command::Attach {
            node,
            field: "files".into(),
            blob: sealed.name.to_string().as_str().into(),
            file: File {
                name: "plan.pdf".into(),
                media_type: "application/pdf".into(),
                size_bytes: sealed.size_bytes,
                seal: Some(sealed.seal),
            },
        };
        let applied = self.ask(now, Request::Apply { project, command })?;
        Ok(applied.is_ok())
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
                self.saved.frames = open.durable()?;
            }
        }
        Ok(())
    }

    /// What the store said since.
    pub fn hear(&mut self, now: Time) -> Result<(), Broken> {
        while let Some(input) = self.open.as_ref().and_then(Open::heard) {
            self.handle(now, input)?;
        }
        Ok(())
    }

    /// The disk writes and syncs, jobs and timers run; says whether anything moved.
    pub fn work(&mut self, now: Time, mut chance: Chance<'_>) -> Result<bool, Broken> {
        let mut moved = self.disk.work(&mut chance);
        let (_, time) = self.time(now);
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        let is_retry = open.retry_at.is_some_and(|at| at <= time);
        let (job, flush) = (
            chance.takes(60),
            chance.takes(50) && open.project.has_news(),
        );
        let is_due = open.project.wake().is_some_and(|at| at <= time);
        if is_retry {
            open.retry_at = None;
            self.handle(now, Input::Retry)?;
        }
        self.hear(now)?;
        if job && let Some(job) = self.open.as_mut().and_then(|open| open.jobs.pop_front()) {
            moved = true;
            let done = self.open.as_mut().and_then(|open| open.done(job, time));
            self.hear(now)?;
            if let Some(input) = done {
                self.handle(now, input)?;
            }
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
        let wake = [open.project.wake(), open.retry_at];
        let wake = wake.into_iter().flatten().min()?;
        Some(Time(wake.0.saturating_sub(self.ahead_ms)))
    }

    /// What wants to leave.
    pub fn take_out(&mut self) -> Vec<Out> {
        let open = self.open.as_mut();
        open.map(|open| std::mem::take(&mut open.out))
            .unwrap_or_default()
    }

    /// Opens a copy of its disk beside it.
    pub fn beside(&self, now: Time) -> Result<Self, Broken> {
        let mut beside = Self {
            disk: Disk::with(self.disk.image().ok_or("there is no disk")?),
            invitation: None,
            open: None,
            chosen: BTreeSet::new(),
            saved: self.saved.clone(),
            copy: None,
            is_moved: false,
            ..*self
        };
        beside.start(now)?;
        Ok(beside)
    }
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
