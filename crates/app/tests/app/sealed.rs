//! What leaves a closed room, and what comes in that is wrong.

mod cut_short;
mod diverged;
mod files;
mod late_keys;
mod newer;
mod rights;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use app::attachments::{AttachmentStage, BlobWork, Claim};
use app::device_keys::DeviceKeys;
use app::event::Event;
use app::outbox::Fate;
use app::project::{Answer, Ask, Effect, Input, LinkEvent, Project, Ticket};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::room::{Beginning, Framed, Keys, RoomSetup};
use app::settings::Settings;
use app::sharing::{Sharing, Status};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use graph::clipping::Clipping;
use graph::id::{AuthorId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::{NewProject, Signature, StoredHistory};
use rand_core::OsRng;
use relay::Limits;
use store::{Chunk, Seq};
use sync::{
    Advert, BlobName, Content, Document, Draft, Frame, LinkError, LinkId, Message, Outgoing, Peer,
    Side, SignalKind, StreamId, Time, Vector,
};
use testkit::links::Site;
use trust::Membership;
use trust::invitation::Invitation;
use trust::key::{DeviceKey, SealingKey};
use trust::record::{EpochId, Role};
use trust::seal::{EpochKey, Use};
use uuid::Uuid;

use crate::desk::{Desk, opened};
use crate::sharing::{holds, invitation, shows};

const NAME: &str = "A name that nobody outside reads";

const LINK: LinkId = LinkId(1);

fn keys(number: u8) -> Arc<DeviceKeys> {
    Arc::new(DeviceKeys {
        signing: DeviceKey::from_seed(&[number; 32]),
        sealing: SealingKey::from_bytes(&[number; 32]),
    })
}

/// Who writes with the keys of this number.
fn signature(number: u8) -> Signature {
    Signature {
        author: AuthorId(Uuid::from_u128(number.into())),
        actor: [number; 16],
        person: PersonId(Uuid::from_u128(number.into())),
        profile: Person {
            name: NAME.to_owned(),
            colour: "#123456".to_owned(),
        },
    }
}

/// Ana's project in a closed room, to which somebody else has a link.
struct Room {
    ana: Project,
    members: Membership,
    epoch: (EpochId, EpochKey),
    now: u64,
    stored: u64,
    /// What was said of attachments that were looked for last.
    claims: BTreeMap<BlobName, Vec<Claim>>,
}

/// With what Ana's room begins.
fn setup(membership: Membership) -> RoomSetup {
    let ana = keys(1);
    RoomSetup {
        device: ana.device(),
        session: 1,
        membership,
        keys: Some(Keys::new(ana)),
        log: Vec::new(),
        held: Vector::new(),
        era: Uuid::nil(),
        stream: 1,
        framed: Framed::default(),
        notices: app::notices::Notices::default(),
        beginning: Beginning::default(),
        payload_bytes: sync::limits::MAX_PAYLOAD_BYTES,
    }
}

/// What came of something.
#[derive(Default)]
struct Came {
    sent: Vec<Message>,
    frames: usize,
    dropped: Option<LinkError>,
    /// How the project is shared, if windows heard of it.
    sharing: Option<Sharing>,
    status: Option<Status>,
    /// Why nothing is to be changed, as windows know it.
    needs_update: Option<String>,
    /// Why something was refused.
    refused: Option<String>,
    /// Documents that were saved for a snapshot.
    saved: Option<Vec<u8>>,
    /// What the disk was given.
    kept: Vec<Chunk>,
    /// What is to be done about attachments.
    work: Vec<BlobWork>,
    /// How the attachments stand of which windows heard.
    stages: Vec<AttachmentStage>,
    /// The disk is to be tried again after a while.
    is_retried: bool,
}

impl Came {
    fn tell_frame(&mut self, frame: &app::reply::Frame) {
        let needs_update = frame.needs_update.as_ref();
        self.needs_update = needs_update.map(|failure| failure.code.clone());
    }
}

impl Room {
    /// One of the two, with the keys of this number, owns the room, and the other may edit.
    fn owned_by(owner: u8) -> Self {
        let (owner, other) = (keys(owner), keys(3 - owner));
        let (mut members, epoch, key) =
            Membership::found([9; 32], &owner.signing, &owner.sealing, &mut OsRng);
        let sealing = other.sealing.certify(&other.signing);
        let device = (other.signing.public(), sealing);
        let current = (epoch, &key);
        members
            .add(&owner.signing, device, Role::Editor, current, &mut OsRng)
            .unwrap();
        let signature = signature(1);
        let builtin = app::builtin::all().iter().find(|it| it.key == "blank");
        let new = NewProject {
            name: NAME.to_owned(),
            currency: "EUR".to_owned(),
            template: builtin.unwrap().template.clone(),
            content: Clipping::default(),
        };
        let id = Uuid::from_u128(1);
        let graph = graph::Project::create(&new, signature.clone(), id, Timestamp(0)).unwrap();
        let mut project = Project::new(ProjectId(id), graph, signature, &StoredHistory::default());
        project.share(setup(members.clone()));
        let mut room = Self {
            ana: project,
            members,
            epoch: (epoch, key),
            now: 1,
            stored: 0,
            claims: BTreeMap::new(),
        };
        room.come(Input::Link(Time(1), LinkEvent::Up(LINK, peer())));
        room
    }

    /// Ben says who is a member and what he holds.
    fn greeted() -> (Self, Came) {
        Self::greeted_in(1)
    }

    fn greeted_in(owner: u8) -> (Self, Came) {
        let mut room = Self::owned_by(owner);
        room.message(room.log());
        let came = room.message(Message::Vector(Advert::default()).encode());
        (room, came)
    }

    fn log(&self) -> Bytes {
        let records = self.members.records().iter();
        let records = records.map(|it| Bytes::copy_from_slice(it)).collect();
        Message::Members(records).encode()
    }

    fn ask(&mut self, request: Request) -> Came {
        self.come(Input::Ask(Ticket(1), Ask::Request(Box::new(request))))
    }

    fn message(&mut self, message: Bytes) -> Came {
        self.now += 7;
        self.come(Input::Link(
            Time(self.now),
            LinkEvent::Message(LINK, message),
        ))
    }

    /// Carries out what follows, on a disk that keeps everything at once, and lets a second pass.
    fn come(&mut self, input: Input) -> Came {
        let mut came = Came::default();
        let mut inputs = std::collections::VecDeque::from([input, Input::Tick(Time(self.now))]);
        let mut passed = 0;
        while let Some(input) = inputs.pop_front() {
            for effect in self.ana.handle(Timestamp(self.now as i64), input) {
                match effect {
                    Effect::Store(number, chunk) => {
                        came.frames += chunk.room.as_ref().map_or(0, |room| room.frames.len());
                        came.kept.push(chunk);
                        self.stored += 1;
                        let seq = Seq(self.stored);
                        inputs.push_back(Input::Learned(number, Fate::Written(seq)));
                        inputs.push_back(Input::Learned(number, Fate::Durable(seq)));
                    }
                    Effect::Link(Outgoing::Send(_, message)) => {
                        came.sent.push(Message::decode(message).unwrap());
                    }
                    Effect::Link(Outgoing::Drop(_, error)) => came.dropped = Some(error),
                    Effect::Condense(saver) => came.saved = Some(saver.save()),
                    Effect::Answer(_, Ok(Answer::Reply(reply))) => match *reply {
                        Reply::Sharing { sharing: Some(it) } => came.status = Some(it.status),
                        Reply::Snapshot(it) => came.tell_frame(&it.frame),
                        _ => {}
                    },
                    Effect::Answer(_, Err(failure)) => came.refused = Some(failure.code),
                    Effect::Emit(Event::Changed(it)) => {
                        it.frame.iter().for_each(|frame| came.tell_frame(frame));
                    }
                    Effect::Blob(work) => {
                        if let BlobWork::Look(claimed) = &work {
                            self.claims.extend(claimed.iter().cloned());
                        }
                        came.work.push(work);
                    }
                    Effect::RetryLater => came.is_retried = true,
                    Effect::Emit(Event::Attachments { attachments, .. }) => {
                        came.stages
                            .extend(attachments.into_iter().map(|it| it.stage));
                    }
                    Effect::DrawStream(_) => inputs.push_back(Input::Stream(self.stored + 100)),
                    Effect::Emit(Event::Sharing { sharing, .. }) => {
                        came.sharing = Some(sharing);
                    }
                    _ => {}
                }
            }
            if inputs.is_empty() && passed < 5 {
                passed += 1;
                self.now += 250;
                inputs.push_back(Input::Tick(Time(self.now)));
            }
        }
        came
    }

    /// A frame of Ben's with this payload.
    fn draft<'a>(&self, number: u64, epoch: u64, payload: &'a [u8]) -> Draft<'a> {
        Draft {
            room: self.members.room(),
            document: Document::Project,
            epoch,
            stream: StreamId {
                device: keys(2).device(),
                nonce: 7,
            },
            number,
            deps: &[],
            content: Content::Changes,
            payload,
        }
    }

    fn sealed(&self, number: u64, key: &EpochKey) -> Vec<u8> {
        let header = self.draft(number, self.epoch.0.0, b"").associated_data();
        key.seal(Use::Frame, &header, b"something", &mut OsRng)
    }
}

fn peer() -> Peer {
    Peer {
        device: keys(2).device(),
        side: Side::Accepted,
        protocol: sync::PROTOCOL,
    }
}

pub fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

#[test]
fn r1_r2_frames_and_signals_are_sealed_and_signed() {
    let (mut room, came) = Room::greeted();
    let ana = keys(1).signing.public();
    let mut frames = 0;
    let all = |message: &Message| match message {
        Message::Frame(frame) => vec![frame.clone()],
        Message::Frames(frames) => frames.clone(),
        _ => Vec::new(),
    };
    for frame in came.sent.iter().flat_map(all) {
        frame.verify(&ana).unwrap();
        assert_eq!(frame.header().epoch, room.epoch.0.0);
        assert!(!has(frame.payload(), NAME));
        let header = frame.associated_data();
        let opened = room.epoch.1.open(Use::Frame, header, frame.payload());
        assert!(!opened.unwrap().is_empty());
        frames += 1;
    }
    assert!(frames > 0);
    let states =
        |message: &Message| matches!(message, Message::Signal(it) if it.kind == SignalKind::State);
    assert!(came.sent.iter().any(states));

    let presence = app::room::Presence {
        person: PersonId(Uuid::from_u128(1)),
        profile: Person {
            name: NAME.to_owned(),
            colour: "#123456".to_owned(),
        },
        node: None,
        field: None,
        typing: false,
    };
    let came = room.come(Input::Presence(Some(presence)));
    let said = came.sent.iter().find_map(|it| match it {
        Message::Signal(signal) if signal.kind == SignalKind::Presence => Some(signal),
        _ => None,
    });
    let said = said.unwrap();
    said.verify(&room.members.room(), &ana).unwrap();
    assert!(!has(&said.payload, NAME));
}

/// What a window is told when Ben's first frame comes, sealed with this key and said to be of this epoch. It is held.
fn told_of(room: &mut Room, key: &EpochKey, epoch: u64) -> Sharing {
    let held = |room: &Room| room.ana.room().unwrap().exchange().held().frames();
    let before = held(room);
    let sealed = room.sealed(1, key);
    let frame = Frame::sign(&room.draft(1, epoch, &sealed), &keys(2).signing).unwrap();
    let came = room.message(frame.message().clone());
    assert_eq!((came.frames, came.dropped), (1, None));
    assert_eq!(held(room), before + 1);
    came.sharing.unwrap()
}

fn charged_to_ben(sharing: &Sharing) -> u32 {
    let ben = keys(2).device().to_string();
    let ben = sharing.companions.iter().find(|it| it.device == ben);
    ben.unwrap().faults
}

#[test]
fn what_does_not_open_under_a_key_that_is_here_is_charged_to_its_signer() {
    let (mut room, _) = Room::greeted();
    let epoch = room.epoch.0.0;
    let sharing = told_of(&mut room, &EpochKey::from_bytes(&[7; 32]), epoch);
    assert_eq!(charged_to_ben(&sharing), 1);
    assert_eq!(sharing.unreadable, None);
}

#[test]
fn what_opens_and_is_no_change_is_charged_to_its_signer() {
    let (mut room, _) = Room::greeted();
    let (epoch, key) = (room.epoch.0.0, room.epoch.1.clone());
    let sharing = told_of(&mut room, &key, epoch);
    assert_eq!(charged_to_ben(&sharing), 1);
    assert_eq!(sharing.unreadable, None);
}

/// Nobody may have the key of an epoch that was made up, and there is no telling.
#[test]
fn r11_what_waits_for_a_key_is_told_and_charged_to_nobody() {
    let (mut room, _) = Room::greeted();
    let sharing = told_of(&mut room, &EpochKey::from_bytes(&[7; 32]), 12_345);
    assert_eq!(charged_to_ben(&sharing), 0);
    let missing = sharing.unreadable.unwrap();
    assert_eq!(missing.code, "KEY_MISSING");
    let ben = keys(2).device().to_string();
    assert!(
        missing
            .detail
            .unwrap()
            .ends_with(&format!("1 by {ben:.12}"))
    );
}

#[test]
fn r1_r2_what_is_not_signed_or_not_sealed_ends_the_link() {
    let device = keys(2).device();
    let (room, _) = Room::greeted();
    let sealed = room.sealed(1, &room.epoch.1);
    let draft = room.draft(1, room.epoch.0.0, &sealed);
    let clear = room.draft(1, 0, b"clear");
    for (frame, error) in [
        (Frame::mint(&draft), LinkError::NotSigned { device }),
        (
            Frame::sign(&draft, &keys(3).signing),
            LinkError::NotSigned { device },
        ),
        (
            Frame::sign(&clear, &keys(2).signing),
            LinkError::NotSealed { device },
        ),
    ] {
        let (mut room, _) = Room::greeted();
        let came = room.message(frame.unwrap().message().clone());
        assert_eq!((came.frames, came.dropped), (0, Some(error)));
    }
}

/// Whether some file below a folder has this text.
pub fn is_on_disk(folder: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|it| it.path()).any(|path| match path.is_dir() {
        true => is_on_disk(&path, text),
        false => has(&std::fs::read(&path).unwrap_or_default(), text),
    })
}

/// The same invitation, which does not say where anybody is.
pub fn without_addresses(text: &str) -> String {
    if let Ok(mut invitation) = Invitation::read(text) {
        invitation.hints.clear();
        return invitation.to_text().to_string();
    }
    let (scheme, fragment) = text.split_once('#').unwrap();
    let json = URL_SAFE_NO_PAD.decode(fragment).unwrap();
    let mut written: serde_json::Value = serde_json::from_slice(&json).unwrap();
    written["addresses"] = serde_json::json!([]);
    let json = serde_json::to_vec(&written).unwrap();
    format!("{scheme}#{}", URL_SAFE_NO_PAD.encode(json))
}

/// Ana and Ben know nothing of each other but a relay, by which Cleo comes when both are away. Whether the relay's disk has
/// what Ana writes.
async fn relay_reads(openly: bool) -> bool {
    const TITLE: &str = "Zanzibar Quokka 7391";
    let site = Site::proven(Limits::default()).await;
    let [ana, ben, cleo] = [
        Desk::shared().await,
        Desk::shared().await,
        Desk::shared().await,
    ];
    for desk in [&ana, &ben, &cleo] {
        let settings = Settings {
            relays: vec![site.address().to_string()],
            ..Settings::default()
        };
        desk.call(Request::PutSettings { settings }).await;
    }
    let at_anas = ana.create("blank", false).await;
    if openly {
        ana.app.share_openly(at_anas).await.unwrap();
    }
    let text = without_addresses(&invitation(&ana, at_anas).await);
    let mut events = ben.app.events();
    let join = Request::JoinProject {
        invitation: text.into(),
    };
    let at_bens = opened(ben.call(join.clone()).await);
    shows(&ben, &mut events, at_bens, |it| {
        !it.frame.template.types.is_empty()
    })
    .await;
    let node = ana.add_root(at_anas, TITLE).await;
    shows(&ben, &mut events, at_bens, holds(node)).await;
    ana.closed().await;
    ben.closed().await;
    let mut events = cleo.app.events();
    let at_cleos = opened(cleo.call(join).await);
    shows(&cleo, &mut events, at_cleos, holds(node)).await;
    is_on_disk(&site.dir(), TITLE)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_does_not_have_what_it_carries_of_a_closed_room() {
    assert!(!relay_reads(false).await);
    assert!(relay_reads(true).await, "the test finds what is clear");
}
