//! `tally watch`: what happens to a project, as it happens.

use clap::Args;
use serde_json::Value;

use crate::client::Client;
use crate::problem::Problem;
use crate::{print, project, show};

/// Seconds that the server is asked to wait for the next event.
const WAIT: u64 = 25;

#[derive(Args)]
pub struct Options {
    /// Id, the beginning of an id, or name of a project.
    project: String,

    /// Begin after this number, if the server still has it; otherwise with what happens from now on.
    #[arg(long)]
    after: Option<u64>,

    /// End after so many events.
    #[arg(long)]
    count: Option<usize>,
}

/// Prints one event a line; with JSON, the payload as Socket.IO has it and its name as `event`.
pub fn run(client: &Client, options: &Options, json: bool) -> Result<(), Problem> {
    let session = project::open(client, &options.project)?;
    let now = || {
        Ok(
            client.get(&format!("/sessions/{session}/info"))?["sequence"]
                .as_u64()
                .unwrap_or(0),
        )
    };
    let mut after = options.after.map_or_else(now, Ok)?;
    let mut left = options.count.unwrap_or(usize::MAX);
    while left > 0 {
        let path = format!(
            "/sessions/{session}/events?after={after}&wait={WAIT}&limit={}",
            left.min(1000)
        );
        let answer = client.get(&path)?;
        if answer["complete"] == false {
            eprintln!("tally: some events are gone; read the project anew");
        }
        let events = answer["events"].as_array().into_iter().flatten();
        for event in events {
            tell(event, json)?;
            left -= 1;
        }
        let last = answer["events"].as_array().and_then(|it| it.last());
        let last = last.unwrap_or(&answer);
        after = last["sequence"]
            .as_u64()
            .or(answer["newest"].as_u64())
            .unwrap_or(after);
    }
    Ok(())
}

fn tell(event: &Value, json: bool) -> Result<(), Problem> {
    match json {
        true => print(format!("{event}\n").as_bytes()),
        false => print(show::event(event).as_bytes()),
    }
}
