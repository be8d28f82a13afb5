//! The two halves of a link's connection: one is read by its task, the other written by whoever sends.
//!
//! Over TLS both work on one session, which has a lock of its own. It is held while bytes are decrypted or encrypted and
//! handed to the system, never while anybody waits; whoever has it takes no other lock.

use std::{
    io::{self, IoSlice, Read, Write},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use rustls::Connection;
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::tcp::{OwnedReadHalf, OwnedWriteHalf},
};
use tokio_rustls::TlsStream;
use trust::DeviceId;

use super::Wire;
use crate::tls::device_of;

/// So few bytes are put together before they are written: a copy takes less than the system's look at each piece, and most of
/// what a room sends is one edit.
const SHORT_BYTES: usize = 512;

/// What both halves share of an encrypted link.
#[derive(Clone)]
struct Session(Arc<Mutex<Connection>>);

/// Reads.
pub(crate) struct ReadHalf {
    half: OwnedReadHalf,
    session: Option<Session>,
}

/// Writes. When it is dropped, the other end reads an end.
pub(crate) struct WriteHalf {
    half: OwnedWriteHalf,
    session: Option<Session>,
    /// Bytes that are encrypted and not all with the system yet.
    sealed_bytes: usize,
}

impl Wire {
    /// Nothing is lost of what has been read or written so far.
    pub(crate) fn split(self) -> (ReadHalf, WriteHalf) {
        let (stream, connection) = match self {
            Self::Plain(stream) => (stream, None),
            Self::Tls(stream) => match *stream {
                TlsStream::Client(stream) => {
                    let (stream, connection) = stream.into_inner();
                    (stream, Some(Connection::Client(connection)))
                }
                TlsStream::Server(stream) => {
                    let (stream, connection) = stream.into_inner();
                    (stream, Some(Connection::Server(connection)))
                }
            },
        };
        let session = connection.map(|it| Session(Arc::new(Mutex::new(it))));
        let (reading, writing) = stream.into_split();
        let read = ReadHalf {
            half: reading,
            session: session.clone(),
        };
        let write = WriteHalf {
            half: writing,
            session,
            sealed_bytes: 0,
        };
        (read, write)
    }
}

impl ReadHalf {
    /// Reads what is there; if nothing is, fails with `WouldBlock`, and the task of `cx` is woken later. `heard` counts
    /// the bytes that came from the other side. An end that was not announced is an end.
    pub(crate) fn read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        heard: &mut u64,
    ) -> io::Result<usize> {
        let half = &mut self.half;
        let mut raw = Raw { half, cx, heard };
        let Some(session) = &self.session else {
            return raw.read(buffer);
        };
        let mut session = session.lock();
        loop {
            match session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            session.read_tls(&mut raw)?;
            let processed = session.process_new_packets();
            processed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Whether bytes may be written. Wakes the task of `cx` when they may.
    pub(crate) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.half.as_ref().poll_write_ready(cx)
    }

    /// Waits until bytes may be written.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        self.half.as_ref().writable().await
    }

    /// Whose key the other side has proven to have; nobody's without TLS.
    pub(crate) fn proven(&self) -> Option<DeviceId> {
        let session = self.session.as_ref()?.lock();
        device_of(session.peer_certificates()?.first()?).ok()
    }
}

impl WriteHalf {
    /// Writes as much as the system takes at once, and returns how much of `slices` it has. After `WouldBlock` the next
    /// call has to begin with the same bytes: some of them are encrypted already.
    pub(crate) fn try_write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(session) = &self.session else {
            let mut whole = [0; SHORT_BYTES];
            return match gather(slices, &mut whole) {
                Some(bytes) => self.half.try_write(bytes),
                None => self.half.try_write_vectored(slices),
            };
        };
        let mut session = session.lock();
        if self.sealed_bytes == 0 {
            drain(&mut session, &self.half)?;
            self.sealed_bytes = session.writer().write_vectored(slices)?;
        }
        drain(&mut session, &self.half)?;
        Ok(std::mem::take(&mut self.sealed_bytes))
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            let mut session = session.lock();
            session.send_close_notify();
            // Who takes nothing more is not told.
            let _ = drain(&mut session, &self.half);
        }
    }
}

impl Session {
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All slices in one piece, if they are short.
fn gather<'a>(slices: &[IoSlice<'_>], whole: &'a mut [u8; SHORT_BYTES]) -> Option<&'a [u8]> {
    let mut end = 0;
    for slice in slices {
        let begin = end;
        end += slice.len();
        whole.get_mut(begin..end)?.copy_from_slice(slice);
    }
    Some(&whole[..end])
}

/// Hands to the system all that is encrypted.
fn drain(session: &mut Connection, half: &OwnedWriteHalf) -> io::Result<()> {
    while session.wants_write() {
        if session.write_tls(&mut Out(half))? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}

/// The socket as something that is read without waiting.
struct Raw<'a, 'b> {
    half: &'a mut OwnedReadHalf,
    cx: &'a mut Context<'b>,
    heard: &'a mut u64,
}

impl Read for Raw<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut *self.half).poll_read(self.cx, &mut buffer) {
            Poll::Ready(read) => read?,
            Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
        }
        *self.heard += buffer.filled().len() as u64;
        Ok(buffer.filled().len())
    }
}

/// The socket as something that is written without waiting.
struct Out<'a>(&'a OwnedWriteHalf);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_goes_in_one_piece() {
        let mut whole = [0; SHORT_BYTES];
        let gathered = |slices: &[&[u8]], whole: &mut _| {
            let slices: Vec<_> = slices.iter().map(|it| IoSlice::new(it)).collect();
            gather(&slices, whole).map(<[u8]>::to_vec)
        };
        let short = gathered(&[b"header", b"payload"], &mut whole);
        assert_eq!(short.unwrap(), b"headerpayload");
        let longest = [7; SHORT_BYTES - 1];
        let just = gathered(&[b"x", &longest], &mut whole).unwrap();
        assert_eq!((just[0], just.len()), (b'x', SHORT_BYTES));
        assert!(gathered(&[b"xx", &longest], &mut whole).is_none());
    }
}
