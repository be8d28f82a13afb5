//! One open project as a pure state machine: inputs in, effects out.
//!
//! It knows no clock, no disk, no task and no randomness: the time arrives with each input, ids with
//! each command, acknowledgements of the store as inputs. [`crate::project_task`] moves the effects.
//!
//! An edit is in the view, and told to windows, before it is on the disk; whether it is on the disk
//! is told apart, through [`Effect::Unsaved`]. Deltas are gathered until [`Input::Flush`], so that a
//! burst of edits is one message.

mod blobs;
mod bundles;
mod doing;
mod members;
mod news;
mod notify;
mod passages;
mod profile;
mod programs;
mod shared;
mod tail;
mod visits;

use std::collections::{BTreeMap, BTreeSet};

use graph::delta::Delta;
use graph::id::{AuthorId, BlobId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::value::Seal;
use graph::{Saver, Signature, StoredHistory};
use store::{BlobHash, Chunk, Seq, StoreError};
use sync::{Bundle, Outgoing, Time, Vector};
use trust::DeviceId;
use trust::invitation::{Invitation, InvitationSecret};
use trust::membership::Terms;
use uuid::Uuid;

use crate::attachments::{Attachments, BlobDone, BlobWork};
use crate::event::Event;
use crate::failure::Failure;
use crate::outbox::{Fate, Number, Outbox};
use crate::package::Package;
use crate::programs::{Answered, SignedOrder};
use crate::reply::{HistoryState, Reply};
use crate::request::{ProjectId, Request};
use crate::room::acquainted::Acquaintances;
use crate::room::members::Saying;
use crate::room::{Presence, RoomSetup, SnapshotSaver};
use crate::saving::Unsaved;
use crate::settings::Notify;
use crate::{history, requests};

pub use self::bundles::{Brought, Packed};
use self::news::News;
use self::programs::Programs;
pub use self::shared::LinkEvent;
use self::shared::Shared;
pub use self::tail::Tail;
use self::tail::Tails;
pub use self::visits::Visit;

/// Names the asker of a question until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What can happen to an open project.
#[derive(Debug)]
pub enum Input {
    /// Somebody asks for something. Answered by exactly one [`Effect::Answer`].
    Ask(Ticket, Ask),
    /// The store says what became of a chunk.
    Learned(Number, Fate),
    /// It is time to try writing again, or somebody wants it tried.
    Retry,
    /// What the store said when it was asked whether it takes writes again.
    Resumed(Result<(), StoreError>),
    /// Windows are to hear what changed.
    Flush,
    /// A compaction that was asked for is over, done or not.
    Compacted(store::Document),
    /// The author's name or colour changed.
    Profile(Person),
    /// The author is another person from here on, with another actor.
    Become(Box<Signature>),
    /// What the person wants to hear of.
    Notify(Notify),
    /// The project is in a room from here on.
    Share(Box<RoomSetup>),
    /// These machines are at addresses that somebody here has typed or chosen, and no others.
    Chosen(BTreeSet<DeviceId>),
    /// Something happened to a link of its room.
    Link(Time, LinkEvent),
    /// Where this window is; none: it does not say.
    Presence(Option<Presence>),
    /// The stream that [`Effect::DrawStream`] asked for.
    Stream(u64),
    /// What became of [`Effect::Blob`].
    Blob(BlobDone),
    /// What [`Effect::Condense`] gave.
    Condensed(Vec<u8>),
    /// It is [time](Project::wake) for the room to act by itself.
    Tick(Time),
}

/// What can be asked of an open project.
#[derive(Debug)]
pub enum Ask {
    /// A request that names this project.
    Request(Box<Request>),
    /// Everything that views show, in the form in which it travels to a window.
    Snapshot,
    /// The whole project as it is now, for export or a copy.
    Pack,
    /// What others are known to hold.
    Acquaintances,
    /// All frames of its room for somebody who holds this.
    Bundle(Vector),
    /// The attachments that a file of this hash is when it is sealed.
    Sealed(BlobHash),
    /// Take in what a file has.
    Import(Box<Bundle>),
    /// An invitation into its room, on these terms or on the usual ones.
    Invite(Option<Terms>),
    /// Enter its room by an invitation.
    Enter(InvitationSecret),
    /// Say something in the log of members.
    Say(Saying),
    /// What a program wants.
    Order(Box<SignedOrder>),
    /// What a program with a copy of its own says.
    Visit(Box<Visit>),
}

impl Ask {
    fn is_for_snapshot(&self) -> bool {
        match self {
            Ask::Snapshot => true,
            Ask::Request(request) => matches!(**request, Request::Snapshot { .. }),
            Ask::Pack | Ask::Acquaintances | Ask::Bundle(_) | Ask::Import(_) => false,
            Ask::Sealed(_) | Ask::Order(_) | Ask::Visit(_) => false,
            Ask::Invite(_) | Ask::Enter(_) | Ask::Say(_) => false,
        }
    }
}

/// An answer.
pub enum Answer {
    /// To a request.
    Reply(Box<Reply>),
    /// To [`Ask::Snapshot`].
    Json(Vec<u8>),
    /// To [`Ask::Pack`].
    Package(Box<Package>),
    /// To [`Ask::Acquaintances`], with what is held here, and who was removed.
    Acquaintances(Acquaintances, Vector, BTreeSet<DeviceId>),
    /// To [`Ask::Bundle`].
    Bundle(Box<Packed>),
    /// To [`Ask::Sealed`].
    Sealed(BTreeMap<BlobId, Seal>),
    /// To [`Ask::Import`].
    Brought(Brought),
    /// To [`Ask::Invite`].
    Invitation(Box<Invitation>),
    /// To [`Ask::Order`].
    Ordered(Box<Answered>),
    /// To [`Ask::Visit`]: the conversation, and what is to be said in it.
    Visited(Box<Visit>, Option<Vec<u8>>),
    /// To what is done and has no answer.
    Done,
}

/// What is to be done about it.
pub enum Effect {
    /// Answer the asker.
    Answer(Ticket, Result<Answer, Failure>),
    /// Tell every window.
    Emit(Event),
    /// Append this chunk, and feed back what the store says as [`Input::Learned`].
    Store(Number, Chunk),
    /// Note what is not saved yet.
    Unsaved(Unsaved),
    /// Ask the store whether it takes writes again; feed back [`Input::Resumed`].
    Retry,
    /// Feed [`Input::Retry`] after a while.
    RetryLater,
    /// Save a document beside the task and keep it as snapshot up to `through`; feed back [`Input::Compacted`].
    Compact {
        /// Which document.
        document: store::Document,
        /// The newest chunk that the snapshot certainly holds.
        through: Seq,
        /// Saves it.
        saver: Box<Saver>,
    },
    /// The catalogue should show this name.
    Renamed(String),
    /// Send something to others, read it for them, or close a link.
    Link(Outgoing),
    /// Save the documents for a snapshot beside the task; feed back [`Input::Condensed`].
    Condense(Box<SnapshotSaver>),
    /// Delete frames of these documents of the room up to these numbers. It may fail; it is asked for again one day.
    DropFrames(Vec<(store::Document, store::Vector)>),
    /// See to attachments on the disk; feed back [`Input::Blob`]. Pieces are kept one after the other.
    Blob(BlobWork),
    /// Draw another stream for the room, good in this era, and feed it back as [`Input::Stream`].
    DrawStream(Uuid),
}

/// An open project.
pub struct Project {
    pub(crate) id: ProjectId,
    pub(crate) graph: graph::Project,
    pub(crate) author: AuthorId,
    signature: Signature,
    pub(crate) search: Option<requests::find::Search>,
    news: News,
    outbox: Outbox,
    tails: Tails,
    name: String,
    notify: Notify,
    shared: Option<Shared>,
    attachments: Attachments,
    /// Work about attachments that follows from this step.
    blob_work: Vec<BlobWork>,
    programs: Programs,
}

impl Project {
    /// A project as it was loaded, on which the author of this installation signs on.
    pub fn new(
        id: ProjectId,
        mut graph: graph::Project,
        signature: Signature,
        history: &StoredHistory,
    ) -> Self {
        graph.sign_on(signature.clone(), history);
        let name = graph.view().frame().name.clone();
        Self {
            id,
            graph,
            author: signature.author,
            signature,
            search: None,
            news: News::default(),
            outbox: Outbox::default(),
            tails: Tails::default(),
            name,
            notify: Notify::default(),
            shared: None,
            attachments: Attachments::default(),
            blob_work: Vec::new(),
            programs: Programs::default(),
        }
    }

    /// Notes what the log of a document held behind its snapshot; it counts towards the next compaction.
    pub fn tail_was_loaded(&mut self, document: store::Document, tail: Tail) {
        self.tails.loaded(document, tail);
    }

    /// One step. Effects are to be carried out in their order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.begin_step(now);
        match input {
            Input::Ask(ticket, ask) => self.answer(now, ticket, ask, &mut effects),
            Input::Learned(number, fate) => self.learn(number, fate, &mut effects),
            Input::Retry => {
                if self.outbox.begin_retry() {
                    effects.push(Effect::Retry);
                } else if self.outbox.stalled().is_some() {
                    // The store still has to answer for what it holds.
                    effects.push(Effect::RetryLater);
                } else {
                    self.attachments.retry_refused();
                }
            }
            Input::Resumed(answer) => self.resume(answer, &mut effects),
            Input::Flush => effects.extend(self.flush().map(Effect::Emit)),
            Input::Compacted(document) => self.tails.compacted(document),
            Input::Become(signature) => self.become_person(now, *signature, &mut effects),
            Input::Profile(profile) => self.change_profile(now, profile, &mut effects),
            Input::Notify(notify) => self.notify(notify),
            Input::Share(setup) => self.share(*setup),
            Input::Presence(presence) => self.put_presence(presence),
            Input::Chosen(devices) => self.choose(devices),
            Input::Link(time, event) => {
                self.pass(now, time);
                self.link(now, event, &mut effects);
            }
            Input::Stream(nonce) => self.begin_stream(nonce),
            Input::Tick(time) => self.pass(now, time),
            Input::Blob(done) => self.learn_of_blobs(now, done, &mut effects),
            Input::Condensed(payload) => self.condensed(now, &payload, &mut effects),
        }
        self.exchange(now, &mut effects);
        self.answer_waiting(&mut effects);
        effects
    }

    /// Whether there is something that windows were not told.
    pub fn has_news(&self) -> bool {
        self.news.is_due()
    }

    /// What is not on the disk for certain.
    pub fn unsaved(&self) -> Unsaved {
        Unsaved {
            pending: self.outbox.pending(),
            stalled: self.outbox.stalled().cloned(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Live nodes, for the catalogue.
    pub fn node_count(&self) -> usize {
        self.graph.view().node_count()
    }

    /// Notes a change of the view, whoever made it.
    pub(crate) fn changed(&mut self, delta: Delta, author: Option<AuthorId>) {
        let by = self.person();
        self.changed_by(delta, author, Some(by));
    }

    /// The same, of somebody in particular.
    fn changed_by(&mut self, delta: Delta, author: Option<AuthorId>, by: Option<PersonId>) {
        if let Some(search) = &mut self.search {
            search.update(self.graph.view(), &delta);
        }
        self.attachments_changed(&delta);
        self.journalize(&delta, author, by);
        self.news.add(delta, author, by);
    }

    /// The person for whom this window edits.
    pub(crate) fn person(&self) -> PersonId {
        self.signature.person
    }

    /// How they want to be shown.
    pub(crate) fn profile(&self) -> &Person {
        &self.signature.profile
    }

    /// Number of changes so far.
    pub(crate) fn revision(&self) -> u64 {
        self.news.revision()
    }

    /// What undo and redo would do for the author of this window.
    pub(crate) fn history(&self) -> HistoryState {
        let (undo, redo) = self.graph.history_labels(self.author);
        HistoryState {
            undo: undo.map(str::to_owned),
            redo: redo.map(str::to_owned),
        }
    }

    /// What windows have not been told yet, as one message.
    pub(crate) fn flush(&mut self) -> Option<Event> {
        let history = self.history();
        let needs_update = self.needs_update();
        self.news.take(self.id, &self.graph, history, needs_update)
    }

    fn answer(&mut self, now: Timestamp, ticket: Ticket, ask: Ask, effects: &mut Vec<Effect>) {
        // A window counts on from its snapshot, so everybody hears first what led to it.
        if ask.is_for_snapshot() {
            effects.extend(self.flush().map(Effect::Emit));
        }
        let answer = match ask {
            Ask::Request(request) => {
                requests::answer(self, now, *request).map(|reply| Answer::Reply(Box::new(reply)))
            }
            Ask::Snapshot => Ok(Answer::Json(requests::snapshot::to_json(self))),
            Ask::Pack => Ok(Answer::Package(Box::new(Package::of(&self.graph)))),
            Ask::Acquaintances => Ok(self.acquaintances(now)),
            Ask::Sealed(hash) => Ok(Answer::Sealed(self.sealed_of(&hash.to_string()))),
            Ask::Bundle(since) => return self.begin_bundle(ticket, since, effects),
            Ask::Import(bundle) => self.import(now, &bundle, effects).map(Answer::Brought),
            Ask::Invite(terms) => self
                .invite(now, terms)
                .map(Box::new)
                .map(Answer::Invitation),
            Ask::Enter(secret) => self.enter_by(now, secret).map(|()| Answer::Done),
            Ask::Say(saying) => self.say(now, saying).map(|()| Answer::Done),
            Ask::Order(order) => return self.order(now, ticket, *order, effects),
            Ask::Visit(visit) => return self.receive_visit(now, ticket, visit, effects),
        };
        self.send_written(now, effects);
        effects.push(Effect::Answer(ticket, answer));
        self.notice_name(effects);
    }

    /// Hands what was written over to the store, each change with its undo entry as one chunk.
    fn send_written(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let written = self.graph.take_written();
        if written.is_empty() {
            return;
        }
        let chunks = written.into_iter().flat_map(history::chunks);
        self.frame(now, chunks.collect(), effects);
        effects.push(Effect::Unsaved(self.unsaved()));
        self.tell_soon();
    }

    /// Puts a chunk into the outbox, and hands it to the store unless that takes nothing.
    fn keep(&mut self, chunk: Chunk, effects: &mut Vec<Effect>) -> Number {
        let number = self.outbox.next();
        if self.outbox.push(chunk).is_some() {
            self.store(number, effects);
        }
        number
    }

    fn store(&self, number: Number, effects: &mut Vec<Effect>) {
        let chunk = self.outbox.chunk(number);
        let chunk = chunk.expect("what is handed over is kept until it is written");
        effects.push(Effect::Store(number, chunk.clone()));
    }

    fn learn(&mut self, number: Number, fate: Fate, effects: &mut Vec<Effect>) {
        let failed = matches!(fate, Fate::Failed(_));
        if let (Fate::Written(seq), Some(chunk)) = (&fate, self.outbox.chunk(number)) {
            self.tails.written(chunk.document, *seq, chunk.bytes.len());
        }
        if let Some(shared) = &mut self.shared {
            shared.learn(number, &fate);
        }
        let was_stalled = self.outbox.stalled().is_some();
        self.outbox.learn(number, fate);
        if failed && !was_stalled {
            effects.push(Effect::RetryLater);
        }
        if self.outbox.pending() == 0 || (failed && !was_stalled) {
            effects.push(Effect::Unsaved(self.unsaved()));
        }
        if self.outbox.is_written() {
            self.compact_long_tails(effects);
        }
    }

    fn resume(&mut self, answer: Result<(), StoreError>, effects: &mut Vec<Effect>) {
        let failed = answer.is_err();
        for number in self.outbox.resume(answer) {
            self.store(number, effects);
        }
        match failed {
            true => effects.push(Effect::RetryLater),
            false => self.attachments.retry_refused(),
        }
        effects.push(Effect::Unsaved(self.unsaved()));
    }

    fn compact_long_tails(&mut self, effects: &mut Vec<Effect>) {
        for (document, through) in self.tails.begin_compactions() {
            effects.push(Effect::Compact {
                document,
                through,
                saver: Box::new(self.graph.fork(history::graph_document(document))),
            });
        }
    }

    fn notice_name(&mut self, effects: &mut Vec<Effect>) {
        let name = &self.graph.view().frame().name;
        if *name != self.name {
            self.name = name.clone();
            effects.push(Effect::Renamed(name.clone()));
        }
    }
}
