//! What happens when somebody loses a right.

use graph::command::{Command, Place, Position};
use graph::id::{CommentId, NodeId};
use sync::Signal;
use trust::record::Cut;

use super::*;

pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(1));

pub const NODE: NodeId = NodeId(Uuid::from_u128(7));

impl Room {
    /// Ana does something.
    pub fn apply(&mut self, command: Command) -> Came {
        self.ask(Request::Apply {
            project: PROJECT,
            command,
        })
    }

    /// The owner, who is Ben, gives Ana another role, and she hears of it.
    fn lower(&mut self, role: Role) -> Came {
        let (ana, ben) = (keys(1).device(), keys(2));
        let lowered = self
            .members
            .change(&ben.signing, ana, Some(role), Cut::new());
        lowered.unwrap();
        self.message(self.log())
    }

    fn status(&mut self) -> Status {
        let came = self.ask(Request::ReadSharing { project: PROJECT });
        came.status.unwrap()
    }

    /// Ben says that he has all that Ana has.
    fn acknowledge(&mut self) {
        let held = self.ana.room().unwrap().exchange().held();
        self.message(Message::Ack(held).encode());
    }
}

pub fn create_node() -> Command {
    let template = app::builtin::all().iter().find(|it| it.key == "blank");
    let types = &template.unwrap().template.types;
    Command::CreateNode {
        node: NODE,
        node_type: types.iter().find(|it| it.top_level).unwrap().id.clone(),
        place: Place {
            parent: None,
            at: Position::Last,
        },
        values: Vec::new(),
    }
}

pub fn comment(number: u128, body: &str) -> Command {
    Command::AddComment {
        comment: CommentId(Uuid::from_u128(number)),
        node: NODE,
        reply_to: None,
        body: body.to_owned(),
    }
}

/// The streams and documents of the frames that were sent.
fn written(came: &Came) -> Vec<(u64, Document)> {
    let all = |message: &Message| match message {
        Message::Frame(frame) => vec![frame.clone()],
        Message::Frames(frames) => frames.clone(),
        _ => Vec::new(),
    };
    let frames = came.sent.iter().flat_map(all);
    let place = |frame: Frame| (frame.header().stream.nonce, frame.header().document);
    frames.map(place).collect()
}

/// Behind a frame that the others leave, they would take none.
#[test]
fn r4_who_was_lowered_goes_on_commenting_in_another_stream() {
    let (mut room, came) = Room::greeted_in(2);
    assert!(written(&came).contains(&(1, Document::Project)));
    room.apply(create_node());
    let came = room.apply(comment(1, "Why?"));
    assert_eq!(written(&came), [(1, Document::Comments)]);
    let came = room.lower(Role::Commenter);
    let streams: Vec<u64> = written(&came).into_iter().map(|(nonce, _)| nonce).collect();
    assert!(streams.len() == 1 && streams[0] != 1, "what she had said");
    let came = room.apply(comment(2, "How?"));
    assert_eq!(written(&came), [(streams[0], Document::Comments)]);
    assert_eq!(came.dropped, None);
}

/// Of whom all would be cut off who took it.
#[test]
fn r3_who_was_lowered_while_a_snapshot_was_saved_does_not_make_it() {
    let (ana, ben) = (keys(1).device(), keys(2));
    assert!(ana < ben.device(), "the smaller device makes snapshots");
    for role in [None, Some(Role::Viewer)] {
        let (mut room, _) = Room::greeted_in(2);
        room.apply(create_node());
        let mut body = String::new();
        for number in 0_u32..2_000 {
            body += &blake3::hash(&number.to_be_bytes()).to_hex();
        }
        let came = room.apply(comment(1, &body));
        let state = came.sent.iter().rev().find_map(|it| match it {
            Message::Signal(it) if it.kind == SignalKind::State => Some(it.payload.clone()),
            _ => None,
        });
        room.now += 70_000;
        let same = Signal {
            device: ben.device(),
            session: 1,
            counter: 1,
            kind: SignalKind::State,
            payload: state.unwrap(),
            signature: None,
        };
        let same = same.signed(&room.members.room(), &ben.signing);
        let came = room.message(Message::Signal(same).encode());
        let saved = came
            .saved
            .expect("it is calm, and there is much to condense");
        if let Some(role) = role {
            room.lower(role);
        }
        let came = room.come(Input::Condensed(saved));
        assert_eq!(came.frames, usize::from(role.is_none()));
    }
}

/// Whoever holds what was left here has it for good, and is not waited for.
#[test]
fn r4_what_was_left_is_not_waited_for() {
    let (mut room, _) = Room::greeted();
    let (ana, carol) = (keys(1), keys(3));
    let sealing = carol.sealing.certify(&carol.signing);
    let (device, epoch) = (
        (carol.signing.public(), sealing),
        (room.epoch.0, &room.epoch.1),
    );
    let added = room
        .members
        .add(&ana.signing, device, Role::Editor, epoch, &mut OsRng);
    added.unwrap();
    let removed = room
        .members
        .change(&ana.signing, carol.device(), None, Cut::new());
    removed.unwrap();
    room.message(room.log());
    room.acknowledge();
    assert!(matches!(room.status(), Status::Live { .. }));
    let sealed = room.sealed(1, &room.epoch.1);
    let stream = StreamId {
        device: carol.device(),
        nonce: 7,
    };
    let draft = Draft {
        stream,
        ..room.draft(1, room.epoch.0.0, &sealed)
    };
    let left = Frame::sign(&draft, &carol.signing).unwrap();
    let mut held = room.ana.room().unwrap().exchange().held();
    held.raise(stream, 1);
    let advert = Advert { held, base: None };
    room.message(Message::Vector(advert).encode());
    assert_eq!(room.status(), Status::Syncing, "it may come");
    let came = room.message(left.message().clone());
    assert_eq!((came.frames, came.dropped), (0, None));
    assert!(matches!(room.status(), Status::Live { .. }));
}
