//! An open project and who its author is for others.

use graph::command::Command;
use graph::id::AuthorId;
use graph::person::Person;
use graph::time::Timestamp;
use graph::{Signature, StoredHistory};
use trust::Right;
use uuid::Uuid;

use super::{Effect, Project};

impl Project {
    /// Writes the author's new name and colour. Nobody's undo takes that back: it is done in the name
    /// of an author of its own, who has no undo.
    pub(super) fn change_profile(
        &mut self,
        now: Timestamp,
        profile: Person,
        effects: &mut Vec<Effect>,
    ) {
        let author = AuthorId(Uuid::new_v5(&self.author.0, b"profile"));
        let id = self.signature.person;
        self.signature.profile = profile.clone();
        if self.permits(Right::Edit).is_err() {
            // Others would not take it from here.
            return;
        }
        let signature = Signature {
            author,
            ..self.signature.clone()
        };
        self.graph.sign_on(signature, &StoredHistory::default());
        let put = Command::PutPerson {
            id,
            person: profile,
        };
        // A name that the project refuses stays as it was there.
        if let Ok(applied) = self.graph.apply(author, &put, now) {
            self.changed(applied.delta, None);
        }
        self.send_written(now, effects);
    }

    /// Goes on as another person. What the author can undo stays.
    pub(super) fn become_person(
        &mut self,
        now: Timestamp,
        signature: Signature,
        effects: &mut Vec<Effect>,
    ) {
        let profile = signature.profile.clone();
        self.graph.go_on_as(signature.clone());
        self.signature = signature;
        if !self.shows(&profile) {
            self.change_profile(now, profile, effects);
        }
    }

    /// Whether the project shows the author as they want to be shown; also if they never took part.
    pub(crate) fn shows(&self, profile: &Person) -> bool {
        let people = &self.graph.view().frame().people;
        people
            .get(&self.signature.person)
            .is_none_or(|shown| shown == profile)
    }
}
