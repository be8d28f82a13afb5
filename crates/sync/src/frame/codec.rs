//! The bytes of a frame: a CBOR array of `[version, kind, room, document, epoch, device, stream, number, deps, body,
//! payload, signature]`.

use minicbor::Decoder;
use trust::key::SIGNATURE_BYTES;
use trust::{DeviceId, RoomId};

use super::{Content, CountersignatureBody, Document, Draft, Header, Kind, Parts, SnapshotBody};
use crate::cbor::{self, Writer, Written};
use crate::limits::{MAX_DEPS, MAX_FRAME_BYTES, MAX_NUMBER};
use crate::message::KIND_FRAME;
use crate::{DecodeError, FrameId, Heads, StreamId, Vector};

/// The version that is written here.
pub const VERSION: u32 = 1;

/// Parts of a frame.
const PARTS: u64 = 12;

/// A dependency: two bytes that say "a byte string of 32", and the bytes.
const DEP_BYTES: usize = 34;

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// They cannot be read.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    /// It is larger than is allowed.
    #[error("a frame of {0} bytes is too large")]
    TooLarge(usize),
}

/// The message of a frame. `sign` is given the frame without its signature, and returns that if there is to be one.
pub fn encode(
    draft: &Draft<'_>,
    sign: impl FnOnce(&[u8]) -> Option<[u8; SIGNATURE_BYTES]>,
) -> Vec<u8> {
    let capacity = 256 + draft.deps.len() * DEP_BYTES + draft.payload.len();
    let mut message = cbor::encode(&[KIND_FRAME], capacity, |writer| {
        write_header(writer, draft)?.bytes(draft.payload)
    });
    let signature = sign(&message[1..]);
    let signature = signature.as_ref().map_or(&[][..], |bytes| bytes);
    message.extend(cbor::encode(&[], 2 + SIGNATURE_BYTES, |writer| {
        writer.bytes(signature)
    }));
    message
}

pub fn associated_data(draft: &Draft<'_>) -> Vec<u8> {
    cbor::encode(&[], 256 + draft.deps.len() * DEP_BYTES, |writer| {
        write_header(writer, draft)
    })
}

pub fn message_of(frame: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(1 + frame.len());
    message.push(KIND_FRAME);
    message.extend_from_slice(frame);
    message
}

/// All before the payload.
fn write_header<'a>(writer: &'a mut Writer, draft: &Draft<'_>) -> Written<'a> {
    let (kind, body) = match &draft.content {
        Content::Changes => (0, Vec::new()),
        Content::Snapshot(body) => (1, snapshot_body(body)),
        Content::Countersignature(body) => (2, countersignature_body(body)),
    };
    writer.array(PARTS)?.u32(VERSION)?.u8(kind)?;
    writer
        .bytes(&draft.room.0)?
        .u8(document_code(draft.document))?;
    writer.u64(draft.epoch)?.bytes(&draft.stream.device.0)?;
    writer.u64(draft.stream.nonce)?.u64(draft.number)?;
    writer.array(draft.deps.len() as u64)?;
    for dep in draft.deps {
        writer.bytes(&dep.0)?;
    }
    writer.bytes(&body)
}

fn document_code(document: Document) -> u8 {
    match document {
        Document::Project => 0,
        Document::Comments => 1,
        Document::Room => 2,
        Document::Later(code) => code,
    }
}

fn snapshot_body(body: &SnapshotBody) -> Vec<u8> {
    cbor::encode(&[], 64 + 48 * body.vector.len(), |writer| {
        writer.array(2)?;
        body.vector.write(writer)?.bytes(&body.heads.0)
    })
}

fn countersignature_body(body: &CountersignatureBody) -> Vec<u8> {
    cbor::encode(&[], 72, |writer| {
        writer
            .array(2)?
            .bytes(&body.snapshot.0)?
            .bytes(&body.heads.0)
    })
}

/// Reads header and parts of a message, and checks all that can be checked without a key.
pub fn decode(message: &[u8]) -> Result<(Header, Parts), FrameError> {
    if message.len() > 1 + MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge(message.len() - 1));
    }
    if message.first() != Some(&KIND_FRAME) {
        return Err(DecodeError("not the message of a frame").into());
    }
    let mut decoder = Decoder::new(message);
    decoder.set_position(1);
    let (header, more) = read_header(&mut decoder)?;
    let parts = read_parts(&mut decoder)?;
    for _ in 0..more {
        decoder.skip().map_err(DecodeError::from)?;
    }
    cbor::end(&decoder)?;
    check_body(
        &header,
        &message[parts.body.start as usize..parts.body.end as usize],
    )?;
    Ok((header, parts))
}

/// The header, and how many parts a later version has added behind the ones that are known.
fn read_header(decoder: &mut Decoder<'_>) -> Result<(Header, u64), DecodeError> {
    let parts = cbor::array(decoder)?;
    let version = decoder.u32()?;
    if version == 0 || parts < PARTS || (version <= VERSION && parts != PARTS) {
        return Err(DecodeError("a frame of another shape"));
    }
    let kind = kind(version, decoder.u8()?)?;
    let room = RoomId(cbor::bytes32(decoder)?);
    let document = document(version, decoder.u8()?)?;
    let epoch = decoder.u64()?;
    let device = DeviceId(cbor::bytes32(decoder)?);
    let nonce = decoder.u64()?;
    let number = decoder.u64()?;
    if number == 0 || number > MAX_NUMBER {
        return Err(DecodeError("a frame's number out of range"));
    }
    let header = Header {
        version,
        kind,
        room,
        document,
        epoch,
        stream: StreamId { device, nonce },
        number,
    };
    Ok((header, parts - PARTS))
}

fn kind(version: u32, code: u8) -> Result<Kind, DecodeError> {
    match code {
        0 => Ok(Kind::Changes),
        1 => Ok(Kind::Snapshot),
        2 => Ok(Kind::Countersignature),
        later if version > VERSION => Ok(Kind::Later(later)),
        _ => Err(DecodeError("a frame of an unknown kind")),
    }
}

fn document(version: u32, code: u8) -> Result<Document, DecodeError> {
    match code {
        0 => Ok(Document::Project),
        1 => Ok(Document::Comments),
        2 => Ok(Document::Room),
        later if version > VERSION => Ok(Document::Later(later)),
        _ => Err(DecodeError("a frame about an unknown document")),
    }
}

fn read_parts(decoder: &mut Decoder<'_>) -> Result<Parts, DecodeError> {
    let deps = cbor::array(decoder)?;
    if deps > MAX_DEPS as u64 {
        return Err(DecodeError("a frame with too many dependencies"));
    }
    let start = decoder.position() as u32;
    for _ in 0..deps {
        let begin = decoder.position();
        cbor::bytes32(decoder)?;
        if decoder.position() - begin != DEP_BYTES {
            return Err(DecodeError("a dependency in another encoding"));
        }
    }
    let deps = start..decoder.position() as u32;
    let body = byte_string(decoder)?;
    let payload = byte_string(decoder)?;
    let signature = signature(decoder)?;
    Ok(Parts {
        deps,
        body,
        payload,
        signature,
    })
}

/// It is not signed itself, so there must be one way to write it: else somebody could give a frame another name.
fn signature(decoder: &mut Decoder<'_>) -> Result<std::ops::Range<u32>, DecodeError> {
    let start = decoder.position();
    let length = decoder.bytes()?.len();
    let end = decoder.position();
    match (length, end - start) {
        (0, 1) => Ok(start as u32..end as u32),
        (SIGNATURE_BYTES, whole) if whole == SIGNATURE_BYTES + 2 => Ok(start as u32..end as u32),
        _ => Err(DecodeError("a signature of another shape")),
    }
}

fn byte_string(decoder: &mut Decoder<'_>) -> Result<std::ops::Range<u32>, DecodeError> {
    let length = decoder.bytes()?.len();
    let end = decoder.position();
    Ok((end - length) as u32..end as u32)
}

fn check_body(header: &Header, body: &[u8]) -> Result<(), DecodeError> {
    match header.kind {
        Kind::Changes if body.is_empty() => Ok(()),
        Kind::Changes => Err(DecodeError("changes with a body")),
        Kind::Snapshot => {
            let counted = snapshot(body)?.vector.get(&header.stream);
            if counted + 1 == header.number {
                Ok(())
            } else {
                Err(DecodeError(
                    "a snapshot that does not follow what it counts",
                ))
            }
        }
        Kind::Countersignature => countersignature(body).map(|_| ()),
        Kind::Later(_) => Ok(()),
    }
}

pub fn snapshot(body: &[u8]) -> Result<SnapshotBody, DecodeError> {
    let mut decoder = Decoder::new(body);
    cbor::array_of(&mut decoder, 2)?;
    let vector = Vector::read(&mut decoder)?;
    let heads = Heads(cbor::bytes32(&mut decoder)?);
    cbor::end(&decoder)?;
    Ok(SnapshotBody { vector, heads })
}

pub fn countersignature(body: &[u8]) -> Result<CountersignatureBody, DecodeError> {
    let mut decoder = Decoder::new(body);
    cbor::array_of(&mut decoder, 2)?;
    let snapshot = FrameId(cbor::bytes32(&mut decoder)?);
    let heads = Heads(cbor::bytes32(&mut decoder)?);
    cbor::end(&decoder)?;
    Ok(CountersignatureBody { snapshot, heads })
}

pub fn deps(bytes: &[u8]) -> impl ExactSizeIterator<Item = FrameId> + '_ {
    bytes.chunks_exact(DEP_BYTES).map(|dep| {
        FrameId(
            dep[2..]
                .try_into()
                .expect("a dependency was read as 32 bytes"),
        )
    })
}
