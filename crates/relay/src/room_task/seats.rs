//! Who is in a room, and what is about to be sent to whom.

use std::collections::BTreeMap;

use bytes::Bytes;
use sync::{ByeCode, LinkError, LinkId};
use trust::{DeviceId, RoomId};

use super::orders::Seated;
use crate::{cause::Cause, greet, link::LinkDoor, offences::Offence};

/// The doors of a room's links. Messages are gathered and leave together, one system call for all of a link.
#[derive(Default)]
pub(super) struct Seats {
    seats: BTreeMap<LinkId, Seat>,
    /// Those that may be in a closed room only.
    foreign: Vec<LinkId>,
    /// Those with something to send, each once.
    busy: Vec<LinkId>,
}

struct Seat {
    device: DeviceId,
    door: LinkDoor,
    queue: Vec<Bytes>,
    /// Nothing that comes from it is looked at any more.
    is_barred: bool,
}

impl Seat {
    fn bar(&mut self, last: Bytes) {
        self.queue.clear();
        self.is_barred = true;
        self.door.end(Some(last));
    }
}

impl Seats {
    pub(super) fn add(&mut self, link: LinkId, device: DeviceId, door: LinkDoor, is_near: bool) {
        if !is_near {
            self.foreign.push(link);
        }
        let queue = Vec::new();
        self.seats.insert(
            link,
            Seat {
                device,
                door,
                queue,
                is_barred: false,
            },
        );
    }

    /// A link is down; returns what it did if that was why, and its sender could have known.
    pub(super) fn remove(&mut self, link: LinkId, cause: &Cause, room: RoomId) -> Option<Offence> {
        let seat = self.seats.remove(&link)?;
        self.foreign.retain(|it| *it != link);
        cause.is_offence().then(|| Offence {
            room,
            device: seat.device,
            remote: seat.door.remote(),
            what: cause.to_string(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Has it sent by the next [`send`](Self::send). A link that is down gets nothing.
    pub(super) fn queue(&mut self, link: LinkId, message: Bytes) {
        if let Some(seat) = self.seats.get_mut(&link) {
            if seat.queue.is_empty() {
                self.busy.push(link);
            }
            seat.queue.push(message);
        }
    }

    /// Sends all that is queued; returns how many bytes have left at once, by link.
    pub(super) fn send(&mut self) -> Vec<(LinkId, usize)> {
        let mut sent = Vec::with_capacity(self.busy.len());
        for link in self.busy.drain(..) {
            let Some(seat) = self.seats.get_mut(&link) else {
                continue;
            };
            let sent_bytes = seat.door.send(seat.queue.drain(..));
            if seat.queue.capacity() > 16 {
                seat.queue = Vec::new();
            }
            if sent_bytes > 0 {
                sent.push((link, sent_bytes));
            }
        }
        sent
    }

    /// What a device did that cost it no link: an attachment's name on something else.
    pub(super) fn offence(&self, device: DeviceId, room: RoomId) -> Option<Offence> {
        let seat = self.seats.values().find(|seat| seat.device == device)?;
        Some(Offence {
            room,
            device,
            remote: seat.door.remote(),
            what: "an attachment that is not what its name says".to_owned(),
        })
    }

    /// Whether its link was ended because of what the room is.
    pub(super) fn is_barred(&self, link: LinkId) -> bool {
        self.seats.get(&link).is_some_and(|seat| seat.is_barred)
    }

    /// The room is open: ends the links of those who may not be in one. Nothing that is queued for them is sent.
    pub(super) fn end_foreign(&mut self) {
        for link in self.foreign.drain(..) {
            if let Some(seat) = self.seats.get_mut(&link) {
                seat.bar(greet::bye(ByeCode::NotPermitted));
            }
        }
    }

    /// Who is here and from where; nobody who has been sent away.
    pub(super) fn list(&self) -> Vec<Seated> {
        let seats = self.seats.values().filter(|seat| !seat.is_barred);
        let seated = seats.map(|seat| Seated {
            device: seat.device,
            remote: seat.door.remote(),
        });
        seated.collect()
    }

    /// Ends all links of a device; says how many there were.
    pub(super) fn kick(&mut self, device: DeviceId, why: &str) -> usize {
        let seats = self.seats.values_mut();
        let theirs = seats.filter(|it| !it.is_barred && it.device == device);
        theirs
            .map(|seat| seat.bar(greet::bye_because(ByeCode::Busy, why.to_owned())))
            .count()
    }

    /// There is no space for what a link brings: ends it, and looks at nothing more of it.
    pub(super) fn bar(&mut self, link: LinkId, why: &str) {
        if let Some(seat) = self.seats.get_mut(&link) {
            seat.bar(greet::bye_because(ByeCode::Busy, why.to_owned()));
        }
    }

    /// The room is not kept here: ends all links, each with its reason, and says how many there were. Nothing that is queued for them
    /// is sent.
    pub(super) fn end_all(&mut self, why: impl Fn(&DeviceId) -> String) -> usize {
        let seats = self.seats.values_mut().filter(|it| !it.is_barred);
        seats
            .map(|seat| {
                let why = why(&seat.device);
                seat.bar(greet::bye_because(ByeCode::NotPermitted, why));
            })
            .count()
    }

    /// Ends a link with a word; returns what it did if its sender could have known.
    pub(super) fn expel(
        &mut self,
        link: LinkId,
        error: LinkError,
        room: RoomId,
    ) -> Option<Offence> {
        let seat = self.seats.get(&link)?;
        let code = match error {
            LinkError::Bye(_) => {
                seat.door.end(None);
                return None;
            }
            LinkError::NotPermitted { .. } => ByeCode::NotPermitted,
            _ => ByeCode::Misbehaved,
        };
        seat.door.end(Some(greet::bye(code)));
        Some(Offence {
            room,
            device: seat.device,
            remote: seat.door.remote(),
            what: error.to_string(),
        })
    }
}
