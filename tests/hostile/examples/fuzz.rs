//! `fuzz [--seconds S] [BODY...]`: changes good bytes at random, for so many seconds each. `fuzz --seeds FOLDER [BODY...]`
//! writes what is begun from as files, a folder for each body, for cargo-fuzz.
//!
//! It sees nothing of what the bytes lead to; cargo-fuzz does, where it is installed. Bytes that bring a body to panic,
//! or that take long, are printed as a line for `fuzz/corpus`.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: it reads the clock and the arguments"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hostile::bodies::{self, Body};
use hostile::{corpus, mutation};

/// Nothing may take longer.
const SLOW: Duration = Duration::from_secs(2);

enum Order {
    /// Change bytes for so long.
    Fuzz(Duration),
    /// Write the beginnings here.
    Seeds(PathBuf),
}

fn main() -> ExitCode {
    let Some((order, names)) = arguments() else {
        eprintln!("usage: fuzz [--seconds S | --seeds FOLDER] [BODY...]");
        return ExitCode::from(2);
    };
    let all = bodies::all();
    if let Some(name) = names.iter().find(|name| bodies::find(name).is_none()) {
        let known: Vec<&str> = all.iter().map(|body| body.name).collect();
        eprintln!("there is no body `{name}`; there are {}", known.join(" "));
        return ExitCode::from(2);
    }
    let mut is_sound = true;
    for body in all {
        if !names.is_empty() && !names.iter().any(|name| name == body.name) {
            continue;
        }
        is_sound &= match &order {
            Order::Fuzz(length) => fuzz(&body, *length),
            Order::Seeds(folder) => write_seeds(&body, folder).is_ok(),
        };
    }
    if is_sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn arguments() -> Option<(Order, Vec<String>)> {
    let mut order = Order::Fuzz(Duration::from_secs(60));
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => {
                let seconds = arguments.next()?.parse().ok()?;
                order = Order::Fuzz(Duration::from_secs(seconds));
            }
            "--seeds" => order = Order::Seeds(arguments.next()?.into()),
            option if option.starts_with('-') => return None,
            _ => names.push(argument),
        }
    }
    Some((order, names))
}

fn write_seeds(body: &Body, folder: &Path) -> std::io::Result<()> {
    let folder = folder.join(body.name);
    std::fs::create_dir_all(&folder)?;
    for (number, bytes) in body.beginnings().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), bytes)?;
    }
    Ok(())
}

/// Says how it went, and whether it went well.
fn fuzz(body: &Body, length: Duration) -> bool {
    let beginnings = body.beginnings();
    let mut random = fastrand::Rng::new();
    let (begin, mut slowest, mut runs) = (Instant::now(), Duration::ZERO, 0_u64);
    while begin.elapsed() < length {
        let bytes = mutation::any(&beginnings, &mut random);
        let run = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| (body.take)(&bytes))).is_err() {
            println!("{:<16} PANICS: {}", body.name, corpus::to_hex(&bytes));
            return false;
        }
        let took = run.elapsed();
        if took > SLOW {
            println!(
                "{:<16} takes {took:?}: {}",
                body.name,
                corpus::to_hex(&bytes)
            );
            return false;
        }
        slowest = slowest.max(took);
        runs += 1;
    }
    println!("{:<16} {runs:>10} runs, the slowest {slowest:?}", body.name);
    true
}
