//! Which records of owners count: rules M7 to M10.

use std::collections::BTreeMap;

use super::circles::last_circles;
use super::graph::Graph;
use crate::DeviceId;
use crate::record::{Content, Role};

/// What is known of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It depends on records of which nothing is known yet.
    Open,
    /// It counts.
    Counts,
    /// It does not.
    Falls,
}

/// What the log says of ownership.
pub struct Ownership<'a> {
    graph: &'a Graph<'a>,
    founder: DeviceId,
    signers: Vec<DeviceId>,
    /// Who is made an owner, and where.
    grants: BTreeMap<DeviceId, Vec<usize>>,
    /// Whose ownership ends, and where.
    ends: BTreeMap<DeviceId, Vec<usize>>,
    /// The last resignation of who is made an owner there, if one is before it.
    resigned: BTreeMap<usize, usize>,
    verdicts: Vec<Verdict>,
}

impl<'a> Ownership<'a> {
    /// Judges every record of owners. Joins and leaves fall here: they neither make owners nor end them.
    pub fn judge(graph: &'a Graph<'a>, founder: DeviceId) -> Self {
        let mut own = Self {
            graph,
            founder,
            signers: Vec::new(),
            grants: grants(graph),
            ends: BTreeMap::new(),
            resigned: BTreeMap::new(),
            verdicts: Vec::new(),
        };
        for (place, entry) in graph.entries().iter().enumerate() {
            own.signers.push(entry.record.signer.device());
            if let Some(device) = own.ended_by(place) {
                own.ends.entry(device).or_default().push(place);
            }
        }
        own.resigned = own.named_again();
        let mut staying = Vec::new();
        own.settle(&staying);
        while own.owners().is_empty() {
            let Some(last) = own.last_to_resign() else {
                break;
            };
            staying.push(last);
            own.settle(&staying);
        }
        own
    }

    /// Whether the record counts.
    pub fn counts(&self, place: usize) -> bool {
        self.verdicts[place] == Verdict::Counts
    }

    /// All owners.
    pub fn owners(&self) -> Vec<DeviceId> {
        let granted = self
            .grants
            .keys()
            .copied()
            .filter(|device| *device != self.founder);
        let all = std::iter::once(self.founder).chain(granted);
        all.filter(|device| self.is_owner(device, None)).collect()
    }

    /// Whether the device is an owner by the records that count: of all, or of those in the past of one.
    fn is_owner(&self, device: &DeviceId, before: Option<usize>) -> bool {
        let counting = |list: &BTreeMap<DeviceId, Vec<usize>>| {
            let places = of(list, device).iter().copied();
            let in_past =
                |place: &usize| before.is_none_or(|end| self.graph.is_before(*place, end));
            places
                .filter(|place| self.counts(*place) && in_past(place))
                .collect::<Vec<_>>()
        };
        let (grants, ends) = (counting(&self.grants), counting(&self.ends));
        if grants.is_empty() && ends.is_empty() {
            return *device == self.founder;
        }
        let latest = self.graph.latest(&[grants.as_slice(), &ends].concat());
        latest
            .iter()
            .all(|place| grants.binary_search(place).is_ok())
    }

    /// Judges all of it, if the resignations of some fall.
    fn settle(&mut self, staying: &[DeviceId]) {
        let verdict = |place: usize| match &self.graph.entries()[place].record.content {
            Content::Joined(_) | Content::Left(_) => Verdict::Falls,
            _ if self.is_resignation(place) && staying.contains(&self.signers[place]) => {
                Verdict::Falls
            }
            _ => Verdict::Open,
        };
        self.verdicts = (0..self.signers.len()).map(verdict).collect();
        loop {
            let needs = self.propagate();
            let circles = last_circles(&needs);
            if circles.is_empty() {
                return;
            }
            for circle in circles {
                self.break_circle(&circle);
            }
        }
    }

    /// Judges whatever can be judged. What remains open is returned with the open records on which it depends.
    fn propagate(&mut self) -> BTreeMap<usize, Vec<usize>> {
        loop {
            let mut needs = BTreeMap::new();
            let mut is_changed = false;
            for place in 0..self.verdicts.len() {
                if self.verdicts[place] != Verdict::Open {
                    continue;
                }
                match self.judge_one(place) {
                    Ok(verdict) => {
                        self.verdicts[place] = verdict;
                        is_changed = true;
                    }
                    Err(open) => {
                        needs.insert(place, open);
                    }
                }
            }
            if !is_changed {
                return needs;
            }
        }
    }

    /// The verdict, or the open records on which it depends.
    fn judge_one(&self, place: usize) -> Result<Verdict, Vec<usize>> {
        let signer = &self.signers[place];
        let ends = of(&self.ends, signer);
        let is_resignation = self.is_resignation(place);
        let concurrent = |end: &usize| {
            self.graph.are_concurrent(*end, place) && !(is_resignation && self.is_resignation(*end))
        };
        if ends.iter().any(|end| concurrent(end) && self.counts(*end)) {
            return Ok(Verdict::Falls);
        }
        let grants = of(&self.grants, signer);
        let matters = |other: &usize| self.graph.is_before(*other, place);
        let open: Vec<usize> = (grants.iter().filter(|grant| matters(grant)))
            .chain(ends.iter().filter(|end| matters(end) || concurrent(end)))
            .filter(|other| self.verdicts[**other] == Verdict::Open)
            .copied()
            .collect();
        match open.is_empty() {
            false => Err(open),
            true if self.is_owner(signer, Some(place)) => Ok(Verdict::Counts),
            true => Ok(Verdict::Falls),
        }
    }

    /// Of the owners whose end by others is in the circle, the earliest added stays; of those who resign, if there are
    /// only such.
    fn break_circle(&mut self, circle: &[usize]) {
        let mut ends: Vec<(usize, DeviceId)> = (circle.iter())
            .filter_map(|place| Some((*place, self.ended_by(*place)?)))
            .collect();
        if ends.iter().any(|(place, _)| !self.is_resignation(*place)) {
            ends.retain(|(place, _)| !self.is_resignation(*place));
        }
        let earliest = (ends.iter())
            .min_by_key(|(place, device)| self.seniority(device, *place))
            .map(|(_, device)| *device);
        for (place, device) in ends {
            if Some(device) == earliest {
                self.verdicts[place] = Verdict::Falls;
            }
        }
    }

    /// Since when a device is an owner, as the past of a record has it: where it was first named one, by generation, then by
    /// name, and the founder before all others. Who has resigned and was named again afterwards is one since then.
    fn seniority(&self, device: &DeviceId, before: usize) -> (usize, DeviceId) {
        let grants: Vec<usize> = (of(&self.grants, device).iter().copied())
            .filter(|grant| self.graph.is_before(*grant, before))
            .collect();
        // Those behind the last resignation; all of them where there is none.
        let resigned = grants.iter().map(|grant| self.resigned.get(grant)).max();
        let first = grants
            .iter()
            .find(|grant| Some(self.resigned.get(grant)) == resigned);
        let since = match (resigned.flatten(), first) {
            (None, _) if *device == self.founder => 0,
            (_, Some(grant)) => 1 + grant,
            (_, None) => usize::MAX,
        };
        (since, *device)
    }

    fn named_again(&self) -> BTreeMap<usize, usize> {
        let mut resigned = BTreeMap::new();
        for (device, ends) in &self.ends {
            let ends: Vec<usize> = (ends.iter().copied())
                .filter(|end| self.is_resignation(*end))
                .collect();
            for grant in of(&self.grants, device) {
                let mut latest = ends.iter().rev();
                let last = latest.find(|end| self.graph.is_before(**end, *grant));
                resigned.extend(last.map(|end| (*grant, *end)));
            }
        }
        resigned
    }

    fn ended_by(&self, place: usize) -> Option<DeviceId> {
        match &self.graph.entries()[place].record.content {
            Content::Changed(changed) if changed.role != Some(Role::Owner) => Some(changed.device),
            _ => None,
        }
    }

    fn is_resignation(&self, place: usize) -> bool {
        self.ended_by(place) == Some(self.signers[place])
    }

    /// Of who has a resignation that counts and that no other follows, the earliest added.
    fn last_to_resign(&self) -> Option<DeviceId> {
        let counts = |place: &usize| self.counts(*place) && self.is_resignation(*place);
        let resignations: Vec<usize> = (0..self.verdicts.len()).filter(counts).collect();
        let latest = self.graph.latest(&resignations).into_iter();
        let earliest = latest.min_by_key(|place| self.seniority(&self.signers[*place], *place));
        earliest.map(|place| self.signers[place])
    }
}

/// Where each device is named as an owner, rightly or not.
pub fn grants(graph: &Graph<'_>) -> BTreeMap<DeviceId, Vec<usize>> {
    let mut grants: BTreeMap<DeviceId, Vec<usize>> = BTreeMap::new();
    for (place, entry) in graph.entries().iter().enumerate() {
        let device = match &entry.record.content {
            Content::Added(added) if added.role == Role::Owner => added.device.device(),
            Content::Changed(changed) if changed.role == Some(Role::Owner) => changed.device,
            _ => continue,
        };
        grants.entry(device).or_default().push(place);
    }
    grants
}

fn of<'m>(map: &'m BTreeMap<DeviceId, Vec<usize>>, device: &DeviceId) -> &'m [usize] {
    map.get(device).map_or(&[], Vec::as_slice)
}
