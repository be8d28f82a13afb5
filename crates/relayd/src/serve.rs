//! `tally-relay serve`.

use std::{io::Write, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use discovery::{Announced, Announcement, DevicePrefix, Discovery, DiscoveryError, Interfaces};
use relay::{Access, Identity, Limits, StoredRooms, Transport};
use store::{SqliteStore, Store};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use trust::{DeviceId, key::words_of};

use crate::{device, shutdown};

/// Where a relay listens unless it is told otherwise. Windows take it where somebody types no port.
pub const USUAL_PORT: u16 = 7825;

/// For rooms to store what they were given. With what `relay` allows links and what the store needs, a drain is over
/// within 10 s.
const ROOMS_END: Duration = Duration::from_secs(3);

/// For the store to sync.
const STORE_END: Duration = Duration::from_secs(3);

#[derive(Args)]
pub struct Options {
    /// Where to listen, such as 0.0.0.0:7825 for the whole network.
    /// Loopback (127.0.0.1) and everywhere (0.0.0.0) are listened to in IPv6 too.
    #[arg(long, default_value_t = SocketAddr::from(([127, 0, 0, 1], USUAL_PORT)))]
    listen: SocketAddr,

    /// Where rooms are kept.
    #[arg(long)]
    data_dir: Option<PathBuf>,

    /// Let others on the network into open rooms, too, as earlier versions made them: anybody may then read and write any
    /// whose name he knows. For tests and demonstrations.
    #[arg(long)]
    insecure_lan: bool,

    /// Serve bare links, on which nobody proves who he is and everything can be read on the way. On this machine only, for
    /// tests. Otherwise links are TLS 1.3 between the keys of devices.
    #[arg(long, conflicts_with = "insecure_lan")]
    plain: bool,

    /// Do not tell the network by mDNS that this relay is here.
    #[arg(long)]
    no_announce: bool,
}

pub fn command(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<()> {
    let access = Access {
        insecure_lan: options.insecure_lan,
    };
    if options.plain && !access.permits_in_the_open(&options.listen) {
        bail!(
            "{} can be reached by others, and on bare links nothing checks who they are; leave out --plain",
            options.listen
        );
    }
    let over = shutdown::listen()?;
    let dir = options.data_dir.map_or_else(usual_dir, Ok)?;
    let store =
        SqliteStore::open(&dir).with_context(|| format!("cannot open {}", dir.display()))?;
    let store = Arc::new(store);
    let limits = Limits::default();
    let key = device::of(&dir)?;
    let device = key.device();
    let transport = match options.plain {
        true => Transport::Plain(device),
        false => Transport::Tls(Identity::new(&key)),
    };
    let rooms = StoredRooms::with_access(store.clone(), transport, access, limits);
    let rooms = Arc::new(rooms);
    let listeners = relay::listen(options.listen)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listeners[0].local_addr()?;
    tracing::info!(%device, words = %words_of(&device), plain = options.plain, "this relay");
    say(&format!("listening on {address}"))?;
    let announced = match options.no_announce || options.listen.ip().is_loopback() {
        true => None,
        false => announce(device, address.port()),
    };
    serve_all(listeners, access, limits, &rooms, over).await?;
    tracing::info!("ending");
    if !rooms.close(ROOMS_END).await {
        tracing::error!(
            "some rooms did not store everything in time; whoever sent it will send it again"
        );
    }
    store.close(STORE_END).context("cannot close the store")?;
    if let Some((discovery, _)) = announced {
        discovery.close().await;
    }
    Ok(())
}

/// Serves at every listener until it is over.
async fn serve_all(
    listeners: Vec<TcpListener>,
    access: Access,
    limits: Limits,
    rooms: &Arc<StoredRooms>,
    over: impl Future<Output = ()>,
) -> Result<()> {
    let (stop, _) = watch::channel(false);
    let mut servers = JoinSet::new();
    for listener in listeners {
        let mut stopped = stop.subscribe();
        let over = async move { drop(stopped.wait_for(|it| *it).await) };
        servers.spawn(relay::serve(listener, access, limits, rooms.clone(), over));
    }
    over.await;
    stop.send_replace(true);
    while let Some(ended) = servers.join_next().await {
        ended??;
    }
    Ok(())
}

/// Tells the network. Without it the relay can still be found by its address, so a failure ends nothing.
fn announce(device: DeviceId, port: u16) -> Option<(Discovery, Announced)> {
    let announcement = Announcement {
        protocol: u16::try_from(relay::PROTOCOL).unwrap_or(u16::MAX),
        device: DevicePrefix::of(&device.0)?,
        port,
    };
    let begin = || {
        let discovery = Discovery::start(Interfaces::All)?;
        let announced = discovery.announce(announcement)?;
        Ok((discovery, announced))
    };
    let announced: Result<_, DiscoveryError> = begin();
    announced
        .inspect_err(|error| tracing::warn!(%error, "not announced"))
        .ok()
}

fn usual_dir() -> Result<PathBuf> {
    let dirs = directories::ProjectDirs::from("net", "talustally", "tally-relay");
    let dirs = dirs.context("this user has no home; say --data-dir")?;
    Ok(dirs.data_dir().to_owned())
}

/// The one line on standard output, for whoever started this.
fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
