//! An open project and files of changes: what somebody lacks goes out, what a file has comes in.

use std::collections::BTreeSet;

use graph::time::Timestamp;
use sync::{Bundle, LogRange, Vector};

use super::shared::unix_ms;
use super::{Answer, Effect, Project, Ticket};
use crate::failure::{Failure, sentence, store_words};
use crate::room::acquainted::Acquaintances;

/// A bundle that lacks its frames, and where they are in the log.
pub struct Packed {
    /// Membership and what is held.
    pub bundle: Bundle,
    /// Its frames, in this order.
    pub ranges: Vec<LogRange>,
}

/// What a file brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    /// Frames that were new.
    pub frames: usize,
    /// Nodes that differ for it.
    pub nodes: usize,
    /// Frames that begin later than what is here.
    pub left: usize,
}

impl Project {
    /// What others are known to hold, what is held here, and who was removed and gets nothing any more.
    pub(super) fn acquaintances(&mut self, now: Timestamp) -> Answer {
        match &mut self.shared {
            Some(shared) => {
                shared.room.note_acquaintances(now, shared.time());
                let known = shared.room.acquaintances().clone();
                let members = shared.room.members().members();
                let gone = members.filter(|(_, member)| member.role.is_none());
                let gone = gone.map(|(device, _)| *device).collect();
                Answer::Acquaintances(known, shared.room.held(), gone)
            }
            None => Answer::Acquaintances(Acquaintances::new(), Vector::new(), BTreeSet::new()),
        }
    }

    /// A bundle is wanted; it is given once everything that is here is in frames and written.
    pub(super) fn begin_bundle(
        &mut self,
        ticket: Ticket,
        since: Vector,
        effects: &mut Vec<Effect>,
    ) {
        match &mut self.shared {
            Some(shared) => {
                shared.room.begin_packing();
                shared.packing.push((ticket, since));
            }
            None => effects.push(Effect::Answer(ticket, Err(Failure::not_shared()))),
        }
    }

    /// Gives the bundles that can be given now. Call it after own changes were put into frames.
    pub(super) fn deliver_bundles(&mut self, effects: &mut Vec<Effect>) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        if shared.packing.is_empty() {
            return;
        }
        if let Some(error) = self.outbox.stalled() {
            let (code, message) = store_words(error);
            let failed = shared.packing.drain(..).map(|(ticket, _)| {
                Effect::Answer(ticket, Err(Failure::new(code, message.clone())))
            });
            return effects.extend(failed);
        }
        let room = &mut shared.room;
        shared.packing.retain(|(ticket, since)| {
            let Some((bundle, ranges)) = room.pack(since) else {
                return true;
            };
            let packed = Box::new(Packed { bundle, ranges });
            effects.push(Effect::Answer(*ticket, Ok(Answer::Bundle(packed))));
            false
        });
    }

    /// Takes in what a file has, as if a peer had sent it.
    pub(super) fn import(
        &mut self,
        now: Timestamp,
        bundle: &Bundle,
        effects: &mut Vec<Effect>,
    ) -> Result<Brought, Failure> {
        let shared = self.shared.as_mut().ok_or_else(Failure::not_shared)?;
        let imported = shared
            .room
            .import(&mut self.graph, bundle, shared.time(), unix_ms(now));
        let (taken_in, left) = imported.map_err(|error| {
            Failure::new(
                "BUNDLE_REFUSED",
                "The file has changes that whoever made it may not make in this project. Nothing was taken in.",
            )
            .with_detail(sentence(&error.to_string()))
        })?;
        let brought = Brought {
            frames: taken_in.len(),
            nodes: taken_in
                .iter()
                .flat_map(|it| &it.merged)
                .map(|(_, merged)| merged.delta.nodes.len())
                .sum(),
            left,
        };
        self.take_in(now, taken_in, effects);
        self.take_blob_events();
        self.tell_soon();
        Ok(brought)
    }
}
