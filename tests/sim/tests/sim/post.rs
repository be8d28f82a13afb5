//! A relay: the pure room and its store.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use bytes::Bytes;
use graph::generate::Random;
use relay::machine::{self, Effect, Fate, Input, Room};
use store::testing::{Image, SteppedStore};
use store::{Acknowledgement, RoomKey, RoomWrite, Store, StoreError};
use sync::{Exchange, LinkId, LogRange, Peer, Time, Vector};
use trust::{DeviceId, RoomId};

use crate::desk::{Out, vector, words};
use crate::world::Broken;

/// Between two tries of a disk that takes nothing, as the task of a room does.
const MEND_MS: u64 = 2_000;

/// One relay.
pub struct Post {
    pub device: DeviceId,
    room: RoomId,
    open: Option<Open>,
    kept: Option<Image>,
    /// Frames that were durable.
    pub durable: Vector,
    copy: Option<(Image, Vector)>,
}

struct Open {
    room: Room,
    store: Arc<SteppedStore>,
    fates: Receiver<Fate>,
    tell: Sender<Fate>,
    jobs: VecDeque<Job>,
    /// The members of a room that should be on the disk and is not yet.
    uncreated: Option<Vec<Vec<u8>>>,
    mend_at: Option<Time>,
    out: Vec<Out>,
}

enum Job {
    Replay(LinkId, Vec<LogRange>, usize),
    Mend,
}

impl Post {
    pub fn new(name: usize, room: RoomId) -> Self {
        Self {
            device: DeviceId([0xf0 + name as u8; 32]),
            room,
            open: None,
            kept: Some(Image::empty()),
            durable: Vector::new(),
            copy: None,
        }
    }

    pub fn is_up(&self) -> bool {
        self.open.is_some()
    }

    pub fn start(&mut self) -> Result<(), Broken> {
        let Some(image) = self.kept.take() else {
            return Ok(());
        };
        let store = Arc::new(SteppedStore::open(image, true));
        let room = machine::open(&*store, self.room, self.device).map_err(words)?;
        let (tell, fates) = mpsc::channel();
        self.open = Some(Open {
            room,
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

    pub fn exchange(&self) -> Option<&Exchange> {
        self.open.as_ref()?.room.exchange()
    }

    pub fn store(&self) -> Option<&SteppedStore> {
        self.open.as_ref().map(|open| &*open.store)
    }

    pub fn kill(&mut self) {
        if let Some(open) = self.open.take() {
            self.kept = Some(open.store.image());
        }
    }

    pub fn lose_power(&mut self, random: &mut Random) {
        if let Some(open) = self.open.take() {
            let (_, unsynced) = open.store.pending();
            self.kept = Some(open.store.torn_image(random.below(unsynced + 1)));
        }
    }

    pub fn copy(&mut self) {
        let image = match (&self.open, &self.kept) {
            (Some(open), _) => open.store.image(),
            (None, Some(image)) => image.clone(),
            (None, None) => return,
        };
        self.copy = Some((image, self.durable.clone()));
    }

    pub fn put_back(&mut self) -> bool {
        let Some((image, durable)) = self.copy.clone() else {
            return false;
        };
        (self.open, self.kept, self.durable) = (None, Some(image), durable);
        true
    }

    pub fn up(&mut self, now: Time, link: LinkId, peer: Peer) -> Result<(), Broken> {
        self.handle(now, Input::Up(link, peer))
    }

    pub fn down(&mut self, now: Time, link: LinkId) -> Result<(), Broken> {
        self.handle(now, Input::Down(link))
    }

    pub fn sent(&mut self, now: Time, link: LinkId, bytes: usize) -> Result<(), Broken> {
        self.handle(now, Input::Sent(link, bytes))
    }

    pub fn receive(&mut self, now: Time, link: LinkId, message: Bytes) -> Result<(), Broken> {
        self.handle(now, Input::Message(link, message))
    }

    fn handle(&mut self, now: Time, input: Input) -> Result<(), Broken> {
        if let Some(open) = &mut self.open {
            open.room.handle(now, input);
        }
        self.carry_out(now)
    }

    fn carry_out(&mut self, now: Time) -> Result<(), Broken> {
        let room = self.room;
        while let Some(open) = &mut self.open {
            while let Ok(fate) = open.fates.try_recv() {
                open.room.handle(now, Input::Stored(fate));
                if fate == Fate::Durable {
                    let durable = open.store.durable_room(RoomKey(room.0)).map_err(words)?;
                    self.durable = vector(&durable.vector);
                }
            }
            let effects = open.room.poll(now);
            if effects.is_empty() {
                break;
            }
            for effect in effects {
                open.take(now, room, effect)?;
            }
        }
        Ok(())
    }

    pub fn work(
        &mut self,
        now: Time,
        mut some: Option<(&mut Random, u64)>,
    ) -> Result<bool, Broken> {
        let mut chance = |percent: u64| match &mut some {
            Some((random, factor)) => random.chance(percent * *factor / 100),
            None => true,
        };
        let room = self.room;
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
        if chance(60)
            && let Some(job) = open.jobs.pop_front()
        {
            moved = true;
            match job {
                Job::Replay(link, ranges, most) => {
                    let frames = machine::read(&*open.store, room, &ranges, most);
                    let frames = frames.unwrap_or_default();
                    open.room.handle(now, Input::Replayed(link, frames));
                }
                Job::Mend => {
                    if open.store.rooms().retry(RoomKey(room.0)).is_ok() {
                        // Whatever waited has been answered for before that.
                        while let Ok(fate) = open.fates.try_recv() {
                            open.room.handle(now, Input::Stored(fate));
                        }
                        open.room.handle(now, Input::Mended);
                    }
                }
            }
        }
        if !open.room.is_stuck() {
            open.mend_at = None;
        } else if open.mend_at.is_none_or(|at| at <= now) {
            if open.mend_at.is_some() {
                open.jobs.push_back(Job::Mend);
            }
            open.mend_at = Some(now.plus_ms(MEND_MS));
        }
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

    pub fn set_full(&mut self, is_full: bool) {
        if let Some(open) = &self.open {
            open.store.set_fault(is_full.then_some(StoreError::Full));
        }
    }
}

impl Open {
    fn take(&mut self, now: Time, room: RoomId, effect: Effect) -> Result<(), Broken> {
        match effect {
            Effect::Create(records) => self.uncreated = Some(records),
            Effect::KeepMembers(records) => {
                let write = machine::members_write(room, &records);
                self.store.rooms().append(write, Box::new(|_| {}));
            }
            Effect::Store(batch) => {
                if let Some(records) = &self.uncreated {
                    match machine::create(&*self.store, room, records) {
                        Ok(()) | Err(StoreError::RoomExists(_)) => self.uncreated = None,
                        Err(_) => {
                            self.room.handle(now, Input::Stored(Fate::Failed));
                            return Ok(());
                        }
                    }
                }
                self.append(machine::write(room, &batch));
            }
            Effect::Send(link, message) => self.out.push(Out::Send(link, message)),
            Effect::Replay(link, ranges, most) => {
                self.jobs.push_back(Job::Replay(link, ranges, most));
            }
            Effect::Drop(link, error) => self.out.push(Out::Drop(link, error)),
            // Attachments and snapshots have tests of their own.
            Effect::ReadBlob(..)
            | Effect::FindBlob(_)
            | Effect::KeepBlob(_)
            | Effect::DropBlobs(_)
            | Effect::DropPart(_)
            | Effect::DropFrames(_)
            | Effect::KeepShelf(_)
            | Effect::Blame(_) => {}
        }
        Ok(())
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
