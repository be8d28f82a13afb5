//! Who owns a room.

use super::*;
use crate::key::DeviceKey;
use crate::membership::Refused;
use crate::record::{Added, Changed, Cut};

fn removal(of: &Actor) -> Content {
    Content::Changed(Changed {
        device: of.device(),
        role: None,
        cut: Cut::new(),
    })
}

#[test]
fn m6_a_stranger_says_nothing() {
    let alice = Actor::founder(1);
    let mut stranger = alice.beside(2);
    assert_eq!(
        stranger.add(&stranger.clone(), Role::Owner),
        Err(Refused::NoKey)
    );
    let before = stranger.log.clone();
    let said = stranger.say_after(&heads(&alice.log), removal(&alice));
    assert_eq!(said, Err(MembershipError::NotEntitled));
    assert_eq!(stranger.log, before);
}

#[test]
fn m6_an_editor_says_nothing() {
    let mut alice = Actor::founder(1);
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    bob.hear(&alice);
    assert_eq!(
        bob.change(alice.device(), None, &[]),
        Err(Refused::NotAnOwner)
    );
    let said = bob.say_after(&heads(&alice.log), removal(&alice));
    assert_eq!(said, Err(MembershipError::NotEntitled));
}

#[test]
fn m6_a_record_comes_with_its_past() {
    let mut alice = Actor::founder(1);
    let early = alice.log.clone();
    let bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    alice.change(bob.device(), VIEWER, &[]).unwrap();
    let records: Vec<Vec<u8>> = (alice.log.history())
        .map(|(_, record)| record.encode())
        .collect();
    let genesis = alice.log.records()[0].clone();
    let mut log = early.clone();
    let last = records.last().unwrap().clone();
    assert_eq!(
        log.merge(&[genesis.clone(), last]),
        Err(MembershipError::Incomplete)
    );
    assert_eq!(log, early);
    for record in records {
        log.merge(&[genesis.clone(), record]).unwrap();
    }
    assert_eq!(log, alice.log);
}

#[test]
fn m6_a_record_is_of_one_room() {
    let (alice, mut elsewhere) = (Actor::founder(1), Actor::founder(2));
    let genesis = elsewhere.log.records()[0].clone();
    let foreign = alice.log.history().next().unwrap().1.encode();
    let merged = elsewhere.log.merge(&[genesis, foreign]);
    assert_eq!(merged, Err(MembershipError::OtherRoom));
}

#[test]
fn m7_the_founder_makes_others_owners_and_they_others() {
    let mut all = owners(1);
    let carol = all[1].beside(3);
    all[1].add(&carol, Role::Owner).unwrap();
    all.push(carol);
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, OWNER]);
    assert_eq!(all[0].log.owners().count(), 3);
}

#[test]
fn m7_the_end_of_an_ownership_holds_against_a_concurrent_making() {
    let mut all = owners(2);
    let dora = all[0].beside(4);
    all[0].add(&dora, Role::Owner).unwrap();
    all.push(dora);
    hear_all(&mut all);
    let dora = all[3].device();
    all[0].change(dora, OWNER, &[]).unwrap();
    all[1].change(dora, EDITOR, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, OWNER, EDITOR]);
}

#[test]
fn m7_ownership_is_handed_over() {
    let mut all = owners(1);
    let alice = all[0].device();
    all[0].change(alice, EDITOR, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [EDITOR, OWNER]);
    assert_eq!(all[0].change(alice, OWNER, &[]), Err(Refused::NotAnOwner));
    all[1].change(alice, OWNER, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER]);
}

#[test]
fn m8_what_a_removed_owner_said_before_counts() {
    let mut all = owners(1);
    let carol = all[1].beside(3);
    all[1].add(&carol, Role::Editor).unwrap();
    all.push(carol);
    hear_all(&mut all);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, EDITOR]);
}

#[test]
fn m8_what_a_removed_owner_says_beside_her_removal_falls_and_all_that_builds_on_it() {
    let mut all = owners(1);
    let early = heads(&all[0].log);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    // Bob pretends not to know.
    let mut carol = all[1].beside(3);
    all[1].add(&carol, Role::Owner).unwrap();
    carol.hear(&all[1]);
    let dora = carol.beside(4);
    carol.add(&dora, Role::Owner).unwrap();
    all.extend([carol, dora]);
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, None, None]);
    let alice = all[0].clone();
    all[1].say_after(&early, removal(&alice)).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, None, None]);
}

#[test]
fn m8_what_a_removed_owner_says_after_it_falls() {
    let mut all = owners(1);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    hear_all(&mut all);
    let (alice, heads) = (all[0].clone(), heads(&all[0].log));
    all[1].say_after(&heads, removal(&alice)).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None]);
}

/// Whose removal is in a circle: it counts once that is settled.
#[test]
fn m8_who_lost_a_mutual_removal_says_nothing_after_it() {
    let mut all = owners(2);
    let (bob, carol) = (all[1].device(), all[2].device());
    all[2].change(bob, None, &[]).unwrap();
    all[1].change(carol, None, &[]).unwrap();
    hear_all(&mut all);
    let (alice, heads) = (all[0].clone(), heads(&all[2].log));
    all[2].say_after(&heads, removal(&alice)).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, None]);
}

#[test]
fn m9_of_a_mutual_removal_the_earlier_added_stays() {
    let mut all = owners(2);
    let (bob, carol) = (all[1].device(), all[2].device());
    all[2].change(bob, None, &[]).unwrap();
    all[1].change(carol, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, None]);
}

#[test]
fn m9_in_a_circle_of_three_the_earliest_stays_and_who_is_aimed_at_by_the_removed() {
    let mut all = owners(2);
    let [alice, bob, carol] = [0, 1, 2].map(|place: usize| all[place].device());
    all[0].change(bob, None, &[]).unwrap();
    all[1].change(carol, None, &[]).unwrap();
    all[2].change(alice, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, OWNER]);
}

#[test]
fn m9_a_removal_that_is_in_no_circle_holds_against_an_earlier_owner() {
    let mut all = owners(2);
    let [alice, bob, carol] = [0, 1, 2].map(|place: usize| all[place].device());
    all[2].change(alice, None, &[]).unwrap();
    all[0].change(bob, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [None, OWNER, OWNER], "{carol}");
}

#[test]
fn m9_what_one_said_to_be_stronger_does_not_help() {
    // Bob, who is about to lose against Alice, makes Carol an owner so that she removes Alice.
    let mut all = owners(1);
    let [alice, bob] = [0, 1].map(|place: usize| all[place].device());
    all[0].change(bob, None, &[]).unwrap();
    all[1].change(alice, None, &[]).unwrap();
    let mut carol = all[1].beside(3);
    all[1].add(&carol, Role::Owner).unwrap();
    carol.hear(&all[1]);
    carol
        .say_after(&[heads(&carol.log)[0]], removal(&all[0]))
        .unwrap();
    all.push(carol);
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, None]);
}

#[test]
fn m10_the_last_owner_cannot_leave() {
    let mut alice = Actor::founder(1);
    let own = alice.device();
    assert_eq!(alice.change(own, None, &[]), Err(Refused::LastOwner));
    assert_eq!(alice.change(own, EDITOR, &[]), Err(Refused::LastOwner));
    let said = alice.say_after(&heads(&alice.log), removal(&alice.clone()));
    assert!(said.is_ok());
    assert_eq!(alice.log.role_of(&own), OWNER);
}

#[test]
fn m10_of_two_who_leave_at_once_the_earlier_added_stays() {
    let mut all = owners(1);
    for actor in &mut all {
        let own = actor.device();
        actor.change(own, None, &[]).unwrap();
    }
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None]);
}

#[test]
fn m10_who_left_in_time_is_not_called_back() {
    let mut all = owners(1);
    let alice = all[0].device();
    all[0].change(alice, VIEWER, &[]).unwrap();
    hear_all(&mut all);
    let (bob, heads) = (all[1].clone(), heads(&all[1].log));
    all[1].say_after(&heads, removal(&bob)).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [VIEWER, OWNER]);
}

#[test]
fn an_id_is_that_of_the_key_that_signs() {
    let alice = Actor::founder(1);
    let member = alice.log.member(&alice.device()).unwrap();
    assert_eq!(member.key, Some(DeviceKey::from_seed(&[1; 32]).public()));
    assert_eq!(member.sealing(), Some(alice.sealing.public()));
}

/// Whoever has the key of an owner who stepped down in time cannot take it back.
#[test]
fn m8_a_resignation_is_not_undone_by_another_one_or_by_a_helper() {
    let mut all = owners(2);
    let early = heads(&all[0].log);
    let [alice, carol] = [0, 2].map(|place: usize| all[place].device());
    let mut thief = all[0].clone();
    let mut helper = all[2].clone();
    all[0].change(alice, VIEWER, &[]).unwrap();
    hear_all(&mut all);
    all[1].change(carol, None, &[]).unwrap();
    hear_all(&mut all);
    thief.say_after(&early, removal(&all[1])).unwrap();
    thief.say_after(&early, removal(&all[2])).unwrap();
    thief.say_after(&early, removal(&all[0])).unwrap();
    all.push(thief);
    hear_all(&mut all);
    assert_eq!(roles(&all)[..3], [None, OWNER, None]);
    helper.say_after(&early, removal(&all[0])).unwrap();
    all.push(helper);
    hear_all(&mut all);
    assert_eq!(roles(&all)[..3], [None, OWNER, None]);
}

/// An owner is removed, and nothing but her being the founder speaks for her.
#[test]
fn m9_a_removed_founder_can_come_back_by_a_removal_of_who_removed_her() {
    let mut all = owners(1);
    let (early, alice) = (heads(&all[0].log), all[0].device());
    all[1].change(alice, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [None, OWNER]);
    let bob = all[1].clone();
    all[0].say_after(&early, removal(&bob)).unwrap();
    assert_eq!(roles(&all), [OWNER, None]);
}

/// The founder gives her place up: she resigns and is named again. Then a thief of her device is as weak as of any other.
#[test]
fn m9_who_resigned_and_was_named_again_is_no_longer_the_earliest() {
    let mut all = owners(1);
    let (early, [alice, bob]) = (
        heads(&all[0].log),
        [0, 1].map(|place: usize| all[place].device()),
    );
    let mut thief = all[0].clone();
    all[0].change(alice, EDITOR, &[]).unwrap();
    hear_all(&mut all);
    all[1].change(alice, OWNER, &[]).unwrap();
    hear_all(&mut all);
    let named_again = heads(&all[0].log);
    assert_eq!(roles(&all), [OWNER, OWNER]);
    all[1].change(alice, None, &[]).unwrap();
    hear_all(&mut all);
    thief.hear(&all[0]);
    for deps in [early, named_again] {
        thief.say_after(&deps, removal(&all[1])).unwrap();
    }
    all.push(thief);
    hear_all(&mut all);
    assert_eq!(roles(&all)[..2], [None, OWNER], "{bob}");
}

/// What nobody named her to be afterwards does not put her behind those whom she has named herself.
#[test]
fn m9_a_resignation_that_falls_costs_no_place() {
    let mut alice = Actor::founder(1);
    alice
        .say_after(&heads(&alice.log), removal(&alice.clone()))
        .unwrap();
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Owner).unwrap();
    bob.hear(&alice);
    let (of_alice, of_bob) = (alice.device(), bob.device());
    bob.change(of_alice, None, &[]).unwrap();
    alice.change(of_bob, None, &[]).unwrap();
    let mut all = [alice, bob];
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None]);
}

/// Confirmation does not outweigh seniority: the two histories are the same graph.
#[test]
fn m9_two_who_were_removed_do_not_outvote_who_removed_them() {
    let mut all = owners(2);
    let (early, [bob, carol]) = (
        heads(&all[0].log),
        [1, 2].map(|place: usize| all[place].device()),
    );
    all[0].change(bob, None, &[]).unwrap();
    all[0].change(carol, None, &[]).unwrap();
    let alice = all[0].clone();
    let claimed = all[1].say_after(&early, removal(&alice)).unwrap();
    let late = all[1].clone();
    all[2].hear(&late);
    let dora = all[2].beside(4);
    let confirmed = Content::Changed(Changed {
        device: dora.device(),
        role: None,
        cut: Cut::new(),
    });
    all[2].say_after(&[claimed], confirmed).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None, None]);
}

/// What an owner says as if she had not been one yet.
#[test]
fn m6_an_owner_is_named_before_she_says_anything() {
    let mut all = owners(1);
    let genesis = RecordId(all[1].log.room().0);
    let alice = all[0].clone();
    let said = all[1].say_after(&[genesis], removal(&alice));
    assert_eq!(said, Err(MembershipError::NotEntitled));
}

/// More records than one can list are made one by several; her own last one is among the first.
#[test]
fn m19_who_lists_not_all_lists_the_latest() {
    let mut all = owners(1);
    let carol = all[0].beside(3);
    all[0].add(&carol, Role::Editor).unwrap();
    hear_all(&mut all);
    let (early, carol) = (heads(&all[0].log), carol.device());
    for number in 0..70 {
        let content = Content::Changed(Changed {
            device: DeviceId([number; 32]),
            role: None,
            cut: Cut::new(),
        });
        all[1].say_after(&early, content).unwrap();
    }
    for role in [EDITOR, VIEWER] {
        all[0].change(carol, role, &[]).unwrap();
    }
    let bob = all[1].clone();
    all[0].hear(&bob);
    all[0].change(carol, EDITOR, &[]).unwrap();
    assert_eq!(all[0].log.role_of(&carol), EDITOR);
}

/// Her first record need not name herself: the genesis does.
#[test]
fn m9_the_founder_comes_before_everybody_whom_a_record_names() {
    let mut alice = Actor::founder(1);
    alice.log = Membership::begin(&Genesis::closed(&alice.key.public(), [7; 32]));
    let mut bob = alice.beside(2);
    let added = Content::Added(Added {
        device: bob.key.public(),
        sealing: bob.sealing.certify(&bob.key),
        role: Role::Owner,
        epoch: None,
    });
    let genesis = RecordId(alice.log.room().0);
    alice.say_after(&[genesis], added).unwrap();
    bob.hear(&alice);
    let deps = heads(&alice.log);
    alice.say_after(&deps, removal(&bob)).unwrap();
    let of_alice = removal(&alice);
    bob.say_after(&deps, of_alice).unwrap();
    let mut all = [alice, bob];
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, None]);
}
