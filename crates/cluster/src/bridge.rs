//! The link between one room and its stream.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use relay::{ClusterInput, Joined, now_ms};
use sync::Vector;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use trust::RoomId;

use crate::{
    hub::{Heard, Listening, Shared},
    names::Call,
    peer::{Peer, Publish},
    session::{BEGINNING, NotAppended, Position, Session},
};

/// Bytes that are appended at once; a frame may be larger.
const APPEND_BYTES: usize = 1 << 20;

/// Before a link begins anew that Redis or the room has refused.
const AGAIN: Duration = Duration::from_secs(2);

/// A stream is shortened when it is more than twice as large as its room, and this.
const SPARE_BYTES: u64 = 256 << 10;

/// For a room to give all that it has; meanwhile nothing is appended.
const GATHER: Duration = Duration::from_secs(10);

/// Between two beginnings of that, whatever came of the first: each costs reading all of the room.
const REST: Duration = Duration::from_secs(600);

/// What is larger is not put into a stream at once, so it is not shortened.
const MOST_BYTES: u64 = 32 << 20;

/// What a room has for its stream.
pub(crate) enum Order {
    Send(Bytes),
    /// How large the room is.
    Weigh(u64),
    Refuse,
}

/// The room's end.
pub(crate) struct Way(pub(crate) mpsc::UnboundedSender<Order>);

impl Joined for Way {
    fn send(&self, message: Bytes) {
        // Where the link has ended, so has everything.
        let _ = self.0.send(Order::Send(message));
    }

    fn weigh(&self, room_bytes: u64) {
        let _ = self.0.send(Order::Weigh(room_bytes));
    }

    fn refuse(&self) {
        let _ = self.0.send(Order::Refuse);
    }
}

pub(crate) struct Bridge {
    room: RoomId,
    hub: Arc<Shared>,
    hear: mpsc::Sender<ClusterInput>,
    orders: mpsc::UnboundedReceiver<Order>,
    /// How large the room is, if it is known.
    room_bytes: u64,
    /// Its stream is not shortened before.
    rest_until: Option<Instant>,
}

/// Why a link ended.
enum End {
    /// Nobody has the room open any more.
    Over,
    /// Redis is not there, or another one.
    Lost,
    /// It is tried again after a while.
    Refused,
}

impl Bridge {
    pub(crate) fn new(
        room: RoomId,
        hub: Arc<Shared>,
        hear: mpsc::Sender<ClusterInput>,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Self {
        Self {
            room,
            hub,
            hear,
            orders,
            room_bytes: u64::MAX,
            rest_until: None,
        }
    }

    /// Links the room to its stream whenever Redis is there, until the room is over.
    pub(crate) async fn run(mut self) {
        let mut sessions = self.hub.sessions();
        loop {
            let session = sessions.borrow_and_update().clone();
            let end = match session {
                Some(session) => {
                    let end = tokio::select! {
                        end = self.link(&session) => end,
                        _ = sessions.changed() => End::Lost,
                    };
                    if self.hear.send(ClusterInput::Down).await.is_err() {
                        return;
                    }
                    end
                }
                None => tokio::select! {
                    _ = sessions.changed() => continue,
                    () = self.hear.closed() => End::Over,
                },
            };
            match end {
                End::Over => return,
                End::Lost => {}
                End::Refused => sleep(AGAIN).await,
            }
        }
    }

    async fn link(&mut self, session: &Session) -> End {
        let Some(listening) = self.hub.listen(&self.room, session).await else {
            // Whoever serves the session is about to say that it is gone.
            return End::Refused;
        };
        let mut linked = Linked {
            session,
            listening,
            peer: Peer::default(),
            position: BEGINNING.to_owned(),
            is_behind: true,
            gather_until: None,
        };
        match linked.work(self).await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }
}

/// A link that is up, or about to be.
struct Linked<'a> {
    session: &'a Session,
    listening: Listening,
    peer: Peer,
    position: Position,
    /// There may be more in the stream than was read.
    is_behind: bool,
    /// Until when a whole room is waited for.
    gather_until: Option<Instant>,
}

/// What there is none of.
enum Never {}

impl Linked<'_> {
    async fn work(&mut self, bridge: &mut Bridge) -> Result<Never, End> {
        while self.is_behind {
            self.read(bridge).await?;
        }
        self.up(bridge, false).await?;
        self.say(bridge, &Call::Hello).await?;
        loop {
            self.tell(bridge).await?;
            for publish in self.peer.published() {
                let call = match &publish {
                    Publish::Signal(signal) => Call::Signal(signal),
                    Publish::Lend(to, message) => Call::Lend(*to, message),
                };
                self.say(bridge, &call).await?;
            }
            if self.append(bridge).await? || self.shorten(bridge).await? {
                continue;
            }
            if self.is_behind {
                self.read(bridge).await?;
                continue;
            }
            tokio::select! {
                order = bridge.orders.recv() => {
                    let Some(order) = order else {
                        return Err(End::Over);
                    };
                    self.obey(bridge, order)?;
                    while let Ok(order) = bridge.orders.try_recv() {
                        self.obey(bridge, order)?;
                    }
                }
                () = self.listening.more.notified() => self.is_behind = true,
                Some(heard) = self.listening.calls.recv() => self.hear(bridge, heard).await?,
                () = wait(self.peer.wake_ms()) => self.peer.pass(now_ms()),
                () = until(self.gather_until) => self.up_again(bridge, false).await?,
            }
        }
    }

    fn obey(&mut self, bridge: &mut Bridge, order: Order) -> Result<(), End> {
        match order {
            Order::Send(message) => self.peer.take(message, now_ms()),
            Order::Weigh(room_bytes) => bridge.room_bytes = room_bytes,
            Order::Refuse => return Err(End::Refused),
        }
        Ok(())
    }

    async fn hear(&mut self, bridge: &mut Bridge, heard: Heard) -> Result<(), End> {
        match heard {
            // Who knows no signal gets those of a new link.
            Heard::Hello if !self.peer.is_gathering() => self.up_again(bridge, false).await,
            Heard::Hello => Ok(()),
            Heard::Signal(signal) => {
                self.tell(bridge).await?;
                give(bridge, ClusterInput::Message(signal)).await
            }
            Heard::Lend(from, message) => {
                self.peer.hear(from, message);
                Ok(())
            }
        }
    }

    async fn up(&mut self, bridge: &mut Bridge, is_to_shorten: bool) -> Result<(), End> {
        self.gather_until = is_to_shorten.then(|| Instant::now() + GATHER);
        give(bridge, ClusterInput::Up(self.session.run)).await?;
        match is_to_shorten {
            true => self.peer.up_to_shorten(),
            false => self.peer.up(),
        }
        give(bridge, ClusterInput::Kept(self.peer.held().clone())).await
    }

    async fn up_again(&mut self, bridge: &mut Bridge, is_to_shorten: bool) -> Result<(), End> {
        give(bridge, ClusterInput::Down).await?;
        self.up(bridge, is_to_shorten).await
    }

    async fn tell(&mut self, bridge: &mut Bridge) -> Result<(), End> {
        for message in self.peer.told() {
            give(bridge, ClusterInput::Message(message)).await?;
        }
        Ok(())
    }

    async fn read(&mut self, bridge: &mut Bridge) -> Result<(), End> {
        let before = self.peer.held().clone();
        let read = self.session.read(&bridge.room, &self.position).await;
        let read = read.map_err(|error| fail(bridge, &error))?;
        // What comes behind it from now on is called out.
        self.is_behind = !read.is_all;
        self.position = read.position;
        let entries = read.messages.into_iter();
        entries.for_each(|entry| self.peer.read(entry));
        let held = self.peer.held();
        if *held != before {
            let news = held.lacking_in(&before);
            let news: Vector = news.iter().map(|it| (it.stream, it.through)).collect();
            self.tell(bridge).await?;
            give(bridge, ClusterInput::Kept(news)).await?;
        }
        Ok(())
    }

    /// Appends what is to be; says whether there was something.
    async fn append(&mut self, bridge: &mut Bridge) -> Result<bool, End> {
        let Some(batch) = self.peer.offer(APPEND_BYTES) else {
            return Ok(false);
        };
        if !batch.messages.is_empty() {
            let appending = self
                .session
                .append(&bridge.room, &self.position, &batch.messages);
            match appending
                .await
                .map_err(|error| self.refused(bridge, &error))?
            {
                Some(position) => self.position = position,
                None => self.is_behind = true,
            }
            bridge.hub.thrive();
        }
        if !batch.frames.is_empty() {
            give(bridge, ClusterInput::Kept(batch.frames)).await?;
        }
        if batch.taken_bytes > 0 {
            give(bridge, ClusterInput::Sent(batch.taken_bytes)).await?;
        }
        // What others have put there meanwhile is not kept waiting by what is appended.
        if self.is_behind {
            self.read(bridge).await?;
        }
        Ok(true)
    }

    /// Begins to shorten the stream if it has grown, or does so once the room is gathered; says whether there was something to do.
    async fn shorten(&mut self, bridge: &mut Bridge) -> Result<bool, End> {
        if let Some(whole) = self.peer.gathered() {
            let shortening = self
                .session
                .shorten(&bridge.room, &self.position, &whole.messages);
            match shortening
                .await
                .map_err(|error| self.refused(bridge, &error))?
            {
                Some(position) => {
                    self.position = position;
                    self.peer.shortened(whole);
                }
                None => self.is_behind = true,
            }
            self.up_again(bridge, false).await?;
            return Ok(true);
        }
        if self.gather_until.is_some() && !self.peer.is_gathering() {
            self.up_again(bridge, false).await?;
            return Ok(true);
        }
        let (room_bytes, now) = (bridge.room_bytes, Instant::now());
        let is_grown = room_bytes <= MOST_BYTES
            && bridge.rest_until.is_none_or(|until| until <= now)
            && self.peer.stream_bytes() > room_bytes.saturating_mul(2) + SPARE_BYTES;
        if !is_grown || self.is_behind || self.peer.is_gathering() {
            return Ok(false);
        }
        bridge.rest_until = Some(now + REST);
        self.up_again(bridge, true).await?;
        Ok(true)
    }

    async fn say(&self, bridge: &Bridge, call: &Call<'_>) -> Result<(), End> {
        let said = self.session.call(&bridge.room, call).await;
        said.map_err(|error| fail(bridge, &error))
    }

    fn refused(&self, bridge: &Bridge, error: &NotAppended) -> End {
        match error {
            NotAppended::Redis(error) => fail(bridge, error),
            NotAppended::Changed => {
                self.session.doubt.notify_one();
                End::Refused
            }
        }
    }
}

async fn wait(until_ms: Option<u64>) {
    match until_ms {
        Some(until_ms) => sleep(Duration::from_millis(until_ms.saturating_sub(now_ms()))).await,
        None => std::future::pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn give(bridge: &Bridge, input: ClusterInput) -> Result<(), End> {
    let given = bridge.hear.send(input).await;
    given.map_err(|_| End::Over)
}

/// What Redis said or did not say. Where the connection is gone, whoever serves it says so.
fn fail(bridge: &Bridge, error: &redis::RedisError) -> End {
    if !error.is_unrecoverable_error() && !error.is_timeout() {
        bridge.hub.ail(&error.to_string());
    }
    End::Refused
}
