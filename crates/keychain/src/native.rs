//! The keychains of macOS and Windows, which are unlocked with the session.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use keyring_core::Error;
use store::{KeychainError, SystemKeychain};
use zeroize::Zeroizing;

#[cfg(target_os = "macos")]
use macos as system;
#[cfg(windows)]
use windows as system;

/// The keychain of the user whose session this is.
pub struct NativeKeychain;

impl SystemKeychain for NativeKeychain {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let _quiet = system::quietly()?;
        read(name)
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let _quiet = system::quietly()?;
        let kept = system::entry(name)?.set_password(secret);
        kept.map_err(|error| refused(&error))
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        let _quiet = system::quietly()?;
        match system::entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    /// The system asks by itself.
    fn unlock(&self, name: &str) -> Result<(), KeychainError> {
        system::unlock()?;
        read(name).map(drop)
    }
}

fn read(name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
    match system::entry(name)?.get_password() {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

/// Some errors have the bytes that they are about, which go no further.
fn refused(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(said) => system::shut(said),
        Error::PlatformFailure(said) => system::refused(said),
        _ => KeychainError::Refused("the entry is not as it was written".into()),
    }
}
