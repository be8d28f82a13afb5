//! Rooms in memory.

use super::{Log, MemoryStore, room::Room};
use crate::{
    Acknowledge, Document, Frame, LoadedRoom, QuarantinedPart, Result, RoomKey, RoomWrite, Rooms,
    StoreError, StreamKey, Vector,
};

impl Rooms for MemoryStore {
    fn list(&self) -> Result<Vec<RoomKey>> {
        self.read(|inner| Ok(inner.rooms.keys().copied().collect()))
    }

    fn create(&self, room: RoomKey, meta: Vec<(String, Vec<u8>)>) -> Result<()> {
        self.write(|inner| {
            if inner.rooms.contains_key(&room) {
                return Err(StoreError::RoomExists(room));
            }
            inner.rooms.insert(room, Room::new(meta));
            Ok(())
        })
    }

    fn delete(&self, room: RoomKey) -> Result<()> {
        self.write(|inner| {
            let gone = inner.rooms.remove(&room);
            gone.ok_or(StoreError::UnknownRoom(room))?;
            inner.stalled.remove(&Log::Room(room));
            Ok(())
        })
    }

    fn load(&self, room: RoomKey) -> Result<LoadedRoom> {
        self.read(|inner| Ok(inner.room(room)?.load()))
    }

    fn append(&self, write: RoomWrite, acknowledge: Acknowledge) {
        let logs = [Log::Room(write.room)];
        self.append_to(&logs, acknowledge, |inner| {
            write.check()?;
            inner.room(write.room)?;
            inner.write_room(Some(write));
            Ok(())
        });
    }

    fn retry(&self, room: RoomKey) -> Result<()> {
        self.write(|inner| {
            inner.stalled.remove(&Log::Room(room));
            Ok(())
        })
    }

    fn frames(
        &self,
        room: RoomKey,
        stream: StreamKey,
        after: u64,
        max_bytes: usize,
    ) -> Result<Vec<Frame>> {
        self.read(|inner| Ok(inner.room(room)?.frames(stream, after, max_bytes)))
    }

    fn drop_frames(&self, room: RoomKey, document: Document, through: &Vector) -> Result<u64> {
        self.write(|inner| {
            let found = inner.rooms.get_mut(&room);
            let found = found.ok_or(StoreError::UnknownRoom(room))?;
            Ok(found.drop_frames(document, through))
        })
    }

    fn meta(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>> {
        self.read(|inner| Ok(inner.room(room)?.meta.get(name).cloned()))
    }

    fn quarantined(&self, room: RoomKey) -> Result<Vec<QuarantinedPart>> {
        self.read(|inner| inner.room(room).map(|_| Vec::new()))
    }
}
