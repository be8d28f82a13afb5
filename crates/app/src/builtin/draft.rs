//! A node of a sample as its file writes it.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// One node: the first entry names its type and its title, `children` nests, and the rest are
/// texts under field keys or under one of the words that [`super::outline`] knows.
pub(super) struct Draft {
    pub node_type: String,
    pub title: String,
    pub entries: Vec<(String, String)>,
    pub children: Vec<Draft>,
}

impl Draft {
    /// The text under a word.
    pub fn entry(&self, word: &str) -> Option<&str> {
        self.entries
            .iter()
            .find(|(key, _)| key == word)
            .map(|(_, text)| text.as_str())
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor)
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node that begins with its type and title")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let (node_type, title) = map
            .next_entry()?
            .ok_or_else(|| A::Error::custom("a node without type and title"))?;
        let mut draft = Draft {
            node_type,
            title,
            entries: Vec::new(),
            children: Vec::new(),
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == "children" {
                draft.children = map.next_value()?;
            } else {
                // As text whatever it looks like: `0.10` stays exact and a part number stays itself.
                draft.entries.push((key, map.next_value()?));
            }
        }
        Ok(draft)
    }
}
