//! Messages of automerge-repo on a WebSocket: CBOR maps with a `type`, version 1.
//!
//! Source: `@automerge/automerge-repo-network-websocket` 2.5, `messages.ts`, and `network/messages.ts` of automerge-repo.

use minicbor::data::Type;
use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};

/// The only version that there is.
pub(crate) const PROTOCOL: &str = "1";

/// Longest id of a peer, in bytes.
const MAX_PEER_BYTES: usize = 256;

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Who it is, and whether it speaks our version.
    Join { peer: String, speaks: bool },
    /// That it goes.
    Leave,
    /// Something of Automerge's sync protocol about a document.
    Sync { document: String, data: Vec<u8> },
    /// What there is nothing to be said to: ephemeral messages, and what clients tell each other of heads.
    Aside,
}

/// Reads a message; none if it is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Said> {
    let message = Message::read(bytes).ok()?;
    match message.kind {
        Some("join") => {
            let peer = message.sender.filter(|it| it.len() <= MAX_PEER_BYTES)?;
            let speaks = message.versions.is_none_or(|it| it.contains(&PROTOCOL));
            let peer = peer.to_owned();
            Some(Said::Join { peer, speaks })
        }
        Some("leave") => Some(Said::Leave),
        Some("sync" | "request") => Some(Said::Sync {
            document: message.document?.to_owned(),
            data: message.data?.to_vec(),
        }),
        Some(_) => Some(Said::Aside),
        None => None,
    }
}

#[derive(Default)]
struct Message<'a> {
    kind: Option<&'a str>,
    sender: Option<&'a str>,
    document: Option<&'a str>,
    data: Option<&'a [u8]>,
    versions: Option<Vec<&'a str>>,
}

impl<'a> Message<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut cbor = Decoder::new(bytes);
        let mut left = cbor.map()?;
        let mut message = Self::default();
        while !is_over(&mut cbor, &mut left)? {
            match cbor.str()? {
                "type" => message.kind = Some(cbor.str()?),
                "senderId" => message.sender = Some(cbor.str()?),
                "documentId" => message.document = Some(cbor.str()?),
                "data" => message.data = Some(data(&mut cbor)?),
                "supportedProtocolVersions" => message.versions = Some(versions(&mut cbor)?),
                _ => cbor.skip()?,
            }
        }
        Ok(message)
    }
}

/// Counts an entry, if there is one more.
fn is_over(cbor: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    match left {
        Some(0) => Ok(true),
        Some(more) => {
            *more -= 1;
            Ok(false)
        }
        None if cbor.datatype()? == Type::Break => {
            cbor.skip()?;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Bytes, or an array of bytes with the tag that says so.
fn data<'a>(cbor: &mut Decoder<'a>) -> Result<&'a [u8], Error> {
    if cbor.datatype()? == Type::Tag {
        cbor.tag()?;
    }
    cbor.bytes()
}

fn versions<'a>(cbor: &mut Decoder<'a>) -> Result<Vec<&'a str>, Error> {
    let mut left = cbor.array()?;
    let mut versions = Vec::new();
    while !is_over(cbor, &mut left)? {
        match cbor.datatype()? {
            Type::String => versions.push(cbor.str()?),
            _ => cbor.skip()?,
        }
    }
    Ok(versions)
}

/// To whom we speak, and as whom.
pub(crate) struct Ends<'a> {
    pub(crate) us: &'a str,
    pub(crate) them: &'a str,
}

impl Ends<'_> {
    /// The answer to a join. Nothing of this peer is worth keeping: its state is made anew for each connection.
    pub(crate) fn peer(&self) -> Vec<u8> {
        self.message("peer", 2, |cbor| {
            cbor.str("selectedProtocolVersion")?.str(PROTOCOL)?;
            cbor.str("peerMetadata")?.map(1)?;
            cbor.str("isEphemeral")?.bool(true)?;
            Ok(())
        })
    }

    /// Something of Automerge's sync protocol.
    pub(crate) fn sync(&self, document: &str, data: &[u8]) -> Vec<u8> {
        self.message("sync", 2, |cbor| {
            cbor.str("documentId")?.str(document)?;
            cbor.str("data")?.bytes(data)?;
            Ok(())
        })
    }

    /// There is no such document here, or not for this client.
    pub(crate) fn unavailable(&self, document: &str) -> Vec<u8> {
        self.message("doc-unavailable", 1, |cbor| {
            cbor.str("documentId")?.str(document)?;
            Ok(())
        })
    }

    /// Why the connection is about to be closed.
    pub(crate) fn error(&self, why: &str) -> Vec<u8> {
        self.message("error", 1, |cbor| {
            cbor.str("message")?.str(why)?;
            Ok(())
        })
    }

    fn message(
        &self,
        kind: &str,
        more: u64,
        write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Written,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut cbor = Encoder::new(&mut bytes);
        let put = || {
            cbor.map(3 + more)?.str("type")?.str(kind)?;
            cbor.str("senderId")?.str(self.us)?;
            cbor.str("targetId")?.str(self.them)?;
            write(&mut cbor)
        };
        put().expect("memory takes all bytes");
        bytes
    }
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn said(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Written) -> Option<Said> {
        let mut bytes = Vec::new();
        write(&mut Encoder::new(&mut bytes)).expect("memory takes all bytes");
        read(&bytes)
    }

    fn join(versions: &[&str]) -> Option<Said> {
        said(|cbor| {
            cbor.map(4)?.str("type")?.str("join")?;
            cbor.str("senderId")?.str("board")?;
            cbor.str("peerMetadata")?
                .map(1)?
                .str("storageId")?
                .undefined()?;
            cbor.str("supportedProtocolVersions")?;
            cbor.array(versions.len() as u64)?;
            for version in versions {
                cbor.str(version)?;
            }
            Ok(())
        })
    }

    #[test]
    fn a_client_that_speaks_our_version_may_join() {
        let peer = "board".to_owned();
        let joined = |speaks| {
            let peer = peer.clone();
            Some(Said::Join { peer, speaks })
        };
        assert_eq!(join(&["1"]), joined(true));
        assert_eq!(join(&["2", "1"]), joined(true));
        assert_eq!(join(&["2"]), joined(false));
    }

    #[test]
    fn what_we_say_is_read_as_it_was_meant() {
        let ends = Ends {
            us: "tally",
            them: "board",
        };
        let synced = Said::Sync {
            document: "2Ab".to_owned(),
            data: vec![1, 2],
        };
        assert_eq!(read(&ends.sync("2Ab", &[1, 2])), Some(synced));
        for aside in [ends.peer(), ends.unavailable("2Ab"), ends.error("no")] {
            assert_eq!(read(&aside), Some(Said::Aside));
        }
    }

    #[test]
    fn an_array_of_bytes_may_have_its_tag() {
        let synced = said(|cbor| {
            cbor.begin_map()?.str("type")?.str("request")?;
            cbor.str("documentId")?.str("2Ab")?;
            cbor.str("data")?;
            cbor.tag(minicbor::data::Tag::new(64))?.bytes(&[7])?;
            cbor.end()?;
            Ok(())
        });
        let data = vec![7];
        let document = "2Ab".to_owned();
        assert_eq!(synced, Some(Said::Sync { document, data }));
    }

    #[test]
    fn what_is_no_message_is_none() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"{\"type\":\"join\"}"), None);
        assert_eq!(read(&[0xff; 64]), None);
        assert_eq!(read(&[0x9f; 100_000]), None);
        let nameless = said(|cbor| cbor.map(1)?.str("type")?.str("join").map(|_| ()));
        assert_eq!(nameless, None);
        let long = "x".repeat(300);
        let long = said(|cbor| {
            cbor.map(2)?.str("type")?.str("join")?;
            cbor.str("senderId")?.str(&long).map(|_| ())
        });
        assert_eq!(long, None);
    }
}
