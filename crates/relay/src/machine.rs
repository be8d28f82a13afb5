//! A relay's room as a pure state machine, and how its log lies in a store, for simulations.

use store::{RoomKey, RoomWrite, Store, StoreError};
use sync::{Base, Frame, LogRange};
use trust::{DeviceId, RoomId};

use crate::limits::Limits;
use crate::log;

pub use crate::room::{Batch, Effect, Fate, Input, Room};

/// A room as the store has it, or of which only the name is known.
///
/// # Errors
/// What the store says.
pub fn open(store: &dyn Store, room: RoomId, device: DeviceId) -> Result<Room, StoreError> {
    let opened = log::open(store, room, device, Limits::default().blob_bytes)?;
    Ok(opened.room)
}

/// What stores a batch.
pub fn write(room: RoomId, batch: &Batch) -> RoomWrite {
    log::write(RoomKey(room.0), batch)
}

/// What stores the list of attachments anew.
pub fn shelf_write(room: RoomId, bytes: Vec<u8>) -> RoomWrite {
    log::shelf_write(RoomKey(room.0), bytes)
}

/// Deletes the frames for which the snapshots of a base stand.
///
/// # Errors
/// What the store says.
pub fn drop_below(store: &dyn Store, room: RoomId, base: &Base) -> Result<(), StoreError> {
    log::drop_below(store, RoomKey(room.0), base)
}

/// Makes a room with these members in the store.
///
/// # Errors
/// What the store says.
pub fn create(store: &dyn Store, room: RoomId, records: &[Vec<u8>]) -> Result<(), StoreError> {
    let meta = vec![log::members_meta(records)];
    store.rooms().create(RoomKey(room.0), meta)
}

/// What [`Effect::Replay`] asks for.
///
/// # Errors
/// What the store says.
pub fn read(
    store: &dyn Store,
    room: RoomId,
    ranges: &[LogRange],
    max_bytes: usize,
) -> Result<Vec<Frame>, StoreError> {
    log::read(store, RoomKey(room.0), ranges, max_bytes)
}
