//! The attachments that a relay keeps of one room, so that who comes later finds them.

use store::MAX_BLOB_BYTES;
use sync::{BlobEvent, BlobName, BlobPiece, Exchange, LinkId, Time};

use super::Effect;
use crate::pieces::{Kept, has_piece};

/// Attachments that are being fetched, or are wanted and nobody has them; the longest wanted goes first.
const MAX_COMING: usize = 64;

/// Attachments of one room; a room of more gets the rest from whoever has them.
const MAX_ITEMS: usize = 4096;

/// What is kept of a room's attachments, and what is coming.
///
/// Bytes are reserved when the first piece says how many a blob has. What is offered is fetched while there is space;
/// for what is asked for, the longest unused makes room.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shelf {
    /// Longest unused first.
    items: Vec<Item>,
    /// Longest wanted first.
    coming: Vec<Coming>,
}

#[derive(Clone, Debug, PartialEq)]
struct Item {
    name: BlobName,
    total: u64,
    is_whole: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Coming {
    name: BlobName,
    /// Somebody asked for it.
    is_asked: bool,
    /// The room was on disk by then; nothing is fetched before.
    is_begun: bool,
}

/// What a shelf works on: the room's exchange, what is to be done, and how much may be kept.
pub(super) struct Desk<'a> {
    pub(super) exchange: &'a mut Exchange,
    pub(super) effects: &'a mut Vec<Effect>,
    pub(super) quota_bytes: u64,
    pub(super) now: Time,
}

impl Shelf {
    /// What happened to blobs of the room. Nothing is fetched while `is_on_disk` is false: who has sent no frame gets no
    /// space.
    pub(super) fn take(&mut self, desk: &mut Desk<'_>, event: BlobEvent, is_on_disk: bool) {
        match event {
            BlobEvent::Asked { link, name, offset } => {
                let total = self.use_item(&name);
                if total.is_some_and(|total| has_piece(total, offset)) {
                    desk.effects.push(Effect::ReadBlob(link, name, offset));
                    return;
                }
                desk.exchange.deny_blob(link, name);
                if total.is_none() {
                    self.want(desk, name, true, is_on_disk);
                }
            }
            BlobEvent::Offered { name, total, .. } => {
                let fits = self.used_bytes().saturating_add(total) <= desk.quota_bytes;
                if fits && !self.has(&name) {
                    self.want(desk, name, false, is_on_disk);
                }
            }
            BlobEvent::Came(piece) => self.keep(desk, piece),
        }
    }

    /// The store says how much of a wanted blob is there already.
    pub(super) fn found(&self, desk: &mut Desk<'_>, name: BlobName, kept: u64) {
        if self.is_coming(&name) {
            desk.exchange.want_blob(name, kept, desk.now);
        }
    }

    /// A piece was read for somebody, or is not there.
    pub(super) fn read(
        &mut self,
        desk: &mut Desk<'_>,
        link: LinkId,
        name: BlobName,
        piece: Option<BlobPiece>,
    ) {
        match piece {
            Some(piece) => desk.exchange.give_blob(link, piece),
            None => {
                // Removed for another room that had it too, or damaged.
                self.items.retain(|item| item.name != name);
                desk.exchange.deny_blob(link, name);
                self.want(desk, name, true, true);
            }
        }
    }

    /// What became of a piece.
    pub(super) fn kept(&mut self, desk: &mut Desk<'_>, name: BlobName, kept: &Kept) {
        if !self.is_coming(&name) {
            return;
        }
        match kept {
            Kept::Part(bytes) => desk.exchange.want_blob(name, *bytes, desk.now),
            Kept::Short(bytes) => desk.exchange.rewind_blob(name, *bytes, desk.now),
            Kept::Whole(total) => {
                self.coming.retain(|coming| coming.name != name);
                let item = self.items.iter_mut().find(|item| item.name == name);
                if let Some(item) = item {
                    item.is_whole = true;
                }
                desk.exchange.have_blob(name, *total, desk.now);
                desk.effects.push(Effect::KeepShelf(self.encode()));
            }
            Kept::Spoiled => {
                let guilty = desk.exchange.spoiled_blob(name, desk.now);
                desk.effects.extend(guilty.map(Effect::Blame));
            }
            Kept::Failed(_) => self.forget(desk, &name),
        }
    }

    /// What is kept or coming.
    pub(crate) fn names(&self) -> impl Iterator<Item = BlobName> {
        self.items.iter().map(|item| item.name)
    }

    /// How many bytes are kept or reserved.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.items.iter().map(|item| item.total).sum()
    }

    pub(super) fn has(&self, name: &BlobName) -> bool {
        self.items
            .iter()
            .any(|item| item.name == *name && item.is_whole)
    }

    fn is_coming(&self, name: &BlobName) -> bool {
        self.coming.iter().any(|coming| coming.name == *name)
    }

    /// How many bytes it has, if it is here; then it is the last to go.
    fn use_item(&mut self, name: &BlobName) -> Option<u64> {
        let mut items = self.items.iter();
        let place = items.position(|item| item.name == *name && item.is_whole)?;
        let item = self.items.remove(place);
        let total = item.total;
        self.items.push(item);
        Some(total)
    }

    fn want(&mut self, desk: &mut Desk<'_>, name: BlobName, is_asked: bool, is_on_disk: bool) {
        if let Some(coming) = self.coming.iter_mut().find(|coming| coming.name == name) {
            coming.is_asked |= is_asked;
            return;
        }
        if self.coming.len() == MAX_COMING && !is_asked {
            return;
        }
        if self.coming.len() == MAX_COMING {
            let oldest = self.coming[0].name;
            self.forget(desk, &oldest);
        }
        self.coming.push(Coming {
            name,
            is_asked,
            is_begun: is_on_disk,
        });
        if is_on_disk {
            desk.effects.push(Effect::FindBlob(name));
        }
    }

    /// The room is on disk: what waited for that begins.
    pub(super) fn begin(&mut self, desk: &mut Desk<'_>) {
        for coming in self.coming.iter_mut().filter(|coming| !coming.is_begun) {
            coming.is_begun = true;
            desk.effects.push(Effect::FindBlob(coming.name));
        }
    }

    fn keep(&mut self, desk: &mut Desk<'_>, piece: BlobPiece) {
        let Some(coming) = self.coming.iter().find(|coming| coming.name == piece.name) else {
            return desk.exchange.unwant_blob(&piece.name);
        };
        let is_asked = coming.is_asked;
        if piece.total > desk.quota_bytes.min(MAX_BLOB_BYTES) {
            let guilty = desk.exchange.overlong_blob(piece.name, desk.now);
            // Within the protocol's limit it is no fault to have more than this relay keeps.
            let guilty = guilty.filter(|_| piece.total > MAX_BLOB_BYTES);
            return desk.effects.extend(guilty.map(Effect::Blame));
        }
        if !self.reserve(desk, piece.name, piece.total, is_asked) {
            return self.forget(desk, &piece.name);
        }
        desk.effects.push(Effect::KeepBlob(piece));
    }

    /// Whether there is room for a blob, made if somebody asked for it.
    fn reserve(
        &mut self,
        desk: &mut Desk<'_>,
        name: BlobName,
        total: u64,
        makes_room: bool,
    ) -> bool {
        if let Some(item) = self.items.iter().find(|item| item.name == name) {
            if item.total == total {
                return true;
            }
            self.items.retain(|item| item.name != name);
        }
        let is_full = |shelf: &Self| {
            shelf.used_bytes().saturating_add(total) > desk.quota_bytes
                || shelf.items.len() >= MAX_ITEMS
        };
        let mut gone = Vec::new();
        while is_full(self) {
            if !makes_room || self.items.is_empty() {
                break;
            }
            gone.push(self.items.remove(0).name);
        }
        let fits = !is_full(self);
        for name in &gone {
            self.coming.retain(|coming| coming.name != *name);
            desk.exchange.unwant_blob(name);
        }
        if fits {
            self.items.push(Item {
                name,
                total,
                is_whole: false,
            });
        }
        if !gone.is_empty() {
            desk.effects.push(Effect::DropBlobs(gone));
        }
        desk.effects.push(Effect::KeepShelf(self.encode()));
        fits
    }

    /// Gives up fetching it.
    fn forget(&mut self, desk: &mut Desk<'_>, name: &BlobName) {
        self.coming.retain(|coming| coming.name != *name);
        self.items
            .retain(|item| item.name != *name || item.is_whole);
        desk.exchange.unwant_blob(name);
        desk.effects.push(Effect::DropPart(*name));
    }

    /// Each item in its order: its name, its size as 8 bytes, big-endian, and 1 if it is whole.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.items.len() * ITEM_BYTES);
        for item in &self.items {
            bytes.extend(item.name.0);
            bytes.extend(item.total.to_be_bytes());
            bytes.push(u8::from(item.is_whole));
        }
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote; of something else, as much as makes sense.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        let items = bytes.chunks_exact(ITEM_BYTES).filter_map(|bytes| {
            let (name, rest) = bytes.split_first_chunk::<32>()?;
            let (total, rest) = rest.split_first_chunk::<8>()?;
            Some(Item {
                name: BlobName(*name),
                total: u64::from_be_bytes(*total),
                is_whole: rest == [1],
            })
        });
        Self {
            items: items.take(MAX_ITEMS).collect(),
            ..Self::default()
        }
    }
}

const ITEM_BYTES: usize = 32 + 8 + 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back() {
        let item = |byte, is_whole| Item {
            name: BlobName([byte; 32]),
            total: u64::from(byte) << 40,
            is_whole,
        };
        let shelf = Shelf {
            items: vec![item(2, true), item(1, false)],
            ..Shelf::default()
        };
        assert_eq!(Shelf::decode(&shelf.encode()), shelf);
        assert_eq!(Shelf::decode(b"something else"), Shelf::default());
    }
}
