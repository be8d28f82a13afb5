//! What ends this program early, with what one can do about it.

use std::{io, net::SocketAddr, path::Path};

use store::StoreError;

/// Something that whoever runs this can mend: a code to look up, a sentence that says what to do, and an exit code, which
/// is the same for what is mended alike.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// In capitals, for programs and for the guide.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
    /// How the program ends.
    pub exit: Exit,
}

/// Exit codes, those of sysexits.h where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// An address is not to be had.
    Unavailable = 69,
    /// The disk does not do what it should.
    Disk = 74,
    /// Another process is at work; it may be over soon.
    InUse = 75,
    /// Something is not permitted, or permitted to too many.
    Permission = 77,
    /// The configuration is wrong.
    Config = 78,
}

impl Failure {
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            message,
            exit,
        }
    }

    /// Why nothing listens there, which stands under this key.
    pub fn listen(key: &str, address: SocketAddr, error: &io::Error) -> Self {
        let (exit, code, advice) = match error.kind() {
            io::ErrorKind::AddrInUse => (
                Exit::Unavailable,
                "ADDRESS_IN_USE",
                "another program has it; end that one, or choose another port",
            ),
            io::ErrorKind::AddrNotAvailable => (
                Exit::Unavailable,
                "ADDRESS_NOT_HERE",
                "this machine does not have that address; 0.0.0.0 stands for all it has",
            ),
            io::ErrorKind::PermissionDenied => (
                Exit::Permission,
                "ADDRESS_FORBIDDEN",
                "the system does not let this user; take a port above 1023, or grant CAP_NET_BIND_SERVICE",
            ),
            _ => (Exit::Unavailable, "ADDRESS_REFUSED", "choose another"),
        };
        Self::new(
            exit,
            code,
            format!("{key}: cannot listen on {address}: {advice} ({error})"),
        )
    }

    /// Why there is no store.
    pub fn store(dir: &Path, error: &StoreError) -> Self {
        let (exit, code, advice) = match error {
            // What a database says where it finds no room to begin has many words.
            StoreError::Full | StoreError::Io { .. } | StoreError::Database(_) if is_full(dir) => {
                FULL
            }
            StoreError::InUse { .. } => (
                Exit::InUse,
                "DATA_IN_USE",
                "a relay runs on it already; end that one, or give this one a folder of its own with --data-dir",
            ),
            StoreError::ReadOnly => (
                Exit::Permission,
                "DATA_READ_ONLY",
                "let the user that runs the relay write it (chown), or choose another folder with --data-dir",
            ),
            StoreError::Full => FULL,
            StoreError::NewerSchema { .. } => (
                Exit::Config,
                "DATA_TOO_NEW",
                "a later version has written it; run that one, or restore a backup that this one made",
            ),
            _ => (
                Exit::Disk,
                "DATA_UNREADABLE",
                "look at the disk, and bring back a backup (tally-relay restore); what is damaged was left as it is",
            ),
        };
        let dir = dir.display();
        Self::new(exit, code, format!("cannot open {dir}: {error}; {advice}"))
    }

    /// Why a file is not read.
    pub fn unreadable(code: &'static str, path: &Path, error: &io::Error) -> Self {
        let (exit, advice) = match error.kind() {
            io::ErrorKind::PermissionDenied => (
                Exit::Permission,
                "let the user that runs this read it (chown)",
            ),
            io::ErrorKind::NotFound => (Exit::Config, "correct its name, or put it there"),
            _ => (
                Exit::Disk,
                "look at the disk, and at what else has that name",
            ),
        };
        let path = path.display();
        Self::new(exit, code, format!("cannot read {path}: {error}; {advice}"))
    }
}

const FULL: (Exit, &str, &str) = (
    Exit::Disk,
    "DISK_FULL",
    "make space and start again; nothing that was acknowledged is lost",
);

/// Whether nothing is free for this user where a folder is, if the system says so.
fn is_full(dir: &Path) -> bool {
    #[cfg(unix)]
    {
        rustix::fs::statvfs(dir).is_ok_and(|it| it.f_bavail == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = dir;
        false
    }
}

/// The exit code of an error: that of the failure in it, or 1.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .map_or(1, |failure| failure.exit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_read_a_file_is_told_what_to_do_and_ends_as_that_is_mended() {
        for (kind, exit, advice) in [
            (io::ErrorKind::PermissionDenied, 77, "chown"),
            (io::ErrorKind::NotFound, 78, "its name"),
            (io::ErrorKind::IsADirectory, 74, "look at the disk"),
        ] {
            let path = Path::new("device.key");
            let failure = Failure::unreadable("KEY_UNREADABLE", path, &kind.into());
            assert_eq!(failure.exit as u8, exit);
            let words = failure.to_string();
            assert!(
                words.contains(advice) && words.contains("device.key"),
                "{words}"
            );
        }
    }
}
