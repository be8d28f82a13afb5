//! `tally-relay admin-link`.

use std::io::Write;

use anyhow::Result;

use super::entrance::LINK_MS;
use crate::{
    config::Place,
    control::{Answer, Order, ask, unexpected},
    failure::{Exit, Failure},
};

/// Has the relay that runs make a link, and prints it on standard output.
pub fn command(place: Place) -> Result<()> {
    match ask(&place.load()?.config.data_dir, &Order::AdminLink)? {
        Answer::AdminLink(Some(link)) => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{link}")?;
            out.flush()?;
            let minutes = LINK_MS / 60_000;
            eprintln!("It is good once, within {minutes} minutes.");
            Ok(())
        }
        Answer::AdminLink(None) => {
            let message = "the relay shows no page for admins; say with admin.listen where, such as 127.0.0.1:7828, and start it anew";
            Err(Failure::new(Exit::Config, "ADMIN_OFF", message).into())
        }
        other => Err(unexpected(&other).into()),
    }
}
