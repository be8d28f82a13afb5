//! What an admin has decided and who came by it: a line of JSON each, in a file that programs read and nothing here does.
//!
//! It tells of tokens, rooms and devices by their ids, and of no content, which a relay does not have.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::Serialize;

use crate::owned;

const FILE: &str = "audit.log";

/// The file before, once one has become too long.
const EARLIER: &str = "audit.log.1";

/// Years of decisions; a relay that is flooded with redeemed tokens does not fill its disk.
const MOST_BYTES: u64 = 8 << 20;

/// Something that is written down.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Deed<'a> {
    TokenGiven {
        token: &'a str,
        label: &'a str,
        uses: u32,
    },
    TokenRevoked {
        token: &'a str,
        devices: usize,
    },
    TokenRedeemed {
        token: &'a str,
        device: &'a str,
    },
    RoomRemoved {
        room: &'a str,
    },
    RoomExpired {
        room: &'a str,
    },
    DeviceKicked {
        device: &'a str,
        links: usize,
    },
    AdminLinkGiven,
    Reloaded {
        changed: usize,
    },
    Drained,
    Restored {
        backup: &'a str,
    },
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    #[serde(flatten)]
    deed: Deed<'a>,
}

/// Writes it down in a data directory. What was decided holds also where that fails, which the log tells.
pub fn note(dir: &Path, deed: Deed<'_>) {
    if let Err(error) = append(dir, deed) {
        tracing::error!(%error, ?deed, "cannot write the audit log");
    }
}

fn append(dir: &Path, deed: Deed<'_>) -> io::Result<()> {
    let path = dir.join(FILE);
    if fs::metadata(&path).is_ok_and(|it| it.len() > MOST_BYTES) {
        fs::rename(&path, dir.join(EARLIER))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    owned::give(&file, dir)?;
    let at = Timestamp::now();
    let mut line = serde_json::to_vec(&Line { at, deed })?;
    line.push(b'\n');
    // Whole, whoever else writes: it is one call, at the end of the file.
    file.write_all(&line)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn lines(path: &Path) -> Vec<Value> {
        let text = fs::read_to_string(path).expect("a file");
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("JSON")
    }

    #[test]
    fn deeds_are_lines_and_a_long_file_is_put_aside() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let (token, device) = ("0707", "abcd");
        note(dir.path(), Deed::TokenRedeemed { token, device });
        note(dir.path(), Deed::Drained);
        let found = lines(&dir.path().join(FILE));
        assert_eq!(found[0]["what"], "token_redeemed");
        assert_eq!(
            (&found[0]["token"], &found[0]["device"]),
            (&token.into(), &device.into())
        );
        assert!(found[1]["what"] == "drained" && found[1]["at"].is_string());

        let long = vec![b'\n'; MOST_BYTES as usize + 1];
        fs::write(dir.path().join(FILE), long)?;
        note(dir.path(), Deed::Drained);
        assert_eq!(lines(&dir.path().join(FILE)).len(), 1);
        assert!(dir.path().join(EARLIER).exists());
        Ok(())
    }
}
