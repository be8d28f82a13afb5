//! Logs that somebody has made to keep others busy. A full log is read in less than a second, most of which is signatures;
//! what must not happen is that its records are compared with each other more than once.

use super::*;
use crate::record::Changed;

/// As many as are quick to sign, and too many for anything that grows with their cube.
const MANY: usize = 1_000;

fn change(device: DeviceId, role: Option<Role>) -> Content {
    let cut = Cut::new();
    Content::Changed(Changed { device, role, cut })
}

/// A log with all of these records of both of its owners.
fn with(all: &[Actor], records: Vec<Record>) -> Membership {
    let mut log = all[0].log.clone();
    let records: Vec<Vec<u8>> = records.iter().map(Record::encode).collect();
    log.merge(&[vec![log.records()[0].clone()], records].concat())
        .unwrap();
    log
}

/// A number makes each a record of its own.
fn numbered(number: usize, content: Content) -> Content {
    match content {
        Content::Changed(changed) => Content::Changed(Changed {
            cut: Cut::from([(number as u64, 1)]),
            ..changed
        }),
        other => other,
    }
}

#[test]
fn many_mutual_removals_at_once() {
    let all = owners(1);
    let deps = heads(&all[0].log);
    let [alice, bob] = [0, 1].map(|place: usize| all[place].device());
    let records = (0..MANY).map(|number| {
        let (by, aim) = [(&all[0], bob), (&all[1], alice)][number % 2];
        let content = numbered(number, change(aim, None));
        Record::sign(all[0].log.room(), deps.clone(), content, &by.key)
    });
    let log = with(&all, records.collect());
    assert_eq!(log.role_of(&alice), OWNER);
    assert_eq!(log.role_of(&bob), None);
}

#[test]
fn many_resignations_of_the_last_owner() {
    let all = owners(0);
    let alice = all[0].device();
    let first = heads(&all[0].log);
    for is_chain in [false, true] {
        let (mut deps, mut records) = (first.clone(), vec![]);
        for number in 0..MANY {
            let content = numbered(number, change(alice, VIEWER));
            let record = Record::sign(all[0].log.room(), deps.clone(), content, &all[0].key);
            if is_chain {
                deps = vec![RecordId::of(&record.encode())];
            }
            records.push(record);
        }
        assert_eq!(with(&all, records).role_of(&alice), OWNER);
    }
}

#[test]
fn many_changes_of_one_member_one_after_the_other() {
    let all = owners(1);
    let bob = all[1].device();
    let mut deps = heads(&all[0].log);
    let mut records = vec![];
    for number in 0..MANY {
        let role = [OWNER, EDITOR][number % 2];
        let content = numbered(number, change(bob, role));
        let record = Record::sign(all[0].log.room(), deps, content, &all[0].key);
        deps = vec![RecordId::of(&record.encode())];
        records.push(record);
    }
    assert_eq!(with(&all, records).role_of(&bob), EDITOR);
}
