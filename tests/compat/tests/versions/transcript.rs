//! What two said on a link: a message on each line, in the order in which they left.

use std::fmt::Write;

use bytes::Bytes;
use sync::{Frame, Hello, Message, Side};

/// A message, and which end of the link has sent it.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub by: Side,
    pub bytes: Bytes,
}

/// A whole link, from hello to goodbye.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Transcript {
    pub lines: Vec<Line>,
}

impl Transcript {
    pub fn add(&mut self, by: Side, bytes: Bytes) {
        self.lines.push(Line { by, bytes });
    }

    /// As it is kept: `>` for who dialled and `<` for who accepted, then the bytes in hexadecimal.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push(if line.by == Side::Dialled { '>' } else { '<' });
            for byte in &line.bytes {
                write!(text, "{byte:02x}").unwrap();
            }
            text.push('\n');
        }
        text
    }

    pub fn read(text: &str) -> Self {
        let lines = text.lines().map(|line| {
            let (mark, digits) = line.split_at(1);
            let digits = digits.as_bytes().chunks(2);
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            Line {
                by: if mark == ">" {
                    Side::Dialled
                } else {
                    Side::Accepted
                },
                bytes: digits.map(|pair| byte(pair).unwrap()).collect(),
            }
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// What one end has sent.
    pub fn said_by(&self, side: Side) -> Vec<Bytes> {
        let lines = self.lines.iter().filter(|line| line.by == side);
        lines.map(|line| line.bytes.clone()).collect()
    }

    pub fn hello(&self) -> Hello {
        match decoded(&self.lines[0].bytes) {
            Message::Hello(hello) => hello,
            other => panic!("{other:?}"),
        }
    }
}

/// Today's understanding of a message.
pub fn decoded(bytes: &Bytes) -> Message {
    Message::decode(bytes.clone()).unwrap_or_else(|error| panic!("{error}: {bytes:02x?}"))
}

/// The frames in messages.
pub fn frames(messages: &[Bytes]) -> Vec<Frame> {
    let messages = messages.iter().flat_map(|message| match decoded(message) {
        Message::Frame(frame) => vec![frame],
        Message::Frames(frames) => frames,
        _ => Vec::new(),
    });
    messages.collect()
}
