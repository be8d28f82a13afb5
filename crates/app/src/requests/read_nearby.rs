//! The machines of the local network that one can pair with.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tasks that knock end with their set"
)]

use discovery::DevicePrefix;
use tokio::task::JoinSet;
use trust::DeviceId;
use trust::key::words_of;

use crate::app::Inner;
use crate::failure::Failure;
use crate::pairing::{Nearby, NearbyMachine};
use crate::reply::Reply;
use crate::settings::DiscoveryChoice;
use crate::world::locked;

/// Longer than a machine of the local network takes to accept a connection.
const KNOCK_MS: u64 = 800;

/// Those that announce themselves; each is knocked at.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    let network = app.network()?;
    let mut knocks = JoinSet::new();
    for (name, machine) in network.nearby() {
        knocks.spawn(async move {
            let address = machine.address();
            NearbyMachine {
                machine: name,
                words: words(machine.device),
                address,
                answers: relay::answers(machine.addresses, KNOCK_MS).await,
            }
        });
    }
    let mut machines = knocks.join_all().await;
    machines.sort_by(|one, other| (&one.words, &one.machine).cmp(&(&other.words, &other.machine)));
    let is_wanted = locked(&app.settings).discovery != DiscoveryChoice::Off;
    Ok(Reply::Nearby(Nearby {
        words: words_of(&app.installation.device()),
        is_findable: network.may_discover() && is_wanted,
        machines,
    }))
}

/// The words for a device of which only the beginning of its id is known; they tell no more.
pub(super) fn words(prefix: DevicePrefix) -> String {
    let mut device = [0; 32];
    device[..8].copy_from_slice(&prefix.bytes());
    words_of(&DeviceId(device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_what_is_announced_are_those_of_the_device() {
        let device = DeviceId(std::array::from_fn(|i| (i * 37) as u8));
        let prefix = DevicePrefix::of(&device.0).unwrap();
        assert_eq!(words(prefix), words_of(&device));
    }
}
