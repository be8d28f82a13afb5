//! Socket.IO: namespace `/graph` and the default one, by WebSocket or polling.
//!
//! Whoever connects shows the token, in `auth.token` or as `Authorization: Bearer`. Who has joined a session hears all
//! that happens to its project from the number on that `joined` says, each once and in order. Who reads too slowly is
//! not waited for: there is a gap in the numbers then, and `replay` fills it.

mod turns;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use socketioxide::SocketIo;
use socketioxide::extract::{Extension, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use uuid::Uuid;

use self::turns::Turns;
use crate::access;
use crate::event::Spelling;
use crate::event::payload::{Company, Joined, Pong, Refusal, Replayed, object};
use crate::problem::Problem;
use crate::sessions::{Member, Room, Session};
use crate::state::{Shared, State};
use crate::tokens::{Place, Token};
use crate::who::Who;

const NAMESPACES: [&str; 2] = ["/", "/graph"];

/// Whoever does not name a namespace within this is let go. Programs on a machine with much to do need seconds to begin; of
/// strangers no more begin meanwhile than their limit lets, each with some 20 kB.
const CONNECT: Duration = Duration::from_secs(15);
/// Messages that wait for one connection; a batch of a thousand nodes makes as many.
const BUFFER: usize = 4096;
/// Bytes that are sent again at once, unless one event has more.
const REPLAY_BYTES: usize = 1 << 20;
/// Bytes a second that one connection may have sent again, and at once: they wait in memory for as long as it does not
/// read, and nobody here sees whether it does.
const REPLAY_BYTES_PER_S: NonZeroU32 = NonZeroU32::new(64 << 10).expect("more than 0");
const REPLAY_BYTES_BURST: NonZeroU32 = NonZeroU32::new(4 << 20).expect("more than 0");
/// Longest message of a client. None of ours needs 1 kB.
const MESSAGE_BYTES: usize = 64 << 10;
/// Read at once, and kept for as long as a connection lasts.
const READ_BYTES: usize = 1 << 10;
/// How long a client that is let go has to read why: a packet that comes after its end would cut it off unread.
const FAREWELL: Duration = Duration::from_millis(250);
/// So often it has as long again, as long as it goes on sending: who sends does not read.
const FAREWELLS: usize = 20;
/// Seconds' worth of messages that may come at once.
const BURST_S: NonZeroU32 = NonZeroU32::new(4).expect("more than 0");
/// Sessions that one connection may be in.
const JOINED: usize = 64;

/// What a client says when it connects.
#[derive(Debug, Clone, Default, Deserialize)]
struct Auth {
    token: Option<String>,
    /// How names of events are spelled.
    #[serde(default)]
    spelling: Spelling,
    /// Its own name.
    client: Option<String>,
}

/// Names a session: `{session_id}`, or the id alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Bare(String),
    Object {
        session_id: String,
        after: Option<u64>,
    },
}

impl Named {
    fn session(&self) -> Result<Uuid, Problem> {
        let (Self::Bare(id) | Self::Object { session_id: id, .. }) = self;
        Uuid::parse_str(id).map_err(|_| Problem::no_session())
    }
}

/// What is refused, in words.
struct Refused(Problem);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

/// Socket.IO around the routes, and the way to send by it.
pub(crate) fn layer(state: &Shared) -> (SocketIoLayer, SocketIo) {
    let (layer, io) = SocketIo::builder()
        .connect_timeout(CONNECT)
        .max_buffer_size(BUFFER)
        .max_payload(MESSAGE_BYTES as u64)
        .ws_max_message_size(MESSAGE_BYTES)
        .ws_max_frame_size(MESSAGE_BYTES)
        .ws_read_buffer_size(READ_BYTES)
        .build_layer();
    let quota = Quota::per_second(state.limits().messages_per_s);
    let quota = quota.allow_burst(state.limits().messages_per_s.saturating_mul(BURST_S));
    let replay_quota = Quota::per_second(REPLAY_BYTES_PER_S).allow_burst(REPLAY_BYTES_BURST);
    for namespace in NAMESPACES {
        let state = Arc::downgrade(state);
        // What it sends is heard from here on: a client that is told that it is connected may send at once.
        let check = move |socket: SocketRef, TryData(auth): TryData<Auth>| {
            let (state, auth) = (state.clone(), auth.unwrap_or_default());
            async move {
                let connection = Arc::new(Connection {
                    place: admit(&state, &socket, &auth).map_err(Refused)?,
                    state,
                    namespace,
                    limiter: DefaultDirectRateLimiter::direct(quota),
                    replayed: DefaultDirectRateLimiter::direct(replay_quota),
                    turns: Turns::default(),
                    is_let_go: AtomicBool::default(),
                    is_sending: AtomicBool::default(),
                    spelling: auth.spelling,
                    client: auth.client,
                });
                connection.listen(&socket);
                Ok::<_, Refused>(())
            }
        };
        io.ns(namespace, welcome.with(check));
    }
    (layer, io)
}

/// From here on it is among the connections of its token, which may have ended before.
async fn welcome(socket: SocketRef, Extension(place): Extension<Arc<Place>>) {
    if let Some(why) = place.token().end(Timestamp::now()) {
        send_off(&socket, &why);
    }
}

/// The place of one that may connect.
fn admit(state: &Weak<State>, socket: &SocketRef, auth: &Auth) -> Result<Arc<Place>, Problem> {
    let state = state
        .upgrade()
        .ok_or_else(|| Problem::new("CLOSED", "The server is closing."))?;
    let said = auth.token.as_deref();
    let said = said.or_else(|| access::bearer(&socket.req_parts().headers));
    let token = state.admit(said)?;
    let place = token.connect(state.limits().connections);
    let place = place.ok_or_else(|| {
        let detail = "There are too many connections with this token.";
        Problem::new("RATE_LIMITED", detail)
    })?;
    auth.client
        .as_deref()
        .map(access::client_name)
        .transpose()?;
    let place = Arc::new(place);
    socket.extensions.insert(Arc::clone(&place));
    Ok(place)
}

/// Cuts every connection of a token that has ended.
pub(crate) fn cut(state: &State, token: &Token, why: &Problem) {
    let Some(io) = state.io() else { return };
    for namespace in NAMESPACES {
        let Some(of) = io.of(namespace) else { continue };
        for socket in of.within(holders(token)).sockets() {
            send_off(&socket, why);
        }
    }
}

/// Tells a connection why it ends, and ends it.
fn send_off(socket: &SocketRef, why: &Problem) {
    socket.emit("error", &said(why)).ok();
    cut_off(socket);
}

/// Whoever reads nothing cannot be told; he is in no room any more all the same.
fn cut_off(socket: &SocketRef) {
    socket.leave_all();
    socket.clone().disconnect().ok();
}

fn said(why: &Problem) -> Refusal<'_> {
    Refusal {
        session_id: None,
        code: &why.code,
        message: &why.detail,
    }
}

/// The room of all who came with a token.
fn holders(token: &Token) -> String {
    format!("token/{}", token.id)
}

/// One connection to one namespace.
struct Connection {
    state: Weak<State>,
    namespace: &'static str,
    place: Arc<Place>,
    limiter: DefaultDirectRateLimiter,
    /// Counts the bytes that were sent again.
    replayed: DefaultDirectRateLimiter,
    turns: Turns,
    is_let_go: AtomicBool,
    /// Whether it has sent something since it was let go.
    is_sending: AtomicBool,
    spelling: Spelling,
    client: Option<String>,
}

impl Connection {
    fn listen(self: Arc<Self>, socket: &SocketRef) {
        socket.join(holders(self.place.token()));
        self.on(socket, "join_session", async |here, socket, named| {
            here.join(&socket, named).await
        });
        self.on(socket, "leave_session", async |here, socket, named| {
            here.leave(&socket, named).await
        });
        self.on(socket, "replay", async |here, socket, named| {
            here.replay(&socket, named).await
        });
        self.on(socket, "ping", async |_, socket, _| {
            let now = Timestamp::now().to_string();
            socket.emit("pong", &Pong { timestamp: now }).ok();
            Ok(())
        });
        let here = Arc::clone(&self);
        socket.on_fallback(move |socket: SocketRef| {
            let over = here.over();
            async move {
                if let Some(why) = over {
                    here.let_go(&socket, &why).await;
                }
            }
        });
        socket.on_disconnect(move |socket: SocketRef| {
            let here = Arc::clone(&self);
            async move { here.gone(&socket).await }
        });
    }

    /// Answers one kind of message.
    fn on<Work>(
        self: &Arc<Self>,
        socket: &SocketRef,
        event: &'static str,
        answer: impl FnOnce(Arc<Self>, SocketRef, Option<Named>) -> Work + Copy + Send + Sync + 'static,
    ) where
        Work: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let here = Arc::clone(self);
        socket.on(
            event,
            move |socket: SocketRef, TryData(named): TryData<Named>| {
                // Before anything waits: a flood of these makes no flood of work.
                let over = here.over();
                let mut turn = here.turns.take();
                async move {
                    match over {
                        Some(why) => here.let_go(&socket, &why).await,
                        None => {
                            turn.comes().await;
                            if let Err(why) = answer(here, socket.clone(), named.ok()).await {
                                // Who is gone does not want to know.
                                socket.emit("error", &said(&why)).ok();
                            }
                        }
                    }
                }
            },
        );
    }

    /// Why a message is not answered: the client sends too many, or has a token that has ended.
    fn over(&self) -> Option<Problem> {
        let is_slow = self.limiter.check().is_ok();
        match is_slow && !self.is_let_go.load(Ordering::Relaxed) {
            true => self.place.token().end(Timestamp::now()),
            false => Some(Problem::new(
                "RATE_LIMITED",
                "There are too many messages; send fewer.",
            )),
        }
    }

    /// Tells a client why it is let go, once, and lets it go when it can have read that. What it sends meanwhile is not
    /// answered.
    async fn let_go(&self, socket: &SocketRef, why: &Problem) {
        if self.is_let_go.swap(true, Ordering::Relaxed) {
            self.is_sending.store(true, Ordering::Relaxed);
            return;
        }
        socket.emit("error", &said(why)).ok();
        for _ in 0..FAREWELLS {
            tokio::time::sleep(FAREWELL).await;
            if !self.is_sending.swap(false, Ordering::Relaxed) {
                break;
            }
        }
        cut_off(socket);
    }

    /// From the number that `joined` says everything is heard: nothing is sent while the log is held.
    async fn join(&self, socket: &SocketRef, named: Option<Named>) -> Result<(), Problem> {
        let (state, id) = self.find(named.as_ref())?;
        let session = state.sessions().using(id).ok_or_else(Problem::no_session)?;
        self.who().may_see(session.project)?;
        let project = session.project.ok_or_else(Problem::no_project)?;
        if socket.rooms().len() > JOINED {
            return Err(Problem::new(
                "RATE_LIMITED",
                "This connection is in too many sessions.",
            ));
        }
        let feed = state.feed(project).await?;
        let member = Member {
            namespace: self.namespace,
            spelling: self.spelling,
            client: self.client.clone(),
        };
        let log = feed.log().await;
        if let Some(why) = self.place.token().end(Timestamp::now()) {
            return Err(why);
        }
        let is_new = !session.members.contains_key(&self.key(socket));
        let session = state.sessions().join(id, self.key(socket), member);
        let session = session.ok_or_else(Problem::no_session)?;
        let company = self.company(socket, &session);
        self.tell_others(
            &state,
            socket,
            &session,
            "session-connected",
            &object(&company),
            is_new,
        )
        .await;
        socket.join(self.room(id).name());
        let mut joined = object(&company);
        joined.extend(object(&Joined {
            feed: feed.id,
            sequence: log.newest(),
        }));
        socket.emit("joined", &joined).ok();
        if !socket.connected() {
            // It went meanwhile, and was not in the session then.
            socket.leave_all();
            self.gone(socket).await;
        }
        Ok(())
    }

    async fn leave(&self, socket: &SocketRef, named: Option<Named>) -> Result<(), Problem> {
        let (state, id) = self.find(named.as_ref())?;
        socket.leave(self.room(id).name());
        let left = state.sessions().leave(id, &self.key(socket));
        let (session, _) = left.ok_or_else(Problem::no_session)?;
        let payload = object(&self.company(socket, &session));
        socket.emit("left", &payload).ok();
        self.tell_others(
            &state,
            socket,
            &session,
            "session-disconnected",
            &payload,
            true,
        )
        .await;
        Ok(())
    }

    /// Sends what was missed, in order, and then how far that goes.
    async fn replay(&self, socket: &SocketRef, named: Option<Named>) -> Result<(), Problem> {
        let (state, id) = self.find(named.as_ref())?;
        let Some(Named::Object {
            after: Some(after), ..
        }) = named
        else {
            return Err(Problem::new("INVALID_REQUEST", "Say after which number."));
        };
        let session = state.sessions().using(id).ok_or_else(Problem::no_session)?;
        self.who().may_see(session.project)?;
        let project = session.project.ok_or_else(Problem::no_project)?;
        let feed = state.feed(project).await?;
        let log = feed.log().await;
        // Half of what fits, so that what happens meanwhile fits, too.
        let missed = log.after(after, BUFFER / 2, REPLAY_BYTES);
        let bytes: usize = missed.records.iter().map(|record| record.bytes).sum();
        let bytes = u32::try_from(bytes).ok().and_then(NonZeroU32::new);
        if bytes.is_some_and(|bytes| !matches!(self.replayed.check_n(bytes), Ok(Ok(())))) {
            let detail = "This connection has had too much sent again; read the project, or the events by REST.";
            return Err(Problem::new("RATE_LIMITED", detail));
        }
        let mut until = after;
        for record in &missed.records {
            let name = self.spelling.spell(record.name);
            if socket.emit(name, &record.payload(id)).is_err() {
                break;
            }
            until = record.sequence;
        }
        let replayed = Replayed {
            session_id: id,
            after,
            until,
            newest: log.newest(),
            complete: missed.is_complete,
            feed: feed.id,
        };
        socket.emit("replayed", &replayed).ok();
        Ok(())
    }

    async fn gone(&self, socket: &SocketRef) {
        let Some(state) = self.state.upgrade() else {
            return;
        };
        for (session, _) in state.sessions().leave_all(&self.key(socket)) {
            let payload = object(&self.company(socket, &session));
            self.tell_others(
                &state,
                socket,
                &session,
                "session-disconnected",
                &payload,
                true,
            )
            .await;
        }
    }

    async fn tell_others(
        &self,
        state: &Shared,
        socket: &SocketRef,
        session: &Session,
        name: &str,
        payload: &Map<String, Value>,
        is_news: bool,
    ) {
        if !is_news {
            return;
        }
        for room in session.rooms() {
            let Some(of) = state.io().and_then(|io| io.of(room.namespace)) else {
                continue;
            };
            let name = room.spelling.spell(name);
            of.to(room.name())
                .except(socket.id.to_string())
                .emit(name, payload)
                .await
                .ok();
        }
    }

    fn company(&self, socket: &SocketRef, session: &Session) -> Company<'_> {
        Company {
            session_id: session.id,
            client_id: self.key(socket),
            client_name: self.client.as_deref(),
            active_clients: session.members.len(),
            timestamp: Timestamp::now().to_string(),
        }
    }

    fn who(&self) -> Who {
        Who::new(Arc::clone(self.place.token()), self.client.clone())
    }

    /// The same connection may be in both namespaces.
    fn key(&self, socket: &SocketRef) -> String {
        format!("{}{}", self.namespace.trim_start_matches('/'), socket.id)
    }

    fn room(&self, session: Uuid) -> Room {
        Room {
            session,
            namespace: self.namespace,
            spelling: self.spelling,
        }
    }

    fn find(&self, named: Option<&Named>) -> Result<(Shared, Uuid), Problem> {
        let state = self.state.upgrade();
        let state = state.ok_or_else(|| Problem::new("CLOSED", "The server is closing."))?;
        let named =
            named.ok_or_else(|| Problem::new("INVALID_REQUEST", "Say which session_id."))?;
        Ok((state, named.session()?))
    }
}
