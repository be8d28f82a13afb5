//! The text by which an open room, as earlier versions made them, is joined: `talus://join#` and one run of letters.
//!
//! Everything stands in the fragment, which no browser sends anywhere. It holds what one needs to
//! reach the room and to know it again: its genesis record, whose hash is the room's id, and addresses.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use relay::Address;
use serde::{Deserialize, Serialize};
use trust::{Genesis, Membership};

use crate::failure::Failure;

const SCHEME: &str = "talus://join#";

/// A longer text is no invitation.
const MAX_CHARACTERS: usize = 8 << 10;

/// Where a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// The first record of the room's log.
    pub(crate) genesis: Vec<u8>,
    /// Where it can be reached, best first.
    pub(crate) addresses: Vec<Address>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    genesis: String,
    addresses: Vec<String>,
}

const VERSION: u32 = 0;

impl Invitation {
    /// The text.
    pub(crate) fn to_text(&self) -> String {
        let written = Written {
            version: VERSION,
            genesis: URL_SAFE_NO_PAD.encode(&self.genesis),
            addresses: self.addresses.iter().map(Address::to_string).collect(),
        };
        let json = serde_json::to_vec(&written).expect("texts become JSON");
        format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads the text, with white space around it.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let fragment = text.trim().strip_prefix(SCHEME);
        let fragment = fragment.filter(|it| it.len() <= MAX_CHARACTERS);
        let json = fragment.and_then(|it| URL_SAFE_NO_PAD.decode(it).ok());
        let written = json.and_then(|it| serde_json::from_slice::<Written>(&it).ok());
        let written = written.ok_or_else(unreadable)?;
        if written.version != VERSION {
            return Err(other_version());
        }
        let genesis = URL_SAFE_NO_PAD.decode(written.genesis).ok();
        let genesis = genesis.filter(|it| Genesis::decode(it).is_some());
        let addresses = written.addresses.iter();
        Ok(Self {
            genesis: genesis.ok_or_else(unreadable)?,
            addresses: addresses.filter_map(|it| it.parse().ok()).collect(),
        })
    }

    /// The log with which the room is entered.
    pub(crate) fn membership(&self) -> Result<Membership, Failure> {
        Membership::open(&[&self.genesis]).map_err(|error| unreadable().with_detail(error))
    }
}

pub(crate) fn other_version() -> Failure {
    Failure::new(
        "INVITATION_VERSION",
        "The invitation was made by another version of Talus Tally. Use the same version on both machines.",
    )
}

pub(crate) fn unreadable() -> Failure {
    Failure::new(
        "NOT_AN_INVITATION",
        "This is not an invitation. Copy the whole text that begins with talus://join.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        let genesis = Genesis {
            version: Genesis::VERSION,
            owner: [1; 32],
            nonce: [2; 32],
        };
        let addresses = ["192.168.1.7:7400", "relay.example:443"];
        Invitation {
            genesis: genesis.encode(),
            addresses: addresses.map(|it| it.parse().unwrap()).into(),
        }
    }

    #[test]
    fn an_invitation_is_read_back() {
        let text = format!("  {}\n", invitation().to_text());
        assert_eq!(Invitation::read(&text), Ok(invitation()));
    }

    #[test]
    fn anything_else_is_refused() {
        let cut = invitation().to_text();
        let cut = &cut[..cut.len() - 9];
        for text in [
            "",
            "talus://join#",
            "talus://join#e30",
            "https://example.org",
            cut,
        ] {
            let failure = Invitation::read(text).unwrap_err();
            assert_eq!(failure.code, "NOT_AN_INVITATION", "{text}");
        }
    }
}
