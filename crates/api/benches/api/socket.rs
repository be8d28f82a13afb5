//! A Socket.IO client on a bare socket: Engine.IO 4 by WebSocket (RFC 6455), as much as is needed to hear.

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Connects to the namespace `/graph` and joins a session.
    pub async fn join(address: &str, token: &str, session: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut socket = Self(BufReader::with_capacity(2 << 10, stream));
        let mut last = [0; 4];
        while last != *b"\r\n\r\n" {
            last.rotate_left(1);
            last[3] = socket.0.read_u8().await.unwrap();
        }
        socket.until(|text| text.starts_with('0')).await;
        socket
            .say(&format!(r#"40/graph,{{"token":"{token}"}}"#))
            .await;
        socket.until(|text| text.starts_with("40/graph")).await;
        let join = format!(r#"42/graph,["join_session",{{"session_id":"{session}"}}]"#);
        socket.say(&join).await;
        socket.until(|text| text.contains("\"joined\"")).await;
        socket
    }

    /// Reads until a message is wanted; answers pings meanwhile.
    pub async fn until(&mut self, is_wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let text = self.read().await;
            if text == "2" {
                self.say("3").await;
            } else if is_wanted(&text) {
                return text;
            }
        }
    }

    /// The text of one frame. The server sends nothing in pieces.
    async fn read(&mut self) -> String {
        self.0.read_u8().await.unwrap();
        let length = match self.0.read_u8().await.unwrap() & 0x7f {
            126 => u64::from(self.0.read_u16().await.unwrap()),
            127 => self.0.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut text = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    /// A mask of zeros leaves the text as it is.
    async fn say(&mut self, text: &str) {
        let mut frame = vec![0x81];
        match u16::try_from(text.len()).unwrap() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).await.unwrap();
    }
}
