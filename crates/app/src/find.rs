//! Finding nodes by words, whatever their case and accents.

mod fold;

use std::collections::BTreeMap;

use graph::id::{FieldId, NodeId};
use memchr::memmem;

pub use self::fold::{excerpt, fold};

/// Everything that can be found in one project, folded. It is kept up to date node by node.
///
/// A search reads all of it: 10,000 nodes are about a megabyte, which takes a millisecond or two, and
/// there is nothing that could be stale.
#[derive(Debug, Default)]
pub struct Index {
    nodes: BTreeMap<NodeId, Entry>,
}

/// Where a text stands in a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The field that is the node's title.
    Title(FieldId),
    /// Another field.
    Field(FieldId),
    /// A comment.
    Comment,
}

/// The texts of a node, folded, one after the other with line ends between them.
#[derive(Debug)]
struct Entry {
    text: Box<str>,
    /// Where each text ends in `text`.
    parts: Box<[(Place, u32)]>,
}

/// A node that has all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The node.
    pub node: NodeId,
    /// The text to show.
    pub place: Place,
    /// Which of the node's comments that is, counted from 0; 0 for fields.
    pub ordinal: usize,
}

impl Index {
    /// Sets the texts of a node, the title first.
    pub fn put<'a>(&mut self, node: NodeId, texts: impl Iterator<Item = (Place, &'a str)>) {
        let mut text = String::new();
        let mut parts = Vec::new();
        for (place, original) in texts {
            fold::fold_into(original, &mut text);
            parts.push((place, u32::try_from(text.len()).unwrap_or(u32::MAX)));
            text.push('\n');
        }
        let entry = Entry {
            text: text.into(),
            parts: parts.into(),
        };
        self.nodes.insert(node, entry);
    }

    /// Forgets a node.
    pub fn remove(&mut self, node: NodeId) {
        self.nodes.remove(&node);
    }

    /// Nodes in which each of these folded words occurs, best first: titles that begin with it, titles
    /// with a word that does, other titles, other fields, comments.
    pub fn search(&self, words: &[String], limit: usize) -> Vec<Found> {
        let finders: Vec<_> = words.iter().map(memmem::Finder::new).collect();
        if finders.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, Found)> = Vec::new();
        for (node, entry) in &self.nodes {
            let text = entry.text.as_bytes();
            if finders.iter().all(|finder| finder.find(text).is_some()) {
                found.push(entry.rank(*node, words));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.truncate(limit);
        found.into_iter().map(|(_, found)| found).collect()
    }
}

impl Entry {
    fn rank(&self, node: NodeId, words: &[String]) -> (u8, Found) {
        let mut start = 0;
        let mut comments = 0;
        let mut best: Option<(u8, Found)> = None;
        for (place, end) in &self.parts {
            let end = *end as usize;
            let text = &self.text[start..end];
            if let Some(rank) = rank(place, text, words) {
                let found = Found {
                    node,
                    place: place.clone(),
                    ordinal: comments,
                };
                if best.as_ref().is_none_or(|(present, _)| rank < *present) {
                    best = Some((rank, found));
                }
            }
            comments += usize::from(*place == Place::Comment);
            start = end + 1;
        }
        best.expect(
            "a node is ranked after every word was found in it, and no word spans two texts",
        )
    }
}

/// How well a text answers; none: it has none of the words.
fn rank(place: &Place, text: &str, words: &[String]) -> Option<u8> {
    let having = words.iter().filter(|word| text.contains(*word)).count();
    if having == 0 {
        return None;
    }
    let missing = if having == words.len() { 0 } else { 10 };
    let first = words[0].as_str();
    Some(
        missing
            + match place {
                Place::Title(_) if text.starts_with(first) => 0,
                Place::Title(_) if begins_a_word(text, first) => 1,
                Place::Title(_) => 2,
                Place::Field(_) => 3,
                Place::Comment => 4,
            },
    )
}

fn begins_a_word(text: &str, start: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| word.starts_with(start))
}

/// The folded words of a query.
pub fn words(query: &str) -> Vec<String> {
    fold(query)
        .split_whitespace()
        .take(MAX_WORDS)
        .map(str::to_owned)
        .collect()
}

/// More words are ignored: each costs a pass over the index.
const MAX_WORDS: usize = 12;

#[cfg(test)]
mod tests;
