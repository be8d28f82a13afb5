//! The physical limit: a server that sends each message to all others in its room and does nothing else.
//!
//! One shared buffer per message, small read buffers, a task and a queue per connection, one write per message. No journal,
//! no order, no limit.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use relay::Transport;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, UnboundedSender},
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    accept_hdr_async_with_config,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
        protocol::WebSocketConfig,
    },
};

use crate::servers::say;

type Rooms = Arc<Mutex<BTreeMap<String, BTreeMap<u64, UnboundedSender<Bytes>>>>>;

pub fn serve(own: Transport) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        say(&listener.local_addr().unwrap().to_string());
        let rooms = Rooms::default();
        for id in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(accept(id, stream, own.clone(), rooms.clone()));
        }
    });
}

async fn accept(id: u64, stream: TcpStream, own: Transport, rooms: Rooms) {
    stream.set_nodelay(true).unwrap();
    match own {
        // Boxed, so that a task is as large as what it does, and not as the larger of both.
        Transport::Plain(_) => Box::pin(connection(id, stream, rooms)).await,
        Transport::Tls(identity) => {
            let accepted = Box::pin(TlsAcceptor::from(identity.server()).accept(stream)).await;
            if let Ok(stream) = accepted {
                Box::pin(connection(id, stream, rooms)).await;
            }
        }
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin>(id: u64, stream: S, rooms: Rooms) {
    let config = WebSocketConfig::default().read_buffer_size(4 << 10);
    let mut name = String::new();
    #[allow(clippy::result_large_err, reason = "the library asks for it")]
    let callback = |request: &Request, response: Response| {
        name = request.uri().path().to_owned();
        Ok(response)
    };
    let Ok(mut web) = accept_hdr_async_with_config(stream, callback, Some(config)).await else {
        return;
    };
    let (sender, mut receiver) = mpsc::unbounded_channel();
    rooms
        .lock()
        .unwrap()
        .entry(name.clone())
        .or_default()
        .insert(id, sender);
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => if web.send(Message::Binary(message)).await.is_err() {
                break;
            },
            message = web.next() => match message {
                Some(Ok(Message::Binary(message))) => {
                    let rooms = rooms.lock().unwrap();
                    for (_, other) in rooms[&name].iter().filter(|(other, _)| **other != id) {
                        let _ = other.send(message.clone());
                    }
                }
                Some(Ok(_)) => {}
                _ => break,
            },
        }
    }
    rooms.lock().unwrap().get_mut(&name).unwrap().remove(&id);
}
