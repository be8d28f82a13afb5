//! The keychains of macOS and Windows, which are unlocked with the session. macOS may ask whoever is at the screen whether
//! this program may; until she answers, the keychain is silent.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use store::{KeychainError, SystemKeychain};
use zeroize::Zeroizing;

use crate::APPLICATION;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

/// The keychain of the user whose session this is.
pub struct NativeKeychain;

impl SystemKeychain for NativeKeychain {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let kept = entry(name)?.set_password(secret);
        kept.map_err(|error| refused(&error))
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    /// The system asks by itself.
    fn unlock(&self, name: &str) -> Result<(), KeychainError> {
        self.secret(name).map(drop)
    }
}

fn entry(name: &str) -> Result<Entry, KeychainError> {
    let store = Store::new().map_err(|error| refused(&error))?;
    let store: Arc<CredentialStore> = store;
    Entry::new_in_store(&store, APPLICATION, name).map_err(|error| refused(&error))
}

/// Some errors have the bytes that they are about.
fn refused(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        Error::PlatformFailure(platform) => KeychainError::Refused(platform.to_string()),
        _ => KeychainError::Refused("the entry is not as it was written".into()),
    }
}
