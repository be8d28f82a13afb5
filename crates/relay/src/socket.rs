//! The reading half of one link: WebSocket messages out of a connection.

use std::{
    io::{self, Read, Write},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};
use trust::DeviceId;

use crate::{
    cause::Cause,
    clock::now_ms,
    keep_alive::Heard,
    limits::{Limits, READ_BUFFER_BYTES},
    outbound::Outbound,
    wire::{ReadHalf, Wire},
};

/// Reads the messages of one link. Answers to pings and to a close leave by the [`Outbound`] of the same link, so that
/// nobody else writes to the socket.
pub(crate) struct Socket {
    web: WebSocket<Io>,
}

/// What a socket is ready for.
pub(crate) enum Turn {
    /// A message came.
    Message(Bytes),
    /// It takes bytes again.
    Writable,
}

struct Io {
    half: ReadHalf,
    outbound: Arc<Outbound>,
    waker: Waker,
    heard: Heard,
}

impl Socket {
    /// Takes over a wire whose upgrade is done; `read` is what has been read beyond it.
    pub(crate) fn new(
        wire: Wire,
        read: &[u8],
        role: Role,
        limits: &Limits,
    ) -> (Self, Arc<Outbound>) {
        let (half, writing) = wire.split();
        let outbound = Arc::new(Outbound::new(role, writing));
        let io = Io {
            half,
            outbound: outbound.clone(),
            waker: Waker::noop().clone(),
            heard: Heard::default(),
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(limits.message_bytes))
            .max_frame_size(Some(limits.message_bytes));
        let web = if read.is_empty() {
            WebSocket::from_raw_socket(io, role, Some(config))
        } else {
            WebSocket::from_partially_read(io, read.to_vec(), role, Some(config))
        };
        (Self { web }, outbound)
    }

    /// The next message. Nothing is lost if it is dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Bytes, Cause> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next message if `reads`, or that the socket takes bytes again if `writes`, whichever comes first.
    pub(crate) async fn turn(&mut self, reads: bool, writes: bool) -> Result<Turn, Cause> {
        std::future::poll_fn(|cx| {
            if writes && self.web.get_ref().half.poll_write_ready(cx).is_ready() {
                return Poll::Ready(Ok(Turn::Writable));
            }
            match reads {
                true => self.poll_next(cx).map_ok(Turn::Message),
                false => Poll::Pending,
            }
        })
        .await
    }

    /// Waits until the socket takes bytes again.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        self.web.get_ref().half.writable().await
    }

    /// What has come so far.
    pub(crate) fn heard(&self) -> Heard {
        self.web.get_ref().heard
    }

    /// Whose key the other side has proven to have; nobody's without TLS.
    pub(crate) fn proven(&self) -> Option<DeviceId> {
        self.web.get_ref().half.proven()
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Cause>> {
        let io = self.web.get_mut();
        if !io.waker.will_wake(cx.waker()) {
            io.waker = cx.waker().clone();
        }
        loop {
            return match self.web.read() {
                Ok(Message::Binary(message)) => Poll::Ready(Ok(message)),
                Ok(Message::Ping(_)) => continue,
                Ok(Message::Pong(_)) => {
                    self.web.get_mut().heard.pongs += 1;
                    continue;
                }
                Ok(Message::Close(_)) => Poll::Ready(Err(Cause::Closed)),
                Ok(Message::Text(_) | Message::Frame(_)) => Poll::Ready(Err(Cause::NotBinary)),
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Err(Cause::of_socket(error))),
            };
        }
    }
}

impl Read for Io {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut cx = Context::from_waker(&self.waker);
        let read = self.half.read(&mut cx, buffer, &mut self.heard.bytes);
        if read.is_ok() {
            self.heard.at_ms = now_ms();
        }
        read
    }
}

impl Write for Io {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.outbound.send_control(frames)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
