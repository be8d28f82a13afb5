//! Two devices that somebody has before her: a code of six digits is shown on one and typed on the other.
//!
//! SPAKE2 (Abdalla and Pointcheval, "Simple password-based encrypted key exchange protocols", 2005; the group and the hash
//! are those of the `spake2` crate) makes a strong key of the code: who listens or stands in between can try one code for
//! each exchange, and nothing afterwards. As identities both sides bind what each is and the device id that it sees of the
//! other on the link, so that one in between with keys of his own has another key, even with the right code.
//!
//! ```text
//! typing side                          showing side
//!                                      Showing::begin        the code is shown
//! Typing::begin      -- message -->    Showing::answer       the code is used up, whatever comes
//! Typing::confirm    <-- message --
//!                    -- confirmation --> Answered::finish    or nothing more is sent
//! Confirming::finish <-- confirmation --
//! ```
//!
//! - Each step takes the state and gives the next: there is no second guess at a code. The showing side confirms only to
//!   who has confirmed.
//! - A code lives for [`CODE_LIFE_MS`]. [`Pace`] keeps codes apart, so that guessing on takes years.
//! - Both sides end with the same [`Paired`], which seals what is delivered, each direction under a key of its own.

mod code;
mod pace;

use std::fmt;

use rand_core::CryptoRngCore;
use spake2::{Ed25519Group, Identity, Password, Spake2};
use zeroize::Zeroizing;

use crate::DeviceId;
use crate::seal::{DoesNotOpen, EpochKey, Use};

pub use self::{
    code::{Code, NotACode},
    pace::{Pace, TooSoon},
};

/// A code is good for two minutes: long enough to walk to the other machine.
pub const CODE_LIFE_MS: u64 = 2 * 60 * 1000;

/// Bytes of a confirmation.
pub const CONFIRMATION_BYTES: usize = 32;

/// Why two devices are not paired.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PairingError {
    /// The code has been there too long.
    #[error("the code has expired")]
    Expired,
    /// The other side has another code, or somebody stands in between.
    #[error("the code is wrong")]
    WrongCode,
    /// What came is no message of a pairing.
    #[error("not a message of a pairing")]
    Damaged,
}

/// A code is shown and waits for the other side.
pub struct Showing {
    code: Code,
    own: DeviceId,
    until_ms: u64,
}

/// The other side's guess has been answered and waits for its confirmation.
pub struct Answered(Waiting);

/// A code was typed and waits for the answer.
pub struct Typing {
    exchange: Spake2<Ed25519Group>,
    until_ms: u64,
}

/// The answer was confirmed and waits for the confirmation of the showing side.
pub struct Confirming(Waiting);

struct Waiting {
    key: Zeroizing<[u8; 32]>,
    until_ms: u64,
}

/// Two devices that know that each is the other's.
pub struct Paired {
    own: EpochKey,
    others: EpochKey,
}

impl Showing {
    /// Draws a code.
    pub fn begin(own: DeviceId, now_ms: u64, random: &mut impl CryptoRngCore) -> Self {
        Self {
            code: Code::generate(random),
            own,
            until_ms: now_ms.saturating_add(CODE_LIFE_MS),
        }
    }

    /// What is shown.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// From then on the code is good for nothing, in ms.
    pub fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// Answers a guess. `peer` is the device that the link has authenticated.
    pub fn answer(
        self,
        peer: DeviceId,
        message: &[u8],
        now_ms: u64,
        random: &mut impl CryptoRngCore,
    ) -> Result<(Answered, Vec<u8>), PairingError> {
        in_time(now_ms, self.until_ms)?;
        let (typing, showing) = identities(peer, self.own);
        let password = password(&self.code);
        let (exchange, answer) = Spake2::start_b_with_rng(&password, &typing, &showing, random);
        let waiting = Waiting::new(exchange, message, self.until_ms)?;
        Ok((Answered(waiting), answer))
    }
}

impl Answered {
    /// Checks the other side's confirmation. Only if it is right there is one to send.
    pub fn finish(
        self,
        confirmation: &[u8],
        now_ms: u64,
    ) -> Result<(Paired, [u8; CONFIRMATION_BYTES]), PairingError> {
        self.0.check(TYPING_CONFIRMS, confirmation, now_ms)?;
        let paired = Paired {
            own: self.0.direction(TO_TYPING),
            others: self.0.direction(TO_SHOWING),
        };
        Ok((paired, *self.0.derive(SHOWING_CONFIRMS)))
    }
}

impl Typing {
    /// Begins with what was typed. `peer` is the device that the link has authenticated.
    pub fn begin(
        code: &Code,
        own: DeviceId,
        peer: DeviceId,
        now_ms: u64,
        random: &mut impl CryptoRngCore,
    ) -> (Self, Vec<u8>) {
        let (typing, showing) = identities(own, peer);
        let password = password(code);
        let (exchange, message) = Spake2::start_a_with_rng(&password, &typing, &showing, random);
        let until_ms = now_ms.saturating_add(CODE_LIFE_MS);
        (Self { exchange, until_ms }, message)
    }

    /// Takes the answer and gives the confirmation to send.
    pub fn confirm(
        self,
        message: &[u8],
        now_ms: u64,
    ) -> Result<(Confirming, [u8; CONFIRMATION_BYTES]), PairingError> {
        in_time(now_ms, self.until_ms)?;
        let waiting = Waiting::new(self.exchange, message, self.until_ms)?;
        let confirmation = *waiting.derive(TYPING_CONFIRMS);
        Ok((Confirming(waiting), confirmation))
    }
}

impl Confirming {
    /// Checks the other side's confirmation. The link ending here means that the code was wrong.
    pub fn finish(self, confirmation: &[u8], now_ms: u64) -> Result<Paired, PairingError> {
        self.0.check(SHOWING_CONFIRMS, confirmation, now_ms)?;
        Ok(Paired {
            own: self.0.direction(TO_SHOWING),
            others: self.0.direction(TO_TYPING),
        })
    }
}

impl Paired {
    /// Seals what is for the other side: an invitation, or what it needs to be added.
    pub fn seal(&self, plain: &[u8], random: &mut impl CryptoRngCore) -> Vec<u8> {
        self.own.seal(Use::Delivery, b"", plain, random)
    }

    /// Opens what the other side has sealed.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        self.others.open(Use::Delivery, b"", sealed)
    }
}

const TYPING_CONFIRMS: &str = "talus-tally v1 pairing, the typing side confirms";
const SHOWING_CONFIRMS: &str = "talus-tally v1 pairing, the showing side confirms";
const TO_TYPING: &str = "talus-tally v1 pairing, to the typing side";
const TO_SHOWING: &str = "talus-tally v1 pairing, to the showing side";

impl Waiting {
    fn new(
        exchange: Spake2<Ed25519Group>,
        message: &[u8],
        until_ms: u64,
    ) -> Result<Self, PairingError> {
        let key = Zeroizing::new(
            exchange
                .finish(message)
                .map_err(|_| PairingError::Damaged)?,
        );
        let key = Zeroizing::new(blake3::derive_key("talus-tally v1 pairing", &key));
        Ok(Self { key, until_ms })
    }

    fn check(&self, who: &str, confirmation: &[u8], now_ms: u64) -> Result<(), PairingError> {
        in_time(now_ms, self.until_ms)?;
        let confirmation: [u8; CONFIRMATION_BYTES] =
            confirmation.try_into().map_err(|_| PairingError::Damaged)?;
        // Hashes are compared in constant time.
        if blake3::Hash::from_bytes(*self.derive(who)) == blake3::Hash::from_bytes(confirmation) {
            Ok(())
        } else {
            Err(PairingError::WrongCode)
        }
    }

    fn direction(&self, to: &str) -> EpochKey {
        EpochKey::from_bytes(&self.derive(to))
    }

    fn derive(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &*self.key))
    }
}

fn in_time(now_ms: u64, until_ms: u64) -> Result<(), PairingError> {
    match now_ms < until_ms {
        true => Ok(()),
        false => Err(PairingError::Expired),
    }
}

fn password(code: &Code) -> Password {
    Password::new(code.to_string())
}

fn identities(typing: DeviceId, showing: DeviceId) -> (Identity, Identity) {
    let identity = |what: &[u8], device: DeviceId| Identity::new(&[what, &device.0].concat());
    (
        identity(b"talus-tally v1 pairing, types\0", typing),
        identity(b"talus-tally v1 pairing, shows\0", showing),
    )
}

/// Shows only which step it is.
macro_rules! debug_without_secrets {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

debug_without_secrets!(Showing Answered Typing Confirming Paired);

#[cfg(test)]
mod tests;
