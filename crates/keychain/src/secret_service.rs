//! The Secret Service of freedesktop.org, as GNOME Keyring, KWallet and KeePassXC have it, on the session's message bus.
//!
//! Secrets cross the bus as they are. It is a socket that only the user's own programs reach, and each of them may ask the
//! unlocked keychain itself; the other way of the protocol would hide them from nobody else.

use std::collections::HashMap;

use dbus_secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use store::{KEYCHAIN_ASKING, KeychainError, SystemKeychain};
use zeroize::Zeroizing;

use crate::APPLICATION;

/// The keychain of whoever's session this is. Each call has a connection of its own: the service may be another meanwhile.
pub struct SecretServiceKeychain;

impl SystemKeychain for SecretServiceKeychain {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let service = connect(0)?;
        let Some(item) = find(&service, name)? else {
            return Ok(None);
        };
        let secret = item.get_secret().map_err(refused)?;
        String::from_utf8(secret)
            .map(|secret| Some(Zeroizing::new(secret)))
            .map_err(|_| KeychainError::Refused("the entry is not text".into()))
    }

    fn keep_secret(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let service = connect(0)?;
        let collection = usual(&service)?;
        if collection.is_locked().map_err(refused)? {
            return Err(KeychainError::Locked);
        }
        let label = format!("Talus Tally {name}");
        let kept = collection.create_item(
            &label,
            attributes(name),
            secret.as_bytes(),
            true,
            "text/plain",
        );
        kept.map(drop).map_err(refused)
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeychainError> {
        let service = connect(0)?;
        match find(&service, name)? {
            Some(item) => item.delete().map_err(refused),
            None => Ok(()),
        }
    }

    fn unlock(&self, name: &str) -> Result<(), KeychainError> {
        let service = connect(KEYCHAIN_ASKING.as_secs())?;
        let found = service.search_items(attributes(name)).map_err(refused)?;
        match found.locked.first() {
            Some(item) => item.unlock().map_err(refused),
            None => usual(&service)?.ensure_unlocked().map_err(refused),
        }
    }
}

/// A prompt is waited for so many seconds; 0: none is shown.
fn connect(prompt_s: u64) -> Result<SecretService, KeychainError> {
    SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, prompt_s).map_err(refused)
}

/// Where secrets go. One that is only in the service's memory would lose them.
fn usual(service: &SecretService) -> Result<Collection<'_>, KeychainError> {
    service.get_default_collection().map_err(refused)
}

fn find<'a>(service: &'a SecretService, name: &str) -> Result<Option<Item<'a>>, KeychainError> {
    let found = service.search_items(attributes(name)).map_err(refused)?;
    match (found.unlocked.into_iter().next(), found.locked.is_empty()) {
        (Some(item), _) => Ok(Some(item)),
        (None, true) if is_locked(service)? => Err(KeychainError::Locked),
        (None, true) => Ok(None),
        (None, false) => Err(KeychainError::Locked),
    }
}

/// Not every service tells what is in a collection that is locked.
fn is_locked(service: &SecretService) -> Result<bool, KeychainError> {
    usual(service)?.is_locked().map_err(refused)
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("application", APPLICATION), ("entry", name)])
}

fn refused(error: Error) -> KeychainError {
    match &error {
        Error::Locked | Error::Prompt => KeychainError::Locked,
        Error::NoResult | Error::Unavailable => KeychainError::Absent,
        Error::Dbus(bus) => of_the_bus(bus.name().unwrap_or_default())
            .unwrap_or_else(|| KeychainError::Refused(error.to_string())),
        _ => KeychainError::Refused(error.to_string()),
    }
}

/// What errors of the bus and of the service are called (D-Bus specification; Secret Service API, "Errors").
fn of_the_bus(name: &str) -> Option<KeychainError> {
    const BUS: &str = "org.freedesktop.DBus.Error.";
    match name.strip_prefix(BUS) {
        // Whoever had the name has let it go, or the bus.
        Some("NoReply" | "Timeout" | "TimedOut") => Some(KeychainError::Silent),
        Some(
            "ServiceUnknown" | "NameHasNoOwner" | "NoServer" | "NotSupported" | "FileNotFound"
            | "Disconnected" | "BadAddress",
        ) => Some(KeychainError::Absent),
        Some(rest) if rest.starts_with("Spawn.") => Some(KeychainError::Absent),
        _ if name == "org.freedesktop.Secret.Error.IsLocked" => Some(KeychainError::Locked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bus_says_is_told_apart() {
        let bus = |name: &str| of_the_bus(&format!("org.freedesktop.DBus.Error.{name}"));
        assert_eq!(bus("NoReply"), Some(KeychainError::Silent));
        assert_eq!(bus("ServiceUnknown"), Some(KeychainError::Absent));
        assert_eq!(bus("Spawn.ChildExited"), Some(KeychainError::Absent));
        assert_eq!(bus("AccessDenied"), None);
        let locked = of_the_bus("org.freedesktop.Secret.Error.IsLocked");
        assert_eq!(locked, Some(KeychainError::Locked));
    }
}
