//! What comes before the key under which it is sealed.

use std::collections::{BTreeMap, BTreeSet};

use app::machine;
use graph::command::Command;
use graph::document::Document as Part;
use sync::limits::SIGNAL_LIFE_MS;
use sync::{FrameId, Heads, Signal, State};
use trust::record::Cut;

use super::*;

pub const BY_BEN: &str = "By Ben";
const BY_ANA: &str = "By Ana";

/// What Ana's project is at somebody's.
pub fn copy(room: &Room, whose: u8) -> graph::Project {
    let packed = machine::graph(&room.ana).pack(Part::Project, &[]).unwrap();
    let mut copy = graph::Project::empty();
    copy.merge_packed(Part::Project, &packed.bytes);
    copy.sign_on(signature(whose), &StoredHistory::default());
    copy
}

/// A frame in which Ben names the project, sealed under a key that Ana does not have yet, and the log that gives it to her.
fn sealed_anew(room: &Room) -> (Frame, Membership) {
    let mut members = room.members.clone();
    let known = BTreeMap::from([(room.epoch.0, room.epoch.1.clone())]);
    let owner = &keys(1).signing;
    let (epoch, key) = members.begin_epoch(owner, &known, 1, &mut OsRng).unwrap();
    let mut bens = copy(room, 2);
    let since = bens.heads(Part::Project);
    let command = Command::SetProject {
        name: Some(BY_BEN.to_owned()),
        currency: None,
    };
    bens.apply(signature(2).author, &command, Timestamp(1))
        .unwrap();
    let change = bens.pack(Part::Project, &since).unwrap().bytes;
    let header = room.draft(1, epoch.0, b"").associated_data();
    let sealed = key.seal(Use::Frame, &header, &change, &mut OsRng);
    let frame = Frame::sign(&room.draft(1, epoch.0, &sealed), &keys(2).signing);
    (frame.unwrap(), members)
}

pub fn name(room: &Room) -> &str {
    &machine::graph(&room.ana).view().frame().name
}

/// Which frames wait, as the disk has it from here on; none if it was told nothing of that.
fn waiting(came: &Came) -> Option<Option<Vec<u8>>> {
    meta(came, "unopened")
}

fn meta(came: &Came, of: &str) -> Option<Option<Vec<u8>>> {
    let writes = came.kept.iter().rev().filter_map(|it| it.room.as_ref());
    let mut meta = writes.flat_map(|write| write.meta.iter().rev());
    let (_, value) = meta.find(|(name, _)| name == of)?;
    Some(value.clone())
}

/// Whether a change of a document was given to the disk.
pub fn is_change_kept(came: &Came) -> bool {
    came.kept.iter().any(|chunk| !chunk.bytes.is_empty())
}

/// Whether windows know that the key to something is missing, for which nobody is blamed.
fn lacks_key(came: &Came) -> bool {
    let sharing = came.sharing.as_ref().unwrap();
    assert!(sharing.companions.iter().all(|it| it.faults == 0));
    sharing.unreadable.is_some()
}

#[test]
fn r11_what_came_before_its_key_is_read_when_the_key_comes() {
    let (mut room, _) = Room::greeted();
    let (frame, members) = sealed_anew(&room);
    let came = room.message(frame.message().clone());
    assert_eq!((came.frames, lacks_key(&came)), (1, true));
    assert_eq!(waiting(&came), Some(Some(frame.id().0.to_vec())));
    assert!(!is_change_kept(&came));
    assert_eq!(name(&room), NAME);

    room.members = members;
    let came = room.message(room.log());
    assert_eq!(name(&room), BY_BEN);
    assert!(is_change_kept(&came));
    assert_eq!(waiting(&came), Some(None));
    assert!(!lacks_key(&came));
}

/// The key was stored, and the machine ended before what it opens was.
#[test]
fn r11_what_waits_is_read_after_a_restart() {
    let (mut room, _) = Room::greeted();
    let (frame, members) = sealed_anew(&room);
    let header = frame.header();
    let mut again = Project::new(
        ProjectId(Uuid::from_u128(1)),
        copy(&room, 1),
        signature(1),
        &StoredHistory::default(),
    );
    let unopened: BTreeSet<FrameId> = [frame.id()].into();
    let beginning = Beginning {
        unopened,
        ..Beginning::default()
    };
    let held = [(header.stream, header.number)].into_iter().collect();
    again.share(RoomSetup {
        log: vec![frame],
        held,
        beginning,
        ..setup(members)
    });
    room.ana = again;
    let came = room.come(Input::Tick(Time(room.now)));
    assert_eq!(name(&room), BY_BEN);
    assert!(is_change_kept(&came));
    assert_eq!(waiting(&came), Some(None));
}

/// Cleo and Dora are owners. Cleo removes Dora and begins an epoch without her, in which Ana writes. Dora, who was an owner
/// before Cleo, removes her, and what Cleo has said falls: of who is given her epoch's key nobody is an owner.
#[test]
fn r12_what_no_owner_can_read_an_editor_frames_once_more() {
    let (mut room, _) = Room::greeted_in(2);
    let [ben, cleo, dora] = [2, 3, 4].map(keys);
    let known = BTreeMap::from([(room.epoch.0, room.epoch.1.clone())]);
    let log = &mut room.members;
    for owner in [&dora, &cleo] {
        let sealing = owner.sealing.certify(&owner.signing);
        let device = (owner.signing.public(), sealing);
        let current = (room.epoch.0, &room.epoch.1);
        log.add(&ben.signing, device, Role::Owner, current, &mut OsRng)
            .unwrap();
    }
    log.change(&ben.signing, ben.device(), Some(Role::Editor), Cut::new())
        .unwrap();
    let mut by_dora = log.clone();
    log.change(&cleo.signing, dora.device(), None, Cut::new())
        .unwrap();
    let (fallen, _) = log
        .begin_epoch(&cleo.signing, &known, 1, &mut OsRng)
        .unwrap();
    room.message(room.log());
    let command = Command::SetProject {
        name: Some(BY_ANA.to_owned()),
        currency: None,
    };
    let came = room.apply(command);
    assert_eq!(epochs(&came), [fallen]);

    by_dora
        .change(&dora.signing, cleo.device(), None, Cut::new())
        .unwrap();
    by_dora.merge(room.members.records()).unwrap();
    let (current, key) = by_dora
        .begin_epoch(&dora.signing, &known, 2, &mut OsRng)
        .unwrap();
    assert!(!by_dora.given(fallen).contains(&dora.device()));
    room.members = by_dora;
    // Somebody who goes first may be on her way.
    assert_eq!(epochs(&room.message(room.log())), []);
    room.now += SIGNAL_LIFE_MS;
    let came = room.come(Input::Tick(Time(room.now)));
    assert_eq!(epochs(&came), [current]);
    let mut read = graph::Project::empty();
    for frame in frames(&came) {
        let opened = key.open(Use::Frame, frame.associated_data(), frame.payload());
        read.merge_packed(Part::Project, &opened.unwrap());
    }
    assert_eq!(read.view().frame().name, BY_ANA);
    let kept = meta(&came, "framed-anew");
    assert_eq!(kept, Some(Some(fallen.0.to_be_bytes().to_vec())));
    // It is done once.
    assert_eq!(epochs(&room.message(room.log())), []);
}

pub fn frames(came: &Came) -> impl Iterator<Item = Frame> {
    let all = |message: &Message| match message {
        Message::Frame(frame) => vec![frame.clone()],
        Message::Frames(frames) => frames.clone(),
        _ => Vec::new(),
    };
    came.sent.iter().flat_map(all)
}

/// In which the frames are sealed that were sent.
fn epochs(came: &Came) -> Vec<EpochId> {
    frames(came).map(|it| EpochId(it.header().epoch)).collect()
}

/// Ana, who owns the room, is never given the key of something that Ben wrote. He has framed it once more.
#[test]
fn r12_what_came_in_other_frames_too_is_not_waited_for() {
    let (mut room, _) = Room::greeted();
    let (frame, _) = sealed_anew(&room);
    let came = room.message(frame.message().clone());
    assert_eq!((said(&came), lacks_key(&came)), (None, true));
    let held = room.ana.room().unwrap().exchange().held();
    let shown = [Part::Project, Part::Comments].map(|part| {
        let heads = machine::graph(&room.ana).heads(part).into_iter();
        heads.map(|it| it.0).collect::<Vec<_>>()
    });
    let shown = Heads::of(&[&shown[0], &shown[1]]);
    let other = Heads::of(&[&[[7; 32]], &[]]);
    // Who shows something else may have read what Ana waits for; who holds something else need not have had it.
    for (counter, (held, heads)) in
        (1..).zip([(held.clone(), other), (Vector::new(), shown), (held, shown)])
    {
        let state = Signal {
            device: keys(2).device(),
            session: 1,
            counter,
            kind: SignalKind::State,
            payload: State::of(&held, Some(heads)).encode(),
            signature: None,
        };
        let state = state.signed(&room.members.room(), &keys(2).signing);
        let came = room.message(Message::Signal(state).encode());
        let wanted = (counter == 3).then_some(shown);
        assert_eq!(said(&came), wanted);
    }
    let command = Command::SetProject {
        name: Some(BY_ANA.to_owned()),
        currency: None,
    };
    let came = room.apply(command);
    assert_eq!((waiting(&came), lacks_key(&came)), (Some(None), false));
}

/// The heads that were said last.
fn said(came: &Came) -> Option<Heads> {
    let mut states = came.sent.iter().rev().filter_map(|it| match it {
        Message::Signal(it) if it.kind == SignalKind::State => State::decode(&it.payload).ok(),
        _ => None,
    });
    states.next()?.heads
}
