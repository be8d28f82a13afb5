//! What the window shows of the keys of this machine.

use serde::{Deserialize, Serialize};
use store::{Keychain, KeychainError};
use ts_rs::TS;

use crate::failure::Failure;
use crate::secret_text::SecretText;

/// What became of a passphrase that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Unlocked {
    /// Whether it was the right one; `start` is answered from then on.
    pub is_open: bool,
    /// Otherwise, how long to wait before the next, in ms.
    #[ts(type = "number")]
    pub wait_ms: u64,
}

impl Unlocked {
    /// The application is open.
    pub(crate) const OPEN: Self = Self {
        is_open: true,
        wait_ms: 0,
    };
}

/// Where the keys of this machine are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum KeysAt {
    /// In a file that only the user may read, as they are.
    File,
    /// In that file, under a passphrase.
    Passphrase,
    /// In the keychain of the system.
    Keychain,
    /// Nowhere: they could not be kept, and are others at the next start.
    Memory,
}

/// Where the keys of this machine are to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum KeysPlace {
    /// In a file that only the user may read, as they are.
    File,
    /// In that file, under a passphrase.
    Passphrase {
        /// At least eight characters.
        passphrase: SecretText,
    },
    /// In the keychain of the system.
    Keychain,
}

/// How the keys of this machine are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Security {
    /// Where they are.
    pub keys: KeysAt,
    /// Whether they can be put into a keychain from here.
    pub has_keychain: bool,
    /// The device that this machine is, as words that two people can compare.
    pub words: String,
}

/// What this program has to do with the keychain of the system.
#[derive(Clone, Default)]
pub enum KeychainUse {
    /// Nothing. Keys that are in one do not open here.
    #[default]
    Never,
    /// It opens keys that are there, and puts them there if somebody says so. New ones go into the file.
    WhereSaid(Keychain),
    /// New ones go there, too, if it takes them within [`store::KEYCHAIN_DEADLINE`] and asks nobody; otherwise into the file.
    First(Keychain),
}

impl KeychainUse {
    pub(crate) fn keychain(&self) -> Option<&Keychain> {
        match self {
            Self::Never => None,
            Self::WhereSaid(keychain) | Self::First(keychain) => Some(keychain),
        }
    }
}

/// Why keys that are in the keychain of the system are not given. Its [`Failure`] has the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// This program uses none.
    #[error("this program uses no keychain")]
    NotUsed,
    /// What the folder names is not in this keychain.
    #[error("the keychain does not have the keys of this folder")]
    NoEntry,
    /// It does not open.
    #[error(transparent)]
    Keychain(KeychainError),
}

impl From<Withheld> for Failure {
    fn from(withheld: Withheld) -> Self {
        let (code, rest) = match &withheld {
            Withheld::NotUsed => {
                return Self::new(
                    "KEYCHAIN_NOT_USED",
                    "The keys of this folder are in the keychain of a system, and this program uses none here. Start Talus Tally where they come from, and keep the keys in the file, under Security in its Settings.",
                );
            }
            Withheld::NoEntry => {
                return Self::new(
                    "KEYCHAIN_NO_ENTRY",
                    "The keys of this folder are not in this keychain: they are in that of the computer, or of the user, that the folder comes from.",
                );
            }
            Withheld::Keychain(error) => (keychain_code(error), start_words(error)),
        };
        let message = format!("The keys of this computer are in the keychain of your system{rest}");
        Self::new(code, message).with_detail(withheld)
    }
}

fn start_words(error: &KeychainError) -> &'static str {
    match error {
        KeychainError::Locked => ", which is locked. Unlock it, and try again.",
        KeychainError::Absent => {
            ", and none is running in this session. Start it, or log in to your desktop, and try again."
        }
        KeychainError::Silent => ", which does not answer. Wait or restart it, and try again.",
        KeychainError::Refused(_) => ", which does not give them.",
    }
}

/// What the keychain says when it is to take the keys, which then are where they were.
pub(crate) fn not_taken(error: KeychainError) -> Failure {
    let message = match &error {
        KeychainError::Locked => "The keychain of your system is locked. Unlock it, and try again.",
        KeychainError::Absent => "No keychain is running in this session.",
        KeychainError::Silent => "The keychain of your system does not answer.",
        KeychainError::Refused(_) => "The keychain of your system does not take the keys.",
    };
    Failure::new(
        keychain_code(&error),
        format!("{message} The keys are where they were."),
    )
    .with_detail(error)
}

fn keychain_code(error: &KeychainError) -> &'static str {
    match error {
        KeychainError::Locked => "KEYCHAIN_LOCKED",
        KeychainError::Absent => "KEYCHAIN_ABSENT",
        KeychainError::Silent => "KEYCHAIN_SILENT",
        KeychainError::Refused(_) => "KEYCHAIN_REFUSED",
    }
}
