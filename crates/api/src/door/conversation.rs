//! One client at the door, from its first word to its last.

use std::collections::BTreeMap;
use std::time::Duration;

use app::failure::Failure;
use app::programs::Guest;
use app::request::Request;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::future;
use tokio::sync::watch;
use tokio::time::{self, Instant};

use super::wire::{self, Ends, PROTOCOL, Said};
use super::{Visitor, url};
use crate::state::Shared;

/// Documents of one client at the same time. Each follows a project.
const MAX_DOCUMENTS: usize = 8;

/// What stands in the audit log: that a client which may write has a project, and why one was sent away.
const ACTION: &str = "automerge-repo";

/// Whoever says nothing at first has no place here.
const GREETING: Duration = Duration::from_secs(10);

/// A client is asked whether it is there so often, and has as long to answer; stock ones do it by themselves.
const PULSE: Duration = Duration::from_secs(30);

/// Whoever takes nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A reason in a close frame is at most so long (RFC 6455, 5.5).
const REASON_BYTES: usize = 123;

/// Why a conversation is over.
enum Over {
    /// The client went, or cannot be reached.
    Gone,
    /// It is sent away.
    Refused(Failure),
}

impl From<Failure> for Over {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

/// Talks with a client until one of both has enough.
pub(super) async fn hold(
    state: &Shared,
    visitor: &Visitor,
    socket: WebSocket,
    mut closing: watch::Receiver<bool>,
) {
    let mut conversation = Conversation {
        state,
        visitor,
        socket,
        them: String::new(),
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
        // Whoever does not take the reason does without.
        time::timeout(PATIENCE, conversation.dismiss(&failure))
            .await
            .ok();
    }
}

struct Conversation<'a> {
    state: &'a Shared,
    visitor: &'a Visitor,
    socket: WebSocket,
    /// What the client calls itself; empty until it has joined.
    them: String,
    guests: BTreeMap<String, Guest>,
}

impl Conversation<'_> {
    async fn talk(&mut self) -> Over {
        let greeting = time::timeout(GREETING, self.greet()).await;
        let greeted = greeting.unwrap_or(Err(Over::Gone));
        if let Err(over) = greeted {
            return over;
        }
        let mut pulse = time::interval_at(Instant::now() + PULSE, PULSE);
        let mut is_heard = true;
        loop {
            let turn = tokio::select! {
                message = self.socket.recv() => {
                    is_heard = true;
                    match message {
                        Some(Ok(Message::Binary(bytes))) => self.hear(&bytes).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Text(_))) => Err(garbled()),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Over::Gone),
                    }
                }
                (document, happened) = something(&mut self.guests) => match happened {
                    Ok(()) => self.answer(&document, None).await,
                    Err(failure) => Err(failure.into()),
                },
                _ = pulse.tick() => match std::mem::take(&mut is_heard) {
                    true => self.send(Message::Ping(Default::default())).await,
                    false => Err(Over::Gone),
                },
            };
            if let Err(over) = turn {
                return over;
            }
        }
    }

    /// Waits for the client to say who it is.
    async fn greet(&mut self) -> Result<(), Over> {
        while self.them.is_empty() {
            match self.socket.recv().await {
                Some(Ok(Message::Binary(bytes))) => match wire::read(&bytes) {
                    Some(Said::Join { peer, speaks }) => self.join(peer, speaks).await?,
                    _ => return Err(garbled()),
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_))) => return Err(garbled()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Over::Gone),
            }
        }
        Ok(())
    }

    async fn join(&mut self, peer: String, speaks: bool) -> Result<(), Over> {
        if peer.is_empty() {
            return Err(garbled());
        }
        self.them = peer;
        if !speaks {
            let why = format!("Only version {PROTOCOL} of the protocol is spoken here.");
            return Err(Failure::new("OTHER_VERSION", why).into());
        }
        let peer = self.ends().peer();
        self.send(binary(peer)).await
    }

    async fn hear(&mut self, bytes: &[u8]) -> Result<(), Over> {
        if self.visitor.who.token.is_too_fast() {
            return Err(Failure::new("RATE_LIMITED", "These are too many messages.").into());
        }
        match wire::read(bytes).ok_or_else(garbled)? {
            Said::Join { peer, speaks } => self.join(peer, speaks).await,
            Said::Leave => Err(Over::Gone),
            Said::Aside => Ok(()),
            Said::Sync { document, data } => {
                if self.guests.contains_key(&document) || self.open(&document).await? {
                    self.answer(&document, Some(data)).await
                } else {
                    let unavailable = self.ends().unavailable(&document);
                    self.send(binary(unavailable)).await
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
            let message = self.ends().sync(document, &told);
            self.send(binary(message)).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        match time::timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over::Gone),
        }
    }

    /// Says why it is over, in both ways in which clients can hear it.
    async fn dismiss(&mut self, failure: &Failure) {
        tracing::info!(code = %failure.code, "a client of the door is sent away");
        let why = format!("{}: {}", failure.code, failure.message);
        if !self.them.is_empty() {
            let error = self.ends().error(&why);
            self.socket.send(binary(error)).await.ok();
        }
        let code = match failure.code.as_str() {
            "CLOSED" | "PROJECT_NOT_OPEN" => close_code::AWAY,
            _ => close_code::POLICY,
        };
        let close = CloseFrame {
            code,
            reason: cut(&why, REASON_BYTES).to_owned().into(),
        };
        self.socket.send(Message::Close(Some(close))).await.ok();
        // What it still sends is taken off the line, so that it reads the reason before the line is cut.
        while let Some(Ok(_)) = self.socket.recv().await {}
    }

    fn ends(&self) -> Ends<'_> {
        Ends {
            us: &self.state.door().peer,
            them: &self.them,
        }
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

fn binary(bytes: Vec<u8>) -> Message {
    Message::Binary(bytes.into())
}

fn garbled() -> Over {
    let what = "This is no message of automerge-repo.";
    Failure::new("MALFORMED", what).into()
}

/// The beginning of a text, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
