//! Who broke the rules lately.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use trust::{DeviceId, RoomId};

/// So many are remembered; a relay that is attacked remembers the latest.
const REMEMBERED: usize = 256;

/// Something that its sender could have known to be wrong. Mostly it has cost the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence {
    /// In which room.
    pub room: RoomId,
    /// Who it said to be.
    pub device: DeviceId,
    /// Where it came from.
    pub remote: SocketAddr,
    /// What it did.
    pub what: String,
}

/// The latest offences in all rooms of one relay, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Offences(Arc<Mutex<VecDeque<Offence>>>);

impl Offences {
    /// All that are remembered.
    pub fn list(&self) -> Vec<Offence> {
        let offences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offences.iter().cloned().collect()
    }

    pub(crate) fn note(&self, offence: Offence) {
        tracing::warn!(
            room = %offence.room,
            device = %offence.device,
            remote = %offence.remote,
            what = %offence.what,
            "offence"
        );
        let mut offences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if offences.len() == REMEMBERED {
            offences.pop_front();
        }
        offences.push_back(offence);
    }
}
