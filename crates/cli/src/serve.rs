//! `tally serve`: an instance without a window, for programs and for browsers of this machine, and for programs of others.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::{Lan, Page, Server};
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

    /// Serve programs of other machines, too: by TLS, at this address, as `ADDRESS:PORT`. Nothing is said to them without a
    /// token.
    #[arg(long)]
    lan: Option<SocketAddr>,

    /// A name or an address by which other machines ask, besides the one of --lan. May be given several times.
    #[arg(long, requires = "lan")]
    lan_name: Vec<String>,

    /// A file with the certificate to show them, in PEM. Otherwise one is made and kept.
    #[arg(long, requires = "lan", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The file with its key.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,

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
        lan: options.lan(),
        ..api::Options::new(data_dir)
    };
    let server =
        Server::start(app.clone(), &how).map_err(|error| Problem::Failed(words(&error)))?;
    say(&server, app.is_read_only(), json)?;
    over.await;
    server.close().await;
    app.close().await.map_err(Problem::at_the_end)
}

impl Options {
    fn lan(&self) -> Option<Lan> {
        Some(Lan {
            listen: self.lan?,
            names: self.lan_name.clone(),
            files: self.tls_cert.clone().zip(self.tls_key.clone()),
        })
    }
}

/// An error with what caused it, each said once.
fn words(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_words = next.to_string();
        if !said.contains(&next_words) {
            said = format!("{said}: {next_words}");
        }
        cause = next.source();
    }
    said
}

/// Says where it is, for programs and for a browser, and whether anything is kept.
fn say(server: &Server, is_read_only: bool, json: bool) -> Result<(), Problem> {
    let address = format!("http://{}", server.address());
    let page = server.draw_page_address().map_err(Problem::failed)?;
    let file = server.token_file();
    // One that is in no file is found nowhere else.
    let token = file.is_none().then(|| server.token());
    let lan = server.lan();
    let text = match json {
        true => {
            let lan = lan.map(|lan| {
                json!({
                    "address": format!("https://{}", lan.address),
                    "certificate_file": lan.certificate,
                    "fingerprint": lan.fingerprint,
                })
            });
            let said = json!({
                "address": address, "token_file": file, "token": token, "page": page, "lan": lan,
                "is_read_only": is_read_only,
            });
            format!("{said}\n")
        }
        false => {
            let lan = lan.map(|lan| {
                format!(
                    "other machines: https://{}\ncertificate in {}\nSHA-256 of it {}\n",
                    lan.address,
                    lan.certificate.display(),
                    lan.fingerprint
                )
            });
            let token = match (file, token) {
                (Some(file), _) => format!("token in {}", file.display()),
                (None, token) => format!("token, until this ends: {}", token.unwrap_or_default()),
            };
            let kept = match is_read_only {
                true => {
                    "the disk takes nothing: what is on it is shown, and changes are in memory until this ends\n"
                }
                false => "",
            };
            format!(
                "listening on {address}\n{token}\npage, for one browser and an hour: {}\n{}{kept}",
                page.unwrap_or_default(),
                lan.unwrap_or_default()
            )
        }
    };
    print(text.as_bytes())
}
