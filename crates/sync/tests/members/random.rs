//! Machines that come and go while owners change who may what, under a seed: at rest all who may write hold the same.
//!
//! A failure names its seed.

use sync::fault::{Fault, clear, plant};
use sync::{Document, LinkError, LinkId};
use trust::record::Role;
use trust::{Refusal, Right, Standing};

use crate::cuts::house;
use crate::house::{House, Machine};

const SEEDS: u64 = 80;
const STEPS: usize = 250;

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

const ROLES: [Role; 6] = [
    Role::Owner,
    Role::Editor,
    Role::Editor,
    Role::Commenter,
    Role::Viewer,
    Role::Editor,
];

fn document(random: &mut Random) -> Document {
    match random.below(3) {
        0 => Document::Comments,
        _ => Document::Project,
    }
}

fn step(house: &mut House, random: &mut Random) {
    let machine = random.below(house.machines.len());
    match random.below(20) {
        0..=4 => {
            let document = document(random);
            let right = match document {
                Document::Comments => Right::Comment,
                _ => Right::Edit,
            };
            // Who has heard that he may not does so all the same, now and then, if he might once.
            let membership = house.machines[machine].exchange.membership();
            let was = membership.was_ever(&house.machines[machine].device(), right);
            if house.machines[machine].may(right) || (was && random.below(4) == 0) {
                house.machines[machine].write(document);
            }
        }
        5 => {
            let (by, who) = (random.below(2), 2 + random.below(house.machines.len() - 2));
            let role = [
                None,
                Some(Role::Viewer),
                Some(Role::Commenter),
                Some(Role::Editor),
            ];
            let role = role[random.below(role.len())];
            let device = house.machines[who].device();
            let owner = &mut house.machines[by];
            let cut = owner.cut_of(device);
            if owner.actor.change(device, role, &cut).is_ok() {
                owner.tell();
            }
        }
        6 | 7 => {
            let other = random.below(house.machines.len());
            if machine != other && !house.are_joined(machine, other) {
                house.join(machine, other);
            }
        }
        8 => {
            let links = house.link_ids();
            if !links.is_empty() {
                house.cut(links[random.below(links.len())]);
            }
        }
        9 if random.below(4) == 0 => {
            house.cut_all_of(machine);
            house.machines[machine].restart();
        }
        10 => house.now = house.now.plus_ms(random.below(1500) as u64),
        _ => {
            let links: Vec<LinkId> = house.link_ids();
            if !links.is_empty() {
                house.deliver(links[random.below(links.len())], random.below(2));
            }
        }
    }
    house.poll();
}

/// Some of what is on its way is not what was sent. Links end for that.
fn tamper(house: &mut House, random: &mut Random) {
    let links = house.link_ids();
    if !links.is_empty() && random.below(6) == 0 {
        let (link, end) = (links[random.below(links.len())], random.below(2));
        house.tamper(link, end, |end| random.below(end));
    }
}

/// Everybody is joined to everybody, and who may write does so once more.
fn come_to_rest(house: &mut House) {
    for one in 0..house.machines.len() {
        for other in 0..one {
            if !house.are_joined(one, other) {
                house.join(one, other);
            }
        }
    }
    house.settle();
    for machine in &mut house.machines {
        if machine.may(Right::Edit) {
            machine.write(Document::Project);
        }
    }
    house.settle();
}

/// How many streams count beyond their cuts, because somebody stands for what is there.
fn check(house: &House) -> Result<usize, String> {
    let log = house.machines[0].exchange.membership();
    let may = |machine: &Machine, right| log.permits(&machine.device(), right).is_ok();
    let readers = house
        .machines
        .iter()
        .filter(|machine| may(machine, Right::Read));
    let alice = &house.machines[0];
    let all = alice.exchange.held();
    for machine in readers {
        let (device, held) = (machine.device(), machine.exchange.held());
        if machine.exchange.membership() != log {
            return Err(format!("{device} has another log of members"));
        }
        // Who may not write cannot vouch, and keeps what it had.
        if !held.covers(&all) || (may(machine, Right::Edit) && held != all) {
            return Err(format!("{device} holds {held:?}, others {all:?}"));
        }
    }
    if !house.wrongly_taken.is_empty() {
        return Err(format!("{:?} did not count", house.wrongly_taken));
    }
    check_frames(house)?;
    let beyond = all.iter().filter(|(stream, number)| {
        let right = alice.log[&(*stream, *number)].header().right();
        log.standing(&stream.device, right, stream.nonce, *number) != Standing::Counts
    });
    Ok(beyond.count())
}

/// Everybody has what the device has written that is named in a frame.
fn check_frames(house: &House) -> Result<(), String> {
    for machine in &house.machines {
        for ((stream, number), frame) in &machine.log {
            let author = house
                .machines
                .iter()
                .find(|other| other.stream() == *stream);
            let written = author.and_then(|author| author.log.get(&(*stream, *number)));
            if written != Some(frame) {
                return Err(format!("{stream:?} has not written {number}"));
            }
        }
    }
    Ok(())
}

fn check_ends(house: &House) -> Result<(), String> {
    match house.ended.iter().find(|(_, _, error)| !is_removal(error)) {
        Some(wrong) => Err(format!("{wrong:?}")),
        None => Ok(()),
    }
}

fn is_removal(error: &LinkError) -> bool {
    let refusal = match error {
        LinkError::NotPermitted { refusal, .. } => Some(*refusal),
        _ => None,
    };
    refusal == Some(Refusal::NotAMember)
}

fn run(seed: u64) -> Result<(usize, usize), String> {
    let (mut house, mut random) = (house(&ROLES), Random(seed));
    for _ in 0..STEPS {
        step(&mut house, &mut random);
    }
    come_to_rest(&mut house);
    let checked = check(&house).and_then(|beyond| check_ends(&house).map(|()| beyond));
    let beyond = checked.map_err(|broken| format!("seed {seed}: {broken}"))?;
    Ok((beyond, house.ended.len()))
}

/// As before, with somebody on all links, who is gone at the end.
fn run_tampered(seed: u64) -> Result<usize, String> {
    let (mut house, mut random) = (house(&ROLES), Random(seed));
    for _ in 0..STEPS {
        step(&mut house, &mut random);
        tamper(&mut house, &mut random);
    }
    for link in house.link_ids() {
        house.cut(link);
    }
    come_to_rest(&mut house);
    check(&house).map_err(|broken| format!("seed {seed}: {broken}"))?;
    Ok(house
        .ended
        .iter()
        .filter(|(_, _, error)| !is_removal(error))
        .count())
}

#[test]
fn r5_at_rest_all_who_may_write_hold_the_same_and_nothing_that_nobody_stands_for() {
    let runs: Result<Vec<(usize, usize)>, String> = (1..=SEEDS).map(run).collect();
    let runs = runs.unwrap_or_else(|broken| panic!("{broken}"));
    let beyond: usize = runs.iter().map(|(beyond, _)| beyond).sum();
    let ended: usize = runs.iter().map(|(_, ended)| ended).sum();
    println!("{SEEDS} seeds, {beyond} streams beyond their cuts, {ended} links of removed ones");
    assert!(beyond > 20 && ended > 20, "it hardly ever happened");
}

#[test]
fn r1_who_stands_on_the_links_puts_nothing_into_a_log() {
    let ended: Result<Vec<usize>, String> = (1..=SEEDS).map(run_tampered).collect();
    let ended: usize = ended
        .unwrap_or_else(|broken| panic!("{broken}"))
        .into_iter()
        .sum();
    println!("{SEEDS} seeds, {ended} links ended for what came");
    assert!(ended > 100, "it hardly ever happened");
}

fn must_be_noticed(fault: Fault) {
    plant(fault);
    let noticed = (1..=SEEDS).find_map(|seed| run(seed).err().or(run_tampered(seed).err()));
    clear();
    println!(
        "{fault:?}: {}",
        noticed.expect("the runs notice a planted fault")
    );
}

#[test]
fn r1_a_frame_that_somebody_else_has_changed_and_that_is_taken_is_noticed() {
    must_be_noticed(Fault::ForgetSignatures);
}

#[test]
fn r4_a_frame_that_nobody_stands_for_and_that_is_taken_is_noticed() {
    must_be_noticed(Fault::TakeWhatWasLeft);
}

#[test]
fn r5_a_frame_that_somebody_stands_for_and_that_is_not_taken_is_noticed() {
    must_be_noticed(Fault::ForgetVouchers);
}

#[test]
fn r6_a_frame_that_was_left_and_is_not_asked_for_is_noticed() {
    must_be_noticed(Fault::ForgetWhatWasLeft);
}
