//! The file of the tokens, in the data directory. Only its owner may read it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use app::request::ProjectId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Scope;
use crate::token::private;

/// Its name.
const TOKENS_FILE: &str = "api-tokens";

/// What is kept of a token.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    /// BLAKE3 of the secret, in hexadecimal digits.
    #[serde(with = "hex")]
    pub(super) hash: blake3::Hash,
    pub(super) scope: Scope,
    pub(super) project: Option<ProjectId>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
}

pub(super) struct TokenFile(PathBuf);

impl TokenFile {
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Vec<Kept>)> {
        let path = folder.join(TOKENS_FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok((Self(path), kept))
    }

    /// Replaces what is there, at once or not at all.
    pub(super) fn write(&self, kept: impl Iterator<Item = Kept>) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(&kept.collect::<Vec<_>>())?;
        let beside = self.0.with_extension("new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)?;
        // The name is in the folder, which has a sync of its own.
        #[cfg(unix)]
        if let Some(folder) = self.0.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        hash: &blake3::Hash,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hash.to_hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<blake3::Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        blake3::Hash::from_hex(text).map_err(D::Error::custom)
    }
}
