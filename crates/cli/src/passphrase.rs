//! The passphrase that the keys may be under, or the keychain that they may be in.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use app::app::{App, Options, StartError};
use app::failure::Failure;
use app::secret_text::SecretText;
use app::security::KeychainUse;

use crate::instance::in_words_of_a_program;
use crate::problem::Problem;

/// Starts the application with the passphrase in the file; without one, a terminal is asked if it is needed.
pub async fn start(
    options: impl Fn() -> Options,
    passphrase_file: Option<PathBuf>,
) -> Result<App, Problem> {
    let passphrase = passphrase_file.as_deref().map(read).transpose()?;
    let is_said = passphrase.is_some();
    let with = |passphrase| Options {
        passphrase,
        keychain: keychain_use(),
        ..options()
    };
    match App::start(with(passphrase)).await {
        Err(StartError::Locked) if !is_said && io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password("Passphrase: ").map_err(Problem::failed)?;
            App::start(with(Some(typed.into()))).await.map_err(refused)
        }
        started => started.map_err(refused),
    }
}

/// New keys go into the file: this runs where no keychain is, too.
fn keychain_use() -> KeychainUse {
    keychain::of_this_system().map_or(KeychainUse::Never, KeychainUse::WhereSaid)
}

/// The first line. Editors end it with a new line, which is none of it.
fn read(file: &Path) -> Result<SecretText, Problem> {
    let text = fs::read_to_string(file)
        .map_err(|error| Problem::usage(format!("cannot read {}: {error}", file.display())))?;
    Ok(text.lines().next().unwrap_or_default().into())
}

fn refused(error: StartError) -> Problem {
    match error {
        StartError::Locked => Problem::Locked(Failure::new(
            "LOCKED",
            "The keys of this machine are under a passphrase. Say --passphrase-file, or use a terminal.",
        )),
        StartError::WrongPassphrase | StartError::Withheld(_) => Problem::Locked(error.into()),
        StartError::Store(_) => in_words_of_a_program(error.into()),
    }
}
