//! The server: a port on loopback, and what hangs on it.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::app::App;
use app::event::Event;
use relay::Limits;
use tokio::sync::{broadcast::error::RecvError, watch};
use tokio::task::JoinSet;

use crate::host::{Host, Page};
use crate::rest::presence;
use crate::state::{Shared, State};
use crate::token::{AddressFile, Token};
use crate::{router, socket};

/// How to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen: an address of loopback. Port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where the token is kept and the address is written: the data directory.
    pub folder: PathBuf,
    /// Write the address there, so that other programs find it.
    pub announced: bool,
    /// A session that nobody is in and nobody has used for so long is closed.
    pub idle: Duration,
    /// Requests a second and token; as many may come at once. Above it they are refused.
    pub requests_per_s: NonZeroU32,
    /// The UI, for browsers of this machine. Without it nothing is served to them.
    pub page: Option<Page>,
}

impl Options {
    /// At any free port, with sessions that last a day: what the earlier application had.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            folder: folder.into(),
            announced: true,
            idle: Duration::from_secs(24 * 60 * 60),
            requests_per_s: NonZeroU32::new(20_000).unwrap_or(NonZeroU32::MAX),
            page: None,
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
    #[error("{0} is not an address of loopback")]
    NotLoopback(SocketAddr),
    /// The token cannot be read or kept, or the address not be written.
    #[error("the files api-token and api-address cannot be used")]
    Files(#[source] io::Error),
}

/// A server that runs. It ends when this is closed or dropped.
pub struct Server {
    address: SocketAddr,
    token: Token,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    state: Shared,
    host: Option<Arc<Host>>,
    _file: Option<AddressFile>,
}

impl Server {
    /// Serves an application to the programs of this machine. Call it on a Tokio runtime.
    ///
    /// # Errors
    /// If the address or the files cannot be had.
    pub fn start(app: App, options: &Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(options.listen));
        }
        let no_port = |error| StartError::Listen(options.listen, error);
        let listeners = relay::listen(options.listen).map_err(no_port)?;
        let first = listeners
            .first()
            .ok_or_else(|| no_port(io::ErrorKind::AddrNotAvailable.into()))?;
        let address = first.local_addr().map_err(no_port)?;
        let token = Token::of(&options.folder).map_err(StartError::Files)?;
        let state = State::new(app.clone(), token.clone(), address.port(), options);
        let (layer, io) = socket::layer(&state);
        state.speak_by(io);
        let url = format!("http://{address}");
        let host = || Host::start(app.clone(), url.clone()).map_err(StartError::Files);
        let host = options.page.map(|_| host()).transpose()?;
        let routes = router::serve(&state, layer, host.as_ref().zip(options.page));
        let write = || AddressFile::write(&options.folder, &url).map_err(StartError::Files);
        let file = options.announced.then(write).transpose()?;
        let (stop, _) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for listener in listeners {
            let mut stopped = stop.subscribe();
            let over = async move { drop(stopped.wait_for(|it| *it).await) };
            let serving = relay::serve_pages(listener, routes.clone(), Limits::default(), over);
            tasks.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(%error, "programs are not served any more");
                }
            });
        }
        tasks.spawn(close_idle(Arc::clone(&state)));
        tasks.spawn(follow_company(Arc::clone(&state), app));
        Ok(Self {
            address,
            token,
            stop,
            tasks,
            state,
            host,
            _file: file,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What lets programs in.
    pub fn token(&self) -> &str {
        self.token.text()
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
        let drain = Duration::from_millis(2 * Limits::default().timing.drain_ms);
        self.state.door().shut();
        tokio::time::timeout(drain, self.state.door().empty())
            .await
            .ok();
        // The listeners end by themselves; the others go on for ever.
        let listeners =
            async { while self.tasks.len() > 2 && self.tasks.join_next().await.is_some() {} };
        tokio::time::timeout(drain, listeners).await.ok();
        self.tasks.shutdown().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.door().shut();
    }
}

/// Closes sessions that are idle.
async fn close_idle(state: Shared) {
    let every = (state.idle() / 4).clamp(Duration::from_millis(50), Duration::from_secs(60));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        for session in state.sessions().close_idle(state.idle()) {
            state.end(&session, "The session was idle.").await;
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
