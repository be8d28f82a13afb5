//! What somebody holds.

use std::fmt;

use minicbor::Decoder;
use trust::DeviceId;

use crate::cbor::{self, Writer, Written};
use crate::limits::{MAX_NUMBER, MAX_STREAMS};
use crate::{DecodeError, StreamId};

/// For each stream how many of its frames there are, contiguous from 1. Streams without a frame are not in it.
///
/// Two vectors are equal exactly if they count the same frames.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Vector {
    /// Ascending by stream, no zeros.
    entries: Vec<(StreamId, u64)>,
}

/// Some frames of one stream, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogRange {
    /// The stream.
    pub stream: StreamId,
    /// The first frame.
    pub from: u64,
    /// The last frame.
    pub through: u64,
}

impl Vector {
    /// Nothing.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// How many frames of a stream.
    pub fn get(&self, stream: &StreamId) -> u64 {
        self.place(stream).map_or(0, |place| self.entries[place].1)
    }

    /// Counts at least `number` frames of a stream.
    pub fn raise(&mut self, stream: StreamId, number: u64) {
        match self.place(&stream) {
            Ok(place) => {
                let held = &mut self.entries[place].1;
                *held = number.max(*held);
            }
            Err(place) if number > 0 => self.entries.insert(place, (stream, number)),
            Err(_) => {}
        }
    }

    /// Counts whatever either of the two counts.
    pub fn merge(&mut self, other: &Self) {
        other
            .iter()
            .for_each(|(stream, number)| self.raise(stream, number));
    }

    /// Whether there is nothing that `other` has in excess.
    pub fn covers(&self, other: &Self) -> bool {
        other
            .iter()
            .all(|(stream, number)| self.get(&stream) >= number)
    }

    /// What `other` lacks of this, by stream.
    pub fn lacking_in(&self, other: &Self) -> Vec<LogRange> {
        self.iter()
            .map(|(stream, through)| LogRange {
                stream,
                from: other.get(&stream) + 1,
                through,
            })
            .filter(|range| range.from <= range.through)
            .collect()
    }

    /// The streams and their numbers, ascending by stream.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (StreamId, u64)> + '_ {
        self.entries.iter().copied()
    }

    /// How many streams.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it counts no frame.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many frames of all streams.
    pub fn frames(&self) -> u64 {
        self.iter()
            .fold(0, |sum, (_, number)| sum.saturating_add(number))
    }

    /// A hash by which equal vectors are known.
    pub fn digest(&self) -> [u8; 32] {
        let bytes = cbor::encode(&[], 16 + 48 * self.len(), |writer| self.write(writer));
        *blake3::hash(&bytes).as_bytes()
    }

    fn place(&self, stream: &StreamId) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|(known, _)| known.cmp(stream))
    }

    /// Writes an array of one array per device: its id, then nonce and number of each stream.
    pub(crate) fn write<'a>(&self, writer: &'a mut Writer) -> Written<'a> {
        let by_device = || self.entries.chunk_by(|a, b| a.0.device == b.0.device);
        writer.array(by_device().count() as u64)?;
        for streams in by_device() {
            writer.array(1 + 2 * streams.len() as u64)?;
            writer.bytes(&streams[0].0.device.0)?;
            for (stream, number) in streams {
                writer.u64(stream.nonce)?.u64(*number)?;
            }
        }
        Ok(writer)
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut vector = Self::new();
        for _ in 0..cbor::array(decoder)? {
            let length = cbor::array(decoder)?;
            if length < 3 || length % 2 == 0 {
                return Err(DecodeError("a vector of uneven length"));
            }
            let device = DeviceId(cbor::bytes32(decoder)?);
            for _ in 0..length / 2 {
                let nonce = decoder.u64()?;
                vector.append(StreamId { device, nonce }, decoder.u64()?)?;
            }
        }
        Ok(vector)
    }

    fn append(&mut self, stream: StreamId, number: u64) -> Result<(), DecodeError> {
        if self.entries.last().is_some_and(|(last, _)| *last >= stream) {
            return Err(DecodeError("a vector out of order"));
        }
        if number == 0 || number > MAX_NUMBER {
            return Err(DecodeError("a vector with a number out of range"));
        }
        if self.len() == MAX_STREAMS {
            return Err(DecodeError("a vector of too many streams"));
        }
        self.entries.push((stream, number));
        Ok(())
    }
}

impl FromIterator<(StreamId, u64)> for Vector {
    fn from_iter<T: IntoIterator<Item = (StreamId, u64)>>(entries: T) -> Self {
        let mut vector = Self::new();
        entries
            .into_iter()
            .for_each(|(stream, number)| vector.raise(stream, number));
        vector
    }
}

impl fmt::Debug for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(device: u8, nonce: u64) -> StreamId {
        StreamId {
            device: DeviceId([device; 32]),
            nonce,
        }
    }

    fn vector(entries: &[(u8, u64, u64)]) -> Vector {
        entries
            .iter()
            .map(|&(device, nonce, number)| (stream(device, nonce), number))
            .collect()
    }

    fn read(bytes: &[u8]) -> Result<Vector, DecodeError> {
        Vector::read(&mut Decoder::new(bytes))
    }

    #[test]
    fn a_vector_is_read_back() {
        let vector = vector(&[(2, 7, 3), (1, 9, 1), (1, 2, 5)]);
        let bytes = cbor::encode(&[], 0, |writer| vector.write(writer));
        assert_eq!(read(&bytes), Ok(vector));
    }

    #[test]
    fn what_the_other_lacks_is_what_it_does_not_count() {
        let (mine, theirs) = (
            vector(&[(1, 1, 5), (2, 1, 1)]),
            vector(&[(1, 1, 3), (3, 1, 1)]),
        );
        assert!(!mine.covers(&theirs) && !theirs.covers(&mine));
        let lacking = mine.lacking_in(&theirs);
        assert_eq!(lacking.len(), 2);
        assert_eq!((lacking[0].from, lacking[0].through), (4, 5));
        assert_eq!((lacking[1].from, lacking[1].through), (1, 1));
    }

    #[test]
    fn counting_nothing_is_counting_no_stream() {
        let mut counted = vector(&[(1, 1, 5)]);
        counted.raise(stream(2, 2), 0);
        assert_eq!(counted, vector(&[(1, 1, 5)]));
        assert_eq!(counted.digest(), vector(&[(1, 1, 5)]).digest());
    }

    #[test]
    fn a_vector_out_of_order_or_with_zeros_is_refused() {
        let entry = |nonce: u8, number: u8| {
            let mut bytes = vec![0x83, 0x58, 32];
            bytes.extend_from_slice(&[1; 32]);
            bytes.extend_from_slice(&[nonce, number]);
            bytes
        };
        let two = |first: Vec<u8>, second: Vec<u8>| [vec![0x82], first, second].concat();
        assert!(read(&two(entry(1, 1), entry(2, 1))).is_ok());
        assert!(
            read(&two(entry(2, 1), entry(1, 1))).is_err(),
            "out of order"
        );
        assert!(read(&two(entry(1, 1), entry(1, 1))).is_err(), "twice");
        assert!(read(&two(entry(1, 0), entry(2, 1))).is_err(), "zero");
    }
}
