//! The text that is sent, or shown as a QR code: `talus://join#` and one run of letters.
//!
//! Everything stands in the fragment, which no browser sends anywhere: base64url ([RFC 4648], without padding) of one byte
//! for the version, the CBOR array `[genesis, seed, [address, ..]]`, and the first four bytes of the BLAKE3 hash of all
//! that. The hash is against slips of whoever copies the text, not against forgers: a forged invitation leads into a room
//! of the forger.
//!
//! [RFC 4648]: https://www.rfc-editor.org/rfc/rfc4648

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::Decoder;
use minicbor::decode::Error;
use zeroize::Zeroizing;

use super::InvitationSecret;
use crate::cbor::{self, array_of, array_up_to, bytes, wrong};
use crate::{Genesis, RoomId};

/// What an invitation begins with.
pub const SCHEME: &str = "talus://join#";

/// A longer text is no invitation: it would not fit into a QR code that a telephone reads.
pub const MAX_LINK_BYTES: usize = 2 << 10;

/// Addresses of one invitation.
pub const MAX_HINTS: usize = 8;

/// The longest address.
pub const MAX_HINT_BYTES: usize = 256;

const VERSION: u8 = 1;
const CHECK_BYTES: usize = 4;

/// What somebody needs to join a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The first record of the room's log: a closed room.
    pub genesis: Genesis,
    /// What admits the device and opens the room's keys.
    pub secret: InvitationSecret,
    /// Where the room may be reached, best first, as people write addresses.
    pub hints: Vec<String>,
}

/// Why a text is no invitation that can be used here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAnInvitation {
    /// It is something else.
    #[error("this is not an invitation")]
    Other,
    /// It was made by a version that writes them otherwise.
    #[error("the invitation was made by another version")]
    OtherVersion,
    /// It is not whole, or somebody has mistyped it.
    #[error("the invitation is damaged; copy all of it")]
    Damaged,
}

impl Invitation {
    /// The room.
    pub fn room(&self) -> RoomId {
        self.genesis.room()
    }

    /// The text. It is a secret. Addresses that are too long or too many are left out.
    pub fn to_text(&self) -> Zeroizing<String> {
        let hints: Vec<&String> = (self.hints.iter())
            .filter(|hint| hint.len() <= MAX_HINT_BYTES)
            .take(MAX_HINTS)
            .collect();
        let content = Zeroizing::new(cbor::encode(256, |writer| {
            writer.array(3)?.bytes(&self.genesis.encode())?;
            writer
                .bytes(self.secret.seed())?
                .array(hints.len() as u64)?;
            for hint in &hints {
                writer.str(hint)?;
            }
            Ok(writer)
        }));
        let mut all = Zeroizing::new([&[VERSION], content.as_slice()].concat());
        let check = check_of(&all);
        all.extend_from_slice(&check);
        Zeroizing::new(format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(&*all)))
    }

    /// Reads the text, with white space around it.
    pub fn read(text: &str) -> Result<Self, NotAnInvitation> {
        let fragment = text
            .trim()
            .strip_prefix(SCHEME)
            .ok_or(NotAnInvitation::Other)?;
        if fragment.len() > MAX_LINK_BYTES * 2 {
            return Err(NotAnInvitation::Other);
        }
        let all = URL_SAFE_NO_PAD
            .decode(fragment)
            .map_err(|_| NotAnInvitation::Damaged)?;
        let all = Zeroizing::new(all);
        match all.first() {
            None => return Err(NotAnInvitation::Damaged),
            Some(&VERSION) => {}
            Some(_) => return Err(NotAnInvitation::OtherVersion),
        }
        let (content, check) = all
            .split_last_chunk::<CHECK_BYTES>()
            .ok_or(NotAnInvitation::Damaged)?;
        if check_of(content) != *check {
            return Err(NotAnInvitation::Damaged);
        }
        read(&content[1..]).map_err(|_| NotAnInvitation::Damaged)
    }
}

fn check_of(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = blake3::hash(bytes);
    *hash
        .as_bytes()
        .first_chunk()
        .expect("32 bytes are more than 4")
}

fn read(content: &[u8]) -> Result<Invitation, Error> {
    let mut decoder = Decoder::new(content);
    array_of(&mut decoder, 3)?;
    let genesis = Genesis::decode(decoder.bytes()?).ok_or_else(wrong)?;
    if genesis.version != Genesis::CLOSED {
        return Err(wrong());
    }
    let secret = InvitationSecret::from_seed(&Zeroizing::new(bytes(&mut decoder)?));
    let mut hints = Vec::new();
    for _ in 0..array_up_to(&mut decoder, MAX_HINTS)? {
        let hint = decoder.str()?;
        if hint.len() > MAX_HINT_BYTES {
            return Err(wrong());
        }
        hints.push(hint.to_owned());
    }
    cbor::end(&decoder)?;
    Ok(Invitation {
        genesis,
        secret,
        hints,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::DeviceKey;

    fn invitation() -> Invitation {
        let owner = DeviceKey::from_seed(&[1; 32]).public();
        Invitation {
            genesis: Genesis::closed(&owner, [2; 32]),
            secret: InvitationSecret::from_seed(&[3; 32]),
            hints: vec![
                "192.168.0.7:7411".to_owned(),
                "relay.example:443".to_owned(),
            ],
        }
    }

    #[test]
    fn an_invitation_is_read_back() {
        let text = invitation().to_text();
        assert_eq!(Invitation::read(&text), Ok(invitation()));
        assert_eq!(Invitation::read(&format!(" {}\n", *text)), Ok(invitation()));
    }

    #[test]
    fn the_text_and_the_keys_of_its_secret_are_frozen() {
        assert_eq!(
            invitation().to_text().as_str(),
            "talus://join#AYNYRoMCWCCKiOPddAnxlf1S2y08ul1yymcJvx2UEhvzdIgBtA9vXFggAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgJYIAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDgnAxOTIuMTY4LjAuNzo3NDExcXJlbGF5LmV4YW1wbGU6NDQzAM26mw"
        );
        let secret = invitation().secret;
        assert_eq!(
            secret.key().device().to_string(),
            "fac8b59cd98dee336ed5f86588ce6879c18e73573dc1c2c33dda043134a109be"
        );
        assert_eq!(
            blake3::hash(&secret.sealing().public().0).to_string(),
            "adce515e365db747d98b7e994533f249abaace969b15e766ddd9721e83525165"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let text = invitation().to_text();
        let of = |bytes: &[u8]| format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(bytes));
        for (text, why) in [
            (String::new(), NotAnInvitation::Other),
            ("https://example.org".to_owned(), NotAnInvitation::Other),
            (
                format!("{SCHEME}{}", "A".repeat(5000)),
                NotAnInvitation::Other,
            ),
            (SCHEME.to_owned(), NotAnInvitation::Damaged),
            (format!("{SCHEME}?!"), NotAnInvitation::Damaged),
            (text[..text.len() - 1].to_owned(), NotAnInvitation::Damaged),
            (text[..text.len() - 20].to_owned(), NotAnInvitation::Damaged),
            (text.replace("Ag", "Ah"), NotAnInvitation::Damaged),
            (of(b"{\"version\":0}"), NotAnInvitation::OtherVersion),
            (of(&[2]), NotAnInvitation::OtherVersion),
            (of(&[1]), NotAnInvitation::Damaged),
        ] {
            assert_eq!(Invitation::read(&text), Err(why), "{text}");
        }
    }

    /// More addresses, and longer ones, than fit into a QR code are neither written nor read.
    #[test]
    fn addresses_that_do_not_fit_are_left_out() {
        let longest = "a".repeat(MAX_HINT_BYTES);
        let mut hints = vec![longest.clone() + "a"];
        hints.resize(MAX_HINTS + 2, longest.clone());
        let written = Invitation {
            hints,
            ..invitation()
        };
        let read = Invitation::read(&written.to_text()).unwrap();
        assert_eq!(read.hints, vec![longest.clone(); MAX_HINTS]);

        for hints in [
            vec![longest.clone() + "a"],
            vec!["a".to_owned(); MAX_HINTS + 1],
        ] {
            let content = cbor::encode(64, |writer| {
                writer.array(3)?.bytes(&invitation().genesis.encode())?;
                writer
                    .bytes(invitation().secret.seed())?
                    .array(hints.len() as u64)?;
                hints
                    .iter()
                    .try_fold(writer, |writer, hint| writer.str(hint))
            });
            let mut all = [&[VERSION], content.as_slice()].concat();
            all.extend(check_of(&all));
            let text = format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(all));
            assert_eq!(Invitation::read(&text), Err(NotAnInvitation::Damaged));
        }
    }

    #[test]
    fn nobody_is_invited_into_an_open_room() {
        let open = Invitation {
            genesis: Genesis::new([1; 32], [2; 32]),
            ..invitation()
        };
        assert_eq!(
            Invitation::read(&open.to_text()),
            Err(NotAnInvitation::Damaged)
        );
    }

    #[test]
    fn nothing_secret_is_shown() {
        assert!(!format!("{:?}", invitation()).contains("[3, 3"));
    }
}
