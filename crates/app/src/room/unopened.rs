//! Frames of which the key is not here yet, and frames of a later version: they are held and passed on like all others, and
//! read once the key has come, or this program knows their version (R11, F3).

use std::collections::{BTreeMap, BTreeSet};

use sync::{Frame, FrameId, Time, Vector};
use trust::DeviceId;

use super::{Keys, Room, TakenIn, sealer};

/// Frames that wait to be read. The disk knows them by name, so that none is forgotten by a crash.
#[derive(Debug, Default)]
pub(super) struct Unopened {
    frames: Vec<Frame>,
    /// They differ from what is stored.
    is_due: bool,
}

impl Unopened {
    /// Those of a log that waited when it was stored.
    pub(super) fn of(log: &[Frame], names: &BTreeSet<FrameId>) -> Self {
        let waits = |frame: &&Frame| names.contains(&frame.id());
        let frames: Vec<Frame> = match names.is_empty() {
            true => Vec::new(),
            false => log.iter().filter(waits).cloned().collect(),
        };
        // What a snapshot counts may be in the log no more.
        let is_due = frames.len() != names.len();
        Self { frames, is_due }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether a later version wrote one of them.
    fn has_later(&self) -> bool {
        let mut headers = self.frames.iter().map(Frame::header);
        headers.any(|header| !header.is_known())
    }

    fn add(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.is_due = true;
    }

    /// Those that wait no more.
    fn take_ready(&mut self, keys: Option<&Keys>) -> Vec<Frame> {
        self.take(|frame| frame.header().is_known() && !sealer::lacks_key(keys, frame))
    }

    /// The log begins with snapshots that count this: what is in it, they say as well.
    pub(super) fn forget_below(&mut self, counted: &Vector) {
        self.take(|frame| {
            let header = frame.header();
            header.number <= counted.get(&header.stream)
        });
    }

    fn take(&mut self, is_over: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let (over, left) = std::mem::take(&mut self.frames)
            .into_iter()
            .partition(is_over);
        self.frames = left;
        self.is_due |= !Vec::is_empty(&over);
        over
    }

    /// None of them waits any more.
    fn clear(&mut self) {
        self.take(|_| true);
    }

    /// Their names, 32 bytes each, if they differ from what is stored; none inside if there are none any more.
    pub(super) fn take_unkept(&mut self) -> Option<Option<Vec<u8>>> {
        let names = || self.frames.iter().flat_map(|frame| frame.id().0);
        std::mem::take(&mut self.is_due)
            .then(|| (!self.frames.is_empty()).then(|| names().collect()))
    }
}

impl Room {
    /// Whether there are frames that only a later version knows.
    pub(crate) fn holds_later(&self) -> bool {
        self.unopened.has_later()
    }

    /// How many frames wait for a key, by who made them.
    pub(super) fn waiting_for_key(&self) -> BTreeMap<DeviceId, usize> {
        let mut waiting = BTreeMap::new();
        let headers = self.unopened.frames.iter().map(Frame::header);
        for header in headers.filter(|it| it.is_known()) {
            *waiting.entry(header.stream.device).or_default() += 1;
        }
        waiting
    }

    /// A frame that was stored did not open: it waits if that is for want of a key, or of a later version. Else it is charged to
    /// who made it.
    pub(super) fn leave_unopened(&mut self, frame: &Frame) {
        let is_known = frame.header().is_known();
        if !is_known || sealer::lacks_key(self.keys.as_ref(), frame) {
            return self.unopened.add(frame.clone());
        }
        self.charge(frame.header().stream.device);
        self.is_unread = true;
    }

    /// What has waited for a key waits no more if somebody who may edit holds the same frames, has read them all, and shows what
    /// is shown here: what is in them has come in others, too (R12).
    pub(super) fn forget_unopened(&mut self, graph: &graph::Project, now: Time) {
        if self.unopened.is_empty() || self.unopened.has_later() {
            return;
        }
        let heads = self.heads_but_for_unopened(graph);
        if heads.is_none_or(|heads| self.equals(&heads, now).is_empty()) {
            return;
        }
        self.unopened.clear();
        self.note_news();
    }

    /// Reads what has waited and can be read now; none if nothing has.
    pub(crate) fn read_unopened(&mut self, graph: &mut graph::Project) -> Option<TakenIn> {
        let ready = self.unopened.take_ready(self.keys.as_ref());
        if ready.is_empty() {
            return None;
        }
        let (mut merged, mut chunks) = (Vec::new(), Vec::new());
        for frame in ready {
            let members = self.exchange.membership();
            let Some(payload) = sealer::payload(members, self.keys.as_ref(), &frame) else {
                self.charge(frame.header().stream.device);
                self.is_unread = true;
                continue;
            };
            let (did, kept) = self.read(graph, &frame, &payload, true);
            merged.extend(did);
            chunks.extend(kept);
        }
        // They are named no more in the commit of the last of them.
        Some(self.taken(None, None, merged, chunks))
    }
}
