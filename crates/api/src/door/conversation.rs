//! One client at the door, from its first word to its last.

use std::collections::BTreeMap;
use std::time::Duration;

use app::failure::Failure;
use app::programs::Guest;
use app::request::Request;
use futures_util::future;
use tokio::sync::watch;
use tokio::time::{self, Instant};

use super::line::{GREETING, Line, Over, PATIENCE, garbled};
use super::wire::{self, PROTOCOL, Said};
use super::{Visitor, url};
use crate::state::Shared;

/// Documents of one client at the same time. Each follows a project.
const MAX_DOCUMENTS: usize = 8;

/// What stands in the audit log: that a client which may write has a project, and why one was sent away.
const ACTION: &str = "automerge-repo";

/// A client is asked so often whether it is there; stock ones answer by themselves.
const PULSE: Duration = Duration::from_secs(30);

/// Talks with a client until one of both has enough.
pub(super) async fn hold(
    state: &Shared,
    visitor: &Visitor,
    line: Line,
    mut closing: watch::Receiver<bool>,
) {
    let mut conversation = Conversation {
        state,
        visitor,
        line,
        guests: BTreeMap::new(),
    };
    let over = tokio::select! {
        over = conversation.talk() => over,
        _ = closing.wait_for(|it| *it) => {
            Over::Refused(Failure::new("CLOSED", "The application ends."))
        }
        ended = state.tokens().ended(&visitor.who.token) => {
            Over::Refused(Failure::new(&ended.code, ended.detail))
        }
    };
    if let Over::Refused(failure) = over {
        let refused = Some(failure.code.as_str());
        state
            .audit()
            .note(&visitor.who, ACTION.to_owned(), refused)
            .await;
        conversation.line.end(&failure).await;
    }
}

struct Conversation<'a> {
    state: &'a Shared,
    visitor: &'a Visitor,
    line: Line,
    guests: BTreeMap<String, Guest>,
}

impl Conversation<'_> {
    async fn talk(&mut self) -> Over {
        let greeting = time::timeout(GREETING, self.line.greeting()).await;
        let greeted = match greeting.unwrap_or(Err(Over::Gone)) {
            Ok(speaks) => self.welcome(speaks).await,
            Err(over) => Err(over),
        };
        if let Err(over) = greeted {
            return over;
        }
        let mut pulse = time::interval_at(Instant::now() + PULSE, PULSE);
        let mut heard_at = Instant::now();
        loop {
            let turn = tokio::select! {
                said = self.line.hear() => {
                    heard_at = Instant::now();
                    match said {
                        Ok(Some(bytes)) => self.hear(&bytes).await,
                        Ok(None) => Ok(()),
                        Err(over) => Err(over),
                    }
                }
                (document, happened) = something(&mut self.guests) => match happened {
                    Ok(()) => self.answer(&document, None).await,
                    Err(failure) => Err(failure.into()),
                },
                _ = pulse.tick() => match heard_at.elapsed() < PATIENCE {
                    true => self.line.ping().await,
                    false => Err(Over::Gone),
                },
            };
            if let Err(over) = turn {
                return over;
            }
        }
    }

    /// Answers a client that has said who it is.
    async fn welcome(&mut self, speaks: bool) -> Result<(), Over> {
        if !speaks {
            let why = format!("Only version {PROTOCOL} of the protocol is spoken here.");
            return Err(Failure::new("OTHER_VERSION", why).into());
        }
        let peer = self.line.ends().peer();
        self.line.say(peer).await
    }

    async fn hear(&mut self, bytes: &[u8]) -> Result<(), Over> {
        if self.visitor.who.token.is_too_fast() {
            return Err(Failure::new("RATE_LIMITED", "These are too many messages.").into());
        }
        match wire::read(bytes).ok_or_else(garbled)? {
            Said::Join { peer, speaks } => {
                self.line.call(peer)?;
                self.welcome(speaks).await
            }
            Said::Leave => Err(Over::Gone),
            Said::Aside => Ok(()),
            Said::Sync { document, data } => {
                if self.guests.contains_key(&document) || self.open(&document).await? {
                    self.answer(&document, Some(data)).await
                } else {
                    let unavailable = self.line.ends().unavailable(&document);
                    self.line.say(unavailable).await
                }
            }
        }
    }

    /// Begins to talk about a document; false if it is not here for this client.
    async fn open(&mut self, document: &str) -> Result<bool, Over> {
        let Some(named) = url::named(document) else {
            return Ok(false);
        };
        let app = self.state.app();
        let Some(project) = app.project_of(named).await? else {
            return Ok(false);
        };
        if self.visitor.who.may_see(Some(project)).is_err() {
            return Ok(false);
        }
        if self.guests.len() == MAX_DOCUMENTS {
            return Err(Failure::new("TOO_MANY", "These are too many documents.").into());
        }
        if app.call(Request::OpenProject { project }).await.is_err() {
            return Ok(false);
        }
        let (caller, may_write) = (self.visitor.who.caller(), self.visitor.may_write);
        let guest = app.receive(project, caller, may_write).await?;
        self.guests.insert(document.to_owned(), guest);
        if may_write {
            let audit = self.state.audit();
            audit.note(&self.visitor.who, ACTION.to_owned(), None).await;
        }
        Ok(true)
    }

    /// Takes in what was said of a document, and says what there is to be said.
    async fn answer(&mut self, document: &str, said: Option<Vec<u8>>) -> Result<(), Over> {
        let Some(guest) = self.guests.get_mut(document) else {
            return Ok(());
        };
        if let Some(told) = guest.answer(said).await? {
            let message = self.line.ends().sync(document, &told);
            self.line.say(message).await?;
        }
        Ok(())
    }
}

/// Waits until something happened to one of the documents.
async fn something(guests: &mut BTreeMap<String, Guest>) -> (String, Result<(), Failure>) {
    let waiting = guests.iter_mut().map(|(document, guest)| {
        Box::pin(async move { (document.clone(), guest.happened().await) })
    });
    let waiting: Vec<_> = waiting.collect();
    if waiting.is_empty() {
        return future::pending().await;
    }
    future::select_all(waiting).await.0
}
