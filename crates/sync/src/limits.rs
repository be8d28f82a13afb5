//! Every limit, with its reason. What is said on the wire is fixed here; what one machine may decide is in [`Limits`].

/// A larger frame is refused. A saved project of 100,000 nodes has 5 MB, and a snapshot is one frame.
pub const MAX_FRAME_BYTES: usize = 16 << 20;

/// What a frame of changes carries at most. The rest is for what stands around it: 64 names of other frames are 2,176 bytes,
/// header, seal and signature less than 400.
pub const MAX_PAYLOAD_BYTES: usize = MAX_FRAME_BYTES - 4096;

/// A larger message is refused before it is read: the largest frame and what stands around it.
pub const MAX_MESSAGE_BYTES: usize = MAX_FRAME_BYTES + 1024;

/// Several frames travel in one message up to this size: large enough that a message costs nothing per frame, small
/// enough that a slow link is told something every second.
pub const MAX_BATCH_BYTES: usize = 256 << 10;

/// Frames of one message. The smallest frame has 128 bytes, so a full batch cannot have more.
pub const MAX_BATCH_FRAMES: usize = MAX_BATCH_BYTES / 128;

/// A frame names at most this many others; with more at the front, the latest are enough to vouch for the rest.
pub const MAX_DEPS: usize = 64;

/// Streams of one room. A device begins one at each unclean end, so this is 100 devices with 160 crashes each, and a
/// vector of all of them is 700 kB.
pub const MAX_STREAMS: usize = 16 << 10;

/// Streams that a peer announced and of which nothing is here. More are ignored, which costs a frame sent in vain.
pub const MAX_ANNOUNCED_STREAMS: usize = 1024;

/// Frames of one stream: at 100 a second for a year it is not reached.
pub const MAX_NUMBER: u64 = u32::MAX as u64;

/// A larger signal is refused; presence is a few names and ids.
pub const MAX_SIGNAL_BYTES: usize = 4 << 10;

/// A vector of so many streams still fits into a signal.
pub const MAX_SIGNAL_STREAMS: usize = 64;

/// A blob travels in pieces of this size: a lost link costs no more, and frames wait for no more.
pub const BLOB_PIECE_BYTES: usize = 64 << 10;

/// Pieces of one blob under way at once: with two, the next is on its way while one is written.
pub const BLOB_WINDOW_BYTES: usize = 2 * BLOB_PIECE_BYTES;

/// Pieces that one peer may wait for on one link: no more than what may be on its way anyhow.
pub const MAX_OWED_PIECES: usize = 4;

/// Blobs of which a peer is told later that they have come; the oldest wish is forgotten first.
pub const MAX_DENIED_BLOBS: usize = 64;

/// Blobs of which a new link is told that they are here: 45 kB, and more attachments than most projects have. Who lacks
/// another asks for it.
pub const MAX_OFFERED_BLOBS: usize = 1024;

/// Devices remembered to have a blob that is wanted; more do not help.
pub const MAX_BLOB_HOLDERS: usize = 16;

/// Snapshots of a room that are remembered; nobody countersigns one that has so many successors.
pub const MAX_SNAPSHOTS: usize = 64;

/// Frames below a snapshot that nobody has countersigned are kept for 30 days: whoever is away for longer starts from
/// the snapshot, and a room with one writer does not grow for ever.
pub const SNAPSHOT_PATIENCE_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Frames that were listed, by who may edit and by others, comments that list some, and frames that are left because nobody
/// listed them: so many of each are remembered, for which a megabyte is in use, or nine if all comments list as much as they
/// can. Who was removed writes no more than a few before everybody knows.
pub const MAX_VOUCHED: usize = 4096;

/// A guest has sent the log as it knew it and once more with its own join; more often it is not looked at.
pub const MAX_KNOCKS: u32 = 4;

/// The longest reason somebody can give for leaving.
pub const MAX_REASON_BYTES: usize = 256;

/// A signal that is older says nothing any more.
pub const SIGNAL_LIFE_MS: u64 = 15_000;

/// What one machine decides for itself. The defaults are those of an app and of a relay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes on their way to one peer, after which it is served from the log: two batches' worth keep a link of
    /// 100 Mbit/s busy over 20 ms.
    pub link_bytes: usize,
    /// Bytes on their way to all peers of a room. Divided by the links, it lowers `link_bytes`, though not below
    /// `least_link_bytes`.
    pub room_bytes: usize,
    /// What each link gets in the fullest room; less would send every burst through the log.
    pub least_link_bytes: usize,
    /// Newest frames kept in memory while a link is behind, so that a short lag costs no read of the log.
    pub recent_bytes: usize,
    /// Reads of the log under way at once; each holds up to `link_bytes` in memory.
    pub replays: usize,
    /// Between two acknowledgements to whoever dialled us: a writer waits for this one.
    pub ack_accepted_ms: u64,
    /// Between two acknowledgements to whom we dialled. Five hundred listeners answer to one relay, and nobody waits.
    pub ack_dialled_ms: u64,
    /// Between two vectors sent again because of a gap: one answer to all frames that were under way.
    pub vector_again_ms: u64,
    /// States of all devices together per second on each link. It sets the pace: each of `n` devices sends its state at
    /// most every `n * 1000 / state_rate` ms, so that a room of 500 is not busy with itself.
    pub state_rate: u64,
    /// Between two states of this device at least.
    pub state_ms: u64,
    /// Devices of which signals are remembered; the longest silent one goes first.
    pub devices: usize,
    /// Blobs that are fetched at once.
    pub blobs: usize,
    /// How long a piece may take before another link is asked: a slow link needs 6 s at 10 kB/s.
    pub blob_patience_ms: u64,
}

impl Limits {
    /// The usual ones.
    pub const DEFAULT: Self = Self {
        link_bytes: 256 << 10,
        room_bytes: 32 << 20,
        least_link_bytes: 64 << 10,
        recent_bytes: 256 << 10,
        replays: 4,
        ack_accepted_ms: 100,
        ack_dialled_ms: 1000,
        vector_again_ms: 1000,
        state_rate: 5,
        state_ms: 1000,
        devices: 1024,
        blobs: 4,
        blob_patience_ms: 10_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A shell may keep back its reports of what was sent until this much is unreported on a link. It is a fraction of
/// `least_link_bytes`, so that a link never waits for a report.
pub const MAX_UNREPORTED_BYTES: usize = 16 << 10;
