//! The login keychain, by the calls of macOS that know of one in a file. It does not go to other computers.

use std::sync::Arc;

use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Entry, error::PlatformError};
use security_framework::base::Error;
use security_framework::os::macos::keychain::{
    KeychainUserInteractionLock, SecKeychain, SecPreferencesDomain,
};
use store::KeychainError;

use crate::APPLICATION;

/// While this is kept the system asks nobody, neither for a password nor whether this program may. It holds for the process.
pub(super) fn quietly() -> Result<KeychainUserInteractionLock, KeychainError> {
    SecKeychain::disable_user_interaction().map_err(of_system)
}

/// The entry of that name, which need not be there.
pub(super) fn entry(name: &str) -> Result<Entry, KeychainError> {
    let store: Arc<CredentialStore> = Store::new().map_err(|error| super::refused(&error))?;
    Entry::new_in_store(&store, APPLICATION, name).map_err(|error| super::refused(&error))
}

/// Has the system ask for the password, if it is locked.
pub(super) fn unlock() -> Result<(), KeychainError> {
    let keychain = SecKeychain::default_for_domain(SecPreferencesDomain::User);
    let unlocked = keychain.and_then(|mut keychain| keychain.unlock(None));
    unlocked.map_err(of_system)
}

/// For various reasons, which the number tells apart.
pub(super) fn shut(error: &PlatformError) -> KeychainError {
    refused(error)
}

/// What the system says.
pub(super) fn refused(error: &PlatformError) -> KeychainError {
    match error.downcast_ref::<Error>() {
        Some(error) => of_system(*error),
        None => KeychainError::Refused(error.to_string()),
    }
}

/// The numbers are those of `SecBase.h`.
fn of_system(error: Error) -> KeychainError {
    const USER_CANCELED: i32 = -128;
    const NOT_AVAILABLE: i32 = -25291;
    const AUTH_FAILED: i32 = -25293;
    const NO_SUCH_KEYCHAIN: i32 = -25294;
    const NO_DEFAULT_KEYCHAIN: i32 = -25307;
    const INTERACTION_NOT_ALLOWED: i32 = -25308;
    const INTERACTION_REQUIRED: i32 = -25315;
    match error.code() {
        USER_CANCELED | AUTH_FAILED | INTERACTION_NOT_ALLOWED | INTERACTION_REQUIRED => {
            KeychainError::Locked
        }
        NOT_AVAILABLE | NO_SUCH_KEYCHAIN | NO_DEFAULT_KEYCHAIN => KeychainError::Absent,
        _ => KeychainError::Refused(error.to_string()),
    }
}
