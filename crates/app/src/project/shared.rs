//! An open project and its room.
//!
//! A frame enters like any other change: merged into the document, told to windows, put into the
//! outbox with the chunk that keeps it. What the room wants sent leaves as [`Effect::Link`].

use std::collections::BTreeMap;

use bytes::Bytes;
use graph::time::Timestamp;
use store::Chunk;
use sync::{Frame, LinkId, Outgoing, Peer, Time, Vector};

use super::{Effect, Project, Ticket};
use crate::attachments::Peers;
use crate::event::Event;
use crate::fault::{Fault, planted};
use crate::members::Members;
use crate::notices::Notices;
use crate::outbox::{Fate, Number};
use crate::room::{self, Condensing, Presence, Room, RoomSetup, TakenIn};
use crate::sharing::Sharing;

/// Windows hear how a project is shared at most this often.
const TELL_MS: u64 = 150;

/// While others are there, windows hear of their silence after this time.
const REFRESH_MS: u64 = 3_000;

/// Milliseconds since 1970, for what is older than a run.
pub(super) fn unix_ms(now: Timestamp) -> u64 {
    u64::try_from(now.0).unwrap_or(0)
}

/// What happens to the links of a room.
#[derive(Debug)]
pub enum LinkEvent {
    /// A link is up.
    Up(LinkId, Peer),
    /// A message came.
    Message(LinkId, Bytes),
    /// So many bytes have left.
    Sent(LinkId, usize),
    /// Frames that [`Outgoing::Replay`] asked for.
    Replayed(LinkId, Vec<Frame>),
    /// A link is down.
    Down(LinkId),
}

/// The room, and what windows know of it.
pub(super) struct Shared {
    pub(super) room: Room,
    /// What concerned the person here.
    pub(super) notices: Notices,
    /// They changed and are in no chunk yet.
    pub(super) are_notices_due: bool,
    time: Time,
    told: Option<Sharing>,
    /// The members as windows know them, but for when they were seen.
    told_members: Option<Members>,
    /// Of so many records of their log.
    told_records: usize,
    /// Up to where who came and who went was looked at.
    pub(super) company_known: Option<(usize, usize)>,
    /// Until when somebody who came may say who they are.
    pub(super) unnamed_until: Option<Time>,
    /// Windows know that there are frames of a later version.
    told_later: bool,
    /// Since when each machine that is behind is.
    behind: BTreeMap<String, Timestamp>,
    tell_at: Option<Time>,
    /// Who waits for a bundle, and what it is to begin after.
    pub(super) packing: Vec<(Ticket, Vector)>,
}

impl Shared {
    pub(super) fn time(&self) -> Time {
        self.time
    }

    pub(super) fn peers(&mut self) -> Peers<'_> {
        self.room.peers(self.time)
    }

    pub(super) fn learn(&mut self, number: Number, fate: &Fate) {
        self.room.learn(number, fate, self.time);
    }
}

impl Project {
    /// The project is in a room from here on.
    pub fn share(&mut self, mut setup: RoomSetup) {
        let told_records = setup.membership.records().len();
        self.shared = Some(Shared {
            notices: std::mem::take(&mut setup.notices),
            are_notices_due: false,
            room: Room::open(setup),
            company_known: None,
            unnamed_until: None,
            told_later: false,
            time: Time::default(),
            told: None,
            told_members: None,
            told_records,
            behind: BTreeMap::new(),
            tell_at: None,
            packing: Vec::new(),
        });
        self.enter_with_attachments();
    }

    /// Its room, if it is in one.
    pub fn room(&self) -> Option<&Room> {
        self.shared.as_ref().map(|shared| &shared.room)
    }

    /// How it is shared, if it is.
    pub(crate) fn sharing(&self, now: Timestamp) -> Option<Sharing> {
        let shared = self.shared.as_ref()?;
        let mut sharing = shared.room.sharing(&self.graph, now, shared.time);
        for companion in &mut sharing.companions {
            let since = shared.behind.get(&companion.device).copied();
            let is_behind = companion.has_everything == Some(false);
            companion.behind_since = is_behind.then(|| since.unwrap_or(now));
        }
        Some(sharing)
    }

    pub(super) fn begin_stream(&mut self, nonce: u64) {
        if let Some(shared) = &mut self.shared {
            shared.room.begin_stream(nonce);
        }
    }

    /// When [`Input::Tick`](super::Input::Tick) is due although nothing happens.
    pub fn wake(&self) -> Option<Time> {
        let shared = self.shared.as_ref()?;
        let (room, attachments) = (shared.room.wake(), self.attachments.wake());
        [room, shared.tell_at, attachments, shared.unnamed_until]
            .into_iter()
            .flatten()
            .min()
    }

    /// Where a window is.
    pub(crate) fn put_presence(&mut self, presence: Option<Presence>) {
        if let Some(shared) = &mut self.shared {
            shared.room.put_presence(presence, shared.time);
        }
    }

    pub(super) fn pass(&mut self, now: Timestamp, time: Time) {
        if let Some(shared) = &mut self.shared {
            shared.time = shared.time.max(time);
            shared.room.set_clock(unix_ms(now), shared.time);
        }
    }

    pub(super) fn link(&mut self, now: Timestamp, event: LinkEvent, effects: &mut Vec<Effect>) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        let (room, time) = (&mut shared.room, shared.time);
        match event {
            LinkEvent::Up(link, peer) => {
                room.up(link, peer, time);
                room.try_to_join(unix_ms(now));
                self.attachments.note_company();
            }
            LinkEvent::Sent(link, bytes) => return room.sent(link, bytes),
            LinkEvent::Replayed(link, frames) => return room.replayed(link, frames),
            LinkEvent::Down(link) => {
                room.down(link);
                self.attachments.note_company();
            }
            LinkEvent::Message(link, message) => {
                match room.receive(&mut self.graph, link, message, time, unix_ms(now)) {
                    Ok(taken_in) => {
                        self.take_in(now, taken_in, effects);
                        self.take_blob_events();
                    }
                    Err(error) => effects.push(Effect::Link(Outgoing::Drop(link, error))),
                }
            }
        }
        self.tell_soon();
    }

    /// Something differs of what windows are told of the room.
    pub(super) fn tell_soon(&mut self) {
        if let Some(shared) = &mut self.shared {
            let soon = shared.time.plus_ms(TELL_MS);
            shared.tell_at = Some(shared.tell_at.map_or(soon, |at| at.min(soon)));
        }
    }

    /// Puts what waits into a frame if it can leave now, and says what is to be sent.
    pub(super) fn exchange(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.see_to_attachments(effects);
        let Some(shared) = &mut self.shared else {
            return;
        };
        shared.room.stand_in(shared.time);
        self.read_unopened(now, effects);
        if self.outbox.stalled().is_none() {
            self.frame(now, Vec::new(), effects);
            self.condense(now, effects);
        }
        self.keep_members(effects);
        self.keep_notices(now, effects);
        self.deliver_bundles(effects);
        self.tell_later();
        self.tell_new_records(now, effects);
        self.tell(now, effects);
        if let Some(shared) = &mut self.shared {
            effects.extend(shared.room.needs_stream().map(Effect::DrawStream));
            let outgoing = shared.room.poll(&self.graph, shared.time).into_iter();
            effects.extend(outgoing.map(Effect::Link));
        }
    }

    /// Reads the frames for which a key has come.
    fn read_unopened(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let shared = self.shared.as_mut();
        let read = shared.and_then(|shared| shared.room.read_unopened(&mut self.graph));
        self.take_in(now, read.into_iter().collect(), effects);
    }

    /// Puts chunks into the outbox, the last of them with the frame in which the changes leave.
    pub(super) fn frame(
        &mut self,
        now: Timestamp,
        mut chunks: Vec<Chunk>,
        effects: &mut Vec<Effect>,
    ) {
        let minted = match &mut self.shared {
            Some(shared) if self.outbox.stalled().is_none() => {
                shared.room.mint(&self.graph, shared.time, unix_ms(now))
            }
            _ => None,
        };
        let frames = minted.map(|(write, frames)| {
            let last = chunks.pop();
            let last = last.unwrap_or_else(|| Chunk::new(store::Document::PROJECT, Vec::new()));
            chunks.push(last.in_room(write));
            frames
        });
        let last = chunks.len().saturating_sub(1);
        for (place, chunk) in chunks.into_iter().enumerate() {
            let number = self.keep(chunk, effects);
            if let (Some(shared), Some(frames)) = (&mut self.shared, &frames)
                && place == last
            {
                shared.room.hand_over(number, frames.clone(), None);
            }
        }
    }

    /// Does what is due so that a newcomer reads less.
    fn condense(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        let condensing = shared.room.condense(&self.graph, shared.time, unix_ms(now));
        self.carry_on(condensing, effects);
        if let Some(shared) = &mut self.shared
            && shared.room.take_rebased()
        {
            effects.push(Effect::DropFrames(shared.room.droppable()));
        }
    }

    /// The documents are saved for a snapshot.
    pub(super) fn condensed(&mut self, now: Timestamp, payload: &[u8], effects: &mut Vec<Effect>) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        let condensing = shared.room.condensed(payload, unix_ms(now));
        self.carry_on(condensing, effects);
    }

    /// Keeps a log of members that no frame carries.
    fn keep_members(&mut self, effects: &mut Vec<Effect>) {
        let write = self.shared.as_mut();
        let write = write.and_then(|shared| shared.room.members_write());
        if let Some(write) = write {
            self.keep(room::bare(write), effects);
            effects.push(Effect::Unsaved(self.unsaved()));
        }
    }

    fn carry_on(&mut self, condensing: Option<Condensing>, effects: &mut Vec<Effect>) {
        match condensing {
            None => {}
            Some(Condensing::Save(saver)) => effects.push(Effect::Condense(saver)),
            Some(Condensing::Store(write, frames, base)) => {
                let number = self.keep(room::bare(write), effects);
                if let Some(shared) = &mut self.shared {
                    shared.room.hand_over(number, frames, base);
                }
            }
        }
    }

    pub(super) fn take_in(
        &mut self,
        now: Timestamp,
        mut taken_in: Vec<TakenIn>,
        effects: &mut Vec<Effect>,
    ) {
        if taken_in.is_empty() {
            return;
        }
        let fresh = self.list_notices(&mut taken_in, now);
        for TakenIn {
            frame,
            base,
            merged,
            mut chunks,
        } in taken_in
        {
            if planted(Fault::FrameApart)
                && let Some(last) = chunks.last_mut()
            {
                let mut alone = Chunk::new(last.document, Vec::new());
                alone.room = last.room.take();
                self.keep(alone, effects);
            }
            for (_, merged) in merged {
                let by = self.graph.maker(&merged);
                self.changed_by(merged.delta, None, by);
            }
            let mut last = None;
            for chunk in chunks {
                last = Some(self.keep(chunk, effects));
            }
            if let (Some(number), Some(shared)) = (last, &mut self.shared) {
                let frames = frame.into_iter().collect();
                shared.room.hand_over(number, frames, base);
            }
        }
        effects.push(Effect::Unsaved(self.unsaved()));
        self.tell_notices(fresh, effects);
        self.notice_name(effects);
    }

    /// With the first frame of a later version nothing can be changed here any more.
    fn tell_later(&mut self) {
        if let Some(shared) = &mut self.shared {
            let holds_later = shared.room.holds_later();
            if std::mem::replace(&mut shared.told_later, holds_later) != holds_later {
                self.news.add_frame();
            }
        }
    }

    /// Who may what is told at once: before what came by it, and before somebody tries what is no longer theirs.
    fn tell_new_records(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        let records = shared.room.members().records().len();
        if std::mem::replace(&mut shared.told_records, records) != records {
            self.tell_members(now, effects);
        }
    }

    fn tell_members(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let project = self.id;
        let (Some(members), Some(shared)) = (self.members(now), &mut self.shared) else {
            return;
        };
        let unseen = Some(members.unseen());
        if shared.told_members != unseen {
            shared.told_members = unseen;
            effects.push(Effect::Emit(Event::Members { project, members }));
        }
    }

    fn tell(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let is_due = |shared: &Shared| shared.tell_at.is_some_and(|at| at <= shared.time);
        if !self.shared.as_ref().is_some_and(is_due) {
            return;
        }
        let Some(sharing) = self.sharing(now) else {
            return;
        };
        let project = self.id;
        self.tell_members(now, effects);
        let Some(shared) = &mut self.shared else {
            return;
        };
        let behind = sharing.companions.iter();
        shared.behind = behind
            .filter_map(|it| Some((it.device.clone(), it.behind_since?)))
            .collect();
        let is_alone = sharing.companions.is_empty();
        shared.room.note_acquaintances(now, shared.time);
        shared.tell_at = (!is_alone).then(|| shared.time.plus_ms(REFRESH_MS));
        if shared.told.as_ref() != Some(&sharing) {
            shared.told = Some(sharing.clone());
            effects.push(Effect::Emit(Event::Sharing { project, sharing }));
        }
    }
}
