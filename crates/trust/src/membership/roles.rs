//! What one device may, and what counts of what it has written: rules M11, M16 and M20.

use std::collections::BTreeMap;

use super::Right;
use super::graph::Graph;
use super::leaving::least;
use super::state::{Member, Sealing};
use crate::DeviceId;
use crate::key::DevicePublic;
use crate::record::{Content, Cut, Record, Role};

/// What the records that count say of one device.
#[derive(Default)]
pub struct Named {
    /// Additions and changes, in order.
    pub places: Vec<usize>,
    /// Where it joined, and as what.
    pub joins: Vec<(usize, Role)>,
    /// Additions and joins that do not count, in order.
    pub fallen: Vec<usize>,
    /// Whether it is an owner (M7).
    pub is_owner: bool,
}

impl Named {
    /// What they amount to, if the device has ended some additions and joins.
    pub fn member(
        &self,
        graph: &Graph<'_>,
        ended: &BTreeMap<usize, &Cut>,
        founder: DevicePublic,
        device: DeviceId,
    ) -> Member {
        let nothing = BTreeMap::new();
        let said = Roles::judge(graph, self, &nothing);
        let has_left = said
            .additions()
            .any(|addition| ended.contains_key(&addition));
        let kept = has_left.then(|| Roles::judge(graph, self, ended));
        // Who is no owner by M7 is none by a sum of additions either.
        let limited = |role: Option<Role>| match self.is_owner {
            true => Some(Role::Owner),
            false => role.min(Some(Role::Editor)),
        };
        let role = limited(kept.as_ref().unwrap_or(&said).standing());
        let (key, sealing) = self.keys(graph).unzip();
        let cut = |right| match role.is_some_and(|role| role.includes(right)) {
            true => None,
            false => Some(
                said.cut(right)
                    .or_else(|| kept.as_ref()?.own_cut(right))
                    .unwrap_or_default(),
            ),
        };
        Member {
            key: key.or((device == founder.device()).then_some(founder)),
            sealing,
            role,
            has_left: role.is_none() && limited(said.standing()).is_some(),
            joins_again: self.places.is_empty(),
            cuts: [cut(Right::Edit), cut(Right::Comment)],
        }
    }

    /// The latest that is known of its keys.
    fn keys(&self, graph: &Graph<'_>) -> Option<(DevicePublic, Sealing)> {
        let has_keys = |place: &usize| keys_in(graph, *place).is_some();
        let joins = self.joins.iter().map(|(place, _)| *place);
        let counting = self.places.iter().copied().chain(joins).filter(has_keys);
        let is_join = |place: usize| matches!(keys_in(graph, place), Some((_, Sealing::Own(_))));
        let is_seen = |place: usize| {
            let mut places = self.places.iter();
            places.any(|later| graph.is_before(place, *later))
        };
        let fallen = self.fallen.iter().copied().filter(has_keys);
        let fallen = fallen.filter(|place| is_join(*place) || is_seen(*place));
        let latest = (counting.max()).or_else(|| fallen.max_by_key(|it| (is_join(*it), *it)));
        keys_in(graph, latest?)
    }
}

/// The keys of a device that a record names.
fn keys_in(graph: &Graph<'_>, place: usize) -> Option<(DevicePublic, Sealing)> {
    let record = &graph.entries()[place].record;
    match &record.content {
        Content::Added(added) => Some((added.device, Sealing::Certified(added.sealing))),
        Content::Joined(joined) => Some((record.signer, Sealing::Own(joined.sealing))),
        _ => None,
    }
}

/// Works out roles, remembering what each record finds its device with and leaves it with.
struct Roles<'a> {
    graph: &'a Graph<'a>,
    named: &'a Named,
    /// The additions and joins that count for nothing any more.
    ended: &'a BTreeMap<usize, &'a Cut>,
    before: BTreeMap<usize, Option<Role>>,
    after: BTreeMap<usize, Option<Role>>,
}

impl<'a> Roles<'a> {
    fn judge(graph: &'a Graph<'a>, named: &'a Named, ended: &'a BTreeMap<usize, &'a Cut>) -> Self {
        let mut own = Self {
            graph,
            named,
            ended,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        };
        for place in &named.places {
            let before = own.standing_before(*place);
            own.before.insert(*place, before);
            let after = match &own.record(*place).content {
                _ if own.is_ended(*place) => None,
                Content::Added(added) => before.max(Some(added.role)),
                Content::Changed(changed) => changed.role,
                Content::Readmitted(again) => Some(again.role),
                _ => None,
            };
            own.after.insert(*place, after);
        }
        own
    }

    /// Whether a record gives nothing since the device has left: an addition that it has ended, or a change of a role when all
    /// additions before it are ended.
    fn is_ended(&self, place: usize) -> bool {
        if !matches!(self.record(place).content, Content::Changed(_)) {
            return self.ended.contains_key(&place);
        }
        let mut before = (self.additions())
            .filter(|addition| self.graph.is_before(*addition, place))
            .peekable();
        before.peek().is_some() && before.all(|addition| self.ended.contains_key(&addition))
    }

    /// What has made the device a member.
    fn additions(&self) -> impl Iterator<Item = usize> {
        let is_addition =
            |place: &usize| !matches!(self.record(*place).content, Content::Changed(_));
        let places = self.named.places.iter().copied().filter(is_addition);
        places.chain(self.named.joins.iter().map(|(place, _)| *place))
    }

    /// The role at last.
    fn standing(&self) -> Option<Role> {
        self.lowest(&self.named.places, |_| true)
    }

    fn standing_before(&self, place: usize) -> Option<Role> {
        let is_before = |other: &usize| self.graph.is_before(*other, place);
        let past: Vec<usize> = self
            .named
            .places
            .iter()
            .copied()
            .filter(is_before)
            .collect();
        self.lowest(&past, is_before)
    }

    /// The lowest role that the latest of some records leave; the highest by those joins that are wanted if there are none.
    fn lowest(&self, places: &[usize], is_wanted: impl Fn(&usize) -> bool) -> Option<Role> {
        let latest = self.graph.latest(places);
        let roles = latest.iter().map(|place| self.after[place]);
        let joins = self.named.joins.iter();
        let joins = joins.filter(|(place, _)| is_wanted(place) && !self.ended.contains_key(place));
        let joined = joins.map(|(_, role)| *role).max();
        roles.min().unwrap_or(joined)
    }

    /// The sum of the cuts of all records that took the right away and that no record followed which gave it back. What the
    /// device says of itself matters only where nobody else has said anything, and then the least of it.
    fn cut(&self, right: Right) -> Option<Cut> {
        let mut sum: Option<Cut> = None;
        let mut own: Option<Cut> = None;
        for place in &self.named.places {
            let Content::Changed(changed) = &self.record(*place).content else {
                continue;
            };
            let is_kept = has(changed.role, right) || self.is_given_back(*place, right);
            if is_kept || !has(self.before[place], right) {
                continue;
            }
            if self.record(*place).signer.device() == changed.device {
                own = Some(narrowed(own, &changed.cut));
                continue;
            }
            let sum = sum.get_or_insert_default();
            for (nonce, number) in &changed.cut {
                let most = sum.entry(*nonce).or_default();
                *most = (*most).max(*number);
            }
        }
        sum.or(own)
    }

    /// The least of the cuts with which the device has ended the latest additions that gave it the right.
    fn own_cut(&self, right: Right) -> Option<Cut> {
        let gave: Vec<usize> = (self.additions())
            .filter(|addition| self.gave(*addition, right))
            .collect();
        let latest = self.graph.latest(&gave).into_iter();
        let cuts = latest.filter_map(|addition| self.ended.get(&addition));
        cuts.fold(None, |own, cut| Some(narrowed(own, cut)))
    }

    /// Whether an addition gave a right, or a change of the role after it did.
    fn gave(&self, addition: usize, right: Right) -> bool {
        let role = |place: usize| match &self.record(place).content {
            Content::Added(added) => Some(added.role),
            Content::Readmitted(again) => Some(again.role),
            Content::Changed(changed) => changed.role,
            _ => {
                let mut joins = self.named.joins.iter();
                joins
                    .find(|(join, _)| *join == place)
                    .map(|(_, role)| *role)
            }
        };
        let later = self.named.places.iter().copied();
        let mut later = later.filter(|place| self.graph.is_before(addition, *place));
        has(role(addition), right) || later.any(|place| has(role(place), right))
    }

    fn is_given_back(&self, place: usize, right: Right) -> bool {
        let mut later = self.named.places.iter();
        later.any(|later| self.graph.is_before(place, *later) && has(self.after[later], right))
    }

    fn record(&self, place: usize) -> &'a Record {
        &self.graph.entries()[place].record
    }
}

fn has(role: Option<Role>, right: Right) -> bool {
    role.is_some_and(|role| role.includes(right))
}

fn narrowed(own: Option<Cut>, cut: &Cut) -> Cut {
    match own {
        Some(own) => least(own, cut),
        None => cut.clone(),
    }
}
