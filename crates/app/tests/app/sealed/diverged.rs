//! Two machines that hold the same frames and show something else (P5).

use app::machine;
use graph::command::Command;
use graph::document::Document as Part;
use sync::{Heads, Signal, State};

use super::late_keys::{BY_BEN, copy, name};
use super::*;

fn heads(graph: &graph::Project) -> Heads {
    let [project, comments] = [Part::Project, Part::Comments].map(|part| {
        let heads = graph.heads(part).into_iter();
        heads.map(|head| head.0).collect::<Vec<_>>()
    });
    Heads::of(&[&project, &comments])
}

impl Room {
    /// Ben says that he holds what Ana holds, and shows this.
    fn shows(&mut self, counter: u64, heads: Heads) -> Came {
        let held = self.ana.room().unwrap().exchange().held();
        let signal = Signal {
            device: keys(2).device(),
            session: 1,
            counter,
            kind: SignalKind::State,
            payload: State::of(&held, Some(heads)).encode(),
            signature: None,
        };
        let signal = signal.signed(&self.members.room(), &keys(2).signing);
        self.message(Message::Signal(signal).encode())
    }
}

fn is_named(came: &Came) -> bool {
    let ben = keys(2).device().to_string();
    let mut companions = came.sharing.iter().flat_map(|it| &it.companions);
    companions.any(|it| it.device == ben && it.has_diverged)
}

/// The changes that were sent, opened.
fn changes(room: &Room, came: &Came) -> Vec<Vec<u8>> {
    let frames = came.sent.iter().flat_map(|message| match message {
        Message::Frame(frame) => std::slice::from_ref(frame),
        Message::Frames(frames) => frames.as_slice(),
        _ => &[][..],
    });
    let key = &room.epoch.1;
    let opened = frames.map(|it| key.open(Use::Frame, it.associated_data(), it.payload()));
    opened.map(Result::unwrap).collect()
}

/// As after a machine was set back without noticing: one place of a stream was used for two frames.
#[test]
fn p5_who_shows_something_else_is_named_and_both_get_both() {
    let (mut room, _) = Room::greeted();
    room.come(Input::Flush);
    let mut bens = copy(&room, 2);
    let command = Command::SetProject {
        name: Some(BY_BEN.to_owned()),
        currency: None,
    };
    bens.apply(signature(2).author, &command, Timestamp(1))
        .unwrap();
    let came = room.shows(1, heads(&bens));
    assert!(is_named(&came));
    assert_eq!(name(&room), NAME, "what is here stays");

    // All that is here is sent once more, and once only.
    let sent = changes(&room, &came);
    assert_eq!(sent.len(), 1);
    let came = room.shows(2, heads(&bens));
    assert_eq!(changes(&room, &came).len(), 0);
    let (merged, _) = bens.merge_packed(Part::Project, &sent[0]);
    assert!(merged.set_aside.is_empty());

    // Ben does the same, and then they show the same.
    let whole = bens.pack(Part::Project, &[]).unwrap().bytes;
    let header = room.draft(1, room.epoch.0.0, b"").associated_data();
    let sealed = room.epoch.1.seal(Use::Frame, &header, &whole, &mut OsRng);
    let frame = Frame::sign(&room.draft(1, room.epoch.0.0, &sealed), &keys(2).signing);
    room.message(frame.unwrap().message().clone());
    assert_eq!(name(&room), BY_BEN);
    assert_eq!(heads(machine::graph(&room.ana)), heads(&bens));
    let came = room.shows(3, heads(&bens));
    assert!(!came.sharing.as_ref().unwrap().companions.is_empty() && !is_named(&came));
}
