//! Who works at this installation.

use graph::Signature;
use graph::id::{AuthorId, PersonId};
use graph::person::Person;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

use crate::world::random_id;

const SETTING: &str = "me";

/// Longest name that is kept.
const MAX_NAME_CHARACTERS: usize = 200;

/// Hues of equal lightness that stay apart for people who see few colours.
const COLOURS: [&str; 8] = [
    "#4C9BE8", "#E8894C", "#5BB98B", "#C77DD6", "#D9B44A", "#E56B87", "#6FB7C4", "#9A93E8",
];

/// The one author of this installation. Undo histories belong to the author, comments to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Me {
    pub(crate) author: AuthorId,
    pub(crate) person: PersonId,
    pub(crate) profile: Person,
}

impl Me {
    /// The author of this installation, made at its first start.
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let kept = store.setting(SETTING)?;
        if let Some(me) = kept.and_then(|json| serde_json::from_str(&json).ok()) {
            return Ok(me);
        }
        let person = random_id();
        let colour = COLOURS[usize::from(person.as_bytes()[0]) % COLOURS.len()];
        let me = Self {
            author: AuthorId(random_id()),
            person: PersonId(person),
            profile: Person {
                name: String::new(),
                colour: colour.to_owned(),
            },
        };
        // On a disk that takes no writes there is a new author at the next start, which is no harm.
        me.keep(store).ok();
        Ok(me)
    }

    /// As whom changes are written by this actor.
    pub(crate) fn signature(&self, actor: [u8; 16]) -> Signature {
        Signature {
            author: self.author,
            actor,
            person: self.person,
            profile: self.profile.clone(),
        }
    }

    pub(crate) fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let json = serde_json::to_string(self).expect("ids and texts become JSON");
        store.set_setting(SETTING, Some(&json))
    }
}

/// A profile as it may be kept: a name on one line, a colour that is one.
pub(crate) fn tidy(profile: Person) -> Person {
    let name: String = profile
        .name
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARACTERS)
        .collect();
    let is_colour = profile.colour.len() == 7
        && profile.colour.starts_with('#')
        && profile.colour[1..].bytes().all(|b| b.is_ascii_hexdigit());
    Person {
        name: name.trim().to_owned(),
        colour: if is_colour {
            profile.colour
        } else {
            COLOURS[0].to_owned()
        },
    }
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    #[test]
    fn the_author_is_the_same_at_every_start() {
        let store = MemoryStore::new();
        let first = Me::load(&store).unwrap();
        assert_eq!(Me::load(&store).unwrap(), first);
        assert_ne!(Me::load(&MemoryStore::new()).unwrap().author, first.author);
    }

    #[test]
    fn a_profile_is_put_right() {
        let odd = Person {
            name: " A\u{0}na\n".to_owned(),
            colour: "#ééé".to_owned(),
        };
        let tidied = tidy(odd);
        assert_eq!(
            (tidied.name.as_str(), tidied.colour.as_str()),
            ("Ana", COLOURS[0])
        );
    }
}
