//! What is given to somebody who is to join a room.

mod link;

use zeroize::Zeroizing;

use rand_core::CryptoRngCore;

use crate::key::{DeviceKey, SealingKey};

pub use self::link::{
    Invitation, MAX_HINT_BYTES, MAX_HINTS, MAX_LINK_BYTES, NotAnInvitation, SCHEME,
};

/// The secret of an invitation. Whoever has it may join, and reads what is sealed to the invitation.
///
/// Both keys are derived from one seed by BLAKE3 in its mode for deriving keys.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationSecret(Zeroizing<[u8; 32]>);

impl InvitationSecret {
    /// A new secret.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *seed);
        Self(seed)
    }

    /// The secret that was given.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*seed))
    }

    /// What is given to whoever is invited.
    pub fn seed(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that admits a device.
    pub fn key(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.derive("talus-tally v1 invitation, signing"))
    }

    /// The key to which epoch keys are sealed.
    pub fn sealing(&self) -> SealingKey {
        SealingKey::from_bytes(&self.derive("talus-tally v1 invitation, sealing"))
    }

    fn derive(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &*self.0))
    }
}

impl std::fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationSecret")
    }
}
