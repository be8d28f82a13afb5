//! How the keys of this machine are kept.

use std::sync::Arc;

use trust::key::words_of;

use crate::app::Inner;
use crate::failure::Failure;
use crate::key_file::NotKept;
use crate::reply::Reply;
use crate::secret_text::SecretText;
use crate::security::{KeysPlace, Security, not_taken};

/// A shorter one is guessed whatever a guess costs.
const SHORTEST_CHARACTERS: usize = 8;

/// Says it.
pub(super) async fn read(app: &Inner) -> Result<Reply, Failure> {
    let file = Arc::clone(&app.key_file);
    let look = app
        .world
        .blocking(move |_| Ok::<_, Failure>((file.place(), file.has_keychain())));
    let (keys, has_keychain) = look.await?;
    Ok(Reply::Security(Security {
        keys,
        has_keychain,
        words: words_of(&app.installation.device()),
    }))
}

/// Keeps the keys otherwise.
pub(super) async fn keep_keys(
    app: &Inner,
    current: Option<SecretText>,
    place: KeysPlace,
) -> Result<Reply, Failure> {
    if matches!(&place, KeysPlace::Passphrase { passphrase } if passphrase.chars().count() < SHORTEST_CHARACTERS)
    {
        let message = format!("Use at least {SHORTEST_CHARACTERS} characters.");
        return Err(Failure::new("PASSPHRASE_TOO_SHORT", message));
    }
    let (file, keys) = (
        Arc::clone(&app.key_file),
        Arc::clone(&app.installation.keys),
    );
    let change = move || file.change(&keys, current.as_deref(), &place);
    let change = app.world.blocking(move |_| change().map_err(Failure::from));
    change.await?;
    Ok(Reply::Done)
}

impl From<NotKept> for Failure {
    fn from(error: NotKept) -> Self {
        match error {
            NotKept::WrongPassphrase => Self::wrong_passphrase(),
            NotKept::Store(error) => error.into(),
            NotKept::Keychain(error) => not_taken(error),
            NotKept::NotReadBack => Self::new(
                "KEYS_NOT_KEPT",
                "The disk gives back something else than the keys that were written. Try again, and look after the disk.",
            ),
            NotKept::NoKeychain => Self::new(
                "KEYCHAIN_NOT_USED",
                "This program uses no keychain. The keys are where they were.",
            ),
            NotKept::Left(entry) => Self::new(
                "KEYCHAIN_ENTRY_LEFT",
                format!(
                    "The keys are kept as you said, but the keychain still has them, too. Remove its entry “Talus Tally {entry}” yourself."
                ),
            ),
        }
    }
}
