//! A program with a copy of a project's document of its own, made with Automerge.

use std::sync::Arc;

use graph::Said;
use graph::id::PersonId;
use graph::person::Person;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{Caller, Happening, author_of};
use crate::app::App;
use crate::failure::Failure;
use crate::project::{Answer, Ask, Visit};
use crate::request::ProjectId;
use crate::world::locked;

/// Longest name of a person here, in characters.
const MAX_NAME_CHARACTERS: usize = 80;

/// The conversation with such a program. What it changes is written by a person of its own, named after the client.
pub struct Guest {
    app: App,
    project: ProjectId,
    visit: Option<Box<Visit>>,
    happened: broadcast::Receiver<Arc<Happening>>,
}

impl App {
    /// Begins a conversation about an open project.
    ///
    /// # Errors
    /// If the project is not open.
    pub async fn receive(
        &self,
        project: ProjectId,
        caller: Caller,
        may_write: bool,
    ) -> Result<Guest, Failure> {
        let happened = self.follow(project).await?;
        let me = locked(&self.inner().me).clone();
        let author = author_of(me.author, &caller);
        let profile = Person {
            name: name(&caller, &me.profile.name),
            colour: me.profile.colour,
        };
        let talk = graph::Guest::new(PersonId(author.0), profile);
        let visit = Visit {
            talk,
            author,
            caller,
            may_write,
            said: None,
        };
        Ok(Guest {
            app: self.clone(),
            project,
            visit: Some(Box::new(visit)),
            happened,
        })
    }
}

impl Guest {
    /// Which project it is about.
    pub fn project(&self) -> ProjectId {
        self.project
    }

    /// Takes in what the program says, if it says something, and gives what it is to be told, if that is something.
    ///
    /// # Errors
    /// Why the conversation is over: what the program said was refused, and nothing of it has happened; or the project
    /// was closed.
    pub async fn answer(&mut self, said: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Failure> {
        let mut visit = self.visit.take().ok_or_else(Failure::not_open)?;
        if let Some(bytes) = said {
            // Beside the task of the project, which others wait for.
            let read = self.app.inner().world.blocking(move |_| Said::read(&bytes));
            visit.said = Some(read.await?);
        }
        let door = self.app.inner().door(self.project)?;
        match door.ask(Ask::Visit(visit)).await? {
            Answer::Visited(visit, told) => {
                self.visit = Some(visit);
                Ok(told)
            }
            _ => unreachable!("a visit is answered as one"),
        }
    }

    /// Waits until something happened of which the program is to be told. It may be dropped while it waits.
    ///
    /// # Errors
    /// When the project was closed.
    pub async fn happened(&mut self) -> Result<(), Failure> {
        match self.happened.recv().await {
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err(Failure::not_open()),
        }
        // One word tells of all of it.
        while !self.happened.is_empty() {
            if let Err(broadcast::error::TryRecvError::Closed) = self.happened.try_recv() {
                break;
            }
        }
        Ok(())
    }
}

/// How the program is shown: by its own word, and for whom it works.
fn name(caller: &Caller, person: &str) -> String {
    let client = caller.client.as_deref().unwrap_or("automerge-repo");
    let name = match person.is_empty() {
        true => client.to_owned(),
        false => format!("{client} ({person})"),
    };
    name.chars().take(MAX_NAME_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_shown_with_whom_it_works_for() {
        let caller = |client: Option<&str>| Caller {
            token: "t".to_owned(),
            client: client.map(str::to_owned),
        };
        assert_eq!(name(&caller(Some("board")), "Ana"), "board (Ana)");
        assert_eq!(name(&caller(None), ""), "automerge-repo");
        assert_eq!(name(&caller(None), &"ä".repeat(200)).chars().count(), 80);
    }
}
