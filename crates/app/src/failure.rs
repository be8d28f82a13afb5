//! The one shape in which errors reach the window, REST and the command line.

use graph::rejection::Rejection;
use serde::{Deserialize, Serialize};
use store::StoreError;
use ts_rs::TS;

/// Why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
#[error("{message} ({code})")]
pub struct Failure {
    /// Stable code, for example `TYPE_NOT_ALLOWED`.
    pub code: String,
    /// What happened and what one can do; for people.
    pub message: String,
    /// More for a bug report, where there is more.
    pub detail: Option<String>,
}

impl Failure {
    /// A failure without detail.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            detail: None,
        }
    }

    /// The same with more for a bug report.
    pub fn with_detail(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    pub(crate) fn no_such_project() -> Self {
        Self::new(
            "PROJECT_NOT_FOUND",
            "There is no such project; it may have been deleted.",
        )
    }

    pub(crate) fn not_open() -> Self {
        Self::new(
            "PROJECT_NOT_OPEN",
            "The project is not open; open it first.",
        )
    }

    pub(crate) fn needs_update() -> Self {
        Self::new(
            "NEEDS_UPDATE",
            "Somebody has changed this project with a newer version of Talus Tally. Update this one to change it too; until then it can only be read here.",
        )
    }

    pub(crate) fn crashed() -> Self {
        Self::new(
            "PROJECT_CRASHED",
            "The project had to be closed because of a defect. What was saved is safe; open it again.",
        )
    }

    pub(crate) fn not_shared() -> Self {
        Self::new(
            "NOT_SHARED",
            "The project is not shared. Share it first, or join the one that is.",
        )
    }

    pub(crate) fn cannot_share() -> Self {
        Self::new(
            "SHARING_OFF",
            "This installation does not share projects with others.",
        )
    }

    pub(crate) fn cancelled() -> Self {
        Self::new("CANCELLED", "It was cancelled, and nothing was changed.")
    }

    pub(crate) fn keys_are_locked() -> Self {
        Self::new(
            "LOCKED",
            "The keys of this machine are protected by a passphrase. It is needed first.",
        )
    }

    pub(crate) fn wrong_passphrase() -> Self {
        Self::new("WRONG_PASSPHRASE", "This is not the passphrase.")
    }

    pub(crate) fn bad_request(error: &serde_json::Error) -> Self {
        Self::new("BAD_REQUEST", "The request could not be understood.").with_detail(error)
    }

    pub(crate) fn closed() -> Self {
        Self::new("CLOSED", "The application is closing.")
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.code(), sentence(&rejection.to_string()))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if let StoreError::Source(error) = &error {
            return crate::files::failure(error);
        }
        let (code, message) = store_words(&error);
        Self::new(code, message).with_detail(causes(&error))
    }
}

/// The code and the words for what the store reports. Codes of writes are those of [`crate::event::SaveState`].
pub(crate) fn store_words(error: &StoreError) -> (&'static str, String) {
    match error {
        StoreError::Full => (
            "DISK_FULL",
            "The disk is full. Free some space; editing can go on meanwhile.".into(),
        ),
        StoreError::ReadOnly => (
            "DISK_READ_ONLY",
            "The disk cannot be written. Check that it is not locked or read-only; editing can go on meanwhile.".into(),
        ),
        StoreError::InUse { .. } => (
            "ALREADY_RUNNING",
            "Talus Tally is running already with these projects. Switch to its window, or close it first.".into(),
        ),
        StoreError::NewerSchema { .. } => (
            "NEWER_SCHEMA",
            "These projects were last used with a newer version of Talus Tally. Install that version or a later one."
                .into(),
        ),
        StoreError::TooLarge { limit, .. } => (
            "FILE_TOO_LARGE",
            format!("This is too large: at most {} MB are kept.", limit >> 20),
        ),
        StoreError::UnknownProject(_) => (
            "PROJECT_NOT_FOUND",
            "There is no such project; it may have been deleted.".into(),
        ),
        StoreError::UnknownBlob(_) => (
            "ATTACHMENT_NOT_FOUND",
            "The content of this attachment is not on this machine.".into(),
        ),
        StoreError::DamagedBlob(_) => (
            "ATTACHMENT_DAMAGED",
            "The content of this attachment is damaged on this disk and was set aside.".into(),
        ),
        StoreError::UnknownBackup(_) => (
            "BACKUP_NOT_FOUND",
            "There is no such backup any more; the list may be out of date.".into(),
        ),
        StoreError::Damaged(_) => (
            "STORE_DAMAGED",
            "The file that holds the projects is damaged. Restore a backup.".into(),
        ),
        StoreError::Stopped => {
            let Failure { message, .. } = Failure::cancelled();
            ("CANCELLED", message)
        }
        StoreError::Closed => ("CLOSED", "The application is closing.".into()),
        StoreError::Stalled
        | StoreError::Busy
        | StoreError::ProjectExists(_)
        | StoreError::UnknownRoom(_)
        | StoreError::RoomExists(_)
        | StoreError::FrameNumber(_)
        | StoreError::NotWritten { .. }
        | StoreError::UnknownChunk(_)
        | StoreError::TimedOut
        | StoreError::Source(_)
        | StoreError::Io { .. }
        | StoreError::Database(_) => (
            "DISK_FAILED",
            "The disk does not do what it is asked. Editing can go on; export the project to another disk.".into(),
        ),
    }
}

/// An error with its causes in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}

/// An error message, which begins lower-case and has no full stop, as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let mut text: String = characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_becomes_a_sentence_with_its_code() {
        let failure = Failure::from(Rejection::AtTop);
        assert_eq!(failure.code, "AT_TOP");
        assert_eq!(failure.message, "It is at the top level already.");
    }

    #[test]
    fn what_the_disk_refuses_has_a_code_one_can_act_on() {
        assert_eq!(Failure::from(StoreError::Full).code, "DISK_FULL");
        assert_eq!(Failure::from(StoreError::ReadOnly).code, "DISK_READ_ONLY");
        assert_eq!(Failure::from(StoreError::TimedOut).code, "DISK_FAILED");
    }
}
