//! What was reported durable survives a loss of power, and what was only written is there whole or not at all.

use std::path::Path;

use crate::common::{count_shared, create_shared, framed, open_on, snapshot};
use store::{
    Acknowledgement, Document, Seq, Store,
    testing::{Fate, Random, TestDisk, append, project},
};

const CUTS: u64 = 80;

/// Seeds whose cut took something, so that the test is known to have tested something.
const MIN_LOSSES: usize = 20;

#[test]
fn what_was_durable_survives_a_power_cut() {
    let losses = (0..CUTS).filter(|&seed| cut(seed)).count();
    println!("{losses} of {CUTS} power cuts took writes that were not durable");
    assert!(
        losses >= MIN_LOSSES,
        "only {losses} of {CUTS} cuts took anything"
    );
}

/// One cut under load; says whether it took anything that was written.
fn cut(seed: u64) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let mut random = Random::new(seed + 1_000);
    let mut durable = 0;
    let mut lost = false;
    // The second life starts from what the first cut left.
    for life in 0..2 {
        let (reported, written) = live(&disk, dir.path(), durable, &mut random);
        // Seed 0: nothing that was not synced is there.
        disk.come_back(if seed.is_multiple_of(4) {
            0
        } else {
            seed * 2 + life
        });
        let store = open_on(&disk, dir.path()).unwrap();
        assert!(store.opened().fresh_identity_needed());
        let found = count_shared(&store);
        assert!(
            found >= reported,
            "seed {seed}: {reported} were durable, {found} are there"
        );
        lost |= found < written;
        durable = found;
    }
    lost
}

/// Appends numbers from `first` on until the power goes; says how many were durable and how many written.
fn live(disk: &TestDisk, dir: &Path, first: u64, random: &mut Random) -> (u64, u64) {
    let store = open_on(disk, dir).unwrap();
    create_shared(&store);
    assert_eq!(count_shared(&store), first);
    let mut fates = Vec::new();
    let last = first + random.below(300);
    for number in first..=last {
        fates.push(append(
            &store,
            project(1),
            framed(number, random.below(3_000) as usize),
        ));
        if random.below(80) == 0 {
            let through = fates.last().unwrap().written().unwrap();
            compact(&store, through, number + 1);
            fates.clear();
        }
    }
    let before = first.max(newest_snapshot(&store));
    let known = wait_a_while(disk, &store, &fates, last + 1, random);
    disk.cut_power();
    drop(store);
    let (durable, written) = tally(&fates, before);
    (durable, written.max(known))
}

/// Lets the writer get on to a moment of chance; says how many are known to be written then.
fn wait_a_while(
    disk: &TestDisk,
    store: &dyn Store,
    fates: &[Fate],
    next: u64,
    random: &mut Random,
) -> u64 {
    if random.below(2) == 0 {
        cut_between_written_and_durable(disk, store, next)
            .written()
            .unwrap();
        return next + 1;
    }
    if let Some(fate) = fates.get(random.below(300) as usize) {
        fate.written().unwrap();
    }
    0
}

/// The moment at which the most can be lost: the acknowledgement comes from the writer, before it syncs.
fn cut_between_written_and_durable(disk: &TestDisk, store: &dyn Store, number: u64) -> Fate {
    let (disk, (sender, fate)) = (disk.clone(), Fate::channel());
    let acknowledge = move |news| {
        disk.cut_power();
        sender.send(news).unwrap();
    };
    store.append(project(1), framed(number, 10), Box::new(acknowledge));
    fate
}

fn compact(store: &dyn Store, through: Seq, end: u64) {
    store
        .compact(project(1), Document::PROJECT, through, snapshot(end))
        .unwrap();
}

/// A compaction is durable when it returns, and with it all it covers.
fn newest_snapshot(store: &dyn Store) -> u64 {
    let loaded = store.load(project(1)).unwrap();
    let snapshot = loaded
        .documents
        .get(&Document::PROJECT)
        .and_then(|document| document.snapshot.as_ref());
    snapshot.map_or(0, |snapshot| {
        std::str::from_utf8(&snapshot.bytes)
            .unwrap()
            .parse()
            .unwrap()
    })
}

fn tally(fates: &[Fate], before: u64) -> (u64, u64) {
    let (mut durable, mut written) = (before, before);
    for (number, fate) in (before + 1..).zip(fates) {
        while let Some(news) = fate.poll() {
            match news {
                Acknowledgement::Written(_) => written = number,
                Acknowledgement::Durable(_) => durable = number,
                Acknowledgement::Failed(_) => {}
            }
        }
    }
    (durable, written.max(durable))
}
