//! Who is meant by a name.

use std::collections::BTreeSet;

use super::Addressee;
use crate::id::PersonId;
use crate::template::Trait;
use crate::view::{NodeView, View};

/// How the addressee is called in a project, and how others are.
pub(super) struct Names {
    /// People who are the addressee.
    me: BTreeSet<PersonId>,
    /// Full name, in small letters; empty: they have none.
    name: String,
    /// What behind an `@` means the addressee.
    mine: Vec<String>,
    /// Full names of the others.
    others: Vec<String>,
}

impl Names {
    pub(super) fn of(view: &View, whom: &Addressee) -> Names {
        let people = &view.frame().people;
        let name = folded(&whom.name);
        let is_me = |id: &PersonId, known: &str| {
            *id == whom.person || (!name.is_empty() && folded(known) == name)
        };
        let me = people
            .iter()
            .filter(|(id, person)| is_me(id, &person.name))
            .map(|(id, _)| *id);
        let me: BTreeSet<PersonId> = me.chain([whom.person]).collect();
        let others: Vec<String> = people
            .iter()
            .filter(|(id, _)| !me.contains(id))
            .map(|(_, person)| folded(&person.name))
            .filter(|name| !name.is_empty())
            .collect();
        let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
        let mut mine = vec![name.clone()];
        if others.iter().all(|other| first(other) != first(&name)) {
            mine.push(first(&name));
        }
        mine.retain(|name| !name.is_empty());
        mine.dedup();
        Names {
            me,
            name,
            mine,
            others,
        }
    }

    pub(super) fn is_addressee(&self, person: PersonId) -> bool {
        self.me.contains(&person)
    }

    /// Whether an item stands for the addressee.
    pub(super) fn is_card(&self, view: &View, node: NodeView<'_>) -> bool {
        !self.name.is_empty()
            && view
                .frame()
                .schema
                .has_trait(node.node_type(), Trait::Person)
            && folded(&node.title()) == self.name
    }

    /// Where a text names the addressee: byte ranges, each from its `@` on.
    ///
    /// What is longer wins: `@Ana Lima` does not mean Ana if there is an Ana Lima.
    pub(super) fn mentions(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let mut before = None;
        let mut found = vec![];
        for (start, character) in text.char_indices() {
            let is_start = before.is_none_or(|before: char| !before.is_alphanumeric());
            before = Some(character);
            if character != '@' || !is_start {
                continue;
            }
            let rest = &text[start + 1..];
            let longest = |names: &[String]| {
                let lengths = names.iter().filter_map(|name| length_of(name, rest));
                lengths.max().unwrap_or(0)
            };
            let length = longest(&self.mine);
            if length > 0 && length >= longest(&self.others) {
                found.push(start..start + 1 + length);
            }
        }
        found
    }
}

/// In small letters, with single spaces.
fn folded(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// How many bytes of a text spell a folded name at its beginning, as whole words.
fn length_of(name: &str, text: &str) -> Option<usize> {
    let mut wanted = name.chars().peekable();
    let mut end = 0;
    for (at, character) in text.char_indices() {
        if wanted.peek().is_none() {
            return (!character.is_alphanumeric() && character != '_').then_some(end);
        }
        let character = if character == '\u{a0}' {
            ' '
        } else {
            character
        };
        for small in character.to_lowercase() {
            if wanted.next() != Some(small) {
                return None;
            }
        }
        end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    }
    wanted.peek().is_none().then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str, others: &[&str]) -> Names {
        let mut view_names = Names {
            me: BTreeSet::new(),
            name: folded(name),
            mine: vec![folded(name)],
            others: others.iter().map(|other| folded(other)).collect(),
        };
        view_names.mine.push("ana".to_owned());
        view_names
    }

    fn found<'a>(names: &Names, text: &'a str) -> Vec<&'a str> {
        let ranges = names.mentions(text).into_iter();
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn a_mention_is_a_name_behind_an_at() {
        let ana = names("Ana Silva", &["Ben", "Ana Lima"]);
        for (text, expected) in [
            ("@Ana", vec!["@Ana"]),
            ("(@ana), see", vec!["@ana"]),
            ("ask @ANA SILVA, or @ben", vec!["@ANA SILVA"]),
            ("@Ana Lima", vec![]),
            ("@Ana Li", vec!["@Ana"]),
            ("@Anabel", vec![]),
            ("@Ana_2", vec![]),
            ("mail@ana", vec![]),
            ("Ana", vec![]),
            ("@ Ana", vec![]),
            ("@", vec![]),
            ("@@ana 😀@ana", vec!["@ana", "@ana"]),
        ] {
            assert_eq!(found(&ana, text), expected, "{text}");
        }
    }
}
