//! What goes over once two machines are paired, sealed for the other one: JSON, in which later versions may add to an object.

use graph::id::PersonId;
use graph::person::Person;
use serde::{Deserialize, Serialize};

use crate::secret_text::SecretText;

/// Longest name that is shown of somebody else.
const MAX_NAME_CHARACTERS: usize = 64;

/// From the machine that has the project.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    /// A text that begins with `talus://join#`, for one device; none: it cannot be made.
    #[serde(default)]
    pub(crate) invitation: Option<SecretText>,
    /// Who sits there.
    #[serde(default)]
    pub(crate) name: String,
    /// Who that is, if this machine is hers, too.
    #[serde(default)]
    pub(crate) mine: Option<Mine>,
}

/// A person, for another machine of hers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mine {
    /// The person.
    pub(crate) person: PersonId,
    /// How she is shown.
    pub(crate) profile: Person,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// The code of the failure; none: the project is open there and joins.
    #[serde(default)]
    pub(crate) failed: Option<String>,
    /// Who sits there.
    #[serde(default)]
    pub(crate) name: String,
}

/// The bytes.
pub(crate) fn encode(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("texts become JSON")
}

/// None if it is something else.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// A name as it can be shown, on one line; none if it is empty.
pub(crate) fn shown(name: &str) -> Option<String> {
    let shown = name.chars().filter(|it| !it.is_control());
    let shown: String = shown.take(MAX_NAME_CHARACTERS).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_back_and_may_have_grown() {
        let offer = Offer {
            invitation: Some("talus://join#quokka".into()),
            name: "Ana".to_owned(),
            mine: None,
        };
        let read: Offer = decode(&encode(&offer)).unwrap();
        assert_eq!(read.name, "Ana");
        assert_eq!(read.invitation.as_deref(), Some("talus://join#quokka"));
        let grown: Taken = decode(br#"{"name":"Ben","later":[1]}"#).unwrap();
        let (failed, name) = (None, "Ben".to_owned());
        assert_eq!(grown, Taken { failed, name });
        for bytes in [&b""[..], b"{", b"7", br#"{"name":7}"#, &[0xff; 40]] {
            assert!(decode::<Offer>(bytes).is_none());
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(shown(" A\nna "), Some("Ana".to_owned()));
        assert_eq!(shown(" \n"), None);
        assert_eq!(shown(&"n".repeat(99)).map(|it| it.len()), Some(64));
    }
}
