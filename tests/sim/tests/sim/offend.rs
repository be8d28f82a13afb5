//! What members do who do not keep the rules: they write what nobody can apply, write two frames in one place, and send
//! what their role does not allow or what somebody else is said to have written.

use app::project::LinkEvent;
use graph::document::Document as Part;
use graph::generate::Random;
use sync::{
    Content, CountersignatureBody, Document, Frame, Heads, LinkId, Message, Peer, Side, Signal,
    SignalKind, SnapshotBody, StreamId, Vector,
};
use trust::record::{Changed, Content as Said, Cut, Role};
use trust::{DeviceId, Membership};

use crate::ghost::noise;
use crate::world::{Broken, World, wall_ms};

/// The link of somebody who comes and goes; no other has such a number.
pub const STRANGER: LinkId = LinkId(u64::MAX);

/// Who may edit, among [`World::ghosts`].
pub const EDITOR: usize = 0;

/// Who may comment.
pub const COMMENTER: usize = 1;

impl World {
    /// An editor sends frames that no document can apply, each of them twice.
    pub fn send_garbage(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        if !self.prepare(EDITOR, at)? {
            return Ok(false);
        }
        let stream = self.ghosts[EDITOR].fresh_stream();
        let document = some_document(random);
        let mut payload = noise(random);
        let graph = self.desk(at).and_then(|desk| desk.graph());
        if let Some(packed) = graph.and_then(|graph| graph.pack(Part::Project, &[]))
            && random.chance(50)
        {
            payload = packed.bytes;
            payload.truncate(payload.len() - 1 - random.below(20));
        }
        let mut messages = Vec::new();
        for number in 1..=2 {
            let ghost = &mut self.ghosts[EDITOR];
            let draft = ghost.draft((document, stream, number), Content::Changes, &payload);
            if let Some(frame) = ghost.sign(&draft) {
                messages.extend([Message::Frame(frame.clone()), Message::Frame(frame)]);
            }
        }
        self.visit(EDITOR, at, messages)?;
        Ok(true)
    }

    /// An editor writes two frames in one place, and gives them to different machines.
    pub fn fork(&mut self, ends: [usize; 2], random: &mut Random) -> Result<bool, Broken> {
        if ends[0] == ends[1] || !self.is_awake(ends[1]) || !self.prepare(EDITOR, ends[0])? {
            return Ok(false);
        }
        let stream = self.ghosts[EDITOR].fresh_stream();
        let document = some_document(random);
        for at in ends {
            let payload = [noise(random), vec![at as u8; 9]].concat();
            let ghost = &mut self.ghosts[EDITOR];
            let draft = ghost.draft((document, stream, 1), Content::Changes, &payload);
            let frame = ghost.sign(&draft);
            let rights = frame.iter().map(|it| (stream, it.header().right()));
            self.forked.extend(rights);
            self.visit(EDITOR, at, frame.map(Message::Frame).into_iter().collect())?;
        }
        Ok(true)
    }

    /// Who may comment sends what she may not. Whoever has let her in must end the link.
    pub fn offend(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        if !self.prepare(COMMENTER, at)? {
            return Ok(false);
        }
        let how = random.below(9);
        let Some(message) = self.offence(how, at, random) else {
            return Ok(false);
        };
        if let Message::Frame(frame) = &message {
            self.forged.insert(frame.id());
        }
        let device = self.ghosts[COMMENTER].device();
        let speaker = match &message {
            Message::Signal(signal) => signal.device,
            _ => device,
        };
        let is_refused = self.visit(COMMENTER, at, vec![message])?;
        let log = self.hosts[at].exchange().map(|it| it.membership());
        // By what she brings, the one in whose name she speaks may be a member no more, who is not heard (R10).
        let is_heard =
            |log: &Membership| [device, speaker].iter().all(|it| log.role_of(it).is_some());
        let is_in = log.is_some_and(is_heard);
        match is_in && !is_refused {
            true => Err(format!("{} lets offence {how} pass", self.name(at))),
            false => Ok(true),
        }
    }

    fn offence(&mut self, how: usize, at: usize, random: &mut Random) -> Option<Message> {
        let exchange = self.hosts[at].exchange()?;
        let held = exchange.held();
        let own = self.ghosts[COMMENTER].fresh_stream();
        // Who was removed is not heard, and what one has said oneself is known.
        let not = [Some(own.device), self.device(at)];
        let members = exchange.membership().members();
        let others =
            members.filter(|(device, it)| it.role.is_some() && !not.contains(&Some(**device)));
        let others: Vec<DeviceId> = others.map(|(device, _)| *device).collect();
        let other = StreamId {
            device: *random.pick(&others)?,
            nonce: random.draw(),
        };
        let payload = noise(random);
        let heads = Heads([7; 32]);
        let ghost = &mut self.ghosts[COMMENTER];
        let signed = |frame: Option<Frame>| frame.map(Message::Frame);
        match how {
            0 => {
                let place = (Document::Project, own, 1);
                let draft = ghost.draft(place, Content::Changes, &payload);
                signed(ghost.sign(&draft))
            }
            1 => {
                let body = SnapshotBody {
                    vector: held,
                    heads,
                };
                let place = (Document::Room, own, 1);
                let draft = ghost.draft(place, Content::Snapshot(&body), &payload);
                signed(ghost.sign(&draft))
            }
            2 => {
                let body = CountersignatureBody {
                    snapshot: sync::FrameId([9; 32]),
                    heads,
                };
                let place = (Document::Room, own, 1);
                let draft = ghost.draft(place, Content::Countersignature(body), &[]);
                signed(ghost.sign_clear(&draft))
            }
            3 => {
                let place = (Document::Comments, other, 1);
                let draft = ghost.draft(place, Content::Changes, &payload);
                signed(ghost.sign(&draft))
            }
            4 => {
                let place = (Document::Comments, own, 1);
                let draft = ghost.draft(place, Content::Changes, b"clear");
                signed(ghost.sign_clear(&draft))
            }
            5 => {
                let place = (Document::Comments, own, 1);
                let draft = ghost.draft(place, Content::Changes, b"unsigned");
                signed(ghost.leave_unsigned(draft))
            }
            6 => Some(ghost.claim(Said::Changed(Changed {
                device: ghost.device(),
                role: Some(Role::Owner),
                cut: Cut::new(),
            }))),
            7 => Some(Message::Signal(ghost.signal(Signal {
                device: other.device,
                session: u64::MAX / 2,
                counter: 1,
                kind: SignalKind::State,
                payload: sync::State::of(&Vector::new(), None).encode(),
                signature: None,
            }))),
            _ => Some(Message::Signal(Signal {
                device: ghost.device(),
                session: 1,
                counter: own.nonce,
                kind: SignalKind::Presence,
                payload: Vec::new().into(),
                signature: None,
            })),
        }
    }

    /// She hears what a machine knows of the members; false if there is nobody to visit.
    fn prepare(&mut self, ghost: usize, at: usize) -> Result<bool, Broken> {
        if !self.is_awake(at) || self.is_liar(at) {
            return Ok(false);
        }
        let Some(log) = self.hosts[at].exchange().map(|it| it.membership().clone()) else {
            return Ok(false);
        };
        let unix_ms = wall_ms(self.now).unsigned_abs();
        self.ghosts[ghost].hear(&log, unix_ms)?;
        Ok(true)
    }

    /// A link on which she says these things and leaves. Whether she was refused.
    fn visit(&mut self, ghost: usize, at: usize, messages: Vec<Message>) -> Result<bool, Broken> {
        let ghost = &self.ghosts[ghost];
        let peer = Peer {
            device: ghost.device(),
            side: Side::Accepted,
            protocol: sync::PROTOCOL,
        };
        let greeting = ghost.greeting();
        self.is_refused = false;
        self.tell(at, LinkEvent::Up(STRANGER, peer))?;
        for message in greeting.into_iter().chain(messages) {
            if !self.is_refused {
                self.tell(at, LinkEvent::Message(STRANGER, message.encode()))?;
            }
        }
        self.tell(at, LinkEvent::Down(STRANGER))?;
        Ok(self.is_refused)
    }
}

fn some_document(random: &mut Random) -> Document {
    match random.chance(50) {
        true => Document::Project,
        false => Document::Comments,
    }
}
