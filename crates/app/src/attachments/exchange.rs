//! Attachments between machines: what is wanted, what came, what others ask for.

use std::collections::BTreeMap;

use graph::id::PersonId;
use relay::{Kept, has_piece};
use sync::{BlobEvent, BlobName, BlobPiece, Exchange, Phase, Time};
use trust::DeviceId;

use super::content::does_not_open;
use super::{
    Attachment, AttachmentStage, Attachments, BlobDone, BlobWork, Claim, Found, Holder, Stage,
    TELL_MS, blob_of, not_sealed, over_quota,
};
use crate::failure::{Failure, store_words};
use crate::fault::{Fault, planted};

/// Attachments of which it is known who has them, named here or not.
const MAX_KNOWN: usize = 4096;

/// The others of the room.
pub(crate) struct Peers<'a> {
    pub(crate) exchange: &'a mut Exchange,
    pub(crate) now: Time,
}

impl Peers<'_> {
    /// Whether what is not sealed stays where it is.
    fn is_closed(&self) -> bool {
        !self.exchange.membership().is_open() && !planted(Fault::AttachInClear)
    }
}

/// Who was heard on which device, and what they call themselves.
pub(crate) type Faces = BTreeMap<DeviceId, Face>;

/// Somebody, and their name.
pub(crate) type Face = (PersonId, String);

impl Attachments {
    /// The project has entered a room: what is here is offered, what lacks is fetched.
    pub(crate) fn enter(&mut self, peers: &mut Peers<'_>) {
        let names: Vec<BlobName> = self.stages.keys().copied().collect();
        for name in names {
            match self.stages[&name] {
                Stage::Here { bytes, is_sealed } => self.offer(name, bytes, is_sealed, peers),
                Stage::Wanted { kept } => self.want(name, kept, Some(peers)),
                _ => {}
            }
        }
    }

    /// Offers what is here, unless it is to be sealed before.
    fn offer(&mut self, name: BlobName, bytes: u64, is_sealed: bool, peers: &mut Peers<'_>) {
        if is_sealed || !peers.is_closed() {
            peers.exchange.offer_blob(name, bytes, peers.now);
        } else {
            self.unsealed.insert(name);
        }
    }

    /// Fetches what lacks. What nobody says to be sealed is not even asked for in a closed room: its name is a hash of it.
    fn want(&mut self, name: BlobName, kept: u64, peers: Option<&mut Peers<'_>>) {
        let is_closed = peers.as_ref().is_some_and(|peers| peers.is_closed());
        if is_closed && !self.named.is_sealed(&name) {
            return self.put(name, Stage::Failed(not_sealed()));
        }
        self.put(name, Stage::Wanted { kept });
        if let Some(peers) = peers {
            peers.exchange.want_blob(name, kept, peers.now);
        }
    }

    /// Something about attachments came over a link. Devices that sent something else under a name are returned.
    pub(crate) fn take(
        &mut self,
        event: BlobEvent,
        peers: &mut Peers<'_>,
        work: &mut Vec<BlobWork>,
    ) -> Option<DeviceId> {
        match event {
            BlobEvent::Asked { link, name, offset } => match self.gives(&name, offset, peers) {
                true => work.push(BlobWork::Read(link, name, offset)),
                false => peers.exchange.deny_blob(link, name),
            },
            BlobEvent::Offered { device, name, .. } => {
                // It may be heard of before the change that names it.
                let is_here = matches!(self.stages.get(&name), Some(Stage::Here { .. }));
                let is_room = self.holders.len() < MAX_KNOWN || self.holders.contains_key(&name);
                if !is_here && is_room {
                    self.holders.entry(name).or_default().insert(device);
                    self.changed.insert(name);
                }
            }
            BlobEvent::Came(piece) => return self.came(piece, peers, work),
        }
        None
    }

    /// Whether a piece that somebody asks for is here and may leave. A wish for what would be behind the end says nothing of
    /// the blob, and is not looked for on the disk.
    fn gives(&self, name: &BlobName, offset: u64, peers: &Peers<'_>) -> bool {
        let Some(Stage::Here { bytes, is_sealed }) = self.stages.get(name) else {
            return false;
        };
        (*is_sealed || !peers.is_closed()) && has_piece(*bytes, offset)
    }

    fn came(
        &mut self,
        piece: BlobPiece,
        peers: &mut Peers<'_>,
        work: &mut Vec<BlobWork>,
    ) -> Option<DeviceId> {
        if !matches!(self.stages.get(&piece.name), Some(Stage::Wanted { .. })) {
            peers.exchange.unwant_blob(&piece.name);
            return None;
        }
        if piece.total > self.named.size(&piece.name) {
            self.changed.insert(piece.name);
            return peers.exchange.overlong_blob(piece.name, peers.now);
        }
        work.push(BlobWork::Keep(piece));
        None
    }

    /// The disk has answered. Devices that sent something else under a name are returned.
    pub(crate) fn learn(
        &mut self,
        done: BlobDone,
        peers: Option<&mut Peers<'_>>,
    ) -> Option<DeviceId> {
        match done {
            BlobDone::Looked(found, Ok(left_bytes)) => self.found(found, left_bytes, peers),
            BlobDone::Looked(found, Err(error)) => {
                let (code, message) = store_words(&error);
                for (name, ..) in found {
                    self.put(name, Stage::Failed(Failure::new(code, message.clone())));
                }
            }
            BlobDone::Read(link, name, piece) => {
                let peers = peers?;
                match piece {
                    Some(piece) => peers.exchange.give_blob(link, piece),
                    None => {
                        // It is damaged or was removed. Others may have it.
                        peers.exchange.withdraw_blob(&name);
                        peers.exchange.deny_blob(link, name);
                        self.look([name]);
                    }
                }
            }
            BlobDone::Kept(name, kept) => return self.kept(name, kept, peers),
            // The project names it by its new name.
            BlobDone::Sealed(..) => {}
        }
        None
    }

    fn found(
        &mut self,
        found: Vec<(BlobName, Vec<Claim>, Found)>,
        left_bytes: u64,
        mut peers: Option<&mut Peers<'_>>,
    ) {
        let wanted = self.stages.iter().filter_map(|(name, stage)| match stage {
            Stage::Wanted { kept } => Some(self.named.size(name).saturating_sub(*kept)),
            _ => None,
        });
        let mut left_bytes = left_bytes.saturating_sub(wanted.sum());
        for (name, claims, found) in found {
            if self.stages.get(&name) != Some(&Stage::Unknown) {
                continue;
            }
            if claims != self.named.claims(&name) {
                // Something else is said of it since.
                self.unknown.push(name);
                continue;
            }
            let (kept, size) = match found {
                Found::Whole { bytes, is_sealed } => {
                    self.put(name, Stage::Here { bytes, is_sealed });
                    self.holders.remove(&name);
                    if let Some(peers) = &mut peers {
                        self.offer(name, bytes, is_sealed, peers);
                    }
                    continue;
                }
                Found::Other => {
                    self.put(name, Stage::Failed(does_not_open()));
                    if let Some(peers) = &mut peers {
                        peers.exchange.unwant_blob(&name);
                        peers.exchange.withdraw_blob(&name);
                    }
                    continue;
                }
                Found::Part(kept) => (kept, self.named.size(&name)),
            };
            let lacking = size.saturating_sub(kept);
            if lacking > left_bytes {
                self.put(name, Stage::Failed(over_quota(size, left_bytes)));
                continue;
            }
            left_bytes -= lacking;
            self.want(name, kept, peers.as_deref_mut());
        }
    }

    fn kept(
        &mut self,
        name: BlobName,
        kept: Kept,
        peers: Option<&mut Peers<'_>>,
    ) -> Option<DeviceId> {
        let peers = peers?;
        if !matches!(self.stages.get(&name), Some(Stage::Wanted { .. })) {
            return None;
        }
        if matches!(kept, Kept::Part(_) | Kept::Whole(_)) {
            let refused: Vec<BlobName> = self.refused().collect();
            self.look(refused);
        }
        match kept {
            Kept::Part(bytes) => {
                self.put(name, Stage::Wanted { kept: bytes });
                peers.exchange.want_blob(name, bytes, peers.now);
            }
            Kept::Short(bytes) => {
                self.put(name, Stage::Wanted { kept: bytes });
                peers.exchange.rewind_blob(name, bytes, peers.now);
            }
            // Whether it is what the project says is not known yet.
            Kept::Whole(_) => self.look([name]),
            Kept::Spoiled => {
                self.put(name, Stage::Wanted { kept: 0 });
                return peers.exchange.spoiled_blob(name, peers.now);
            }
            Kept::Failed(error) => {
                let (code, message) = store_words(&error);
                self.put(name, Stage::Refused(Failure::new(code, message)));
                peers.exchange.unwant_blob(&name);
            }
        }
        None
    }

    /// When windows are to hear of something.
    pub(crate) fn wake(&self) -> Option<Time> {
        self.tell_at
    }

    /// What windows are to hear now.
    pub(crate) fn take_news(
        &mut self,
        graph: &graph::Project,
        exchange: Option<&Exchange>,
        faces: &Faces,
        now: Time,
    ) -> Vec<Attachment> {
        if self.changed.is_empty() {
            self.tell_at = None;
            return Vec::new();
        }
        // Without a room there is no time, and nothing that changes often.
        if exchange.is_some() && *self.tell_at.get_or_insert(now) > now {
            return Vec::new();
        }
        self.tell_at = exchange.map(|_| now.plus_ms(TELL_MS));
        let changed = std::mem::take(&mut self.changed);
        self.shown(changed, graph, exchange, faces)
    }

    /// How all stand that are not here.
    pub(crate) fn missing(
        &self,
        graph: &graph::Project,
        exchange: Option<&Exchange>,
        faces: &Faces,
    ) -> Vec<Attachment> {
        let missing = self.stages.iter();
        let missing = missing.filter(|(_, it)| !matches!(it, Stage::Here { .. } | Stage::Unknown));
        let names: Vec<BlobName> = missing.map(|(name, _)| *name).collect();
        self.shown(names, graph, exchange, faces)
    }

    fn shown(
        &self,
        names: impl IntoIterator<Item = BlobName>,
        graph: &graph::Project,
        exchange: Option<&Exchange>,
        faces: &Faces,
    ) -> Vec<Attachment> {
        let views: BTreeMap<BlobName, sync::BlobView> = exchange
            .iter()
            .flat_map(|exchange| exchange.blobs())
            .map(|view| (view.name, view))
            .collect();
        let linked: Vec<DeviceId> = exchange
            .iter()
            .flat_map(|exchange| exchange.peers())
            .filter(|peer| peer.phase != Phase::Opening)
            .map(|peer| peer.peer.device)
            .collect();
        let names = names.into_iter();
        let shown = names.filter_map(|name| {
            let view = views.get(&name);
            let stage = match self.stages.get(&name)? {
                Stage::Unknown => return None,
                Stage::Here { .. } => AttachmentStage::Here,
                Stage::Wanted { kept } if view.is_some_and(is_coming) => AttachmentStage::Coming {
                    kept_bytes: *kept,
                    total_bytes: self.named.size(&name),
                },
                Stage::Wanted { .. } => AttachmentStage::Missing,
                Stage::Stopped => AttachmentStage::Stopped,
                Stage::Failed(failure) | Stage::Refused(failure) => AttachmentStage::Failed {
                    failure: failure.clone(),
                },
            };
            let holders = match stage {
                AttachmentStage::Here => Vec::new(),
                _ => self.holders_of(&name, view, graph, faces, &linked),
            };
            Some(Attachment {
                blob: blob_of(&name),
                stage,
                holders,
            })
        });
        shown.collect()
    }

    /// Who has it: who said so, then who attached it.
    fn holders_of(
        &self,
        name: &BlobName,
        view: Option<&sync::BlobView>,
        graph: &graph::Project,
        faces: &Faces,
        linked: &[DeviceId],
    ) -> Vec<Holder> {
        let said = self.holders.get(name).into_iter().flatten();
        let said = said.chain(view.iter().flat_map(|view| &view.holders));
        let mut holders: Vec<Holder> = Vec::new();
        let mut add = |holder: Holder| {
            let known = holders
                .iter_mut()
                .find(|known| (&known.name, known.is_me) == (&holder.name, holder.is_me));
            match known {
                Some(known) => known.is_linked |= holder.is_linked,
                None => holders.push(holder),
            }
        };
        for device in said {
            let face = faces.get(device);
            add(Holder {
                name: face.map(|(_, name)| name.clone()),
                is_me: face.is_some_and(|(person, _)| Some(*person) == self.me),
                is_linked: linked.contains(device),
            });
        }
        let node = self.named.nodes_of(name).next();
        let by = node.and_then(|node| graph.attached_by(node, &blob_of(name)));
        if let Some(by) = by {
            let people = &graph.view().frame().people;
            add(Holder {
                name: people.get(&by).map(|person| person.name.clone()),
                is_me: Some(by) == self.me,
                is_linked: false,
            });
        }
        holders.sort_by_key(|holder| (!holder.is_linked, holder.name.is_none()));
        holders
    }

    /// Has every attachment told anew of which it is told who has it: somebody came or went.
    pub(crate) fn note_company(&mut self) {
        let missing = self.stages.iter();
        let missing = missing.filter(|(_, stage)| matches!(stage, Stage::Wanted { .. }));
        self.changed.extend(missing.map(|(name, _)| *name));
    }
}

/// Whether it is being asked of somebody who has it, and not of somebody who may.
fn is_coming(view: &sync::BlobView) -> bool {
    view.source
        .is_some_and(|source| view.holders.contains(&source))
}
