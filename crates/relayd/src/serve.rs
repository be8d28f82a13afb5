//! `tally-relay serve`.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result};
use discovery::{Announced, Announcement, DevicePrefix, Discovery, DiscoveryError, Interfaces};
use relay::{Access, Identity, Proxies, SharedLimits, StoredRooms, Transport};
use store::{SqliteStore, Store, StoreError};
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
};
use trust::{DeviceId, key::words_of};

#[cfg(target_os = "linux")]
use crate::started;
use crate::{
    admin::{self, Door},
    config::{self, Flags, Loaded},
    control::{Commands, Desk},
    descriptors, device,
    failure::Failure,
    hosting::Hosting,
    invite, logging,
    operations::{self, Readiness, Token, View},
    pages,
    reload::Live,
    retention, sharing, shutdown,
    tls::PageCertificate,
};

/// For rooms to store what they were given. With what `relay` allows links and what the store needs, a drain is over
/// within 10 s.
const ROOMS_END: Duration = Duration::from_secs(3);

/// For the store to sync.
const STORE_END: Duration = Duration::from_secs(3);

pub fn command(flags: Flags) -> Result<()> {
    let loaded = config::load(&flags, config::environment())?;
    descriptors::raise();
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    runtime.block_on(serve(flags, loaded))
}

async fn serve(flags: Flags, loaded: Loaded) -> Result<()> {
    let begun = (SystemTime::now(), Instant::now());
    let asked = shutdown::listen()?;
    #[cfg(unix)]
    let hung_up = shutdown::hung_up()?;
    let config = loaded.config.clone();
    let filter = logging::filter(&config.log).map_err(anyhow::Error::msg)?;
    let set_filter = logging::start(filter, config.log_format);
    descriptors::judge(config.limits.connections);
    let certificate = PageCertificate::start(&config.tls)?;
    let token = Token::start(&config.operations.token_file)?;
    if let Some(certificate) = &certificate {
        tell(certificate, &config);
    }
    let dir = &config.data_dir;
    let store = SqliteStore::open(dir).map_err(|error| Failure::store(dir, &error))?;
    let store = Arc::new(store);
    let limits = SharedLimits::from(config.limits());
    let key = device::of(dir)?;
    let device = key.device();
    let transport = match config.plain {
        true => Transport::Plain(device),
        false => Transport::Tls(Identity::new(&key)),
    };
    let access = config.access();
    let hosting = Hosting::new(dir, config.hosts());
    let rooms = StoredRooms::with_access(store.clone(), transport, access, limits.clone())
        .with_redeemer(Arc::new(hosting.clone()));
    let redis = sharing::start(&config.cluster).await?;
    let rooms = match redis.clone() {
        Some(redis) => rooms.with_cluster(redis),
        None => rooms,
    };
    rooms.set_hosts(hosting.hosts());
    let rooms = Arc::new(rooms);
    let listeners = relay::listen(config.listen)
        .map_err(|error| Failure::listen("listen", config.listen, &error))?;
    let address = listeners[0].local_addr()?;
    let (watching, operations) = pages::bind("operations.listen", config.operations.listen)
        .await?
        .unzip();
    tracing::info!(%device, words = %words_of(&device), plain = config.plain, "this relay");
    if let Some(operations) = operations {
        tracing::info!(%operations, "shows /metrics, /livez and /readyz");
    }
    if hosting.is_closed() {
        tracing::warn!("{}", config::nobody(loaded.file.as_deref()));
    }
    let (showing, admin) = pages::bind("admin.listen", config.admin.listen)
        .await?
        .unzip();
    if let Some(admin) = admin {
        tracing::info!(%admin, "shows a page for admins");
    }
    let ending = Arc::new(Notify::new());
    let desk = Arc::new(Desk {
        dir: dir.clone(),
        rooms: rooms.clone(),
        store: store.clone(),
        device,
        listen: address.to_string(),
        operations: operations.map(|it| it.to_string()),
        admin: admin.map(|it| {
            Door::new(
                config.admin.origin.clone(),
                it.to_string(),
                certificate.clone(),
            )
        }),
        address: invite::own_address(&config).ok(),
        certificate: certificate.clone(),
        begun,
        ending: ending.clone(),
    });
    let commands = Commands::take(dir, desk.clone());
    survey(rooms.clone());
    say(&format!("listening on {address}"))?;
    #[cfg(target_os = "linux")]
    started::tell();
    let announced = match !config.announce || config.listen.ip().is_loopback() {
        true => None,
        false => announce(device, address.port()),
    };
    let (retention, retained) = watch::channel(config.retention);
    let loaded = Arc::new(loaded);
    let live = Live {
        flags,
        started: loaded.clone(),
        loaded,
        limits: limits.clone(),
        rooms: rooms.clone(),
        hosting: hosting.clone(),
        retention,
        set_filter,
        certificate: certificate.clone(),
        token: token.clone(),
    };
    let over = async {
        tokio::select! {
            () = asked => {}
            () = ending.notified() => {}
        }
    };
    let told = rooms.clone();
    let beside = async {
        let view = View {
            rooms: rooms.clone(),
            store: store.clone(),
            readiness: Readiness::new(store.clone(), dir, config.operations.free_bytes)
                .with_redis(redis.clone())
                .with_certificate(certificate.clone()),
            redis: redis.clone(),
            certificate,
            token,
        };
        #[cfg(unix)]
        let live = live.follow(hung_up);
        #[cfg(not(unix))]
        let live = async move {
            let _live = live;
            std::future::pending::<()>().await
        };
        tokio::join!(
            live,
            hosting.follow(move |hosts| told.set_hosts(hosts)),
            sharing::follow(redis, dir.clone()),
            retention::follow(rooms.clone(), dir, retained),
            operations::serve(watching, view),
            admin::serve(showing, desk),
            commands.obey(),
            rooms.share(),
        );
    };
    tokio::select! {
        served = serve_all(listeners, config.proxies(), access, &limits, &rooms, over) => served?,
        () = beside => {}
    }
    tracing::info!("ending");
    if !rooms.close(ROOMS_END).await {
        tracing::error!(
            "some rooms did not store everything in time; whoever sent it will send it again"
        );
    }
    store.close(STORE_END).context("cannot close the store")?;
    drop(commands);
    if let Some((discovery, _)) = announced {
        discovery.close().await;
    }
    Ok(())
}

/// Says until when the certificate is good, and what is wrong with it. Rooms do not need it, so it ends nothing.
fn tell(certificate: &PageCertificate, config: &config::Config) {
    tracing::info!(until = %certificate.until(), "has a certificate for /metrics and the page for admins");
    if let Err(failure) = certificate.judge() {
        tracing::warn!(code = failure.code, %failure, "nobody will trust the certificate");
    }
    if let Err(why) = certificate.judge_name(&config.admin.origin) {
        tracing::warn!("{why}");
    }
}

/// Learns how much is kept for whom, beside everything else: with thousands of rooms it takes a while.
fn survey(rooms: Arc<StoredRooms>) {
    tokio::task::spawn_blocking(move || match rooms.survey() {
        Ok(rooms) => tracing::info!(rooms, "has counted what is kept for whom"),
        // The relay has been ended meanwhile.
        Err(StoreError::Closed) => {}
        Err(error) => {
            tracing::error!(%error, "cannot count what is kept for whom; rooms count from when they are opened");
        }
    });
}

/// Serves at every listener until it is over.
async fn serve_all(
    listeners: Vec<TcpListener>,
    proxies: Proxies,
    access: Access,
    limits: &SharedLimits,
    rooms: &Arc<StoredRooms>,
    over: impl Future<Output = ()>,
) -> Result<()> {
    let (stop, _) = watch::channel(false);
    let mut servers = JoinSet::new();
    for listener in listeners {
        let mut stopped = stop.subscribe();
        let over = async move { drop(stopped.wait_for(|it| *it).await) };
        servers.spawn(relay::serve_behind(
            proxies.clone(),
            listener,
            access,
            limits.clone(),
            rooms.clone(),
            over,
        ));
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

/// The one line on standard output, for whoever started this.
fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
