//! Who can read what.

use super::*;
use crate::membership::Refused;
use crate::record::{Added, EpochId};

fn readable(actor: &Actor) -> Vec<EpochId> {
    actor.keys.keys().copied().collect()
}

#[test]
fn m17_a_removal_makes_an_epoch_due_and_the_removed_does_not_get_its_key() {
    let mut alice = Actor::founder(1);
    let (mut bob, mut carol) = (alice.beside(2), alice.beside(3));
    alice.add(&bob, Role::Editor).unwrap();
    alice.add(&carol, Role::Viewer).unwrap();
    let first = alice.log.epoch().unwrap();
    assert!(!alice.log.is_epoch_due());
    bob.hear(&alice);
    assert_eq!(readable(&bob), [first]);
    alice.change(bob.device(), None, &[]).unwrap();
    assert!(alice.log.is_epoch_due());
    let second = alice.begin_epoch().unwrap();
    assert!(!alice.log.is_epoch_due());
    assert_eq!(alice.log.epoch(), Some(second));
    bob.hear(&alice);
    carol.hear(&alice);
    assert_eq!(readable(&bob), [first]);
    assert_eq!(carol.keys, alice.keys);
    assert_eq!(carol.keys.len(), 2);
}

#[test]
fn m17_a_late_joiner_reads_from_the_first_epoch_though_she_was_invited_before_a_rotation() {
    let mut alice = Actor::founder(1);
    alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let early = alice.clone();
    for _ in 0..3 {
        alice.begin_epoch().unwrap();
    }
    let mut late = alice.beside(2);
    late.join(&secret(1)).unwrap();
    assert_eq!(late.keys, alice.keys);
    assert_eq!(late.keys.len(), 4);
    // Who has seen less of the log can read less, until the rest comes.
    let mut behind = early.beside(3);
    behind.join(&secret(1)).unwrap();
    assert_eq!(behind.keys.len(), 1);
}

/// From the last epoch, which alone is sealed to her, back to each before it.
#[test]
fn m17_who_is_added_late_reads_from_the_first_epoch() {
    let mut alice = Actor::founder(1);
    for _ in 0..3 {
        alice.begin_epoch().unwrap();
    }
    let mut late = alice.beside(2);
    alice.add(&late, Role::Viewer).unwrap();
    late.hear(&alice);
    assert_eq!(late.keys, alice.keys);
    assert_eq!(late.keys.len(), 4);
}

/// Alice seals something else to Bob and says that it is the key of the first epoch: with an addition, and with an epoch.
#[test]
fn a_key_that_is_here_is_not_replaced() {
    use crate::seal::EpochKey;
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    bob.hear(&alice);
    let first = alice.log.epoch().unwrap();
    let known = bob.keys[&first].clone();
    let wrong = EpochKey::generate(&mut crate::testing::Draws::new(7));
    alice.keys.insert(first, wrong);
    alice.add(&bob, Role::Editor).unwrap();
    bob.hear(&alice);
    assert_eq!(bob.keys[&first], known);
    let second = alice.begin_epoch().unwrap();
    bob.hear(&alice);
    assert_eq!(readable(&bob).len(), 2);
    assert_eq!(bob.keys[&first], known);
    assert_eq!(bob.keys[&second], alice.keys[&second]);
}

/// Bob was removed, and says as if he had not heard so that something else is the key of the epoch that was begun for it, and of
/// the first one: to Carol, who was away, and to Dave, who comes later.
#[test]
fn who_was_removed_gives_nobody_a_wrong_key() {
    use crate::record::SealedKey;
    use crate::seal::{EpochKey, seal_to};
    let mut all = owners(2);
    let first = all[0].log.epoch().unwrap();
    let before = heads(&all[1].log);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    let second = all[0].begin_epoch().unwrap();
    let mut dave = all[0].beside(4);
    all[0].add(&dave, Role::Viewer).unwrap();
    let (alice, mut carol) = (all[0].clone(), all[2].clone());
    all[1].hear(&alice);
    let random = &mut crate::testing::Draws::new(7);
    for (to, epoch) in [(&carol, second), (&dave, second), (&dave, first)] {
        let wrong = EpochKey::generate(random);
        let sealed = seal_to(
            &to.sealing.public(),
            &alice.log.room(),
            wrong.bytes(),
            random,
        );
        let added = Content::Added(Added {
            device: to.key.public(),
            sealing: to.sealing.certify(&to.key),
            role: Role::Viewer,
            epoch: Some(SealedKey {
                epoch,
                sealed: sealed.unwrap(),
            }),
        });
        all[1].say_after(&before, added).unwrap();
    }
    for late in [&mut carol, &mut dave] {
        late.hear(&all[1]);
        assert_eq!(late.keys, alice.keys);
    }
}

#[test]
fn m17_a_revocation_makes_an_epoch_due_whose_key_the_invited_does_not_get() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let key = alice.key.clone();
    alice.log.revoke(&key, invitation).unwrap();
    assert!(alice.log.is_epoch_due());
    let second = alice.begin_epoch().unwrap();
    let sealing = secret(1).sealing();
    let keys = alice
        .log
        .keys(Reader::Invitation(invitation, &sealing), &BTreeMap::new());
    assert_eq!(keys.len(), 1);
    assert!(!keys.contains_key(&second));
}

#[test]
fn m17_of_concurrent_epochs_all_hold_the_same_and_the_next_carries_on_both() {
    let mut all = owners(1);
    all[0].begin_epoch().unwrap();
    all[1].begin_epoch().unwrap();
    hear_all(&mut all);
    assert_eq!(all[0].keys, all[1].keys);
    assert_eq!(all[0].keys.len(), 3);
    let carol = all[0].beside(3);
    all[1].add(&carol, Role::Viewer).unwrap();
    all[1].begin_epoch().unwrap();
    all.push(carol);
    hear_all(&mut all);
    assert_eq!(all[2].keys.len(), 4);
    assert_eq!(all[2].keys, all[0].keys);
}

#[test]
fn m17_concurrent_removals_make_an_epoch_due_although_each_began_one() {
    let mut all = owners(1);
    let (carol, dora) = (all[0].beside(3), all[0].beside(4));
    for other in [&carol, &dora] {
        all[0].add(other, Role::Editor).unwrap();
    }
    hear_all(&mut all);
    all[0].change(carol.device(), None, &[]).unwrap();
    all[0].begin_epoch().unwrap();
    all[1].change(dora.device(), None, &[]).unwrap();
    all[1].begin_epoch().unwrap();
    hear_all(&mut all);
    assert!(all[0].log.is_epoch_due());
    all[0].begin_epoch().unwrap();
    assert!(!all[0].log.is_epoch_due());
}

#[test]
fn m17_a_member_without_the_key_makes_an_epoch_due_that_carries_it_on() {
    let mut all = owners(1);
    let carol = all[0].beside(3);
    all[0].add(&carol, Role::Editor).unwrap();
    all.push(carol);
    hear_all(&mut all);
    let (carol, before) = (all[2].device(), all[0].log.epoch().unwrap());
    // Alice removes Carol. Of that Bob hears before there is another key, and lets her in again.
    all[0].change(carol, None, &[]).unwrap();
    let alice = all[0].clone();
    all[1].hear(&alice);
    all[1].readmit(carol, Role::Editor).unwrap();
    for _ in 0..3 {
        all[0].begin_epoch().unwrap();
    }
    let without = all[0].log.epoch().unwrap();
    hear_all(&mut all);
    assert_eq!(all[0].log.epoch(), Some(without));
    assert_eq!(all[0].log.role_of(&carol), EDITOR);
    assert_eq!(readable(&all[2]), [before]);
    assert!(all[0].log.is_epoch_due());
    all[0].begin_epoch().unwrap();
    assert!(!all[0].log.is_epoch_due());
    hear_all(&mut all);
    assert!(all[2].keys.contains_key(&without));
    assert_eq!(all[2].keys, all[0].keys);
}

#[test]
fn m17_whoever_joins_while_an_epoch_is_begun_elsewhere_makes_another_due() {
    let mut all = owners(1);
    all[0].invite(&secret(1), Role::Editor, 1).unwrap();
    let mut carol = all[0].beside(3);
    carol.join(&secret(1)).unwrap();
    all[0].hear(&carol);
    assert!(
        !all[0].log.is_epoch_due(),
        "she has the key by her invitation"
    );
    all[1].begin_epoch().unwrap();
    all.push(carol);
    hear_all(&mut all);
    assert!(all[0].log.is_epoch_due());
    all[0].begin_epoch().unwrap();
    hear_all(&mut all);
    assert!(!all[0].log.is_epoch_due());
    assert_eq!(all[2].keys, all[0].keys);
}

#[test]
fn m22_an_epoch_that_fell_is_kept_from_who_was_not_there_until_another_carries_it_on() {
    let mut all = owners(2);
    let dora = all[0].beside(4);
    all[0].add(&dora, Role::Editor).unwrap();
    all.push(dora);
    hear_all(&mut all);
    let [alice, bob, carol, dora] = [0, 1, 2, 3].map(|place: usize| all[place].device());
    // Carol removes Bob and he removes her, who was an owner after him: what she said falls, her epoch too.
    all[2].change(bob, None, &[]).unwrap();
    let fallen = all[2].begin_epoch().unwrap();
    all[1].change(carol, None, &[]).unwrap();
    all[1].begin_epoch().unwrap();
    hear_all(&mut all);
    let log = &all[0].log;
    assert_eq!(log.role_of(&bob), OWNER);
    assert!(!log.is_epoch_due());
    assert_eq!(log.given(fallen), BTreeSet::from([alice, carol, dora]));
    assert!(log.is_kept_from_somebody(fallen));
    assert!(!all[1].keys.contains_key(&fallen));
    all[0].begin_epoch().unwrap();
    hear_all(&mut all);
    assert!(!all[0].log.is_kept_from_somebody(fallen));
    assert!(all[0].log.given(fallen).contains(&bob));
    assert!(all[1].keys.contains_key(&fallen));
}

#[test]
fn m22_the_log_gives_keys_with_additions_and_invitations_too() {
    let mut alice = Actor::founder(1);
    let (bob, mut carol) = (alice.beside(2), alice.beside(3));
    let first = alice.log.epoch().unwrap();
    alice.add(&bob, Role::Editor).unwrap();
    alice.invite(&secret(1), Role::Editor, 1).unwrap();
    carol.hear(&alice);
    carol.join(&secret(1)).unwrap();
    alice.hear(&carol);
    alice.change(bob.device(), None, &[]).unwrap();
    let second = alice.begin_epoch().unwrap();
    let all = [alice.device(), bob.device(), carol.device()];
    assert_eq!(alice.log.given(first), BTreeSet::from(all));
    assert_eq!(alice.log.given(second), BTreeSet::from([all[0], all[2]]));
    alice.readmit(bob.device(), Role::Viewer).unwrap();
    assert_eq!(alice.log.given(second), BTreeSet::from(all));
}

/// The founder signs that Bob is an owner and she is none any more, as if nothing else had been there: her epoch falls.
#[test]
fn m17_where_no_epoch_counts_one_is_due_and_carries_on_all() {
    let mut all = owners(1);
    let (genesis, alice) = (RecordId(all[0].log.room().0), all[0].device());
    let bob = Content::Added(crate::record::Added {
        device: all[1].key.public(),
        sealing: all[1].sealing.certify(&all[1].key),
        role: Role::Owner,
        epoch: None,
    });
    let bob = all[0].say_after(&[genesis], bob).unwrap();
    let removal = Content::Changed(crate::record::Changed {
        device: alice,
        role: None,
        cut: Cut::new(),
    });
    all[0].say_after(&[bob], removal).unwrap();
    hear_all(&mut all);
    assert_eq!(all[1].log.epoch(), None);
    assert!(all[1].log.is_epoch_due());
    let begun = all[1].begin_epoch().unwrap();
    assert_eq!(all[1].log.epoch(), Some(begun));
    assert!(!all[1].log.is_epoch_due());
    assert_eq!(all[1].keys.len(), 2);
    assert!(!all[1].log.given(begun).contains(&alice));
}

#[test]
fn m17_who_lacks_the_key_begins_no_epoch() {
    let mut all = owners(1);
    all[1].keys.clear();
    assert_eq!(all[1].begin_epoch(), Err(Refused::NoKey));
}

#[test]
fn nothing_is_sealed_to_a_key_that_its_device_has_not_certified() {
    let mut alice = Actor::founder(1);
    let (bob, thief) = (alice.beside(2), alice.beside(3));
    let mut certificate = bob.sealing.certify(&bob.key);
    certificate.key = thief.sealing.public();
    let added = Content::Added(crate::record::Added {
        device: bob.key.public(),
        sealing: certificate,
        role: Role::Editor,
        epoch: None,
    });
    let heads = heads(&alice.log);
    alice.say_after(&heads, added).unwrap();
    assert_eq!(alice.log.role_of(&bob.device()), EDITOR);
    assert_eq!(alice.log.member(&bob.device()).unwrap().sealing(), None);
    alice.begin_epoch().unwrap();
    let keys = alice.log.keys(
        Reader::Device(bob.device(), &thief.sealing),
        &BTreeMap::new(),
    );
    assert!(keys.is_empty());
    // He has made it so, and no other epoch would change that.
    assert!(!alice.log.is_epoch_due());
}

#[test]
fn m17_of_epochs_the_latest_counts_and_of_concurrent_ones_the_smallest_name() {
    let mut all = owners(1);
    for _ in 0..9 {
        let begun: Vec<EpochId> = (all.iter_mut())
            .map(|actor| actor.begin_epoch().unwrap())
            .collect();
        hear_all(&mut all);
        assert_eq!(all[0].log.epoch(), begun.iter().min().copied());
        let last = all[0].begin_epoch().unwrap();
        assert_eq!(all[0].log.epoch(), Some(last));
        hear_all(&mut all);
    }
    // Each carries on what no other does, and not all there were.
    let history = all[0].log.history();
    let carried = history.filter_map(|(_, record)| match &record.content {
        Content::Begun(begun) => Some(begun.previous.len()),
        _ => None,
    });
    assert_eq!(carried.max(), Some(2));
}

/// Bob lets her go on reading who was removed.
#[test]
fn m17_an_epoch_is_due_if_it_was_sealed_to_who_is_no_member() {
    for is_due in [false, true] {
        let mut all = owners(1);
        let carol = all[0].beside(3);
        all[0].add(&carol, Role::Editor).unwrap();
        all[0].change(carol.device(), None, &[]).unwrap();
        hear_all(&mut all);
        let mut readers: Vec<DeviceId> = all.iter().map(Actor::device).collect();
        readers.extend(is_due.then_some(carol.device()));
        readers.sort_unstable();
        let begun = Content::Begun(crate::record::Begun {
            previous: vec![],
            members: readers.into_iter().map(|it| (it, vec![1])).collect(),
            invitations: vec![],
        });
        let deps = heads(&all[1].log);
        all[1].say_after(&deps, begun).unwrap();
        assert_eq!(all[1].log.is_epoch_due(), is_due);
    }
}

#[test]
fn a_device_is_added_with_a_key_that_it_has_certified_alone() {
    let mut alice = Actor::founder(1);
    let (bob, thief) = (alice.beside(2), alice.beside(3));
    let certificate = thief.sealing.certify(&thief.key);
    let (epoch, key) = alice.keys.first_key_value().unwrap();
    let added = alice.log.add(
        &alice.key,
        (bob.key.public(), certificate),
        Role::Editor,
        (*epoch, key),
        &mut crate::testing::Draws::new(1),
    );
    assert_eq!(added, Err(Refused::BadKey));
}

/// Bob has sealed something else than the key of the first epoch, and says that it is that.
#[test]
fn m17_what_an_owner_has_not_carried_on_the_next_carries_on() {
    use crate::seal::{EpochKey, Use, seal_to};
    let mut all = owners(1);
    let random = &mut crate::testing::Draws::new(7);
    let (first, room) = (all[0].log.epoch().unwrap(), all[0].log.room());
    let (new, wrong) = (EpochKey::generate(random), EpochKey::generate(random));
    let header = previous_header(&all[1].log, first);
    let sealed = new.seal(Use::PreviousKey, &header, wrong.bytes(), random);
    let seal = |actor: &Actor| {
        let random = &mut crate::testing::Draws::new(8);
        let sealed = seal_to(&actor.sealing.public(), &room, new.bytes(), random);
        (actor.device(), sealed.unwrap())
    };
    let mut members: Vec<(DeviceId, Vec<u8>)> = all.iter().map(seal).collect();
    members.sort_unstable();
    let begun = Content::Begun(crate::record::Begun {
        previous: vec![crate::record::SealedKey {
            epoch: first,
            sealed,
        }],
        members,
        invitations: vec![],
    });
    let deps = heads(&all[1].log);
    all[1].say_after(&deps, begun).unwrap();
    hear_all(&mut all);
    all[0].begin_epoch().unwrap();
    let mut carol = all[0].beside(3);
    all[0].add(&carol, Role::Viewer).unwrap();
    carol.hear(&all[0]);
    assert_eq!(carol.keys.len(), 3);
    assert_eq!(carol.keys, all[0].keys);
}

/// Alice gives Carol another role and removes Bob, who has added her and meanwhile another key for her.
#[test]
fn m11_who_has_a_role_although_her_addition_falls_is_sealed_to() {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Owner).unwrap();
    bob.hear(&alice);
    let mut carol = bob.beside(3);
    let before = bob.log.clone();
    let early = alice.clone();
    bob.add(&carol, Role::Viewer).unwrap();
    alice.hear(&bob);
    alice
        .change(carol.device(), Some(Role::Editor), &[])
        .unwrap();
    let mut ann = early;
    ann.change(bob.device(), None, &[]).unwrap();
    alice.hear(&ann);
    assert_eq!(alice.log.role_of(&carol.device()), EDITOR);
    // What Bob says of her that Alice has not seen does not take her key from her.
    bob.log = before;
    let other = bob.beside(4);
    let added = Added {
        device: carol.key.public(),
        sealing: other.sealing.certify(&other.key),
        role: Role::Editor,
        epoch: None,
    };
    for _ in 0..2 {
        let content = Content::Added(added.clone());
        bob.say_after(&heads(&bob.log), content).unwrap();
    }
    alice.hear(&bob);
    let epoch = alice.begin_epoch().unwrap();
    carol.hear(&alice);
    assert!(carol.keys.contains_key(&epoch));
}
