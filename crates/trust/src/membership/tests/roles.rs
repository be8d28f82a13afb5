//! What members may, and what counts of what they wrote.

use super::*;

#[test]
fn m11_each_role_includes_what_the_lower_ones_do() {
    let mut alice = Actor::founder(1);
    let rights = [Right::Read, Right::Comment, Right::Edit];
    for (number, role, may) in [
        (2, Role::Viewer, [true, false, false]),
        (3, Role::Commenter, [true, true, false]),
        (4, Role::Editor, [true, true, true]),
        (5, Role::Owner, [true, true, true]),
    ] {
        let other = alice.beside(number);
        alice.add(&other, role).unwrap();
        for (right, may) in rights.into_iter().zip(may) {
            let permitted = alice.log.permits(&other.device(), right);
            assert_eq!(permitted, may.then_some(()).ok_or(Refusal::RoleForbids));
        }
    }
    let stranger = alice.beside(6).device();
    assert_eq!(
        alice.log.permits(&stranger, Right::Read),
        Err(Refusal::NotAMember)
    );
}

#[test]
fn m11_of_concurrent_roles_the_lowest_holds() {
    let mut all = owners(1);
    let carol = all[0].beside(3);
    all[0].add(&carol, Role::Editor).unwrap();
    all[1].add(&carol, Role::Viewer).unwrap();
    all.push(carol);
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, VIEWER]);
    let carol = all[2].device();
    all[0].change(carol, EDITOR, &[]).unwrap();
    all[1].change(carol, None, &[]).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER, None]);
}

#[test]
fn m11_an_addition_lowers_nobody() {
    let mut all = owners(1);
    let (alice, bob) = (all[0].clone(), all[1].clone());
    all[0].add(&bob, Role::Viewer).unwrap();
    all[1].add(&alice, Role::Editor).unwrap();
    hear_all(&mut all);
    assert_eq!(roles(&all), [OWNER, OWNER]);
}

#[test]
fn m11_an_addition_leaves_an_editor_what_she_may() {
    let mut alice = Actor::founder(1);
    let bob = alice.beside(2);
    for (role, left) in [
        (Role::Commenter, COMMENTER),
        (Role::Editor, EDITOR),
        (Role::Viewer, EDITOR),
    ] {
        alice.add(&bob, role).unwrap();
        assert_eq!(alice.log.role_of(&bob.device()), left);
    }
}

#[test]
fn m11_who_was_removed_is_added_again() {
    let mut alice = Actor::founder(1);
    let bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    alice.change(bob.device(), None, &[(7, 3)]).unwrap();
    alice.add(&bob, Role::Viewer).unwrap();
    assert_eq!(alice.log.role_of(&bob.device()), VIEWER);
}

#[test]
fn m16_frames_count_up_to_the_cut() {
    let mut alice = Actor::founder(1);
    let bob = alice.beside(2);
    let device = bob.device();
    alice.add(&bob, Role::Editor).unwrap();
    assert_eq!(alice.log.cut_of(&device, Right::Edit), None);
    assert!(alice.log.counts(&device, Right::Edit, 7, 1_000));
    alice.change(device, None, &[(7, 3)]).unwrap();
    assert_eq!(
        alice.log.cut_of(&device, Right::Edit),
        Some(Cut::from([(7, 3)]))
    );
    assert!(alice.log.counts(&device, Right::Edit, 7, 3));
    assert!(!alice.log.counts(&device, Right::Edit, 7, 4));
    assert!(!alice.log.counts(&device, Right::Edit, 8, 1));
    alice.add(&bob, Role::Editor).unwrap();
    assert!(alice.log.counts(&device, Right::Edit, 7, 4));
}

#[test]
fn m16_each_right_has_the_cut_with_which_it_was_lost() {
    let mut alice = Actor::founder(1);
    let bob = alice.beside(2);
    let device = bob.device();
    alice.add(&bob, Role::Editor).unwrap();
    alice.change(device, COMMENTER, &[(7, 3)]).unwrap();
    assert_eq!(alice.log.cut_of(&device, Right::Comment), None);
    alice.change(device, None, &[(7, 9)]).unwrap();
    assert!(!alice.log.counts(&device, Right::Edit, 7, 4));
    assert!(alice.log.counts(&device, Right::Comment, 7, 9));
    assert!(!alice.log.counts(&device, Right::Comment, 7, 10));
    assert!(!alice.log.counts(&device, Right::Read, 7, 1));
}

#[test]
fn m16_of_concurrent_removals_all_cuts_count_together() {
    let mut all = owners(1);
    let carol = all[0].beside(3);
    all[0].add(&carol, Role::Editor).unwrap();
    all.push(carol);
    hear_all(&mut all);
    let carol = all[2].device();
    all[0].change(carol, None, &[(7, 3), (8, 1)]).unwrap();
    all[1].change(carol, VIEWER, &[(7, 5)]).unwrap();
    hear_all(&mut all);
    let cut = all[0].log.cut_of(&carol, Right::Edit);
    assert_eq!(cut, Some(Cut::from([(7, 5), (8, 1)])));
    assert_eq!(
        all[0].log.cut_of(&all[0].beside(9).device(), Right::Edit),
        Some(Cut::new())
    );
}

#[test]
fn m16_nothing_counts_of_who_had_a_right_by_a_record_that_fell() {
    let mut all = owners(1);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    let carol = all[1].beside(3);
    all[1].add(&carol, Role::Editor).unwrap();
    all.push(carol);
    hear_all(&mut all);
    let carol = all[2].device();
    assert_eq!(all[0].log.cut_of(&carol, Right::Edit), Some(Cut::new()));
    assert!(!all[0].log.counts(&carol, Right::Edit, 1, 1));
}

#[test]
fn m16_nobody_widens_her_own_cut() {
    let mut all = owners(1);
    let early = heads(&all[1].log);
    let bob = all[1].device();
    let mut thief = all[1].clone();
    all[1].change(bob, VIEWER, &[(7, 3), (8, 2)]).unwrap();
    let wider = Content::Changed(crate::record::Changed {
        device: bob,
        role: VIEWER,
        cut: Cut::from([(7, 99), (9, 99)]),
    });
    thief.say_after(&early, wider).unwrap();
    all.push(thief);
    hear_all(&mut all);
    assert_eq!(
        all[0].log.cut_of(&bob, Right::Edit),
        Some(Cut::from([(7, 3)]))
    );
    // An owner's word goes before both.
    all[0].change(bob, EDITOR, &[]).unwrap();
    all[0].change(bob, None, &[(7, 5)]).unwrap();
    assert_eq!(
        all[0].log.cut_of(&bob, Right::Edit),
        Some(Cut::from([(7, 5)]))
    );
}

#[test]
fn m16_what_counts_by_itself_and_what_needs_somebody_who_vouches() {
    let mut all = owners(1);
    let (bob, stranger) = (all[1].device(), DeviceId([9; 32]));
    let carol = all[1].beside(3);
    all[0].change(bob, None, &[(7, 3)]).unwrap();
    // Bob has added her beside his removal, so that nobody has.
    all[1].add(&carol, Role::Editor).unwrap();
    hear_all(&mut all);
    let log = &all[0].log;
    let standing = |device, number| log.standing(&device, Right::Edit, 7, number);
    assert_eq!(standing(all[0].device(), 99), Standing::Counts);
    assert_eq!(standing(bob, 3), Standing::Counts);
    assert_eq!(standing(bob, 4), Standing::Lost);
    assert_eq!(standing(carol.device(), 1), Standing::Lost);
    assert_eq!(standing(stranger, 1), Standing::Never(Refusal::NotAMember));
    assert_eq!(log.key_of(&carol.device()), Some(carol.key.public()));
    assert_eq!(log.key_of(&stranger), None);
}

#[test]
fn m16_of_two_cuts_the_greater_number_counts_whichever_comes_first() {
    for numbers in [[3, 5], [5, 3]] {
        let mut all = owners(1);
        let carol = all[0].beside(3);
        all[0].add(&carol, Role::Editor).unwrap();
        hear_all(&mut all);
        let carol = carol.device();
        for (actor, number) in all.iter_mut().zip(numbers) {
            actor.change(carol, None, &[(7, number)]).unwrap();
        }
        hear_all(&mut all);
        let cut = all[0].log.cut_of(&carol, Right::Edit);
        assert_eq!(cut, Some(Cut::from([(7, 5)])));
    }
}

#[test]
fn m16_a_cut_is_over_once_the_right_is_given_back() {
    let mut alice = Actor::founder(1);
    let bob = alice.beside(2);
    alice.add(&bob, Role::Editor).unwrap();
    alice.change(bob.device(), VIEWER, &[(7, 9)]).unwrap();
    alice.change(bob.device(), EDITOR, &[]).unwrap();
    alice.change(bob.device(), VIEWER, &[(7, 5)]).unwrap();
    let cut = alice.log.cut_of(&bob.device(), Right::Edit);
    assert_eq!(cut, Some(Cut::from([(7, 5)])));
    let refused = alice.log.permits(&bob.device(), Right::Edit);
    assert_eq!(refused, Err(Refusal::RoleForbids));
    alice.change(bob.device(), None, &[]).unwrap();
    let refused = alice.log.permits(&bob.device(), Right::Edit);
    assert_eq!(refused, Err(Refusal::NotAMember));
}

/// Bob resigns, and cuts off less than Alice does who removes him meanwhile.
#[test]
fn m16_what_others_cut_goes_before_ones_own_word() {
    let mut all = owners(1);
    let bob = all[1].device();
    all[0].change(bob, None, &[(7, 3)]).unwrap();
    all[1].change(bob, None, &[(7, 99)]).unwrap();
    hear_all(&mut all);
    let cut = all[0].log.cut_of(&bob, Right::Edit);
    assert_eq!(cut, Some(Cut::from([(7, 3)])));
}

/// Whoever has heard of a record may have believed it, whether it counts or not.
#[test]
fn m16_who_had_a_right_by_a_change_that_fell_has_lost_it() {
    let mut all = owners(1);
    let (viewer, gone) = (all[0].beside(3), all[0].beside(4));
    all[0].add(&viewer, Role::Viewer).unwrap();
    all[0].add(&gone, Role::Viewer).unwrap();
    all[0].change(gone.device(), None, &[]).unwrap();
    hear_all(&mut all);
    let bob = all[1].device();
    all[0].change(bob, None, &[]).unwrap();
    all[1].change(viewer.device(), EDITOR, &[]).unwrap();
    all[1].readmit(gone.device(), Role::Commenter).unwrap();
    hear_all(&mut all);
    let log = &all[0].log;
    assert_eq!(log.role_of(&viewer.device()), VIEWER);
    assert_eq!(log.role_of(&gone.device()), None);
    let standing = |device: &Actor, right| log.standing(&device.device(), right, 7, 1);
    assert_eq!(standing(&viewer, Right::Edit), Standing::Lost);
    assert_eq!(standing(&gone, Right::Comment), Standing::Lost);
    let never = Standing::Never(Refusal::NotAMember);
    assert_eq!(standing(&gone, Right::Edit), never);
}

/// She has a new sealing key after she has joined by an invitation.
#[test]
fn m11_the_latest_sealing_key_is_that_of_the_latest_record() {
    let mut alice = Actor::founder(1);
    alice.invite(&secret(1), Role::Editor, 1).unwrap();
    let mut bob = alice.beside(2);
    bob.join(&secret(1)).unwrap();
    alice.hear(&bob);
    bob.sealing = alice.beside(9).sealing;
    alice.add(&bob, Role::Editor).unwrap();
    let member = alice.log.member(&bob.device()).unwrap();
    assert_eq!(member.sealing(), Some(bob.sealing.public()));
}
