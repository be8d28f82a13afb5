//! When frames may be dropped because a snapshot stands for them.

use minicbor::Decoder;
use trust::DeviceId;

use crate::cbor;
use crate::limits::{MAX_SNAPSHOTS, SNAPSHOT_PATIENCE_MS};
use crate::{Base, DecodeError, Frame, FrameId, Heads, StreamId, Vector};

/// The snapshots in a room's log, and who has found the same in them.
///
/// The host shows it every frame that it stores, and keeps [`encode`](Self::encode) with the room. Time is the wall
/// clock here, in milliseconds since 1970, since a month is longer than a run.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Snapshots {
    known: Vec<Snapshot>,
}

/// A snapshot in a room's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Its frame.
    pub id: FrameId,
    /// The stream of its frame.
    pub stream: StreamId,
    /// The place of its frame.
    pub number: u64,
    /// What it counts.
    pub counted: Vector,
    /// The heads of its documents.
    pub heads: Heads,
    /// Since when it is here.
    pub since_unix_ms: u64,
    /// A device other than its maker's has found the same heads.
    pub is_countersigned: bool,
}

impl Snapshots {
    /// No snapshot.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a stored frame; true if that changed something. Frames of one room are shown in any order, though a
    /// countersignature that comes before its snapshot is not remembered.
    pub fn see(&mut self, frame: &Frame, now_unix_ms: u64) -> bool {
        let header = frame.header();
        if let Some(body) = frame.snapshot() {
            return self.add(Snapshot {
                id: frame.id(),
                stream: header.stream,
                number: header.number,
                counted: body.vector,
                heads: body.heads,
                since_unix_ms: now_unix_ms,
                is_countersigned: false,
            });
        }
        let Some(body) = frame.countersignature() else {
            return false;
        };
        let device = header.stream.device;
        let signed = self.known.iter_mut().find(|snapshot| {
            snapshot.id == body.snapshot
                && snapshot.heads == body.heads
                && snapshot.stream.device != device
        });
        signed.is_some_and(|snapshot| !std::mem::replace(&mut snapshot.is_countersigned, true))
    }

    /// The snapshot below which frames may be dropped: the one that counts most of those that a second writer has
    /// countersigned or that have been here for 30 days, if all that it counts is here and something of it is not below
    /// `base` yet. The frame of a snapshot that `base` counts may have been dropped itself, so that one stands for nothing
    /// any more.
    pub fn may_drop(
        &self,
        held: &Vector,
        base: Option<&Base>,
        now_unix_ms: u64,
    ) -> Option<&Snapshot> {
        let may = |snapshot: &&Snapshot| {
            let age_ms = now_unix_ms.saturating_sub(snapshot.since_unix_ms);
            let gone = base.map_or(0, |base| base.vector().get(&snapshot.stream));
            // Of two that count the same, one is enough.
            let is_below = base.is_some_and(|base| base.vector().covers(&snapshot.counted));
            (snapshot.is_countersigned || age_ms >= SNAPSHOT_PATIENCE_MS)
                && held.covers(&snapshot.counted)
                && snapshot.number > gone
                && !is_below
        };
        let candidates = self.known.iter().filter(may);
        candidates.max_by_key(|snapshot| snapshot.counted.frames())
    }

    /// The newest snapshot that a device could countersign: by another, not countersigned, and counting only what is
    /// held here. The device does so if it finds the same heads.
    pub fn to_countersign(&self, device: &DeviceId, held: &Vector) -> Option<&Snapshot> {
        let candidates = self.known.iter().rev();
        let mut candidates = candidates.filter(|snapshot| {
            !snapshot.is_countersigned
                && snapshot.stream.device != *device
                && held.covers(&snapshot.counted)
        });
        candidates.next()
    }

    /// All that are known, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Snapshot> {
        self.known.iter()
    }

    fn add(&mut self, snapshot: Snapshot) -> bool {
        if self.known.iter().any(|known| known.id == snapshot.id) {
            return false;
        }
        if self.known.len() == MAX_SNAPSHOTS {
            self.known.remove(0);
        }
        self.known.push(snapshot);
        true
    }

    /// All of it, for the host to keep.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&[], 256 * self.known.len(), |writer| {
            writer.array(self.known.len() as u64)?;
            for snapshot in &self.known {
                writer.array(8)?.bytes(&snapshot.id.0)?;
                writer.bytes(&snapshot.stream.device.0)?;
                writer.u64(snapshot.stream.nonce)?.u64(snapshot.number)?;
                snapshot.counted.write(writer)?.bytes(&snapshot.heads.0)?;
                writer
                    .u64(snapshot.since_unix_ms)?
                    .bool(snapshot.is_countersigned)?;
            }
            Ok(writer)
        })
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        let length = cbor::array(&mut decoder)?;
        if length > MAX_SNAPSHOTS as u64 {
            return Err(DecodeError("too many snapshots"));
        }
        let known = (0..length).map(|_| Snapshot::read(&mut decoder));
        let known = known.collect::<Result<_, _>>()?;
        cbor::end(&decoder)?;
        Ok(Self { known })
    }
}

impl Snapshot {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        cbor::array_of(decoder, 8)?;
        Ok(Self {
            id: FrameId(cbor::bytes32(decoder)?),
            stream: StreamId {
                device: DeviceId(cbor::bytes32(decoder)?),
                nonce: decoder.u64()?,
            },
            number: decoder.u64()?,
            counted: Vector::read(decoder)?,
            heads: Heads(cbor::bytes32(decoder)?),
            since_unix_ms: decoder.u64()?,
            is_countersigned: decoder.bool()?,
        })
    }
}
