//! What a later version wrote: nobody writes beside it (F3).

use std::collections::BTreeSet;

use sync::FrameId;

use super::rights::{PROJECT, comment, create_node};
use super::*;

const NEEDS_UPDATE: Option<&str> = Some("NEEDS_UPDATE");

/// The frame as a later version would write it: with a version that is not known, and signed.
fn later(frame: &Frame, key: &DeviceKey) -> Frame {
    let mut bytes = frame.bytes().to_vec();
    assert_eq!(
        bytes[..2],
        [0x8c, 1],
        "twelve parts, of which the first is the version"
    );
    bytes[1] = 2;
    // The signature stands last, behind two bytes that say how long it is.
    let unsigned = bytes.len() - 66;
    let signature = trust::seal::sign_frame(key, &bytes[..unsigned]);
    bytes[unsigned + 2..].copy_from_slice(&signature);
    Frame::from_bytes(&bytes).unwrap()
}

fn later_frame(room: &Room) -> Frame {
    let sealed = room.sealed(1, &room.epoch.1);
    let frame = Frame::sign(&room.draft(1, room.epoch.0.0, &sealed), &keys(2).signing);
    later(&frame.unwrap(), &keys(2).signing)
}

/// Why the window is to change nothing, as its snapshot says.
fn shown(room: &mut Room) -> Option<String> {
    let came = room.ask(Request::Snapshot { project: PROJECT });
    came.needs_update
}

fn assert_read_only(room: &mut Room) {
    let changes = [
        room.ask(Request::Undo { project: PROJECT }),
        room.apply(comment(9, "Well?")),
        room.apply(create_node()),
    ];
    for came in changes {
        assert_eq!(came.refused.as_deref(), NEEDS_UPDATE);
        assert!(!late_keys::is_change_kept(&came));
    }
    assert_eq!(shown(room).as_deref(), NEEDS_UPDATE);
}

#[test]
fn f3_beside_a_frame_of_a_later_version_nothing_is_written() {
    let (mut room, _) = Room::greeted();
    let frame = later_frame(&room);
    assert_eq!(shown(&mut room), None);
    assert_eq!(room.apply(create_node()).refused, None);
    room.come(Input::Flush);

    let came = room.message(frame.message().clone());
    assert_eq!((came.frames, came.dropped), (1, None));
    // A window is told, and nobody is charged.
    let sharing = came.sharing.expect("somebody has more than before");
    assert!(!sharing.companions.is_empty());
    assert!(sharing.companions.iter().all(|it| it.faults == 0));
    let came = room.come(Input::Flush);
    assert_eq!(came.needs_update.as_deref(), NEEDS_UPDATE);
    assert_read_only(&mut room);

    // So it is after a restart.
    let header = frame.header();
    let unopened: BTreeSet<FrameId> = [frame.id()].into();
    let beginning = Beginning {
        unopened,
        ..Beginning::default()
    };
    let graph = late_keys::copy(&room, 1);
    let id = ProjectId(Uuid::from_u128(1));
    let mut again = Project::new(id, graph, signature(1), &StoredHistory::default());
    again.share(RoomSetup {
        held: [(header.stream, header.number)].into_iter().collect(),
        log: vec![frame],
        beginning,
        ..setup(room.members.clone())
    });
    room.ana = again;
    assert_read_only(&mut room);
}
