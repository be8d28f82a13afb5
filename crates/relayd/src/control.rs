//! What an admin asks of a relay: how it stands, what it keeps, who is there, and to part with something.
//!
//! A relay that runs answers at a socket in its data directory, which only its user and root can reach. What needs no relay that
//! runs is answered from the data directory itself.

mod command;
mod order;
#[cfg(unix)]
mod socket;
pub mod words;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Instant, SystemTime},
};

use relay::{OpenRoom, StoredRoom, StoredRooms, remove_stored, stored_rooms};
use store::{State, Store, StoreError};
use tokio::{sync::Notify, task::spawn_blocking};
use trust::{DeviceId, RoomId};

use self::order::Refusal;
pub use self::{
    command::{Control, Rooms, Shown, ask, command, rooms, unexpected},
    order::{Answer, Id, Order, ShownCertificate, ShownDevice, ShownRoom, ShownStatus},
};
use crate::{
    admin::Door,
    audit::{self, Deed},
    tls::PageCertificate,
};

/// Takes commands until it is dropped, where the system has a place for that.
pub struct Commands {
    #[cfg(unix)]
    socket: Option<socket::Socket>,
    #[cfg(unix)]
    desk: Arc<Desk>,
}

impl Commands {
    /// For the relay of this data directory.
    pub fn take(dir: &Path, desk: Arc<Desk>) -> Self {
        #[cfg(unix)]
        return Self {
            socket: socket::Socket::bind(dir),
            desk,
        };
        #[cfg(not(unix))]
        {
            let _ = (dir, desk);
            Self {}
        }
    }

    /// Does what is asked for, for ever.
    pub async fn obey(&self) {
        #[cfg(unix)]
        if let Some(socket) = &self.socket {
            socket::serve(socket, &self.desk).await;
        }
        std::future::pending().await
    }
}

/// A relay that runs.
pub struct Desk {
    pub dir: PathBuf,
    pub rooms: Arc<StoredRooms>,
    pub store: Arc<dyn Store>,
    pub device: DeviceId,
    pub listen: String,
    pub operations: Option<String>,
    /// The page for admins, if there is one.
    pub admin: Option<Door>,
    /// How others reach it, if it listens where that can be said.
    pub address: Option<String>,
    /// What the page for admins and the one for those who watch have, if they have one.
    pub certificate: Option<PageCertificate>,
    pub begun: (SystemTime, Instant),
    /// Told once the relay is to end.
    pub ending: Arc<Notify>,
}

impl Desk {
    /// Does what it is told.
    pub async fn obey(&self, order: Order) -> Answer {
        match order {
            Order::Status => match self.status().await {
                Ok(status) => Answer::Status(Box::new(status)),
                Err(error) => Answer::Refused(Refusal::of(&error)),
            },
            Order::Rooms => {
                let open = self.rooms.look().await;
                match self.on_disk(stored_rooms).await {
                    Ok(stored) => Answer::Rooms(shown_rooms(stored, &open)),
                    Err(error) => Answer::Refused(Refusal::of(&error)),
                }
            }
            Order::Devices => Answer::Devices(shown_devices(&self.rooms.look().await)),
            Order::Remove(room) => match self.rooms.remove(RoomId(*room.bytes())).await {
                Ok(is_removed) => {
                    tracing::info!(%room, is_removed, "an admin removes a room");
                    if is_removed {
                        self.note(Deed::RoomRemoved {
                            room: &room.to_string(),
                        });
                    }
                    Answer::Removed(is_removed)
                }
                Err(error) => Answer::Refused(Refusal::of(&error)),
            },
            Order::Kick(device) => {
                let ended = self.rooms.kick(DeviceId(*device.bytes())).await;
                tracing::info!(%device, ended, "an admin ends the links of a device");
                let (device, links) = (&device.to_string(), ended);
                self.note(Deed::DeviceKicked { device, links });
                Answer::Kicked(ended)
            }
            Order::AdminLink => match self.admin.as_ref().map(Door::link).transpose() {
                Ok(link) => {
                    if link.is_some() {
                        self.note(Deed::AdminLinkGiven);
                    }
                    Answer::AdminLink(link)
                }
                Err(error) => Answer::Refused(Refusal {
                    code: "DEFECT".to_owned(),
                    message: format!("{error:#}"),
                }),
            },
            Order::Drain => {
                tracing::info!("an admin ends the relay");
                self.note(Deed::Drained);
                self.ending.notify_one();
                Answer::Draining
            }
        }
    }

    fn note(&self, deed: Deed<'_>) {
        audit::note(&self.dir, deed);
    }

    async fn status(&self) -> Result<ShownStatus, StoreError> {
        let stored = self.on_disk(|store| store.rooms().list()).await?;
        let counted = self.rooms.metrics().counted();
        let (since, begun) = self.begun;
        Ok(ShownStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: self.device.to_string(),
            process: std::process::id(),
            listen: self.listen.clone(),
            operations: self.operations.clone(),
            admin: self.admin.as_ref().map(|it| it.listen().to_owned()),
            certificate: self.certificate.as_ref().map(ShownCertificate::of),
            since: jiff::Timestamp::try_from(since).ok(),
            uptime_s: begun.elapsed().as_secs(),
            store: match self.store.state() {
                State::Ok => "ok".to_owned(),
                State::Full => "the disk is full".to_owned(),
                State::ReadOnly => "the disk is read-only".to_owned(),
                State::Failed(why) => why,
            },
            connections: counted.connections.0,
            links: counted.links.0,
            rooms_open: self.rooms.len(),
            rooms_stored: stored.len(),
        })
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        let done = spawn_blocking(move || work(&*store)).await;
        done.unwrap_or(Err(StoreError::Closed))
    }
}

/// What can be answered where no relay runs; nothing for the rest.
pub fn obey_alone(store: &dyn Store, order: &Order) -> Option<Result<Answer, StoreError>> {
    match order {
        Order::Rooms => {
            let shown = |stored| Answer::Rooms(shown_rooms(stored, &BTreeMap::new()));
            Some(stored_rooms(store).map(shown))
        }
        Order::Remove(room) => {
            Some(remove_stored(store, RoomId(*room.bytes())).map(Answer::Removed))
        }
        Order::Status | Order::Devices | Order::Kick(_) | Order::AdminLink | Order::Drain => None,
    }
}

fn shown_rooms(stored: Vec<StoredRoom>, open: &BTreeMap<RoomId, OpenRoom>) -> Vec<ShownRoom> {
    let shown = stored.into_iter().map(|room| {
        let here = open.get(&room.room);
        let visited = room.visited_ms.and_then(|it| i64::try_from(it).ok());
        let links = here.map_or(0, |it| it.seated.len());
        ShownRoom {
            room: room.room.to_string(),
            bytes: room.bytes(),
            log_bytes: room.log_bytes,
            attachment_bytes: room.blob_bytes,
            owners: room.owners.iter().map(DeviceId::to_string).collect(),
            members: room.members,
            writers: room.writers,
            links,
            visited: match links {
                0 => visited.and_then(|it| jiff::Timestamp::from_millisecond(it).ok()),
                _ => Some(jiff::Timestamp::now()),
            },
        }
    });
    shown.collect()
}

fn shown_devices(open: &BTreeMap<RoomId, OpenRoom>) -> Vec<ShownDevice> {
    let mut devices: BTreeMap<DeviceId, ShownDevice> = BTreeMap::new();
    for (room, here) in open {
        for seated in &here.seated {
            let shown = devices.entry(seated.device).or_insert_with(|| ShownDevice {
                device: seated.device.to_string(),
                ..ShownDevice::default()
            });
            shown.links += 1;
            shown.addresses.insert(seated.remote.ip().to_string());
            shown.rooms.insert(room.to_string());
        }
    }
    devices.into_values().collect()
}
