//! The application as a window has it, with the keychain of this system, as a process of its own: a request per line in, an
//! answer per line out.
//!
//! `window DATA_DIR [--keys-in-file]`. It closes in good order when its input ends.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program for tests ends where it fails"
)]

use app::app::Options;
use app::security::KeychainUse;
use app::threshold::Threshold;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options::new(arguments.next().unwrap());
    let keychain = keychain::of_this_system().unwrap();
    options.keychain = match arguments.next().as_deref() {
        Some("--keys-in-file") => KeychainUse::WhereSaid(keychain),
        _ => KeychainUse::First(keychain),
    };
    let window = Threshold::start(options).await.unwrap();
    scenarios::answer_lines(async |line| window.call_json(line.as_bytes()).await).await;
    window.close().await.unwrap();
}
