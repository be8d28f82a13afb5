//! Who comes by invitation.

use super::*;
use crate::key::SealingKey;
use crate::membership::Refused;

#[test]
fn m12_who_is_invited_joins_without_an_owner() {
    let mut alice = Actor::founder(1);
    alice.invite(&secret(1), Role::Commenter, 1).unwrap();
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    assert_eq!(bob.log.role_of(&bob.device()), COMMENTER);
    let member = bob.log.member(&bob.device()).unwrap();
    assert_eq!(member.key, Some(bob.key.public()));
    assert_eq!(member.sealing(), Some(bob.sealing.public()));
    alice.hear(&bob);
    assert_eq!(alice.log, bob.log);
}

#[test]
fn m12_of_several_joins_the_highest_role_holds() {
    for roles in [[Role::Viewer, Role::Editor], [Role::Editor, Role::Viewer]] {
        let mut alice = Actor::founder(1);
        for (number, role) in (1..).zip(roles) {
            alice.invite(&secret(number), role, 1).unwrap();
        }
        let mut bob = alice.beside(2);
        for number in [1, 2] {
            bob.join(&secret(number)).unwrap();
        }
        assert_eq!(bob.log.role_of(&bob.device()), EDITOR);
    }
}

#[test]
fn m12_nobody_is_invited_to_own() {
    let mut alice = Actor::founder(1);
    let invited = alice.invite(&secret(1), Role::Owner, 1);
    assert_eq!(invited, Err(Refused::Log(MembershipError::Forged)));
}

#[test]
fn m12_who_was_removed_does_not_come_back_by_invitation() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 9).unwrap();
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    alice.hear(&bob);
    alice.change(bob.device(), None, &[]).unwrap();
    bob.hear(&alice);
    assert_eq!(bob.join(&secret(1)), Err(Refused::WasRemoved));
    force(&mut bob, invitation, 1);
    assert_eq!(bob.log.role_of(&bob.device()), None);
}

#[test]
fn m12_an_owner_has_the_last_word_on_a_role() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 9).unwrap();
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Viewer).unwrap();
    bob.hear(&alice);
    force(&mut bob, invitation, 1);
    assert_eq!(bob.log.role_of(&bob.device()), VIEWER);
}

#[test]
fn m6_a_join_needs_the_secret_of_its_invitation() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 9).unwrap();
    alice.invite(&secret(2), Role::Viewer, 9).unwrap();
    let bob = alice.beside(2);
    let record = join_of(&bob, invitation, 2);
    let merged = alice
        .log
        .merge(&[alice.log.records()[0].clone(), record.encode()]);
    assert_eq!(merged, Err(MembershipError::NotEntitled));
    let record = join_of(&bob, RecordId([9; 32]), 1);
    let merged = alice
        .log
        .merge(&[alice.log.records()[0].clone(), record.encode()]);
    assert_eq!(merged, Err(MembershipError::NotEntitled));
}

#[test]
fn m13_a_revoked_invitation_keeps_who_had_joined_and_lets_nobody_in() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 9).unwrap();
    let (mut bob, mut carol, mut dora) = (alice.beside(2), alice.beside(3), alice.beside(4));
    bob.join(&secret(1)).unwrap();
    alice.hear(&bob);
    carol.join(&secret(1)).unwrap();
    let key = alice.key.clone();
    alice.log.revoke(&key, invitation).unwrap();
    dora.hear(&alice);
    let refused = Refused::NotAdmitted(NotAdmitted::Revoked);
    assert_eq!(dora.join(&secret(1)), Err(refused));
    force(&mut dora, invitation, 1);
    let mut all = [alice, bob, carol, dora];
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, EDITOR, None, None]);
}

/// Alice gives Carol another role, and Bob, who has not heard of Carol, takes the invitation back by which she came.
#[test]
fn m11_who_has_a_role_although_her_join_falls_is_sealed_to() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Viewer, 9).unwrap();
    let mut bob = alice.beside(2);
    alice.add(&bob, Role::Owner).unwrap();
    bob.hear(&alice);
    let mut carol = alice.beside(3);
    carol.join(&secret(1)).unwrap();
    alice.hear(&carol);
    alice
        .change(carol.device(), Some(Role::Editor), &[])
        .unwrap();
    let key = bob.key.clone();
    bob.log.revoke(&key, invitation).unwrap();
    alice.hear(&bob);
    let epoch = alice.begin_epoch().unwrap();
    carol.hear(&alice);
    assert!(carol.log.invitation(&invitation).unwrap().joined.is_empty());
    assert_eq!(carol.log.role_of(&carol.device()), EDITOR);
    assert!(carol.keys.contains_key(&epoch));
    // Who is a member by nobody's word has no keys here.
    let mut dora = bob.beside(4);
    force(&mut dora, invitation, 1);
    alice.hear(&dora);
    assert_eq!(alice.log.member(&dora.device()), None);
}

#[test]
fn m14_of_more_joins_than_uses_the_smallest_names_count() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 2).unwrap();
    let mut all: Vec<Actor> = (2..7).map(|number| alice.beside(number)).collect();
    let mut joins: Vec<(RecordId, DeviceId)> = (all.iter_mut())
        .map(|actor| (actor.join(&secret(1)).unwrap(), actor.device()))
        .collect();
    hear_all(&mut all);
    joins.sort_unstable();
    let joined: BTreeSet<DeviceId> = joins[..2].iter().map(|(_, device)| *device).collect();
    let counted = all[0]
        .log
        .invitation(&invitation)
        .unwrap()
        .joined
        .iter()
        .copied();
    assert_eq!(counted.collect::<BTreeSet<_>>(), joined);
    let members = all
        .iter()
        .filter(|actor| all[0].log.role_of(&actor.device()) == EDITOR);
    assert_eq!(members.count(), 2);
}

#[test]
fn m14_who_was_seen_by_an_owner_is_not_driven_out_by_a_smaller_name() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let early = alice.clone();
    let mut bob = alice.beside(2);
    let name = bob.join(&secret(1)).unwrap();
    alice.hear(&bob);
    let carol = alice.beside(3);
    alice.add(&carol, Role::Viewer).unwrap();
    let thief = (4..=255)
        .map(|number| early.beside(number))
        .find_map(|mut thief| {
            let record = join_of(&thief, invitation, 1).encode();
            let genesis = thief.log.records()[0].clone();
            thief.log.merge(&[genesis, record.clone()]).unwrap();
            (RecordId::of(&record) < name).then_some(thief)
        });
    alice.hear(&thief.unwrap());
    assert_eq!(
        alice.log.invitation(&invitation).unwrap().joined,
        [bob.device()]
    );
}

#[test]
fn m14_a_device_uses_an_invitation_once() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 2).unwrap();
    let (mut bob, mut carol) = (alice.beside(2), alice.beside(3));
    bob.join(&secret(1)).unwrap();
    force(&mut bob, invitation, 1);
    carol.hear(&bob);
    carol.join(&secret(1)).unwrap();
    assert_eq!(carol.log.role_of(&bob.device()), EDITOR);
    assert_eq!(carol.log.role_of(&carol.device()), EDITOR);
}

#[test]
fn m15_doors_judge_by_their_clock_and_the_log_does_not() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    assert_eq!(alice.log.may_admit(&invitation, 999), Ok(()));
    assert_eq!(
        alice.log.may_admit(&invitation, 1_000),
        Err(NotAdmitted::Expired)
    );
    let unknown = alice.log.may_admit(&RecordId([1; 32]), 0);
    assert_eq!(unknown, Err(NotAdmitted::Unknown));
    let mut bob = alice.beside(2);
    let late = bob.log.join(&secret(1), &bob.key, &bob.sealing, 1_000);
    assert_eq!(late, Err(Refused::NotAdmitted(NotAdmitted::Expired)));
    bob.join(&secret(1)).unwrap();
    assert_eq!(bob.log.may_admit(&invitation, 0), Err(NotAdmitted::UsedUp));
    let other = bob.log.join(&secret(3), &bob.key, &bob.sealing, 0);
    assert_eq!(other, Err(Refused::NotAdmitted(NotAdmitted::Unknown)));
}

#[test]
fn m15_a_door_takes_up_no_join_of_an_invitation_that_lets_nobody_in() {
    let mut alice = Actor::founder(1);
    alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let (mut bob, mut carol) = (alice.beside(2), alice.beside(3));
    bob.join(&secret(1)).unwrap();
    carol.join(&secret(1)).unwrap();
    let before = alice.log.clone();
    let knock = |door: &mut Actor, guest: &Actor, now_ms| {
        let device = guest.device();
        door.log.merge_at_door(guest.log.records(), &device, now_ms)
    };
    let expired = Err(NotLetIn::NotAdmitted(NotAdmitted::Expired));
    assert_eq!(knock(&mut alice, &bob, 1_000), expired);
    assert_eq!(alice.log, before);
    assert_eq!(knock(&mut alice, &bob, 999), Ok(true));
    assert_eq!(knock(&mut alice, &bob, 1_000), Ok(false), "he is in");
    alice.add(&alice.beside(9), Role::Viewer).unwrap();
    let used_up = Err(NotLetIn::NotAdmitted(NotAdmitted::UsedUp));
    assert_eq!(knock(&mut alice, &carol, 0), used_up);
    let (key, invitation) = (
        alice.key.clone(),
        alice.log.invitation_of(&secret(1)).unwrap(),
    );
    alice.log.revoke(&key, invitation).unwrap();
    let revoked = Err(NotLetIn::NotAdmitted(NotAdmitted::Revoked));
    assert_eq!(knock(&mut alice, &carol, 0), revoked);
}

/// Carol comes to a door that has not heard of Bob, whose invitation was taken back after he had joined.
#[test]
fn m15_who_is_let_in_brings_those_who_were_let_in_elsewhere() {
    let mut alice = Actor::founder(1);
    let old = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    alice.invite(&secret(2), Role::Editor, 1).unwrap();
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    let key = alice.key.clone();
    alice.log.revoke(&key, old).unwrap();
    let mut door = alice.beside(4);
    let mut carol = bob.beside(3);
    carol.join(&secret(2)).unwrap();
    let mut knock = |guest: DeviceId, now_ms| {
        door.log
            .merge_at_door(carol.log.records(), &guest, now_ms)
            .map(|_| door.log.role_of(&carol.device()))
    };
    let refused = |why| Err(NotLetIn::NotAdmitted(why));
    assert_eq!(knock(carol.device(), 1_000), refused(NotAdmitted::Expired));
    assert_eq!(knock(bob.device(), 0), refused(NotAdmitted::Revoked));
    assert_eq!(knock(DeviceId([9; 32]), 0), refused(NotAdmitted::Revoked));
    assert_eq!(knock(carol.device(), 999), Ok(EDITOR));
}

/// Bob has joined in time. Afterwards his invitation has expired or is revoked, and he comes to a door that never met him.
#[test]
fn m15_who_was_seen_by_an_owner_is_let_in_by_doors_that_hear_of_it_late() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let door = alice.beside(4);
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    let knock = |guest: &Actor| {
        let mut door = door.clone();
        let knocked = door
            .log
            .merge_at_door(guest.log.records(), &bob.device(), 1_000);
        knocked.map(|_| door.log.role_of(&bob.device()))
    };
    // He may have joined a moment ago.
    let expired = Err(NotLetIn::NotAdmitted(NotAdmitted::Expired));
    assert_eq!(knock(&bob), expired);
    alice.hear(&bob);
    let mut revoking = alice.clone();
    alice.add(&alice.beside(9), Role::Viewer).unwrap();
    assert_eq!(knock(&alice), Ok(EDITOR));
    let key = revoking.key.clone();
    revoking.log.revoke(&key, invitation).unwrap();
    assert_eq!(knock(&revoking), Ok(EDITOR));
}

fn join_of(actor: &Actor, invitation: RecordId, number: u8) -> Record {
    let sealing = SealingKey::from_bytes(&[number; 32]).public();
    let deps = heads(&actor.log);
    let key = secret(number).key();
    Record::join(
        actor.log.room(),
        deps,
        (invitation, &key),
        sealing,
        &actor.key,
    )
}

/// Joins without asking.
fn force(actor: &mut Actor, invitation: RecordId, number: u8) {
    let record = join_of(actor, invitation, number).encode();
    actor
        .log
        .merge(&[actor.log.records()[0].clone(), record])
        .unwrap();
}

/// That another guest builds on a join says nothing: only an owner's word does.
#[test]
fn m14_who_was_seen_by_a_guest_alone_gives_way_to_a_smaller_name() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 1).unwrap();
    alice.invite(&secret(2), Role::Editor, 1).unwrap();
    let mut bob = alice.beside(2);
    let name = bob.join(&secret(1)).unwrap();
    let mut carol = bob.beside(3);
    carol.join(&secret(2)).unwrap();
    let other = (4..=255).find_map(|number| {
        let mut other = alice.beside(number);
        let joined = other.join(&secret(1)).unwrap();
        (joined < name).then_some(other)
    });
    let other = other.unwrap();
    carol.hear(&other);
    let joined = &carol.log.invitation(&invitation).unwrap().joined;
    assert_eq!(*joined, [other.device()]);
    let log = &carol.log;
    assert_eq!(log.role_of(&bob.device()), None);
    // Others may have believed that he was in.
    assert_eq!(log.key_of(&bob.device()), Some(bob.key.public()));
    let standing = log.standing(&bob.device(), Right::Edit, 1, 1);
    assert_eq!(standing, Standing::Lost);
}

/// Bob is removed, and says so much as if he did not know.
#[test]
fn m8_what_a_removed_owner_says_of_invitations_and_keys_falls() {
    let mut all = owners(1);
    let good = all[0].invite(&secret(1), Role::Editor, 1).unwrap();
    hear_all(&mut all);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    let epoch = all[0].begin_epoch().unwrap();
    let key = all[1].key.clone();
    all[1].log.revoke(&key, good).unwrap();
    all[1].begin_epoch().unwrap();
    all[1].begin_epoch().unwrap();
    let fallen = all[1].invite(&secret(2), Role::Editor, 1).unwrap();
    let mut carol = all[1].beside(3);
    carol.join(&secret(2)).unwrap();
    all.push(carol);
    hear_all(&mut all);
    let log = &all[0].log;
    assert_eq!(log.may_admit(&good, 0), Ok(()));
    assert_eq!(log.may_admit(&fallen, 0), Err(NotAdmitted::Unknown));
    assert_eq!(roles(&all), [OWNER, None, None]);
    assert_eq!(log.epoch(), Some(epoch));
    assert!(!log.is_epoch_due());
}

#[test]
fn m6_an_invitation_is_made_before_somebody_joins_by_it() {
    let mut alice = Actor::founder(1);
    let invitation = alice.invite(&secret(1), Role::Editor, 9).unwrap();
    let bob = alice.beside(2);
    let (room, key) = (alice.log.room(), secret(1).key());
    let by = (invitation, &key);
    let deps = vec![RecordId(room.0)];
    let join = Record::join(room, deps, by, bob.sealing.public(), &bob.key);
    let genesis = alice.log.records()[0].clone();
    let merged = alice.log.merge(&[genesis, join.encode()]);
    assert_eq!(merged, Err(MembershipError::NotEntitled));
    let key = alice.key.clone();
    let unknown = alice.log.revoke(&key, RecordId([9; 32]));
    assert_eq!(unknown, Err(NotAdmitted::Unknown.into()));
}
