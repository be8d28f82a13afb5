//! What is called how in Redis.

use trust::RoomId;

/// The random name of what is kept.
pub const RUN: &str = "tally:run";

/// What all relays know beside the rooms: a hash.
pub const TABLE: &str = "tally:table";

/// How often that was written.
pub const TABLE_AGE: &str = "tally:table:age";

/// The stream of a room: its entries have one field, `m`, whose value is a message of the protocol.
pub fn log(room: &RoomId) -> String {
    format!("tally:log:{room}")
}

/// The channel of a room.
pub fn channel(room: &RoomId) -> String {
    format!("tally:room:{room}")
}

/// What is said on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// There is more in the stream.
    More,
    /// A relay has opened the room, and knows no signal yet.
    Hello,
    /// A signal, as it travels.
    Signal(&'a [u8]),
    /// About an attachment, as it travels; for this relay alone, or for all.
    Lend(Option<Node>, &'a [u8]),
}

/// Which relay it is, drawn at its start: what it said itself is not for it.
pub type Node = [u8; 8];

impl<'a> Call<'a> {
    pub fn encode(&self, node: &Node) -> Vec<u8> {
        let (kind, to, content): (u8, &[u8], &[u8]) = match self {
            Self::More => (b'm', &[], &[]),
            Self::Hello => (b'h', &[], &[]),
            Self::Signal(signal) => (b's', &[], signal),
            Self::Lend(None, message) => (b'a', &[], message),
            Self::Lend(Some(to), message) => (b'o', to, message),
        };
        [node.as_slice(), &[kind], to, content].concat()
    }

    /// What another relay says, and which; nothing if it is one's own, for somebody else, or makes no sense.
    pub fn decode(bytes: &'a [u8], own: &Node) -> Option<(Node, Self)> {
        let (node, rest) = bytes.split_first_chunk::<8>()?;
        if node == own {
            return None;
        }
        let call = match rest.split_first()? {
            (b'm', _) => Self::More,
            (b'h', _) => Self::Hello,
            (b's', signal) => Self::Signal(signal),
            (b'a', message) => Self::Lend(None, message),
            (b'o', rest) => {
                let (to, message) = rest.split_first_chunk::<8>()?;
                (to == own).then_some(Self::Lend(Some(*to), message))?
            }
            _ => return None,
        };
        Some((*node, call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Node = [1; 8];
    const OTHER: Node = [2; 8];

    #[test]
    fn what_one_relay_calls_others_hear_and_it_does_not() {
        let calls = [
            Call::More,
            Call::Hello,
            Call::Signal(b"presence"),
            Call::Lend(None, b"wish"),
            Call::Lend(Some(OTHER), b"piece"),
        ];
        for call in calls {
            let bytes = call.encode(&ONE);
            assert_eq!(Call::decode(&bytes, &OTHER), Some((ONE, call)));
            assert_eq!(Call::decode(&bytes, &ONE), None);
        }
        for nonsense in [&b""[..], b"short", b"12345678", b"12345678x", b"12345678o1"] {
            assert_eq!(Call::decode(nonsense, &OTHER), None);
        }
    }

    #[test]
    fn what_is_for_one_relay_no_other_hears() {
        let bytes = Call::Lend(Some(OTHER), b"piece").encode(&ONE);
        assert_eq!(Call::decode(&bytes, &[3; 8]), None);
    }
}
