//! Rooms that nobody visits are removed after a time.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use relay::StoredRooms;
use tokio::{sync::watch, time};

use crate::{
    audit::{self, Deed},
    config::Retention,
};

/// Between two looks at most; a room may stay so much longer.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Between two looks at least.
const SHORTEST: Duration = Duration::from_millis(500);

/// Removes what nobody has visited for so long as is configured, for ever.
pub async fn follow(
    rooms: Arc<StoredRooms>,
    dir: &Path,
    mut configured: watch::Receiver<Retention>,
) {
    loop {
        let retention = *configured.borrow_and_update();
        let pause = match retention {
            Retention::Never => LONGEST,
            Retention::After(length) => {
                expire(&rooms, dir, length).await;
                (length / 10).clamp(SHORTEST, LONGEST)
            }
        };
        // Whoever configures may be gone; what holds then holds.
        let _ = time::timeout(pause, configured.changed()).await;
    }
}

async fn expire(rooms: &StoredRooms, dir: &Path, length: Duration) {
    let length_ms = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let before_ms = Timestamp::now().as_millisecond().saturating_sub(length_ms);
    match rooms.expire(u64::try_from(before_ms).unwrap_or(0)).await {
        Ok(expired) => {
            for room in expired {
                audit::note(
                    dir,
                    Deed::RoomExpired {
                        room: &room.to_string(),
                    },
                );
                tracing::info!(%room, "removed: nobody has visited it for as long as rooms are kept");
            }
        }
        Err(error) => tracing::error!(%error, "cannot remove rooms that nobody visits"),
    }
}
