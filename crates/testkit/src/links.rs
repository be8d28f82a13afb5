//! Relays and members of rooms on real sockets, each on a port of its own.
//!
//! Nothing here waits for time to pass. A test waits for what it expects, and fails if that has not come after
//! [`PATIENCE`].

mod attachment;
mod member;
mod proxy;
mod raw;
mod sealed;
mod site;

use std::time::Duration;

pub use self::{
    attachment::Attachment,
    member::{Member, View},
    proxy::Proxy,
    raw::{Piece, Raw},
    site::Site,
};

/// Longer than anything takes on a machine that is busy with everything else.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for what is expected.
pub async fn soon<T>(what: &str, expected: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, expected).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not after {PATIENCE:?}"),
    }
}

/// A room nobody else has.
pub fn room(owner: u8) -> trust::Membership {
    trust::Membership::begin(&trust::Genesis::new([owner; 32], [7; 32]))
}

/// The same, owned by the device of the key of this number.
pub fn room_of(number: u8) -> trust::Membership {
    trust::Membership::begin(&trust::Genesis::new(key(number).public().0, [7; 32]))
}

/// The key of the device of this number, where devices prove who they are.
pub fn key(number: u8) -> trust::key::DeviceKey {
    trust::key::DeviceKey::from_seed(&[number; 32])
}

/// Limits under which silence is noticed within a test.
pub fn impatient() -> relay::Limits {
    relay::Limits {
        timing: relay::Timing {
            greet_ms: 2_000,
            ping_ms: 200,
            dead_ms: 2_000,
            proof_ms: 1_000,
            drain_ms: 2_000,
        },
        ..relay::Limits::default()
    }
}
