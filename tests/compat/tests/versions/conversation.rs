//! A conversation in which every kind of message occurs, between two of today. It is the same each time it is held.

use bytes::Bytes;
use sync::{
    Base, BlobName, Bye, ByeCode, Content, CountersignatureBody, Document, Draft, Frame, FrameId,
    Heads, Hello, Message, PROTOCOL, Side, Signal, SignalKind, SnapshotBody, State, StreamId,
    Vector, Welcome,
};
use trust::record::Role;
use trust::testing::Actor;

use crate::speaker::Speaker;
use crate::transcript::Transcript;

/// Longer than anything waits in an exchange.
const PATIENCE_MS: u64 = 5_000;

struct Talk {
    /// Ana, who dials, and Ben.
    ends: [Speaker; 2],
    actors: [Actor; 2],
    transcript: Transcript,
}

const SIDES: [Side; 2] = [Side::Dialled, Side::Accepted];

/// Ana has dropped what a snapshot of hers counts; Ben has written meanwhile, and has nothing of hers.
pub fn record() -> Transcript {
    let mut ana = Actor::founder(1);
    let mut ben = ana.beside(2);
    ana.add(&ben, Role::Editor).unwrap();
    ben.hear(&ana);
    let mut talk = Talk::begin(ana, ben);
    talk.settle();
    talk.edit();
    talk.attach();
    talk.invite();
    let bye = Bye {
        code: ByeCode::ShuttingDown,
        reason: "going home".to_owned(),
    };
    let Talk { mut transcript, .. } = talk;
    transcript.add(Side::Accepted, Message::Bye(bye).encode());
    transcript
}

fn stream(actor: &Actor) -> StreamId {
    StreamId {
        device: actor.device(),
        nonce: 7,
    }
}

fn frame(
    actor: &Actor,
    number: u64,
    document: Document,
    content: Content<'_>,
    deps: &[FrameId],
) -> Frame {
    let payload = format!("what is sealed in {number}");
    let draft = Draft {
        room: actor.log.room(),
        document,
        epoch: 1,
        stream: stream(actor),
        number,
        deps,
        content,
        payload: payload.as_bytes(),
    };
    Frame::sign(&draft, &actor.key).unwrap()
}

fn changes(actor: &Actor, number: u64, document: Document) -> Frame {
    frame(actor, number, document, Content::Changes, &[])
}

impl Talk {
    fn begin(ana: Actor, ben: Actor) -> Self {
        let counted: Vector = [(stream(&ana), 2)].into_iter().collect();
        let base = Base::default().with(stream(&ana), 3, counted.clone());
        let speaker = |actor: &Actor, number, base| {
            let held = [(stream(actor), number)].into_iter().collect();
            Speaker::new(actor.device(), actor.log.clone(), held, base)
        };
        let mut ends = [speaker(&ana, 4, Some(base)), speaker(&ben, 2, None)];
        let snapshot = SnapshotBody {
            vector: counted,
            heads: Heads([3; 32]),
        };
        let snapshot = frame(&ana, 3, Document::Room, Content::Snapshot(&snapshot), &[]);
        let later = frame(
            &ana,
            4,
            Document::Project,
            Content::Changes,
            &[snapshot.id()],
        );
        for frame in [snapshot, later] {
            ends[0]
                .log
                .insert((stream(&ana), frame.header().number), frame);
        }
        for (number, document) in [(1, Document::Project), (2, Document::Comments)] {
            let frame = changes(&ben, number, document);
            ends[1].log.insert((stream(&ben), number), frame);
        }
        let mut talk = Self {
            ends,
            actors: [ana, ben],
            transcript: Transcript::default(),
        };
        talk.greet();
        talk
    }

    fn greet(&mut self) {
        let [ana, ben] = &self.actors;
        let hello = Message::Hello(Hello::new(ana.log.room(), ana.device(), [1; 32]));
        let welcome = Message::Welcome(Welcome {
            protocol: PROTOCOL,
            device: ben.device(),
            nonce: [2; 32],
        });
        let others = [ben.device(), ana.device()];
        self.transcript.add(Side::Dialled, hello.encode());
        self.transcript.add(Side::Accepted, welcome.encode());
        for (end, (other, side)) in self.ends.iter_mut().zip(others.into_iter().zip(SIDES)) {
            end.connect(other, side, PROTOCOL);
        }
    }

    /// They speak until neither has anything to say, however long one waits.
    fn settle(&mut self) {
        let mut has_waited = false;
        loop {
            let mut is_quiet = true;
            for (at, side) in SIDES.into_iter().enumerate() {
                for message in self.ends[at].say() {
                    is_quiet = false;
                    self.transcript.add(side, message.clone());
                    self.ends[1 - at].hear(message).unwrap();
                }
            }
            match (is_quiet, has_waited) {
                (false, _) => has_waited = false,
                (true, true) => return,
                (true, false) => {
                    has_waited = true;
                    for end in &mut self.ends {
                        end.now = end.now.plus_ms(PATIENCE_MS);
                    }
                }
            }
        }
    }

    /// Both write while the other listens, Ben vouches for Ana's snapshot, and each says how far it is and where.
    fn edit(&mut self) {
        let mut came = self.ends[1].frames.iter();
        let snapshot = came.find(|frame| frame.snapshot().is_some());
        let signed = CountersignatureBody {
            snapshot: snapshot.expect("it has come").id(),
            heads: Heads([3; 32]),
        };
        let content = Content::Countersignature(signed);
        let countersignature = frame(&self.actors[1], 3, Document::Room, content, &[]);
        let deps = [countersignature.id()];
        self.ends[1].keep(&countersignature);
        self.settle();
        let content = Content::Changes;
        let answer = frame(&self.actors[0], 5, Document::Project, content, &deps);
        self.ends[0].keep(&answer);
        self.settle();
        for at in 0..2 {
            let held = self.ends[at].exchange.held();
            let state = State::of(&held, Some(Heads([4; 32]))).encode();
            self.signal(at, 1, SignalKind::State, state);
            let presence = Bytes::from_static(b"who looks at what, sealed");
            self.signal(at, 2, SignalKind::Presence, presence);
        }
        self.settle();
    }

    fn signal(&mut self, at: usize, counter: u64, kind: SignalKind, payload: Bytes) {
        let actor = &self.actors[at];
        let signal = Signal {
            device: actor.device(),
            session: 1_700_000_000_000,
            counter,
            kind,
            payload,
            signature: None,
        };
        let signal = signal.signed(&actor.log.room(), &actor.key);
        let end = &mut self.ends[at];
        end.exchange.signal(signal, end.now);
    }

    /// Ben wants an attachment before Ana has it, and gets it when she does.
    fn attach(&mut self) {
        let content = Bytes::from_static(b"a picture, sealed");
        let name = BlobName(*blake3::hash(&content).as_bytes());
        let now = self.ends[1].now;
        self.ends[1].exchange.want_blob(name, 0, now);
        self.settle();
        let [ana, _] = &mut self.ends;
        ana.attachments.insert(name, content.clone());
        ana.exchange.offer_blob(name, content.len() as u64, ana.now);
        self.settle();
    }

    /// Ana adds Cleo while they speak.
    fn invite(&mut self) {
        let [ana, _] = &mut self.actors;
        let cleo = ana.beside(3);
        ana.add(&cleo, Role::Commenter).unwrap();
        let log = ana.log.clone();
        self.ends[0].exchange.merge_members(&log).unwrap();
        self.settle();
    }
}
