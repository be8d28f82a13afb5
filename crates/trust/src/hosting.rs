//! What an admin gives to somebody whose rooms a relay is to keep.
//!
//! The text is `talus://relay#` and one run of letters. Everything stands in the fragment, as in an
//! [invitation](crate::invitation): base64url of one byte for the version, the CBOR array `[address, device, token]`, and the
//! first four bytes of the BLAKE3 hash of all that, against slips of whoever copies it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::Decoder;
use minicbor::decode::Error;
use zeroize::Zeroizing;

use crate::DeviceId;
use crate::cbor::{self, array_of, bytes, wrong};

/// What the text begins with.
pub const SCHEME: &str = "talus://relay#";

/// The longest address: that of a name of DNS, and a port.
pub const MAX_ADDRESS_BYTES: usize = 256;

/// A longer text is none.
const MAX_TEXT_BYTES: usize = 1 << 10;

const VERSION: u8 = 1;
const CHECK_BYTES: usize = 4;

/// 32 random bytes that let a device host rooms at a relay. Whoever has them is let in.
#[derive(Clone, PartialEq, Eq)]
pub struct HostingToken(Zeroizing<[u8; 32]>);

impl HostingToken {
    /// The token of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// What is given away.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What is kept of it where it is checked: nobody can come in by that. BLAKE3 in its mode for deriving keys; a token has
    /// too many bits for a hash that takes its time to be of use.
    pub fn digest(&self) -> [u8; 32] {
        blake3::derive_key("talus-tally v1 hosting token", &*self.0)
    }
}

impl std::fmt::Debug for HostingToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostingToken")
    }
}

/// A relay, and what lets one host rooms there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostingLink {
    /// Where it is, as people write addresses.
    pub address: String,
    /// Who it is; nobody else is shown the token.
    pub device: DeviceId,
    /// What lets one in.
    pub token: HostingToken,
}

/// Why a text is no link to a relay that can be used here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotALink {
    /// It is something else.
    #[error("this is not the link of a relay")]
    Other,
    /// It was made by a version that writes them otherwise.
    #[error("the link was made by another version")]
    OtherVersion,
    /// It is not whole, or somebody has mistyped it.
    #[error("the link is damaged; copy all of it")]
    Damaged,
}

impl HostingLink {
    /// The text. It is a secret. An address of more than [`MAX_ADDRESS_BYTES`] makes a text that nobody reads.
    pub fn to_text(&self) -> Zeroizing<String> {
        let content = Zeroizing::new(cbor::encode(128, |writer| {
            writer.array(3)?.str(&self.address)?;
            writer.bytes(&self.device.0)?.bytes(self.token.bytes())?;
            Ok(writer)
        }));
        let mut all = Zeroizing::new([&[VERSION], content.as_slice()].concat());
        let check = check_of(&all);
        all.extend_from_slice(&check);
        Zeroizing::new(format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(&*all)))
    }

    /// Reads the text, with white space around it.
    pub fn read(text: &str) -> Result<Self, NotALink> {
        let fragment = text.trim().strip_prefix(SCHEME).ok_or(NotALink::Other)?;
        if fragment.len() > MAX_TEXT_BYTES {
            return Err(NotALink::Other);
        }
        let all = URL_SAFE_NO_PAD
            .decode(fragment)
            .map_err(|_| NotALink::Damaged)?;
        let all = Zeroizing::new(all);
        let (content, check) = all
            .split_last_chunk::<CHECK_BYTES>()
            .ok_or(NotALink::Damaged)?;
        match content.first() {
            None => return Err(NotALink::Damaged),
            Some(&VERSION) if check_of(content) == *check => {}
            Some(&VERSION) => return Err(NotALink::Damaged),
            Some(_) => return Err(NotALink::OtherVersion),
        }
        read(&content[1..]).map_err(|_| NotALink::Damaged)
    }
}

fn check_of(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = blake3::hash(bytes);
    *hash
        .as_bytes()
        .first_chunk()
        .expect("32 bytes are more than 4")
}

fn read(content: &[u8]) -> Result<HostingLink, Error> {
    let mut decoder = Decoder::new(content);
    array_of(&mut decoder, 3)?;
    let address = decoder.str()?;
    if address.len() > MAX_ADDRESS_BYTES {
        return Err(wrong());
    }
    let address = address.to_owned();
    let device = DeviceId(bytes(&mut decoder)?);
    let token = HostingToken(Zeroizing::new(bytes(&mut decoder)?));
    cbor::end(&decoder)?;
    Ok(HostingLink {
        address,
        device,
        token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> HostingLink {
        HostingLink {
            address: "relay.example:7825".to_owned(),
            device: DeviceId([1; 32]),
            token: HostingToken::from_bytes(&[2; 32]),
        }
    }

    #[test]
    fn a_link_is_read_back_and_shows_no_token() {
        let text = link().to_text();
        assert!(text.starts_with(SCHEME) && text.len() < 180, "{}", *text);
        assert_eq!(HostingLink::read(&format!(" {}\n", *text)), Ok(link()));
        assert!(!format!("{:?}", link()).contains("[2, 2"));
    }

    #[test]
    fn what_is_changed_or_cut_is_refused() {
        let text = link().to_text();
        for length in SCHEME.len()..text.len() {
            assert!(HostingLink::read(&text[..length]).is_err(), "{length}");
        }
        for place in SCHEME.len()..text.len() {
            let other = if text.as_bytes()[place] == b'A' {
                "B"
            } else {
                "A"
            };
            let mut changed = text.to_string();
            changed.replace_range(place..=place, other);
            assert_ne!(HostingLink::read(&changed), Ok(link()), "{place}");
        }
        for other in ["", "relay.example", "talus://join#AAAA"] {
            assert_eq!(HostingLink::read(other), Err(NotALink::Other));
        }
    }

    #[test]
    fn the_text_is_frozen() {
        assert_eq!(
            link().to_text().as_str(),
            "talus://relay#AYNycmVsYXkuZXhhbXBsZTo3ODI1WCABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAVggAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgLuWblj"
        );
    }

    /// Any content, with a check that fits.
    fn text_of(version: u8, content: &[u8]) -> String {
        let mut all = [&[version], content].concat();
        all.extend(check_of(&all));
        format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(all))
    }

    fn content_of(parts: u64, address: &str) -> Vec<u8> {
        cbor::encode(128, |writer| {
            writer.array(parts)?.str(address)?;
            writer.bytes(&[1; 32])?.bytes(&[2; 32])
        })
    }

    #[test]
    fn a_whole_text_that_says_something_else_is_refused() {
        let address = link().address;
        let content = content_of(3, &address);
        assert_eq!(HostingLink::read(&text_of(1, &content)), Ok(link()));
        let later = HostingLink::read(&text_of(2, &content));
        assert_eq!(later, Err(NotALink::OtherVersion));
        for content in [
            content_of(4, &address),
            content_of(2, &address),
            [&content[..], &[0]].concat(),
            content[..content.len() - 1].to_vec(),
        ] {
            let read = HostingLink::read(&text_of(1, &content));
            assert_eq!(read, Err(NotALink::Damaged));
        }
    }

    #[test]
    fn an_address_is_read_up_to_its_longest() {
        let longest = "a".repeat(MAX_ADDRESS_BYTES);
        let written = HostingLink {
            address: longest.clone(),
            ..link()
        };
        assert_eq!(HostingLink::read(&written.to_text()), Ok(written));
        let longer = HostingLink {
            address: longest + "a",
            ..link()
        };
        let read = HostingLink::read(&longer.to_text());
        assert_eq!(read, Err(NotALink::Damaged));
        // What is longer than any link is not even decoded.
        let text = |length| format!("{SCHEME}{}", "A".repeat(length));
        let read = |length| HostingLink::read(&text(length)).unwrap_err();
        assert_eq!(read(MAX_TEXT_BYTES + 4), NotALink::Other);
        assert_ne!(read(MAX_TEXT_BYTES), NotALink::Other);
    }

    #[test]
    fn what_is_kept_of_a_token_is_not_the_token() {
        let [one, other] = [1, 2].map(|byte| HostingToken::from_bytes(&[byte; 32]));
        assert_ne!(one.digest(), other.digest());
        assert_ne!(&one.digest(), one.bytes());
    }
}
