//! The credential manager. It is never locked while its user is logged in, and asks nobody.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, error::PlatformError};
use store::KeychainError;
use windows_native_keyring_store::Store;

use crate::APPLICATION;

/// Nothing: it asks nobody anyway.
pub(super) struct Quiet;

/// What is kept meanwhile.
pub(super) fn quietly() -> Result<Quiet, KeychainError> {
    Ok(Quiet)
}

/// The entry of that name, which need not be there. It stays on this computer, also where the user's profile goes to others: a
/// device is one computer.
pub(super) fn entry(name: &str) -> Result<Entry, KeychainError> {
    let store: Arc<CredentialStore> = Store::new().map_err(|error| super::refused(&error))?;
    let here = HashMap::from([("persistence", "Local")]);
    Entry::new_in_store_with_modifiers(&store, APPLICATION, name, &here)
        .map_err(|error| super::refused(&error))
}

/// There is nothing to unlock.
pub(super) fn unlock() -> Result<(), KeychainError> {
    Ok(())
}

/// In a session that nobody has logged in to, as by ssh, there is none.
pub(super) fn shut(_: &PlatformError) -> KeychainError {
    KeychainError::Absent
}

/// What the system says.
pub(super) fn refused(error: &PlatformError) -> KeychainError {
    KeychainError::Refused(error.to_string())
}
