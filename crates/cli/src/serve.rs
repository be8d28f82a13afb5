//! `tally serve`: an instance without a window, for programs and for browsers of this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::{Page, Server, TOKEN_FILE};
use app::network::NetworkOptions;
use clap::Args;
use serde_json::json;

use crate::problem::Problem;
use crate::{passphrase, print, shutdown};

/// Where programs are served, unless somebody says so.
const USUAL_PORT: u16 = 7826;

/// The UI as it was when this program was built; nothing if it was not built then.
const UI: Page = Page(include!(concat!(env!("OUT_DIR"), "/ui.rs")));

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

    /// Where other machines reach this one, as `ADDRESS:PORT`. Otherwise at any free port.
    #[arg(long, conflicts_with = "offline")]
    peers: Option<SocketAddr>,
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
        listen: options.peers.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0))),
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
        page: Some(UI),
        ..api::Options::new(data_dir)
    };
    let server = Server::start(app.clone(), &how).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        Problem::Failed(format!("{error}{}", cause.unwrap_or_default()))
    })?;
    say(data_dir, &server, json)?;
    over.await;
    server.close().await;
    app.close().await.map_err(Problem::Unreachable)
}

/// Says where it is, for programs and for a browser.
fn say(data_dir: &Path, server: &Server, json: bool) -> Result<(), Problem> {
    let address = format!("http://{}", server.address());
    let token = data_dir.join(TOKEN_FILE);
    let page = server.draw_page_address().map_err(Problem::failed)?;
    let text = match json {
        true => format!(
            "{}\n",
            json!({"address": address, "token_file": token, "page": page})
        ),
        false => format!(
            "listening on {address}\ntoken in {}\npage, for one browser and an hour: {}\n",
            token.display(),
            page.unwrap_or_default()
        ),
    };
    print(text.as_bytes())
}
