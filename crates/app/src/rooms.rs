//! Which project is in which room, as this installation remembers it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use relay::Address;
use serde::{Deserialize, Serialize};
use store::{LoadedRoom, RoomKey, RoomWrite, Store, StoreError};
use sync::{Base, Frame, FrameId, LogRange, Snapshots, Vector};
use trust::{DeviceId, Membership, RoomId};
use uuid::Uuid;

use crate::bundle_file;
use crate::device_keys::DeviceKeys;
use crate::failure::Failure;
use crate::identity;
use crate::links;
use crate::notices::{NOTICES, Notices};
use crate::pins::{self, Place, Scope};
use crate::request::ProjectId;
use crate::room::{
    self, BASE, Beginning, FACES, FRAMED, FRAMED_ANEW, Framed, KEYS, Keys, MEMBERS, RoomSetup,
    SNAPSHOTS, SUSPECTS, UNOPENED, UNREAD, WEIGHT, Weight,
};

/// How long the disk has to take the name of a frame that is not to be merged again.
const SUSPECT_DEADLINE: Duration = Duration::from_secs(5);

/// The newest addresses of a room that are kept; each is dialled.
const MAX_ADDRESSES: usize = 16;

/// This installation among others.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) keys: Arc<DeviceKeys>,
    pub(crate) era: Uuid,
    /// When it was started, which tells its signals from those of the start before.
    pub(crate) session: u64,
}

impl Installation {
    /// Which device it is.
    pub(crate) fn device(&self) -> DeviceId {
        self.keys.device()
    }
}

/// The room of a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Residence {
    room: String,
    addresses: Vec<String>,
}

/// A project's room, ready to be entered.
pub(crate) struct Ready {
    pub(crate) setup: RoomSetup,
    pub(crate) places: Vec<Place>,
}

/// The room that a project is in.
pub(crate) fn of(store: &dyn Store, project: ProjectId) -> Result<Option<RoomId>, StoreError> {
    Ok(read(store, project)?.and_then(|kept| kept.room.parse().ok()))
}

/// The project that is in a room.
pub(crate) fn project_in(store: &dyn Store, room: RoomId) -> Result<Option<ProjectId>, StoreError> {
    for record in store.projects()? {
        let project = ProjectId(Uuid::from_bytes(record.key.0));
        if of(store, project)? == Some(room) {
            return Ok(Some(project));
        }
    }
    Ok(None)
}

/// Puts a project into a room, whose log begins empty here.
pub(crate) fn found(
    store: &dyn Store,
    project: ProjectId,
    membership: &Membership,
    places: &[Place],
    notices: &Notices,
) -> Result<(), StoreError> {
    let room = membership.room();
    let key = RoomKey(room.0);
    if store.rooms().list()?.contains(&key) {
        // Left over from a project that is no more.
        store.rooms().delete(key)?;
    }
    let members = encode_members(membership);
    let meta = vec![
        (MEMBERS.to_owned(), members),
        (NOTICES.to_owned(), notices.encode()),
    ];
    store.rooms().create(key, meta)?;
    let kept = Residence {
        room: room.to_string(),
        addresses: places.iter().map(|it| it.address.to_string()).collect(),
    };
    pin(store, project, places)?;
    write(store, project, &kept)
}

/// Who is expected where it is known.
fn pin(store: &dyn Store, project: ProjectId, places: &[Place]) -> Result<(), StoreError> {
    for place in places {
        if let Some(device) = place.device {
            pins::pin(store, Scope::Project(project), &place.address, device)?;
        }
    }
    Ok(())
}

/// Notes more places at which a project's room can be reached.
pub(crate) fn remember(
    store: &dyn Store,
    project: ProjectId,
    places: &[Place],
) -> Result<(), StoreError> {
    let Some(mut kept) = read(store, project)? else {
        return Ok(());
    };
    pin(store, project, places)?;
    let new = places.iter().map(|it| it.address.to_string());
    let new: Vec<String> = new.filter(|it| !kept.addresses.contains(it)).collect();
    kept.addresses.splice(0..0, new);
    kept.addresses.truncate(MAX_ADDRESSES);
    write(store, project, &kept)
}

/// Forgets an address at which a project's room was looked for, and who was there.
pub(crate) fn forget_address(
    store: &dyn Store,
    project: ProjectId,
    address: &str,
) -> Result<(), StoreError> {
    let Some(mut kept) = read(store, project)? else {
        return Ok(());
    };
    kept.addresses.retain(|it| it != address);
    if let Ok(address) = address.parse() {
        pins::unpin(store, Scope::Project(project), &address)?;
    }
    write(store, project, &kept)
}

/// Forgets the room of a project that is no more.
pub(crate) fn forget(store: &dyn Store, project: ProjectId) -> Result<(), StoreError> {
    if let Some(room) = of(store, project)? {
        store.rooms().delete(RoomKey(room.0))?;
    }
    for address in addresses(store, project)? {
        pins::unpin(store, Scope::Project(project), &address)?;
    }
    bundle_file::forget(store, project)?;
    store.set_setting(&setting(project), None)
}

/// Reads what a project's room holds; none if the project is in no room.
pub(crate) fn load(
    store: &dyn Store,
    me: &Installation,
    project: ProjectId,
) -> Result<Option<Ready>, Failure> {
    let Some(kept) = read(store, project)? else {
        return Ok(None);
    };
    let id: RoomId = kept.room.parse().map_err(|_| damaged())?;
    let loaded = store.rooms().load(RoomKey(id.0))?;
    let members = loaded.meta.get(MEMBERS).and_then(|it| decode_members(it));
    let members = members.ok_or_else(damaged)?;
    let framed = loaded.meta.get(FRAMED).and_then(|it| Framed::decode(it));
    let notices = loaded.meta.get(NOTICES).map(|it| Notices::decode(it));
    let snapshots = loaded.meta.get(SNAPSHOTS);
    let snapshots = snapshots.and_then(|it| Snapshots::decode(it).ok());
    let weight = loaded.meta.get(WEIGHT).and_then(|it| Weight::decode(it));
    let beginning = Beginning {
        base: read_base(&loaded)?,
        snapshots: snapshots.unwrap_or_default(),
        // A log of which it is not known is taken to be the project and nothing else.
        weight: weight.unwrap_or(Weight {
            whole: loaded.bytes,
            above: 0,
        }),
        is_unread: loaded.meta.contains_key(UNREAD),
        unopened: read_names(loaded.meta.get(UNOPENED)),
        framed_anew: (loaded.meta.get(FRAMED_ANEW))
            .map_or_else(Default::default, |it| room::Epochs::decode(it)),
        suspects: read_names(loaded.meta.get(SUSPECTS)),
        faces: loaded
            .meta
            .get(FACES)
            .map_or_else(Default::default, |it| room::read_faces(it)),
    };
    let membership = Membership::open(&members).map_err(|_| damaged())?;
    let held = room::held(&loaded.vector);
    let setup = RoomSetup {
        keys: keys(me, &membership, loaded.meta.get(KEYS)),
        log: log(store, &membership, &held, &beginning),
        device: me.device(),
        session: me.session,
        membership,
        held,
        era: me.era,
        stream: identity::stream(store, me.era, id),
        framed: framed.unwrap_or_default(),
        notices: notices.unwrap_or_default(),
        beginning,
        payload_bytes: sync::limits::MAX_PAYLOAD_BYTES,
    };
    let places = addresses(store, project)?.into_iter();
    let places = places.map(|it| pins::place(store, Scope::Project(project), it));
    Ok(Some(Ready {
        setup,
        places: places.collect::<Result<_, _>>()?,
    }))
}

fn addresses(store: &dyn Store, project: ProjectId) -> Result<Vec<Address>, StoreError> {
    let kept = read(store, project)?.map(|it| it.addresses);
    let kept = kept.unwrap_or_default().into_iter();
    Ok(kept.filter_map(|it| it.parse().ok()).collect())
}

/// The keys of a closed room, as far as they were kept.
fn keys(me: &Installation, membership: &Membership, kept: Option<&Vec<u8>>) -> Option<Keys> {
    let device = Arc::clone(&me.keys);
    match kept {
        _ if membership.is_open() => None,
        Some(kept) => Some(Keys::decode(device, &membership.room(), kept)),
        None => Some(Keys::new(device)),
    }
}

/// The log of a closed room. It is read once, when the room is opened; in an open one nobody vouches, so it is only for what
/// was not read yet.
fn log(
    store: &dyn Store,
    membership: &Membership,
    held: &Vector,
    beginning: &Beginning,
) -> Vec<Frame> {
    if membership.is_open() && beginning.unopened.is_empty() {
        return Vec::new();
    }
    let ranges = held.iter().map(|(stream, through)| LogRange {
        stream,
        from: 1,
        through,
    });
    let ranges: Vec<LogRange> = ranges.collect();
    let key = RoomKey(membership.room().0);
    links::read_log(store, key, &ranges, usize::MAX)
}

fn read_names(kept: Option<&Vec<u8>>) -> BTreeSet<FrameId> {
    let ids = kept.into_iter().flat_map(|bytes| bytes.chunks_exact(32));
    ids.filter_map(|id| Some(FrameId(id.try_into().ok()?)))
        .collect()
}

/// The project had to be closed while this frame was merged: it is not merged again.
pub(crate) fn suspect(store: &dyn Store, room: RoomId, frame: FrameId) -> Result<(), StoreError> {
    let key = RoomKey(room.0);
    let mut known = store.rooms().meta(key, SUSPECTS)?.unwrap_or_default();
    known.extend(frame.0);
    let mut write = RoomWrite::new(key, Vec::new());
    write.meta.push((SUSPECTS.to_owned(), Some(known)));
    store.rooms().append(write, Box::new(|_| {}));
    store.flush(SUSPECT_DEADLINE)
}

fn read_base(loaded: &LoadedRoom) -> Result<Option<Base>, Failure> {
    let kept = loaded.meta.get(BASE);
    kept.map(|bytes| Base::decode(bytes))
        .transpose()
        .map_err(|_| damaged())
}

/// Whether a project's room has frames that could not be applied or not be opened yet, which may name anything.
pub(crate) fn holds_unread(store: &dyn Store, project: ProjectId) -> Result<bool, StoreError> {
    match of(store, project)? {
        Some(room) => {
            let meta = |name| store.rooms().meta(RoomKey(room.0), name);
            Ok(meta(UNREAD)?.is_some() || meta(UNOPENED)?.is_some())
        }
        None => Ok(false),
    }
}

fn read(store: &dyn Store, project: ProjectId) -> Result<Option<Residence>, StoreError> {
    let kept = store.setting(&setting(project))?;
    Ok(kept.and_then(|json| serde_json::from_str(&json).ok()))
}

fn write(store: &dyn Store, project: ProjectId, kept: &Residence) -> Result<(), StoreError> {
    let json = serde_json::to_string(kept).expect("texts become JSON");
    store.set_setting(&setting(project), Some(&json))
}

pub(crate) fn encode_members(membership: &Membership) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in membership.records() {
        let length = u32::try_from(record.len()).expect("a record is small");
        bytes.extend(length.to_be_bytes());
        bytes.extend(record);
    }
    bytes
}

pub(crate) fn decode_members(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (record, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        records.push(record.to_vec());
        bytes = rest;
    }
    Some(records)
}

fn damaged() -> Failure {
    Failure::new(
        "ROOM_DAMAGED",
        "The record of who shares this project is damaged. The project itself is safe; share it anew.",
    )
}

fn setting(project: ProjectId) -> String {
    format!("room.{}", project.0)
}
