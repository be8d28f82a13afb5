//! The server: a port on loopback, one for other machines if that is asked for, and what hangs on them.

mod port;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::app::App;
use app::event::Event;
use app::serving::Serving;
use tokio::sync::{broadcast::error::RecvError, watch};
use tokio::task::JoinSet;

use self::port::Port;
use crate::access::Asked;
use crate::audit::Audit;
use crate::host::{Host, Page};
use crate::lan::{Lan, LanError};
use crate::rest::presence;
use crate::router::For;
use crate::state::{Shared, State};
use crate::token::{AddressFile, Secret, TOKEN_FILE};
use crate::tokens::Tokens;
use crate::{router, socket};

/// How to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen: an address of loopback. Port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where the token is kept and the address is written: the data directory.
    pub folder: PathBuf,
    /// Write the address there, so that other programs find it, if the disk takes it.
    pub announced: bool,
    /// A session that nobody is in and nobody has used for so long is closed.
    pub idle: Duration,
    /// How much programs may ask for.
    pub limits: Limits,
    /// The UI, for browsers of this machine. Without it nothing is served to them.
    pub page: Option<Page>,
    /// Serve programs of other machines, too.
    pub lan: Option<Lan>,
}

/// How much programs may ask for. What is above it is refused, and hurts nobody else.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second and token; as many may come at once.
    pub requests_per_s: NonZeroU32,
    /// Requests a second of all who have no token together.
    pub strangers_per_s: NonZeroU32,
    /// Messages a second and Socket.IO connection, four times as many at once. A client that sends more is let go.
    pub messages_per_s: NonZeroU32,
    /// Socket.IO connections at once and token.
    pub connections: usize,
    /// A body of which nothing comes for so long is given up; also one that takes three times as long, and a second more
    /// for each 64 KiB.
    pub body_wait: Duration,
    /// Bytes of bodies at once and token, while they come and until they are answered; twice as many of all.
    pub bodies_bytes: usize,
    /// Sessions at once and token.
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_s: NonZeroU32::new(20_000).unwrap_or(NonZeroU32::MAX),
            strangers_per_s: NonZeroU32::new(100).unwrap_or(NonZeroU32::MAX),
            messages_per_s: NonZeroU32::new(50).unwrap_or(NonZeroU32::MAX),
            connections: 4_096,
            body_wait: Duration::from_secs(10),
            bodies_bytes: 64 << 20,
            sessions: 10_000,
        }
    }
}

impl Options {
    /// At any free port, with sessions that last a day: what the earlier application had.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            folder: folder.into(),
            announced: true,
            idle: Duration::from_secs(24 * 60 * 60),
            limits: Limits::default(),
            page: None,
            lan: None,
        }
    }
}

/// Why programs cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not to be had.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The address is reachable by other machines.
    #[error(
        "{0} is not an address of loopback: programs of other machines are served by TLS, at the address of --lan"
    )]
    NotLoopback(SocketAddr),
    /// Programs of other machines cannot be served.
    #[error("programs of other machines cannot be served: {0}")]
    Lan(#[from] LanError),
    /// The tokens cannot be read or kept, or the audit log or the address not be written.
    #[error("the files api-token, api-tokens, api-audit.jsonl and api-address cannot be used")]
    Files(#[source] io::Error),
}

/// Where programs of other machines are served.
#[derive(Debug, Clone)]
pub struct ServedLan {
    /// Where it listens.
    pub address: SocketAddr,
    /// By what they know it: SHA-256 of its certificate, in hexadecimal.
    pub fingerprint: String,
    /// The file with the certificate.
    pub certificate: PathBuf,
}

/// A server that runs. It ends when this is closed or dropped.
pub struct Server {
    address: SocketAddr,
    token: Secret,
    token_file: Option<PathBuf>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    tasks: JoinSet<()>,
    state: Shared,
    host: Option<Arc<Host>>,
    lan: Option<ServedLan>,
    _file: Option<AddressFile>,
}

impl Server {
    /// Serves an application to the programs of this machine. Call it on a Tokio runtime.
    ///
    /// Where the disk takes nothing the token is the one that is there, or one for this time only; the address stands
    /// nowhere, and the audit log goes on in memory no further than to count what it lacks.
    ///
    /// # Errors
    /// If the address or the files cannot be had.
    pub fn start(app: App, options: &Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(options.listen));
        }
        let here = Port::open(options.listen)?;
        let address = here.address;
        let lan = options.lan.as_ref();
        let lan = lan.map(|lan| {
            Ok::<_, StartError>((lan.asked_as()?, Port::open_lan(lan, &options.folder)?))
        });
        let lan = lan.transpose()?;
        let is_read_only = app.is_read_only();
        let token = Secret::of(&options.folder, is_read_only).map_err(StartError::Files)?;
        let tokens = Tokens::open(&options.folder, &token, &options.limits);
        let tokens = tokens.map_err(StartError::Files)?;
        let audit = Audit::open(&options.folder, is_read_only).map_err(StartError::Files)?;
        let state = State::new(app.clone(), tokens, audit, options);
        let (layer, io) = socket::layer(&state);
        state.speak_by(io);
        let url = format!("http://{address}");
        let host = || Host::start(app.clone(), url.clone()).map_err(StartError::Files);
        let host = options.page.map(|_| host()).transpose()?;
        let write = || AddressFile::write(&options.folder, &url).map_err(StartError::Files);
        let is_announced = options.announced && !is_read_only;
        let file = is_announced.then(write).transpose()?;
        let (stop, _) = watch::channel(false);
        let mut listeners = JoinSet::new();
        let pages = For::ThisMachine(host.as_ref().zip(options.page));
        let asked = Asked::here(address.port());
        let routes = router::serve(&state, layer.clone(), asked, &pages);
        here.serve(&routes, &stop, &mut listeners);
        let lan = lan.map(|(names, (port, served))| {
            let asked = Asked::by(&names, port.address.port());
            let routes = router::serve(&state, layer, asked, &For::Others);
            port.serve(&routes, &stop, &mut listeners);
            served
        });
        let token_file = Some(options.folder.join(TOKEN_FILE)).filter(|it| it.exists());
        let shown = token_file.as_ref();
        app.note_serving(Serving {
            address: Some(url),
            token_file: shown.map(|it| it.to_string_lossy().into_owned()),
            failure: None,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(close_idle(Arc::clone(&state)));
        tasks.spawn(cut_ended(Arc::clone(&state)));
        tasks.spawn(follow_company(Arc::clone(&state), app));
        Ok(Self {
            address,
            token,
            token_file,
            stop,
            listeners,
            tasks,
            state,
            host,
            lan,
            _file: file,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where programs of other machines are served, if they are.
    pub fn lan(&self) -> Option<&ServedLan> {
        self.lan.as_ref()
    }

    /// What lets programs in.
    pub fn token(&self) -> &str {
        self.token.text()
    }

    /// The file that it is in; none where the disk takes nothing and there was none.
    pub fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref()
    }

    /// An address of the UI that lets one browser in, once, within an hour; none if no UI is served.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn draw_page_address(&self) -> io::Result<Option<String>> {
        let host = self.host.as_ref();
        host.map(|host| host.draw_address()).transpose()
    }

    /// Takes nobody new, lets requests end, and closes every connection.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        if let Some(host) = &self.host {
            host.close();
        }
        if let Some(io) = self.state.io() {
            io.close().await;
        }
        let drain = Duration::from_millis(2 * relay::Limits::default().timing.drain_ms);
        self.state.door().shut();
        let gone = async {
            self.state.door().empty().await;
            if let Some(host) = &self.host {
                host.empty().await;
            }
        };
        tokio::time::timeout(drain, gone).await.ok();
        // The listeners end by themselves; the other tasks go on for ever.
        let listeners = async { while self.listeners.join_next().await.is_some() {} };
        tokio::time::timeout(drain, listeners).await.ok();
        self.listeners.shutdown().await;
        self.tasks.shutdown().await;
        self.state.audit().flush().await;
        // Not before it is so.
        self.state.app().note_serving(Serving::default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.door().shut();
        if let Some(host) = &self.host {
            host.close();
        }
    }
}

/// Closes sessions that are idle.
async fn close_idle(state: Shared) {
    let every = (state.idle() / 4).clamp(Duration::from_millis(50), Duration::from_secs(60));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        state.close_idle().await;
    }
}

/// Cuts the connections of tokens whose time is over.
async fn cut_ended(state: Shared) {
    loop {
        for (token, why) in state.tokens().newly_ended().await {
            socket::cut(&state, &token, &why);
        }
    }
}

/// Tells sessions who else is at their project.
async fn follow_company(state: Shared, app: App) {
    let mut events = app.events();
    drop(app);
    loop {
        match events.recv().await.as_deref() {
            Ok(Event::Sharing { project, sharing }) => {
                presence::tell(&state, *project, Some(sharing)).await;
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
