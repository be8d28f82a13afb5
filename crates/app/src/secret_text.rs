//! Text that is a secret.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A text that lets in whoever has it, such as an invitation. `Debug` does not show it, so that it gets into no log and into
/// no diagnostics; whoever wants it shown has to say so.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, export_to = "app.ts", type = "string")]
pub struct SecretText(pub String);

impl Deref for SecretText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Reply;
    use crate::request::Request;

    #[test]
    fn what_lets_somebody_in_is_not_shown() {
        let invitation = SecretText::from("talus://join#quokka");
        let reply = Reply::Invitation {
            invitation: invitation.clone(),
        };
        let request = Request::JoinProject { invitation };
        let shown = format!("{reply:?} {reply:#?} {request:?} {request:#?}");
        assert!(!shown.contains("quokka"), "{shown}");
        let json = serde_json::to_string(&request).unwrap();
        assert!(json.contains(r#""talus://join#quokka""#), "{json}");
    }
}
