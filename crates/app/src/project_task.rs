//! The task that owns one open project: it moves inputs in and effects out, and does nothing else.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the task and its jobs hang on handles here"
)]

mod company;
mod followers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use relay::{InboxReceiver, LinkInput};
use store::{Acknowledgement, ProjectKey, RoomKey};
use sync::{BlobPiece, FrameId, Outgoing, Time};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};
use trust::{DeviceId, RoomId};

use self::followers::{Followers, Heard};
use crate::attachments::{BlobDone, BlobWork};
use crate::event::Event;
use crate::failure::{Failure, store_words};
use crate::links::{self, Links};
use crate::network::Entrance;
use crate::outbox::{Fate, Number};
use crate::panics;
use crate::project::{Answer, Ask, Effect, Input, LinkEvent, Project, Ticket};
use crate::room::{Room, RoomSetup};
use crate::saving::Unsaved;
use crate::world::{World, locked};
use crate::{blob_work, catalogue, identity, rooms};

/// Askers that may wait; more have to wait to ask.
const INBOX: usize = 64;

/// Windows hear of changes at once, but not more often than this: a frame at 120 Hz.
const FRAME: Duration = Duration::from_millis(8);

/// While the disk does not take writes, it is tried again after this time.
const RETRY: Duration = Duration::from_secs(1);

/// The way to an open project. The project's task ends when the last door is dropped.
#[derive(Clone)]
pub(crate) struct Door {
    inbox: mpsc::Sender<Message>,
    _task: Arc<EndsOnDrop>,
}

/// What can be said through a door.
enum Message {
    Ask(Ask, oneshot::Sender<Result<Answer, Failure>>),
    Tell(Input),
    Share(Box<RoomSetup>, Entrance),
    Follow(oneshot::Sender<Heard>),
    Close(oneshot::Sender<Result<(), Failure>>),
    #[cfg(feature = "testing")]
    Panic,
}

struct EndsOnDrop(JoinHandle<()>);

impl Drop for EndsOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Door {
    /// Starts the task of a project.
    pub(crate) fn open(world: Arc<World>, project: Project) -> Self {
        let (sender, inbox) = mpsc::channel(INBOX);
        let task = tokio::spawn(run(world, project, inbox));
        Self {
            inbox: sender,
            _task: Arc::new(EndsOnDrop(task)),
        }
    }

    /// Whether the project is still open behind it.
    pub(crate) fn is_open(&self) -> bool {
        !self.inbox.is_closed()
    }

    /// Asks and waits for the answer.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let (sender, answer) = oneshot::channel();
        self.send(Message::Ask(ask, sender)).await?;
        answer.await.map_err(|_| Failure::crashed())?
    }

    /// Says something to which there is no answer.
    pub(crate) async fn tell(&self, input: Input) -> Result<(), Failure> {
        self.send(Message::Tell(input)).await
    }

    /// Enters a room.
    pub(crate) async fn share(&self, setup: RoomSetup, entrance: Entrance) -> Result<(), Failure> {
        self.send(Message::Share(Box::new(setup), entrance)).await
    }

    /// Ends the task once everything is on disk. Fails, and leaves the project open, if the disk takes no writes.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        let (sender, answer) = oneshot::channel();
        self.send(Message::Close(sender)).await?;
        answer.await.map_err(|_| Failure::crashed())?
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn panic(&self) -> Result<(), Failure> {
        self.send(Message::Panic).await
    }

    async fn send(&self, message: Message) -> Result<(), Failure> {
        self.inbox
            .send(message)
            .await
            .map_err(|_| Failure::crashed())
    }
}

async fn run(world: Arc<World>, project: Project, inbox: mpsc::Receiver<Message>) {
    let id = project.id;
    let (heard, hear) = mpsc::unbounded_channel();
    let task = ProjectTask {
        world: Arc::clone(&world),
        name: Arc::new(Mutex::new(project.name().to_owned())),
        project,
        asked: BTreeMap::new(),
        next_ticket: Ticket(0),
        heard,
        jobs: JoinSet::new(),
        told_at: Instant::now(),
        retry_at: None,
        retrying: false,
        closing: None,
        links: Links::default(),
        chosen: BTreeSet::new(),
        members_known: 0,
        pieces: VecDeque::new(),
        is_keeping: false,
        incoming: None,
        followers: Followers::default(),
    };
    if let Err(Panicked { report, at }) = task.run(inbox, hear).await {
        if let Some((room, frame)) = at {
            let noted = world.blocking(move |world| rooms::suspect(&*world.store, room, frame));
            // Otherwise it is met again, and noted then.
            noted.await.ok();
        }
        world.unsaved(id, Unsaved::default());
        world.emit(Event::Crashed {
            project: id,
            report,
        });
    }
}

/// A defect showed itself; the project cannot go on.
struct Panicked {
    report: String,
    /// The frame that was being merged, and its room.
    at: Option<(RoomId, FrameId)>,
}

struct ProjectTask {
    world: Arc<World>,
    project: Project,
    /// The name that the catalogue should show.
    name: Arc<Mutex<String>>,
    asked: BTreeMap<Ticket, oneshot::Sender<Result<Answer, Failure>>>,
    next_ticket: Ticket,
    /// Where jobs and the store report. Unbounded, because the store's thread must not wait; it holds
    /// no more than two reports for each chunk under way.
    heard: mpsc::UnboundedSender<Input>,
    jobs: JoinSet<()>,
    told_at: Instant,
    retry_at: Option<Instant>,
    retrying: bool,
    closing: Option<oneshot::Sender<Result<(), Failure>>>,
    links: Links,
    /// Machines of which the project has heard that somebody has chosen them, and so many records of members of which the
    /// network has.
    chosen: BTreeSet<DeviceId>,
    members_known: usize,
    /// Pieces of attachments that came, and whether one is on its way to the disk.
    pieces: VecDeque<BlobPiece>,
    is_keeping: bool,
    /// What happens to links; none while the project is in no room.
    incoming: Option<InboxReceiver>,
    followers: Followers,
}

impl ProjectTask {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Message>,
        mut hear: mpsc::UnboundedReceiver<Input>,
    ) -> Result<(), Panicked> {
        // A sync that fails is told of nowhere else: chunks that are written wait on without a word.
        let mut disk = self.world.disk();
        let mut happened = Vec::new();
        loop {
            let (retry_at, wake) = (self.retry_at, self.project.wake());
            let book = self.links.book();
            tokio::select! {
                biased;
                Some(input) = hear.recv() => self.step(input)?,
                message = inbox.recv() => match message {
                    Some(message) => self.take(message)?,
                    None => return Ok(()),
                },
                () = receive(&mut self.incoming, &mut happened) => {
                    for input in happened.drain(..) {
                        let event = self.links.take(input);
                        self.step(Input::Link(links::time(), event))?;
                    }
                    self.note_members();
                    self.tell_chosen()?;
                }
                () = Links::choice(book) => self.tell_chosen()?,
                () = until(wake), if wake.is_some() => self.step(Input::Tick(links::time()))?,
                Ok(()) = disk.changed() => self.step(Input::Retry)?,
                () = sleep_until(self.told_at + FRAME), if self.project.has_news() => {}
                () = sleep_until(retry_at.unwrap_or(self.told_at)), if retry_at.is_some() => {
                    self.retry_at = None;
                    self.step(Input::Retry)?;
                }
            }
            if self.project.has_news() && self.told_at.elapsed() >= FRAME {
                self.step(Input::Flush)?;
                self.told_at = Instant::now();
            }
            while self.jobs.try_join_next().is_some() {}
            if self.closing.is_some() && self.try_to_close().await? {
                return Ok(());
            }
        }
    }

    fn take(&mut self, message: Message) -> Result<(), Panicked> {
        match message {
            Message::Ask(ask, asker) => {
                let ticket = self.next_ticket;
                self.next_ticket.0 += 1;
                self.asked.insert(ticket, asker);
                self.step(Input::Ask(ticket, ask))
            }
            Message::Tell(input) => self.step(input),
            Message::Share(setup, Entrance { incoming, book }) => {
                self.links = Links::new(book);
                self.chosen.clear();
                self.members_known = 0;
                self.incoming = Some(incoming);
                self.step(Input::Share(setup))?;
                self.note_members();
                Ok(())
            }
            Message::Follow(asker) => self.follow(asker),
            Message::Close(asker) => {
                self.closing = Some(asker);
                self.step(Input::Retry)
            }
            #[cfg(feature = "testing")]
            Message::Panic => Err(Panicked {
                report: "a planted defect".to_owned(),
                at: None,
            }),
        }
    }

    /// One input and what follows from it. A panic inside is a defect of this project's state alone.
    fn step(&mut self, input: Input) -> Result<(), Panicked> {
        let now = self.world.now();
        let doing = input.name();
        match input {
            Input::Resumed(_) => self.retrying = false,
            Input::Blob(BlobDone::Kept(..)) => {
                self.is_keeping = false;
                self.keep_next();
            }
            _ => {}
        }
        let project = &mut self.project;
        let effects = catch_unwind(AssertUnwindSafe(|| project.handle(now, input)));
        let effects = effects.map_err(|payload| self.panicked(doing, payload))?;
        self.tell_followers();
        effects
            .into_iter()
            .for_each(|effect| self.carry_out(effect));
        for event in self.links.take_sent() {
            self.step(Input::Link(links::time(), event))?;
        }
        Ok(())
    }

    /// What a panic leaves to be said. The project is only asked for what it noted before.
    fn panicked(&self, doing: &str, payload: Box<dyn std::any::Any + Send>) -> Panicked {
        let mut report = format!("{doing}: {}", panics::message(&*payload));
        let room = self.project.room();
        let at = room.and_then(|room| Some((room.id(), room.in_flight()?)));
        if let Some((_, (frame, device))) = at {
            report += &format!(" (at frame {frame} of device {device}, which is set aside)");
        }
        let at = at.map(|(room, (frame, _))| (room, frame));
        Panicked { report, at }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Answer(ticket, answer) => {
                if let Some(asker) = self.asked.remove(&ticket) {
                    // Whoever does not wait any more does not want the answer.
                    asker.send(answer).ok();
                }
            }
            Effect::Emit(event) => {
                self.world.emit(event);
            }
            Effect::Store(number, chunk) => self.store(number, chunk),
            Effect::Unsaved(unsaved) => self.world.unsaved(self.project.id, unsaved),
            Effect::Retry => {
                self.retrying = true;
                let key = ProjectKey::from(self.project.id);
                let room = self.room();
                self.job(move |world| {
                    let room = room.map_or(Ok(()), |room| world.store.rooms().retry(room));
                    Some(Input::Resumed(room.and_then(|()| world.store.retry(key))))
                });
            }
            Effect::RetryLater => self.retry_at = Some(Instant::now() + RETRY),
            Effect::Compact {
                document,
                through,
                saver,
            } => {
                let key = ProjectKey::from(self.project.id);
                self.job(move |world| {
                    // A log that stays long costs time at the next opening, nothing else.
                    let saved = catch_unwind(AssertUnwindSafe(|| saver.save()));
                    if let Ok(snapshot) = saved {
                        world.store.compact(key, document, through, snapshot).ok();
                    }
                    Some(Input::Compacted(document))
                });
            }
            Effect::Link(outgoing) => self.send(outgoing),
            Effect::Condense(saver) => self.job(move |_| {
                let saved = catch_unwind(AssertUnwindSafe(|| saver.save())).ok()?;
                Some(Input::Condensed(saved))
            }),
            Effect::DropFrames(documents) => {
                let room = self.room();
                self.job(move |world| {
                    for (document, through) in documents {
                        // What stays is dropped with the next snapshot.
                        let rooms = world.store.rooms();
                        rooms.drop_frames(room?, document, &through).ok();
                    }
                    None
                });
            }
            Effect::Blob(BlobWork::Keep(piece)) => {
                self.pieces.push_back(piece);
                self.keep_next();
            }
            Effect::Blob(work) => self.job(move |world| blob_work::done(world, work)),
            Effect::DrawStream(era) => {
                let room = self.project.room().map(Room::id);
                self.job(move |world| {
                    let nonce = identity::fresh_stream(&*world.store, era, room?);
                    Some(Input::Stream(nonce))
                });
            }
            Effect::Renamed(name) => {
                *locked(&self.name) = name;
                let (id, name) = (self.project.id, Arc::clone(&self.name));
                self.job(move |world| {
                    // Read when the job runs, so that the last name wins whichever job runs last.
                    catalogue::update(world, id, |record| record.name = locked(&name).clone()).ok();
                    None
                });
            }
        }
    }

    /// Pieces are kept one after the other: each is put behind the one before.
    fn keep_next(&mut self) {
        if self.is_keeping {
            return;
        }
        if let Some(piece) = self.pieces.pop_front() {
            self.is_keeping = true;
            self.job(move |world| blob_work::done(world, BlobWork::Keep(piece)));
        }
    }

    fn send(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Send(link, message) => self.links.send(link, message),
            Outgoing::Drop(link, error) => self.links.end(link, &error),
            Outgoing::Replay(link, ranges, max_bytes) => {
                let room = self.room();
                self.job(move |world| {
                    let frames = links::read_log(&*world.store, room?, &ranges, max_bytes);
                    let event = LinkEvent::Replayed(link, frames);
                    Some(Input::Link(links::time(), event))
                });
            }
        }
    }

    fn room(&self) -> Option<RoomKey> {
        self.project.room().map(|room| RoomKey(room.id().0))
    }

    fn store(&self, number: Number, chunk: store::Chunk) {
        let heard = self.heard.clone();
        let acknowledge = Box::new(move |acknowledgement| {
            let fate = match acknowledgement {
                Acknowledgement::Written(seq) => Fate::Written(seq),
                Acknowledgement::Durable(seq) => Fate::Durable(seq),
                Acknowledgement::Failed(error) => Fate::Failed(error),
            };
            // Nobody hears it when the project crashed meanwhile.
            heard.send(Input::Learned(number, fate)).ok();
        });
        let key = ProjectKey::from(self.project.id);
        self.world.store.append(key, chunk, acknowledge);
    }

    /// Runs work that waits for the disk beside the task; what it returns is the next input.
    fn job(&mut self, work: impl FnOnce(&World) -> Option<Input> + Send + 'static) {
        let (world, heard) = (Arc::clone(&self.world), self.heard.clone());
        self.jobs.spawn_blocking(move || {
            if let Some(input) = work(&world) {
                heard.send(input).ok();
            }
        });
    }

    /// Whether the task may end now.
    async fn try_to_close(&mut self) -> Result<bool, Panicked> {
        let unsaved = self.project.unsaved();
        if unsaved.pending == 0 {
            self.step(Input::Flush)?;
            self.keep_record().await;
            self.answer_closing(Ok(()));
            return Ok(true);
        }
        if let Some(error) = unsaved.stalled.filter(|_| !self.retrying) {
            let (code, message) = store_words(&error);
            self.answer_closing(Err(Failure::new(code, message)));
        }
        Ok(false)
    }

    async fn keep_record(&self) {
        let (id, count) = (self.project.id, self.project.node_count() as u64);
        let name = locked(&self.name).clone();
        let kept = self.world.blocking(move |world| {
            catalogue::update(world, id, |record| {
                record.name = name;
                record.node_count = count;
            })
        });
        // The list may show an old count; the project itself is safe.
        kept.await.ok();
    }

    fn answer_closing(&mut self, answer: Result<(), Failure>) {
        if let Some(asker) = self.closing.take() {
            asker.send(answer).ok();
        }
    }
}

/// Waits for what happens to links; for ever if there are none.
async fn receive(incoming: &mut Option<InboxReceiver>, happened: &mut Vec<LinkInput>) {
    match incoming {
        Some(incoming) => incoming.receive(happened).await,
        None => std::future::pending().await,
    }
}

/// Waits until it is that time.
async fn until(time: Option<Time>) {
    match time {
        Some(time) => {
            let wait = Duration::from_millis(time.since_ms(links::time()));
            sleep_until(Instant::now() + wait).await;
        }
        None => std::future::pending().await,
    }
}
