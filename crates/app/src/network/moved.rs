//! Noticing that this machine is somewhere else: another address, another network, a cable that is out or back, a sleep.

use std::sync::Weak;
use std::time::Duration;

use relay::SleepWatch;
use tokio::time::{MissedTickBehavior, interval};

use super::entered::OpenRooms;

/// Time between two looks.
const BEAT: Duration = Duration::from_secs(2);

/// Has every link prove itself and every address tried at once whenever the addresses of this machine differ, or it slept. A
/// link from an address that is gone would otherwise be trusted until its silence is noticed.
pub(super) async fn watch(rooms: Weak<OpenRooms>) {
    let mut known = discovery::interfaces();
    let mut sleep = SleepWatch::begin();
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        let Ok(present) = tokio::task::spawn_blocking(discovery::interfaces).await else {
            return;
        };
        let Some(rooms) = rooms.upgrade() else {
            return;
        };
        if sleep.has_slept() | (present != known) {
            known = present;
            rooms.kick_all();
        }
    }
}
