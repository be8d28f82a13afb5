//! `cargo xtask`: everything one does with this repository, one file per command.
//!
//! It knows cargo, npm, git and the package manager of the system, and nothing of the other crates.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: it starts processes and reads the clock"
)]

mod arrows;
mod bench;
mod bindings;
mod compat;
mod demo;
mod deny;
mod dist;
mod e2e;
mod fuzz;
mod process;
mod rust;
mod setup;
mod sim;
mod soak;
mod start;
mod test;
mod tidy;
mod ui;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use workspace::Workspace;

const HELP: &str = "\
Talus Tally, the commands of the repository

    cargo xtask run [--release] [ARGS]      set everything up, build and open the desktop app; ARGS go to it.
                                            Without a display: `tally serve`, and the address for a browser
    cargo xtask demo                        two windows side by side that share one project
    cargo xtask test [STAGE...]             set everything up and check; without STAGE all of them:
                                            fmt tidy arrows deny ui clippy rust bindings e2e browser
    cargo xtask ci                          what `.ci/run` runs: test, asking nothing
    cargo xtask setup [--dry-run] [--test]  only the set-up (--test: also what the tests need)

    cargo xtask e2e [--browser] [FILTER]    drive the real window on a screen of its own, or the same UI in Chromium
    cargo xtask bench [AREA...]             measure; AREA: graph trust sync store relay app api desktop browser
    cargo xtask sim [--seed S] [--count N]  applications and relays under seeds, in their nightly form (100000 of them)
    cargo xtask sim replay PLAN             run the plan of a seed that broke again
    cargo xtask sim minimise PLAN           leave out of it what is not needed to break
    cargo xtask sim histories [--seed S] [--count N]
                                            random histories of graph in their nightly form (20000 of them)
    cargo xtask sim members [--seed S] [--count N]
                                            histories of members of a room in their nightly form (20000 of them)
    cargo xtask fuzz [--seconds S] [BODY...]
                                            hostile bytes for every decoder (60 seconds each)
    cargo xtask soak [--minutes M] [--seed S]
                                            five apps and two relays at work, with faults (60 minutes of it)
    cargo xtask soak relay [--minutes M] [--seed S]
                                            one relay under a crowd that comes, writes, falls silent and goes
    cargo xtask bindings                    write ui/src/bindings anew from the Rust types
    cargo xtask compat record               keep what this version says and writes, at each release
    cargo xtask tidy                        file sizes, names, words and paths that do not belong here
    cargo xtask arrows                      who may depend on whom
    cargo xtask dist [desktop | relay]      build the Debian packages
    cargo xtask dist relay --try            also install, upgrade and purge it on a copy of this machine (as root)
    cargo xtask dist relay --boot [EARLIER] also boot it, and do to the service all that the guide has, with people at work; upgrade
                                            from this package (as root)
    cargo xtask dist image [--try]          the relay as an OCI image; --try also runs it, with nothing around it (as root)
    cargo xtask help                        this page
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(ExitCode::FAILURE);
    };
    let workspace = Workspace::find()?;
    match name.as_str() {
        "run" => return start::command(&workspace, rest),
        "test" => return test::command(&workspace, rest),
        "ci" => return test::ci(&workspace, rest),
        "demo" => return demo::command(&workspace),
        "setup" => setup::command(&workspace, rest)?,
        "e2e" => e2e::command(&workspace, rest)?,
        "bench" => return bench::command(&workspace, rest),
        "sim" => sim::command(&workspace, rest)?,
        "fuzz" => fuzz::command(&workspace, rest)?,
        "soak" => soak::command(&workspace, rest)?,
        "bindings" => bindings::command(&workspace)?,
        "compat" => compat::command(&workspace, rest)?,
        "tidy" => tidy::check(&workspace)?,
        "arrows" => arrows::check(&workspace)?,
        "dist" => dist::command(&workspace, rest)?,
        "help" | "--help" | "-h" => print!("{HELP}"),
        other => bail!("there is no command `{other}`; see `cargo xtask help`"),
    }
    Ok(ExitCode::SUCCESS)
}
