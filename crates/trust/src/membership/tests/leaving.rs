//! Leaving, and being let in again.

use super::*;
use crate::record::{Added, Left};

/// Alice owns, Bob is added as an editor, and both know it.
fn pair() -> (Actor, Actor) {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    bob.hear(&alice);
    (alice, bob)
}

fn ends(of: RecordId, cut: &[(u64, u64)]) -> Content {
    Content::Left(Left {
        of,
        cut: cut.iter().copied().collect(),
    })
}

/// The record that added the last who was added.
fn addition(log: &Membership) -> RecordId {
    let additions =
        (log.history()).filter(|(_, record)| matches!(record.content, Content::Added(_)));
    additions.last().expect("somebody was added").0
}

#[test]
fn m20_who_leaves_is_gone_for_everybody_and_what_she_wrote_counts() {
    let (mut alice, mut bob) = pair();
    assert_eq!(bob.leave(&[(7, 3)]), Ok(()));
    alice.hear(&bob);
    let device = bob.device();
    let member = alice.log.member(&device).unwrap();
    assert!(member.role.is_none() && member.has_left);
    assert!(alice.log.counts(&device, Right::Edit, 7, 3));
    assert!(alice.log.counts(&device, Right::Comment, 7, 3));
    assert!(!alice.log.counts(&device, Right::Edit, 7, 4));
    assert!(alice.log.is_epoch_due());
    alice.begin_epoch().unwrap();
    assert!(!alice.log.is_epoch_due());
    bob.hear(&alice);
    assert!(!bob.keys.contains_key(&alice.log.epoch().unwrap()));
    assert_eq!(bob.leave(&[]), Err(Refused::NotAMember));
}

#[test]
fn m20_who_was_invited_leaves_and_comes_back_by_another_invitation() {
    let mut alice = Actor::founder(1);
    alice.invite(&secret(1), Role::Editor, 9).unwrap();
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    alice.hear(&bob);
    alice.begin_epoch().unwrap();
    bob.hear(&alice);
    bob.leave(&[(7, 3)]).unwrap();
    alice.hear(&bob);
    assert_eq!(alice.log.role_of(&bob.device()), None);
    assert!(alice.log.is_epoch_due());
    assert_eq!(bob.join(&secret(1)), Err(Refused::HasLeft));
    alice.invite(&secret(2), Role::Viewer, 1).unwrap();
    bob.hear(&alice);
    bob.join(&secret(2)).unwrap();
    alice.hear(&bob);
    assert_eq!(alice.log.role_of(&bob.device()), VIEWER);
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 3));
    assert!(!alice.log.counts(&bob.device(), Right::Edit, 7, 4));
}

/// What she said counts of her frames then is not said anew.
#[test]
fn m20_who_leaves_again_ends_what_she_has_not_ended_yet() {
    let ends_in = |log: &Membership| -> BTreeSet<RecordId> {
        let ends = (log.history()).filter(|(_, it)| matches!(it.content, Content::Left(_)));
        ends.map(|(id, _)| id).collect()
    };
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    for number in 1..9 {
        alice.invite(&secret(number), Role::Editor, 1).unwrap();
        bob.hear(&alice);
        bob.join(&secret(number)).unwrap();
        let before = ends_in(&bob.log);
        bob.leave(&[(7, u64::from(number))]).unwrap();
        let after = ends_in(&bob.log);
        assert!(before.is_subset(&after));
        assert_eq!(after.len(), usize::from(number));
        alice.hear(&bob);
    }
}

#[test]
fn m20_a_role_that_was_changed_meanwhile_keeps_nobody() {
    let (mut alice, mut bob) = pair();
    alice.change(bob.device(), VIEWER, &[(7, 2)]).unwrap();
    alice.change(bob.device(), EDITOR, &[]).unwrap();
    bob.leave(&[(7, 3)]).unwrap();
    alice.hear(&bob);
    assert_eq!(alice.log.role_of(&bob.device()), None);
    assert_eq!(
        alice.change(bob.device(), VIEWER, &[]),
        Err(Refused::NotAMember)
    );
}

#[test]
fn m20_who_was_removed_meanwhile_does_not_say_what_counts() {
    let (mut alice, mut bob) = pair();
    alice.change(bob.device(), None, &[(7, 3)]).unwrap();
    bob.leave(&[(7, 1_000)]).unwrap();
    alice.hear(&bob);
    assert!(!alice.log.member(&bob.device()).unwrap().has_left);
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 3));
    assert!(!alice.log.counts(&bob.device(), Right::Edit, 7, 4));
}

#[test]
fn m20_who_has_left_is_removed_for_good_and_cuts_nothing_any_more() {
    let (mut alice, mut bob) = pair();
    bob.leave(&[(7, 1_000)]).unwrap();
    alice.hear(&bob);
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 1_000));
    alice.change(bob.device(), None, &[(7, 3)]).unwrap();
    assert!(!alice.log.member(&bob.device()).unwrap().has_left);
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 3));
    assert!(!alice.log.counts(&bob.device(), Right::Edit, 7, 4));
    assert_eq!(
        alice.change(bob.device(), None, &[]),
        Err(Refused::NotAMember)
    );
}

#[test]
fn m20_nobody_cuts_for_herself_what_she_never_might() {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Commenter).unwrap();
    bob.hear(&alice);
    bob.leave(&[(7, 1_000)]).unwrap();
    assert!(bob.log.counts(&bob.device(), Right::Comment, 7, 1_000));
    assert!(!bob.log.counts(&bob.device(), Right::Edit, 7, 1));
}

#[test]
fn m20_an_owner_leaves_by_resigning_and_the_last_does_not() {
    let mut all = owners(1);
    all[1].leave(&[(7, 3)]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None]);
    assert_eq!(all[0].leave(&[]), Err(Refused::LastOwner));
    let bob = all[1].device();
    all[0].readmit(bob, Role::Owner).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, EDITOR]);
}

#[test]
fn m20_of_several_leaves_of_one_addition_the_smallest_name_is_kept_in_any_order() {
    let (alice, bob) = pair();
    let of = addition(&bob.log);
    let mut names = Vec::new();
    let mut copies = Vec::new();
    for number in 0..20 {
        let mut copy = bob.clone();
        names.push(copy.say_after(&[of], ends(of, &[(7, number)])).unwrap());
        copies.push(copy);
    }
    let first = *names.iter().min().unwrap();
    for rotated in 0..copies.len() {
        let mut own = alice.clone();
        copies.rotate_left(1);
        copies.iter().for_each(|copy| own.hear(copy));
        let leaves = own
            .log
            .history()
            .filter(|(_, record)| matches!(record.content, Content::Left(_)));
        let leaves: Vec<RecordId> = leaves.map(|(id, _)| id).collect();
        assert_eq!(leaves, [first], "{rotated}");
        assert_eq!(Membership::open(own.log.records()).unwrap(), own.log);
        assert_eq!(own.log.records().len(), 1 + own.log.history().len());
    }
}

#[test]
fn m20_nobody_ends_what_is_not_hers_and_nothing_builds_on_an_end() {
    let (mut alice, mut bob) = pair();
    let of = addition(&bob.log);
    let mut mallory = alice.beside(3);
    let refused = Err(MembershipError::NotEntitled);
    assert_eq!(mallory.say_after(&[of], ends(of, &[])), refused);
    assert_eq!(alice.say_after(&[of], ends(of, &[])), refused);
    let genesis = RecordId(bob.log.room().0);
    assert_eq!(bob.say_after(&[genesis], ends(of, &[])), refused);
    bob.leave(&[]).unwrap();
    alice.hear(&bob);
    let leave = heads(&alice.log).into_iter().find(|id| {
        let mut history = alice.log.history();
        history.any(|(other, record)| other == *id && matches!(record.content, Content::Left(_)))
    });
    let again = Content::Added(Added {
        device: bob.key.public(),
        sealing: bob.sealing.certify(&bob.key),
        role: Role::Editor,
        epoch: None,
    });
    assert_eq!(alice.say_after(&[leave.unwrap()], again), refused);
}

#[test]
fn m20_leaves_fill_no_log() {
    let (mut alice, bob) = pair();
    let of = addition(&bob.log);
    for number in 0..200 {
        let mut copy = bob.clone();
        copy.say_after(&[of], ends(of, &[(number, 1)])).unwrap();
        alice.hear(&copy);
    }
    let before = bob.log.records().len();
    assert_eq!(alice.log.records().len(), before + 1);
}

/// Carol lets Dora in while Bob removes Carol, who was added after him.
#[test]
fn m20_to_leave_by_an_addition_that_fell_makes_no_epoch_due_for_ever() {
    let mut all = owners(2);
    let mut dora = all[0].beside(4);
    let carol = all[2].device();
    all[2].add(&dora, Role::Viewer).unwrap();
    dora.hear(&all[2]);
    dora.leave(&[]).unwrap();
    all[1].change(carol, None, &[]).unwrap();
    all.push(dora);
    hear_all(&mut all);
    assert_eq!(all[0].log.member(&all[3].device()), None);
    assert!(all[0].log.is_epoch_due(), "Carol has the key");
    all[0].begin_epoch().unwrap();
    assert!(!all[0].log.is_epoch_due());
}

#[test]
fn m21_who_was_removed_is_let_in_again_and_reads_everything() {
    let (mut alice, mut bob) = pair();
    assert_eq!(
        alice.readmit(bob.device(), Role::Viewer),
        Err(Refused::IsAMember)
    );
    alice.change(bob.device(), None, &[(7, 3)]).unwrap();
    alice.begin_epoch().unwrap();
    bob.hear(&alice);
    assert!(!bob.keys.contains_key(&alice.log.epoch().unwrap()));
    alice.readmit(bob.device(), Role::Commenter).unwrap();
    bob.hear(&alice);
    assert_eq!(bob.log.role_of(&bob.device()), COMMENTER);
    assert!(bob.keys.contains_key(&alice.log.epoch().unwrap()));
    assert_eq!(bob.keys.len(), alice.keys.len());
    assert!(!alice.log.is_epoch_due());
    // What was cut off stays so as long as he may not write it.
    assert!(!alice.log.counts(&bob.device(), Right::Edit, 7, 4));
    alice.change(bob.device(), EDITOR, &[]).unwrap();
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 4));
}

#[test]
fn m21_who_was_let_in_again_leaves_again() {
    let (mut alice, mut bob) = pair();
    bob.leave(&[(7, 3)]).unwrap();
    alice.hear(&bob);
    alice.begin_epoch().unwrap();
    alice.readmit(bob.device(), Role::Editor).unwrap();
    bob.hear(&alice);
    assert!(bob.log.counts(&bob.device(), Right::Edit, 7, 1_000));
    bob.leave(&[(7, 9)]).unwrap();
    alice.hear(&bob);
    assert_eq!(alice.log.role_of(&bob.device()), None);
    assert!(alice.log.counts(&bob.device(), Right::Edit, 7, 9));
    assert!(!alice.log.counts(&bob.device(), Right::Edit, 7, 10));
    assert!(alice.log.is_epoch_due());
}

#[test]
fn m21_only_owners_let_in_and_only_who_was_in() {
    let (mut alice, mut bob) = pair();
    let stranger = alice.beside(9).device();
    assert_eq!(
        alice.readmit(stranger, Role::Viewer),
        Err(Refused::NotAMember)
    );
    let mut carol = alice.beside(3);
    alice.add(&carol, Role::Editor).unwrap();
    carol.hear(&alice);
    bob.hear(&alice);
    bob.leave(&[]).unwrap();
    carol.hear(&bob);
    let refused = carol.readmit(bob.device(), Role::Viewer);
    assert_eq!(refused, Err(Refused::NotAnOwner));
}

/// Alice has not heard of it, adds him once more and says what he may.
#[test]
fn m20_a_later_addition_and_what_was_said_after_it_hold() {
    let (mut alice, mut bob) = pair();
    bob.leave(&[(7, 3)]).unwrap();
    alice.add(&bob, Role::Viewer).unwrap();
    alice.change(bob.device(), COMMENTER, &[]).unwrap();
    alice.hear(&bob);
    assert_eq!(alice.log.role_of(&bob.device()), COMMENTER);
}

#[test]
fn m20_who_is_added_after_it_has_no_role_of_before() {
    let (mut alice, mut bob) = pair();
    bob.leave(&[(7, 3)]).unwrap();
    alice.change(bob.device(), EDITOR, &[]).unwrap();
    alice.hear(&bob);
    alice.add(&bob, Role::Viewer).unwrap();
    assert_eq!(alice.log.role_of(&bob.device()), VIEWER);
}

#[test]
fn m20_whom_an_owner_has_added_comes_back_by_no_invitation() {
    let (mut alice, mut bob) = pair();
    bob.leave(&[]).unwrap();
    alice.hear(&bob);
    alice.invite(&secret(2), Role::Viewer, 1).unwrap();
    bob.hear(&alice);
    assert_eq!(bob.join(&secret(2)), Err(Refused::HasLeft));
}

#[test]
fn m20_her_cut_is_for_rights_that_she_was_given_later() {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Viewer).unwrap();
    alice.change(bob.device(), EDITOR, &[]).unwrap();
    bob.hear(&alice);
    bob.leave(&[(7, 3)]).unwrap();
    assert!(bob.log.counts(&bob.device(), Right::Edit, 7, 3));
    assert!(!bob.log.counts(&bob.device(), Right::Edit, 7, 4));
}

/// He was an owner who has said as much as a log takes of one.
#[test]
fn m20_who_has_said_enough_may_still_leave() {
    let mut all = owners(1);
    let (early, bob) = (heads(&all[0].log), all[1].device());
    let said = |number: u64| {
        let content = Content::Changed(crate::record::Changed {
            device: DeviceId([9; 32]),
            role: None,
            cut: Cut::from([(number, 1)]),
        });
        Record::sign(all[1].log.room(), early.clone(), content, &all[1].key).encode()
    };
    let genesis = all[1].log.records()[0].clone();
    let said = (0..MAX_RECORDS_OF_ONE as u64).map(said);
    let said: Vec<Vec<u8>> = std::iter::once(genesis).chain(said).collect();
    all[1].log.merge(&said).unwrap();
    hear_all(&mut all);
    all[0].change(bob, EDITOR, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(all[1].leave(&[(7, 3)]), Ok(()));
    assert_eq!(all[1].log.role_of(&bob), None);
}

/// He is in by an owner's word, and has joined by an invitation that was revoked before.
#[test]
fn m20_who_leaves_ends_what_counts_for_nothing_too() {
    let (mut alice, mut bob) = pair();
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let key = alice.key.clone();
    alice.log.revoke(&key, invitation).unwrap();
    bob.hear(&alice);
    let key = secret(1).key();
    let deps = heads(&bob.log);
    let sealing = bob.sealing.public();
    let join = Record::join(bob.log.room(), deps, (invitation, &key), sealing, &bob.key);
    let genesis = bob.log.records()[0].clone();
    bob.log.merge(&[genesis, join.encode()]).unwrap();
    assert_eq!(bob.leave(&[(7, 3)]), Ok(()));
    assert_eq!(bob.log.role_of(&bob.device()), None);
    let leaves = bob.log.history();
    let leaves = leaves.filter(|(_, record)| matches!(record.content, Content::Left(_)));
    assert_eq!(leaves.count(), 2);
}
