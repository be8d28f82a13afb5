//! Each construction gives what other implementations of its primitives give: `vectors.py` has made `vectors.txt` of them.

use crate::genesis::Genesis;
use crate::hex::hex;
use crate::invitation::InvitationSecret;
use crate::key::{DeviceKey, Purpose, SealingKey, words_of};
use crate::membership::previous_header;
use crate::pairing::{Showing, Typing};
use crate::passphrase::{self, Cost};
use crate::record::EpochId;
use crate::seal::{
    BLOB_CHUNK_BYTES, BlobKey, EpochKey, Use, open_blob, open_from, seal_blob, seal_to, sign_frame,
    sign_signal,
};
use crate::testing::Draws;
use crate::{DeviceId, Membership, RoomId};

/// What another implementation gives.
fn told(name: &str) -> &'static str {
    let mut lines = include_str!("../vectors.txt").lines();
    let told = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    told.unwrap_or_else(|| panic!("nothing is told of {name}"))
}

fn is_as_told(name: &str, found: &[u8]) {
    assert_eq!(hex(told(name)), found, "{name}");
}

#[test]
fn sealed_attachments_and_their_keys() {
    let key = BlobKey::from_bytes(&[3; 32]);
    for length in [
        0,
        1,
        BLOB_CHUNK_BYTES - 1,
        BLOB_CHUNK_BYTES,
        BLOB_CHUNK_BYTES + 1,
        2 * BLOB_CHUNK_BYTES,
        200_000,
    ] {
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let hash = blake3::hash(&seal_blob(&key, &plain));
        is_as_told(
            &format!("hash of a sealed blob of {length}"),
            hash.as_bytes(),
        );
    }
    let sealed = hex(told("a sealed blob"));
    assert_eq!(open_blob(&key, &sealed), Ok(b"an attachment".to_vec()));
    let content = blake3::hash(b"an attachment");
    let drawn = BlobKey::draw(content.as_bytes(), &mut Draws::new(1));
    is_as_told("a drawn key of a blob", drawn.bytes());
    let by_content = BlobKey::of_content(&EpochKey::from_bytes(&[1; 32]), content.as_bytes());
    is_as_told("a key of a blob by content", by_content.bytes());
}

#[test]
fn what_is_sealed_under_the_key_of_an_epoch() {
    let key = EpochKey::from_bytes(&[1; 32]);
    for (name, purpose) in [
        ("sealed for frames", Use::Frame),
        ("sealed for signals", Use::Signal),
        ("sealed for previous keys", Use::PreviousKey),
        ("sealed for deliveries", Use::Delivery),
    ] {
        let sealed = key.seal(purpose, b"header", b"payload", &mut Draws::new(1));
        is_as_told(name, &sealed);
        assert_eq!(
            key.open(purpose, b"header", &sealed),
            Ok(b"payload".to_vec())
        );
    }
}

#[test]
fn the_key_of_an_epoch_under_that_of_the_next_and_for_a_device() {
    let genesis = Genesis::new([1; 32], [2; 32]);
    let header = previous_header(&Membership::begin(&genesis), EpochId(7));
    assert_eq!(
        header,
        [&genesis.room().0[..], &[0, 0, 0, 0, 0, 0, 0, 7]].concat()
    );
    let header = [&[5; 32][..], &header[32..]].concat();
    let key = EpochKey::from_bytes(&[1; 32]);
    let sealed = key.seal(Use::PreviousKey, &header, &[2; 32], &mut Draws::new(1));
    is_as_told("a previous key", &sealed);

    let (device, room) = (SealingKey::from_bytes(&[2; 32]), RoomId([5; 32]));
    let sealed = seal_to(&device.public(), &room, &[1; 32], &mut Draws::new(1)).unwrap();
    is_as_told("sealed to a device", &sealed);
    assert_eq!(
        open_from(&device, &room, &sealed).unwrap().as_slice(),
        [1; 32]
    );
}

#[test]
fn signatures() {
    let key = DeviceKey::from_seed(&[1; 32]);
    is_as_told("signature of a frame", &sign_frame(&key, b"bytes"));
    is_as_told("signature: signal", &sign_signal(&key, b"bytes"));
    for (name, purpose) in [
        ("signature: signal", Purpose::Signal),
        ("signature: membership record", Purpose::Record),
        ("signature: join by invitation", Purpose::Join),
        ("signature: sealing key", Purpose::SealingKey),
    ] {
        is_as_told(name, &key.sign(purpose, b"bytes"));
    }
}

#[test]
fn names_of_devices_and_rooms() {
    let key = DeviceKey::from_seed(&[1; 32]);
    is_as_told("device", &key.device().0);
    assert_eq!(words_of(&key.device()), told("words"));
    let open = Genesis::new(key.public().0, [2; 32]);
    is_as_told("room of version 1", &open.room().0);
    let closed = Genesis::closed(&key.public(), [2; 32]);
    is_as_told("room of version 2", &closed.room().0);
}

#[test]
fn keys_of_an_invitation() {
    let secret = InvitationSecret::from_seed(&[3; 32]);
    is_as_told("key of an invitation", &secret.key().public().0);
    is_as_told("sealing key of an invitation", &secret.sealing().public().0);
}

#[test]
fn a_pairing() {
    let (one, other) = (DeviceId([1; 32]), DeviceId([2; 32]));
    let showing = Showing::begin(other, 0, &mut Draws::new(1));
    assert_eq!(showing.code().to_string(), told("code"));
    let code = showing.code().clone();
    let (typing, message) = Typing::begin(&code, one, other, 0, &mut Draws::new(2));
    is_as_told("message", &message);
    let (answered, answer) = showing
        .answer(one, &message, 0, &mut Draws::new(3))
        .unwrap();
    is_as_told("answer", &answer);
    let (confirming, confirmation) = typing.confirm(&answer, 0).unwrap();
    is_as_told("the typing side confirms", &confirmation);
    let (shown, confirmation) = answered.finish(&confirmation, 0).unwrap();
    is_as_told("the showing side confirms", &confirmation);
    let typed = confirming.finish(&confirmation, 0).unwrap();
    let sealed = typed.seal(b"an invitation", &mut Draws::new(4));
    is_as_told("delivered", &sealed);
    assert_eq!(shown.open(&sealed), Ok(b"an invitation".to_vec()));
}

#[test]
fn what_is_kept_under_a_passphrase() {
    let kept = passphrase::lock(
        b"a secret",
        "correct horse",
        Cost::USUAL,
        &mut Draws::new(1),
    );
    is_as_told("under a passphrase", &kept);
    let opened = passphrase::unlock(&kept, "correct horse").unwrap();
    assert_eq!(opened.as_slice(), b"a secret");
}
