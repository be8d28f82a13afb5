//! What is known of one link.

use trust::DeviceId;

use super::{owed::Owed, table::Table};
use crate::{BlobName, LinkId, LogRange, StreamId, Time, Vector};

/// Who is on the other side of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Its device.
    pub device: DeviceId,
    /// Who began.
    pub side: Side,
    /// The version of the protocol that both speak.
    pub protocol: u32,
}

/// Who began a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// We dialled the other.
    Dialled,
    /// The other dialled us.
    Accepted,
}

/// How far a link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It is not known yet what the peer holds.
    Opening,
    /// The peer lacks frames, and they are on their way.
    CatchingUp,
    /// The peer lacks frames; what is on its way to it must leave first, or the log does not have them.
    Behind,
    /// The peer holds, or is being sent, all that is held here.
    Live,
}

/// A link as others see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerView {
    /// The link.
    pub link: LinkId,
    /// Who is there.
    pub peer: Peer,
    /// How far it is.
    pub phase: Phase,
    /// What the peer holds or is being sent.
    pub holds: Vector,
    /// What the peer has durably, of what it got on this link.
    pub acknowledged: Vector,
    /// What was given to the shell for it and not reported as sent.
    pub in_flight_bytes: usize,
}

pub struct Link {
    pub id: LinkId,
    pub peer: Peer,
    /// One for each row of the table.
    pub slots: Vec<Slot>,
    pub in_flight_bytes: usize,
    pub has_members: bool,
    /// It may have what is in the room, and was told what that is.
    pub is_let_in: bool,
    /// It was at the door before it was let in; what it said meanwhile was not looked at.
    pub has_waited: bool,
    /// How often it has sent the log before it was let in.
    pub knocks: u32,
    /// The peer has said what it holds.
    pub has_vector: bool,
    /// It lacks something that was not sent to it directly.
    pub is_behind: bool,
    /// What a read of the log that is under way for it will bring.
    pub replaying: Option<Vec<LogRange>>,
    /// Of [`Recent`](super::catch_up::Recent), what it has not been offered yet.
    pub next_recent: u64,
    /// The snapshots with which the peer's log begins.
    pub offers: Vec<(StreamId, u64)>,
    /// Snapshots of our base that were sent in place of what they count.
    pub given_snapshots: Vec<(StreamId, u64)>,
    /// The devices from here on are to be told of: it was passed over with a signal.
    pub next_signal: Option<DeviceId>,
    /// What it asked for and was told not to be here.
    pub denied_blobs: Vec<BlobName>,
    /// Pieces that it waits for.
    pub owed: Owed,
    /// Pieces that we wait for: of which blob, and where they begin.
    pub due_pieces: Vec<(BlobName, u64)>,
    /// When the next acknowledgement may go; none if there is nothing to say.
    pub ack_due: Option<Time>,
    pub last_ack: Option<Time>,
    /// When our vector is sent again.
    pub vector_due: Option<Time>,
    pub last_vector: Option<Time>,
}

/// What is known of one stream on one link.
#[derive(Clone, Copy, Default)]
pub struct Slot {
    /// The peer holds these, or they are on their way to it.
    pub theirs: u64,
    /// The peer has these durably.
    pub acked: u64,
    /// The peer gave us these.
    pub given: u64,
    /// What we have acknowledged of them.
    pub told: u64,
    /// Our log does not have what the peer lacks of it.
    pub is_missing: bool,
}

/// All devices are to be told of.
const FIRST_SIGNAL: Option<DeviceId> = Some(DeviceId([0; 32]));

impl Link {
    pub fn new(id: LinkId, peer: Peer, streams: usize) -> Self {
        Self {
            id,
            peer,
            slots: vec![Slot::default(); streams],
            in_flight_bytes: 0,
            has_members: false,
            is_let_in: false,
            has_waited: false,
            knocks: 0,
            has_vector: false,
            is_behind: false,
            replaying: None,
            next_recent: 0,
            offers: Vec::new(),
            given_snapshots: Vec::new(),
            next_signal: FIRST_SIGNAL,
            denied_blobs: Vec::new(),
            owed: Owed::default(),
            due_pieces: Vec::new(),
            ack_due: None,
            last_ack: None,
            vector_due: None,
            last_vector: None,
        }
    }

    /// It is told again who is here.
    pub fn hear_all_signals(&mut self) {
        self.next_signal = FIRST_SIGNAL;
    }

    /// Whether a message may go to the shell now. One message may exceed the budget, so that it can be of any size.
    pub fn has_room_for(&self, bytes: usize, budget: usize) -> bool {
        self.in_flight_bytes + bytes <= budget || self.has_drained(budget)
    }

    /// Whether so little is on its way that more may be read from the log.
    pub fn has_drained(&self, budget: usize) -> bool {
        self.in_flight_bytes <= budget / 2
    }

    pub fn view(&self, table: &Table) -> PeerView {
        let column = |number: fn(&Slot) -> u64| {
            let rows = table.iter().zip(&self.slots);
            let numbers = rows.map(|(row, slot)| (row.stream, number(slot)));
            numbers
                .filter(|(_, number)| *number > 0)
                .collect::<Vector>()
        };
        PeerView {
            link: self.id,
            peer: self.peer,
            phase: self.phase(),
            holds: column(|slot| slot.theirs),
            acknowledged: column(|slot| slot.acked),
            in_flight_bytes: self.in_flight_bytes,
        }
    }

    fn phase(&self) -> Phase {
        let is_missing = |slot: &Slot| slot.is_missing;
        match (self.has_vector, self.is_behind) {
            (false, _) => Phase::Opening,
            (true, true) if self.replaying.is_some() => Phase::CatchingUp,
            (true, false) if !self.slots.iter().any(is_missing) => Phase::Live,
            (true, _) => Phase::Behind,
        }
    }
}
