//! Its rooms.

use super::{SteppedStore, Write};
use crate::{
    Acknowledge, Document, Frame, LoadedRoom, QuarantinedPart, Result, RoomKey, RoomWrite, Rooms,
    Store, StreamKey, Vector,
};

impl Rooms for SteppedStore {
    fn list(&self) -> Result<Vec<RoomKey>> {
        self.written.rooms().list()
    }

    fn create(&self, room: RoomKey, meta: Vec<(String, Vec<u8>)>) -> Result<()> {
        self.both(|store| store.rooms().create(room, meta.clone()))
    }

    fn delete(&self, room: RoomKey) -> Result<()> {
        self.both(|store| store.rooms().delete(room))
    }

    fn load(&self, room: RoomKey) -> Result<LoadedRoom> {
        self.written.rooms().load(room)
    }

    fn append(&self, write: RoomWrite, acknowledge: Acknowledge) {
        self.push(Write::Room(write), acknowledge);
    }

    fn retry(&self, room: RoomKey) -> Result<()> {
        self.both(|store| store.rooms().retry(room))
    }

    fn frames(
        &self,
        room: RoomKey,
        stream: StreamKey,
        after: u64,
        max_bytes: usize,
    ) -> Result<Vec<Frame>> {
        self.written.rooms().frames(room, stream, after, max_bytes)
    }

    fn drop_frames(&self, room: RoomKey, document: Document, through: &Vector) -> Result<u64> {
        self.both(|store| store.rooms().drop_frames(room, document, through))
    }

    fn meta(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>> {
        self.written.rooms().meta(room, name)
    }

    fn quarantined(&self, room: RoomKey) -> Result<Vec<QuarantinedPart>> {
        self.written.rooms().quarantined(room)
    }
}
