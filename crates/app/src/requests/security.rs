//! How the keys of this machine are kept.

use std::sync::Arc;

use trust::key::words_of;

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::secret_text::SecretText;
use crate::security::Security;

/// A shorter one is guessed whatever a guess costs.
const SHORTEST_CHARACTERS: usize = 8;

/// Says it.
pub(super) async fn read(app: &Inner) -> Result<Reply, Failure> {
    let file = Arc::clone(&app.key_file);
    let look = app
        .world
        .blocking(move |_| Ok::<_, Failure>(file.is_locked()));
    Ok(Reply::Security(Security {
        has_passphrase: look.await?,
        words: words_of(&app.installation.device()),
    }))
}

/// Keeps the keys otherwise. Whoever only sits down at an open window changes nothing of it.
pub(super) async fn set_passphrase(
    app: &Inner,
    current: Option<SecretText>,
    new: Option<SecretText>,
) -> Result<Reply, Failure> {
    let is_short = |it: &SecretText| it.chars().count() < SHORTEST_CHARACTERS;
    if new.as_ref().is_some_and(is_short) {
        let message = format!("Use at least {SHORTEST_CHARACTERS} characters.");
        return Err(Failure::new("PASSPHRASE_TOO_SHORT", message));
    }
    let (file, keys) = (
        Arc::clone(&app.key_file),
        Arc::clone(&app.installation.keys),
    );
    // One change after the other.
    let _alone = app.lifecycle.lock().await;
    let change = app.world.blocking(move |_| {
        if file.is_locked() {
            let opened = file.open(current.as_deref()).ok();
            let is_right = opened.is_some_and(|it| it.device() == keys.device());
            if !is_right {
                return Err(Failure::wrong_passphrase());
            }
        }
        file.keep(&keys, new.as_deref()).map_err(Failure::from)
    });
    change.await?;
    Ok(Reply::Done)
}
