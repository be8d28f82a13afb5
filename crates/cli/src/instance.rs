//! The application that is asked: the one that runs, or one for this command.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::{ADDRESS_FILE, Server, TOKEN_FILE};
use app::app::{App, Options};
use app::failure::Failure;
use tokio::runtime::Runtime;

use crate::passphrase;
use crate::problem::Problem;

/// How long one that runs has to say that it is there.
const ANSWER: Duration = Duration::from_secs(5);

/// Where it is, and what lets one in.
pub struct Instance {
    pub address: String,
    pub token: String,
    own: Option<Own>,
}

/// One for this command only.
struct Own {
    runtime: Runtime,
    app: App,
    server: Server,
}

impl Instance {
    /// The one that runs on a data directory; if there is none, one for this command.
    pub fn find(data_dir: &Path, passphrase_file: Option<PathBuf>) -> Result<Self, Problem> {
        match Self::running(data_dir) {
            Some(running) => Ok(running),
            None => Self::begin(data_dir, passphrase_file),
        }
    }

    /// The one that runs on a data directory, if there is one.
    pub fn running(data_dir: &Path) -> Option<Self> {
        let address = fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok()?;
        let token = fs::read_to_string(data_dir.join(TOKEN_FILE)).ok()?;
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .build();
        let health = format!("{}/api/v1/health", address.trim());
        // An address at which nobody answers was left behind.
        ureq::Agent::from(config).get(&health).call().ok()?;
        Some(Self {
            address: address.trim().to_owned(),
            token: token.trim().to_owned(),
            own: None,
        })
    }

    fn begin(data_dir: &Path, passphrase_file: Option<PathBuf>) -> Result<Self, Problem> {
        let runtime = Runtime::new().map_err(Problem::failed)?;
        let start = passphrase::start(|| Options::new(data_dir), passphrase_file);
        let app = runtime.block_on(start)?;
        let options = api::Options {
            announced: false,
            ..api::Options::new(data_dir)
        };
        let server = {
            let _on = runtime.enter();
            Server::start(app.clone(), &options).map_err(Problem::failed)?
        };
        Ok(Self {
            address: format!("http://{}", server.address()),
            token: server.token().to_owned(),
            own: Some(Own {
                runtime,
                app,
                server,
            }),
        })
    }

    /// Ends one that was only for this command; everything is on disk then.
    pub fn leave(self) -> Result<(), Problem> {
        let Some(Own {
            runtime,
            app,
            server,
        }) = self.own
        else {
            return Ok(());
        };
        runtime
            .block_on(async {
                server.close().await;
                app.close().await
            })
            .map_err(Problem::at_the_end)
    }
}

/// Where projects are, unless somebody says so: where the window keeps them.
pub fn data_dir(said: Option<PathBuf>) -> Result<PathBuf, Problem> {
    let variable = || {
        std::env::var_os("TALUS_DATA_DIR")
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    let usual = || directories::ProjectDirs::from("net", "talustally", "Talus-Tally");
    let found = said
        .or_else(variable)
        .or_else(|| Some(usual()?.data_local_dir().to_owned()));
    found.ok_or_else(|| Problem::usage("this account has no home folder; say --data-dir"))
}

/// What the window says of another window is of no use here.
pub fn in_words_of_a_program(failure: Failure) -> Problem {
    if failure.code != "ALREADY_RUNNING" {
        return Problem::Unreachable(failure);
    }
    Problem::Unreachable(Failure::new(
        "ALREADY_RUNNING",
        "Talus Tally runs on these projects and lets no program in. Turn on “Let programs of this computer in” in its Settings, Programs; or close it, or say another --data-dir.",
    ))
}
