//! Frames that are whole and come at the wrong time, or from the wrong one: no reason to drop a link.

use bytes::Bytes;
use relay::Limits;
use sync::{Content, Document, Draft, Frame, Message, StreamId};
use testkit::links::{Member, Raw, Site, room, soon};
use trust::{DeviceId, Membership};

const STRANGER: StreamId = StreamId {
    device: DeviceId([66; 32]),
    nonce: 7,
};

fn frame(room: &Membership, number: u64, payload: &[u8]) -> Frame {
    let draft = Draft {
        room: room.room(),
        document: Document::Project,
        epoch: 0,
        stream: STRANGER,
        number,
        deps: &[],
        content: Content::Changes,
        payload,
    };
    Frame::mint(&draft).unwrap()
}

/// The same frame as a later version of the protocol would write it: the version is the second byte of a frame, behind
/// the head of its array.
fn of_a_later_version(frame: &Frame) -> Frame {
    let mut bytes = frame.bytes().to_vec();
    assert_eq!(bytes[1], 1, "the version");
    bytes[1] = 9;
    Frame::from_bytes(&bytes).unwrap()
}

/// How many frames of the stranger the relay says to hold.
async fn told(raw: &mut Raw, held: u64) {
    soon("the relay says what it holds", async {
        loop {
            let message = raw.message().await.expect("the link is up");
            let vector = match message {
                Message::Vector(advert) => advert.held,
                Message::Ack(vector) => vector,
                _ => continue,
            };
            if vector.get(&STRANGER) == held {
                return;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_comes_too_early_is_asked_for_again() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.is_up().await;
    let mut raw = Raw::greeted(site.socket_address(), &room, 66).await;
    raw.send(frame(&room, 3, b"three").message()).await;
    // The answer to a gap is what is held: nothing yet.
    told(&mut raw, 0).await;
    for (number, payload) in [(1, b"one".as_slice()), (2, b"two"), (3, b"three")] {
        raw.send(frame(&room, number, payload).message()).await;
    }
    told(&mut raw, 3).await;
    ana.holds(3).await;
    assert!(site.rooms().offences().list().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_comes_again_is_passed_over_even_if_it_differs() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.is_up().await;
    let mut raw = Raw::greeted(site.socket_address(), &room, 66).await;
    let first = frame(&room, 1, b"one");
    for _ in 0..50 {
        raw.send(first.message()).await;
    }
    // Another frame with a number that is taken: the first one stays what it is.
    raw.send(frame(&room, 1, b"another one").message()).await;
    raw.send(frame(&room, 2, b"two").message()).await;
    told(&mut raw, 2).await;
    ana.holds(2).await;
    assert_eq!(ana.log()[&(STRANGER, 1)], first);
    assert!(site.rooms().offences().list().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_a_later_version_is_kept_and_passed_on() {
    let (room, mut site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.is_up().await;
    let later = of_a_later_version(&frame(&room, 1, b"something new"));
    let mut raw = Raw::greeted(site.socket_address(), &room, 66).await;
    raw.send(later.message()).await;
    ana.holds(1).await;
    assert_eq!(ana.log()[&(STRANGER, 1)].bytes(), later.bytes());

    site.kill().await;
    site.restart().await;
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ben.holds(1).await;
    assert_eq!(ben.log(), ana.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_in_pieces_is_a_frame() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.is_up().await;
    let mut raw = Raw::greeted(site.socket_address(), &room, 66).await;
    let message: Bytes = frame(&room, 1, &[7; 5_000]).message().clone();
    let head = [0x82, 0xfe];
    raw.write(&head).await;
    raw.write(&(message.len() as u16).to_be_bytes()).await;
    raw.write(&[0; 4]).await;
    for piece in message.chunks(13) {
        raw.write(piece).await;
    }
    ana.holds(1).await;
    assert!(site.rooms().offences().list().is_empty());
}
