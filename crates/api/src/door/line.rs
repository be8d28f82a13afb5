//! The socket of one client, and how both sides are called on it.

use std::sync::Arc;
use std::time::Duration;

use app::failure::Failure;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time;

use super::wire::{self, Ends, Said};

/// Whoever says nothing at first has no place here. Programs on a machine with much to do need many seconds to begin. Who is not
/// let in has so long to say its name, and as long to take the reason.
pub(super) const GREETING: Duration = Duration::from_secs(30);

/// Whoever takes nothing, or does not say that it is there, for so long is given up. A stock client says nothing while it
/// reads a large project, and that takes long where the processor is wanted by others.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// A reason in a close frame is at most so long (RFC 6455, 5.5).
const REASON_BYTES: usize = 123;

/// Why a conversation is over.
pub(super) enum Over {
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

/// A client that has connected.
pub(super) struct Line {
    socket: WebSocket,
    us: Arc<str>,
    /// What the client calls itself; empty until it has joined.
    them: String,
}

impl Line {
    pub(super) fn new(socket: WebSocket, us: Arc<str>) -> Self {
        Self {
            socket,
            us,
            them: String::new(),
        }
    }

    /// What the client says next; none if it has said nothing that counts.
    ///
    /// # Errors
    /// If it is gone, or says what is no message.
    pub(super) async fn hear(&mut self) -> Result<Option<Bytes>, Over> {
        match self.socket.recv().await {
            Some(Ok(Message::Binary(bytes))) => Ok(Some(bytes)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Text(_))) => Err(garbled()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Over::Gone),
        }
    }

    /// Waits for the client to say who it is. Whether it speaks our version.
    pub(super) async fn greeting(&mut self) -> Result<bool, Over> {
        loop {
            let Some(bytes) = self.hear().await? else {
                continue;
            };
            return match wire::read(&bytes) {
                Some(Said::Join { peer, speaks }) => {
                    self.call(peer)?;
                    Ok(speaks)
                }
                _ => Err(garbled()),
            };
        }
    }

    /// Calls the client by this name from now on.
    pub(super) fn call(&mut self, peer: String) -> Result<(), Over> {
        if peer.is_empty() {
            return Err(garbled());
        }
        self.them = peer;
        Ok(())
    }

    pub(super) async fn say(&mut self, message: Vec<u8>) -> Result<(), Over> {
        self.send(Message::Binary(message.into())).await
    }

    /// Asks whether the client is there.
    pub(super) async fn ping(&mut self) -> Result<(), Over> {
        self.send(Message::Ping(Default::default())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        match time::timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over::Gone),
        }
    }

    /// Sends a client away that has been let in. Whoever does not take the reason does without.
    pub(super) async fn end(mut self, failure: &Failure) {
        time::timeout(PATIENCE, self.dismiss(failure)).await.ok();
    }

    /// Sends a client away that is not let in, once it has said whom the reason is for.
    pub(super) async fn refuse(mut self, failure: &Failure) {
        if let Ok(Err(Over::Gone)) = time::timeout(GREETING, self.greeting()).await {
            return;
        }
        time::timeout(GREETING, self.dismiss(failure)).await.ok();
    }

    /// Says why it is over, in both ways in which clients can hear it.
    async fn dismiss(&mut self, failure: &Failure) {
        tracing::info!(code = %failure.code, "a client of the door is sent away");
        let why = format!("{}: {}", failure.code, failure.message);
        if !self.them.is_empty() {
            let error = self.ends().error(&why);
            self.say(error).await.ok();
        }
        let code = match failure.code.as_str() {
            "CLOSED" | "PROJECT_NOT_OPEN" => close_code::AWAY,
            _ => close_code::POLICY,
        };
        let close = CloseFrame {
            code,
            reason: cut(&why, REASON_BYTES).to_owned().into(),
        };
        self.send(Message::Close(Some(close))).await.ok();
        // What it still sends is taken off the line, so that it reads the reason before the line is cut.
        while let Some(Ok(_)) = self.socket.recv().await {}
    }

    pub(super) fn ends(&self) -> Ends<'_> {
        Ends {
            us: &self.us,
            them: &self.them,
        }
    }
}

pub(super) fn garbled() -> Over {
    let what = "This is no message of automerge-repo.";
    Failure::new("MALFORMED", what).into()
}

/// The beginning of a text, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
