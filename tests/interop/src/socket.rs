//! A page's WebSocket on a bare socket (RFC 6455), as much as is needed to hear. It blocks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::DEADLINE;
use crate::served::Served;

/// One that is open, or was.
pub struct Socket(BufReader<TcpStream>);

/// What comes in.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Ping,
    /// The code of the end.
    Close(u16),
}

impl Socket {
    /// Opens one; otherwise the status with which that was refused.
    pub fn open(served: &Served, path: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = served.server.address().to_string();
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        let host = [("host", address.as_str())];
        let is_said = headers.iter().any(|(name, _)| *name == "host");
        let host = host.iter().filter(|_| !is_said);
        for (name, value) in headers.iter().chain(host) {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| line != "\r\n") {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0, "{lines:?}");
            lines.push(line);
        }
        match lines[0][9..12].parse().unwrap() {
            101 => Ok(Self(reader)),
            status => Err(status),
        }
    }

    /// Says something of at most 125 bytes. A mask of zeros leaves it as it is.
    pub fn say(&mut self, text: &str) {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 126);
        let head = [0x81, 0x80 | length, 0, 0, 0, 0];
        let frame = [&head, text.as_bytes()].concat();
        self.0.get_mut().write_all(&frame).unwrap();
    }

    /// What comes next; none: the connection is gone.
    pub fn hear(&mut self) -> Option<Frame> {
        self.read().ok()
    }

    fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head)?;
        let mut length = u64::from(head[1]);
        if length > 125 {
            let mut long = [0; 8];
            let bytes = if length == 126 { 2 } else { 8 };
            self.0.read_exact(&mut long[8 - bytes..])?;
            length = u64::from_be_bytes(long);
        }
        let mut content = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut content)?;
        Ok(match head[0] & 0x0f {
            8 => Frame::Close(u16::from_be_bytes([content[0], content[1]])),
            9 => Frame::Ping,
            _ => Frame::Text(String::from_utf8(content).unwrap()),
        })
    }
}
