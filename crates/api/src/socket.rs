//! Socket.IO: namespace `/graph` and the default one, by WebSocket or polling.
//!
//! Whoever connects shows the token, in `auth.token` or as `Authorization: Bearer`. Who has joined a session hears all
//! that happens to its project from the number on that `joined` says, each once and in order. Who reads too slowly is
//! not waited for: there is a gap in the numbers then, and `replay` fills it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use uuid::Uuid;

use crate::access;
use crate::event::Spelling;
use crate::problem::Problem;
use crate::sessions::{Member, Room, Session};
use crate::state::{Shared, State};

const NAMESPACES: [&str; 2] = ["/", "/graph"];

/// Whoever does not name a namespace within this is let go.
const CONNECT: Duration = Duration::from_secs(5);
/// Messages that wait for one connection; a batch of a thousand nodes makes as many.
const BUFFER: usize = 4096;
/// Longest message of a client. None of ours needs 1 kB.
const MESSAGE_BYTES: u64 = 64 << 10;
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
        .max_payload(MESSAGE_BYTES)
        .ws_read_buffer_size(4 << 10)
        .build_layer();
    for namespace in NAMESPACES {
        let (greeted, checked) = (Arc::downgrade(state), Arc::downgrade(state));
        let greet = move |socket: SocketRef, TryData(auth): TryData<Auth>| {
            let connection = Connection {
                state: greeted.clone(),
                namespace,
                auth: auth.unwrap_or_default(),
            };
            async move { connection.listen(&socket) }
        };
        let check = move |socket: SocketRef, TryData(auth): TryData<Auth>| {
            let checked = checked.clone();
            async move { check(&checked, &socket, &auth.unwrap_or_default()).map_err(Refused) }
        };
        io.ns(namespace, greet.with(check));
    }
    (layer, io)
}

fn check(state: &Weak<State>, socket: &SocketRef, auth: &Auth) -> Result<(), Problem> {
    let state = state
        .upgrade()
        .ok_or_else(|| Problem::new("CLOSED", "The server is closing."))?;
    let said = auth.token.as_deref();
    let said = said.or_else(|| access::bearer(&socket.req_parts().headers));
    if !state.token().is(said.unwrap_or_default()) {
        return Err(access::unauthorized());
    }
    auth.client
        .as_deref()
        .map(access::client_name)
        .transpose()?;
    Ok(())
}

/// One connection to one namespace.
#[derive(Clone)]
struct Connection {
    state: Weak<State>,
    namespace: &'static str,
    auth: Auth,
}

impl Connection {
    fn listen(self, socket: &SocketRef) {
        let on = |connection: &Self| connection.clone();
        let here = on(&self);
        socket.on(
            "join_session",
            move |socket: SocketRef, TryData(named): TryData<Named>| {
                let here = here.clone();
                async move { here.answer(&socket, here.join(&socket, named.ok()).await) }
            },
        );
        let here = on(&self);
        socket.on(
            "leave_session",
            move |socket: SocketRef, TryData(named): TryData<Named>| {
                let here = here.clone();
                async move { here.answer(&socket, here.leave(&socket, named.ok()).await) }
            },
        );
        let here = on(&self);
        socket.on(
            "replay",
            move |socket: SocketRef, TryData(named): TryData<Named>| {
                let here = here.clone();
                async move { here.answer(&socket, here.replay(&socket, named.ok()).await) }
            },
        );
        socket.on("ping", async |socket: SocketRef| {
            let now = jiff::Timestamp::now().to_string();
            socket.emit("pong", &json!({"timestamp": now})).ok();
        });
        socket.on_disconnect(move |socket: SocketRef| {
            let here = self.clone();
            async move { here.gone(&socket).await }
        });
    }

    fn answer(&self, socket: &SocketRef, done: Result<(), Problem>) {
        if let Err(problem) = done {
            let said = json!({"code": problem.code, "message": problem.detail});
            // Who is gone does not want to know.
            socket.emit("error", &said).ok();
        }
    }

    /// From the number that `joined` says everything is heard: nothing is sent while the log is held.
    async fn join(&self, socket: &SocketRef, named: Option<Named>) -> Result<(), Problem> {
        let (state, id) = self.find(named.as_ref())?;
        let session = state.sessions().using(id).ok_or_else(Problem::no_session)?;
        let project = session.project.ok_or_else(Problem::no_project)?;
        if socket.rooms().len() >= JOINED {
            return Err(Problem::new(
                "RATE_LIMITED",
                "This connection is in too many sessions.",
            ));
        }
        let feed = state.feed(project).await?;
        let member = Member {
            namespace: self.namespace,
            spelling: self.auth.spelling,
            client: self.auth.client.clone(),
        };
        let log = feed.log().await;
        let is_new = !session.members.contains_key(&self.key(socket));
        let session = state.sessions().join(id, self.key(socket), member);
        let session = session.ok_or_else(Problem::no_session)?;
        let mut joined = self.company(socket, &session);
        self.tell_others(
            &state,
            socket,
            &session,
            "session-connected",
            &joined,
            is_new,
        )
        .await;
        socket.join(self.room(id).name());
        joined.insert("feed".to_owned(), json!(feed.id));
        joined.insert("sequence".to_owned(), json!(log.newest()));
        socket.emit("joined", &joined).ok();
        Ok(())
    }

    async fn leave(&self, socket: &SocketRef, named: Option<Named>) -> Result<(), Problem> {
        let (state, id) = self.find(named.as_ref())?;
        socket.leave(self.room(id).name());
        let left = state.sessions().leave(id, &self.key(socket));
        let (session, _) = left.ok_or_else(Problem::no_session)?;
        let payload = self.company(socket, &session);
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
        let project = session.project.ok_or_else(Problem::no_project)?;
        let feed = state.feed(project).await?;
        let log = feed.log().await;
        // Half of what fits, so that what happens meanwhile fits, too.
        let missed = log.after(after, BUFFER / 2);
        let mut until = after;
        for record in &missed.records {
            let name = self.auth.spelling.spell(record.name);
            if socket.emit(name, &record.payload(id)).is_err() {
                break;
            }
            until = record.sequence;
        }
        let replayed = json!({
            "session_id": id, "after": after, "until": until, "newest": log.newest(),
            "complete": missed.is_complete, "feed": feed.id,
        });
        socket.emit("replayed", &replayed).ok();
        Ok(())
    }

    async fn gone(&self, socket: &SocketRef) {
        let Some(state) = self.state.upgrade() else {
            return;
        };
        for (session, _) in state.sessions().leave_all(&self.key(socket)) {
            let payload = self.company(socket, &session);
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

    fn company(&self, socket: &SocketRef, session: &Session) -> Map<String, Value> {
        let mut payload = Map::new();
        payload.insert("session_id".to_owned(), json!(session.id));
        payload.insert("client_id".to_owned(), json!(self.key(socket)));
        payload.insert("client_name".to_owned(), json!(self.auth.client));
        payload.insert("active_clients".to_owned(), json!(session.members.len()));
        let now = jiff::Timestamp::now().to_string();
        payload.insert("timestamp".to_owned(), json!(now));
        payload
    }

    /// The same connection may be in both namespaces.
    fn key(&self, socket: &SocketRef) -> String {
        format!("{}{}", self.namespace.trim_start_matches('/'), socket.id)
    }

    fn room(&self, session: Uuid) -> Room {
        Room {
            session,
            namespace: self.namespace,
            spelling: self.auth.spelling,
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
