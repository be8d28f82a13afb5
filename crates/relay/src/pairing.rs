//! Two devices that have not met and pair by a code: rules K1 to K11 of `docs/sync.md`.
//!
//! The one that *asks* has dialled; there the code is typed. The one that is asked has a [`Reception`], by which it shows
//! a code. Both learn by TLS whose key the other one has, and by `trust::pairing` that no other stands in between. Then
//! either may [send](Met::send) the other what nobody else reads.
//!
//! ```text
//! asking                      asked
//! ask()     -- Ask -->        Gate, Reception::receive
//!           <-- Shown --      Guest::meet: the code is shown
//! Asking::meet
//!           -- Guess -->      the code is used up
//!           <-- Answer --
//!           -- Confirm -->
//!           <-- Confirmed --
//! Met       <-- Sealed -->    Met
//! ```
//!
//! - A code is drawn only for who has passed the [`Gate`], and by it one at a time.
//! - Whatever ends a pairing is told to the other side in one word, where there is still a connection.
//! - Absent: what is sealed, and what people see.

mod asking;
mod channel;
mod gate;
mod guest;
mod message;
mod met;
#[cfg(test)]
mod tests;

use std::pin::Pin;

use trust::{DeviceId, pairing::PairingError};

#[cfg(feature = "testing")]
pub(crate) use self::message::{Message, samples};
pub use self::{
    asking::{Asking, Whom, answers, ask},
    gate::{Claim, Gate},
    guest::Guest,
    message::{Declined, MAX_NAME_CHARACTERS},
    met::{MAX_SEALED_BYTES, Met},
};
pub(crate) use self::{channel::Channel, guest::greet};
use crate::{cause::Cause, dial::DialError};

/// Whoever shows codes, and has a person who reads them.
pub trait Reception: Send + Sync + 'static {
    /// Who may ask now.
    fn gate(&self) -> &Gate;

    /// Somebody has passed the gate. The connection is gone with the future.
    fn receive(&self, guest: Guest) -> Receiving<'_>;
}

/// Until a guest is dealt with.
pub type Receiving<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Why two devices are not paired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairingFailure {
    /// None of the addresses led to the machine.
    #[error("not reached: {0:?}")]
    Unreached(Vec<Unreached>),
    /// The other side does not go on.
    #[error("the other side ended it: {0}")]
    Declined(Declined),
    /// This side does not go on, and has said so.
    #[error("ended here: {0}")]
    Ended(Declined),
    /// The other side does not say what is due.
    #[error("the other side fell silent")]
    Silent,
    /// The connection is gone.
    #[error(transparent)]
    Gone(#[from] Cause),
}

/// Why an address did not lead to the machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// Nobody, or nobody who speaks this.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Another machine than the one that was chosen.
    #[error("another machine is there: device {0}")]
    Other(DeviceId),
    /// This very machine.
    #[error("this machine itself is there")]
    Own,
}

impl PairingFailure {
    /// What the other side is told, if it was this side's decision.
    fn last_words(&self) -> Option<Declined> {
        match self {
            Self::Ended(why) => Some(*why),
            Self::Silent => Some(Declined::Misbehaved),
            Self::Gone(cause) if cause.is_offence() => Some(Declined::Misbehaved),
            Self::Unreached(_) | Self::Declined(_) | Self::Gone(_) => None,
        }
    }

    /// Which word ended it, whoever said it.
    pub fn word(&self) -> Option<Declined> {
        match self {
            Self::Declined(why) | Self::Ended(why) => Some(*why),
            Self::Unreached(_) | Self::Silent | Self::Gone(_) => None,
        }
    }
}

impl From<PairingError> for PairingFailure {
    fn from(error: PairingError) -> Self {
        Self::Ended(match error {
            PairingError::Expired => Declined::Expired,
            PairingError::WrongCode => Declined::WrongCode,
            PairingError::Damaged => Declined::Misbehaved,
        })
    }
}
