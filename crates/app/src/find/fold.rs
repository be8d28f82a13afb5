//! Folding: two texts that people take for the same become the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text without case, accents and compatibility forms.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

pub(super) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        folded.extend(text.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        text.chars().for_each(|c| fold_char(c, folded));
    }
}

/// Folds one character. Done one by one, so that a place in the folded text leads back to the original.
fn fold_char(original: char, folded: &mut String) {
    if original.is_ascii() {
        folded.push(original.to_ascii_lowercase());
        return;
    }
    let plain = std::iter::once(original)
        .nfkd()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !is_combining_mark(*c));
    for c in plain {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
}

/// Characters of an excerpt before the first word that was looked for.
const LEAD: usize = 30;

/// Characters of an excerpt.
const LENGTH: usize = 120;

/// The part of `text` around the first occurrence of any of the folded `words`, on one line.
pub fn excerpt(text: &str, words: &[String]) -> String {
    let folded = fold(text);
    let first = words
        .iter()
        .filter_map(|word| folded.find(word.as_str()))
        .min()
        .unwrap_or(0);
    let hit = original_position(text, first);
    let start = hit.saturating_sub(LEAD);
    let mut characters = text.chars().skip(start).map(line_end_as_space);
    let mut excerpt: String = characters.by_ref().take(LENGTH).collect();
    if start > 0 {
        excerpt.insert(0, '…');
    }
    if characters.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// The index of the character of `text` from which the folded byte at `position` comes.
fn original_position(text: &str, position: usize) -> usize {
    let mut folded = String::new();
    for (index, c) in text.chars().enumerate() {
        fold_char(c, &mut folded);
        if folded.len() > position {
            return index;
        }
    }
    0
}

fn line_end_as_space(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}
