//! Those who read too slowly: that an event did not reach them is told once there is room for it. Otherwise they would learn
//! it from the number of the next event, and there may be none for long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socketioxide::SocketIo;

use crate::event::payload;
use crate::sessions::Room;

/// So often it is tried.
const AGAIN: Duration = Duration::from_millis(500);

/// Rooms in which an event did not reach everybody, with the number of the last such event.
#[derive(Default)]
pub(crate) struct Behind(Mutex<BTreeMap<Room, u64>>);

impl Behind {
    /// An event did not reach everybody in a room.
    pub(crate) fn note(self: &Arc<Self>, io: &SocketIo, room: Room, sequence: u64) {
        if self.lock().insert(room, sequence).is_none() {
            tokio::spawn(tell(Arc::clone(self), io.clone(), room));
        }
    }

    /// The number of the last event that did not reach everybody.
    fn missed(&self, room: Room) -> u64 {
        self.lock().get(&room).copied().unwrap_or_default()
    }

    /// Everybody was told a number, or a later one. Whether that is all.
    fn settle(&self, room: Room, told: u64) -> bool {
        let mut rooms = self.lock();
        let is_all = rooms.get(&room).is_none_or(|missed| *missed <= told);
        if is_all {
            rooms.remove(&room);
        }
        is_all
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Room, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody can say who it was, so everybody in the room is told. Whoever has heard of that event need do nothing.
async fn tell(behind: Arc<Behind>, io: SocketIo, room: Room) {
    let here = || {
        let here = io.of(room.namespace).map(|of| of.to(room.name()).sockets());
        here.unwrap_or_default()
    };
    let mut untold = here();
    // What was told to the first of them; others may have been told of later events.
    let mut told = None;
    loop {
        tokio::time::sleep(AGAIN).await;
        let news = payload::Behind {
            session_id: room.session,
            sequence: behind.missed(room),
        };
        untold.retain(|socket| {
            let is_told = socket.emit("behind", &news).is_ok();
            if is_told {
                told.get_or_insert(news.sequence);
            }
            !is_told && socket.connected()
        });
        if untold.is_empty() {
            if behind.settle(room, told.take().unwrap_or(news.sequence)) {
                return;
            }
            untold = here();
        }
    }
}
