//! Who has joined by an invitation: rules M12 to M14.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Graph;
use super::ownership::Ownership;
use super::state::Invitation;
use crate::DeviceId;
use crate::record::{Content, RecordId};

/// What the log says of invitations.
pub struct Invitations {
    /// Those that count, revoked ones too.
    pub open: BTreeMap<RecordId, Invitation>,
    /// The joins that count: the invitation, the place of the join and the device.
    pub joins: Vec<(RecordId, usize, DeviceId)>,
}

/// Judges invitations, revocations and joins.
pub fn evaluate(graph: &Graph<'_>, ownership: &Ownership<'_>) -> Invitations {
    let mut open = BTreeMap::new();
    let mut revocations: BTreeMap<RecordId, Vec<usize>> = BTreeMap::new();
    let mut joins: BTreeMap<RecordId, Vec<usize>> = BTreeMap::new();
    for (place, entry) in graph.entries().iter().enumerate() {
        match &entry.record.content {
            Content::Opened(opened) if ownership.counts(place) => {
                let invitation = Invitation {
                    key: opened.key,
                    sealing: opened.sealing,
                    role: opened.role,
                    expires_ms: opened.expires_ms,
                    uses: opened.uses,
                    joined: Vec::new(),
                    seen: BTreeSet::new(),
                    is_revoked: false,
                };
                open.insert(entry.id, invitation);
            }
            Content::Revoked(id) if ownership.counts(place) => {
                revocations.entry(*id).or_default().push(place);
            }
            Content::Joined(joined) => joins.entry(joined.invitation).or_default().push(place),
            _ => {}
        }
    }
    let mut counting = Vec::new();
    for (id, invitation) in &mut open {
        let revocations = revocations.get(id).map_or(&[][..], Vec::as_slice);
        invitation.is_revoked = !revocations.is_empty();
        let mut joins = joins.remove(id).unwrap_or_default();
        joins.retain(|join| revocations.iter().all(|end| graph.is_before(*join, *end)));
        for place in first_of(graph, ownership, joins, invitation.uses) {
            let device = graph.entries()[place].record.signer.device();
            invitation.joined.push(device);
            if is_seen(graph, ownership, place) {
                invitation.seen.insert(device);
            }
            counting.push((*id, place, device));
        }
        invitation.joined.sort_unstable();
    }
    Invitations {
        open,
        joins: counting,
    }
}

/// As many joins as there are uses, of different devices: first those that an owner has seen, then by name.
fn first_of(
    graph: &Graph<'_>,
    ownership: &Ownership<'_>,
    mut joins: Vec<usize>,
    uses: u32,
) -> Vec<usize> {
    let entries = graph.entries();
    joins.sort_by_cached_key(|join| (!is_seen(graph, ownership, *join), entries[*join].id));
    let mut devices = BTreeSet::new();
    joins.retain(|join| devices.insert(entries[*join].record.signer.device()));
    joins.truncate(uses as usize);
    joins
}

/// Whether a join is before a counting record of an owner.
fn is_seen(graph: &Graph<'_>, ownership: &Ownership<'_>, join: usize) -> bool {
    let mut later = join..graph.entries().len();
    later.any(|later| ownership.counts(later) && graph.is_before(join, later))
}
