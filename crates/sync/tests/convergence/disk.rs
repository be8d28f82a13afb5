//! A disk that can lose what was not synced.

use std::collections::BTreeMap;

use sync::{Base, BaseSnapshot, Frame, LogRange, StreamId, Vector};

use crate::world::Broken;

#[derive(Clone)]
enum Commit {
    Frames(Vec<Frame>, Option<Base>),
    Drop(Base),
}

#[derive(Default)]
pub struct Disk {
    commits: Vec<Commit>,
    durable: usize,
    pub log: BTreeMap<(StreamId, u64), Frame>,
    pub base: Option<Base>,
}

impl Disk {
    pub fn write(&mut self, frames: &[Frame], base: Option<&Base>) -> Result<(), Broken> {
        self.apply(Commit::Frames(frames.to_vec(), base.cloned()))
    }

    pub fn drop_below(&mut self, base: &Base) -> Result<(), Broken> {
        self.apply(Commit::Drop(base.clone()))
    }

    pub fn sync(&mut self) {
        self.durable = self.commits.len();
    }

    pub fn is_synced(&self) -> bool {
        self.durable == self.commits.len()
    }

    /// The power is gone, and with it what was not synced.
    pub fn lose_power(&mut self) {
        let commits = self.commits[..self.durable].to_vec();
        *self = Self::default();
        for commit in commits {
            self.apply(commit).expect("it was applied before");
        }
        self.sync();
    }

    fn apply(&mut self, commit: Commit) -> Result<(), Broken> {
        match &commit {
            Commit::Frames(frames, base) => {
                for frame in frames {
                    let at = (frame.header().stream, frame.header().number);
                    let is_again = self.log.insert(at, frame.clone()).is_some();
                    if is_again && (base.is_none() || frame.snapshot().is_none()) {
                        return Err(format!("{at:?} is stored twice"));
                    }
                }
                if base.is_some() {
                    self.base = base.clone();
                }
            }
            Commit::Drop(base) => {
                self.log.retain(|(stream, number), _| {
                    *number > base.vector().get(stream) || base.stands(*stream, *number)
                });
                self.base = Some(base.clone());
            }
        }
        self.commits.push(commit);
        Ok(())
    }

    /// What is there: frames in a row, above what the base counts.
    pub fn held(&self) -> Vector {
        let mut held = self
            .base
            .as_ref()
            .map_or(Vector::new(), |base| base.vector().clone());
        for (stream, number) in self.log.keys() {
            if *number == held.get(stream) + 1 {
                held.raise(*stream, *number);
            }
        }
        held
    }

    pub fn read(&self, ranges: &[LogRange], max_bytes: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut bytes = 0;
        for range in ranges {
            for number in range.from..=range.through {
                let Some(frame) = self.log.get(&(range.stream, number)) else {
                    break;
                };
                bytes += frame.bytes().len();
                if bytes > max_bytes && !frames.is_empty() {
                    return frames;
                }
                frames.push(frame.clone());
            }
        }
        frames
    }

    /// Everything that is said to be held is there, as a frame or in a snapshot.
    pub fn check(&self) -> Result<(), Broken> {
        let base = self.base.clone().unwrap_or_default();
        for (stream, number) in self.held().iter() {
            for number in base.vector().get(&stream) + 1..=number {
                if !self.log.contains_key(&(stream, number)) {
                    return Err(format!("{stream:?} {number} is not in the log"));
                }
            }
        }
        let mut counted = Vector::new();
        for at in base.snapshots().iter().map(BaseSnapshot::place) {
            let snapshot = self.log.get(&at).and_then(Frame::snapshot);
            let body = snapshot.ok_or_else(|| format!("the snapshot {at:?} is not in the log"))?;
            counted.merge(&body.vector);
        }
        match counted.covers(base.vector()) {
            true => Ok(()),
            false => Err(format!("the base {base:?} counts more than its snapshots")),
        }
    }
}
