//! Somebody who may do what no program of ours does: a socket and a pen.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use sync::{Advert, Hello, Message};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
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
    stream: TcpStream,
}

impl Raw {
    /// A TCP connection.
    pub async fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        Self { stream }
    }

    /// An upgraded connection.
    pub async fn upgraded(to: SocketAddr) -> Self {
        let mut raw = Self::connect(to).await;
        let head = raw.ask("/sync", "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// An upgraded connection that has been welcomed and has shown the members, and holds nothing.
    pub async fn greeted(to: SocketAddr, room: &Membership, number: u8) -> Self {
        let mut raw = Self::upgraded(to).await;
        let hello = Hello::new(room.room(), DeviceId([number; 32]), [0; 32]);
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
        raw
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
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await;
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
