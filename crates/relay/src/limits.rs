//! What a stranger may cost, each with its reason. Nothing here is about a project.

use std::sync::{Arc, PoisonError, RwLock};

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From a connection to its upgrade, TLS included, and again from there to the end of the greeting. A slow phone takes
    /// two seconds; who needs longer is holding a place.
    pub greet_ms: u64,
    /// Between two pings of the side that dialled: below the 15-30 s after which home routers forget a mapping.
    pub ping_ms: u64,
    /// Silence after which a link is dead: two pings may be lost.
    pub dead_ms: u64,
    /// The same when there is reason to doubt, after sleep or a change of address: a round trip by satellite, doubled.
    pub proof_ms: u64,
    /// For what is queued for a link when the server ends: a fifth of the 10 s in which a drain must be over.
    pub drain_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            greet_ms: 5_000,
            ping_ms: 10_000,
            dead_ms: 25_000,
            proof_ms: 3_000,
            drain_ms: 2_000,
        }
    }
}

/// What one server, one address and one link may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long things may take.
    pub timing: Timing,
    /// Connections at once. One costs about 10 kB here, twice that with TLS, and one descriptor; above it new ones are closed unread.
    pub connections: usize,
    /// Connections at once from one address that is not loopback: a team behind one router, each with a dozen
    /// projects open. This machine's own programs are not counted.
    pub connections_per_address: usize,
    /// Links at once of one device: one for each project that is open there, and somebody who works in hundreds closes some.
    pub connections_per_device: usize,
    /// Bytes of memory that this process may take for new connections to be let in; 0: no limit. Below what kills it, it is better
    /// to serve those who are here.
    pub memory_bytes: u64,
    /// TLS handshakes under way at once; others wait for theirs. It keeps what they cost, a quarter of a millisecond each,
    /// from delaying the links that there are. Four times what one address may have, so that one cannot keep all others out.
    pub handshakes: usize,
    /// New connections a second: twice what a relay's thousands of clients need to come back within seconds.
    pub handshakes_per_s: u64,
    /// Messages a second and link before it is read more slowly. The fastest honest writer, an import that is typed
    /// in by a script, stays below.
    pub messages_per_s: u64,
    /// Bytes a second and link before it is read more slowly: a gigabit LAN's worth is never needed for long.
    pub bytes_per_s: u64,
    /// Seconds' worth of both that may come at once: a month offline comes back as a burst.
    pub burst_s: u64,
    /// The longest WebSocket message, for what is not yet decoded. In a smaller one the largest frame has no room.
    pub message_bytes: usize,
    /// Messages of all links together that wait for one room. Links of a room that is behind are not read.
    pub inbox_bytes: usize,
    /// Rooms open at once. One costs about 6 kB while nothing happens in it, beside its connections.
    pub rooms: usize,
    /// Bytes of frames that a relay keeps for one room. A project of 100,000 nodes is saved in 5 MB, and its log is hardly
    /// longer once it was calm; above this somebody fills the disk.
    pub room_bytes: u64,
    /// Rooms that a relay keeps for one owner. Somebody who works in hundreds has a relay of her own.
    pub owner_rooms: usize,
    /// Bytes of frames that a relay keeps for one owner, in all her rooms together.
    pub owner_bytes: u64,
    /// Bytes of attachments that a relay keeps for one room; a few hundred photographs. A larger one passes from app to
    /// app alone.
    pub blob_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timing: Timing::default(),
            connections: 16_384,
            connections_per_address: 256,
            connections_per_device: 256,
            memory_bytes: 0,
            handshakes: 1_024,
            handshakes_per_s: 10_000,
            messages_per_s: 50_000,
            bytes_per_s: 64 << 20,
            burst_s: 4,
            message_bytes: sync::limits::MAX_MESSAGE_BYTES,
            inbox_bytes: 4 << 20,
            rooms: 16_384,
            room_bytes: 1 << 30,
            owner_rooms: 1_024,
            owner_bytes: 8 << 30,
            blob_bytes: 1 << 30,
        }
    }
}

/// Limits that can be set anew while somebody is served. Copies share them.
///
/// What has begun keeps the limits with which it began: a link, and of a room how many bytes of attachments it keeps. How many TLS
/// handshakes may be under way, and how long things take, is settled when a server starts.
#[derive(Clone, Debug, Default)]
pub struct SharedLimits(Arc<RwLock<Limits>>);

impl SharedLimits {
    /// As they are now.
    pub fn now(&self) -> Limits {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// These from now on.
    pub fn set(&self, limits: Limits) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }
}

impl From<Limits> for SharedLimits {
    fn from(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(limits)))
    }
}

/// Read at once from a socket, and all that an idle link keeps for it. The usual 128 KiB would be most of its memory.
pub(crate) const READ_BUFFER_BYTES: usize = 4 << 10;

/// Read at most from somebody whose handshake failed, so that he can read why.
pub(crate) const FAREWELL_BYTES: u64 = 64 << 10;

/// Answers to pings that may wait for a peer that does not read.
pub(crate) const CONTROL_BYTES: usize = 1 << 10;
