//! What counts of who was removed or lowered.

use sync::{
    Base, Content, CountersignatureBody, Document, Frame, Heads, LinkError, Message, Phase,
    SnapshotBody,
};
use trust::record::Role;
use trust::testing::Actor;

use crate::house::{House, Machine};

/// Alice owns the room; the others are what is said of them. All are joined to her, and have heard everything.
pub fn house(roles: &[Role]) -> House {
    let mut alice = Actor::founder(1);
    let mut others: Vec<Actor> = Vec::new();
    for (number, role) in (2..).zip(roles) {
        let other = alice.beside(number);
        alice.add(&other, *role).expect("she owns the room");
        others.push(other);
    }
    for other in &mut others {
        other.hear(&alice);
    }
    let mut house = House::of([vec![alice], others].concat());
    for other in 1..=roles.len() {
        house.join(other, 0);
    }
    house.settle();
    house
}

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;
const DORA: usize = 3;

/// Alice gives somebody another role, or none, with what she has of his frames as the cut.
fn change(house: &mut House, who: usize, role: Option<Role>) {
    let device = house.machines[who].device();
    let alice = &mut house.machines[ALICE];
    let cut = alice.cut_of(device);
    alice
        .actor
        .change(device, role, &cut)
        .expect("she owns the room");
    alice.tell();
}

/// What each machine holds of Bob's stream.
fn of_bob(house: &House) -> Vec<u64> {
    let stream = house.machines[BOB].stream();
    house
        .machines
        .iter()
        .map(|machine| machine.held(stream))
        .collect()
}

/// Bob writes; Carol, who is joined to him alone, gets it and writes on top, before either hears that Alice has removed him.
fn built_on() -> House {
    let mut house = house(&[Role::Editor, Role::Editor, Role::Editor]);
    house.machines[BOB].write(Document::Project);
    house.settle();
    for away in [BOB, CAROL] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    house.settle();
    house.machines[BOB].write(Document::Project);
    house.machines[BOB].write(Document::Project);
    house.settle();
    change(&mut house, BOB, None);
    house.settle();
    house
}

#[test]
fn r5_an_honest_member_accepts_a_removed_ones_frame_and_edits_on_top_and_nobody_is_stranded() {
    let mut house = built_on();
    house.machines[CAROL].write(Document::Project);
    house.settle();
    assert_eq!(of_bob(&house), [1, 3, 3, 1]);
    // Carol comes back, learns of the removal, and has what the others lack.
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [3, 3, 3, 3]);
    assert_eq!(
        house.ended.len(),
        1,
        "only Bob was cut off: {:?}",
        house.ended
    );
    assert!(!house.are_joined(BOB, CAROL));
    let carol = house.machines[CAROL].stream();
    for machine in [ALICE, DORA] {
        assert_eq!(house.machines[machine].held(carol), 1);
    }
}

#[test]
fn r5_what_she_had_seen_counts_when_she_writes_after_she_has_learned_it() {
    let mut house = built_on();
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [1, 3, 3, 1], "nobody has built on it yet");
    house.machines[CAROL].write(Document::Project);
    house.settle();
    assert_eq!(of_bob(&house), [3, 3, 3, 3]);
}

#[test]
fn r5_a_newcomer_gets_what_counts_in_any_order_and_after_a_restart() {
    let mut house = built_on();
    house.machines[CAROL].write(Document::Project);
    house.settle();
    let alice = house.machines[ALICE].actor.clone();
    let ella = alice.beside(9);
    house.machines[ALICE]
        .actor
        .add(&ella, Role::Viewer)
        .expect("an owner");
    house.machines[ALICE].tell();
    let mut ella = ella;
    ella.hear(&house.machines[ALICE].actor);
    house.machines.push(Machine::new(ella));
    let ella = house.machines.len() - 1;
    let link = house.join(ella, CAROL);
    // Carol's frame first, which vouches for frames that are not here.
    let vouching = house.machines[CAROL].log[&(house.machines[CAROL].stream(), 1)].clone();
    let is_opening = |house: &House| {
        let peer = house.machines[ella].exchange.peers().next();
        peer.expect("a link").phase == Phase::Opening
    };
    while is_opening(&house) {
        house.poll();
        house.deliver(link, 0);
        house.deliver(link, 1);
    }
    house
        .say(link, ella, &Message::Frame(vouching.clone()))
        .expect("a frame that counts");
    house.machines[ella].keep(&vouching);
    house.cut(link);
    house.machines[ella].restart();
    house.join(ella, CAROL);
    house.settle();
    assert_eq!(of_bob(&house)[ella], 3);
}

#[test]
fn r4_what_nobody_has_built_on_is_left_and_the_link_stays() {
    let mut house = house(&[Role::Editor, Role::Editor]);
    let link = house.join(CAROL, BOB);
    house.machines[BOB].write(Document::Project);
    house.settle();
    // Bob is cut off by who knows of it, and Carol goes on to bring what he writes.
    house.cut(link);
    change(&mut house, BOB, None);
    house.settle();
    let more: Vec<Frame> = (0..3)
        .map(|_| house.machines[BOB].write(Document::Project))
        .collect();
    let link = house.join(CAROL, ALICE);
    house.settle();
    for frame in &more {
        let received = house.say(link, ALICE, &Message::Frame(frame.clone()));
        assert_eq!(received.expect("Carol need not know").frames, []);
    }
    assert_eq!(of_bob(&house), [1, 4, 1]);
    assert!(house.are_joined(CAROL, ALICE));
}

#[test]
fn r4_what_is_below_the_cut_counts_for_all() {
    let mut house = house(&[Role::Editor, Role::Editor]);
    house.cut_all_of(CAROL);
    for _ in 0..3 {
        house.machines[BOB].write(Document::Project);
    }
    house.settle();
    change(&mut house, BOB, None);
    house.settle();
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [3, 3, 3]);
}

#[test]
fn r4_a_frame_of_who_never_might_write_ends_the_link() {
    let mut house = house(&[Role::Viewer, Role::Editor]);
    let frame = house.machines[BOB].write(Document::Project);
    house.settle();
    let (at, from, error) = house.ended[0];
    assert_eq!((at, from), (ALICE, BOB));
    assert!(matches!(error, LinkError::NotPermitted { .. }), "{error}");
    assert_eq!(of_bob(&house), [0, 1, 0]);
    assert_eq!(frame.header().number, 1);
}

#[test]
fn r6_a_right_that_is_given_back_makes_what_was_left_count() {
    let mut house = house(&[Role::Editor, Role::Editor]);
    change(&mut house, BOB, Some(Role::Viewer));
    house.machines[BOB].write(Document::Project);
    house.settle();
    assert_eq!(of_bob(&house), [0, 1, 0]);
    change(&mut house, BOB, Some(Role::Editor));
    house.settle();
    assert_eq!(of_bob(&house), [1, 1, 1]);
    assert_eq!(house.ended, []);
}

#[test]
fn r3_who_may_comment_writes_comments_and_nothing_else() {
    let mut house = house(&[Role::Commenter]);
    house.machines[BOB].write(Document::Comments);
    house.settle();
    assert_eq!(of_bob(&house), [1, 1]);
    let bob = &house.machines[BOB];
    let heads = Heads([0; 32]);
    let body = SnapshotBody {
        vector: bob.exchange.held(),
        heads,
    };
    let signed = CountersignatureBody {
        snapshot: sync::FrameId([1; 32]),
        heads,
    };
    let forbidden = [
        bob.sign(Document::Project, Content::Changes, &[]),
        bob.sign(Document::Room, Content::Changes, &[]),
        bob.sign(Document::Comments, Content::Snapshot(&body), &[]),
        bob.sign(Document::Comments, Content::Countersignature(signed), &[]),
    ];
    for frame in forbidden {
        let link = house.join(BOB, ALICE);
        house.settle();
        let refused = house.say(link, ALICE, &Message::Frame(frame));
        assert!(matches!(refused, Err(LinkError::NotPermitted { .. })));
        house.cut(link);
    }
}

#[test]
fn r5_who_may_only_comment_vouches_for_comments_only() {
    for (document, counted) in [(Document::Comments, 1), (Document::Project, 0)] {
        let mut house = house(&[Role::Editor, Role::Commenter, Role::Editor]);
        house.cut_all_of(CAROL);
        change(&mut house, BOB, None);
        house.settle();
        house.join(CAROL, ALICE);
        house.settle();
        // Bob writes after his removal, and Carol is in league with him.
        let frame = house.machines[BOB].write(document);
        let carol = &mut house.machines[CAROL];
        let vouching = carol.sign(Document::Comments, Content::Changes, &[frame.id()]);
        carol.keep(&vouching);
        house.settle();
        let link = house.link_ids().pop().expect("a link of Carol and Alice");
        let received = house
            .say(link, ALICE, &Message::Frame(frame))
            .expect("it is left");
        assert_eq!(received.frames.len(), counted);
    }
}

/// Carol's comment lists what Bob wrote after his removal. It counts once Dora, who may edit, lists the comment, or once
/// Carol may edit, although the comment came before that.
#[test]
fn r5_a_comment_vouches_for_all_once_an_editor_stands_for_it() {
    for is_listed in [true, false] {
        let mut house = house(&[Role::Editor, Role::Commenter, Role::Editor]);
        change(&mut house, BOB, None);
        house.settle();
        let left = house.machines[BOB].write(Document::Project);
        let carol = &mut house.machines[CAROL];
        let comment = carol.sign(Document::Comments, Content::Changes, &[left.id()]);
        carol.keep(&comment);
        house.settle();
        let say = |house: &mut House| {
            let link = house.link_ids().pop().expect("a link of Dora and Alice");
            let said = house.say(link, ALICE, &Message::Frame(left.clone()));
            said.expect("it is left at most").frames.len()
        };
        assert_eq!(say(&mut house), 0);
        match is_listed {
            true => {
                let dora = &mut house.machines[DORA];
                let listing = dora.sign(Document::Project, Content::Changes, &[comment.id()]);
                dora.keep(&listing);
            }
            false => change(&mut house, CAROL, Some(Role::Editor)),
        }
        house.settle();
        assert_eq!(say(&mut house), 1);
    }
}

/// Bob comments and then changes the project. Carol lists both (F6), and stands for his comment and not for the change.
#[test]
fn r5_a_comment_vouches_for_comments_before_a_change_of_the_project() {
    let mut house = house(&[Role::Editor, Role::Commenter]);
    for away in [BOB, CAROL] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    house.machines[BOB].write(Document::Comments);
    house.machines[BOB].write(Document::Project);
    house.settle();
    house.machines[CAROL].write(Document::Comments);
    house.settle();
    change(&mut house, BOB, None);
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [1, 2, 2]);
}

/// Dora sees of Bob only what Alice has taken, who has left his change of the project: of that nobody can tell her what is before it.
#[test]
fn r5_a_comment_reaches_comments_through_somebody_who_left_the_change_behind_them() {
    let mut house = house(&[Role::Editor, Role::Commenter, Role::Editor]);
    for away in [BOB, CAROL, DORA] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    house.machines[BOB].write(Document::Comments);
    house.machines[BOB].write(Document::Project);
    house.settle();
    change(&mut house, BOB, None);
    house.join(DORA, ALICE);
    house.settle();
    house.machines[CAROL].write(Document::Comments);
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [1, 2, 2, 1]);
}

/// Alice has left what Bob wrote, and taken Carol's comment, which lists it. Alice lists the comment then, and so stands for both.
#[test]
fn r5_what_an_own_frame_reaches_is_taken_by_who_writes_it() {
    let mut house = house(&[Role::Editor, Role::Commenter]);
    for away in [BOB, CAROL] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    house.machines[BOB].write(Document::Project);
    house.settle();
    house.machines[CAROL].write(Document::Comments);
    house.settle();
    change(&mut house, BOB, None);
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [0, 1, 1], "a comment stands for no more");
    house.machines[ALICE].write(Document::Project);
    house.settle();
    assert_eq!(of_bob(&house), [1, 1, 1]);
}

/// Carol comments, so her frame does not stand for Bob's; Dora has seen both, and lists both.
#[test]
fn r5_a_comment_does_not_hide_what_an_editor_vouches_for() {
    let mut house = house(&[Role::Editor, Role::Commenter, Role::Editor]);
    for away in [BOB, CAROL, DORA] {
        house.cut_all_of(away);
    }
    house.join(CAROL, BOB);
    house.join(DORA, CAROL);
    house.settle();
    house.machines[BOB].write(Document::Project);
    house.settle();
    house.machines[CAROL].write(Document::Comments);
    house.settle();
    house.machines[DORA].write(Document::Comments);
    house.settle();
    change(&mut house, BOB, None);
    house.join(DORA, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [1, 1, 1, 1]);
}

/// Carol is joined to Bob alone. One of them writes, he makes a snapshot, and Alice has removed him. Also gives the snapshot, and
/// where a log begins that has it in place of what it counts.
fn condensed(writer: usize) -> (House, Frame, Base) {
    let mut house = house(&[Role::Editor, Role::Editor]);
    house.cut_all_of(CAROL);
    house.cut_all_of(BOB);
    house.join(CAROL, BOB);
    house.machines[writer].write(Document::Project);
    house.settle();
    let bob = &mut house.machines[BOB];
    let heads = Heads([3; 32]);
    let body = SnapshotBody {
        vector: bob.exchange.held(),
        heads,
    };
    let snapshot = bob.sign(Document::Room, Content::Snapshot(&body), &[]);
    bob.keep(&snapshot);
    house.settle();
    change(&mut house, BOB, None);
    let header = snapshot.header();
    let base = Base::default().with(header.stream, header.number, body.vector);
    (house, snapshot, base)
}

/// So it is, and Carol countersigns the snapshot.
fn countersigned(writer: usize) -> (House, Base) {
    let (mut house, snapshot, base) = condensed(writer);
    let signed = CountersignatureBody {
        snapshot: snapshot.id(),
        heads: snapshot.snapshot().expect("it is one").heads,
    };
    let carol = &mut house.machines[CAROL];
    let signed = carol.sign(Document::Room, Content::Countersignature(signed), &[]);
    carol.keep(&signed);
    (house, base)
}

#[test]
fn r5_who_countersigns_a_snapshot_vouches_for_it() {
    let (mut house, _) = countersigned(BOB);
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(of_bob(&house), [2, 2, 2]);
}

/// What Carol wrote before stands in her log no more: what she says comes behind a gap that only the snapshot fills. It is taken.
fn is_taken_behind_a_gap(mut house: House, base: Base) {
    let carol = &mut house.machines[CAROL];
    let stream = carol.stream();
    carol.log.remove(&(stream, 1));
    carol.exchange.rebase(base);
    house.join(CAROL, ALICE);
    house.settle();
    assert_eq!(house.machines[ALICE].held(stream), 2);
    assert_eq!(of_bob(&house), [1, 1, 1]);
}

#[test]
fn r6_a_countersignature_behind_a_gap_vouches_for_its_snapshot() {
    let (house, base) = countersigned(CAROL);
    is_taken_behind_a_gap(house, base);
}

/// She has only built on the snapshot, which somebody else may have countersigned.
#[test]
fn r6_a_change_behind_a_gap_vouches_for_the_snapshot_that_it_lists() {
    let (mut house, _, base) = condensed(CAROL);
    house.machines[CAROL].write(Document::Project);
    is_taken_behind_a_gap(house, base);
}
