//! A room's log as the store keeps it.

use bytes::Bytes;
use store::{LoadedRoom, RoomKey, RoomWrite, Store, StoreError, StreamKey};
use sync::{Advert, Base, Document, Frame, LogRange, Message, Snapshots, StreamId, Vector};
use trust::{DeviceId, Membership, RoomId};

use crate::{
    cluster::Run,
    room::{Batch, Room, Shelf},
    room_task::Found,
};

/// Under which name the members are kept: as the message in which they travel.
const MEMBERS: &str = "members";

/// Under which name the beginning of the log is kept: as an advert of nothing else.
const BASE: &str = "base";

/// Under which name the snapshots that are known are kept.
const SNAPSHOTS: &str = "snapshots";

/// Under which name the list of attachments is kept.
const SHELF: &str = "shelf";

/// Under which name stands when somebody was last here: milliseconds since 1970, as 8 bytes, big-endian.
const VISITED: &str = "visited";

/// Under which name stands where relays share rooms that has all of this one.
const SHARED: &str = "shared";

/// Whose frames are snapshots and countersignatures.
const ROOM_DOCUMENT: store::Document = store::Document(2);

/// What the log says of a frame that is held and not there.
const DAMAGED: &str =
    "a frame is damaged and was set aside; whoever has it brings it once the room is opened anew";

/// The room as it was left, with room for so many bytes of attachments; only its name is known if nothing of it is there.
pub(crate) fn open(
    store: &dyn Store,
    id: RoomId,
    device: DeviceId,
    quota_bytes: u64,
) -> Result<Found, StoreError> {
    let loaded = match store.rooms().load(RoomKey(id.0)) {
        Err(StoreError::UnknownRoom(_)) => LoadedRoom::default(),
        loaded => loaded?,
    };
    let room = match members(&loaded) {
        Some(members) => {
            let log = vouching(store, &members, &loaded)?;
            Room::known(device, members, held(&loaded), base(&loaded))
                .with_log(&log)
                .with_shelf(shelf(&loaded), quota_bytes)
                .with_snapshots(snapshots(&loaded))
        }
        None => Room::unknown(id, device).with_shelf(Shelf::default(), quota_bytes),
    };
    Ok(Found {
        room,
        log_bytes: loaded.bytes,
        visited_ms: visited_ms(&loaded),
        shared: shared(&loaded),
    })
}

/// The frames of a closed room, above its base; in an open one nobody vouches.
fn vouching(
    store: &dyn Store,
    members: &Membership,
    loaded: &LoadedRoom,
) -> Result<Vec<Frame>, StoreError> {
    if members.is_open() {
        return Ok(Vec::new());
    }
    let base = base(loaded).map(|base| base.vector().clone());
    let base = base.unwrap_or_default();
    let held = held(loaded);
    let ranges = held.iter().map(|(stream, through)| LogRange {
        stream,
        from: base.get(&stream) + 1,
        through,
    });
    let ranges: Vec<LogRange> = ranges.collect();
    read(store, RoomKey(members.room().0), &ranges, usize::MAX)
}

/// The members, as a room keeps them.
pub(crate) fn members_meta(records: &[Vec<u8>]) -> (String, Vec<u8>) {
    let records = records.iter().map(|record| Bytes::copy_from_slice(record));
    let message = Message::Members(records.collect()).encode();
    (MEMBERS.to_owned(), message.to_vec())
}

/// What stores the list of attachments anew.
pub(crate) fn shelf_write(room: RoomKey, bytes: Vec<u8>) -> RoomWrite {
    let mut write = RoomWrite::new(room, vec![]);
    write.meta.push((SHELF.to_owned(), Some(bytes)));
    write
}

/// The list of attachments.
pub(crate) fn shelf(room: &LoadedRoom) -> Shelf {
    room.meta
        .get(SHELF)
        .map(|bytes| Shelf::decode(bytes))
        .unwrap_or_default()
}

/// That somebody is here now, as a room keeps it.
pub(crate) fn visited_meta(unix_ms: u64) -> (String, Vec<u8>) {
    (VISITED.to_owned(), unix_ms.to_be_bytes().to_vec())
}

/// What stores that somebody was here.
pub(crate) fn visited_write(room: RoomKey, unix_ms: u64) -> RoomWrite {
    let mut write = RoomWrite::new(room, vec![]);
    let (name, value) = visited_meta(unix_ms);
    write.meta.push((name, Some(value)));
    write
}

/// When somebody was last here, if that is known.
pub(crate) fn visited_ms(room: &LoadedRoom) -> Option<u64> {
    let bytes = room.meta.get(VISITED)?.as_slice().try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}

/// What stores that all of the room is shared there.
pub(crate) fn shared_write(room: RoomKey, run: Run) -> RoomWrite {
    let mut write = RoomWrite::new(room, vec![]);
    write.meta.push((SHARED.to_owned(), Some(run.to_vec())));
    write
}

/// Where all of the room was shared.
pub(crate) fn shared(room: &LoadedRoom) -> Option<Run> {
    room.meta.get(SHARED)?.as_slice().try_into().ok()
}

/// What stores a batch.
pub(crate) fn write(room: RoomKey, batch: &Batch) -> RoomWrite {
    let mut write = RoomWrite::new(room, batch.frames.iter().map(stored).collect());
    if let Some(base) = &batch.base {
        write.covered = base
            .vector()
            .iter()
            .map(|(stream, number)| (key(stream), number))
            .collect();
        let advert = Message::Vector(Advert {
            held: Vector::new(),
            base: Some(base.clone()),
        });
        write
            .meta
            .push((BASE.to_owned(), Some(advert.encode().to_vec())));
    }
    if let Some(records) = &batch.members {
        let (name, value) = members_meta(records);
        write.meta.push((name, Some(value)));
    }
    if let Some(snapshots) = &batch.snapshots {
        write
            .meta
            .push((SNAPSHOTS.to_owned(), Some(snapshots.clone())));
    }
    write
}

/// The members, if they are there and whole.
pub(crate) fn members(room: &LoadedRoom) -> Option<Membership> {
    let message = Bytes::from(room.meta.get(MEMBERS)?.clone());
    match Message::decode(message) {
        Ok(Message::Members(records)) => Membership::open(&records).ok(),
        _ => None,
    }
}

/// Where the log begins, if something was dropped.
pub(crate) fn base(room: &LoadedRoom) -> Option<Base> {
    let message = Bytes::from(room.meta.get(BASE)?.clone());
    match Message::decode(message) {
        Ok(Message::Vector(advert)) => advert.base,
        _ => None,
    }
}

/// The snapshots that are known.
pub(crate) fn snapshots(room: &LoadedRoom) -> Snapshots {
    let kept = room.meta.get(SNAPSHOTS);
    kept.and_then(|bytes| Snapshots::decode(bytes).ok())
        .unwrap_or_default()
}

/// Deletes the frames for which the snapshots of a base stand.
pub(crate) fn drop_below(store: &dyn Store, room: RoomKey, base: &Base) -> Result<(), StoreError> {
    let through = base.vector().iter();
    let through = through
        .map(|(stream, number)| (key(stream), number))
        .collect();
    let mut documents = vec![store::Document::PROJECT, store::Document::COMMENTS];
    // One snapshot may count the frame of another that stands as well.
    if base.snapshots().len() == 1 {
        documents.push(ROOM_DOCUMENT);
    }
    for document in documents {
        store.rooms().drop_frames(room, document, &through)?;
    }
    Ok(())
}

/// What is held.
pub(crate) fn held(room: &LoadedRoom) -> Vector {
    let streams = room
        .vector
        .iter()
        .map(|(key, number)| (stream(*key), *number));
    streams.collect()
}

/// Reads ranges in their order, up to so many bytes, but at least one frame if there is one. A frame that is missing or
/// does not decode ends its range.
pub(crate) fn read(
    store: &dyn Store,
    room: RoomKey,
    ranges: &[LogRange],
    max_bytes: usize,
) -> Result<Vec<Frame>, StoreError> {
    let mut frames = Vec::new();
    let mut left_bytes = max_bytes;
    for range in ranges {
        let mut next = range.from;
        while next <= range.through && (left_bytes > 0 || frames.is_empty()) {
            let piece = store
                .rooms()
                .frames(room, key(range.stream), next - 1, left_bytes)?;
            let before = next;
            for stored in piece {
                let Ok(frame) = Frame::from_bytes(&stored.bytes) else {
                    break;
                };
                if stored.number != next || next > range.through {
                    break;
                }
                if stored.bytes.len() > left_bytes && !frames.is_empty() {
                    return Ok(frames);
                }
                left_bytes = left_bytes.saturating_sub(stored.bytes.len());
                frames.push(frame);
                next += 1;
            }
            if next == before {
                let device = range.stream.device;
                tracing::warn!(%room, %device, frame = next, "{DAMAGED}");
                break;
            }
        }
    }
    Ok(frames)
}

fn stored(frame: &Frame) -> store::Frame {
    let header = frame.header();
    let document = match header.document {
        Document::Project => 0,
        Document::Comments => 1,
        Document::Room => ROOM_DOCUMENT.0,
        Document::Later(code) => code,
    };
    store::Frame {
        document: store::Document(document),
        stream: key(header.stream),
        number: header.number,
        bytes: frame.bytes().to_vec(),
    }
}

fn key(stream: StreamId) -> StreamKey {
    StreamKey {
        device: stream.device.0,
        stream: stream.nonce,
    }
}

fn stream(key: StreamKey) -> StreamId {
    StreamId {
        device: DeviceId(key.device),
        nonce: key.stream,
    }
}
