//! A room in a file: what somebody lacks, carried on a stick.

use bytes::Bytes;
use minicbor::{Decoder, Encoder};
use trust::{MAX_RECORD_BYTES, MAX_RECORDS, Membership, RoomId};

use crate::cbor::{self, Written};
use crate::limits::MAX_FRAME_BYTES;
use crate::message::{read_advert, write_advert};
use crate::{Advert, DecodeError, Frame, FrameError};

/// The first bytes of every bundle.
const MAGIC: &[u8; 8] = b"tallybnd";

/// The version that is written here.
const VERSION: u32 = 1;

/// The hash of all before it, at the end.
const HASH_BYTES: usize = 32;

/// Membership and frames of one room, with which an exchange does what it does with those of a peer.
///
/// A file is the magic, then CBOR: version, records, what the writer held, the frames; then the BLAKE3 hash of all that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    /// The membership log.
    pub membership: Membership,
    /// What the writer held, and with which snapshots its log began.
    pub advert: Advert,
    /// The frames, in an order in which each is the next of its stream.
    pub frames: Vec<Frame>,
}

/// Why a file is no bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BundleError {
    /// It does not begin like one.
    #[error("not a bundle")]
    NotABundle,
    /// A later version wrote it.
    #[error("a bundle of version {0}, which is too new")]
    TooNew(u32),
    /// It is not whole.
    #[error("the bundle is damaged or not whole")]
    Damaged,
    /// A frame in it cannot be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Its membership cannot be read.
    #[error(transparent)]
    Membership(#[from] trust::MembershipError),
}

impl Bundle {
    /// The room.
    pub fn room(&self) -> RoomId {
        self.membership.room()
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let bytes: usize = self
            .frames
            .iter()
            .map(|frame| frame.bytes().len() + 5)
            .sum();
        let mut file = cbor::encode(MAGIC, bytes + 1024, |writer| self.write(writer));
        let hash = blake3::hash(&file);
        file.extend_from_slice(hash.as_bytes());
        file
    }

    fn write<'a>(&self, writer: &'a mut Encoder<Vec<u8>>) -> Written<'a> {
        writer.u32(VERSION)?;
        let records = self.membership.records();
        writer.array(records.len() as u64)?;
        for record in records {
            writer.bytes(record)?;
        }
        write_advert(writer, &self.advert)?;
        writer.array(self.frames.len() as u64)?;
        for frame in &self.frames {
            writer.bytes(frame.bytes())?;
        }
        Ok(writer)
    }

    /// Reads a file. Whatever the bytes are, this returns.
    pub fn decode(file: &[u8]) -> Result<Self, BundleError> {
        let body = file.strip_prefix(MAGIC).ok_or(BundleError::NotABundle)?;
        let version = Decoder::new(body).u32().map_err(|_| BundleError::Damaged)?;
        if version > VERSION {
            return Err(BundleError::TooNew(version));
        }
        let (whole, hash) = file
            .split_last_chunk::<HASH_BYTES>()
            .ok_or(BundleError::Damaged)?;
        if blake3::hash(whole) != *hash || whole.len() < MAGIC.len() {
            return Err(BundleError::Damaged);
        }
        Self::read(&whole[MAGIC.len()..])
    }

    fn read(body: &[u8]) -> Result<Self, BundleError> {
        let mut decoder = Decoder::new(body);
        decoder.u32().map_err(DecodeError::from)?;
        let records = byte_strings(&mut decoder, MAX_RECORDS as u64, MAX_RECORD_BYTES)?;
        let membership = Membership::open(&records)?;
        let advert = read_advert(&mut decoder)?;
        let frames = byte_strings(&mut decoder, u64::MAX, MAX_FRAME_BYTES)?;
        cbor::end(&decoder)?;
        let frames = frames.into_iter().map(|frame| Frame::from_bytes(&frame));
        Ok(Self {
            membership,
            advert,
            frames: frames.collect::<Result<_, _>>()?,
        })
    }
}

fn byte_strings(
    decoder: &mut Decoder<'_>,
    most: u64,
    most_bytes: usize,
) -> Result<Vec<Bytes>, DecodeError> {
    let length = cbor::array(decoder)?;
    if length > most {
        return Err(DecodeError("too many of something"));
    }
    (0..length)
        .map(|_| match decoder.bytes()? {
            bytes if bytes.len() > most_bytes => Err(DecodeError("something too large")),
            bytes => Ok(Bytes::copy_from_slice(bytes)),
        })
        .collect()
}

impl From<DecodeError> for BundleError {
    fn from(_: DecodeError) -> Self {
        Self::Damaged
    }
}
