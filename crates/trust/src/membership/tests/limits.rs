//! How much a log takes up, and of whom.

use super::*;
use crate::membership::{MAX_LOG_BYTES, MAX_RECORDS_OF_ONE, Refused};
use crate::record::{Changed, Left};

/// Records of one signer, each its own, that all build on the same.
fn flood(by: &Actor, deps: &[RecordId], numbers: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    let mut deps = deps.to_vec();
    deps.sort_unstable();
    let record = |number| {
        let content = Content::Changed(Changed {
            device: DeviceId([9; 32]),
            role: None,
            cut: Cut::from([(number, 1)]),
        });
        Record::sign(by.log.room(), deps.clone(), content, &by.key).encode()
    };
    numbers.map(record).collect()
}

fn merge(actor: &mut Actor, records: &[Vec<u8>]) -> Result<bool, MembershipError> {
    let genesis = actor.log.records()[0].clone();
    actor.log.merge(&[&[genesis], records].concat())
}

const SHARE: u64 = MAX_RECORDS_OF_ONE as u64;

/// Whoever was removed shows two machines different records, and as many as each of them takes.
#[test]
fn m18_who_was_removed_neither_fills_a_log_nor_parts_those_who_have_one() {
    let mut all = owners(2);
    let early = heads(&all[0].log);
    let mallory = all.remove(1);
    all[0].change(mallory.device(), None, &[]).unwrap();
    hear_all(&mut all);
    let before = all[0].log.records().len();
    assert_eq!(
        merge(&mut all[0], &flood(&mallory, &early, 0..SHARE + 9)),
        Ok(true)
    );
    let other = flood(&mallory, &early, 5_000..5_000 + SHARE + 9);
    assert_eq!(merge(&mut all[1], &other), Ok(true));
    assert_eq!(all[0].log.records().len(), before + MAX_RECORDS_OF_ONE);
    // Both go on, and hear each other.
    let (dora, ella) = (all[0].beside(4), all[0].beside(5));
    all[0].add(&dora, Role::Editor).unwrap();
    all[1].add(&ella, Role::Viewer).unwrap();
    let (one, two) = (all[0].clone(), all[1].clone());
    all[0].hear(&two);
    all[1].hear(&one);
    for actor in &all {
        assert_eq!(actor.log.role_of(&dora.device()), EDITOR);
        assert_eq!(actor.log.role_of(&ella.device()), VIEWER);
        assert_eq!(actor.log.role_of(&mallory.device()), None);
        assert_eq!(actor.log.records().len(), before + MAX_RECORDS_OF_ONE + 2);
    }
    // What was left may have named whoever others forward frames of.
    let standing = all[0].log.standing(&DeviceId([8; 32]), Right::Edit, 1, 1);
    assert_eq!(standing, Standing::Lost);
    let again = Membership::open(all[0].log.records());
    assert_eq!(
        again.as_ref(),
        Ok(&all[0].log),
        "a log that was stored is read back"
    );
}

#[test]
fn m18_what_builds_on_a_record_that_is_left_is_left_too() {
    let mut all = owners(1);
    let deps = heads(&all[0].log);
    let bob = all[1].clone();
    let mut records = flood(&bob, &deps, 0..SHARE);
    assert_eq!(merge(&mut all[0], &records), Ok(true));
    records = flood(&bob, &deps, SHARE..SHARE + 1);
    let over = RecordId::of(&records[0]);
    records.extend(flood(&all[0], &[over], 0..1));
    assert_eq!(merge(&mut all[0], &records), Ok(false));
}

#[test]
fn m18_an_owner_learns_that_she_has_said_enough() {
    let mut all = owners(1);
    let deps = heads(&all[0].log);
    let bob = all[1].clone();
    merge(&mut all[1], &flood(&bob, &deps, 0..SHARE)).unwrap();
    let alice = all[0].device();
    let said = all[1].change(alice, VIEWER, &[]);
    assert_eq!(said, Err(Refused::Log(MembershipError::TooManyOfOne)));
    let heard = all[1].clone();
    all[0].hear(&heard);
    all[0].change(bob.device(), None, &[]).unwrap();
    assert_eq!(all[0].log.role_of(&bob.device()), None);
}

#[test]
fn m18_who_has_an_invitation_does_not_fill_the_log_with_devices() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let deps = heads(&alice.log);
    let before = alice.log.records().len();
    let sealing = alice.sealing.public();
    let join = |number: usize| {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        let device = crate::key::DeviceKey::from_seed(&seed);
        let by = (invitation, &secret(1).key());
        Record::join(alice.log.room(), deps.clone(), by, sealing, &device).encode()
    };
    let joins: Vec<Vec<u8>> = (0..MAX_RECORDS_OF_ONE + 3).map(join).collect();
    assert_eq!(merge(&mut alice, &joins), Ok(true));
    assert_eq!(alice.log.records().len(), before + MAX_RECORDS_OF_ONE);
    let bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    assert_eq!(alice.log.role_of(&bob.device()), EDITOR);
}

#[test]
fn m18_a_log_that_is_too_large_is_refused_before_it_is_read() {
    let mut alice = Actor::founder(1);
    let before = alice.log.clone();
    for records in [
        vec![vec![0; 1 << 14]; MAX_LOG_BYTES >> 14],
        vec![vec![0]; MAX_RECORDS],
        vec![vec![0; MAX_RECORD_BYTES + 1]],
    ] {
        assert_eq!(merge(&mut alice, &records), Err(MembershipError::TooLarge));
    }
    assert_eq!(
        merge(&mut alice, &[vec![0]]),
        Err(MembershipError::UnknownRecord)
    );
    assert_eq!(alice.log, before);
}

/// A stranger signs thousands of records rightly, and the naming that would entitle him wrongly.
#[test]
fn m18_no_signature_is_checked_of_who_could_not_have_said_so() {
    let mut alice = Actor::founder(1);
    let stranger = alice.beside(9);
    let deps = heads(&alice.log);
    let own = flood(&stranger, &deps, 0..2);
    let mut forged = own[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    let refused = merge(&mut alice, &[forged, own[1].clone()]);
    assert_eq!(refused, Err(MembershipError::NotEntitled));
    let naming = Content::Changed(Changed {
        device: stranger.device(),
        role: OWNER,
        cut: Cut::new(),
    });
    let mut naming = Record::sign(alice.log.room(), deps, naming, &stranger.key);
    naming.signer = alice.key.public();
    let naming = naming.encode();
    let mut made_up = flood(&stranger, &[RecordId::of(&naming)], 0..50);
    made_up.push(naming);
    assert_eq!(merge(&mut alice, &made_up), Err(MembershipError::Forged));
}

/// Owners who name others can fill a log; then it takes up nothing more, and is what it was.
#[test]
fn m18_a_log_takes_no_more_records_or_bytes_than_it_may() {
    let mut all = owners(4);
    let deps = heads(&all[0].log);
    let (others, mut alice) = (all.split_off(1), all.remove(0));
    let (last, others) = others.split_last().unwrap();
    for other in others {
        assert_eq!(merge(&mut alice, &flood(other, &deps, 0..SHARE)), Ok(true));
    }
    let left = MAX_RECORDS - alice.log.records().len();
    let more = flood(last, &deps, 0..left as u64 + 1);
    let before = alice.log.clone();
    assert_eq!(merge(&mut alice, &more), Err(MembershipError::TooLarge));
    assert_eq!(alice.log, before);
    assert_eq!(merge(&mut alice, &more[1..]), Ok(true));

    let bulky = |number: u64| {
        let content = Content::Changed(Changed {
            device: DeviceId([9; 32]),
            role: None,
            cut: (0..2_000)
                .map(|nonce| (u64::MAX - nonce, u64::MAX - number))
                .collect(),
        });
        Record::sign(last.log.room(), deps.clone(), content, &last.key).encode()
    };
    let bulky: Vec<Vec<u8>> = (0..240).map(bulky).collect();
    let (mut log, genesis) = (last.log.clone(), last.log.records()[0].clone());
    let (first, rest) = bulky.split_at(120);
    assert_eq!(
        log.merge(&[std::slice::from_ref(&genesis), first].concat()),
        Ok(true)
    );
    let merged = log.merge(&[&[genesis], rest].concat());
    assert_eq!(merged, Err(MembershipError::TooLarge));
}

#[test]
fn m18_a_leave_that_builds_on_what_is_left_is_left_too() {
    let mut all = owners(1);
    let carol = all[0].beside(3);
    let of = all[0].add(&carol, Role::Editor).unwrap();
    hear_all(&mut all);
    let deps = heads(&all[0].log);
    let bob = all[1].clone();
    let first = flood(&bob, &deps, 0..SHARE);
    assert_eq!(merge(&mut all[0], &first), Ok(true));
    let mut records = flood(&bob, &deps, SHARE..SHARE + 1);
    let (over, cut) = (RecordId::of(&records[0]), Cut::new());
    let leave = Content::Left(Left { of, cut });
    records.push(Record::sign(bob.log.room(), vec![over], leave, &carol.key).encode());
    assert_eq!(merge(&mut all[0], &records), Ok(false));
}

/// Bob has left once, and is an owner now.
#[test]
fn m20_a_leave_takes_no_share() {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    bob.hear(&alice);
    bob.leave(&[]).unwrap();
    alice.hear(&bob);
    alice.readmit(bob.device(), Role::Editor).unwrap();
    let made = alice.change(bob.device(), OWNER, &[]).unwrap();
    let before = alice.log.records().len();
    let said = flood(&bob, &[made], 0..SHARE + 1);
    assert_eq!(merge(&mut alice, &said), Ok(true));
    assert_eq!(alice.log.records().len(), before + MAX_RECORDS_OF_ONE);
}
