//! Who is let in, and who is cut off.

use sync::{Advert, Document, LinkError, Message, Phase};
use trust::invitation::InvitationSecret;
use trust::membership::{MembershipError, NotAdmitted};
use trust::record::Role;
use trust::testing::Actor;

use crate::cuts::house;
use crate::house::{House, Machine};

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;

/// Somebody whom nobody knows, with the room's name and nothing else of its log.
fn stranger(house: &mut House, number: u8) -> usize {
    let mut actor = house.machines[ALICE].actor.beside(number);
    let genesis = actor.log.records()[0].clone();
    actor.log = trust::Membership::open(&[genesis]).expect("a genesis");
    house.machines.push(Machine::new(actor));
    house.machines.len() - 1
}

/// A guest makes use of an invitation, and is an editor for Alice then.
fn comes_in(house: &mut House, guest: usize, secret: &InvitationSecret) {
    join(&mut house.machines[guest], secret);
    house.settle();
    let device = house.machines[guest].device();
    let role = house.machines[ALICE].exchange.membership().role_of(&device);
    assert_eq!(role, Some(Role::Editor));
}

#[test]
fn r7_a_stranger_gets_the_log_of_members_and_nothing_else() {
    let mut house = house(&[Role::Editor]);
    house.machines[BOB].write(Document::Project);
    house.settle();
    let stranger = stranger(&mut house, 9);
    house.join(stranger, ALICE);
    house.settle();
    let bob = house.machines[BOB].stream();
    assert_eq!(house.machines[stranger].held(bob), 0);
    house.machines[BOB].write(Document::Project);
    house.settle();
    assert_eq!(house.machines[stranger].held(bob), 0);
    let peers = house.machines[stranger].exchange.peers();
    let phases: Vec<Phase> = peers.map(|peer| peer.phase).collect();
    assert_eq!(
        phases,
        [Phase::Opening],
        "it does not even learn what is held"
    );
}

#[test]
fn r7_a_stranger_who_keeps_knocking_is_turned_away() {
    let mut house = house(&[]);
    let stranger = stranger(&mut house, 9);
    let link = house.join(stranger, ALICE);
    house.settle();
    let genesis = house.machines[stranger].actor.log.records()[0].clone();
    let knock = Message::Members(vec![genesis.into()]);
    let turned_away = (0..9).find_map(|_| house.say(link, ALICE, &knock).err());
    assert!(matches!(turned_away, Some(LinkError::NotPermitted { .. })));
}

#[test]
fn r7_what_a_stranger_says_of_frames_is_not_looked_at() {
    let mut house = house(&[]);
    let stranger = stranger(&mut house, 9);
    let link = house.join(stranger, ALICE);
    house.settle();
    let vector = Message::Vector(Advert {
        held: [(house.machines[stranger].stream(), 9)]
            .into_iter()
            .collect(),
        base: None,
    });
    let received = house.say(link, ALICE, &vector).expect("it is ignored");
    assert_eq!(received, Default::default());
    let peer = house.machines[ALICE]
        .exchange
        .peers()
        .next()
        .expect("a link");
    assert!(peer.holds.is_empty());
}

/// A guest has a link and nothing else, hears the log, joins by it, and is let in.
#[test]
fn r7_a_guest_joins_over_the_link_on_which_she_has_knocked() {
    let (mut house, secret) = with_invitation();
    house.machines[ALICE].exchange.set_clock(0, house.now);
    let guest = stranger(&mut house, 9);
    house.machines[ALICE].write(Document::Project);
    house.join(guest, ALICE);
    house.settle();
    join(&mut house.machines[guest], &secret);
    house.settle();
    let (alice, device) = (
        house.machines[ALICE].stream(),
        house.machines[guest].device(),
    );
    assert_eq!(house.machines[guest].held(alice), 1);
    let role = house.machines[BOB].exchange.membership().role_of(&device);
    assert_eq!(role, Some(Role::Editor), "and everybody learns of her");
    house.machines[guest].write(Document::Project);
    house.settle();
    assert_eq!(house.machines[BOB].held(house.machines[guest].stream()), 1);
}

#[test]
fn r7_who_is_let_in_hears_what_was_said_while_she_waited() {
    let (mut house, secret) = with_invitation();
    house.machines[ALICE].exchange.set_clock(0, house.now);
    let guest = stranger(&mut house, 9);
    house.join(guest, ALICE);
    house.settle();
    let early = house.machines[guest].actor.log.records().len();
    let ella = house.machines[ALICE].actor.beside(8);
    let alice = &mut house.machines[ALICE];
    alice.actor.add(&ella, Role::Viewer).expect("an owner");
    alice.tell();
    house.settle();
    let before = house.machines[guest].actor.log.records().len();
    assert_eq!(before, early, "she is told nothing while she waits");
    join(&mut house.machines[guest], &secret);
    house.settle();
    let log = house.machines[guest].exchange.membership();
    assert_eq!(log.role_of(&ella.device()), Some(Role::Viewer));
    assert_eq!(log, house.machines[ALICE].exchange.membership());
}

/// The machine at which she waits does not know the room yet.
#[test]
fn r7_who_waits_hears_of_an_invitation_that_may_be_hers() {
    let mut house = house(&[Role::Editor]);
    house.cut_all_of(BOB);
    house.machines[BOB].exchange.set_clock(0, house.now);
    let guest = stranger(&mut house, 9);
    house.join(guest, BOB);
    house.settle();
    let secret = InvitationSecret::from_seed(&[5; 32]);
    let alice = &mut house.machines[ALICE];
    let invited = alice.actor.invite(&secret, Role::Editor, 1);
    invited.expect("an owner");
    alice.tell();
    house.join(BOB, ALICE);
    house.settle();
    comes_in(&mut house, guest, &secret);
}

/// Bob has revoked the invitation beside his own removal, so that nobody has. Carol, at whose door the guest waits, hears of the
/// removal last.
#[test]
fn r7_who_waits_hears_that_a_revocation_has_fallen() {
    let mut house = house(&[Role::Owner, Role::Editor]);
    let secret = InvitationSecret::from_seed(&[5; 32]);
    let alice = &mut house.machines[ALICE];
    let invited = alice.actor.invite(&secret, Role::Editor, 1);
    let invitation = invited.expect("an owner");
    alice.tell();
    house.settle();
    for away in [BOB, CAROL] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    let bob = &mut house.machines[BOB];
    let revoked = bob.actor.log.revoke(&bob.actor.key, invitation);
    revoked.expect("an owner");
    bob.tell();
    house.settle();
    house.machines[CAROL].exchange.set_clock(0, house.now);
    let guest = stranger(&mut house, 9);
    house.join(guest, CAROL);
    house.settle();
    let log = house.machines[guest].exchange.membership();
    assert!(log.may_admit(&invitation, 0).is_err());
    let bob = house.machines[BOB].device();
    let alice = &mut house.machines[ALICE];
    alice.actor.change(bob, None, &[]).expect("an owner");
    alice.tell();
    house.join(CAROL, ALICE);
    house.settle();
    comes_in(&mut house, guest, &secret);
}

/// Each of two guests is nobody for the other; one of them gets in elsewhere.
#[test]
fn r7_guests_who_wait_for_each_other_are_let_in_by_each_other() {
    let mut house = house(&[]);
    house.machines[ALICE].exchange.set_clock(0, house.now);
    let secret = InvitationSecret::from_seed(&[5; 32]);
    let alice = &mut house.machines[ALICE];
    let invited = alice.actor.invite(&secret, Role::Editor, 2);
    invited.expect("an owner");
    alice.tell();
    let [one, other] = [8, 9].map(|number| stranger(&mut house, number));
    for guest in [one, other] {
        house.machines[guest].exchange.set_clock(0, house.now);
    }
    house.join(other, one);
    house.settle();
    house.join(one, ALICE);
    house.settle();
    for guest in [one, other] {
        join(&mut house.machines[guest], &secret);
        house.settle();
    }
    assert!(house.are_joined(one, other));
    let device = house.machines[other].device();
    let role = house.machines[ALICE].exchange.membership().role_of(&device);
    assert_eq!(role, Some(Role::Editor));
}

/// She holds the room for Alice, who has chosen her only after she has said what she holds.
#[test]
fn r7_what_was_said_before_one_was_let_in_is_said_again() {
    let mut house = house(&[Role::Editor]);
    house.machines[BOB].write(Document::Project);
    house.settle();
    let carrier = stranger(&mut house, 9);
    let device = house.machines[carrier].device();
    house.join(carrier, BOB);
    house.machines[BOB].exchange.trust_carrier(device);
    house.settle();
    let bobs = house.machines[BOB].stream();
    assert_eq!(house.machines[carrier].held(bobs), 1);
    // Alice is a member for her, and she is nobody for Alice.
    house.join(carrier, ALICE);
    house.settle();
    house.machines[ALICE].exchange.trust_carrier(device);
    house.settle();
    house.machines[ALICE].write(Document::Project);
    house.settle();
    let alices = house.machines[ALICE].stream();
    assert_eq!(house.machines[carrier].held(alices), 1);
    let mut peers = house.machines[ALICE].exchange.peers();
    let seen = peers.find(|it| it.peer.device == device).expect("a link");
    assert_eq!((seen.phase, seen.holds.get(&bobs)), (Phase::Live, 1));
}

#[test]
fn r7_a_door_judges_an_invitation_by_its_own_clock() {
    for unix_ms in [None, Some(1_000)] {
        let (mut house, secret) = with_invitation();
        if let Some(unix_ms) = unix_ms {
            house.machines[ALICE].exchange.set_clock(unix_ms, house.now);
        }
        let guest = stranger(&mut house, 9);
        house.join(guest, ALICE);
        house.settle();
        join(&mut house.machines[guest], &secret);
        house.settle();
        let expired = LinkError::NotAdmitted(NotAdmitted::Expired);
        assert_eq!(house.ended, [(ALICE, guest, expired)]);
        let device = house.machines[guest].device();
        assert_eq!(house.machines[ALICE].actor.log.role_of(&device), None);
    }
}

/// Carol was let in by an invitation that has expired since, and is the first whom a machine meets that knows only the
/// room's name.
#[test]
fn r7_who_knows_nothing_takes_the_first_log_as_it_is() {
    let (mut house, secret) = with_invitation();
    house.machines[ALICE].exchange.set_clock(0, house.now);
    let carol = stranger(&mut house, 9);
    house.join(carol, ALICE);
    house.settle();
    join(&mut house.machines[carol], &secret);
    house.settle();
    let newcomer = stranger(&mut house, 10);
    house.machines[newcomer]
        .exchange
        .set_clock(u64::MAX, house.now);
    house.join(newcomer, carol);
    house.settle();
    let log = house.machines[newcomer].exchange.membership();
    let device = house.machines[carol].device();
    assert_eq!(log.role_of(&device), Some(Role::Editor));
}

#[test]
fn r8_a_carrier_gets_frames_and_forwards_them_though_it_is_no_member() {
    let mut house = house(&[Role::Editor]);
    house.cut_all_of(BOB);
    let relay = stranger(&mut house, 9);
    for machine in [ALICE, BOB] {
        let device = house.machines[relay].device();
        house.machines[machine].exchange.trust_carrier(device);
        house.join(machine, relay);
    }
    house.machines[ALICE].write(Document::Project);
    house.settle();
    let alice = house.machines[ALICE].stream();
    assert_eq!(house.machines[BOB].held(alice), 1);
    // What a carrier writes itself counts as little as a stranger's.
    house.machines[relay].write(Document::Project);
    house.settle();
    assert!(matches!(house.ended[0].2, LinkError::NotPermitted { .. }));
}

#[test]
fn r8_a_carrier_that_is_dismissed_is_cut_off() {
    let mut house = house(&[]);
    let relay = stranger(&mut house, 9);
    let device = house.machines[relay].device();
    house.machines[ALICE].exchange.trust_carrier(device);
    house.join(ALICE, relay);
    house.machines[ALICE].write(Document::Project);
    house.settle();
    let alice = house.machines[ALICE].stream();
    assert_eq!(house.machines[relay].held(alice), 1);
    house.machines[ALICE].exchange.dismiss_carrier(&device);
    house.machines[ALICE].write(Document::Project);
    house.settle();
    assert!(!house.are_joined(ALICE, relay));
    assert_eq!(house.machines[relay].held(alice), 1);
}

#[test]
fn r8_who_was_removed_is_no_carrier() {
    let mut house = house(&[Role::Editor]);
    let bob = house.machines[BOB].device();
    house.cut_all_of(BOB);
    house.machines[ALICE].exchange.trust_carrier(bob);
    house.join(ALICE, BOB);
    house.settle();
    let alice = &mut house.machines[ALICE];
    alice.actor.change(bob, None, &[]).expect("an owner");
    alice.tell();
    alice.write(Document::Project);
    house.settle();
    assert!(!house.are_joined(ALICE, BOB));
    let stream = house.machines[ALICE].stream();
    assert_eq!(house.machines[BOB].held(stream), 0);
}

#[test]
fn m5_who_is_removed_hears_so_and_is_cut_off_at_once() {
    let mut house = house(&[Role::Editor, Role::Editor]);
    house.join(2, BOB);
    house.settle();
    let device = house.machines[BOB].device();
    let alice = &mut house.machines[ALICE];
    alice.actor.change(device, None, &[]).expect("an owner");
    alice.tell();
    alice.write(Document::Project);
    house.settle();
    assert!(!house.are_joined(BOB, ALICE) && !house.are_joined(BOB, 2));
    let stream = house.machines[ALICE].stream();
    assert_eq!(house.machines[BOB].held(stream), 0, "nothing more was sent");
    assert_eq!(house.machines[2].held(stream), 1);
    assert_eq!(
        house.machines[BOB].actor.log.role_of(&device),
        None,
        "he was told"
    );
    assert!(matches!(house.ended[0].2, LinkError::NotPermitted { .. }));
    // And is not let in again, though he brings all that is to be known.
    house.join(BOB, ALICE);
    house.settle();
    assert!(!house.are_joined(BOB, ALICE));
    assert_eq!(house.machines[BOB].held(stream), 0);
}

/// Bob has named Carol beside his own removal, so that nobody has. She may still come by an invitation.
#[test]
fn r7_who_was_named_by_a_record_that_fell_may_knock() {
    let (mut house, secret) = with_invitation();
    house.machines[ALICE].exchange.set_clock(0, house.now);
    let bob = house.machines[BOB].device();
    let carol = stranger(&mut house, 9);
    let named = house.machines[carol].actor.clone();
    let alice = &mut house.machines[ALICE].actor;
    alice.change(bob, Some(Role::Owner), &[]).expect("an owner");
    house.machines[ALICE].tell();
    house.settle();
    house.cut_all_of(BOB);
    let by_bob = &mut house.machines[BOB].actor;
    by_bob
        .add(&named, Role::Editor)
        .expect("he does not know it yet");
    let by_bob = by_bob.clone();
    let alice = &mut house.machines[ALICE].actor;
    alice.change(bob, None, &[]).expect("an owner");
    alice.hear(&by_bob);
    house.machines[ALICE].tell();
    let device = named.device();
    assert_eq!(house.machines[ALICE].actor.log.role_of(&device), None);
    house.join(carol, ALICE);
    house.settle();
    join(&mut house.machines[carol], &secret);
    house.settle();
    let role = house.machines[ALICE].exchange.membership().role_of(&device);
    assert_eq!(role, Some(Role::Editor));
    assert!(house.are_joined(carol, ALICE));
}

/// Alice and Bob have each said something that the other has not heard.
#[test]
fn m2_whoever_meets_brings_the_whole_log_and_has_both_afterwards() {
    let mut house = house(&[Role::Owner]);
    house.cut_all_of(BOB);
    let named = [8, 9].map(|number| house.machines[ALICE].actor.beside(number));
    for (machine, actor) in [(ALICE, &named[0]), (BOB, &named[1])] {
        let machine = &mut house.machines[machine];
        machine.actor.add(actor, Role::Viewer).expect("an owner");
        machine.tell();
    }
    house.join(BOB, ALICE);
    house.settle();
    let [alice, bob] = [ALICE, BOB].map(|at| house.machines[at].exchange.membership().clone());
    assert_eq!(alice, bob);
    for actor in &named {
        assert_eq!(alice.role_of(&actor.device()), Some(Role::Viewer));
    }
}

#[test]
fn m4_a_record_that_is_not_known_ends_the_link_and_lets_nobody_in() {
    let mut house = house(&[Role::Editor]);
    house.cut_all_of(BOB);
    let before = house.machines[ALICE].exchange.membership().clone();
    let carol = stranger(&mut house, 9);
    let link = house.join(carol, ALICE);
    let records = before.records().iter().cloned().map(Into::into);
    let unknown: Vec<_> = records.chain([b"from the future"[..].into()]).collect();
    let refused = house.say(link, ALICE, &Message::Members(unknown));
    let unknown = MembershipError::UnknownRecord;
    assert_eq!(refused, Err(LinkError::Membership(unknown)));
    assert_eq!(*house.machines[ALICE].exchange.membership(), before);
}

/// Bob was a member, and Carol never was: to her the door stays open, as R7 says.
#[test]
fn r9_who_was_removed_is_sent_the_log_and_cut_off_whenever_he_comes() {
    let mut house = house(&[Role::Editor]);
    house.cut_all_of(BOB);
    let bob = house.machines[BOB].device();
    let alice = &mut house.machines[ALICE];
    alice.actor.change(bob, None, &[]).expect("an owner");
    alice.tell();
    let carol = stranger(&mut house, 9);
    house.join(carol, ALICE);
    for time in 0..3 {
        house.join(BOB, ALICE);
        house.settle();
        assert!(!house.are_joined(BOB, ALICE), "time {time}");
        let log = house.machines[BOB].exchange.membership();
        assert_eq!(log.role_of(&bob), None, "he is told");
    }
    assert!(house.are_joined(carol, ALICE));
}

#[test]
fn m5_a_viewer_who_was_an_editor_keeps_the_link() {
    let mut house = house(&[Role::Editor]);
    let device = house.machines[BOB].device();
    let alice = &mut house.machines[ALICE];
    alice
        .actor
        .change(device, Some(Role::Viewer), &[])
        .expect("an owner");
    alice.tell();
    house.machines[ALICE].write(Document::Project);
    house.settle();
    let stream = house.machines[ALICE].stream();
    assert_eq!(house.machines[BOB].held(stream), 1);
}

#[test]
fn u2_a_bundle_brings_members_before_frames_and_counts_what_is_vouched_for() {
    let mut house = house(&[Role::Editor, Role::Editor]);
    house.join(2, BOB);
    house.machines[BOB].write(Document::Project);
    house.settle();
    house.machines[2].write(Document::Project);
    house.settle();
    let device = house.machines[BOB].device();
    let alice = &mut house.machines[ALICE];
    // The cut leaves out what Carol has built on.
    alice.actor.change(device, None, &[]).expect("an owner");
    alice.tell();
    house.settle();
    let carol = &house.machines[2];
    let mut frames: Vec<_> = carol.log.values().cloned().collect();
    frames.sort_by_key(|frame| frame.header().stream.device != device);
    let bundle = carol.exchange.bundle(frames);
    let newcomer = stranger(&mut house, 9);
    let exchange = &mut house.machines[newcomer].exchange;
    let (received, left) = exchange.import(&bundle).expect("a bundle of this room");
    assert_eq!((received.frames.len(), left), (2, 0));
    assert!(received.membership_changed);
}

fn with_invitation() -> (House, InvitationSecret) {
    let mut house = house(&[Role::Editor]);
    let secret = InvitationSecret::from_seed(&[5; 32]);
    let alice: &mut Actor = &mut house.machines[ALICE].actor;
    alice.invite(&secret, Role::Editor, 1).expect("an owner");
    house.machines[ALICE].tell();
    house.settle();
    (house, secret)
}

fn join(guest: &mut Machine, secret: &InvitationSecret) {
    guest.actor.join(secret).expect("she has heard the log");
    guest.tell();
}
