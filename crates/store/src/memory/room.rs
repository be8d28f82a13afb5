//! One room in memory.

use std::collections::BTreeMap;

use crate::{Document, Frame, LoadedRoom, RoomWrite, StreamKey, Vector};

#[derive(Clone, Default)]
pub(super) struct Room {
    pub(super) meta: BTreeMap<String, Vec<u8>>,
    streams: BTreeMap<StreamKey, Stream>,
}

#[derive(Clone, Default)]
struct Stream {
    held: u64,
    frames: BTreeMap<u64, (Document, Vec<u8>)>,
}

impl Room {
    pub(super) fn new(meta: Vec<(String, Vec<u8>)>) -> Self {
        Self {
            meta: meta.into_iter().collect(),
            streams: BTreeMap::new(),
        }
    }

    pub(super) fn append(&mut self, write: RoomWrite) {
        for (stream, number) in write.covered {
            let stream = self.streams.entry(stream).or_default();
            stream.held = stream.held.max(number);
        }
        for frame in write.frames {
            let stream = self.streams.entry(frame.stream).or_default();
            if frame.number > stream.held {
                let kept = stream.frames.entry(frame.number);
                kept.or_insert((frame.document, frame.bytes));
            }
        }
        self.streams.values_mut().for_each(Stream::count_on);
        for (name, value) in write.meta {
            match value {
                Some(value) => self.meta.insert(name, value),
                None => self.meta.remove(&name),
            };
        }
    }

    pub(super) fn load(&self) -> LoadedRoom {
        let streams = self.streams.iter().filter(|(_, stream)| stream.held > 0);
        let frames = self.streams.values().flat_map(|s| s.frames.values());
        LoadedRoom {
            vector: streams.map(|(&key, stream)| (key, stream.held)).collect(),
            meta: self.meta.clone(),
            bytes: frames.map(|(_, bytes)| bytes.len() as u64).sum(),
            quarantined: Vec::new(),
        }
    }

    pub(super) fn frames(&self, stream: StreamKey, after: u64, max_bytes: usize) -> Vec<Frame> {
        let Some(found) = self.streams.get(&stream) else {
            return Vec::new();
        };
        let mut bytes = 0;
        let behind = found.frames.range(after.saturating_add(1)..);
        let fitting = behind.take_while(|(_, (_, frame))| {
            let is_first = bytes == 0;
            bytes += frame.len().max(1);
            is_first || bytes <= max_bytes
        });
        let frame = |(&number, (document, bytes)): (&u64, &(Document, Vec<u8>))| Frame {
            document: *document,
            stream,
            number,
            bytes: bytes.clone(),
        };
        fitting.map(frame).collect()
    }

    pub(super) fn drop_frames(&mut self, document: Document, through: &Vector) -> u64 {
        let mut dropped = 0;
        for (key, &through) in through {
            if let Some(stream) = self.streams.get_mut(key) {
                let before = stream.frames.len();
                let kept = |number: &u64, of: Document| *number > through || of != document;
                stream.frames.retain(|number, (of, _)| kept(number, *of));
                dropped += before - stream.frames.len();
            }
        }
        dropped as u64
    }
}

impl Stream {
    fn count_on(&mut self) {
        while self.frames.contains_key(&(self.held + 1)) {
            self.held += 1;
        }
    }
}
