//! `tally-relay config`: is it right, and where does it come from?

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{
    config::{self, Flags},
    hosting::Hosting,
    operations::Token,
    tls::PageCertificate,
};

#[derive(Subcommand)]
pub enum Command {
    /// Look for mistakes without serving. The exit code is 78 if there is one.
    Check(Flags),
    /// Show every value that holds.
    Print(Print),
}

#[derive(Args)]
pub struct Print {
    #[command(flatten)]
    flags: Flags,

    /// Also where each value comes from: default, a line of the file, a variable of the environment or a flag.
    #[arg(long)]
    origin: bool,
}

pub fn command(command: Command) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match command {
        Command::Check(flags) => {
            let loaded = config::load(&flags, config::environment())?;
            let certificate = PageCertificate::start(&loaded.config.tls)?;
            Token::start(&loaded.config.operations.token_file)?;
            let file = loaded.file_name();
            writeln!(out, "nothing is wrong with {file}")?;
            let config = &loaded.config;
            if let Some(Err(why)) = certificate.map(|it| it.judge()) {
                writeln!(out, "{why}")?;
            }
            if Hosting::new(&config.data_dir, config.hosts()).is_closed() {
                writeln!(out, "{}", config::nobody(loaded.file.as_deref()))?;
            }
        }
        Command::Print(Print { flags, origin }) => {
            let loaded = config::load(&flags, config::environment())?;
            out.write_all(config::print(&loaded, origin).as_bytes())?;
        }
    }
    Ok(out.flush()?)
}
