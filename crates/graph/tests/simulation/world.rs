//! Three peers with an author each, what can happen to them, and what must hold all the time.

use std::collections::{BTreeMap, BTreeSet};

use graph::command::{Command, Place, Position};
use graph::document::Document;
use graph::generate::template::{content, template};
use graph::generate::{Generator, Random, name};
use graph::id::{AuthorId, NodeId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::{NewProject, Project, Signature, StoredDocument, StoredHistory};
use uuid::Uuid;

use crate::hostile;

const DOCUMENTS: [Document; 2] = [Document::Project, Document::Comments];

pub struct Peer {
    pub project: Project,
    pub author: AuthorId,
    signature: Signature,
    history: StoredHistory,
}

pub struct World {
    pub peers: Vec<Peer>,
    pub random: Random,
    now: i64,
    /// How many of a hundred steps are changes of a program that knows no rules.
    hostile: u64,
    /// How often each command was applied.
    pub applied: BTreeMap<String, usize>,
}

/// What does not hold, in words.
pub type Broken = String;

fn signature(index: u8) -> Signature {
    Signature {
        author: AuthorId(Uuid::from_bytes([index; 16])),
        actor: [0x40 + index; 16],
        person: PersonId(Uuid::from_bytes([0x80 + index; 16])),
        profile: Person {
            name: format!("Person {index}"),
            colour: "#aabbcc".into(),
        },
    }
}

impl World {
    pub fn new(seed: u64, peers: u8) -> World {
        let new = NewProject {
            name: "Test".into(),
            currency: "EUR".into(),
            template: template(),
            content: content(),
        };
        let seed_id = Random(7).uuid();
        let first = Project::create(&new, signature(1), seed_id, Timestamp(0))
            .expect("the template keeps the rules");
        let stored = DOCUMENTS.map(|document| first.fork(document).save());
        let peers = (1..=peers).map(|index| {
            let (mut project, notices) =
                Project::load(stored_document(&stored[0]), stored_document(&stored[1]))
                    .expect("what was saved loads");
            assert!(notices.is_empty());
            project.sign_on(signature(index), &StoredHistory::default());
            Peer {
                project,
                author: signature(index).author,
                signature: signature(index),
                history: StoredHistory::default(),
            }
        });
        World {
            peers: peers.collect(),
            random: Random(seed),
            now: 1,
            hostile: 0,
            applied: BTreeMap::new(),
        }
    }

    /// Among the things that happen are changes of a program that knows no rules.
    pub fn among_others(mut self, percent: u64) -> World {
        self.hostile = percent;
        self
    }

    /// One random thing happens.
    pub fn step(&mut self, purge: bool) -> Result<(), Broken> {
        let peer = self.random.below(self.peers.len());
        if self.hostile > 0 && self.random.chance(self.hostile) {
            self.scribble(peer)?;
            return self.check(peer);
        }
        // What the last ones stage needs a project that keeps the rules.
        let end = if self.hostile > 0 { 95 } else { 100 };
        match self.random.below(end) {
            0..55 => self.act(peer, purge)?,
            55..70 => self.undo(peer, false)?,
            70..77 => self.undo(peer, true)?,
            77..92 => {
                let other = self.random.below(self.peers.len());
                let part = self.random.chance(30);
                self.pull(peer, other, part)?;
            }
            92..95 => self.reload(peer)?,
            95..97 => self.paste_at_once()?,
            97 => self.trash_against_move()?,
            98 => self.type_together()?,
            _ => self.move_into_each_other()?,
        }
        self.check(peer)
    }

    pub fn act(&mut self, index: usize, purge: bool) -> Result<(), Broken> {
        let peer = &self.peers[index];
        let command = Generator {
            random: &mut self.random,
            project: &peer.project,
            person: peer.signature.person,
            purge,
        }
        .command();
        self.apply(index, &command)
    }

    fn apply(&mut self, index: usize, command: &Command) -> Result<(), Broken> {
        self.now += 1;
        let peer = &mut self.peers[index];
        let expected = expected_text(&peer.project, command);
        let before = peer.project.heads(Document::Project);
        let outcome = peer
            .project
            .apply(peer.author, command, Timestamp(self.now * 1000));
        if outcome.is_ok() {
            for part in flat(command) {
                *self.applied.entry(name(part)).or_default() += 1;
            }
            if let Some((node, field, text)) = expected.filter(|_| self.hostile == 0) {
                let found = peer
                    .project
                    .text(node, &field)
                    .map(|snapshot| snapshot.text);
                if found.as_ref() != Some(&text) {
                    return Err(format!("typing made {found:?} instead of {text:?}"));
                }
            }
            if self.hostile == 0 {
                where_it_was_put(&peer.project, command)?;
            }
        } else if before != peer.project.heads(Document::Project) {
            return Err(format!(
                "a refused command changed the document: {command:?}"
            ));
        }
        Ok(())
    }

    /// Undo or redo changes nothing that only others wrote.
    fn undo(&mut self, index: usize, redo: bool) -> Result<(), Broken> {
        self.now += 1;
        let peer = &mut self.peers[index];
        let before = peer.project.visible_operations();
        let now = Timestamp(self.now * 1000);
        let _ = if redo {
            peer.project.redo(peer.author, now)
        } else {
            peer.project.undo(peer.author, now)
        };
        let after = peer.project.visible_operations();
        let mine = hex(&peer.signature.actor);
        // Whoever deletes or undoes what she made writes over what a program has put in the place of a tombstone.
        let in_place_of_tombstones: BTreeSet<&String> = before
            .iter()
            .filter(|((_, key), _)| key == "@del")
            .flat_map(|(_, operations)| operations)
            .collect();
        for ((object, key), operations) in &before {
            let foreign = operations.iter().all(|op| !op.ends_with(&mine));
            let characters = key.is_empty();
            if in_place_of_tombstones.contains(object) {
                continue;
            }
            let kept = |op: &String| {
                after
                    .get(&(object.clone(), key.clone()))
                    .is_some_and(|now| now.contains(op))
            };
            if characters
                && operations
                    .iter()
                    .any(|op| !op.ends_with(&mine) && !kept(op))
            {
                return Err(format!(
                    "undo removed somebody else's characters from {object}"
                ));
            }
            if !characters
                && foreign
                && key != "@del"
                && after.get(&(object.clone(), key.clone())) != Some(operations)
            {
                return Err(format!(
                    "undo changed {key} of {object}, which only others wrote"
                ));
            }
        }
        Ok(())
    }

    /// One peer takes in what another has, all of it or some changes out of order.
    pub fn pull(&mut self, to: usize, from: usize, part: bool) -> Result<(), Broken> {
        if to == from {
            return Ok(());
        }
        for document in DOCUMENTS {
            let heads = self.peers[to].project.heads(document);
            let mut changes = self.peers[from].project.changes_since(document, &heads);
            if part {
                changes.reverse();
                changes.truncate(1 + self.random.below(4));
            }
            let merged = self.peers[to].project.merge(document, changes);
            if !merged.set_aside.is_empty() {
                return Err(format!("merging set aside {:?}", merged.set_aside));
            }
        }
        Ok(())
    }

    /// Another program writes what it likes.
    fn scribble(&mut self, index: usize) -> Result<(), Broken> {
        let project = &mut self.peers[index].project;
        let document = DOCUMENTS[usize::from(self.random.chance(20))];
        let changes = hostile::change(&project.fork(document).save(), &mut self.random);
        let merged = project.merge(document, changes);
        if merged.set_aside.is_empty() {
            Ok(())
        } else {
            Err(format!("merging set aside {:?}", merged.set_aside))
        }
    }

    /// Closes a project and opens it again from what it stored.
    fn reload(&mut self, index: usize) -> Result<(), Broken> {
        let peer = &mut self.peers[index];
        store_history(&mut peer.history, peer.project.take_written(), peer.author);
        let labels = |project: &Project| {
            let (undo, redo) = project.history_labels(peer.author);
            (undo.map(ToOwned::to_owned), redo.map(ToOwned::to_owned))
        };
        let before = (peer.project.view().picture(), labels(&peer.project));
        let stored = DOCUMENTS.map(|document| peer.project.fork(document).save());
        let (mut project, _) =
            Project::load(stored_document(&stored[0]), stored_document(&stored[1]))
                .map_err(|error| error.to_string())?;
        project.sign_on(peer.signature.clone(), &peer.history);
        let after = (project.view().picture(), labels(&project));
        peer.project = project;
        same(&before, &after, "reloading changed the project")
    }

    /// Two people paste at the same place at the same time: neither run is torn apart.
    fn paste_at_once(&mut self) -> Result<(), Broken> {
        self.join_all()?;
        let view = self.peers[0].project.view();
        let phases = view.nodes().filter(|node| {
            node.node_type().as_str() == "phase"
                && view
                    .frame()
                    .schema
                    .allows(Some(node.node_type()), &"task".into())
        });
        let Some(parent) = phases.map(|node| node.id()).min() else {
            return Ok(());
        };
        let mut runs = vec![];
        for index in 0..2 {
            let clipping = run_of_three(self.random.draw());
            let seed = self.random.uuid();
            let command = Command::PasteNodes {
                clipping,
                place: Place {
                    parent: Some(parent),
                    at: Position::First,
                },
                seed,
            };
            let peer = &mut self.peers[index];
            if peer
                .project
                .apply(peer.author, &command, Timestamp(self.now))
                .is_ok()
            {
                let node = peer
                    .project
                    .view()
                    .node(parent)
                    .ok_or("the parent is live")?;
                runs.push(
                    node.children()
                        .take(3)
                        .map(|child| child.id())
                        .collect::<Vec<_>>(),
                );
            }
        }
        self.join_all()?;
        let view = self.peers[0].project.view();
        let node = view.node(parent).ok_or("the parent is live")?;
        let children: Vec<NodeId> = node.children().map(|child| child.id()).collect();
        let together = |run: &Vec<NodeId>| children.windows(3).any(|window| window == run);
        if runs.iter().all(together) {
            Ok(())
        } else {
            Err("concurrent pastes were interleaved".into())
        }
    }

    /// One person trashes a node while another moves it: it stays.
    fn trash_against_move(&mut self) -> Result<(), Broken> {
        self.join_all()?;
        let view = self.peers[0].project.view();
        let Some(node) = view
            .nodes()
            .filter(|node| node.parent().is_some())
            .map(|node| node.id())
            .min()
        else {
            return Ok(());
        };
        let schema = &view.frame().schema;
        let moved = view.node(node).ok_or("it is live")?;
        if !schema.allows(None, moved.node_type()) {
            return Ok(());
        }
        let trash = Command::TrashNodes { nodes: vec![node] };
        let up = Command::MoveNodes {
            nodes: vec![node],
            place: Place {
                parent: None,
                at: Position::Last,
            },
        };
        for (index, command) in [(0, trash), (1, up)] {
            let peer = &mut self.peers[index];
            peer.project
                .apply(peer.author, &command, Timestamp(self.now))
                .map_err(|rejection| rejection.to_string())?;
        }
        self.join_all()?;
        match self.peers[0].project.view().node(node) {
            Some(_) => Ok(()),
            None => Err("a node that somebody moved meanwhile was trashed".into()),
        }
    }

    /// Two people begin the same long text at the same time, type on, and one takes it back.
    fn type_together(&mut self) -> Result<(), Broken> {
        self.join_all()?;
        let notes = graph::id::FieldId::from("notes");
        let view = self.peers[0].project.view();
        let has_notes = |node: &graph::view::NodeView<'_>| {
            view.frame().schema.has_field(node.node_type(), &notes)
        };
        let blank = view
            .nodes()
            .filter(|node| has_notes(node) && node.value(&notes).is_none());
        let Some(node) = blank.map(|node| node.id()).min() else {
            return Ok(());
        };
        let typing = |at: u32, delete: u32, insert: &str| Command::EditText {
            node,
            field: notes.clone(),
            base: None,
            splices: vec![graph::command::Splice {
                at,
                delete,
                insert: insert.into(),
            }],
        };
        self.apply(0, &typing(0, 0, "first"))?;
        self.apply(1, &typing(0, 0, "second"))?;
        self.join_all()?;
        self.apply(1, &typing(1, 2, ""))?;
        self.apply(1, &typing(3, 0, "more"))?;
        self.join_all()?;
        self.apply(0, &typing(0, 0, "zero"))?;
        self.join_all()?;
        self.apply(1, &typing(1, 2, "one"))?;
        self.join_all()?;
        self.undo(0, false)?;
        self.undo(1, false)?;
        self.set_over_each_other(node)?;
        (0..self.peers.len()).try_for_each(|index| self.check(index))
    }

    /// Somebody sets what another has just set; the other's undo leaves it alone.
    fn set_over_each_other(&mut self, node: NodeId) -> Result<(), Broken> {
        for (index, title) in [(0, "mine"), (1, "theirs")] {
            self.join_all()?;
            let command = Command::SetField {
                nodes: vec![node],
                field: "title".into(),
                value: Some(graph::value::Value::Text(title.into())),
            };
            self.apply(index, &command)?;
        }
        self.join_all()?;
        self.undo(0, false)
    }

    /// Two people each move one of two nodes below the other: the later move counts everywhere.
    fn move_into_each_other(&mut self) -> Result<(), Broken> {
        self.join_all()?;
        let view = self.peers[0].project.view();
        let mut tasks: Vec<NodeId> = view
            .nodes()
            .filter(|node| node.node_type().as_str() == "task" && node.children().len() == 0)
            .map(|node| node.id())
            .collect();
        tasks.sort();
        let first = self.random.below(tasks.len());
        let second = self.random.below(tasks.len());
        if tasks.len() < 2 || first == second {
            return Ok(());
        }
        for (index, (node, parent)) in
            [(tasks[first], tasks[second]), (tasks[second], tasks[first])]
                .into_iter()
                .enumerate()
        {
            let place = Place {
                parent: Some(parent),
                at: Position::Last,
            };
            let peer = &mut self.peers[index];
            let _ = peer.project.apply(
                peer.author,
                &Command::MoveNodes {
                    nodes: vec![node],
                    place,
                },
                Timestamp(self.now),
            );
        }
        self.join_all()?;
        (0..self.peers.len()).try_for_each(|index| self.check(index))
    }

    pub fn join_all(&mut self) -> Result<(), Broken> {
        for _ in 0..2 {
            for to in 0..self.peers.len() {
                for from in 0..self.peers.len() {
                    self.pull(to, from, false)?;
                }
            }
        }
        Ok(())
    }

    /// What must hold after every step.
    pub fn check(&self, index: usize) -> Result<(), Broken> {
        let project = &self.peers[index].project;
        let rebuilt = project.rebuilt_view();
        same(
            &project.view().picture(),
            &rebuilt.picture(),
            "the absorbed view differs from the rebuilt one",
        )?;
        if project.view().node_count() != rebuilt.node_count() {
            return Err("the count of nodes is off".into());
        }
        match project.view().unreachable() {
            lost if lost.is_empty() => Ok(()),
            lost => Err(format!("live nodes cannot be reached: {lost:?}")),
        }
    }

    /// All have seen all: all show the same.
    pub fn check_converged(&mut self) -> Result<(), Broken> {
        self.join_all()?;
        let first = self.peers[0].project.view().picture();
        for index in 0..self.peers.len() {
            self.check(index)?;
            for document in DOCUMENTS {
                if self.peers[index].project.heads(document)
                    != self.peers[0].project.heads(document)
                {
                    return Err("heads differ after everything was exchanged".into());
                }
            }
            same(
                &first,
                &self.peers[index].project.view().picture(),
                "peers with the same changes differ",
            )?;
        }
        Ok(())
    }
}

pub fn same<T: PartialEq + std::fmt::Debug>(a: &T, b: &T, what: &str) -> Result<(), Broken> {
    if a == b {
        return Ok(());
    }
    let (a, b) = (format!("{a:#?}"), format!("{b:#?}"));
    let differing = a
        .lines()
        .zip(b.lines())
        .filter(|(a, b)| a != b)
        .take(8)
        .map(|(a, b)| format!("  {} | {}", a.trim(), b.trim()));
    Err(format!(
        "{what}:\n{}",
        differing.collect::<Vec<_>>().join("\n")
    ))
}

fn stored_document(bytes: &[u8]) -> StoredDocument {
    StoredDocument {
        snapshot: Some(bytes.to_vec()),
        changes: vec![],
    }
}

/// Keeps a history as the store does.
fn store_history(stored: &mut StoredHistory, written: Vec<graph::Written>, author: AuthorId) {
    for write in written
        .into_iter()
        .filter_map(|written| written.history)
        .filter(|write| write.author == author)
    {
        stored.apply(write.update);
    }
}

/// What a long text must read after typing at the state that is shown.
fn expected_text(
    project: &Project,
    command: &Command,
) -> Option<(NodeId, graph::id::FieldId, String)> {
    let Command::EditText {
        node,
        field,
        splices,
        ..
    } = command
    else {
        return None;
    };
    let mut units: Vec<u16> = project.text(*node, field)?.text.encode_utf16().collect();
    let is_stale =
        |splice: &graph::command::Splice| (splice.at + splice.delete) as usize > units.len();
    if splices.iter().any(is_stale) {
        // Made for a text that is not shown any more; whether it is refused is not for this check.
        return None;
    }
    for splice in splices.iter().rev() {
        let (start, end) = whole(
            &units,
            splice.at as usize,
            (splice.at + splice.delete) as usize,
        );
        units.splice(start..end, splice.insert.encode_utf16());
    }
    // Of a race the text that was emptied is no contender any more: what somebody else wrote is shown (C1).
    let is_race = || {
        let picture = project.view().picture();
        let node = picture.nodes.get(node);
        node.is_some_and(|node| node.races.contains_key(field.as_str()))
    };
    if units.is_empty() && is_race() {
        return None;
    }
    Some((*node, field.clone(), String::from_utf16(&units).ok()?))
}

/// A range widened to whole characters.
fn whole(units: &[u16], start: usize, end: usize) -> (usize, usize) {
    let is_tail = |at: usize| {
        units
            .get(at)
            .is_some_and(|unit| (0xDC00..0xE000).contains(unit))
    };
    let empty = start == end;
    let start = if is_tail(start) { start - 1 } else { start };
    if empty {
        return (start, start);
    }
    let end = if end > start && is_tail(end) {
        end + 1
    } else {
        end
    };
    (start, end.max(start))
}

/// A node that was made or moved next to another stands there.
fn where_it_was_put(project: &Project, command: &Command) -> Result<(), Broken> {
    let Command::CreateNode { node, place, .. } = command else {
        return Ok(());
    };
    let view = project.view();
    let siblings: Vec<NodeId> = match place.parent {
        None => view.roots().map(|node| node.id()).collect(),
        Some(parent) => view
            .node(parent)
            .ok_or("a parent vanished")?
            .children()
            .map(|child| child.id())
            .collect(),
    };
    let at = siblings
        .iter()
        .position(|sibling| sibling == node)
        .ok_or("a new node is not among its siblings")?;
    let fits = match place.at {
        Position::First => at == 0,
        Position::Last => at + 1 == siblings.len(),
        Position::Before(next) => siblings.get(at + 1) == Some(&next),
        Position::After(previous) => at > 0 && siblings[at - 1] == previous,
        Position::Index(index) => at == (index as usize).min(siblings.len() - 1),
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "a new node does not stand where it was put: {place:?}"
        ))
    }
}

fn run_of_three(seed: u64) -> graph::clipping::Clipping {
    let mut random = Random(seed);
    let nodes = (0..3).map(|_| graph::clipping::ClippedNode {
        parent: None,
        node_type: "task".into(),
        values: vec![("title".into(), graph::value::Value::Text("run".into()))],
        original: NodeId(random.uuid()),
    });
    graph::clipping::Clipping {
        nodes: nodes.collect(),
        ..Default::default()
    }
}

fn flat(command: &Command) -> Vec<&Command> {
    match command {
        Command::Batch { commands, .. } => std::iter::once(command)
            .chain(commands.iter().flat_map(flat))
            .collect(),
        command => vec![command],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
