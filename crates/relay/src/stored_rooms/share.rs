//! Bringing rooms to where relays share them.

use std::sync::Arc;

use store::StoreError;
use tokio::sync::oneshot;
use trust::RoomId;

use super::{Shared, StoredRooms, lock};
use crate::{census::unshared, cluster::Run, room_task::Order};

impl StoredRooms {
    /// Brings every room of which not all is there to where relays share rooms, once for each such place; for ever. Without other
    /// relays there is nothing to do.
    pub async fn share(&self) {
        let Some(cluster) = &self.shared.premises.cluster else {
            return std::future::pending().await;
        };
        let mut run = cluster.run();
        loop {
            let now = *run.borrow_and_update();
            tokio::select! {
                () = self.share_all(now), if now.is_some() => {}
                changed = run.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return std::future::pending().await,
                },
            }
            if run.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    async fn share_all(&self, run: Option<Run>) {
        let Some(run) = run else {
            return;
        };
        let store = self.shared.premises.store.clone();
        let census = tokio::task::spawn_blocking(move || unshared(&*store, run)).await;
        let rooms = match census.unwrap_or(Err(StoreError::Closed)) {
            Ok(rooms) => rooms,
            Err(error) => return tracing::error!(%error, "cannot tell which rooms are not shared"),
        };
        let mut shared = 0;
        for room in &rooms {
            shared += usize::from(self.shared.clone().share(*room, run).await);
        }
        tracing::info!(
            shared,
            of = rooms.len(),
            "has shared what was not shared yet"
        );
    }
}

impl Shared {
    /// Has all of a room shared with other relays; false if it is not kept here, or not to be opened.
    async fn share(self: Arc<Self>, id: RoomId, run: Run) -> bool {
        if self.clone().open(id).await.is_err() {
            return false;
        }
        let entry = lock(&self.rooms).get(&id).cloned();
        let Some(entry) = entry else {
            return false;
        };
        let (shared, is_shared) = oneshot::channel();
        if let Some(open) = entry.lock().await.as_ref() {
            open.orders.give(Order::Share(run, shared));
        }
        is_shared.await.is_ok()
    }
}
