//! One person's copy of a project, and what must hold whenever it changes.

use automerge::transaction::Transaction;
use automerge::{ActorId, Automerge};
use expect_test::Expect;
use graph::clipping::Clipping;
use graph::command::Command;
use graph::document::Document;
use graph::id::{AuthorId, PersonId};
use graph::person::Person;
use graph::rejection::Rejection;
use graph::time::Timestamp;
use graph::{NewProject, Project, Signature, StoredDocument, StoredHistory, UndoReport};

use crate::dsl::{parse, uuid};
use crate::print;
use crate::template::template;

pub const DOCUMENTS: [Document; 2] = [Document::Project, Document::Comments];

pub struct Peer {
    pub project: Project,
    signature: Signature,
    history: StoredHistory,
    now: i64,
}

/// A person by initial: `a` is Ann.
pub fn signature(initial: u8) -> Signature {
    Signature {
        author: AuthorId(uuid::Uuid::from_bytes([initial; 16])),
        actor: [initial; 16],
        person: PersonId(uuid::Uuid::from_bytes([initial; 16])),
        profile: Person {
            name: match initial {
                b'a' => "Ann".into(),
                b'b' => "Ben".into(),
                other => format!("Person {}", char::from(other)),
            },
            colour: "#aabbcc".into(),
        },
    }
}

/// A project with the template of the tests and no content, by Ann.
pub fn blank() -> Project {
    let new = NewProject {
        name: "Test".into(),
        currency: "EUR".into(),
        template: template(),
        content: Clipping::default(),
    };
    Project::create(&new, signature(b'a'), uuid("seed"), Timestamp(0))
        .expect("the template of the tests keeps the rules")
}

/// Ann with the project that the text describes, and nothing to undo.
pub fn ann(text: &str) -> Peer {
    let mut project = blank();
    let commands = parse(text);
    if !commands.is_empty() {
        let label = None;
        let all = Command::Batch { label, commands };
        project
            .apply(signature(b'a').author, &all, Timestamp(0))
            .expect("the text describes a project");
    }
    project.take_written();
    project.sign_on(signature(b'a'), &StoredHistory::default());
    Peer::new(project, b'a')
}

/// Ann and Ben, who both have the project that the text describes.
pub fn ann_and_ben(text: &str) -> (Peer, Peer) {
    let ann = ann(text);
    let ben = ann.copy(b'b');
    (ann, ben)
}

/// Carries out a command, compares the project afterwards, takes it back and repeats it.
pub fn check(before: &str, command: Command, after: Expect) {
    ann(before).check(command, after);
}

/// A command must be refused with this code and message, and leave no trace.
pub fn check_refused(before: &str, command: Command, message: Expect) {
    ann(before).check_refused(command, message);
}

impl Peer {
    fn new(project: Project, initial: u8) -> Peer {
        Peer {
            project,
            signature: signature(initial),
            history: StoredHistory::default(),
            now: 1,
        }
    }

    /// The same project at somebody else's, who has nothing to undo.
    pub fn copy(&self, initial: u8) -> Peer {
        let mut project = self.loaded();
        project.sign_on(signature(initial), &StoredHistory::default());
        Peer::new(project, initial)
    }

    fn loaded(&self) -> Project {
        let [project, comments] = DOCUMENTS.map(|document| StoredDocument {
            snapshot: Some(self.project.fork(document).save()),
            changes: vec![],
        });
        let (project, notices) = Project::load(project, comments).expect("what was saved loads");
        assert!(notices.is_empty(), "{notices:?}");
        project
    }

    /// Closes the project and opens it again from what was stored.
    pub fn reopen(&mut self) {
        let stored = self.project.take_written();
        for update in stored.into_iter().filter_map(|written| written.history) {
            self.history.apply(update.update);
        }
        let picture = self.project.view().picture();
        self.project = self.loaded();
        assert_eq!(picture, self.project.view().picture());
        self.project.sign_on(self.signature.clone(), &self.history);
    }

    /// Opens the project again with a fresh actor, as after an unclean end.
    pub fn reopen_as(&mut self, actor: u8) {
        self.signature.actor = [actor; 16];
        self.reopen();
    }

    fn tick(&mut self) -> Timestamp {
        self.now += 1;
        Timestamp(self.now * 1000)
    }

    pub fn try_to(&mut self, command: &Command) -> Result<String, Rejection> {
        let now = self.tick();
        let outcome = self.project.apply(self.signature.author, command, now);
        self.check_view();
        outcome.map(|applied| applied.label)
    }

    /// Applies a command that is not refused; returns the label of the step.
    pub fn does(&mut self, command: Command) -> String {
        let outcome = self.try_to(&command);
        outcome.unwrap_or_else(|rejection| panic!("{command:?} was refused: {rejection}"))
    }

    pub fn undo(&mut self) -> UndoReport {
        let now = self.tick();
        let report = self.project.undo(self.signature.author, now);
        self.check_view();
        report.expect("there is a step to undo")
    }

    pub fn redo(&mut self) -> UndoReport {
        let now = self.tick();
        let report = self.project.redo(self.signature.author, now);
        self.check_view();
        report.expect("there is a step to redo")
    }

    /// An undo that finds nothing to take back; what it left alone.
    pub fn undoes_nothing(&mut self) -> Vec<String> {
        let now = self.tick();
        let undone = self.project.undo(self.signature.author, now);
        self.check_view();
        let skipped = undone.expect_err("there is nothing to undo").skipped;
        self.in_words(&skipped)
    }

    /// What undo and redo would take up.
    pub fn steps(&self) -> (Option<&str>, Option<&str>) {
        self.project.history_labels(self.signature.author)
    }

    pub fn show(&self) -> String {
        print::show(self.project.view())
    }

    /// What is wrong, one line each, without the ways out.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.project.view().problems();
        problems.into_iter().map(|it| it.message).collect()
    }

    /// What undo left alone, in words.
    pub fn left_alone(&self, report: &UndoReport) -> Vec<String> {
        self.in_words(&report.skipped)
    }

    fn in_words(&self, skipped: &[graph::undo::Skipped]) -> Vec<String> {
        let view = self.project.view();
        let skipped = skipped.iter().map(|skipped| {
            let by = print::person(view, skipped.by);
            format!("{} of {}, changed by {by}", skipped.aspect, skipped.what)
        });
        skipped.collect()
    }

    fn check_view(&self) {
        let rebuilt = self.project.rebuilt_view().picture();
        assert_eq!(self.project.view().picture(), rebuilt, "absorbed ≠ rebuilt");
    }

    /// See [`check`]; the command stays done.
    pub fn check(&mut self, command: Command, after: Expect) {
        let mut reader = self.copy(b'r');
        let (start, start_picture) = (self.show(), self.project.view().picture());
        self.does(command);
        let (end, end_picture) = (self.show(), self.project.view().picture());
        after.assert_eq(&end);
        let report = self.undo();
        assert_eq!(report.skipped, [], "undo left something alone");
        assert_eq!(self.show(), start, "undo does not lead back");
        assert_eq!(self.project.view().picture(), start_picture);
        let report = self.redo();
        assert_eq!(report.skipped, [], "redo left something alone");
        assert_eq!(self.show(), end, "redo does not lead forth");
        assert_eq!(self.project.view().picture(), end_picture);
        reader.receive(self);
        assert_eq!(reader.show(), end, "another peer sees something else");
    }

    /// See [`check_refused`].
    pub fn check_refused(&mut self, command: Command, message: Expect) {
        let before = (
            self.project.view().picture(),
            DOCUMENTS.map(|document| self.project.heads(document)),
        );
        let rejection = self.try_to(&command).expect_err("it is refused");
        message.assert_eq(&format!("{}: {rejection}", rejection.code()));
        let after = (
            self.project.view().picture(),
            DOCUMENTS.map(|document| self.project.heads(document)),
        );
        assert_eq!(before, after, "a refused command left a trace");
    }

    /// Takes in a change of a program that is not Talus Tally.
    pub fn takes_in(&mut self, document: Document, write: impl FnOnce(&mut Transaction<'_>)) {
        let saved = self.project.fork(document).save();
        let mut other = Automerge::load(&saved).expect("what was saved loads");
        other.set_actor(ActorId::from([0xee_u8; 16]));
        let before = other.get_heads();
        let mut edit = other.transaction();
        write(&mut edit);
        edit.commit();
        let changes = other.get_changes(&before);
        let bytes = changes.iter().map(|change| change.raw_bytes().to_vec());
        let merged = self.project.merge(document, bytes);
        assert!(merged.set_aside.is_empty(), "{:?}", merged.set_aside);
        self.check_view();
    }

    /// Takes in everything that somebody else has.
    pub fn receive(&mut self, from: &Peer) {
        for document in DOCUMENTS {
            let heads = self.project.heads(document);
            let changes = from.project.changes_since(document, &heads);
            let merged = self.project.merge(document, changes);
            assert_eq!((merged.set_aside.len(), merged.waiting_for), (0, 0));
        }
        self.check_view();
    }
}

/// Both take in what the other has; then they see the same.
pub fn sync(one: &mut Peer, other: &mut Peer) {
    one.receive(other);
    other.receive(one);
    assert_eq!(one.show(), other.show());
    let pictures = [&one, &other].map(|peer| peer.project.view().picture());
    assert_eq!(pictures[0], pictures[1], "two peers differ");
}
