//! What a log amounts to: rule M17, and all others together.

use std::collections::{BTreeMap, BTreeSet};

use super::by_device::ByDevice;
use super::graph::Graph;
use super::ownership::Ownership;
use super::{Right, invitations, roles::Named};
use super::{keys, leaving};
use crate::DeviceId;
use crate::key::{DevicePublic, SealingCertificate, SealingPublic};
use crate::record::{Content, Cut, EpochId, RecordId, Role};

/// A device that is a member, or was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its key, if a record has it of which M11 takes the keys; nothing is verified without.
    pub key: Option<DevicePublic>,
    pub(super) sealing: Option<Sealing>,
    /// What it may; nothing if it is no longer a member.
    pub role: Option<Role>,
    /// Whether it is none because it has said so itself: nobody has removed it.
    pub has_left: bool,
    /// Whether no record of an owner is about it, so that another invitation lets it join again after it has left (M12).
    pub(super) joins_again: bool,
    /// What counts of what it no longer may write: of the project, and of the comments.
    pub(super) cuts: [Option<Cut>; 2],
}

/// An invitation that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The public key of its secret.
    pub key: DevicePublic,
    /// What is sealed to whoever has the secret.
    pub sealing: SealingPublic,
    /// What the invited may.
    pub role: Role,
    /// From then on no door lets anybody in by it, in ms since 1970.
    pub expires_ms: u64,
    /// So many devices may join.
    pub uses: u32,
    /// These have, as far as there were uses.
    pub joined: Vec<DeviceId>,
    /// Of these, whose joins an owner has seen.
    pub seen: BTreeSet<DeviceId>,
    /// Whether it was revoked.
    pub is_revoked: bool,
}

/// What a log amounts to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    pub members: ByDevice<Member>,
    /// What any records say of devices, whether they count or not.
    pub named: ByDevice<Mention>,
    pub invitations: BTreeMap<RecordId, Invitation>,
    /// What counts and is in the past of nothing else that counts, by generation and name.
    pub heads: Vec<RecordId>,
    /// The epoch under whose key to seal.
    pub epoch: Option<EpochId>,
    /// Whether somebody has that key who should not read any more, or somebody does not who should.
    pub is_epoch_due: bool,
}

/// What any records say of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mention {
    pub key: Option<DevicePublic>,
    /// The highest role that one of them gives it.
    pub highest: Option<Role>,
}

/// A sealing key, and whose word it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sealing {
    /// An owner has brought the device's certificate.
    Certified(SealingCertificate),
    /// The device has signed the record.
    Own(SealingPublic),
}

impl Member {
    /// What is sealed to it: the key of which the device itself has said that it is its own. A certificate is checked
    /// here, so that the log is read without.
    pub fn sealing(&self) -> Option<SealingPublic> {
        match self.sealing? {
            Sealing::Own(key) => Some(key),
            Sealing::Certified(certificate) => {
                certificate.verify(&self.key?).ok()?;
                Some(certificate.key)
            }
        }
    }

    /// Whether its role includes this.
    pub fn may(&self, right: Right) -> bool {
        self.role.is_some_and(|role| role.includes(right))
    }

    /// What counts of what it no longer may do. Nothing is cut off as long as it may.
    pub fn cut(&self, right: Right) -> Option<&Cut> {
        match right {
            Right::Read => None,
            Right::Comment => self.cuts[1].as_ref(),
            Right::Edit => self.cuts[0].as_ref(),
        }
    }
}

impl Role {
    /// Whether it includes this.
    pub fn includes(self, right: Right) -> bool {
        match right {
            Right::Read => true,
            Right::Comment => self >= Self::Commenter,
            Right::Edit => self >= Self::Editor,
        }
    }
}

/// What the records of a graph amount to.
pub fn evaluate(graph: &Graph<'_>, founder: DevicePublic) -> State {
    let ownership = Ownership::judge(graph, founder.device());
    let owners: BTreeSet<DeviceId> = ownership.owners().into_iter().collect();
    let mut named: BTreeMap<DeviceId, Named> = BTreeMap::new();
    named.entry(founder.device()).or_default();
    for (place, entry) in graph.entries().iter().enumerate() {
        let device = match &entry.record.content {
            Content::Added(added) => added.device.device(),
            Content::Changed(changed) => changed.device,
            Content::Readmitted(again) => again.device,
            _ => continue,
        };
        if ownership.counts(place) {
            named.entry(device).or_default().places.push(place);
        }
    }
    let invitations = invitations::evaluate(graph, &ownership);
    let mut counting: Vec<usize> = (0..graph.entries().len())
        .filter(|place| ownership.counts(*place))
        .collect();
    counting.extend(invitations.joins.iter().map(|(_, place, _)| *place));
    let latest = graph.latest(&counting).into_iter().rev();
    let heads = latest.map(|place| graph.entries()[place].id).collect();
    for (invitation, place, device) in invitations.joins {
        let role = invitations.open[&invitation].role;
        named.entry(device).or_default().joins.push((place, role));
    }
    note_fallen(graph, &mut named);
    let ended = leaving::ended(graph);
    // What never counted is before no epoch.
    counting.retain(|place| ended.contains_key(place));
    let members: BTreeMap<DeviceId, Member> = (named.into_iter())
        .map(|(device, named)| {
            let is_owner = owners.contains(&device);
            let judged = Named { is_owner, ..named };
            let member = judged.member(graph, &ended, founder, device);
            (device, member)
        })
        .collect();
    let members = ByDevice::from(members);
    let (epoch, is_epoch_due) = epochs(graph, &ownership, &members, &counting);
    State {
        members,
        named: mentions(graph, founder).into(),
        invitations: invitations.open,
        heads,
        epoch,
        is_epoch_due,
    }
}

/// What would have made a device a member that is one, or was, by other records.
fn note_fallen(graph: &Graph<'_>, named: &mut BTreeMap<DeviceId, Named>) {
    for (place, entry) in graph.entries().iter().enumerate() {
        let device = leaving::added_by(entry);
        if let Some(named) = device.and_then(|device| named.get_mut(&device))
            && named.places.binary_search(&place).is_err()
            && !named.joins.iter().any(|(join, _)| *join == place)
        {
            named.fallen.push(place);
        }
    }
}

fn mentions(graph: &Graph<'_>, founder: DevicePublic) -> BTreeMap<DeviceId, Mention> {
    let mut named: BTreeMap<DeviceId, Mention> = BTreeMap::new();
    let mut note = |device: DeviceId, key: Option<DevicePublic>, role: Option<Role>| {
        let known = named.entry(device).or_default();
        (known.key, known.highest) = (known.key.or(key), known.highest.max(role));
    };
    note(founder.device(), Some(founder), Some(Role::Owner));
    for entry in graph.entries() {
        let signer = entry.record.signer;
        match &entry.record.content {
            Content::Added(added) => {
                note(added.device.device(), Some(added.device), Some(added.role));
            }
            Content::Changed(changed) => note(changed.device, None, changed.role),
            Content::Readmitted(again) => note(again.device, None, Some(again.role)),
            Content::Joined(joined) => {
                let invitation = graph.find(&joined.invitation);
                let role =
                    invitation.and_then(|place| match &graph.entries()[place].record.content {
                        Content::Opened(opened) => Some(opened.role),
                        _ => None,
                    });
                note(signer.device(), Some(signer), role);
            }
            _ => {}
        }
    }
    named
}

/// The epoch of the longest way to the genesis that counts, and whether its key is with somebody who should not have it, or not
/// with somebody who should.
fn epochs(
    graph: &Graph<'_>,
    ownership: &Ownership<'_>,
    members: &ByDevice<Member>,
    ended: &[usize],
) -> (Option<EpochId>, bool) {
    let entries = graph.entries();
    let begun = (0..entries.len())
        .filter(|place| matches!(entries[*place].record.content, Content::Begun(_)))
        .filter(|place| ownership.counts(*place));
    let longest_way = |place: &usize| {
        (
            entries[*place].generation,
            std::cmp::Reverse(entries[*place].id),
        )
    };
    let current = begun.max_by_key(longest_way);
    let current = current.and_then(|place| match &entries[place].record.content {
        Content::Begun(begun) => Some((place, begun)),
        _ => None,
    });
    // An owner can have signed what lets the first one fall.
    let Some((current, begun)) = current else {
        return (None, true);
    };
    let is_member = |device: &DeviceId| {
        members
            .get(device)
            .is_some_and(|member| member.role.is_some())
    };
    let shuts_out = |place: usize| match &entries[place].record.content {
        Content::Changed(changed) => !is_member(&changed.device),
        Content::Revoked(_) => true,
        _ => false,
    };
    let is_news = |place: usize| !graph.is_before(place, current);
    // With the addition she may have got the key.
    let has_gone =
        |place: usize| leaving::added_by(&entries[place]).is_some_and(|device| !is_member(&device));
    let is_due = (0..entries.len())
        .any(|place| ownership.counts(place) && shuts_out(place) && is_news(place))
        || (ended.iter()).any(|place| has_gone(*place) && is_news(*place))
        || begun.members.iter().any(|(device, _)| !is_member(device));
    let epoch = entries[current].id.epoch();
    let records = entries.iter().map(|entry| (entry.id, &entry.record));
    let given = keys::given(records, &BTreeSet::from([epoch]));
    let mut readers = (members.iter()).filter(|(_, member)| member.role.is_some());
    let is_lacking = readers.any(|(device, _)| !given.contains(device));
    (Some(epoch), is_due || is_lacking)
}
