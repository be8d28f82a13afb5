//! The application without a window as a process of its own: a request per line in, an answer per line out.
//!
//! `desk DATA_DIR LISTEN [--insecure-lan] [--discover] [--openly]`. It closes in good order when its input ends. What is
//! shared `--openly` is shared as earlier versions did.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program for tests ends where it fails"
)]

use app::app::{App, Options};
use app::network::NetworkOptions;
use app::request::Request;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options::new(arguments.next().unwrap());
    let listen = arguments.next().unwrap().parse().unwrap();
    let flags: Vec<String> = arguments.collect();
    let has = |flag: &str| flags.iter().any(|it| it == flag);
    options.network = Some(NetworkOptions {
        listen,
        insecure_lan: has("--insecure-lan"),
        discover: has("--discover"),
    });
    let app = App::start(options).await.unwrap();
    scenarios::answer_lines(async |line| {
        if has("--openly")
            && let Ok(Request::Invite { project }) = serde_json::from_str(&line)
        {
            app.share_openly(project).await.unwrap();
        }
        app.call_json(line.as_bytes()).await
    })
    .await;
    app.close().await.unwrap();
}
