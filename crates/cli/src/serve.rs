//! `tally serve`: an instance without a window.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::{Server, TOKEN_FILE};
use app::network::NetworkOptions;
use clap::Args;
use serde_json::json;

use crate::problem::Problem;
use crate::{passphrase, print, shutdown};

/// Where programs are served, unless somebody says so.
const USUAL_PORT: u16 = 7826;

#[derive(Args)]
pub struct Options {
    /// Where to serve programs: an address of loopback. Port 0 takes any that is free.
    #[arg(long, default_value_t = SocketAddr::from(([127, 0, 0, 1], USUAL_PORT)))]
    listen: SocketAddr,

    /// Close a session that nobody is in and nobody has used for so many minutes.
    #[arg(long, default_value_t = 24 * 60)]
    idle_minutes: u64,

    /// Share nothing with other machines meanwhile.
    #[arg(long)]
    offline: bool,
}

/// Serves until the system says that it is over.
pub fn run(
    data_dir: &Path,
    passphrase_file: Option<PathBuf>,
    options: &Options,
    json: bool,
) -> Result<(), Problem> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TALLY_LOG");
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new().map_err(Problem::failed)?;
    runtime.block_on(serve(data_dir, passphrase_file, options, json))
}

async fn serve(
    data_dir: &Path,
    passphrase_file: Option<PathBuf>,
    options: &Options,
    json: bool,
) -> Result<(), Problem> {
    let over = shutdown::listen().map_err(Problem::failed)?;
    let network = NetworkOptions {
        listen: SocketAddr::from(([0, 0, 0, 0], 0)),
        insecure_lan: false,
        discover: true,
    };
    let start = || app::app::Options {
        network: (!options.offline).then(|| network.clone()),
        ..app::app::Options::new(data_dir)
    };
    let app = passphrase::start(start, passphrase_file).await?;
    let how = api::Options {
        listen: options.listen,
        idle: Duration::from_secs(60 * options.idle_minutes),
        ..api::Options::new(data_dir)
    };
    let server = Server::start(app.clone(), &how).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        Problem::Failed(format!("{error}{}", cause.unwrap_or_default()))
    })?;
    let address = format!("http://{}", server.address());
    let token = data_dir.join(TOKEN_FILE);
    match json {
        true => {
            print(format!("{}\n", json!({"address": address, "token_file": token})).as_bytes())?
        }
        false => {
            print(format!("listening on {address}\ntoken in {}\n", token.display()).as_bytes())?
        }
    }
    over.await;
    server.close().await;
    app.close().await.map_err(Problem::Unreachable)
}
