//! The records of a log in an order in which each comes after its past.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MembershipError;
use crate::record::{Record, RecordId};

/// A record that was read and of which the signature is good.
#[derive(PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its name.
    pub id: RecordId,
    /// What it says.
    pub record: Record,
    /// How long the longest way to the genesis is: 1 for what lists nothing else. With the name as the second part it
    /// orders all records so that each comes after its past, whatever other records there are.
    pub generation: u32,
}

/// All records of a log behind the genesis, by generation and name, each with its past.
pub struct Graph<'a> {
    entries: &'a [Arc<Entry>],
    places: BTreeMap<RecordId, usize>,
    pasts: Vec<Bits>,
}

/// A set of records, by their places in the log.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, place: usize) -> bool {
        self.0[place / 64] & 1 << (place % 64) != 0
    }

    fn add(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn add_all(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(own, other)| *own |= other);
    }
}

impl<'a> Graph<'a> {
    /// The graph of entries that are in order.
    pub fn new(entries: &'a [Arc<Entry>]) -> Self {
        let places: BTreeMap<RecordId, usize> = (0..)
            .zip(entries)
            .map(|(place, entry)| (entry.id, place))
            .collect();
        let mut pasts: Vec<Bits> = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut past = Bits(vec![0; entries.len().div_ceil(64)]);
            for dep in &entry.record.deps {
                // The genesis is in every past and has no place.
                if let Some(&dep) = places.get(dep) {
                    past.add_all(&pasts[dep]);
                    past.add(dep);
                }
            }
            pasts.push(past);
        }
        Self {
            entries,
            places,
            pasts,
        }
    }

    /// The place of a record.
    pub fn find(&self, id: &RecordId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The entries, in order.
    pub fn entries(&self) -> &'a [Arc<Entry>] {
        self.entries
    }

    /// Whether the first is in the past of the second.
    pub fn is_before(&self, first: usize, second: usize) -> bool {
        self.pasts[second].has(first)
    }

    /// Whether neither is in the past of the other.
    pub fn are_concurrent(&self, one: usize, other: usize) -> bool {
        one != other && !self.is_before(one, other) && !self.is_before(other, one)
    }

    /// Those of some records that are in the past of none of the others.
    pub fn latest(&self, places: &[usize]) -> Vec<usize> {
        let mut places = places.to_vec();
        places.sort_unstable();
        let mut before = Bits(vec![0; self.entries.len().div_ceil(64)]);
        let mut latest = Vec::new();
        // What follows a record comes behind it.
        for place in places.into_iter().rev() {
            if !before.has(place) {
                before.add_all(&self.pasts[place]);
                latest.push(place);
            }
        }
        latest
    }
}

/// Puts new records into their order among those that are there. What lists a record that is nowhere is refused.
pub fn arrange(
    known: &[Arc<Entry>],
    new: BTreeMap<RecordId, Record>,
    genesis: RecordId,
) -> Result<Vec<Arc<Entry>>, MembershipError> {
    let mut generations: BTreeMap<RecordId, u32> = known
        .iter()
        .map(|entry| (entry.id, entry.generation))
        .collect();
    generations.insert(genesis, 0);
    let mut missing: BTreeMap<RecordId, usize> = BTreeMap::new();
    let mut listed_by: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    let mut ready = Vec::new();
    for (id, record) in &new {
        let absent = record
            .deps
            .iter()
            .filter(|dep| !generations.contains_key(dep));
        let absent: Vec<RecordId> = absent.copied().collect();
        if absent.is_empty() {
            ready.push(*id);
        }
        missing.insert(*id, absent.len());
        for dep in absent {
            listed_by.entry(dep).or_default().push(*id);
        }
    }
    while let Some(id) = ready.pop() {
        let deps = new[&id].deps.iter().map(|dep| generations[dep]);
        let generation = 1 + deps.max().unwrap_or(0);
        generations.insert(id, generation);
        for follower in listed_by.remove(&id).unwrap_or_default() {
            let missing = missing.get_mut(&follower).expect("it is one of the new");
            *missing -= 1;
            if *missing == 0 {
                ready.push(follower);
            }
        }
    }
    let mut entries = known.to_vec();
    for (id, record) in new {
        let generation = *generations.get(&id).ok_or(MembershipError::Incomplete)?;
        entries.push(Arc::new(Entry {
            id,
            record,
            generation,
        }));
    }
    entries.sort_by_key(|entry| (entry.generation, entry.id));
    Ok(entries)
}
