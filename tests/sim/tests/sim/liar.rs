//! A relay that lies: it is a whole relay, and what it sends is lost, changed, held back, said again, or made up.

use bytes::Bytes;
use graph::generate::Random;
use sync::{Content, Draft, Frame, FrameId, Kind, Message};
use trust::key::DeviceKey;

/// Messages that it remembers, to say them again.
const REMEMBERED: usize = 64;

/// What it does to what it sends.
pub struct Liar {
    random: Random,
    key: DeviceKey,
    heard: Vec<Bytes>,
    held_back: Option<Bytes>,
}

/// What it sends in place of a message, and which frames of that it has made up.
#[derive(Default)]
pub struct Lies {
    pub messages: Vec<Bytes>,
    pub forged: Vec<FrameId>,
    /// What it has done, if anything.
    pub how: Option<&'static str>,
}

impl Liar {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random(seed ^ 0x11a2_0000),
            key: DeviceKey::from_seed(&[0xab; 32]),
            heard: Vec::new(),
            held_back: None,
        }
    }

    /// What becomes of a message.
    pub fn twist(&mut self, message: Bytes) -> Lies {
        let mut lies = self.choose(&message);
        if self.heard.len() == REMEMBERED {
            let forgotten = self.random.below(REMEMBERED);
            self.heard.swap_remove(forgotten);
        }
        self.heard.push(message);
        if lies.how.is_none()
            && let Some(held_back) = self.held_back.take()
        {
            lies.messages.push(held_back);
        }
        lies
    }

    fn choose(&mut self, message: &Bytes) -> Lies {
        let told = |messages: Vec<Bytes>, how: &'static str| Lies {
            messages,
            forged: Vec::new(),
            how: Some(how),
        };
        match self.random.below(100) {
            0..3 => told(Vec::new(), "relay-drops"),
            3..6 => match self.random.pick(&self.heard).cloned() {
                Some(old) => told(vec![message.clone(), old], "relay-replays"),
                None => honest(message),
            },
            6..9 if self.held_back.is_none() => {
                self.held_back = Some(message.clone());
                told(Vec::new(), "relay-reorders")
            }
            9..11 => match self.random.pick(&self.heard).cloned() {
                Some(old) => told(vec![old], "relay-substitutes"),
                None => honest(message),
            },
            11..14 => {
                let mut changed = message.to_vec();
                let place = self.random.below(changed.len());
                changed[place] ^= 1 << self.random.below(8);
                told(vec![changed.into()], "relay-changes")
            }
            14..22 => self.forge(message).unwrap_or_else(|| honest(message)),
            _ => honest(message),
        }
    }

    /// A frame of somebody else with another content, signed by the relay or as it was.
    fn forge(&mut self, message: &Bytes) -> Option<Lies> {
        let frame = match Message::decode(message.clone()).ok()? {
            Message::Frame(frame) => frame,
            Message::Frames(frames) => self.random.pick(&frames)?.clone(),
            _ => return None,
        };
        let header = frame.header();
        if header.kind != Kind::Changes {
            return None;
        }
        let deps: Vec<FrameId> = frame.deps().collect();
        let mut payload = frame.payload().to_vec();
        let place = self.random.below(payload.len().max(1));
        *payload.get_mut(place)? ^= 1;
        let draft = Draft {
            room: header.room,
            document: header.document,
            epoch: header.epoch,
            stream: header.stream,
            number: header.number,
            deps: &deps,
            content: Content::Changes,
            payload: &payload,
        };
        let forged = match self.random.chance(50) {
            true => Frame::sign(&draft, &self.key).ok()?,
            false => Frame::mint(&draft).ok()?,
        };
        Some(Lies {
            messages: vec![forged.message().clone()],
            forged: vec![forged.id()],
            how: Some("relay-forges"),
        })
    }
}

fn honest(message: &Bytes) -> Lies {
    Lies {
        messages: vec![message.clone()],
        ..Lies::default()
    }
}
