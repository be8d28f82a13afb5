//! A relay: the pure room and its store.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use relay::machine::{self, Effect, Fate, Input, Room};
use relay::{keep_piece, read_piece};
use store::testing::{Image, SteppedStore};
use store::{Acknowledgement, BlobHash, RoomKey, RoomWrite, Store, StoreError};
use sync::{BlobName, Exchange, Time, Vector};
use trust::{DeviceId, RoomId};

use crate::desk::{Out, vector, words};
use crate::disk::{Chance, Disk};
use crate::world::{Broken, wall_ms};

/// Between two tries of a disk that takes nothing, as the task of a room does.
const MEND_MS: u64 = 2_000;

/// One relay.
pub struct Post {
    pub device: DeviceId,
    pub disk: Disk,
    room: RoomId,
    open: Option<Open>,
    /// Frames that were durable.
    pub durable: Vector,
    pub copy: Option<(Image, Vector)>,
}

struct Open {
    room: Room,
    id: RoomId,
    store: Arc<SteppedStore>,
    fates: Receiver<Fate>,
    tell: Sender<Fate>,
    /// What is done beside the room, in turn.
    jobs: VecDeque<Effect>,
    /// The members of a room that should be on the disk and is not yet.
    uncreated: Option<Vec<Vec<u8>>>,
    mend_at: Option<Time>,
    out: Vec<Out>,
}

impl Post {
    pub fn new(name: usize, room: RoomId) -> Self {
        Self {
            device: DeviceId([0xf0 + name as u8; 32]),
            disk: Disk::with(Image::empty()),
            room,
            open: None,
            durable: Vector::new(),
            copy: None,
        }
    }

    pub fn is_up(&self) -> bool {
        self.open.is_some()
    }

    pub fn start(&mut self) -> Result<(), Broken> {
        let Some(store) = self.disk.start(true) else {
            return Ok(());
        };
        let room = machine::open(&*store, self.room, self.device).map_err(words)?;
        let (tell, fates) = mpsc::channel();
        self.open = Some(Open {
            room,
            id: self.room,
            store,
            fates,
            tell,
            jobs: VecDeque::new(),
            uncreated: None,
            mend_at: None,
            out: Vec::new(),
        });
        let held = self.held()?;
        match held.covers(&self.durable) {
            true => Ok(()),
            false => Err(format!("of {:?} only {held:?} is left", self.durable)),
        }
    }

    /// What its disk holds.
    pub fn held(&self) -> Result<Vector, Broken> {
        let Some(open) = &self.open else {
            return Ok(Vector::new());
        };
        match open.store.rooms().load(RoomKey(self.room.0)) {
            Ok(loaded) => Ok(vector(&loaded.vector)),
            Err(StoreError::UnknownRoom(_)) => Ok(Vector::new()),
            Err(error) => Err(words(error)),
        }
    }

    /// Whether it gives an attachment to who asks.
    pub fn keeps(&self, name: &BlobName) -> bool {
        (self.open.as_ref()).is_some_and(|open| open.room.keeps(name))
    }

    pub fn exchange(&self) -> Option<&Exchange> {
        self.open.as_ref()?.room.exchange()
    }

    /// The machine is down; its disk has been seen to.
    pub fn end(&mut self) {
        self.open = None;
    }

    pub fn copy(&mut self) {
        if let Some(image) = self.disk.image() {
            self.copy = Some((image, self.durable.clone()));
        }
    }

    pub fn put_back(&mut self) -> bool {
        let Some((image, durable)) = self.copy.clone() else {
            return false;
        };
        self.open = None;
        self.disk.replace(image);
        self.durable = durable;
        true
    }

    pub fn handle(&mut self, now: Time, input: Input) -> Result<(), Broken> {
        if let Some(open) = &mut self.open {
            open.room.pass(now, wall_ms(now).unsigned_abs());
            open.room.handle(now, input);
        }
        self.carry_out(now)
    }

    fn carry_out(&mut self, now: Time) -> Result<(), Broken> {
        while let Some(open) = &mut self.open {
            while let Ok(fate) = open.fates.try_recv() {
                open.room.handle(now, Input::Stored(fate));
                if fate == Fate::Durable {
                    let durable = open.store.durable_room(RoomKey(open.id.0));
                    self.durable = vector(&durable.map_err(words)?.vector);
                }
            }
            let effects = open.room.poll(now);
            if effects.is_empty() {
                break;
            }
            for effect in effects {
                open.take(now, effect)?;
            }
        }
        Ok(())
    }

    /// The disk writes and syncs, jobs run; says whether anything moved.
    pub fn work(&mut self, now: Time, mut chance: Chance<'_>) -> Result<bool, Broken> {
        let mut moved = self.disk.work(&mut chance);
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        if chance.takes(60)
            && let Some(job) = open.jobs.pop_front()
        {
            moved = true;
            open.do_job(now, job);
        }
        open.mend(now);
        self.carry_out(now)?;
        Ok(moved)
    }

    pub fn wake(&self) -> Option<Time> {
        let open = self.open.as_ref()?;
        [open.room.wake(), open.mend_at].into_iter().flatten().min()
    }

    pub fn take_out(&mut self) -> Vec<Out> {
        let open = self.open.as_mut();
        open.map(|open| std::mem::take(&mut open.out))
            .unwrap_or_default()
    }
}

impl Open {
    fn take(&mut self, now: Time, effect: Effect) -> Result<(), Broken> {
        match effect {
            Effect::Create(records) => self.uncreated = Some(records),
            Effect::KeepShelf(bytes) => {
                let write = machine::shelf_write(self.id, bytes);
                self.store.rooms().append(write, Box::new(|_| {}));
            }
            Effect::Store(batch) => {
                if let Some(records) = &self.uncreated {
                    match machine::create(&*self.store, self.id, records) {
                        Ok(()) | Err(StoreError::RoomExists(_)) => self.uncreated = None,
                        Err(_) => {
                            self.room.handle(now, Input::Stored(Fate::Failed));
                            return Ok(());
                        }
                    }
                }
                self.append(machine::write(self.id, &batch));
            }
            Effect::Send(link, message) => self.out.push(Out::Send(link, message)),
            Effect::Drop(link, error) => self.out.push(Out::Drop(link, error)),
            Effect::Blame(device) => self.out.push(Out::Blame(device)),
            job => self.jobs.push_back(job),
        }
        Ok(())
    }

    fn do_job(&mut self, now: Time, job: Effect) {
        let (store, blobs) = (&*self.store, self.store.blobs());
        let done = match job {
            Effect::Replay(link, ranges, most) => {
                let frames = machine::read(store, self.id, &ranges, most);
                Input::Replayed(link, frames.unwrap_or_default())
            }
            Effect::ReadBlob(link, name, offset) => {
                Input::BlobRead(link, name, read_piece(store, name, offset))
            }
            Effect::FindBlob(name) => {
                Input::BlobFound(name, blobs.part(BlobHash(name.0)).unwrap_or(0))
            }
            Effect::KeepBlob(piece) => Input::BlobKept(piece.name, keep_piece(store, &piece)),
            Effect::DropBlobs(names) => {
                for name in names {
                    blobs.remove(BlobHash(name.0)).ok();
                    blobs.drop_part(BlobHash(name.0)).ok();
                }
                return;
            }
            Effect::DropPart(name) => {
                blobs.drop_part(BlobHash(name.0)).ok();
                return;
            }
            Effect::DropFrames(base) => {
                if machine::drop_below(store, self.id, &base).is_ok() {
                    self.out.push(Out::Tell("relay-drops-frames"));
                }
                return;
            }
            _ => return,
        };
        self.room.handle(now, done);
    }

    /// Tries a disk again that takes nothing, when it is time.
    fn mend(&mut self, now: Time) {
        if !self.room.is_stuck() {
            self.mend_at = None;
        } else if self.mend_at.is_none_or(|at| at <= now) {
            if self.mend_at.is_some() && self.store.rooms().retry(RoomKey(self.id.0)).is_ok() {
                // Whatever waited has been answered for before that.
                while let Ok(fate) = self.fates.try_recv() {
                    self.room.handle(now, Input::Stored(fate));
                }
                self.room.handle(now, Input::Mended);
            }
            self.mend_at = Some(now.plus_ms(MEND_MS));
        }
    }

    fn append(&self, write: RoomWrite) {
        let tell = self.tell.clone();
        let acknowledge = Box::new(move |news| {
            let fate = match news {
                Acknowledgement::Written(_) => Fate::Written,
                Acknowledgement::Durable(_) => Fate::Durable,
                Acknowledgement::Failed(_) => Fate::Failed,
            };
            tell.send(fate).ok();
        });
        self.store.rooms().append(write, acknowledge);
    }
}
