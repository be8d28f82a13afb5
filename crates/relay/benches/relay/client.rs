//! One connection of the load, to either server. It is as cheap as it can be, and the same for both.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use sync::{Advert, Content, Document, Draft, Frame, Hello, Message, StreamId};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};
use trust::{DeviceId, Genesis, Membership};

use crate::servers::{Kind, identity};

pub type Web = WebSocketStream<Box<dyn Stream>>;

/// A connection, bare or encrypted.
pub trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Between two pings of somebody who has nothing else to say: the relay takes the silent for dead.
pub const PING: Duration = Duration::from_secs(5);

/// 127.0.0.1 and so many less one after it; each has a range of ports.
const LOOPBACKS: u8 = 8;

/// Somebody who receives, and pings now and then.
pub struct Listener {
    web: Web,
    pinged: Instant,
}

impl Listener {
    pub fn new(web: Web) -> Self {
        let pinged = Instant::now();
        Self { web, pinged }
    }

    pub async fn receive(&mut self) -> Bytes {
        loop {
            if self.pinged.elapsed() > PING {
                self.ping().await;
            }
            if let Ok(message) = timeout(PING, receive(&mut self.web)).await {
                return message;
            }
        }
    }

    pub async fn ping(&mut self) {
        self.pinged = Instant::now();
        let ping = tungstenite::Message::Ping(Bytes::new());
        self.web.send(ping).await.unwrap();
    }
}

/// The room of that number.
pub fn room(number: u32) -> Membership {
    let mut nonce = [0; 32];
    nonce[..4].copy_from_slice(&number.to_be_bytes());
    Membership::begin(&Genesis::new([1; 32], nonce))
}

/// A connection that is in the room.
pub async fn connect(kind: Kind, address: &str, room: &Membership, device: u32) -> Web {
    let stream = reach(address).await;
    stream.set_nodelay(true).unwrap();
    let stream: Box<dyn Stream> = match kind.is_tls() {
        true => Box::new(encrypted(stream, device).await),
        false => Box::new(stream),
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0);
    let path = match kind.is_relay() {
        false => room.room().to_string(),
        true => "sync".to_owned(),
    };
    let url = format!("ws://{address}/{path}");
    let (mut web, _) = client_async_with_config(url, stream, Some(config))
        .await
        .unwrap();
    if kind.is_relay() {
        let said = match kind.is_tls() {
            true => identity(device).device(),
            false => self::device(device),
        };
        let hello = Hello::new(room.room(), said, [0; 32]);
        send(&mut web, Message::Hello(hello).encode()).await;
        let welcome = Message::decode(receive(&mut web).await).unwrap();
        assert!(matches!(welcome, Message::Welcome(_)));
        let records = room
            .records()
            .iter()
            .map(|record| Bytes::copy_from_slice(record));
        send(&mut web, Message::Members(records.collect()).encode()).await;
        send(&mut web, Message::Vector(Advert::default()).encode()).await;
    }
    web
}

/// From the next address of this machine if one has no free port left.
async fn reach(address: &str) -> TcpStream {
    let address: SocketAddr = address.parse().unwrap();
    let mut last = None;
    for own in 1..=LOOPBACKS {
        let socket = TcpSocket::new_v4().unwrap();
        if own > 1 {
            let own = SocketAddr::from(([127, 0, 0, own], 0));
            socket.bind(own).unwrap();
        }
        match socket.connect(address).await {
            Ok(stream) => return stream,
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable => last = Some(error),
            Err(error) => panic!("{address}: {error}"),
        }
    }
    panic!("{address} from {LOOPBACKS} addresses: {last:?}");
}

/// With a key of its own for each device, as at home; any server will do.
async fn encrypted(stream: TcpStream, device: u32) -> impl Stream {
    let connector = TlsConnector::from(Arc::new(identity(device).client(None)));
    let name = ServerName::try_from("device.invalid").unwrap();
    connector.connect(name, stream).await.unwrap()
}

pub async fn send(web: &mut Web, message: Bytes) {
    web.send(tungstenite::Message::Binary(message))
        .await
        .unwrap();
}

pub async fn receive(web: &mut Web) -> Bytes {
    loop {
        if let tungstenite::Message::Binary(message) = web.next().await.unwrap().unwrap() {
            return message;
        }
    }
}

pub fn device(number: u32) -> DeviceId {
    let mut id = [9; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    DeviceId(id)
}

/// Makes the frames of one writer, each with a tag by which it is known again.
pub struct Pen {
    room: Membership,
    stream: StreamId,
    number: u64,
    payload: Vec<u8>,
}

impl Pen {
    /// Frames with payloads of so many bytes: one edit is 137.
    pub fn new(room: &Membership, device: u32, payload_bytes: usize) -> Self {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).unwrap();
        Self {
            room: room.clone(),
            stream: StreamId {
                device: self::device(device),
                nonce: u64::from_be_bytes(nonce),
            },
            number: 0,
            payload: vec![b'x'; payload_bytes],
        }
    }

    pub fn stream(&self) -> StreamId {
        self.stream
    }

    pub fn write(&mut self, tag: u64) -> Bytes {
        self.number += 1;
        let at = self.payload.len() - 8;
        self.payload[at..].copy_from_slice(&tag.to_be_bytes());
        let draft = Draft {
            room: self.room.room(),
            document: Document::Project,
            epoch: 0,
            stream: self.stream,
            number: self.number,
            deps: &[],
            content: Content::Changes,
            payload: &self.payload,
        };
        Frame::mint(&draft).unwrap().message().clone()
    }
}

/// Calls `each` with the tags of the frames in a message. A frame ends with the payload, and the tag with that, before
/// the one byte of an empty signature.
pub fn tags(message: &Bytes, frame_kind: u8, mut each: impl FnMut(u64)) {
    if message[0] == frame_kind {
        let end = message.len() - 1;
        each(u64::from_be_bytes(
            message[end - 8..end].try_into().unwrap(),
        ));
    } else if let Ok(Message::Frames(frames)) = Message::decode(message.clone()) {
        for frame in frames {
            let payload = frame.payload();
            each(u64::from_be_bytes(
                payload[payload.len() - 8..].try_into().unwrap(),
            ));
        }
    }
}
