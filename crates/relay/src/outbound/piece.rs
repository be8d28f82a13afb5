//! One frame of the WebSocket protocol on its way out.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::{
    Role,
    frame::{
        FrameHeader,
        coding::{Data, OpCode},
    },
};

/// Two bytes, eight of length, four of mask (RFC 6455, 5.2).
const MAX_HEADER_BYTES: usize = 14;

/// One WebSocket frame.
pub(super) struct Piece {
    header: [u8; MAX_HEADER_BYTES],
    header_len: u8,
    /// Whether its sender counts it.
    pub(super) is_message: bool,
    pub(super) payload: Bytes,
}

impl Piece {
    pub(super) fn message(role: Role, payload: Bytes) -> Self {
        Self::new(role, OpCode::Data(Data::Binary), payload, true)
    }

    pub(super) fn new(role: Role, opcode: OpCode, payload: Bytes, is_message: bool) -> Self {
        let mask = (role == Role::Client).then(|| fastrand::u32(..).to_ne_bytes());
        let mut frame = FrameHeader {
            opcode,
            mask,
            ..FrameHeader::default()
        };
        frame.is_final = true;
        let mut header = [0; MAX_HEADER_BYTES];
        let mut rest = &mut header[..];
        let room = rest.len();
        frame
            .format(payload.len() as u64, &mut rest)
            .expect("a header fits its greatest size");
        let header_len = (room - rest.len()) as u8;
        Self {
            header,
            header_len,
            is_message,
            payload: mask.map_or(payload.clone(), |mask| masked(&payload, mask)),
        }
    }

    pub(super) fn finished(frames: Bytes) -> Self {
        Self {
            header: [0; MAX_HEADER_BYTES],
            header_len: 0,
            is_message: false,
            payload: frames,
        }
    }

    pub(super) fn header(&self) -> &[u8] {
        &self.header[..usize::from(self.header_len)]
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.header_len) + self.payload.len()
    }

    /// What its sender counts.
    pub(super) fn message_len(&self) -> usize {
        self.payload.len()
    }
}

fn masked(payload: &[u8], mask: [u8; 4]) -> Bytes {
    let mut masked = payload.to_vec();
    let mut words = masked.chunks_exact_mut(4);
    for word in &mut words {
        for (byte, key) in word.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
    masked.into()
}
