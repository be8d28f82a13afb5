//! What the task of an open project does around it: effects become writes, messages and jobs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use app::attachments::{BlobDone, BlobWork};
use app::machine::{self, Machine};
use app::outbox::{Fate, Number};
use app::project::{Answer, Effect, Input, LinkEvent, Project, Ticket};
use app::request::ProjectId;
use relay::Kept;
use store::testing::SteppedStore;
use store::{Acknowledgement, Chunk, ProjectKey, RoomKey, Store, StoreError};
use sync::{Outgoing, Time, Vector};
use trust::RoomId;

use super::{Out, vector, words};
use crate::world::Broken;

/// While the disk takes no writes it is tried again after this time, as the task of a project does.
const RETRY_MS: u64 = 1_000;

/// A project that is open, and what its task would have.
pub(super) struct Open {
    pub machine: Machine,
    pub project: Project,
    pub store: Arc<SteppedStore>,
    /// What is done beside the task, in turn.
    pub jobs: VecDeque<Effect>,
    pub retry_at: Option<Time>,
    pub tickets: u64,
    pub answer: Option<Result<Answer, String>>,
    pub out: Vec<Out>,
    heard: Receiver<Input>,
    tell: Sender<Input>,
    key: ProjectKey,
    room: RoomId,
}

impl Open {
    pub fn new(
        machine: Machine,
        project: Project,
        store: Arc<SteppedStore>,
        id: ProjectId,
        room: RoomId,
    ) -> Self {
        let (tell, heard) = mpsc::channel();
        Self {
            machine,
            project,
            store,
            jobs: VecDeque::new(),
            retry_at: None,
            tickets: 0,
            answer: None,
            out: Vec::new(),
            heard,
            tell,
            key: id.into(),
            room,
        }
    }

    /// The next thing that the store said.
    pub fn heard(&self) -> Option<Input> {
        self.heard.try_recv().ok()
    }

    /// Frames that a loss of power would leave.
    pub fn durable(&self) -> Result<Vector, Broken> {
        let durable = self.store.durable_room(RoomKey(self.room.0));
        Ok(vector(&durable.map_err(words)?.vector))
    }

    /// Whether it was said that everything is saved.
    pub fn carry_out(&mut self, effect: Effect, time: Time) -> Result<bool, Broken> {
        match effect {
            Effect::Answer(Ticket(ticket), answer) => {
                if ticket != self.tickets || self.answer.is_some() {
                    return Err("a question was answered twice".to_owned());
                }
                self.answer = Some(answer.map_err(|failure| failure.code.to_string()));
            }
            Effect::Store(number, chunk) => self.store(number, chunk),
            Effect::Unsaved(unsaved) => return Ok(unsaved.pending == 0),
            Effect::RetryLater => self.retry_at = Some(time.plus_ms(RETRY_MS)),
            Effect::Link(Outgoing::Send(link, message)) => self.out.push(Out::Send(link, message)),
            Effect::Link(Outgoing::Drop(link, error)) => self.out.push(Out::Drop(link, error)),
            Effect::Emit(_) => {}
            job => self.jobs.push_back(job),
        }
        Ok(false)
    }

    /// Does a job; what the project is to hear of it.
    pub fn done(&mut self, job: Effect, time: Time) -> Option<Input> {
        let (store, room_key) = (&*self.store, RoomKey(self.room.0));
        match job {
            Effect::Retry => {
                let room = store.rooms().retry(room_key);
                Some(Input::Resumed(room.and_then(|()| store.retry(self.key))))
            }
            Effect::Link(Outgoing::Replay(link, ranges, most)) => {
                let frames = machine::read_log(store, self.room, &ranges, most);
                Some(Input::Link(time, LinkEvent::Replayed(link, frames)))
            }
            Effect::DrawStream(era) => {
                let stream = machine::fresh_stream(store, era, self.room);
                Some(Input::Stream(stream))
            }
            Effect::Compact {
                document,
                through,
                saver,
            } => {
                let compacted = store.compact(self.key, document, through, saver.save());
                self.out
                    .extend(compacted.is_ok().then_some(Out::Tell("compact")));
                Some(Input::Compacted(document))
            }
            Effect::Condense(saver) => {
                self.out.push(Out::Tell("condense"));
                Some(Input::Condensed(saver.save()))
            }
            Effect::DropFrames(documents) => {
                for (document, through) in documents {
                    store.rooms().drop_frames(room_key, document, &through).ok();
                }
                self.out.push(Out::Tell("drop-frames"));
                None
            }
            Effect::Blob(work) => {
                let is_resumed = matches!(&work, BlobWork::Keep(piece) if piece.offset > 0);
                let done = machine::see_to_blob(store, work)?;
                match &done {
                    BlobDone::Kept(_, Kept::Whole(_)) if is_resumed => {
                        self.out.push(Out::Tell("attachment-in-pieces"));
                    }
                    BlobDone::Kept(_, Kept::Whole(_)) => self.out.push(Out::Tell("attachment")),
                    BlobDone::Kept(_, Kept::Spoiled) => {
                        self.out.push(Out::Tell("attachment-spoiled"));
                    }
                    _ => {}
                }
                Some(Input::Blob(done))
            }
            Effect::Renamed(name) => {
                rename(store, self.key, name).ok();
                None
            }
            _ => None,
        }
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
