//! Why a link ended.

use sync::Bye;
use tokio_tungstenite::tungstenite::{self, error::CapacityError};

/// Why a link ended. It is told to a person, and decides nothing: a link that ended is dialled again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The other side closed it in good order.
    #[error("the other side closed the connection")]
    Closed,
    /// The other side said why it closed.
    #[error("the other side closed the connection: {}", crate::greet::words(.0))]
    Bye(Bye),
    /// This side closed it.
    #[error("this side closed the connection")]
    Ended,
    /// Nothing came for too long: a pulled cable, a sleeping machine.
    #[error("the other side fell silent")]
    Silent,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// What came is no WebSocket of binary messages.
    #[error("the other side breaks the protocol: {0}")]
    Protocol(String),
    /// A message is longer than any may be.
    #[error("the other side sent a message that is too long")]
    TooLong,
    /// Text instead of bytes.
    #[error("the other side sent text instead of binary messages")]
    NotBinary,
}

impl Cause {
    pub(crate) fn of_socket(error: tungstenite::Error) -> Self {
        use tungstenite::{Error, error::ProtocolError};
        match error {
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Closed,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Broken("it was cut".to_owned())
            }
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Self::TooLong,
            Error::Io(error) => Self::Broken(error.to_string()),
            other => Self::Protocol(other.to_string()),
        }
    }

    /// Whether the sender could have known better; it is then named in the log.
    pub fn is_offence(&self) -> bool {
        matches!(self, Self::Protocol(_) | Self::TooLong | Self::NotBinary)
    }
}
