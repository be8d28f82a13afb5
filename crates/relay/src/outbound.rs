//! The writing half of one link.

mod piece;

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::protocol::{
    Role,
    frame::coding::{Control, OpCode},
};

use self::piece::Piece;
use crate::{limits::CONTROL_BYTES, wire::WriteHalf};

/// Pieces handed to the system at once: 32 messages with their headers.
const SLICES_AT_ONCE: usize = 64;

/// What waits to be written to one socket, and the socket's writing half.
///
/// Whoever sends writes as much as the socket takes at once, in one system call for many messages, on its own thread:
/// a room with hundreds of links wakes no task for each of them. What the socket does not take waits here, and the
/// link's task goes on when the socket has room. A payload is shared, never copied, except by the side that dialled,
/// which has to mask it (RFC 6455, 5.3).
///
/// It bounds nothing: senders know what is in flight from what they are told is sent.
pub(crate) struct Outbound {
    role: Role,
    inner: Mutex<Inner>,
    /// There is something for the link's task: the socket is full, or it is time to end.
    wake: Notify,
}

struct Inner {
    /// Gone when the link is down or has failed.
    half: Option<WriteHalf>,
    queue: VecDeque<Piece>,
    /// Bytes of the first piece that are written.
    written: usize,
    control_bytes: usize,
    is_full: bool,
    is_ending: bool,
}

/// How things stand with a link's writing half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Everything is with the system.
    Clear,
    /// The socket is full.
    Full,
    /// Nothing more will be sent than what waits.
    Ending,
    /// The socket has failed.
    Failed,
}

impl Outbound {
    pub(crate) fn new(role: Role, half: WriteHalf) -> Self {
        Self {
            role,
            inner: Mutex::new(Inner {
                half: Some(half),
                queue: VecDeque::new(),
                written: 0,
                control_bytes: 0,
                is_full: false,
                is_ending: false,
            }),
            wake: Notify::new(),
        }
    }

    /// Sends messages in this order; returns how many of their bytes the system has taken whole. What is sent to a link
    /// that is down or ending is dropped.
    pub(crate) fn send(&self, messages: impl IntoIterator<Item = Bytes>) -> usize {
        let mut inner = self.lock();
        if inner.half.is_none() || inner.is_ending {
            return 0;
        }
        let role = self.role;
        inner.queue.extend(
            messages
                .into_iter()
                .map(|payload| Piece::message(role, payload)),
        );
        self.write_on(&mut inner)
    }

    pub(crate) fn ping(&self) {
        let mut inner = self.lock();
        if inner.half.is_none() || inner.is_ending || inner.control_bytes > CONTROL_BYTES {
            return;
        }
        let piece = Piece::new(
            self.role,
            OpCode::Control(Control::Ping),
            Bytes::new(),
            false,
        );
        inner.control_bytes += piece.len();
        inner.queue.push_back(piece);
        self.write_on(&mut inner);
    }

    /// Sends finished frames of the WebSocket protocol itself; refuses for now if too many of them are waiting.
    pub(crate) fn send_control(&self, frames: &[u8]) -> io::Result<usize> {
        let mut inner = self.lock();
        if inner.half.is_none() || inner.is_ending {
            return Ok(frames.len());
        }
        if inner.control_bytes > CONTROL_BYTES {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        inner.control_bytes += frames.len();
        inner
            .queue
            .push_back(Piece::finished(Bytes::copy_from_slice(frames)));
        self.write_on(&mut inner);
        Ok(frames.len())
    }

    /// Sends this last message, after all that is queued, and a close frame; nothing after them.
    pub(crate) fn end(&self, last: Option<Bytes>) {
        let mut inner = self.lock();
        if inner.is_ending {
            return;
        }
        let role = self.role;
        inner
            .queue
            .extend(last.map(|payload| Piece::message(role, payload)));
        inner.queue.push_back(Piece::new(
            role,
            OpCode::Control(Control::Close),
            Bytes::new(),
            false,
        ));
        self.write_on(&mut inner);
        inner.is_ending = true;
        self.wake.notify_one();
    }

    /// Tries again to write what waits; returns as [`send`](Self::send) does. Only here is the queue of a full socket
    /// worked on, so what others wrote is never counted to a sender.
    pub(crate) fn flush(&self) -> usize {
        let mut inner = self.lock();
        inner.is_full = false;
        self.write_on(&mut inner)
    }

    pub(crate) fn standing(&self) -> Standing {
        let inner = self.lock();
        match () {
            () if inner.half.is_none() => Standing::Failed,
            () if inner.is_ending => Standing::Ending,
            () if inner.is_full => Standing::Full,
            () => Standing::Clear,
        }
    }

    /// Whether all that was sent is with the system.
    pub(crate) fn is_flushed(&self) -> bool {
        !self.lock().is_full
    }

    /// Waits until [`standing`](Self::standing) may have changed.
    pub(crate) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Closes the writing half and forgets what is queued.
    pub(crate) fn shut(&self) {
        let mut inner = self.lock();
        inner.half = None;
        inner.queue = VecDeque::new();
    }

    fn write_on(&self, inner: &mut Inner) -> usize {
        let had_changed = (inner.is_full, inner.half.is_none());
        let sent = inner.write();
        if (inner.is_full, inner.half.is_none()) != had_changed {
            self.wake.notify_one();
        }
        sent
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Writes until the queue is empty, the socket full or broken; returns the bytes of messages that are out whole.
    fn write(&mut self) -> usize {
        let mut sent = 0;
        while !self.is_full && !self.queue.is_empty() {
            let Some(half) = &mut self.half else { break };
            let mut slices = [IoSlice::new(&[]); SLICES_AT_ONCE];
            let count = first_slices(&self.queue, self.written, &mut slices);
            match half.try_write_vectored(&slices[..count]) {
                Ok(0) => self.half = None,
                Ok(written) => sent += self.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_full = true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.half = None,
            }
        }
        if self.queue.is_empty() && self.queue.capacity() > 64 {
            self.queue = VecDeque::new();
        }
        sent
    }

    fn advance(&mut self, written: usize) -> usize {
        let mut sent = 0;
        self.written += written;
        while let Some(first) = self.queue.front() {
            let len = first.len();
            if self.written < len {
                break;
            }
            self.written -= len;
            if first.is_message {
                sent += first.message_len();
            } else {
                self.control_bytes = self.control_bytes.saturating_sub(len);
            }
            self.queue.pop_front();
        }
        sent
    }
}

/// Puts the first bytes of a queue, behind those that are written, into `slices`; returns how many slices there are.
fn first_slices<'a>(
    queue: &'a VecDeque<Piece>,
    written: usize,
    slices: &mut [IoSlice<'a>; SLICES_AT_ONCE],
) -> usize {
    let mut count = 0;
    let mut skip = written;
    for piece in queue.iter().take(SLICES_AT_ONCE / 2) {
        for part in [piece.header(), &piece.payload[..]] {
            let rest = &part[skip.min(part.len())..];
            skip = skip.saturating_sub(part.len());
            if !rest.is_empty() {
                slices[count] = IoSlice::new(rest);
                count += 1;
            }
        }
    }
    count
}
