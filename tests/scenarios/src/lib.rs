//! Scenarios on real sockets; all of them are tests. What they are made of is in `testkit::links`; here is what the
//! applications that run as processes of their own have in common.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program for tests ends where it fails"
)]

use std::io::{BufRead, Write};

/// Answers standard input on standard output, a line for a line, until it ends.
///
/// # Panics
/// If standard input or output fails.
pub async fn answer_lines(mut answer: impl AsyncFnMut(String) -> Vec<u8>) {
    loop {
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        let line = line.await.unwrap().unwrap();
        if line.is_empty() {
            return;
        }
        let answer = answer(line).await;
        let mut out = std::io::stdout().lock();
        out.write_all(&answer).unwrap();
        out.write_all(b"\n").unwrap();
        out.flush().unwrap();
    }
}
