//! Somebody who may do what no program of ours does: a socket and a pen.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use relay::Identity;
use sync::{Advert, Hello, Message};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use trust::{DeviceId, Membership};

use super::{PATIENCE, soon};

/// One frame of the WebSocket protocol.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Binary(Bytes),
    Ping,
    Pong,
    Close,
}

/// A connection on which anything can be sent.
pub struct Raw {
    stream: Box<dyn Duplex>,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Raw {
    /// A TCP connection.
    pub async fn connect(to: SocketAddr) -> Self {
        let stream = Box::new(TcpStream::connect(to).await.unwrap());
        Self { stream }
    }

    /// A connection by TLS, as the device of the key of this number.
    async fn secured(to: SocketAddr, number: u8) -> Self {
        let config = Identity::new(&super::key(number)).client(None);
        let stream = TcpStream::connect(to).await.unwrap();
        let name = "nobody.invalid".try_into().unwrap();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = Box::new(soon("a handshake", connecting).await.unwrap());
        Self { stream }
    }

    /// An upgraded connection.
    pub async fn upgraded(to: SocketAddr) -> Self {
        Self::connect(to).await.upgrade().await
    }

    async fn upgrade(mut self) -> Self {
        let head = self.ask("/sync", "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        self
    }

    /// An upgraded connection that has been welcomed and has shown the members, and holds nothing.
    pub async fn greeted(to: SocketAddr, room: &Membership, number: u8) -> Self {
        let raw = Self::upgraded(to).await;
        raw.greet(room, DeviceId([number; 32])).await
    }

    /// The same by TLS, as the device of the key of this number.
    pub async fn proven(to: SocketAddr, room: &Membership, number: u8) -> Self {
        let raw = Self::secured(to, number).await.upgrade().await;
        raw.greet(room, super::key(number).device()).await
    }

    async fn greet(mut self, room: &Membership, device: DeviceId) -> Self {
        let raw = &mut self;
        let hello = Hello::new(room.room(), device, [0; 32]);
        raw.send(&Message::Hello(hello).encode()).await;
        let welcome = raw.message().await;
        assert!(matches!(welcome, Some(Message::Welcome(_))), "{welcome:?}");
        let records = room
            .records()
            .iter()
            .map(|record| Bytes::copy_from_slice(record));
        raw.send(&Message::Members(records.collect()).encode())
            .await;
        raw.send(&Message::Vector(Advert::default()).encode()).await;
        self
    }

    /// Asks for a path as a WebSocket, with more headers; returns the head of the answer.
    pub async fn ask(&mut self, path: &str, headers: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        self.write(request.as_bytes()).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match soon("the head of an answer", self.stream.read_u8()).await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8(head).unwrap()
    }

    /// Writes bytes as they are; a connection that is closed takes them as well.
    pub async fn write(&mut self, bytes: &[u8]) {
        // The other end may have had enough already: that is what some tests are about.
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        let _ = timeout(PATIENCE, written).await;
    }

    /// Sends a binary message.
    pub async fn send(&mut self, message: &[u8]) {
        self.send_piece(2, message).await;
    }

    /// Sends a frame of the WebSocket protocol, masked by zeros.
    pub async fn send_piece(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            len @ 0..126 => frame.push(0x80 | len as u8),
            len @ 126..0x10000 => {
                frame.push(0x80 | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(0x80 | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.write(&frame).await;
    }

    /// The next frame of the WebSocket protocol; none at the end.
    pub async fn piece(&mut self) -> Option<Piece> {
        soon("a piece", self.read_piece()).await
    }

    /// The next message; none at the end.
    pub async fn message(&mut self) -> Option<Message> {
        loop {
            match self.piece().await? {
                Piece::Binary(message) => return Some(Message::decode(message).unwrap()),
                Piece::Close => return None,
                Piece::Ping | Piece::Pong => {}
            }
        }
    }

    /// Waits until the other end has closed, whatever it still says.
    pub async fn is_closed(&mut self) {
        let mut rest = [0; 4096];
        soon("the connection is closed", async {
            while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
        })
        .await;
    }

    /// Whether the other end closes within so much time.
    pub async fn closes_within(&mut self, time: Duration) -> bool {
        timeout(time, self.is_closed()).await.is_ok()
    }

    async fn read_piece(&mut self) -> Option<Piece> {
        let first = self.stream.read_u8().await.ok()?;
        let length = match self.stream.read_u8().await.ok()? {
            126 => u64::from(self.stream.read_u16().await.ok()?),
            127 => self.stream.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut payload = vec![0; length as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        match first & 0xf {
            2 => Some(Piece::Binary(payload.into())),
            8 => Some(Piece::Close),
            9 => Some(Piece::Ping),
            10 => Some(Piece::Pong),
            other => panic!("opcode {other}"),
        }
    }
}
