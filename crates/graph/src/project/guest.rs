//! Programs with a copy of the project document of their own, made with Automerge and not by this crate.
//!
//! A [`Guest`] is the conversation with one of them, in Automerge's sync protocol. What it writes is not a command and
//! cannot be mended on the way in, so it is taken as it is or refused as a whole: each of its changes is judged by what
//! it writes where ([`judge`]), tried on a fork, and only then merged like a change from another copy. `docs/document.md`
//! says in section 12 what is legal.
//!
//! A guest is a person of its own, so that histories name it, and no one's undo buries what it did. Its changes are in
//! nobody's undo history: it has its own.

mod arrived;
mod judge;
mod records;
mod refusal;

use automerge::sync::{self, SyncDoc};
use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};
use rustc_hash::FxHashSet;
use smol_str::ToSmolStr;

use self::judge::Judge;
pub use self::refusal::Refusal;
use super::apply::apply;
use super::waiting::in_order;
use super::{Project, Written, chunk, pack};
use crate::commands::check;
use crate::delta::Delta;
use crate::document::Document;
use crate::id::{AuthorId, PersonId};
use crate::person::Person;
use crate::time::Timestamp;

/// Changes that wait for others may weigh so much: more than a day of typing, less than a nuisance.
const WAITING_BYTES: usize = 1 << 20;

/// The conversation with one program about its copy of the project document.
#[derive(Debug)]
pub struct Guest {
    state: sync::State,
    person: PersonId,
    profile: Person,
    /// Changes whose predecessors have not come yet.
    waiting: Vec<Change>,
}

impl Guest {
    /// A conversation that begins. The guest writes as this person.
    pub fn new(person: PersonId, profile: Person) -> Self {
        Self {
            state: sync::State::new(),
            person,
            profile,
            waiting: Vec::new(),
        }
    }

    /// As whom it writes.
    pub fn person(&self) -> PersonId {
        self.person
    }
}

/// What a guest has said, read and not yet looked at.
#[derive(Debug)]
pub struct Said {
    message: sync::Message,
    changes: Vec<Change>,
}

impl Said {
    /// Reads a message. It knows no project, and may take long over one that was made to take long.
    ///
    /// # Errors
    /// When it is no message, or has too much in it.
    pub fn read(bytes: &[u8]) -> Result<Said, Refusal> {
        let read = || sync::Message::decode(bytes).map_err(|error| error.to_string());
        let mut message = pack::malformed_is_an_error(read).map_err(Refusal::Malformed)?;
        if !message.have.iter().all(is_sensible) {
            return Err(Refusal::Malformed(
                "its filter is out of measure".to_owned(),
            ));
        }
        let brought = std::mem::replace(&mut message.changes, sync::ChunkList::empty());
        let changes = arrived::read(&brought)?;
        Ok(Said { message, changes })
    }
}

impl Project {
    /// Takes in what a guest says. `host` is the author who vouches for it and writes down who it is, if it may write.
    ///
    /// # Errors
    /// Why the conversation is over. Then nothing of what it said has happened.
    ///
    /// # Panics
    /// When the host has not signed on.
    pub fn hear(
        &mut self,
        guest: &mut Guest,
        said: Said,
        (host, may_write): (AuthorId, bool),
        now: Timestamp,
    ) -> Result<Delta, Refusal> {
        let Said {
            message,
            mut changes,
        } = said;
        changes.append(&mut guest.waiting);
        let mut seen = FxHashSet::default();
        changes.retain(|it| !self.has(&it.hash()) && seen.insert(it.hash()));
        if !changes.is_empty() && !may_write {
            return Err(Refusal::ReadOnly);
        }
        let (ready, waiting) = in_order(changes, |hash| self.has(hash));
        if waiting.iter().map(|it| it.raw_bytes().len()).sum::<usize>() > WAITING_BYTES {
            return Err(Refusal::TooMuch);
        }
        guest.waiting = waiting;
        let heads = message.heads.clone();
        let (doc, state) = (&mut self.project, &mut guest.state);
        // Without changes the document stays as it is.
        let receive = || {
            let received = doc.receive_sync_message(state, message);
            received.map_err(|error| error.to_string())
        };
        pack::malformed_is_an_error(receive).map_err(Refusal::Malformed)?;
        if ready.is_empty() {
            return Ok(Delta::default());
        }
        let delta = self.admit(guest, ready, host, now)?;
        if heads.iter().all(|head| self.has(head)) {
            guest.state.shared_heads = heads;
        }
        Ok(delta)
    }

    /// What a guest is to be told now; none if it knows everything, or still has to answer.
    ///
    /// # Errors
    /// When what it said earlier cannot be answered.
    pub fn tell(&self, guest: &mut Guest) -> Result<Option<Vec<u8>>, Refusal> {
        let (doc, state) = (&self.project, &mut guest.state);
        let waiting = &guest.waiting;
        let message = pack::malformed_is_an_error(|| {
            if waiting.is_empty() {
                return Ok(doc.generate_sync_message(state));
            }
            // With these in its queue a document asks for what they wait for.
            let mut queued = doc.clone();
            let applied = queued.apply_changes(waiting.iter().cloned());
            applied.map_err(|error| error.to_string())?;
            Ok(queued.generate_sync_message(state))
        });
        let message = message.map_err(Refusal::Malformed)?;
        // A guest is not told that whole documents are understood: changes are what is judged.
        Ok(message.map(|it| sync::Message { flags: None, ..it }.encode()))
    }

    /// Takes in changes whose predecessors are all here.
    fn admit(
        &mut self,
        guest: &Guest,
        changes: Vec<Change>,
        host: AuthorId,
        now: Timestamp,
    ) -> Result<Delta, Refusal> {
        let mut judge = Judge::new(&self.view);
        for change in &changes {
            self.check_actor(guest, change)?;
            judge.take(change)?;
        }
        let texts = judge.finish()?;
        let mut fork = self.project.clone();
        apply(&mut fork, &changes).map_err(Refusal::Malformed)?;
        for (text, label) in texts {
            let content = fork.text(text.object()).map_err(|_| Refusal::unknown())?;
            check::prose(&label, &content)?;
        }
        drop(fork);
        let mut delta = self.introduce(guest, &changes, host, now);
        for change in &changes {
            self.written.push(Written {
                changes: vec![(Document::Project, change.raw_bytes().to_vec())],
                history: None,
            });
        }
        delta.append(self.merge_changes(Document::Project, changes).delta);
        Ok(delta)
    }

    fn has(&self, change: &ChangeHash) -> bool {
        self.holds(Document::Project, change)
    }

    /// A guest writes as actors of its own: nobody else's numbers may be used a second time.
    fn check_actor(&self, guest: &Guest, change: &Change) -> Result<(), Refusal> {
        let actor = change.actor_id();
        let is_known = match self.person_of(&actor.to_hex_string()) {
            Some(person) => person == guest.person,
            None => !self.is_anybodys(actor),
        };
        match is_known {
            true => Ok(()),
            false => Err(Refusal::Actor(actor.to_hex_string())),
        }
    }

    fn is_anybodys(&self, actor: &ActorId) -> bool {
        let here = self.authors.values().any(|author| author.actor == *actor);
        here || has_written(&self.project, actor) || has_written(&self.comments, actor)
    }

    /// Writes down as whom the guest's actors write.
    fn introduce(
        &mut self,
        guest: &Guest,
        changes: &[Change],
        host: AuthorId,
        now: Timestamp,
    ) -> Delta {
        let mut fresh: Vec<String> = changes
            .iter()
            .map(|change| change.actor_id().to_hex_string())
            .filter(|actor| self.person_of(actor).is_none())
            .collect();
        fresh.sort_unstable();
        fresh.dedup();
        if fresh.is_empty() {
            return Delta::default();
        }
        let written = self.unrecorded(host, now, |edit| {
            edit.put_person_for_good(guest.person, &guest.profile);
            let authors = edit.view.containers.section("authors").clone();
            let person = guest.person.to_smolstr();
            for actor in fresh {
                edit.put_for_good(Document::Project, &authors, &actor, person.as_str());
            }
            Ok(())
        });
        written.expect("it refuses nothing")
    }
}

/// Whether a filter costs what filters of Automerge cost (10 bits and 7 probes for each change).
fn is_sensible(have: &sync::Have) -> bool {
    const MOST: u64 = 32;
    let bytes = have.bloom.to_bytes();
    let mut rest = bytes.as_slice();
    let numbers = [(); 3].map(|()| chunk::number(&mut rest));
    match numbers {
        [Some(_), Some(bits), Some(probes)] => (1..=MOST).contains(&bits) && probes <= MOST,
        _ => bytes.is_empty(),
    }
}

fn has_written(doc: &Automerge, actor: &ActorId) -> bool {
    doc.get_changes_meta(&[])
        .iter()
        .any(|change| *change.actor == *actor)
}
