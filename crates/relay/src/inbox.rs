//! The way from links to whoever owns their room.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    link::LinkInput,
    mailbox::{Arrived, Mailbox},
};

/// What an input weighs beside its message.
const INPUT_BYTES: usize = 128;

/// Makes the two ends of a room's inbox, which holds about so many bytes of messages; who sends more, waits.
pub fn inbox(max_bytes: usize) -> (Inbox, InboxReceiver) {
    let max_bytes = max_bytes.clamp(INPUT_BYTES, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
    let shared = Arc::new(Shared {
        inputs: Mailbox::default(),
        room: Semaphore::new(max_bytes),
        max_bytes,
    });
    (Inbox(shared.clone()), InboxReceiver(shared))
}

/// The sending end; one for each link of a room.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

/// The receiving end. When it is dropped, the links of the room end.
pub struct InboxReceiver(Arc<Shared>);

/// Nobody owns the room any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the room was closed")]
pub struct RoomClosed;

struct Shared {
    inputs: Mailbox<LinkInput>,
    room: Semaphore,
    max_bytes: usize,
}

impl Inbox {
    /// Waits until there is room for it. Only messages need room; what tells of a link always has some.
    pub async fn send(&self, input: LinkInput) -> Result<(), RoomClosed> {
        let weight = self.0.weight(&input);
        if weight > 0 {
            let permits = self.0.room.acquire_many(weight as u32).await;
            permits.map_err(|_| RoomClosed)?.forget();
        }
        self.push(input)
    }

    /// The same for what needs no room.
    pub(crate) fn push(&self, input: LinkInput) -> Result<(), RoomClosed> {
        self.0.inputs.push(input).map_err(|_| RoomClosed)
    }

    /// Whether its room is still owned.
    pub fn is_closed(&self) -> bool {
        self.0.inputs.is_closed()
    }
}

impl InboxReceiver {
    /// Waits for inputs and appends all there are to `inputs`. Nothing is lost if it is dropped while it waits.
    pub async fn receive(&mut self, inputs: &mut Vec<LinkInput>) {
        self.arrived().await;
        self.take(inputs);
    }

    /// Waits until there are inputs.
    pub(crate) fn arrived(&mut self) -> Arrived<'_, LinkInput> {
        self.0.inputs.arrived()
    }

    /// Appends all inputs that are there; says whether there were any.
    pub fn take(&mut self, inputs: &mut Vec<LinkInput>) -> bool {
        let before = inputs.len();
        self.0.inputs.take(inputs);
        let weight = inputs[before..].iter().map(|input| self.0.weight(input));
        self.0.room.add_permits(weight.sum());
        inputs.len() > before
    }

    /// Takes no more inputs, unless some have arrived already: then it stays open and says so.
    pub fn close_if_empty(&mut self) -> bool {
        self.0.inputs.close_if_empty()
    }
}

impl Drop for InboxReceiver {
    fn drop(&mut self) {
        drop(self.0.inputs.close());
        self.0.room.close();
    }
}

impl Shared {
    fn weight(&self, input: &LinkInput) -> usize {
        match input {
            LinkInput::Message(_, message) => (message.len() + INPUT_BYTES).min(self.max_bytes),
            LinkInput::Up(..) | LinkInput::Sent(..) | LinkInput::Down(..) => 0,
        }
    }
}
