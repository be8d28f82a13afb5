//! Who is here, and where they look.

use bytes::Bytes;
use graph::id::{FieldId, NodeId, PersonId};
use graph::person::Person;
use serde::{Deserialize, Serialize};
use store::RoomWrite;
use sync::limits::SIGNAL_LIFE_MS;
use sync::{Signal, SignalKind, State, Time};
use trust::{DeviceId, Right};

use super::{FACES, Room, sealer};
use crate::attachments::Faces;

/// A presence is said again after this time, well before others take it for gone.
const AGAIN_MS: u64 = 5_000;

/// How long a later session of this device waits before it says who is here.
const SESSION_PACE_MS: u64 = 1_000;

/// How long after a later session the next one begins at the earliest. If a copy of this machine runs as well, both begin them, for
/// as long as both run.
const NEXT_SESSION_MS: u64 = SIGNAL_LIFE_MS;

/// Devices of which it is remembered who was there.
const MAX_FACES: usize = 1024;

/// Longest text that somebody else's presence may bring into a window.
const MAX_CHARACTERS: usize = 200;

/// Who somebody is and what they look at. It passes: nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The person.
    pub person: PersonId,
    /// Name and colour, for those whose copy does not have them yet.
    pub profile: Person,
    /// The node in view.
    pub node: Option<NodeId>,
    /// The field that is being edited.
    pub field: Option<FieldId>,
    /// Whether keys are being pressed in it.
    pub typing: bool,
}

impl Presence {
    /// Reads what somebody else sent; none if it is something else.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut presence: Self = serde_json::from_slice(payload).ok()?;
        let profile = crate::me::tidy(presence.profile);
        let name = profile.name.chars().take(MAX_CHARACTERS).collect();
        presence.profile = Person { name, ..profile };
        Some(presence)
    }

    pub(crate) fn encode(&self) -> Bytes {
        let json = serde_json::to_vec(self).expect("ids and texts become JSON");
        json.into()
    }
}

/// A device, who was heard there, and their name.
type KeptFace = (String, PersonId, String);

/// Who was heard on the devices of members, as it was kept.
pub(crate) fn read_faces(kept: &[u8]) -> Faces {
    let kept: Vec<KeptFace> = serde_json::from_slice(kept).unwrap_or_default();
    let kept = kept.into_iter();
    kept.filter_map(|(device, person, name)| Some((device.parse().ok()?, (person, name))))
        .collect()
}

/// What this device says of itself.
pub(super) struct Voice {
    device: DeviceId,
    session: u64,
    /// From when on a later one may begin.
    next_session: Time,
    counter: u64,
    presence: Option<Presence>,
    again: Option<Time>,
    /// Something of the state differs from what was said last.
    is_news: bool,
}

impl Voice {
    pub(super) fn new(device: DeviceId, session: u64) -> Self {
        Self {
            device,
            session,
            next_session: Time(0),
            counter: 0,
            presence: None,
            again: None,
            is_news: true,
        }
    }

    /// Others know of this later session of this device, and take what it says for old: a still later one begins, if it is time.
    fn begin_session_after(&mut self, session: u64, now: Time) {
        if session < self.session || now < self.next_session {
            return;
        }
        self.session = session.saturating_add(1);
        self.next_session = now.plus_ms(NEXT_SESSION_MS);
        self.again = Some(now.plus_ms(SESSION_PACE_MS));
        self.is_news = true;
    }

    /// When something is due, if others know of this later session.
    fn wake(&self, later: Option<u64>) -> Option<Time> {
        let is_old = later.is_some_and(|session| session >= self.session);
        let next_session = is_old.then_some(self.next_session);
        self.again.into_iter().chain(next_session).min()
    }

    fn signal(&mut self, kind: SignalKind, payload: Bytes) -> Signal {
        self.counter += 1;
        Signal {
            device: self.device,
            session: self.session,
            counter: self.counter,
            kind,
            payload,
            signature: None,
        }
    }
}

impl Room {
    /// Where this window is; none: it does not say.
    pub(crate) fn put_presence(&mut self, presence: Option<Presence>, now: Time) {
        if self.voice.presence != presence {
            self.voice.presence = presence;
            self.voice.again = Some(now);
        }
    }

    /// Remembers who was heard, so that they can be named when they are away.
    pub(super) fn note_faces(&mut self, signals: &[Signal]) {
        let presences = signals
            .iter()
            .filter(|it| it.kind == SignalKind::Presence && it.device != self.voice.device);
        for signal in presences {
            let said = sealer::presence(self.exchange.membership(), self.keys.as_ref(), signal);
            let presence = said.and_then(|said| Presence::decode(&said));
            let Some(presence) = presence else {
                self.said.remove(&signal.device);
                continue;
            };
            if self.faces.len() < MAX_FACES || self.faces.contains_key(&signal.device) {
                let face = (presence.person, presence.profile.name.clone());
                let is_member = self.members().member(&signal.device).is_some();
                let before = self.faces.insert(signal.device, face.clone());
                self.are_faces_due |= is_member && before != Some(face);
                self.said.insert(signal.device, presence);
            }
        }
    }

    /// Who was heard on the devices of members is kept, so that members have names after a start.
    pub(super) fn keep_faces(&mut self, write: &mut RoomWrite) {
        if !std::mem::take(&mut self.are_faces_due) {
            return;
        }
        let faces = self.faces.iter();
        let of_members = faces.filter(|(device, _)| self.members().member(device).is_some());
        let kept: Vec<KeptFace> = of_members
            .map(|(device, (person, name))| (device.to_string(), *person, name.clone()))
            .collect();
        let kept = serde_json::to_vec(&kept).expect("ids and texts become JSON");
        write.meta.push((FACES.to_owned(), Some(kept)));
    }

    /// Something was written, framed or taken in.
    pub(super) fn note_news(&mut self) {
        self.voice.is_news = true;
    }

    /// Says what is due.
    pub(super) fn speak(&mut self, graph: &graph::Project, now: Time) {
        if !self.has_company() || !self.may(Right::Read) {
            return;
        }
        if let Some(session) = self.exchange.later_session() {
            self.voice.begin_session_after(session, now);
        }
        if self.voice.again.is_some_and(|again| again <= now) {
            let payload = self.voice.presence.as_ref().map(Presence::encode);
            self.voice.again = payload.is_some().then(|| now.plus_ms(AGAIN_MS));
            // An empty presence is how one says that one has left.
            self.utter(SignalKind::Presence, payload.unwrap_or_default(), now);
        }
        self.forget_unopened(graph, now);
        if std::mem::take(&mut self.voice.is_news) {
            let state = State::of(&self.exchange.held(), self.heads(graph));
            self.utter(SignalKind::State, state.encode(), now);
        }
    }

    fn utter(&mut self, kind: SignalKind, payload: Bytes, now: Time) {
        let signal = self.voice.signal(kind, payload);
        let signal = sealer::signal(self.exchange.membership(), self.keys.as_ref(), signal);
        if let Some(signal) = signal {
            self.exchange.signal(signal, now);
        }
    }

    /// When the next presence or session is due.
    pub(super) fn speaks_at(&self) -> Option<Time> {
        let may_speak = self.has_company() && self.may(Right::Read);
        let wake = self.voice.wake(self.exchange.later_session());
        wake.filter(|_| may_speak)
    }

    /// The heads, while documents and held frames say the same.
    pub(super) fn heads(&self, graph: &graph::Project) -> Option<sync::Heads> {
        self.heads_but_for_unopened(graph)
            .filter(|_| self.unopened.is_empty())
    }

    /// The same, whatever is in the frames that wait to be read.
    pub(super) fn heads_but_for_unopened(&self, graph: &graph::Project) -> Option<sync::Heads> {
        use graph::document::Document::{Comments, Project};
        if !self.unwritten.is_empty() || self.framed.lacking(graph) > 0 || self.is_unread {
            return None;
        }
        let [project, comments] = [Project, Comments].map(|document| {
            let heads = graph.heads(document).into_iter();
            heads.map(|head| head.0).collect::<Vec<_>>()
        });
        Some(sync::Heads::of(&[&project, &comments]))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn of_two_copies_of_a_machine_each_is_heard_in_turn() {
        let device = DeviceId([1; 32]);
        let mut copies = [5, 6].map(|session| Voice::new(device, session));
        let mut begun = [0, 0];
        for now in (0..60_000).step_by(100).map(Time) {
            for (copy, other) in [(0, 1), (1, 0)] {
                let (before, known) = (copies[copy].session, copies[other].session);
                copies[copy].begin_session_after(known, now);
                begun[copy] += u32::from(copies[copy].session > before);
            }
        }
        assert_eq!(begun, [4, 4], "each once in 15 s");
    }

    #[test]
    fn who_was_set_back_goes_on_after_what_others_know() {
        let mut voice = Voice::new(DeviceId([1; 32]), 5);
        assert_eq!(voice.wake(None), None);
        voice.begin_session_after(90, Time(0));
        assert_eq!(voice.session, 91);
        assert!(voice.is_news && voice.again.is_some());
        // Until that is heard, it is still the same that others know.
        voice.begin_session_after(90, Time(60_000));
        assert_eq!(voice.session, 91);
        voice.again = None;
        assert_eq!(voice.wake(Some(90)), None);
        assert_eq!(voice.wake(Some(91)), Some(Time(NEXT_SESSION_MS)));
    }

    #[test]
    fn what_others_say_of_themselves_is_put_right() {
        let odd = Presence {
            person: PersonId(Uuid::from_u128(1)),
            profile: Person {
                name: "A\u{0}na\n".to_owned() + &"x".repeat(9_000),
                colour: "url(evil)".to_owned(),
            },
            node: None,
            field: None,
            typing: true,
        };
        let heard = Presence::decode(&odd.encode()).expect("it is a presence");
        assert!(heard.profile.name.starts_with("Anax") && heard.profile.name.len() == 200);
        assert!(heard.profile.colour.starts_with('#'));
        assert_eq!(Presence::decode(b"garbage"), None);
        assert_eq!(Presence::decode(b""), None);
    }
}
