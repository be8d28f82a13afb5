//! What holds for every history.

use proptest::prelude::*;

use super::*;
use crate::record::{Added, Changed};

const ACTORS: usize = 5;

#[derive(Clone, Debug)]
enum Step {
    Add(usize, usize, Role),
    Change(usize, usize, Option<Role>),
    Invite(usize, u8, u32),
    Revoke(usize, prop::sample::Index),
    Join(usize, u8),
    Epoch(usize),
    Leave(usize),
    Readmit(usize, usize, Role),
    Hear(usize, usize),
    /// A record of a cheat, after any records that are anywhere.
    Backdate(usize, usize, Option<Role>, Vec<prop::sample::Index>),
}

fn role() -> impl Strategy<Value = Role> {
    let lower = prop::sample::select(vec![Role::Viewer, Role::Commenter, Role::Editor]);
    prop_oneof![3 => Just(Role::Owner), 1 => lower]
}

fn step() -> impl Strategy<Value = Step> {
    let actor = || 0..ACTORS;
    let maybe = || prop_oneof![1 => Just(None), 1 => role().prop_map(Some)];
    let any = any::<prop::sample::Index>;
    prop_oneof![
        3 => (actor(), actor(), role()).prop_map(|(by, who, role)| Step::Add(by, who, role)),
        4 => (actor(), actor(), maybe()).prop_map(|(by, who, role)| Step::Change(by, who, role)),
        1 => (actor(), 0..3u8, 1..3u32).prop_map(|(by, secret, uses)| Step::Invite(by, secret, uses)),
        1 => (actor(), any()).prop_map(|(by, which)| Step::Revoke(by, which)),
        2 => (actor(), 0..3u8).prop_map(|(by, secret)| Step::Join(by, secret)),
        1 => actor().prop_map(Step::Epoch),
        2 => actor().prop_map(Step::Leave),
        2 => (actor(), actor(), role()).prop_map(|(by, who, role)| Step::Readmit(by, who, role)),
        4 => (actor(), actor()).prop_map(|(by, whom)| Step::Hear(by, whom)),
        2 => (actor(), actor(), maybe(), prop::collection::vec(any(), 1..3))
            .prop_map(|(by, who, role, deps)| Step::Backdate(by, who, role, deps)),
    ]
}

/// Plays a history of a room with three owners, and returns everybody. What is refused is left out.
fn play(steps: &[Step]) -> Vec<Actor> {
    let mut all = vec![Actor::founder(1)];
    for number in 1..ACTORS {
        let other = all[0].beside(1 + number as u8);
        if number < 3 {
            all[0].add(&other, Role::Owner).unwrap();
        }
        all.push(other);
    }
    let founder = all[0].clone();
    all.iter_mut().for_each(|actor| actor.hear(&founder));
    for step in steps {
        take(&mut all, step);
    }
    all
}

fn take(all: &mut [Actor], step: &Step) {
    match step {
        Step::Add(by, who, role) => {
            let who = all[*who].clone();
            let _ = all[*by].add(&who, *role);
        }
        Step::Change(by, who, role) => {
            let who = all[*who].device();
            let _ = all[*by].change(who, *role, &[(1, 1)]);
        }
        Step::Invite(by, number, uses) => {
            let _ = all[*by].invite(&secret(*number), Role::Editor, *uses);
        }
        Step::Revoke(by, which) => {
            let ids: Vec<RecordId> = all[*by].log.invitations().map(|(id, _)| *id).collect();
            if !ids.is_empty() {
                let key = all[*by].key.clone();
                let _ = all[*by].log.revoke(&key, *which.get(&ids));
            }
        }
        Step::Join(by, number) => {
            let _ = all[*by].join(&secret(*number));
        }
        Step::Epoch(by) => {
            let _ = all[*by].begin_epoch();
        }
        Step::Leave(by) => {
            let _ = all[*by].leave(&[(1, 1)]);
        }
        Step::Readmit(by, who, role) => {
            let who = all[*who].device();
            let _ = all[*by].readmit(who, *role);
        }
        Step::Hear(by, whom) => {
            let whom = all[*whom].clone();
            all[*by].hear(&whom);
        }
        Step::Backdate(by, who, role, deps) => {
            let ids: Vec<RecordId> = all[*by].log.history().map(|(id, _)| id).collect();
            let deps: Vec<RecordId> = deps.iter().map(|dep| *dep.get(&ids)).collect();
            let who = all[*who].clone();
            let content = match role {
                Some(Role::Owner) => Content::Added(Added {
                    device: who.key.public(),
                    sealing: who.sealing.certify(&who.key),
                    role: Role::Owner,
                    epoch: None,
                }),
                role => Content::Changed(Changed {
                    device: who.device(),
                    role: *role,
                    cut: Cut::new(),
                }),
            };
            let _ = all[*by].say_after(&deps, content);
        }
    }
}

fn together(all: &[Actor]) -> Membership {
    let mut log = all[0].log.clone();
    for actor in all {
        log.merge(actor.log.records()).unwrap();
    }
    log
}

proptest! {
    #[test]
    fn any_order_and_any_partition_amount_to_the_same(
        steps in prop::collection::vec(step(), 1..50),
        order in prop::collection::vec(any::<prop::sample::Index>(), 64),
        size in 1..9usize,
    ) {
        let whole = together(&play(&steps));
        let genesis = whole.records()[0].clone();
        let mut records = whole.records()[1..].to_vec();
        for (place, other) in (0..records.len()).zip(&order) {
            let other = other.index(records.len());
            records.swap(place, other);
        }
        let again = records.iter().step_by(3).cloned();
        let mut pieces: Vec<Vec<Vec<u8>>> = (records.iter().cloned().chain(again))
            .collect::<Vec<_>>()
            .chunks(size)
            .map(|piece| [std::slice::from_ref(&genesis), piece].concat())
            .collect();
        let mut log = Membership::open(&[genesis]).unwrap();
        // A piece that comes before what it builds on is refused whole, and comes again, beside the others by then.
        while !pieces.is_empty() {
            let before = pieces.len();
            pieces.retain(|piece| match log.merge(piece) {
                Ok(_) => false,
                Err(error) => {
                    assert_eq!(error, MembershipError::Incomplete);
                    true
                }
            });
            if pieces.len() == before {
                pieces = vec![pieces.concat()];
                pieces[0].dedup();
            }
        }
        prop_assert_eq!(&log, &whole);
        prop_assert_eq!(&Membership::open(whole.records()).unwrap(), &whole);
    }

    #[test]
    fn a_room_always_has_an_owner_and_no_more_guests_than_were_invited(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let all = play(&steps);
        for log in all.iter().map(|actor| &actor.log).chain([&together(&all)]) {
            prop_assert!(log.owners().count() > 0);
            prop_assert!(log.epoch().is_some() || log.is_epoch_due());
            for (_, invitation) in log.invitations() {
                prop_assert!(invitation.joined.len() <= invitation.uses as usize);
            }
        }
    }

    #[test]
    fn m17_an_epoch_that_is_begun_is_due_no_more_and_every_member_opens_it(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut all = play(&steps);
        let everybody = all.clone();
        for actor in &mut all {
            everybody.iter().for_each(|other| actor.hear(other));
        }
        let can_begin = |actor: &&mut Actor| {
            let epoch = actor.log.epoch();
            let has_key = epoch.is_none_or(|it| actor.keys.contains_key(&it));
            actor.log.role_of(&actor.device()) == OWNER && has_key
        };
        if let Some(owner) = all.iter_mut().find(can_begin) {
            let begun = owner.begin_epoch().unwrap();
            prop_assert!(!owner.log.is_epoch_due());
            let owner = owner.clone();
            for member in &mut all {
                member.hear(&owner);
                // Who was given a role and never added has no key to which it could be sealed.
                let known = owner.log.member(&member.device());
                let is_sealed_to =
                    known.is_some_and(|it| it.role.is_some() && it.sealing().is_some());
                let reads = is_sealed_to || member.device() == owner.device();
                prop_assert_eq!(member.keys.contains_key(&begun), reads);
            }
        }
    }

    #[test]
    fn nothing_forged_or_changed_counts(
        steps in prop::collection::vec(step(), 1..20),
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bit in 0..8u32,
    ) {
        let whole = together(&play(&steps));
        let genesis = whole.records()[0].clone();
        let mut record = which.get(&whole.records()[1..]).clone();
        let place = place.index(record.len());
        record[place] ^= 1 << bit;
        let mut log = whole.clone();
        prop_assert!(log.merge(&[genesis, record]).is_err());
        prop_assert_eq!(log, whole);
    }

    /// What only a stranger signs changes nothing, wherever he puts it.
    #[test]
    fn a_stranger_is_never_heard(
        steps in prop::collection::vec(step(), 1..20),
        who in 0..ACTORS,
        dep in any::<prop::sample::Index>(),
    ) {
        let all = play(&steps);
        let whole = together(&all);
        let mut stranger = all[0].beside(99);
        stranger.log = whole.clone();
        let ids: Vec<RecordId> = whole.history().map(|(id, _)| id).collect();
        let content = Content::Changed(Changed {
            device: all[who].device(),
            role: None,
            cut: Cut::new(),
        });
        let said = stranger.say_after(&[*dep.get(&ids)], content);
        prop_assert_eq!(said, Err(MembershipError::NotEntitled));
        prop_assert_eq!(stranger.log, whole);
    }
}
