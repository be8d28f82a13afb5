//! The bytes of a message: its kind, then CBOR.

use bytes::Bytes;
use minicbor::Decoder;
use trust::hosting::HostingToken;
use trust::key::SIGNATURE_BYTES;
use trust::{DeviceId, MAX_RECORD_BYTES, MAX_RECORDS, RoomId};

use super::{Advert, Bye, Message};
use crate::cbor::{self, Writer, Written};
use crate::limits::{
    BLOB_PIECE_BYTES, MAX_BATCH_BYTES, MAX_BATCH_FRAMES, MAX_MESSAGE_BYTES, MAX_REASON_BYTES,
    MAX_SIGNAL_BYTES,
};
use crate::{
    Base, BlobMessage, BlobName, BlobPiece, ByeCode, DecodeError, Frame, FrameError, Hello,
    LinkError, Signal, SignalKind, Vector, Welcome,
};

const KIND_HELLO: u8 = 1;
const KIND_WELCOME: u8 = 2;
const KIND_MEMBERS: u8 = 3;
const KIND_VECTOR: u8 = 4;
/// One frame.
pub const KIND_FRAME: u8 = 5;
/// Several frames.
pub const KIND_FRAMES: u8 = 6;
const KIND_ACK: u8 = 7;
const KIND_SIGNAL: u8 = 8;
const KIND_WANT_BLOB: u8 = 9;
const KIND_BLOB: u8 = 10;
const KIND_NO_BLOB: u8 = 11;
const KIND_HAS_BLOB: u8 = 12;
/// The last message.
pub const KIND_BYE: u8 = 13;

pub fn encode(message: &Message) -> Bytes {
    let write = |kind: u8, write: &dyn Fn(&mut Writer) -> bool| {
        Bytes::from(cbor::encode(&[kind], 96, |writer| {
            write(writer);
            Ok(writer)
        }))
    };
    match message {
        Message::Hello(hello) => write(KIND_HELLO, &|w| write_hello(w, hello).is_ok()),
        Message::Welcome(welcome) => write(KIND_WELCOME, &|w| write_welcome(w, welcome).is_ok()),
        Message::Members(records) => write(KIND_MEMBERS, &|w| write_members(w, records).is_ok()),
        Message::Vector(advert) => write(KIND_VECTOR, &|w| write_advert(w, advert).is_ok()),
        Message::Frame(frame) => frame.message().clone(),
        Message::Frames(frames) => frames_message(frames),
        Message::Ack(vector) => write(KIND_ACK, &|w| vector.write(w).is_ok()),
        Message::Signal(signal) => write(KIND_SIGNAL, &|w| write_signal(w, signal).is_ok()),
        Message::Blob(blob) => write(blob_kind(blob), &|w| write_blob(w, blob).is_ok()),
        Message::Bye(bye) => write(KIND_BYE, &|w| write_bye(w, bye).is_ok()),
    }
}

pub fn decode(message: Bytes) -> Result<Message, LinkError> {
    if message.len() > MAX_MESSAGE_BYTES {
        return Err(LinkError::TooLarge {
            what: "a message",
            bytes: message.len(),
        });
    }
    let kind = *message.first().ok_or(DecodeError("an empty message"))?;
    if kind == KIND_FRAME {
        return Ok(Message::Frame(Frame::from_message(message)?));
    }
    let mut decoder = Decoder::new(&message);
    decoder.set_position(1);
    let read = match kind {
        KIND_HELLO => Message::Hello(read_hello(&mut decoder)?),
        KIND_WELCOME => Message::Welcome(read_welcome(&mut decoder)?),
        KIND_MEMBERS => Message::Members(read_members(&mut decoder)?),
        KIND_VECTOR => Message::Vector(read_advert(&mut decoder)?),
        KIND_FRAMES => Message::Frames(read_frames(&mut decoder)?),
        KIND_ACK => Message::Ack(Vector::read(&mut decoder)?),
        KIND_SIGNAL => Message::Signal(read_signal(&message, &mut decoder)?),
        KIND_WANT_BLOB | KIND_BLOB | KIND_NO_BLOB | KIND_HAS_BLOB => {
            Message::Blob(read_blob(kind, &message, &mut decoder)?)
        }
        KIND_BYE => Message::Bye(read_bye(&mut decoder)?),
        _ => return Err(DecodeError("a message of an unknown kind").into()),
    };
    cbor::end(&decoder)?;
    Ok(read)
}

impl From<FrameError> for LinkError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Undecodable(error) => Self::Undecodable(error),
            FrameError::TooLarge(bytes) => Self::TooLarge {
                what: "a frame",
                bytes,
            },
        }
    }
}

fn write_hello<'a>(writer: &'a mut Writer, hello: &Hello) -> Written<'a> {
    let length = 5 + u64::from(hello.hosting.is_some());
    writer.array(length)?.u32(hello.oldest)?.u32(hello.newest)?;
    writer
        .bytes(&hello.room.0)?
        .bytes(&hello.device.0)?
        .bytes(&hello.nonce)?;
    match &hello.hosting {
        Some(token) => writer.bytes(token.bytes()),
        None => Ok(writer),
    }
}

fn read_hello(decoder: &mut Decoder<'_>) -> Result<Hello, DecodeError> {
    let mut more = at_least(decoder, 5)?;
    let mut hello = Hello {
        oldest: decoder.u32()?,
        newest: decoder.u32()?,
        room: RoomId(cbor::bytes32(decoder)?),
        device: DeviceId(cbor::bytes32(decoder)?),
        nonce: cbor::bytes32(decoder)?,
        hosting: None,
    };
    if more > 0 && decoder.datatype()? == minicbor::data::Type::Bytes {
        hello.hosting = Some(HostingToken::from_bytes(&cbor::bytes32(decoder)?));
        more -= 1;
    }
    skip(decoder, more)?;
    Ok(hello)
}

fn write_welcome<'a>(writer: &'a mut Writer, welcome: &Welcome) -> Written<'a> {
    writer.array(3)?.u32(welcome.protocol)?;
    writer.bytes(&welcome.device.0)?.bytes(&welcome.nonce)
}

fn read_welcome(decoder: &mut Decoder<'_>) -> Result<Welcome, DecodeError> {
    let more = at_least(decoder, 3)?;
    let welcome = Welcome {
        protocol: decoder.u32()?,
        device: DeviceId(cbor::bytes32(decoder)?),
        nonce: cbor::bytes32(decoder)?,
    };
    skip(decoder, more)?;
    Ok(welcome)
}

/// The handshake is read by versions that do not know each other yet, so it may have grown.
fn at_least(decoder: &mut Decoder<'_>, length: u64) -> Result<u64, DecodeError> {
    cbor::array(decoder)?
        .checked_sub(length)
        .ok_or(DecodeError("an array that is too short"))
}

fn skip(decoder: &mut Decoder<'_>, values: u64) -> Result<(), DecodeError> {
    for _ in 0..values {
        decoder.skip()?;
    }
    Ok(())
}

fn write_members<'a>(writer: &'a mut Writer, records: &[Bytes]) -> Written<'a> {
    writer.array(records.len() as u64)?;
    for record in records {
        writer.bytes(record)?;
    }
    Ok(writer)
}

fn read_members(decoder: &mut Decoder<'_>) -> Result<Vec<Bytes>, DecodeError> {
    let length = cbor::array(decoder)?;
    if length > MAX_RECORDS as u64 {
        return Err(DecodeError("too many records"));
    }
    (0..length)
        .map(|_| match decoder.bytes()? {
            record if record.len() > MAX_RECORD_BYTES => Err(DecodeError("a record too large")),
            record => Ok(Bytes::copy_from_slice(record)),
        })
        .collect()
}

pub fn write_advert<'a>(writer: &'a mut Writer, advert: &Advert) -> Written<'a> {
    writer.array(2)?;
    advert.held.write(writer)?;
    match &advert.base {
        Some(base) => base.write(writer),
        None => writer.null(),
    }
}

pub fn read_advert(decoder: &mut Decoder<'_>) -> Result<Advert, DecodeError> {
    cbor::array_of(decoder, 2)?;
    let held = Vector::read(decoder)?;
    let base = match decoder.datatype()? {
        minicbor::data::Type::Null => {
            decoder.null()?;
            None
        }
        _ => Some(Base::read(decoder)?),
    };
    Ok(Advert { held, base })
}

/// What a frame costs in a message of several, beside its own bytes.
pub const fn batch_overhead() -> usize {
    5
}

/// One message of several frames.
pub fn frames_message(frames: &[Frame]) -> Bytes {
    let bytes: usize = frames
        .iter()
        .map(|f| f.bytes().len() + batch_overhead())
        .sum();
    let message = cbor::encode(&[KIND_FRAMES], bytes + 8, |writer| {
        writer.array(frames.len() as u64)?;
        for frame in frames {
            writer.bytes(frame.bytes())?;
        }
        Ok(writer)
    });
    message.into()
}

fn read_frames(decoder: &mut Decoder<'_>) -> Result<Vec<Frame>, LinkError> {
    if decoder.input().len() > MAX_BATCH_BYTES {
        return Err(LinkError::TooLarge {
            what: "a message of frames",
            bytes: decoder.input().len(),
        });
    }
    let length = cbor::array(decoder)?;
    if length > MAX_BATCH_FRAMES as u64 {
        return Err(DecodeError("too many frames in one message").into());
    }
    // Each gets a buffer of its own: one small frame must not keep a whole batch in memory.
    (0..length)
        .map(|_| {
            let frame = decoder.bytes().map_err(DecodeError::from)?;
            Ok(Frame::from_bytes(frame)?)
        })
        .collect()
}

fn write_signal<'a>(writer: &'a mut Writer, signal: &Signal) -> Written<'a> {
    writer.array(6)?.bytes(&signal.device.0)?;
    writer.u64(signal.session)?.u64(signal.counter)?;
    writer.u8(signal.kind.code())?.bytes(&signal.payload)?;
    writer.bytes(signal.signature.as_ref().map_or(&[], |bytes| bytes))
}

fn read_signal(message: &Bytes, decoder: &mut Decoder<'_>) -> Result<Signal, LinkError> {
    if message.len() > MAX_SIGNAL_BYTES {
        return Err(LinkError::TooLarge {
            what: "a signal",
            bytes: message.len(),
        });
    }
    let read = |decoder: &mut Decoder<'_>| -> Result<Signal, DecodeError> {
        cbor::array_of(decoder, 6)?;
        Ok(Signal {
            device: DeviceId(cbor::bytes32(decoder)?),
            session: decoder.u64()?,
            counter: decoder.u64()?,
            kind: SignalKind::from_code(decoder.u8()?),
            payload: message.slice_ref(decoder.bytes()?),
            signature: read_signature(decoder.bytes()?)?,
        })
    };
    Ok(read(decoder)?)
}

fn read_signature(bytes: &[u8]) -> Result<Option<[u8; SIGNATURE_BYTES]>, DecodeError> {
    match bytes {
        [] => Ok(None),
        bytes => match bytes.try_into() {
            Ok(signature) => Ok(Some(signature)),
            Err(_) => Err(DecodeError("a signature of another shape")),
        },
    }
}

fn blob_kind(blob: &BlobMessage) -> u8 {
    match blob {
        BlobMessage::Want { .. } => KIND_WANT_BLOB,
        BlobMessage::Piece(_) => KIND_BLOB,
        BlobMessage::Absent { .. } => KIND_NO_BLOB,
        BlobMessage::Present { .. } => KIND_HAS_BLOB,
    }
}

fn write_blob<'a>(writer: &'a mut Writer, blob: &BlobMessage) -> Written<'a> {
    match blob {
        BlobMessage::Want { name, offset } => writer.array(2)?.bytes(&name.0)?.u64(*offset),
        BlobMessage::Piece(piece) => {
            writer.array(4)?.bytes(&piece.name.0)?.u64(piece.offset)?;
            writer.u64(piece.total)?.bytes(&piece.bytes)
        }
        BlobMessage::Absent { name } => writer.array(1)?.bytes(&name.0),
        BlobMessage::Present { name, total } => writer.array(2)?.bytes(&name.0)?.u64(*total),
    }
}

fn read_blob(
    kind: u8,
    message: &Bytes,
    decoder: &mut Decoder<'_>,
) -> Result<BlobMessage, DecodeError> {
    let length = cbor::array(decoder)?;
    let name = BlobName(cbor::bytes32(decoder)?);
    match (kind, length) {
        (KIND_WANT_BLOB, 2) => Ok(BlobMessage::Want {
            name,
            offset: decoder.u64()?,
        }),
        (KIND_BLOB, 4) => {
            let (offset, total) = (decoder.u64()?, decoder.u64()?);
            let bytes = decoder.bytes()?;
            let end = offset.checked_add(bytes.len() as u64);
            if bytes.len() > BLOB_PIECE_BYTES || end.is_none_or(|end| end > total) {
                return Err(DecodeError("a piece that is no part of its blob"));
            }
            let bytes = message.slice_ref(bytes);
            Ok(BlobMessage::Piece(BlobPiece {
                name,
                offset,
                total,
                bytes,
            }))
        }
        (KIND_NO_BLOB, 1) => Ok(BlobMessage::Absent { name }),
        (KIND_HAS_BLOB, 2) => Ok(BlobMessage::Present {
            name,
            total: decoder.u64()?,
        }),
        _ => Err(DecodeError("a message about a blob of another shape")),
    }
}

fn write_bye<'a>(writer: &'a mut Writer, bye: &Bye) -> Written<'a> {
    let mut end = bye.reason.len().min(MAX_REASON_BYTES);
    while !bye.reason.is_char_boundary(end) {
        end -= 1;
    }
    writer
        .array(2)?
        .u8(bye.code.code())?
        .str(&bye.reason[..end])
}

fn read_bye(decoder: &mut Decoder<'_>) -> Result<Bye, DecodeError> {
    cbor::array_of(decoder, 2)?;
    let code = ByeCode::from_code(decoder.u8()?);
    let reason = decoder.str()?;
    if reason.len() > MAX_REASON_BYTES {
        return Err(DecodeError("a reason that is too long"));
    }
    Ok(Bye {
        code,
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Hello {
        Hello::new(RoomId([1; 32]), DeviceId([2; 32]), [3; 32])
    }

    fn grown(parts: u8, more: &[u8]) -> Bytes {
        let mut bytes = Message::Hello(hello()).encode().to_vec();
        assert_eq!(bytes[1], 0x85, "an array of five");
        bytes[1] = 0x80 + parts;
        bytes.extend_from_slice(more);
        bytes.into()
    }

    #[test]
    fn h3_a_hello_may_have_grown_and_h9_may_bring_a_token() {
        let token = [&[0x58, 32], &[7; 32][..]].concat();
        let brings = Hello {
            hosting: Some(HostingToken::from_bytes(&[7; 32])),
            ..hello()
        };
        for (bytes, expected) in [
            (grown(5, &[]), hello()),
            (grown(6, &token), brings.clone()),
            (grown(7, &[&token[..], b"\x63new"].concat()), brings.clone()),
            (grown(6, b"\xf6"), hello()),
            (grown(7, b"\xf6\x63new"), hello()),
        ] {
            assert_eq!(decode(bytes), Ok(Message::Hello(expected)));
        }
        assert_eq!(Message::Hello(brings).encode(), grown(6, &token));
        assert!(
            decode(grown(6, &[0x41, 7])).is_err(),
            "a token has 32 bytes"
        );
    }
}
