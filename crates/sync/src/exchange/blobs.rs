//! Blobs: whom to ask for the next piece, and whom to tell that one is here.

use std::collections::BTreeMap;

use trust::DeviceId;

use super::{Exchange, Received};
use crate::limits::{
    BLOB_PIECE_BYTES, BLOB_WINDOW_BYTES, MAX_BLOB_HOLDERS, MAX_DENIED_BLOBS, MAX_OFFERED_BLOBS,
    MAX_OWED_PIECES,
};
use crate::{
    BlobEvent, BlobMessage, BlobName, BlobPiece, BlobView, LinkError, LinkId, Message, Time,
};

/// The blobs that are wanted here, and those that are offered.
#[derive(Default)]
pub struct Blobs {
    wanted: BTreeMap<BlobName, Wanted>,
    /// With their sizes.
    offered: BTreeMap<BlobName, u64>,
}

#[derive(Default)]
struct Wanted {
    /// The host has so much.
    kept: u64,
    /// The next piece that comes begins here.
    expected: u64,
    /// The next piece that is asked for begins here.
    next: u64,
    total: Option<u64>,
    source: Option<LinkId>,
    /// The source does not have what comes next: it is asked for the beginning. If it has that, what is here is not of this
    /// blob, and is replaced.
    is_from_start: bool,
    /// The one link that brought all that is kept; none if several did, or nobody knows.
    sole: Option<LinkId>,
    /// When the source was last asked or heard.
    since: Time,
    /// Links that do not have it.
    absent: Vec<LinkId>,
    /// Who has said to have it.
    holders: Vec<DeviceId>,
    /// Who sent something else under its name.
    shunned: Vec<DeviceId>,
}

impl Exchange {
    /// The host wants a blob of which it has `kept_bytes`: to begin with, to go on after an interruption, and after each
    /// piece that it has kept.
    pub fn want_blob(&mut self, name: BlobName, kept_bytes: u64, now: Time) {
        let wanted = self.blobs.wanted.entry(name).or_default();
        let is_next = (wanted.kept..=wanted.expected).contains(&kept_bytes);
        wanted.kept = kept_bytes;
        if !is_next {
            wanted.rewind();
        }
        self.ask_for_blobs(now);
    }

    /// The host has less of a wanted blob than it had: it is fetched from there on again.
    pub fn rewind_blob(&mut self, name: BlobName, kept_bytes: u64, now: Time) {
        if let Some(wanted) = self.blobs.wanted.get_mut(&name) {
            wanted.kept = kept_bytes;
            wanted.rewind();
        }
        self.ask_for_blobs(now);
    }

    /// The host does not want a blob any more.
    pub fn unwant_blob(&mut self, name: &BlobName) {
        self.blobs.wanted.remove(name);
    }

    /// The host has a blob and wants that known: everybody is told, and every new link.
    pub fn offer_blob(&mut self, name: BlobName, total: u64, now: Time) {
        self.have_blob(name, total, now);
        if self.blobs.offered.insert(name, total).is_some() {
            return;
        }
        let message = Message::Blob(BlobMessage::Present { name, total }).encode();
        for place in 0..self.links.len() {
            if self.links[place].has_vector {
                self.send(place, message.clone());
            }
        }
    }

    /// The host does not offer a blob any more.
    pub fn withdraw_blob(&mut self, name: &BlobName) {
        self.blobs.offered.remove(name);
    }

    /// A new link is told what is offered here.
    pub(super) fn send_offers(&mut self, place: usize) {
        let offered = self.blobs.offered.iter().take(MAX_OFFERED_BLOBS);
        let messages: Vec<_> = offered
            .map(|(&name, &total)| Message::Blob(BlobMessage::Present { name, total }).encode())
            .collect();
        messages
            .into_iter()
            .for_each(|message| self.send(place, message));
    }

    /// The host has a blob, whole: whoever asked for it in vain is told, after it was told that it is not here.
    pub fn have_blob(&mut self, name: BlobName, total: u64, now: Time) {
        self.blobs.wanted.remove(&name);
        let message = Message::Blob(BlobMessage::Present { name, total }).encode();
        for place in 0..self.links.len() {
            let denied = &mut self.links[place].denied_blobs;
            if let Some(at) = denied.iter().position(|known| *known == name) {
                denied.remove(at);
                self.links[place].owed.say(message.clone());
                self.send_answers(place);
            }
        }
        self.ask_for_blobs(now);
    }

    /// The bytes that came do not have the name, and were thrown away. If one link brought all of them, its device is not
    /// asked again and is returned, to be charged; otherwise all is asked of the present source, which will show who it was.
    pub fn spoiled_blob(&mut self, name: BlobName, now: Time) -> Option<DeviceId> {
        let wanted = self.blobs.wanted.get_mut(&name)?;
        let is_sole = wanted.source.is_some() && wanted.sole == wanted.source;
        wanted.kept = 0;
        wanted.total = None;
        wanted.rewind();
        let guilty = is_sole.then(|| self.shun(&name)).flatten();
        self.ask_for_blobs(now);
        guilty
    }

    /// The source says that a blob has more bytes than it can have. Its device is not asked again and is returned, to be
    /// charged.
    pub fn overlong_blob(&mut self, name: BlobName, now: Time) -> Option<DeviceId> {
        let wanted = self.blobs.wanted.get_mut(&name)?;
        wanted.total = None;
        wanted.rewind();
        let guilty = self.shun(&name);
        self.ask_for_blobs(now);
        guilty
    }

    fn shun(&mut self, name: &BlobName) -> Option<DeviceId> {
        let source = self.blobs.wanted.get_mut(name)?.source.take()?;
        let device = self.links[self.place(source)?].peer.device;
        let wanted = self.blobs.wanted.get_mut(name)?;
        wanted.holders.retain(|holder| *holder != device);
        wanted.shunned.push(device);
        Some(device)
    }

    /// A piece that a peer asked for. It leaves after the answers to what the peer asked for before.
    pub fn give_blob(&mut self, link: LinkId, piece: BlobPiece) {
        let (name, offset) = (piece.name, piece.offset);
        let message = Message::Blob(BlobMessage::Piece(piece)).encode();
        if let Some(place) = self.place(link) {
            self.links[place].owed.give(name, offset, message);
            self.send_answers(place);
        }
    }

    /// A peer asked for what is not here. If it comes, the peer is told.
    pub fn deny_blob(&mut self, link: LinkId, name: BlobName) {
        let Some(place) = self.place(link) else {
            return;
        };
        let link = &mut self.links[place];
        if !link.denied_blobs.contains(&name) {
            if link.denied_blobs.len() == MAX_DENIED_BLOBS {
                link.denied_blobs.remove(0);
            }
            link.denied_blobs.push(name);
        }
        let message = Message::Blob(BlobMessage::Absent { name }).encode();
        link.owed.deny(name, &message);
        self.send_answers(place);
    }

    fn send_answers(&mut self, place: usize) {
        for message in self.links[place].owed.take_ready() {
            self.send(place, message);
        }
    }

    /// The blobs that are wanted here, by name.
    pub fn blobs(&self) -> impl Iterator<Item = BlobView> + '_ {
        let device = |link: &LinkId| {
            let place = self.place(*link)?;
            Some(self.links[place].peer.device)
        };
        self.blobs
            .wanted
            .iter()
            .map(move |(name, wanted)| BlobView {
                name: *name,
                kept_bytes: wanted.kept,
                total_bytes: wanted.total,
                source: wanted.source.as_ref().and_then(device),
                holders: wanted.holders.clone(),
                absent: wanted.absent.iter().filter_map(device).collect(),
            })
    }

    pub(super) fn take_blob(
        &mut self,
        place: usize,
        blob: BlobMessage,
        now: Time,
        received: &mut Received,
    ) -> Result<(), LinkError> {
        let (link, device) = (self.links[place].id, self.links[place].peer.device);
        match blob {
            BlobMessage::Want { name, offset } => {
                let owed = &mut self.links[place].owed;
                if owed.len() == MAX_OWED_PIECES {
                    return Err(LinkError::Unexpected("one more wish for a piece"));
                }
                owed.push(name, offset);
                received.blobs.push(BlobEvent::Asked { link, name, offset });
            }
            BlobMessage::Piece(piece) => {
                let due = &mut self.links[place].due_pieces;
                let wish = due
                    .iter()
                    .position(|wish| *wish == (piece.name, piece.offset));
                due.remove(wish.ok_or(LinkError::Unexpected("a piece that nobody asked for"))?);
                let is_wanted = self
                    .blobs
                    .wanted
                    .get_mut(&piece.name)
                    .is_some_and(|wanted| wanted.source == Some(link) && wanted.comes(&piece, now));
                if is_wanted {
                    if let Some(wanted) = self.blobs.wanted.get_mut(&piece.name) {
                        wanted.is_held_by(device);
                    }
                    received.blobs.push(BlobEvent::Came(piece));
                }
            }
            BlobMessage::Absent { name } => {
                let due = &mut self.links[place].due_pieces;
                let wish = due.iter().position(|(wished, _)| *wished == name);
                let offset = wish.map_or(0, |wish| due.remove(wish).1);
                if let Some(wanted) = self.blobs.wanted.get_mut(&name) {
                    wanted.holders.retain(|holder| *holder != device);
                    wanted.is_denied_by(link, offset);
                }
            }
            BlobMessage::Present { name, total } => {
                let Some(wanted) = self.blobs.wanted.get_mut(&name) else {
                    let offered = BlobEvent::Offered {
                        device,
                        name,
                        total,
                    };
                    received.blobs.push(offered);
                    return Ok(());
                };
                wanted.absent.retain(|known| *known != link);
                wanted.is_held_by(device);
            }
        }
        self.ask_for_blobs(now);
        Ok(())
    }

    /// A link is gone: what it was to bring is asked for elsewhere.
    pub(super) fn blobs_lost(&mut self, link: LinkId) {
        for wanted in self.blobs.wanted.values_mut() {
            wanted.absent.retain(|known| *known != link);
            if wanted.source == Some(link) {
                wanted.ask_from(None);
            }
        }
    }

    /// Asks for as many pieces as may be under way.
    pub(super) fn ask_for_blobs(&mut self, now: Time) {
        let mut blobs = std::mem::take(&mut self.blobs);
        let mut active = 0;
        for (name, wanted) in &mut blobs.wanted {
            if active == self.limits().blobs {
                break;
            }
            if wanted.is_overdue(now, self.limits().blob_patience_ms) {
                wanted.since = now;
                wanted.ask_from(self.source_for(wanted, wanted.source).or(wanted.source));
            }
            if wanted.source.is_none() {
                wanted.since = now;
                wanted.ask_from(self.source_for(wanted, None));
            }
            if let Some(place) = wanted.source.and_then(|link| self.place(link)) {
                active += 1;
                self.ask(place, *name, wanted, now);
            }
        }
        self.blobs = blobs;
    }

    /// A link that has not said that it does not have the blob; one that has nothing else to do, if there is one.
    fn source_for(&self, wanted: &Wanted, silent: Option<LinkId>) -> Option<LinkId> {
        let usable = self.links.iter().filter(|link| {
            let is_free = link.has_vector && link.due_pieces.len() < MAX_OWED_PIECES;
            let may_have =
                !wanted.absent.contains(&link.id) && !wanted.shunned.contains(&link.peer.device);
            is_free && may_have && Some(link.id) != silent
        });
        // Who has said to have it, before who may.
        let best = usable.min_by_key(|link| {
            let has_said = wanted.holders.contains(&link.peer.device);
            (!has_said, link.due_pieces.len())
        });
        best.map(|link| link.id)
    }

    fn ask(&mut self, place: usize, name: BlobName, wanted: &mut Wanted, now: Time) {
        while wanted.wants_more() && self.links[place].due_pieces.len() < MAX_OWED_PIECES {
            let offset = wanted.next;
            wanted.next += BLOB_PIECE_BYTES as u64;
            wanted.since = now;
            self.links[place].due_pieces.push((name, offset));
            let message = Message::Blob(BlobMessage::Want { name, offset });
            self.send(place, message.encode());
        }
        if wanted.is_waiting() {
            self.wake_at(wanted.since.plus_ms(self.limits().blob_patience_ms));
        }
    }
}

impl Wanted {
    /// Whoever is the source now is asked for what comes behind what the host has.
    fn ask_from(&mut self, source: Option<LinkId>) {
        self.source = source;
        self.is_from_start = false;
        self.rewind();
    }

    /// Begins again behind what the host has, or from the start.
    fn rewind(&mut self) {
        self.expected = if self.is_from_start { 0 } else { self.kept };
        self.next = self.expected;
    }

    /// One piece until the size is known, then as many as the window has room for.
    fn wants_more(&self) -> bool {
        match self.total {
            Some(total) if !self.is_from_start => {
                self.next < total && self.next - self.kept < BLOB_WINDOW_BYTES as u64
            }
            _ => self.next == self.expected,
        }
    }

    fn comes(&mut self, piece: &BlobPiece, now: Time) -> bool {
        let end = piece.offset.saturating_add(piece.bytes.len() as u64);
        let is_whole = piece.bytes.len() == BLOB_PIECE_BYTES || end == piece.total;
        if piece.offset != self.expected || !is_whole {
            return false;
        }
        if piece.offset == 0 {
            (self.kept, self.is_from_start) = (0, false);
            self.sole = self.source;
        } else if self.sole != self.source {
            self.sole = None;
        }
        self.expected = end;
        // It may have been asked for before the last beginning.
        self.next = self.next.min(piece.total).max(end);
        self.total = Some(piece.total);
        self.since = now;
        true
    }

    fn is_held_by(&mut self, device: DeviceId) {
        if !self.holders.contains(&device) && self.holders.len() < MAX_BLOB_HOLDERS {
            self.holders.push(device);
        }
    }

    /// A link does not have the piece that begins at `offset`. It may have the blob all the same, if what is here is as long
    /// as that or longer.
    fn is_denied_by(&mut self, link: LinkId, offset: u64) {
        let is_source = self.source == Some(link);
        if is_source && offset > 0 {
            if !self.is_from_start && self.expected > 0 {
                self.is_from_start = true;
                self.rewind();
            }
            return;
        }
        if !self.absent.contains(&link) {
            self.absent.push(link);
        }
        if is_source {
            self.ask_from(None);
        }
    }

    fn is_overdue(&self, now: Time, patience_ms: u64) -> bool {
        self.source.is_some() && self.is_waiting() && now.since_ms(self.since) >= patience_ms
    }

    fn is_waiting(&self) -> bool {
        self.next > self.expected
    }
}
