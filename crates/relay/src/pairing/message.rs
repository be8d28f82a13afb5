//! What is said while two devices pair: a byte for the kind, then one CBOR array of definite length.

use std::convert::Infallible;

use bytes::Bytes;
use minicbor::{Decoder, Encoder, decode::Error};
use trust::pairing::CONFIRMATION_BYTES;

/// The longest name of a person; of a longer one the beginning is read.
pub const MAX_NAME_CHARACTERS: usize = 64;

/// A longer text is no name.
const MAX_NAME_BYTES: usize = 1 << 10;

/// An element of SPAKE2 has 33 bytes.
const MAX_ELEMENT_BYTES: usize = 64;

const ASK: u8 = 1;
const SHOWN: u8 = 2;
const GUESS: u8 = 3;
const ANSWER: u8 = 4;
const CONFIRM: u8 = 5;
const CONFIRMED: u8 = 6;
const SEALED: u8 = 7;
const NO: u8 = 8;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The first of whoever asks: the oldest and the newest version that it speaks, and the name of whoever sits there.
    Ask(u32, u32, String),
    /// A code is shown: the version that is spoken, and for how many ms the code is good.
    Shown(u32, u64),
    /// What `Typing::begin` made of the code.
    Guess(Bytes),
    /// What `Showing::answer` made of the guess.
    Answer(Bytes),
    /// The asking side has the key.
    Confirm([u8; CONFIRMATION_BYTES]),
    /// The other has the same.
    Confirmed([u8; CONFIRMATION_BYTES]),
    /// What only the other side reads.
    Sealed(Bytes),
    /// The last message.
    No(Declined),
}

/// Why a side does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// It takes no requests.
    #[error("it takes no requests")]
    NotNow,
    /// It has another pairing.
    #[error("it has another pairing")]
    Busy,
    /// There were too many codes lately.
    #[error("there were too many codes; the next can be shown in {wait_ms} ms")]
    TooSoon {
        /// How long to wait.
        wait_ms: u64,
    },
    /// The person there does not want to.
    #[error("refused")]
    Refused,
    /// Nobody typed the code in time.
    #[error("the code has expired")]
    Expired,
    /// Another code was typed, or somebody stands in between.
    #[error("the code is wrong")]
    WrongCode,
    /// The person who asked has given it up.
    #[error("given up")]
    Withdrawn,
    /// It got what does not belong there.
    #[error("misbehaved")]
    Misbehaved,
    /// The one who asks speaks only versions that are too old.
    #[error("the version is too old")]
    TooOld,
    /// The one who asks speaks only versions that are too new.
    #[error("the version is too new")]
    TooNew,
    /// Something that only a later version knows.
    #[error("for a reason that is not known here ({0})")]
    Later(u8),
}

impl Message {
    /// Reads a message. Whatever the bytes are, this returns.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, content) = bytes.split_first()?;
        let mut decoder = Decoder::new(content);
        let message = read(*kind, &mut decoder).ok()?;
        (decoder.position() == content.len()).then_some(message)
    }

    /// The bytes.
    pub(crate) fn encode(&self) -> Bytes {
        let mut writer = Encoder::new(vec![self.kind()]);
        self.write(&mut writer)
            .expect("writing to a Vec cannot fail");
        writer.into_writer().into()
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Ask(..) => ASK,
            Self::Shown(..) => SHOWN,
            Self::Guess(_) => GUESS,
            Self::Answer(_) => ANSWER,
            Self::Confirm(_) => CONFIRM,
            Self::Confirmed(_) => CONFIRMED,
            Self::Sealed(_) => SEALED,
            Self::No(_) => NO,
        }
    }

    fn write(
        &self,
        writer: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        match self {
            Self::Ask(oldest, newest, name) => {
                let name: String = name.chars().take(MAX_NAME_CHARACTERS).collect();
                writer.array(3)?.u32(*oldest)?.u32(*newest)?.str(&name)?;
            }
            Self::Shown(protocol, life_ms) => {
                writer.array(2)?.u32(*protocol)?.u64(*life_ms)?;
            }
            Self::Guess(element) | Self::Answer(element) | Self::Sealed(element) => {
                writer.array(1)?.bytes(element)?;
            }
            Self::Confirm(confirmation) | Self::Confirmed(confirmation) => {
                writer.array(1)?.bytes(confirmation)?;
            }
            Self::No(why) => {
                let (code, wait_ms) = why.code();
                writer.array(2)?.u8(code)?.u64(wait_ms)?;
            }
        }
        Ok(())
    }
}

fn read(kind: u8, decoder: &mut Decoder<'_>) -> Result<Message, Error> {
    let parts = decoder.array()?.ok_or_else(wrong)?;
    // What may have grown has so many parts at least; the others have them exactly.
    let (least, may_grow) = match kind {
        ASK => (3, true),
        SHOWN | NO => (2, true),
        _ => (1, false),
    };
    if parts < least || (parts > least && !may_grow) {
        return Err(wrong());
    }
    let message = match kind {
        ASK => Message::Ask(decoder.u32()?, decoder.u32()?, name(decoder.str()?)?),
        SHOWN => Message::Shown(decoder.u32()?, decoder.u64()?),
        GUESS => Message::Guess(element(decoder)?),
        ANSWER => Message::Answer(element(decoder)?),
        CONFIRM => Message::Confirm(confirmation(decoder)?),
        CONFIRMED => Message::Confirmed(confirmation(decoder)?),
        SEALED => Message::Sealed(Bytes::copy_from_slice(decoder.bytes()?)),
        NO => Message::No(Declined::of(decoder.u8()?, decoder.u64()?)),
        _ => return Err(wrong()),
    };
    for _ in least..parts {
        decoder.skip()?;
    }
    Ok(message)
}

fn element(decoder: &mut Decoder<'_>) -> Result<Bytes, Error> {
    match decoder.bytes()? {
        bytes if bytes.len() <= MAX_ELEMENT_BYTES => Ok(Bytes::copy_from_slice(bytes)),
        _ => Err(wrong()),
    }
}

fn confirmation(decoder: &mut Decoder<'_>) -> Result<[u8; CONFIRMATION_BYTES], Error> {
    decoder.bytes()?.try_into().map_err(|_| wrong())
}

/// A name as it can be shown: on one line, and in the direction in which it is written.
fn name(text: &str) -> Result<String, Error> {
    if text.len() > MAX_NAME_BYTES {
        return Err(wrong());
    }
    let turns = |it: &char| matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = text
        .chars()
        .filter(|it| !it.is_control() && !turns(it))
        .take(MAX_NAME_CHARACTERS);
    Ok(shown.collect::<String>().trim().to_owned())
}

fn wrong() -> Error {
    Error::message("not what was expected")
}

impl Declined {
    fn code(self) -> (u8, u64) {
        let code = match self {
            Self::NotNow => 1,
            Self::Busy => 2,
            Self::TooSoon { wait_ms } => return (3, wait_ms),
            Self::Refused => 4,
            Self::Expired => 5,
            Self::WrongCode => 6,
            Self::Withdrawn => 7,
            Self::Misbehaved => 8,
            Self::TooOld => 9,
            Self::TooNew => 10,
            Self::Later(code) => code,
        };
        (code, 0)
    }

    fn of(code: u8, wait_ms: u64) -> Self {
        match code {
            1 => Self::NotNow,
            2 => Self::Busy,
            3 => Self::TooSoon { wait_ms },
            4 => Self::Refused,
            5 => Self::Expired,
            6 => Self::WrongCode,
            7 => Self::Withdrawn,
            8 => Self::Misbehaved,
            9 => Self::TooOld,
            10 => Self::TooNew,
            later => Self::Later(later),
        }
    }
}

/// One of each kind.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn samples() -> Vec<Message> {
    let element = || Bytes::from(vec![7; 33]);
    let mut samples = vec![
        Message::Ask(1, 2, "Ana".to_owned()),
        Message::Shown(1, 120_000),
        Message::Guess(element()),
        Message::Answer(element()),
        Message::Confirm([8; CONFIRMATION_BYTES]),
        Message::Confirmed([9; CONFIRMATION_BYTES]),
        Message::Sealed(Bytes::from_static(b"sealed")),
    ];
    samples.extend((0..=12).map(|code| Message::No(Declined::of(code, 1_000))));
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_read_back() {
        for message in samples() {
            assert_eq!(
                Message::decode(&message.encode()),
                Some(message.clone()),
                "{message:?}"
            );
        }
    }

    #[test]
    fn the_bytes_are_frozen() {
        let ask = Message::Ask(1, 2, "Ana".to_owned()).encode();
        assert_eq!(ask[..], *b"\x01\x83\x01\x02\x63Ana");
        let no = Message::No(Declined::TooSoon { wait_ms: 9 }).encode();
        assert_eq!(no[..], *b"\x08\x82\x03\x09");
        let guess = Message::Guess(Bytes::from_static(&[7, 8])).encode();
        assert_eq!(guess[..], *b"\x03\x81\x42\x07\x08");
        let shown = Message::Shown(1, 120_000).encode();
        assert_eq!(shown[..], *b"\x02\x82\x01\x1a\x00\x01\xd4\xc0");
    }

    #[test]
    fn k2_what_a_later_version_adds_is_skipped_where_it_may() {
        let grown = b"\x01\x84\x01\x02\x63Ana\x82\x00\x01";
        assert_eq!(
            Message::decode(grown),
            Some(Message::Ask(1, 2, "Ana".to_owned()))
        );
        assert_eq!(
            Message::decode(b"\x03\x82\x41a\x00"),
            None,
            "a guess is a guess"
        );
    }

    #[test]
    fn k2_anything_else_is_no_message() {
        for bytes in [
            &b""[..],
            b"\x01",
            b"\x00\x81\x00",
            b"\x01\x82\x01\x02",
            b"\x01\x9f\x01\x02\x63Ana\xff",
            b"\x05\x81\x41a",
            b"\x08\x82\x04\x00\x00",
        ] {
            assert_eq!(Message::decode(bytes), None, "{bytes:?}");
        }
        let long = Message::Guess(Bytes::from(vec![0; MAX_ELEMENT_BYTES + 1]));
        assert_eq!(Message::decode(&long.encode()), None);
    }

    #[test]
    fn k11_a_name_is_one_short_line() {
        let read = |text: &str| name(text).ok();
        assert_eq!(read(" Ana\n\u{202e}Lima\u{7} "), Some("AnaLima".to_owned()));
        let long = read(&"ü".repeat(100)).expect("it is a name");
        assert_eq!(long.chars().count(), MAX_NAME_CHARACTERS);
        assert_eq!(read(&"a".repeat(MAX_NAME_BYTES + 1)), None);
    }
}
