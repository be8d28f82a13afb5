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

/// How long one that runs has to say that it is there: the machine may have much to do.
const ANSWER: Duration = Duration::from_secs(60);

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
            Ok(Some(running)) => Ok(running),
            Ok(None) => Self::begin(data_dir, passphrase_file),
            // Somebody else may be silent at an address that was left behind: whether one runs, the directory tells.
            Err(silent) => match Self::begin(data_dir, passphrase_file) {
                Err(Problem::Unreachable(why)) if why.code == RUNNING => Err(silent),
                begun => begun,
            },
        }
    }

    /// The one that runs on a data directory, if there is one.
    ///
    /// # Errors
    /// If it does not say so.
    pub fn running(data_dir: &Path) -> Result<Option<Self>, Problem> {
        Self::answers(data_dir, ANSWER)
    }

    fn answers(data_dir: &Path, within: Duration) -> Result<Option<Self>, Problem> {
        let read = |name| fs::read_to_string(data_dir.join(name));
        let (Ok(address), Ok(token)) = (read(ADDRESS_FILE), read(TOKEN_FILE)) else {
            return Ok(None);
        };
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(within))
            .build();
        let health = format!("{}/api/v1/health", address.trim());
        match ureq::Agent::from(config).get(&health).call() {
            Ok(_) => Ok(Some(Self {
                address: address.trim().to_owned(),
                token: token.trim().to_owned(),
                own: None,
            })),
            Err(ureq::Error::Timeout(_)) => Err(Problem::Unreachable(Failure::new(
                "NO_ANSWER",
                "Talus Tally runs on these projects and does not answer. Try again when it or this machine has less to do, or end it.",
            ))),
            // The address was left behind.
            Err(_) => Ok(None),
        }
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

/// The code for a data directory that somebody has.
const RUNNING: &str = "ALREADY_RUNNING";

/// What the window says of another window is of no use here.
pub fn in_words_of_a_program(failure: Failure) -> Problem {
    if failure.code != RUNNING {
        return Problem::Unreachable(failure);
    }
    Problem::Unreachable(Failure::new(
        RUNNING,
        "Talus Tally runs on these projects and lets no program in. Turn on “Let programs of this computer in” in its Settings, Programs; or close it, or say another --data-dir.",
    ))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn whoever_is_silent_is_not_taken_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let asked = || Instance::answers(folder.path(), Duration::from_millis(200));
        assert!(matches!(asked(), Ok(None)), "there is no address");
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        fs::write(folder.path().join(ADDRESS_FILE), address).unwrap();
        fs::write(folder.path().join(TOKEN_FILE), "token").unwrap();
        let Err(Problem::Unreachable(why)) = asked() else {
            panic!("nobody answers");
        };
        assert_eq!(why.code, "NO_ANSWER");
        drop(silent);
        assert!(matches!(asked(), Ok(None)), "the address was left behind");
    }
}
