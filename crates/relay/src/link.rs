//! A link: one connection to another machine about one room, whichever side dialled.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use sync::{Bye, LinkId, Message, Peer};
use tokio::time::sleep_until;

use crate::{
    cause::Cause,
    clock::{instant, now_ms},
    inbox::Inbox,
    keep_alive::{Care, KeepAlive},
    limits::Limits,
    outbound::{Outbound, Standing},
    rate::Rate,
    socket::{Socket, Turn},
    stop::{Doubt, Stop},
};

/// What happens to a link, told to whoever owns its room: `Up` first, `Down` last and always, also when the task that
/// moves the bytes is aborted or panics.
#[derive(Debug)]
pub enum LinkInput {
    /// A link has been greeted; from now on messages may be sent by its door.
    Up(LinkId, Peer, LinkDoor),
    /// A message came.
    Message(LinkId, Bytes),
    /// So many bytes that waited for the socket are with the system now.
    Sent(LinkId, usize),
    /// The link is gone.
    Down(LinkId, Cause),
}

/// The way out to one link. Dropping it ends the link.
pub struct LinkDoor {
    outbound: Arc<Outbound>,
    remote: SocketAddr,
}

impl LinkDoor {
    /// Sends messages in this order, without waiting. Returns how many of their bytes the socket has taken; of the rest
    /// [`LinkInput::Sent`] tells later. Nothing here is bounded: send no more while too much is on its way.
    pub fn send(&self, messages: impl IntoIterator<Item = Bytes>) -> usize {
        self.outbound.send(messages)
    }

    /// Sends one last message, closes, and sends nothing more.
    pub fn end(&self, last: Option<Bytes>) {
        self.outbound.end(last);
    }

    /// The other end's address.
    pub fn remote(&self) -> SocketAddr {
        self.remote
    }
}

impl Drop for LinkDoor {
    fn drop(&mut self) {
        self.outbound.end(None);
    }
}

impl std::fmt::Debug for LinkDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LinkDoor({})", self.remote)
    }
}

/// A number that no link of this process had before.
pub(crate) fn next_id() -> LinkId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    LinkId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A greeted connection, before its room knows.
pub(crate) struct Link {
    pub(crate) peer: Peer,
    pub(crate) remote: SocketAddr,
    pub(crate) socket: Socket,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) pings: bool,
    pub(crate) limits: Limits,
}

/// What the task of a link listens to beside its socket.
pub(crate) struct Orders<'a> {
    /// Says when the link should end in good order.
    pub(crate) stop: Stop,
    /// The last message then.
    pub(crate) farewell: Option<Bytes>,
    /// Somebody doubts that the link is alive.
    pub(crate) doubt: &'a mut Doubt,
}

impl Link {
    /// Tells the room and moves bytes until the link is down.
    pub(crate) async fn run(&mut self, id: LinkId, inbox: &Inbox, orders: Orders<'_>) -> Cause {
        let door = LinkDoor {
            outbound: self.outbound.clone(),
            remote: self.remote,
        };
        let mut up = Up {
            id,
            inbox,
            outbound: self.outbound.clone(),
            cause: Cause::Ended,
        };
        if inbox.push(LinkInput::Up(id, self.peer, door)).is_err() {
            return Cause::Ended;
        }
        let mut bye = None;
        let cause = self.pump(id, inbox, orders, &mut bye).await;
        up.cause = bye.map_or(cause, Cause::Bye);
        up.cause.clone()
    }

    /// Moves bytes until the link is down. What the other side said last of all is in `bye`, whatever ended it then.
    async fn pump(
        &mut self,
        id: LinkId,
        inbox: &Inbox,
        mut orders: Orders<'_>,
        bye: &mut Option<Bye>,
    ) -> Cause {
        let begin_ms = now_ms();
        let mut keep_alive = KeepAlive::new(self.limits.timing, self.pings, begin_ms);
        let mut allowance = Allowance::new(&self.limits, begin_ms);
        let mut timer = pin!(sleep_until(instant(begin_ms)));
        loop {
            let standing = self.outbound.standing();
            match standing {
                Standing::Failed => return Cause::Broken("the socket takes nothing".to_owned()),
                Standing::Ending => return self.part().await,
                Standing::Full | Standing::Clear => {}
            }
            tokio::select! {
                biased;
                turn = self.socket.turn(allowance.wait_ms == 0, standing == Standing::Full) => {
                    let told = match turn {
                        Ok(Turn::Message(message)) => {
                            allowance.spend(message.len());
                            *bye = goodbye(&message);
                            inbox.send(LinkInput::Message(id, message)).await
                        }
                        Ok(Turn::Writable) => match self.outbound.flush() {
                            0 => Ok(()),
                            sent_bytes => inbox.push(LinkInput::Sent(id, sent_bytes)),
                        },
                        Err(cause) => return cause,
                    };
                    if told.is_err() {
                        return Cause::Ended;
                    }
                }
                () = self.outbound.changed() => {}
                () = sleep_until(instant(allowance.until_ms)), if allowance.wait_ms > 0 => allowance.wait_ms = 0,
                () = &mut timer => match keep_alive.care(now_ms(), self.socket.heard()) {
                    Care::GiveUp => return Cause::Silent,
                    Care::Ping => self.outbound.ping(),
                    Care::WaitUntil(at_ms) => timer.as_mut().reset(instant(at_ms)),
                },
                () = orders.doubt.raised() => {
                    keep_alive.doubt(now_ms(), self.socket.heard());
                    timer.as_mut().reset(instant(now_ms()));
                }
                () = orders.stop.asked() => self.outbound.end(orders.farewell.take()),
            }
        }
    }

    /// Sends what waits and closes. Closing with bytes unread would make the system throw away what the other side has
    /// not read yet, so this waits for its end. Who takes too long is left alone.
    async fn part(&mut self) -> Cause {
        let deadline = instant(now_ms() + self.limits.timing.drain_ms);
        let parting = async {
            while !self.outbound.is_flushed() && self.socket.writable().await.is_ok() {
                self.outbound.flush();
            }
            self.outbound.shut();
            while self.socket.next().await.is_ok() {}
        };
        let _ = tokio::time::timeout_at(deadline, parting).await;
        Cause::Ended
    }
}

/// What a last message says.
fn goodbye(message: &Bytes) -> Option<Bye> {
    match Message::is_bye(message).then(|| Message::decode(message.clone())) {
        Some(Ok(Message::Bye(bye))) => Some(bye),
        _ => None,
    }
}

/// How fast one link is read.
struct Allowance {
    messages: Rate,
    bytes: Rate,
    wait_ms: u64,
    until_ms: u64,
}

impl Allowance {
    fn new(limits: &Limits, now_ms: u64) -> Self {
        let rate = |per_s: u64| Rate::new(per_s, per_s.saturating_mul(limits.burst_s), now_ms);
        Self {
            messages: rate(limits.messages_per_s),
            bytes: rate(limits.bytes_per_s),
            wait_ms: 0,
            until_ms: 0,
        }
    }

    fn spend(&mut self, bytes: usize) {
        let now_ms = now_ms();
        let messages_ms = self.messages.spend(1, now_ms);
        self.wait_ms = messages_ms.max(self.bytes.spend(bytes as u64, now_ms));
        self.until_ms = now_ms + self.wait_ms;
    }
}

/// Says `Down` however it ends.
struct Up<'a> {
    id: LinkId,
    inbox: &'a Inbox,
    outbound: Arc<Outbound>,
    cause: Cause,
}

impl Drop for Up<'_> {
    fn drop(&mut self) {
        self.outbound.shut();
        // An owner that is gone needs no telling.
        let _ = self
            .inbox
            .push(LinkInput::Down(self.id, self.cause.clone()));
    }
}
