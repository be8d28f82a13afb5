//! The connections to Redis, and who in this process listens to what.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use redis::{
    AsyncConnectionConfig, Client, Msg, RedisResult,
    aio::{PubSubSink, PubSubStream},
};
use relay::{Backoff, Cluster, ClusterInput, Joined, Run};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use trust::RoomId;

use crate::{
    bridge::{self, Bridge},
    names::{self, Call, Node},
    place::Place,
    policy::NotUsable,
    session::{Session, Subscription, read_policy, take_run},
};

/// For Redis to answer: longer than it syncs, shorter than somebody waits.
const ANSWER: Duration = Duration::from_secs(5);

/// Between two looks whether Redis is there and the same.
const LOOK: Duration = Duration::from_secs(2);

/// Before Redis is dialled again: drawn below a ceiling that doubles, in ms.
const FIRST_MS: u64 = 100;
const MOST_MS: u64 = 3_000;

/// Signals, and pieces of attachments, that may wait for a room. What is more is not heard: both come again.
const CALLS: usize = 256;

/// How it stands with Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// It is reached and keeps what it is given.
    pub is_up: bool,
    /// Why not, if it is not.
    pub why: String,
    /// How often it was lost since the start.
    pub losses: u64,
}

/// A Redis by which relays share rooms. Dropping it ends all rooms' links to it.
pub struct Redis {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

pub(crate) struct Shared {
    client: Client,
    node: Node,
    sessions: watch::Sender<Option<Arc<Session>>>,
    runs: watch::Sender<Option<Run>>,
    health: watch::Sender<Health>,
    ears: Mutex<BTreeMap<String, Ear>>,
}

/// A room that listens to its channel.
struct Ear {
    /// There is more in its stream.
    more: Arc<Notify>,
    calls: mpsc::Sender<Heard>,
}

/// What a room hears beside its stream.
#[derive(Debug)]
pub(crate) enum Heard {
    Hello,
    Signal(Bytes),
    /// About an attachment, from this relay.
    Lend(Node, Bytes),
}

/// How a room listens, until it is dropped.
pub(crate) struct Listening {
    shared: Arc<Shared>,
    channel: String,
    pub(crate) more: Arc<Notify>,
    pub(crate) calls: mpsc::Receiver<Heard>,
}

impl Redis {
    /// Reaches the Redis there, and stays connected from now on. If it does not answer now, rooms are not shared until it does.
    ///
    /// # Errors
    /// If the place makes no sense, or Redis says that it would lose what it is given.
    pub async fn start(place: &Place) -> Result<Self, NotUsable> {
        let client = place.client()?;
        let mut node = Node::default();
        getrandom::fill(&mut node).map_err(|error| NotUsable::Address(error.to_string()))?;
        let shared = Arc::new(Shared {
            client,
            node,
            sessions: watch::Sender::new(None),
            runs: watch::Sender::new(None),
            health: watch::Sender::new(Health::default()),
            ears: Mutex::default(),
        });
        let first = match shared.reach().await {
            Err(NotUsable::Redis(error)) => {
                shared.down(&error.to_string(), is_denied(&error));
                None
            }
            reached => Some(reached?),
        };
        let task = tokio::spawn(shared.clone().stay(first));
        Ok(Self { shared, task })
    }

    /// The connection, while Redis is there.
    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.shared.sessions.borrow().clone()
    }

    /// How it stands now.
    pub fn health(&self) -> Health {
        self.shared.health.borrow().clone()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.sessions.send_replace(None);
    }
}

impl Cluster for Redis {
    fn join(&self, room: RoomId, hear: mpsc::Sender<ClusterInput>) -> Box<dyn Joined> {
        let (orders, ordered) = mpsc::unbounded_channel();
        let bridge = Bridge::new(room, self.shared.clone(), hear, ordered);
        tokio::spawn(bridge.run());
        Box::new(bridge::Way(orders))
    }

    fn run(&self) -> watch::Receiver<Option<Run>> {
        self.shared.runs.subscribe()
    }
}

/// Whether it would answer somebody else.
fn is_denied(error: &redis::RedisError) -> bool {
    error.kind() == redis::ErrorKind::AuthenticationFailed || error.code() == Some("NOAUTH")
}

/// A Redis that has just been reached.
struct Reached {
    session: Arc<Session>,
    subscriptions: mpsc::UnboundedReceiver<Subscription>,
    sink: PubSubSink,
    stream: PubSubStream,
}

impl Shared {
    pub(crate) fn sessions(&self) -> watch::Receiver<Option<Arc<Session>>> {
        self.sessions.subscribe()
    }

    /// Something that Redis was given it did not take: told as how it stands.
    pub(crate) fn ail(&self, why: &str) {
        self.health.send_if_modified(|health| {
            let is_news = health.is_up || health.why != why;
            if is_news {
                tracing::error!(why, "REDIS_REFUSES: changes are kept and forwarded here, and acknowledged when Redis takes them");
            }
            (health.is_up, health.why) = (false, why.to_owned());
            is_news
        });
    }

    /// It takes what it is given.
    pub(crate) fn thrive(&self) {
        self.health.send_if_modified(|health| {
            let is_news = !health.is_up;
            if is_news {
                tracing::info!("shares rooms by Redis");
            }
            (health.is_up, health.why) = (true, String::new());
            is_news
        });
    }

    fn down(&self, why: &str, is_denied: bool) {
        self.health.send_if_modified(|health| {
            let is_news = health.is_up || health.why != why;
            match is_denied {
                true if is_news => tracing::error!(why, "REDIS_DENIED: it does not take this user and password (cluster.user, \
                    cluster.password_file); changes are kept and forwarded here, and acknowledged when it does"),
                false if is_news => tracing::error!(why, "REDIS_GONE: changes are kept and forwarded here, and acknowledged when Redis is back"),
                _ => {}
            }
            health.losses += u64::from(health.is_up);
            (health.is_up, health.why) = (false, why.to_owned());
            is_news
        });
    }

    async fn reach(&self) -> Result<Reached, NotUsable> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER));
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await?;
        let policy = read_policy(&mut connection).await?;
        let flaws = policy.flaws();
        if !flaws.is_empty() {
            return Err(NotUsable::Policy(flaws));
        }
        if !policy.is_told() {
            tracing::warn!(
                "REDIS_UNCHECKED: this Redis does not let anybody ask (CONFIG GET) whether it has appendonly yes, appendfsync always \
                 and maxmemory-policy noeviction; see to it yourself"
            );
        }
        let mut drawn = Run::default();
        getrandom::fill(&mut drawn).map_err(|_| {
            redis::RedisError::from((redis::ErrorKind::Client, "the system has no randomness"))
        })?;
        let run = take_run(&mut connection, drawn).await?;
        let listening = timeout(ANSWER, self.client.get_async_pubsub()).await;
        let listening = listening.map_err(|_| {
            redis::RedisError::from((redis::ErrorKind::Io, "no answer to a subscription"))
        })?;
        let (sink, stream) = listening?.split();
        let (orders, subscriptions) = mpsc::unbounded_channel();
        let session = Session {
            run,
            node: self.node,
            connection,
            subscriptions: orders,
            doubt: Notify::new(),
        };
        Ok(Reached {
            session: Arc::new(session),
            subscriptions,
            sink,
            stream,
        })
    }

    /// Stays connected.
    async fn stay(self: Arc<Self>, mut first: Option<Reached>) {
        let mut backoff = Backoff::new(FIRST_MS, MOST_MS, 0);
        loop {
            let reached = match first.take() {
                Some(reached) => Ok(reached),
                None => self.reach().await,
            };
            match reached {
                Ok(reached) => {
                    backoff.reset();
                    self.thrive();
                    self.runs.send_replace(Some(reached.session.run));
                    self.sessions.send_replace(Some(reached.session.clone()));
                    let why = self.serve(reached).await;
                    self.sessions.send_replace(None);
                    self.down(&why, false);
                }
                Err(NotUsable::Redis(error)) => self.down(&error.to_string(), is_denied(&error)),
                Err(why) => self.down(&why.to_string(), false),
            }
            let wait_ms = backoff.fail(fastrand::u64(..));
            sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    /// Passes on what is heard, as long as Redis is there and the same. Returns why it ended.
    async fn serve(&self, reached: Reached) -> String {
        let Reached {
            session,
            mut subscriptions,
            mut sink,
            mut stream,
        } = reached;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut orders = Vec::new();
        loop {
            let served = tokio::select! {
                message = stream.next() => match message {
                    Some(message) => {
                        self.pass_on(&message);
                        Ok(true)
                    }
                    None => return "the connection is gone".to_owned(),
                },
                _ = subscriptions.recv_many(&mut orders, usize::MAX) => {
                    subscribe(&mut sink, std::mem::take(&mut orders)).await.map(|()| true)
                }
                () = session.doubt.notified() => session.is_same().await,
                _ = looks.tick() => look(&session, &mut sink).await,
            };
            match served {
                Ok(true) => {}
                Ok(false) => return "what it kept is gone".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }

    fn pass_on(&self, message: &Msg) {
        let Some((from, call)) = Call::decode(message.get_payload_bytes(), &self.node) else {
            return;
        };
        if let Some(ear) = self.ears().get(message.get_channel_name()) {
            let heard = match call {
                Call::More => return ear.more.notify_one(),
                Call::Hello => Heard::Hello,
                Call::Signal(signal) => Heard::Signal(Bytes::copy_from_slice(signal)),
                Call::Lend(_, message) => Heard::Lend(from, Bytes::copy_from_slice(message)),
            };
            // For a room that cannot keep up nothing is remembered.
            let _ = ear.calls.try_send(heard);
        }
    }

    /// Listens to a room's channel. When this returns, nothing that is said there any more is missed.
    pub(crate) async fn listen(
        self: &Arc<Self>,
        room: &RoomId,
        session: &Session,
    ) -> Option<Listening> {
        let channel = names::channel(room);
        let (sender, calls) = mpsc::channel(CALLS);
        let more = Arc::new(Notify::new());
        let ear = Ear {
            more: more.clone(),
            calls: sender,
        };
        self.ears().insert(channel.clone(), ear);
        let listening = Listening {
            shared: self.clone(),
            channel: channel.clone(),
            more,
            calls,
        };
        let (begun, has_begun) = oneshot::channel();
        let order = Subscription::Begin(channel, begun);
        session.subscriptions.send(order).ok()?;
        has_begun.await.ok()?;
        Some(listening)
    }

    fn ears(&self) -> MutexGuard<'_, BTreeMap<String, Ear>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut ears = self.shared.ears();
        // The room may have been opened anew meanwhile.
        let is_own = ears
            .get(&self.channel)
            .is_some_and(|ear| Arc::ptr_eq(&ear.more, &self.more));
        if is_own {
            ears.remove(&self.channel);
            if let Some(session) = &*self.shared.sessions.borrow() {
                let order = Subscription::End(self.channel.clone());
                let _ = session.subscriptions.send(order);
            }
        }
    }
}

async fn subscribe(sink: &mut PubSubSink, orders: Vec<Subscription>) -> RedisResult<()> {
    let (mut channels, mut begun) = (Vec::new(), Vec::new());
    for order in orders {
        match order {
            Subscription::Begin(channel, answer) => {
                channels.push(channel);
                begun.push(answer);
            }
            Subscription::End(channel) => {
                // In its order: it may begin again behind it.
                if !channels.is_empty() {
                    sink.subscribe(std::mem::take(&mut channels)).await?;
                }
                sink.unsubscribe(channel).await?;
            }
        }
    }
    if !channels.is_empty() {
        sink.subscribe(channels).await?;
    }
    for answer in begun {
        // A room that has ended does not wait.
        let _ = answer.send(());
    }
    Ok(())
}

/// Whether Redis answers on both connections, and is the same.
async fn look(session: &Session, sink: &mut PubSubSink) -> RedisResult<bool> {
    let silence = || redis::RedisError::from((redis::ErrorKind::Io, "no answer"));
    let _: redis::Value = timeout(ANSWER, sink.ping())
        .await
        .map_err(|_| silence())??;
    session.is_same().await
}
