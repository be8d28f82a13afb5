//! The pure project under a seed: requests, and a store that answers late, fails, loses power.
//!
//! Nothing here waits and nothing is random but by the seed. Two projects share one disk, so that
//! answers to one come between those to the other.

use std::collections::VecDeque;

use app::outbox::{Fate, Number};
use app::project::{Ask, Effect, Input, Project, Ticket};
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use graph::clipping::Clipping;
use graph::command::{Command, Place, Position};
use graph::id::{AuthorId, CommentId, NodeId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::value::Value;
use graph::{NewProject, Signature, StoredDocument};
use store::testing::Random;
use store::{Chunk, Document, MemoryStore, Seq, Store, StoreError, testing};
use uuid::Uuid;

use crate::desk::{content, title_field};

const AUTHOR: AuthorId = AuthorId(Uuid::from_u128(1));

/// One project, what it gave to the disk, and what the disk made of it.
struct Machine {
    number: u8,
    project: Project,
    base: [Vec<u8>; 2],
    now: i64,
    ticket: u64,
    /// Given to the store, not answered yet.
    queue: VecDeque<(Number, Chunk)>,
    /// Written, by number; the first `durable` survive a loss of power.
    written: Vec<(Number, Chunk)>,
    durable: usize,
    /// Written, and not yet told to be durable.
    untold: VecDeque<Number>,
    stalled: bool,
    retry_asked: bool,
    /// What was shown after so many chunks had been given.
    states: Vec<Snapshot>,
    given: usize,
    /// Chunks that had been given when it was said that everything is saved.
    called_saved: usize,
    starts: u32,
}

fn signature(start: u32) -> Signature {
    let mut actor = [7; 16];
    actor[..4].copy_from_slice(&start.to_le_bytes());
    Signature {
        author: AUTHOR,
        actor,
        person: PersonId(Uuid::from_u128(2)),
        profile: Person {
            name: "Ana".to_owned(),
            colour: "#123456".to_owned(),
        },
    }
}

impl Machine {
    fn new(number: u8) -> Self {
        let builtin = app::builtin::all()
            .iter()
            .find(|b| b.key == "blank")
            .unwrap();
        let new = NewProject {
            name: format!("Project {number}"),
            currency: "EUR".to_owned(),
            template: builtin.template.clone(),
            content: Clipping::default(),
        };
        let seed = Uuid::from_u128(u128::from(number));
        let mut graph = graph::Project::create(&new, signature(0), seed, Timestamp(0)).unwrap();
        graph.take_written();
        let save = |document| graph.fork(document).save();
        let base = [
            save(graph::document::Document::Project),
            save(graph::document::Document::Comments),
        ];
        let mut machine = Self {
            number,
            project: open(number, &base, &[], 1),
            base,
            now: 1,
            ticket: 0,
            queue: VecDeque::new(),
            written: Vec::new(),
            durable: 0,
            untold: VecDeque::new(),
            stalled: false,
            retry_asked: false,
            states: Vec::new(),
            given: 0,
            called_saved: 0,
            starts: 1,
        };
        let start = machine.snapshot();
        machine.states.push(start);
        machine
    }

    /// Carries effects out the way the task does, but with this disk.
    fn handle(&mut self, input: Input) -> Option<Result<Reply, app::failure::Failure>> {
        self.now += 1;
        let mut answer = None;
        for effect in self.project.handle(Timestamp(self.now), input) {
            match effect {
                Effect::Answer(ticket, given) => {
                    assert_eq!(ticket, Ticket(self.ticket), "answered once, and in turn");
                    assert!(answer.is_none());
                    answer = Some(given.map(|answer| match answer {
                        app::project::Answer::Reply(reply) => *reply,
                        _ => panic!("no reply"),
                    }));
                }
                Effect::Store(number, chunk) => self.queue.push_back((number, chunk)),
                Effect::Retry => self.retry_asked = true,
                Effect::Unsaved(unsaved) => {
                    if unsaved.pending == 0 {
                        self.called_saved = self.given;
                    }
                }
                Effect::Emit(_)
                | Effect::RetryLater
                | Effect::Renamed(_)
                | Effect::Link(_)
                | Effect::Blob(_)
                | Effect::Condense(..)
                | Effect::DropFrames(_)
                | Effect::DrawStream(_) => {}
                Effect::Compact { document, .. } => {
                    self.project
                        .handle(Timestamp(self.now), Input::Compacted(document));
                }
            }
        }
        answer
    }

    fn ask(&mut self, request: Request) -> Result<Reply, app::failure::Failure> {
        self.ticket += 1;
        let ask = Ask::Request(Box::new(request));
        self.handle(Input::Ask(Ticket(self.ticket), ask))
            .expect("each question is answered")
    }

    fn id(&self) -> ProjectId {
        ProjectId(Uuid::from_bytes([self.number; 16]))
    }

    fn snapshot(&mut self) -> Snapshot {
        match self.ask(Request::Snapshot { project: self.id() }) {
            Ok(Reply::Snapshot(snapshot)) => content(*snapshot),
            other => panic!("{other:?}"),
        }
    }

    /// A request, and the state that it leads to under the number of its chunk.
    fn act(&mut self, request: Request) {
        let before = self.project.unsaved().pending;
        // What is refused changes nothing, which the states show.
        self.ask(request).ok();
        let given = self.project.unsaved().pending - before;
        assert!(given <= 1, "one command is one chunk");
        self.given += given;
        let state = self.snapshot();
        self.states.truncate(self.given);
        self.states.push(state);
    }

    fn write_one(&mut self, full: bool) {
        let Some((number, chunk)) = self.queue.pop_front() else {
            return;
        };
        self.stalled |= full;
        if self.stalled {
            self.handle(Input::Learned(number, Fate::Failed(StoreError::Full)));
            return;
        }
        self.written.push((number, chunk));
        self.untold.push_back(number);
        self.handle(Input::Learned(
            number,
            Fate::Written(Seq(self.written.len() as u64)),
        ));
    }

    fn sync(&mut self, told: usize) {
        self.durable = self.written.len();
        for _ in 0..told {
            let Some(number) = self.untold.pop_front() else {
                return;
            };
            self.handle(Input::Learned(number, Fate::Durable(Seq(0))));
        }
    }

    fn retry(&mut self, full: bool) {
        self.handle(Input::Retry);
        if std::mem::take(&mut self.retry_asked) {
            self.stalled &= full;
            let answer = if full { Err(StoreError::Full) } else { Ok(()) };
            if !full {
                self.sync(usize::MAX);
            }
            self.handle(Input::Resumed(answer));
        }
    }

    /// The process dies, with or without a loss of power, and the project is opened anew.
    fn restart(&mut self, random: &mut Random) {
        let lost = (self.written.len() - self.durable) as u64;
        let kept = self.durable + random.below(lost + 1) as usize;
        assert!(kept >= self.called_saved, "what was called saved is there");
        self.written.truncate(kept);
        self.durable = kept;
        self.queue.clear();
        self.untold.clear();
        self.stalled = false;
        self.starts += 1;
        let chunks: Vec<Chunk> = self
            .written
            .iter()
            .map(|(_, chunk)| chunk.clone())
            .collect();
        self.project = open(self.number, &self.base, &chunks, self.starts);
        self.given = kept;
        self.states.truncate(kept + 1);
        let reopened = self.snapshot();
        assert_eq!(reopened, self.states[kept], "after {kept} chunks");
    }

    fn settle(&mut self) {
        while self.project.unsaved().pending > 0 {
            while !self.queue.is_empty() {
                self.write_one(false);
            }
            self.sync(usize::MAX);
            self.retry(false);
        }
        assert_eq!(self.written.len(), self.given);
    }
}

/// Opens a project from what a store gives back of these chunks.
fn open(number: u8, base: &[Vec<u8>; 2], chunks: &[Chunk], start: u32) -> Project {
    let store = MemoryStore::new();
    let documents = [Document::PROJECT, Document::COMMENTS]
        .into_iter()
        .zip(base.clone());
    store
        .create_project(&testing::record(number), documents.collect())
        .unwrap();
    for chunk in chunks {
        store.append(testing::project(number), chunk.clone(), Box::new(|_| {}));
    }
    let mut loaded = store.load(testing::project(number)).unwrap();
    let mut stored = |document| {
        let loaded = loaded.documents.remove(&document).unwrap();
        StoredDocument {
            snapshot: loaded.snapshot.map(|snapshot| snapshot.bytes),
            changes: loaded.chunks.into_iter().map(|(_, bytes)| bytes).collect(),
        }
    };
    let (project, comments) = (stored(Document::PROJECT), stored(Document::COMMENTS));
    let (graph, notices) = graph::Project::load(project, comments).unwrap();
    assert_eq!(notices, [""; 0]);
    let undo = loaded.undo.remove(&store::AuthorKey(AUTHOR.0.into_bytes()));
    let history = undo.map(app::history::read).unwrap_or_default();
    Project::new(
        ProjectId(Uuid::from_bytes([number; 16])),
        graph,
        signature(start),
        &history,
    )
}

fn some_command(machine: &mut Machine, random: &mut Random, serial: u128) -> Command {
    let state = machine.states.last().unwrap().clone();
    let template = &state.frame.template;
    let any = |random: &mut Random| -> Vec<NodeId> {
        let count = state.nodes.len() as u64;
        let node = state.nodes.get(random.below(count.max(1)) as usize);
        node.map(|row| row.0).into_iter().collect()
    };
    let chosen = any(random);
    match random.below(7) {
        0 | 1 => Command::CreateNode {
            node: NodeId(Uuid::from_u128(serial)),
            node_type: template
                .types
                .iter()
                .find(|t| t.top_level)
                .unwrap()
                .id
                .clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: Vec::new(),
        },
        2 | 3 if !chosen.is_empty() => {
            let row = state.nodes.iter().find(|row| row.0 == chosen[0]).unwrap();
            Command::SetField {
                field: title_field(template, &row.3),
                nodes: chosen,
                value: Some(Value::Text(format!("Title {serial}"))),
            }
        }
        4 => Command::TrashNodes { nodes: chosen },
        5 => Command::MoveNodes {
            nodes: chosen,
            place: Place {
                parent: None,
                at: Position::First,
            },
        },
        _ => Command::AddComment {
            comment: CommentId(Uuid::from_u128(serial)),
            node: chosen.first().copied().unwrap_or(NodeId(Uuid::nil())),
            reply_to: None,
            body: format!("Comment {serial}"),
        },
    }
}

fn run(seed: u64) {
    let mut random = Random::new(seed);
    let mut machines = [Machine::new(1), Machine::new(2)];
    let mut full = false;
    for step in 0..120_u128 {
        let machine = &mut machines[random.below(2) as usize];
        let project = machine.id();
        match random.below(16) {
            0..=5 => {
                let command = some_command(machine, &mut random, (step + 1) << 8);
                machine.act(Request::Apply { project, command });
            }
            6 => machine.act(Request::Undo { project }),
            7 => machine.act(Request::Redo { project }),
            8..=10 => machine.write_one(full),
            11 | 12 => machine.sync(random.below(3) as usize),
            13 => full = random.below(2) == 0,
            14 => machine.retry(full),
            _ if random.below(3) == 0 => machine.restart(&mut random),
            _ => drop(machine.handle(Input::Flush)),
        }
    }
    for machine in &mut machines {
        machine.settle();
        machine.restart(&mut random);
    }
}

#[test]
fn nothing_called_saved_is_lost_whatever_the_store_does() {
    for seed in 0..30 {
        let ran = std::panic::catch_unwind(|| run(seed));
        assert!(ran.is_ok(), "seed {seed}");
    }
}
