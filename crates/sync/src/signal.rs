//! What passes: who is here and how far they are. Never stored.

use bytes::Bytes;
use minicbor::Decoder;
use trust::key::{BadSignature, DeviceKey, DevicePublic, SIGNATURE_BYTES};
use trust::{DeviceId, RoomId, seal};

use crate::cbor::{self, Writer, Written};
use crate::limits::MAX_SIGNAL_STREAMS;
use crate::{DecodeError, Heads, Vector};

/// Something that one device tells all others of a room, through however many machines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signal {
    /// Who says it.
    pub device: DeviceId,
    /// Which run of the device; greater in a later one, for example the wall clock in milliseconds at its start.
    pub session: u64,
    /// Rises with each signal of the session.
    pub counter: u64,
    /// What it is about.
    pub kind: SignalKind,
    /// The rest; only members read it.
    pub payload: Bytes,
    /// The device's; none in an open room.
    pub signature: Option<[u8; SIGNATURE_BYTES]>,
}

/// What a signal is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SignalKind {
    /// Who is here and looks at what. The payload is the application's.
    Presence,
    /// What the device holds and has applied: a [`State`].
    State,
    /// Something that only a later version knows. It is forwarded.
    Later(u8),
}

/// What a device holds and has applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// [`Vector::digest`] of what it holds.
    pub digest: [u8; 32],
    /// How many frames that is.
    pub frames: u64,
    /// The heads after exactly these frames. None while they cannot be compared: there are changes that are not in a
    /// frame yet, or frames that are not applied, or no documents, as on a relay.
    pub heads: Option<Heads>,
    /// What it holds, if it has few streams.
    pub vector: Option<Vector>,
}

impl Signal {
    /// What stands before the payload, with the room in which it is said: whoever seals the payload seals it together with
    /// this.
    pub fn associated_data(&self, room: &RoomId) -> Vec<u8> {
        cbor::encode(&[], 128, |writer| self.write_header(writer, room))
    }

    /// The same, signed for one room.
    pub fn signed(self, room: &RoomId, key: &DeviceKey) -> Self {
        let signature = seal::sign_signal(key, &self.unsigned(room));
        Self {
            signature: Some(signature),
            ..self
        }
    }

    /// Whether this key has signed it, for this room.
    pub fn verify(&self, room: &RoomId, key: &DevicePublic) -> Result<(), BadSignature> {
        let signature = self.signature.as_ref().ok_or(BadSignature)?;
        seal::verify_signal(key, &self.unsigned(room), signature)
    }

    fn unsigned(&self, room: &RoomId) -> Vec<u8> {
        cbor::encode(&[], 128 + self.payload.len(), |writer| {
            self.write_header(writer, room)?.bytes(&self.payload)
        })
    }

    fn write_header<'a>(&self, writer: &'a mut Writer, room: &RoomId) -> Written<'a> {
        writer.array(6)?.bytes(&room.0)?.bytes(&self.device.0)?;
        writer.u64(self.session)?.u64(self.counter)?;
        writer.u8(self.kind.code())
    }
}

impl State {
    /// The state of whoever holds this.
    pub fn of(held: &Vector, heads: Option<Heads>) -> Self {
        Self {
            digest: held.digest(),
            frames: held.frames(),
            heads,
            vector: (held.len() <= MAX_SIGNAL_STREAMS).then(|| held.clone()),
        }
    }

    /// The payload of a signal.
    pub fn encode(&self) -> Bytes {
        let payload = cbor::encode(&[], 96, |writer| {
            writer.array(4)?.bytes(&self.digest)?.u64(self.frames)?;
            match &self.heads {
                Some(heads) => writer.bytes(&heads.0)?,
                None => writer.null()?,
            };
            match &self.vector {
                Some(vector) => vector.write(writer),
                None => writer.null(),
            }
        });
        payload.into()
    }

    /// Reads the payload of a signal.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(payload);
        cbor::array_of(&mut decoder, 4)?;
        let digest = cbor::bytes32(&mut decoder)?;
        let frames = decoder.u64()?;
        let heads = match is_null(&mut decoder)? {
            true => None,
            false => Some(Heads(cbor::bytes32(&mut decoder)?)),
        };
        let vector = match is_null(&mut decoder)? {
            true => None,
            false => Some(Vector::read(&mut decoder)?),
        };
        cbor::end(&decoder)?;
        Ok(Self {
            digest,
            frames,
            heads,
            vector,
        })
    }
}

fn is_null(decoder: &mut Decoder<'_>) -> Result<bool, DecodeError> {
    let is_null = decoder.datatype()? == minicbor::data::Type::Null;
    if is_null {
        decoder.null()?;
    }
    Ok(is_null)
}

impl SignalKind {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Presence => 1,
            Self::State => 2,
            Self::Later(code) => code,
        }
    }

    pub(crate) fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Presence,
            2 => Self::State,
            later => Self::Later(later),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamId;

    #[test]
    fn a_state_is_read_back() {
        let stream = |nonce| StreamId {
            device: DeviceId([1; 32]),
            nonce,
        };
        let few: Vector = [(stream(1), 3)].into_iter().collect();
        let many: Vector = (0..=MAX_SIGNAL_STREAMS as u64)
            .map(|nonce| (stream(nonce), 1))
            .collect();
        for state in [
            State::of(&few, Some(Heads([2; 32]))),
            State::of(&many, None),
        ] {
            assert_eq!(State::decode(&state.encode()), Ok(state));
        }
    }
}
