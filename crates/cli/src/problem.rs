//! What goes wrong, and the exit code for it.

use std::fmt;
use std::process::ExitCode;

use app::failure::Failure;
use serde_json::{Value, json};

/// Why a command came to nothing.
#[derive(Debug)]
pub enum Problem {
    /// The server refused it.
    Refused(Value),
    /// The command line is wrong.
    Usage(String),
    /// Nothing that can be asked has these projects.
    Unreachable(Failure),
    /// The keys are under a passphrase, or in a keychain that does not give them.
    Locked(Failure),
    /// Something that was kept is lost; what, was printed.
    Damaged,
    /// Something else.
    Failed(String),
    /// Nobody reads the output any more.
    Closed,
}

impl Problem {
    pub fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// Nothing of this name.
    pub fn missing(text: String) -> Self {
        Self::Refused(json!({"status": 404, "code": "PROJECT_NOT_FOUND", "detail": text}))
    }

    /// The application could not end as it should.
    pub fn at_the_end(failure: Failure) -> Self {
        match failure.code.starts_with("DISK_") {
            true => Self::Refused(json!({
                "status": 507, "code": failure.code, "detail": failure.message,
            })),
            false => Self::Unreachable(failure),
        }
    }

    /// As the help of the command says.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(problem) if is_missing(problem) => 3,
            Self::Refused(problem) => match problem["status"].as_u64() {
                Some(507) => 5,
                _ => 1,
            },
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 4,
            Self::Locked(_) => 6,
            Self::Damaged | Self::Failed(_) => 1,
            Self::Closed => 0,
        })
    }

    pub fn to_json(&self) -> Value {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::Unreachable(failure) | Self::Locked(failure) => {
                json!({"code": failure.code, "detail": failure.message})
            }
            Self::Damaged => json!({"code": "DAMAGED", "detail": self.to_string()}),
            Self::Usage(text) => json!({"code": "USAGE", "detail": text}),
            other => json!({"code": "FAILED", "detail": other.to_string()}),
        }
    }
}

/// Whether what was named is not there: by its path, or within a command.
fn is_missing(problem: &Value) -> bool {
    let code = problem["code"].as_str().unwrap_or_default();
    problem["status"] == 404 || code.ends_with("_NOT_FOUND") || code == "INVALID_TEMPLATE"
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => {
                let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
                write!(f, "{} ({})", text("detail"), text("code"))
            }
            Self::Unreachable(failure) | Self::Locked(failure) => write!(f, "{failure}"),
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
            Self::Damaged => f.write_str(
                "something is damaged; use a backup or another copy, or let another machine that has the project send it again",
            ),
            Self::Closed => f.write_str("nobody reads the output"),
        }
    }
}
