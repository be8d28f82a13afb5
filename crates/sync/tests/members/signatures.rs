//! Frames are what their devices have signed.

use sync::{Content, Document, Draft, Frame, LinkError, Message};
use trust::key::DeviceKey;
use trust::record::Role;

use crate::cuts::house;
use crate::house::House;

const ALICE: usize = 0;
const BOB: usize = 1;

fn draft(house: &House) -> Draft<'static> {
    Draft {
        room: house.machines[BOB].actor.log.room(),
        document: Document::Project,
        epoch: 1,
        stream: house.machines[BOB].stream(),
        number: 1,
        deps: &[],
        content: Content::Changes,
        payload: b"sealed",
    }
}

fn refused(house: &mut House, frame: Frame) -> LinkError {
    let link = house.join(BOB, ALICE);
    house.settle();
    let said = house.say(link, ALICE, &Message::Frame(frame));
    house.cut(link);
    said.expect_err("its sender could have known")
}

#[test]
fn r1_a_frame_that_its_device_has_not_signed_ends_the_link() {
    let mut house = house(&[Role::Editor]);
    let device = house.machines[BOB].device();
    let unsigned = Frame::mint(&draft(&house)).expect("a frame");
    let foreign = Frame::sign(&draft(&house), &DeviceKey::from_seed(&[9; 32])).expect("a frame");
    for frame in [unsigned, foreign] {
        let error = refused(&mut house, frame);
        assert_eq!(error, LinkError::NotSigned { device });
    }
}

#[test]
fn r1_no_changed_byte_of_a_frame_passes() {
    let mut house = house(&[Role::Editor]);
    let frame = house.machines[BOB].sign(Document::Project, Content::Changes, &[]);
    let link = house.join(BOB, ALICE);
    house.settle();
    let key = house.machines[BOB].actor.key.public();
    for place in 0..frame.bytes().len() {
        for bit in [1, 0x20, 0x80] {
            let mut bytes = frame.bytes().to_vec();
            bytes[place] ^= bit;
            if let Ok(changed) = Frame::from_bytes(&bytes) {
                assert!(changed.verify(&key).is_err(), "{place}");
            }
        }
    }
    let received = house.say(link, ALICE, &Message::Frame(frame.clone()));
    assert_eq!(received.expect("it is as it was signed").frames, [frame]);
}

#[test]
fn r2_there_is_one_way_to_write_a_signature() {
    let house = house(&[Role::Editor]);
    let frame = house.machines[BOB].sign(Document::Project, Content::Changes, &[]);
    let bytes = frame.bytes();
    let (before, signature) = bytes.split_at(bytes.len() - 66);
    assert_eq!(signature[..2], [0x58, 0x40]);
    for longer in [vec![0x59, 0, 0x40], vec![0x5a, 0, 0, 0, 0x40]] {
        let again = [before, &longer, &signature[2..]].concat();
        assert!(Frame::from_bytes(&again).is_err());
    }
    for shorter in [vec![0x58, 0x00], vec![0x41, 7], signature[..65].to_vec()] {
        let again = [before, &shorter].concat();
        assert!(Frame::from_bytes(&again).is_err());
    }
    assert!(Frame::from_bytes(&[before, signature].concat()).is_ok());
}

#[test]
fn r2_a_signature_covers_what_a_later_version_adds_behind_it() {
    let house = house(&[Role::Editor]);
    let key = house.machines[BOB].actor.key.clone();
    let frame = house.machines[BOB].sign(Document::Project, Content::Changes, &[]);
    let bytes = frame.bytes();
    let mut unsigned = bytes[..bytes.len() - 66].to_vec();
    // Thirteen parts of version 2.
    (unsigned[0], unsigned[1]) = (0x8d, 2);
    let more = [0x65, b'l', b'a', b't', b'e', b'r'];
    let signature = trust::seal::sign_frame(&key, &[unsigned.as_slice(), &more].concat());
    let later = [unsigned.as_slice(), &[0x58, 0x40], &signature, &more].concat();
    let later = Frame::from_bytes(&later).expect("a frame of a later version");
    assert_eq!(later.verify(&key.public()), Ok(()));
    let mut changed = later.bytes().to_vec();
    *changed.last_mut().expect("a byte") ^= 1;
    let changed = Frame::from_bytes(&changed).expect("a frame of a later version");
    assert!(changed.verify(&key.public()).is_err());
}

#[test]
fn r2_what_is_before_the_payload_is_known_before_it_is_sealed() {
    let house = house(&[Role::Editor]);
    let deps = [sync::FrameId([3; 32])];
    let draft = Draft {
        deps: &deps,
        ..draft(&house)
    };
    let before = draft.associated_data();
    let frame = Frame::mint(&draft).expect("a frame");
    assert_eq!(frame.associated_data(), before);
    let other = Draft { number: 2, ..draft };
    assert_ne!(other.associated_data(), before);
}

#[test]
fn r2_a_frame_that_everybody_can_read_ends_the_link() {
    let mut house = house(&[Role::Editor]);
    let device = house.machines[BOB].device();
    let draft = Draft {
        epoch: 0,
        ..draft(&house)
    };
    let clear = Frame::sign(&draft, &house.machines[BOB].actor.key).expect("a frame");
    let error = refused(&mut house, clear);
    assert_eq!(error, LinkError::NotSealed { device });
}

/// The bytes of a signed frame are what others have stored.
#[test]
fn the_bytes_of_a_signed_frame_are_frozen() {
    let house = house(&[Role::Editor]);
    let frame = house.machines[BOB].sign(Document::Project, Content::Changes, &[]);
    assert_eq!(frame.bytes().len(), 150);
    assert_eq!(
        frame.id().to_string(),
        "6f8ec011cd36155d224d97a309bee2dd8a380ddb64ca48657de2973688c1f0f7"
    );
}
