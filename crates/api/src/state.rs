//! What all requests share.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::app::App;
use app::failure::Failure;
use app::programs::{Answered, Caller, Order};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use governor::{DefaultDirectRateLimiter, Quota};
use serde_json::{Map, Value};
use socketioxide::SocketIo;
use tokio::sync::{Mutex, Semaphore, watch};
use uuid::Uuid;

use crate::audit::Audit;
use crate::behind::Behind;
use crate::door::Door;
use crate::event::News;
use crate::event::payload::{Refusal, object};
use crate::feed::Feed;
use crate::once::Once;
use crate::problem::Problem;
use crate::server::{Limits, Options};
use crate::sessions::{Room, Session, Sessions};
use crate::tokens::{Place, Token, Tokens};
use crate::who::Who;

/// So many tokens may have as many bytes of bodies at once as they may; further ones find no room.
const TOKENS_AT_ONCE: usize = 2;

pub(crate) type Shared = Arc<State>;

pub(crate) struct State {
    app: App,
    tokens: Tokens,
    audit: Audit,
    limits: Limits,
    /// For those without a token.
    strangers: DefaultDirectRateLimiter,
    /// Room for bodies, in bytes.
    bodies: Arc<Semaphore>,
    idle: Duration,
    sessions: Sessions,
    feeds: Mutex<BTreeMap<ProjectId, Arc<Feed>>>,
    /// How many sessions have ended, for those who wait for something of one.
    ended: watch::Sender<u64>,
    once: Once,
    io: OnceLock<SocketIo>,
    behind: Arc<Behind>,
    door: Door,
}

impl State {
    pub(crate) fn new(app: App, tokens: Tokens, audit: Audit, options: &Options) -> Shared {
        let quota = Quota::per_second(options.limits.strangers_per_s);
        Arc::new(Self {
            app,
            tokens,
            audit,
            limits: options.limits,
            strangers: DefaultDirectRateLimiter::direct(quota),
            bodies: Arc::new(Semaphore::new(
                options.limits.bodies_bytes.saturating_mul(TOKENS_AT_ONCE),
            )),
            idle: options.idle,
            sessions: Sessions::default(),
            feeds: Mutex::default(),
            ended: watch::Sender::new(0),
            once: Once::default(),
            io: OnceLock::new(),
            behind: Arc::default(),
            door: Door::default(),
        })
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn audit(&self) -> &Audit {
        &self.audit
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Room for the bodies of all.
    pub(crate) fn bodies(&self) -> &Arc<Semaphore> {
        &self.bodies
    }

    pub(crate) fn idle(&self) -> Duration {
        self.idle
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn once(&self) -> &Once {
        &self.once
    }

    /// The token of somebody who shows this secret, while it lets him in and he does not ask too fast.
    pub(crate) fn admit(&self, secret: Option<&str>) -> Result<Arc<Token>, Problem> {
        let found = self.tokens.find(secret.unwrap_or_default());
        let is_too_fast = match &found {
            Ok(token) => token.is_too_fast(),
            Err(_) => self.strangers.check().is_err(),
        };
        match is_too_fast {
            true => Err(Problem::new(
                "RATE_LIMITED",
                "There are too many requests; ask more slowly.",
            )),
            false => found,
        }
    }

    /// Whoever has the token of the data directory, as an author of projects.
    pub(crate) fn own_caller(&self) -> Caller {
        Caller {
            token: self.tokens.own().id.clone(),
            client: None,
        }
    }

    pub(crate) async fn call(&self, request: Request) -> Result<Reply, Problem> {
        self.app.call(request).await.map_err(Problem::from)
    }

    pub(crate) async fn order(
        &self,
        project: ProjectId,
        caller: &Caller,
        order: Order,
    ) -> Result<Answered, Failure> {
        self.app.order(project, caller, order).await
    }

    /// Sends events by this from now on.
    pub(crate) fn speak_by(&self, io: SocketIo) {
        self.io.get_or_init(|| io);
    }

    pub(crate) fn io(&self) -> Option<&SocketIo> {
        self.io.get()
    }

    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// A place for one more session of whoever asks.
    pub(crate) fn place(&self, who: &Who) -> Result<Place, Problem> {
        let place = who.token.begin(self.limits.sessions);
        let place = place.filter(|_| self.sessions.has_room());
        place.ok_or_else(|| {
            let detail = "There are too many sessions; close some.";
            Problem::new("RATE_LIMITED", detail)
        })
    }

    /// Opens a project if need be, and makes a session of it.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        place: Place,
        project: Option<ProjectId>,
    ) -> Result<Session, Problem> {
        if let Some(project) = project {
            self.call(Request::OpenProject { project }).await?;
            self.feed(project).await?;
        }
        Ok(self.sessions.create(place, project))
    }

    /// What happens to a project. It must be open.
    pub(crate) async fn feed(self: &Arc<Self>, project: ProjectId) -> Result<Arc<Feed>, Problem> {
        let mut feeds = self.feeds.lock().await;
        if let Some(feed) = feeds.get(&project) {
            return Ok(Arc::clone(feed));
        }
        let heard = self.app.follow(project).await?;
        let feed = Feed::start(self, project, heard);
        feeds.insert(project, Arc::clone(&feed));
        Ok(feed)
    }

    /// A project is not open any more, so it has no sessions.
    pub(crate) async fn project_closed(&self, project: ProjectId) {
        self.feeds.lock().await.remove(&project);
        for session in self.sessions.close_of(project) {
            self.end(&session, "The project was closed.").await;
        }
    }

    /// Waits until a session is over.
    pub(crate) async fn over(&self, session: Uuid) {
        let mut ended = self.ended.subscribe();
        // The sender is here, so it is there to the end.
        let over = ended.wait_for(|_| !self.sessions.has_session(session));
        over.await.map(|_| ()).unwrap_or_default();
    }

    /// Ends sessions that nobody uses, and lets go of the events of projects that have had none for as long.
    pub(crate) async fn close_idle(&self) {
        for session in self.sessions.close_idle(self.idle) {
            self.end(&session, "The session was idle.").await;
        }
        let mut feeds = self.feeds.lock().await;
        feeds.retain(|project, feed| !feed.is_idle(self.sessions.has(*project), self.idle));
    }

    /// Tells everybody in a session that it is over.
    pub(crate) async fn end(&self, session: &Session, why: &str) {
        self.ended.send_modify(|ended| *ended += 1);
        let refusal = Refusal {
            session_id: Some(session.id),
            code: "INVALID_SESSION",
            message: why,
        };
        self.tell(session, "error", &object(&refusal)).await;
    }

    /// Tells everybody in a session something that has no place in the order of events.
    pub(crate) async fn tell(&self, session: &Session, name: &str, payload: &Map<String, Value>) {
        for room in session.rooms() {
            self.send(room, name, payload).await;
        }
    }

    /// Tells everybody who follows a project what has a place in the order of events.
    pub(crate) async fn publish(&self, project: ProjectId, news: Vec<News>) {
        let feed = self.feeds.lock().await.get(&project).cloned();
        if let Some(feed) = feed {
            feed.publish(self, news).await;
        }
    }

    pub(crate) async fn send(&self, room: Room, name: &str, payload: &Map<String, Value>) {
        let Some(of) = self.io.get().and_then(|io| io.of(room.namespace)) else {
            return;
        };
        let name = room.spelling.spell(name);
        // Whoever reads too slowly finds a gap in the numbers, or is told, and asks for what is missing.
        if let Err(error) = of.to(room.name()).emit(name, payload).await {
            tracing::debug!(%error, "an event did not reach everybody");
            if let Some(sequence) = payload.get("sequence").and_then(Value::as_u64) {
                self.fell_behind(room, sequence);
            }
        }
    }

    /// An event did not reach everybody in a room, who are told so.
    pub(crate) fn fell_behind(&self, room: Room, sequence: u64) {
        if let Some(io) = self.io.get() {
            self.behind.note(io, room, sequence);
        }
    }
}
