//! Attachments of Ana's project: which she fetches, and which she gives away.

use app::attachments::{BlobDone, Found};
use graph::command::Command;
use graph::id::{BlobId, FieldId};
use graph::value::{File, Seal};
use relay::Kept;
use store::StoreError;
use sync::{BlobMessage, BlobPiece};
use trust::seal::sealed_blob_bytes;

use super::rights::{NODE, create_node};
use super::*;

/// One piece.
const BYTES: u64 = 1_000;

const PLENTY: Result<u64, StoreError> = Ok(1 << 30);

fn name(number: u8) -> BlobName {
    BlobName([number; 32])
}

fn blob(number: u8) -> BlobId {
    BlobId::from(name(number).to_string().as_str())
}

/// Ben's frames are here, Ana has a node, and Ben says to have two attachments.
fn room() -> Room {
    let (mut room, _) = Room::greeted();
    room.apply(create_node());
    for number in [1, 2] {
        let (name, total) = (name(number), sealed_blob_bytes(BYTES));
        let present = Message::Blob(BlobMessage::Present { name, total });
        let came = room.message(present.encode());
        assert_eq!((wanted(&came), came.dropped), (Vec::new(), None));
    }
    room
}

impl Room {
    /// A node names an attachment.
    fn attach(&mut self, number: u8, is_sealed: bool) -> Came {
        self.attach_with(number, is_sealed.then_some([3; 32]))
    }

    fn attach_with(&mut self, number: u8, key: Option<[u8; 32]>) -> Came {
        let seal = key.map(|key| Seal {
            key: URL_SAFE_NO_PAD.encode(key),
            hash: blake3::hash(b"a file").to_string(),
        });
        let file = File {
            name: "plan.bin".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            size_bytes: BYTES,
            seal,
        };
        let came = self.apply(Command::Attach {
            node: NODE,
            field: FieldId::from("attachments"),
            blob: blob(number),
            file,
        });
        assert_eq!(came.refused, None);
        came
    }

    /// The node does not name it any more.
    fn detach(&mut self, number: u8) {
        let came = self.apply(Command::Detach {
            node: NODE,
            field: FieldId::from("attachments"),
            blob: blob(number),
        });
        assert_eq!(came.refused, None);
    }

    fn looked(&mut self, number: u8, found: Found, left_bytes: Result<u64, StoreError>) -> Came {
        let claims = self.claims[&name(number)].clone();
        let found = vec![(name(number), claims, found)];
        self.come(Input::Blob(BlobDone::Looked(found, left_bytes)))
    }

    fn kept(&mut self, number: u8, kept: Kept) -> Came {
        self.come(Input::Blob(BlobDone::Kept(name(number), kept)))
    }

    /// Ben sends it.
    fn piece(&mut self, number: u8) -> Came {
        let piece = BlobPiece {
            name: name(number),
            offset: 0,
            total: sealed_blob_bytes(BYTES),
            bytes: vec![5; sealed_blob_bytes(BYTES) as usize].into(),
        };
        self.message(Message::Blob(BlobMessage::Piece(piece)).encode())
    }

    /// Ben asks for one: whether it is read for him.
    fn is_given(&mut self, number: u8) -> bool {
        self.is_given_from(number, 0)
    }

    fn is_given_from(&mut self, number: u8, offset: u64) -> bool {
        let name = name(number);
        let came = self.message(Message::Blob(BlobMessage::Want { name, offset }).encode());
        let is_denied = blobs(&came).any(|it| *it == BlobMessage::Absent { name });
        let is_read =
            (came.work.iter()).any(|it| matches!(it, BlobWork::Read(_, it, _) if *it == name));
        assert_ne!(is_denied, is_read);
        is_read
    }
}

fn blobs(came: &Came) -> impl Iterator<Item = &BlobMessage> {
    came.sent.iter().filter_map(|message| match message {
        Message::Blob(blob) => Some(blob),
        _ => None,
    })
}

/// What Ana asks for.
fn wanted(came: &Came) -> Vec<BlobName> {
    let wanted = blobs(came).filter_map(|blob| match blob {
        BlobMessage::Want { name, .. } => Some(*name),
        _ => None,
    });
    wanted.collect()
}

fn is_offered(came: &Came) -> bool {
    blobs(came).any(|blob| matches!(blob, BlobMessage::Present { .. }))
}

fn looked_for(came: &Came) -> Vec<BlobName> {
    let looks = came.work.iter().filter_map(|work| match work {
        BlobWork::Look(claimed) => Some(claimed.iter().map(|(name, _)| *name)),
        _ => None,
    });
    looks.flatten().collect()
}

/// Why the last of which windows heard cannot be had.
fn failure(came: &Came) -> Option<&str> {
    match came.stages.last()? {
        AttachmentStage::Failed { failure } => Some(&failure.code),
        _ => None,
    }
}

const WHOLE: Found = Found::Whole {
    bytes: BYTES,
    is_sealed: true,
};

#[test]
fn b9_what_the_project_names_is_fetched_and_nothing_else() {
    let mut room = room();
    assert!(!room.is_given(1));
    let came = room.attach(1, true);
    assert_eq!(looked_for(&came), [name(1)]);
    let came = room.looked(1, Found::Part(0), PLENTY);
    assert_eq!(wanted(&came), [name(1)]);
}

#[test]
fn b9_what_would_exceed_the_quota_stays_where_it_is() {
    for (left_bytes, is_wanted) in [(0, false), (1, true)] {
        let mut room = room();
        room.attach(1, true);
        let left_bytes = sealed_blob_bytes(BYTES) - 1 + left_bytes;
        let came = room.looked(1, Found::Part(0), Ok(left_bytes));
        assert_eq!(!wanted(&came).is_empty(), is_wanted);
        let quota = (!is_wanted).then_some("ATTACHMENT_QUOTA");
        assert_eq!(failure(&came), quota);
    }
}

#[test]
fn b10_what_is_not_what_the_project_says_is_kept_and_not_given_away() {
    let mut room = room();
    room.attach(1, true);
    let came = room.looked(1, Found::Other, PLENTY);
    assert_eq!(failure(&came), Some("ATTACHMENT_DOES_NOT_OPEN"));
    assert!(!is_offered(&came) && wanted(&came).is_empty());
    assert!(!room.is_given(1));
    room.attach(2, true);
    let came = room.looked(2, WHOLE, PLENTY);
    assert!(is_offered(&came) && room.is_given(2));
}

#[test]
fn b10_what_would_be_behind_the_end_is_not_looked_for() {
    let mut room = room();
    room.attach(1, true);
    room.looked(1, WHOLE, PLENTY);
    assert!(!room.is_given_from(1, BYTES));
    assert!(room.is_given_from(1, BYTES - 1));
}

/// It is read for Ben while the node names it, and the disk says after that that it is not there.
#[test]
fn b9_what_the_project_does_not_name_any_more_is_not_looked_for() {
    let mut room = room();
    room.attach(1, true);
    room.looked(1, WHOLE, PLENTY);
    assert!(room.is_given(1));
    room.detach(1);
    let came = room.come(Input::Blob(BlobDone::Read(LINK, name(1), None)));
    assert_eq!(looked_for(&came), []);
    assert_eq!(looked_for(&room.attach(1, true)), [name(1)]);
}

#[test]
fn b10_what_was_found_by_what_is_not_said_any_more_is_looked_at_again() {
    let mut room = room();
    room.attach(1, true);
    room.attach_with(1, Some([4; 32]));
    let came = room.looked(1, Found::Other, PLENTY);
    assert_eq!(failure(&came), None);
    assert_eq!(looked_for(&came), [name(1)]);
    let came = room.looked(1, WHOLE, PLENTY);
    assert!(is_offered(&came) && room.is_given(1));
}

#[test]
fn b11_what_is_not_sealed_is_neither_asked_for_nor_given_in_a_closed_room() {
    let mut room = room();
    room.attach(1, false);
    let came = room.looked(1, Found::Part(0), PLENTY);
    assert_eq!(failure(&came), Some("ATTACHMENT_NOT_SEALED"));
    assert_eq!(wanted(&came), []);
    room.attach(2, false);
    let is_sealed = false;
    let bytes = BYTES;
    let came = room.looked(2, Found::Whole { bytes, is_sealed }, PLENTY);
    assert!(!is_offered(&came) && !room.is_given(2));
    let is_sealing = |work: &BlobWork| matches!(work, BlobWork::Seal(it, _) if *it == name(2));
    assert!(came.work.iter().any(is_sealing), "Ana may edit");
}

/// Of two attachments the full disk takes nothing. One of them is tried again after a while, and the other once it is taken.
#[test]
fn what_the_full_disk_refused_comes_once_it_takes_something_again() {
    let mut room = room();
    for number in [1, 2] {
        room.attach(number, true);
        room.looked(number, Found::Part(0), PLENTY);
        let came = room.piece(number);
        assert!(matches!(came.work[..], [BlobWork::Keep(_)]));
        let came = room.kept(number, Kept::Failed(StoreError::Full));
        assert_eq!(failure(&came), Some("DISK_FULL"));
        assert!(came.is_retried);
    }
    for kept in [Kept::Failed(StoreError::Full), Kept::Whole(BYTES)] {
        assert_eq!(looked_for(&room.come(Input::Retry)), [name(1)]);
        let came = room.looked(1, Found::Part(0), PLENTY);
        assert_eq!(wanted(&came), [name(1)]);
        room.piece(1);
        let is_full = matches!(kept, Kept::Failed(_));
        let came = room.kept(1, kept);
        assert_eq!(came.is_retried, is_full);
        let next: &[BlobName] = if is_full { &[] } else { &[name(2), name(1)] };
        assert_eq!(looked_for(&came), next);
    }
    let came = room.looked(2, Found::Part(0), PLENTY);
    assert_eq!(wanted(&came), [name(2)]);
    assert_eq!(looked_for(&room.come(Input::Retry)), []);
}
