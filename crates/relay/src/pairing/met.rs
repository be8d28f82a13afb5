//! Two devices that are paired.

use trust::{DeviceId, pairing::Paired, rand_core};
use zeroize::Zeroizing;

use super::{
    Claim, PairingFailure,
    channel::{Channel, MESSAGE_BYTES, Wait},
    message::{Declined, Message},
};

/// The longest that is sent at once; the rest of a message is what sealing adds.
pub const MAX_SEALED_BYTES: usize = MESSAGE_BYTES - 128;

/// The other device, which is the one whose code was typed, or where it was typed. Dropping it cuts the connection.
pub struct Met {
    channel: Channel,
    paired: Paired,
    /// Held until it is over.
    claim: Claim,
}

impl Met {
    pub(super) fn new(channel: Channel, paired: Paired, claim: Claim) -> Self {
        Self {
            channel,
            paired,
            claim,
        }
    }

    /// The other device.
    pub fn device(&self) -> DeviceId {
        self.channel.device()
    }

    /// Sends what nobody else reads, at most [`MAX_SEALED_BYTES`].
    pub fn send(&self, plain: &[u8]) {
        debug_assert!(plain.len() <= MAX_SEALED_BYTES);
        let sealed = self.paired.seal(plain, &mut rand_core::OsRng);
        self.channel.send(&Message::Sealed(sealed.into()));
    }

    /// What the other side sends, if it does so in this time.
    pub async fn receive(&mut self, within_ms: u64) -> Result<Zeroizing<Vec<u8>>, PairingFailure> {
        match self.channel.next(Wait(within_ms)).await? {
            Message::Sealed(sealed) => match self.paired.open(&sealed) {
                Ok(plain) => Ok(Zeroizing::new(plain)),
                Err(_) => Err(PairingFailure::Ended(Declined::Misbehaved)),
            },
            _ => Err(PairingFailure::Ended(Declined::Misbehaved)),
        }
    }

    /// Closes, when the other side has read all or had time to. The next pairing does not wait for that.
    pub async fn end(self) {
        let Self { channel, claim, .. } = self;
        drop(claim);
        channel.end(None).await;
    }
}

impl std::fmt::Debug for Met {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Met({})", self.device())
    }
}
