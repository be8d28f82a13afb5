//! Logs that begin with snapshots.

use minicbor::Decoder;
use trust::DeviceId;

use crate::cbor::{self, Writer, Written};
use crate::limits::{MAX_NUMBER, MAX_SNAPSHOTS};
use crate::{DecodeError, StreamId, Vector};

/// Where a log begins that had frames dropped: the snapshots that stand for them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Base {
    /// What all of them count.
    vector: Vector,
    /// Ascending by stream and number.
    snapshots: Vec<BaseSnapshot>,
}

/// A snapshot with which a log begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseSnapshot {
    /// The stream of its frame.
    pub stream: StreamId,
    /// The place of its frame.
    pub number: u64,
    /// What it counts.
    pub counted: Vector,
}

impl Base {
    /// The base of a log that has this snapshot in place of what it counts, too. Those that count nothing beyond it are
    /// not needed any more.
    pub fn with(mut self, stream: StreamId, number: u64, counted: Vector) -> Self {
        self.vector.merge(&counted);
        self.snapshots
            .retain(|known| !counted.covers(&known.counted));
        let place = self
            .snapshots
            .binary_search_by_key(&(stream, number), BaseSnapshot::place);
        match place {
            Ok(place) => self.snapshots[place].counted.merge(&counted),
            Err(place) => self.snapshots.insert(
                place,
                BaseSnapshot {
                    stream,
                    number,
                    counted,
                },
            ),
        }
        self
    }

    /// What is in no frame of the log any more, as far as it must be: the host may keep more.
    pub fn vector(&self) -> &Vector {
        &self.vector
    }

    /// The snapshots that are there instead. Their frames stay in the log.
    pub fn snapshots(&self) -> &[BaseSnapshot] {
        &self.snapshots
    }

    /// Whether the frame at this place is one of the snapshots.
    pub fn stands(&self, stream: StreamId, number: u64) -> bool {
        let is_it = |known: &BaseSnapshot| known.place() == (stream, number);
        self.snapshots.iter().any(is_it)
    }

    /// The bytes in which a host keeps it.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&[], 256, |writer| self.write(writer))
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes);
        let base = Self::read(&mut decoder)?;
        cbor::end(&decoder)?;
        Ok(base)
    }

    pub(crate) fn write<'a>(&self, writer: &'a mut Writer) -> Written<'a> {
        writer.array(self.snapshots.len() as u64)?;
        for snapshot in &self.snapshots {
            writer.array(4)?.bytes(&snapshot.stream.device.0)?;
            writer.u64(snapshot.stream.nonce)?.u64(snapshot.number)?;
            snapshot.counted.write(writer)?;
        }
        Ok(writer)
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let length = cbor::array(decoder)?;
        if length > MAX_SNAPSHOTS as u64 {
            return Err(DecodeError("too many snapshots"));
        }
        let mut base = Self::default();
        for _ in 0..length {
            cbor::array_of(decoder, 4)?;
            let device = DeviceId(cbor::bytes32(decoder)?);
            let nonce = decoder.u64()?;
            let number = decoder.u64()?;
            if !(1..=MAX_NUMBER).contains(&number) {
                return Err(DecodeError("a snapshot's number out of range"));
            }
            let counted = Vector::read(decoder)?;
            base = base.with(StreamId { device, nonce }, number, counted);
        }
        Ok(base)
    }
}

impl BaseSnapshot {
    /// Where its frame is.
    pub fn place(&self) -> (StreamId, u64) {
        (self.stream, self.number)
    }
}
