//! What programs ask of open projects, each in a name of its own, and what they are told.
//!
//! A program is known by a token; each of its clients may have a name. Both together are an author, so undo takes back
//! what that client did and nothing else. The person is the one of this installation. An order that changes something
//! is answered once the change is *written*, or *durable* if that is asked for.
//!
//! Who follows a project hears of every change of its view, whoever made it, with what was there before.

mod classic;
mod documents;
mod guest;
mod journal;
mod order;
mod plain;
mod read;

use std::sync::Arc;

use graph::Signature;
use graph::id::AuthorId;
pub use graph::id::NodeId;
pub use graph::time::Timestamp as Time;
use tokio::sync::broadcast;
use uuid::Uuid;

pub use self::documents::DocumentId;
pub use self::guest::Guest;
pub use self::journal::{Author, Cause, Change, Happening};
pub(crate) use self::journal::{Because, Journal, changes};
pub use self::order::{Answered, Caller, Done, Level, Order, Step};
pub(crate) use self::order::{SignedOrder, Waiter, refused, translate};
pub use self::read::{NodeCard, Page, PastAuthor, PastChange};
pub(crate) use self::read::{card, heads, page, past};
use crate::app::App;
use crate::failure::Failure;
use crate::identity;
use crate::project::{Answer, Ask};
use crate::request::ProjectId;
use crate::world::{locked, new_id};

impl App {
    /// As whom a program writes.
    pub fn author(&self, caller: &Caller) -> Author {
        let me = locked(&self.inner().me).clone();
        Author {
            id: Some(author_of(me.author, caller)),
            person_id: Some(me.person),
            name: Some(me.profile.name),
            client: caller.client.clone(),
        }
    }

    /// Carries an order of a program out on an open project.
    ///
    /// # Errors
    /// As for a request. What was changed and the disk does not take is no error here: [`Done::unwritten`] says so.
    pub async fn order(
        &self,
        project: ProjectId,
        caller: &Caller,
        order: Order,
    ) -> Result<Answered, Failure> {
        let inner = self.inner();
        let door = inner.door(project)?;
        let me = locked(&inner.me).clone();
        let (author, person) = (author_of(me.author, caller), me.person);
        let era = inner.installation.era;
        let known = locked(&inner.program_actors)
            .get(&(project, author, person))
            .copied();
        let actor = match known {
            Some(actor) => actor,
            None => {
                let read = inner.world.blocking(move |world| {
                    let actor = identity::actor_of(&*world.store, era, project, author, person);
                    Ok::<_, Failure>(actor)
                });
                let actor = read.await?;
                // Of two who ask at once for the first time, both have what was kept.
                *locked(&inner.program_actors)
                    .entry((project, author, person))
                    .or_insert(actor)
            }
        };
        let signature = Signature {
            author,
            ..me.signature(actor)
        };
        let ids = match &order {
            Order::Execute { steps, .. } => steps.iter().map(|_| new_id()).collect(),
            _ => Vec::new(),
        };
        let signed = SignedOrder {
            signature,
            caller: caller.clone(),
            ids,
            order,
        };
        match door.ask(Ask::Order(Box::new(signed))).await? {
            Answer::Ordered(answered) => Ok(*answered),
            _ => unreachable!("an order is answered as one"),
        }
    }

    /// Everything that happens to an open project from now on. It ends when the project is closed. A receiver that
    /// lags has missed something and must read the project anew.
    ///
    /// # Errors
    /// If the project is not open.
    pub async fn follow(
        &self,
        project: ProjectId,
    ) -> Result<broadcast::Receiver<Arc<Happening>>, Failure> {
        self.inner().door(project)?.follow().await
    }
}

/// The author that a client of a program is at this installation.
fn author_of(installation: AuthorId, caller: &Caller) -> AuthorId {
    let name = format!(
        "{}\n{}",
        caller.token,
        caller.client.as_deref().unwrap_or_default()
    );
    AuthorId(Uuid::new_v5(&installation.0, name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_of_each_token_is_an_author() {
        let author = |token: &str, client: Option<&str>| {
            let caller = Caller {
                token: token.to_owned(),
                client: client.map(str::to_owned),
            };
            author_of(AuthorId(Uuid::from_u128(1)), &caller)
        };
        assert_eq!(author("a", Some("x")), author("a", Some("x")));
        assert_ne!(author("a", Some("x")), author("a", Some("y")));
        assert_ne!(author("a", Some("x")), author("b", Some("x")));
        assert_ne!(author("a", None), author("a", Some("x")));
    }
}
