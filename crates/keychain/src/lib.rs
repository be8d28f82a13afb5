//! The keychain of this system: the Secret Service on Linux, the login keychain on macOS, the credential manager on Windows.
//!
//! It links what the system has for that, which is why only the programs that people have on their own machines use it.

#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(target_os = "linux")]
mod secret_service;

use store::Keychain;

#[cfg(any(target_os = "macos", windows))]
use native::NativeKeychain as ThisKeychain;
#[cfg(target_os = "linux")]
use secret_service::SecretServiceKeychain as ThisKeychain;

/// As which application the entries are ours.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
const APPLICATION: &str = "net.talustally.Talus-Tally";

/// The keychain of this system, if there is one for its kind. It is not asked for anything yet.
pub fn of_this_system() -> Option<Keychain> {
    #[cfg(any(target_os = "linux", target_os = "macos", windows))]
    {
        Some(Keychain::new(ThisKeychain))
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    {
        None
    }
}
