//! What a store has of rooms, for whoever runs a relay.

use std::collections::BTreeSet;

use store::{BlobHash, RoomKey, Store, StoreError};
use trust::{DeviceId, RoomId};

use crate::{cluster::Run, log};

/// A room as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRoom {
    /// Which one.
    pub room: RoomId,
    /// Who owns it, by id; nobody if its members cannot be read.
    pub owners: Vec<DeviceId>,
    /// How many may be in it.
    pub members: usize,
    /// How many devices wrote what is kept.
    pub writers: usize,
    /// Of its changes.
    pub log_bytes: u64,
    /// Of its attachments, those included that are on their way.
    pub blob_bytes: u64,
    /// When somebody was last in it, in milliseconds since 1970; nothing if that was before relays took note of it.
    pub visited_ms: Option<u64>,
}

impl StoredRoom {
    /// Of changes and attachments together.
    pub fn bytes(&self) -> u64 {
        self.log_bytes + self.blob_bytes
    }
}

/// Every room, by its id. It reads no frame.
///
/// # Errors
/// If the store cannot be read.
pub fn stored_rooms(store: &dyn Store) -> Result<Vec<StoredRoom>, StoreError> {
    let mut rooms = Vec::new();
    for key in store.rooms().list()? {
        rooms.extend(stored_room(store, RoomId(key.0))?);
    }
    Ok(rooms)
}

/// The rooms of which not all is known to be shared there.
pub(crate) fn unshared(store: &dyn Store, run: Run) -> Result<Vec<RoomId>, StoreError> {
    let mut rooms = Vec::new();
    for key in store.rooms().list()? {
        match store.rooms().load(key) {
            Ok(loaded) if log::shared(&loaded) == Some(run) => {}
            Ok(_) => rooms.push(RoomId(key.0)),
            Err(StoreError::UnknownRoom(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rooms)
}

/// A room; nothing if it is not there.
pub(crate) fn stored_room(
    store: &dyn Store,
    room: RoomId,
) -> Result<Option<StoredRoom>, StoreError> {
    let loaded = match store.rooms().load(RoomKey(room.0)) {
        Err(StoreError::UnknownRoom(_)) => return Ok(None),
        loaded => loaded?,
    };
    let membership = log::members(&loaded);
    let owners = membership.iter().flat_map(|it| it.owners().copied());
    let members = membership.iter().flat_map(|it| it.members());
    let writers: BTreeSet<_> = loaded.vector.keys().map(|it| it.device).collect();
    Ok(Some(StoredRoom {
        room,
        owners: owners.collect(),
        members: members.filter(|(_, it)| it.role.is_some()).count(),
        writers: writers.len(),
        log_bytes: loaded.bytes,
        blob_bytes: log::shelf(&loaded).used_bytes(),
        visited_ms: log::visited_ms(&loaded),
    }))
}

/// Removes a room that nobody is in, with its attachments; says whether it was there. An attachment that another room has, too,
/// is fetched there anew.
///
/// # Errors
/// If the store does not do it.
pub fn remove_stored(store: &dyn Store, room: RoomId) -> Result<bool, StoreError> {
    let key = RoomKey(room.0);
    let loaded = match store.rooms().load(key) {
        Err(StoreError::UnknownRoom(_)) => return Ok(false),
        loaded => loaded?,
    };
    store.rooms().delete(key)?;
    for name in log::shelf(&loaded).names() {
        store.blobs().remove(BlobHash(name.0))?;
        store.blobs().drop_part(BlobHash(name.0))?;
    }
    Ok(true)
}
