//! Long texts: splices that can be taken back character by character.
//!
//! Every character of an Automerge text is an operation. An edit remembers which characters it
//! inserted and which it removed, so undo finds them wherever they have moved to, leaves alone what
//! others typed in between, and notices what others have deleted.

use automerge::transaction::{Transactable, Transaction};
use automerge::{Cursor, MoveCursor, ObjId, ReadDoc, ScalarValueRef, ValueRef};
use serde::{Deserialize, Serialize};

use crate::document::OpId;
use crate::fault::{Fault, planted};

/// Characters with consecutive operation ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Operation of the first character.
    pub first: OpId,
    pub text: String,
    /// The character before it when it was removed; none: the start of the text, or never removed.
    pub after: Option<OpId>,
}

/// One replaced range.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct TextStep {
    pub inserted: Vec<Run>,
    pub removed: Vec<Run>,
}

/// Characters that came back under new operation ids.
pub(crate) struct Renamed {
    pub old: OpId,
    pub new: OpId,
    pub chars: u64,
}

/// What taking a step back did.
pub(crate) struct Reverted {
    /// What would take the undoing back.
    pub inverse: TextStep,
    pub renamed: Vec<Renamed>,
    /// Some of the inserted characters had been deleted by somebody else.
    pub skipped: bool,
    pub changed: bool,
}

impl TextStep {
    /// Replaces a range of UTF-16 code units, widened to whole characters, and to whole pieces where another program has
    /// written several characters as one.
    pub fn make(
        tx: &mut Transaction<'_>,
        text: &ObjId,
        at: usize,
        delete: usize,
        insert: &str,
    ) -> TextStep {
        let content = tx.text(text).unwrap_or_default();
        let (start, end) = whole_characters(&content, at, at + delete);
        let (start, end) = whole_pieces(tx, text, start, end);
        let removed = runs(tx, text, &content, start, end);
        splice(tx, text, start, end - start, insert);
        TextStep {
            inserted: inserted_run(tx, text, start, insert),
            removed,
        }
    }

    /// Takes the step back.
    pub fn revert(&self, tx: &mut Transaction<'_>, text: &ObjId) -> Reverted {
        let mut removed = vec![];
        let mut skipped = false;
        let mut last_at = None;
        for run in &self.inserted {
            skipped |= remove_run(tx, text, run, &mut removed, &mut last_at);
        }
        let mut inserted = vec![];
        let mut renamed = vec![];
        for run in &self.removed {
            // Of a piece of several characters, all of which had one name, the last that came back.
            let anchor = run.after.as_ref().map(|after| {
                let back = renamed.iter().rev();
                let mut back = back.map(|it: &Renamed| it.of(after.clone()));
                let is_back = |it: &OpId| it != after;
                back.find(is_back).unwrap_or_else(|| after.clone())
            });
            let at = anchor.map_or(0, |anchor| position_after(tx, text, &anchor));
            splice(tx, text, at, 0, &run.text);
            for new in inserted_run(tx, text, at, &run.text) {
                renamed.push(Renamed {
                    old: run.first.clone(),
                    new: new.first.clone(),
                    chars: new.text.chars().count() as u64,
                });
                inserted.push(new);
            }
        }
        let changed = !removed.is_empty() || !inserted.is_empty();
        Reverted {
            inverse: TextStep { inserted, removed },
            renamed,
            skipped,
            changed,
        }
    }

    /// Follows characters that came back under new ids.
    pub fn rename(&mut self, renamed: &Renamed) {
        for runs in [&mut self.inserted, &mut self.removed] {
            *runs = std::mem::take(runs)
                .into_iter()
                .flat_map(|run| run.rename(renamed))
                .collect();
        }
    }
}

impl Renamed {
    /// The present id of a character.
    fn of(&self, op: OpId) -> OpId {
        let within = op.actor == self.old.actor
            && (self.old.counter..self.old.counter + self.chars).contains(&op.counter);
        if within {
            OpId {
                counter: self.new.counter + (op.counter - self.old.counter),
                actor: self.new.actor.clone(),
            }
        } else {
            op
        }
    }
}

impl Run {
    /// The operation of one of its characters.
    fn op(&self, character: usize) -> OpId {
        OpId {
            counter: self.first.counter + character as u64,
            actor: self.first.actor.clone(),
        }
    }

    fn last(&self) -> OpId {
        self.op(self.text.chars().count() - 1)
    }

    /// Whether a character continues the run.
    fn continues(&self, op: &OpId) -> bool {
        op.follows(&self.last())
    }

    /// This run, with the part that was renamed split off under its new id.
    fn rename(mut self, renamed: &Renamed) -> Vec<Run> {
        self.after = self.after.map(|after| renamed.of(after));
        let len = self.text.chars().count() as u64;
        let (start, end) = (self.first.counter, self.first.counter + len);
        let (from, to) = (
            renamed.old.counter.max(start),
            (renamed.old.counter + renamed.chars).min(end),
        );
        if self.first.actor != renamed.old.actor || from >= to {
            return vec![self];
        }
        let part = |from: u64, to: u64| -> String {
            self.text
                .chars()
                .skip((from - start) as usize)
                .take((to - from) as usize)
                .collect()
        };
        let at = |counter: u64| OpId {
            counter,
            actor: self.first.actor.clone(),
        };
        let parts = [
            (at(start), part(start, from)),
            (renamed.of(at(from)), part(from, to)),
            (at(to), part(to, end)),
        ];
        let mut runs: Vec<Run> = vec![];
        for (first, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
            let after = runs
                .last()
                .map_or_else(|| self.after.clone(), |before| Some(before.last()));
            runs.push(Run { first, text, after });
        }
        runs
    }
}

fn splice(tx: &mut Transaction<'_>, text: &ObjId, at: usize, delete: usize, insert: &str) {
    tx.splice_text(text, at, delete as isize, insert)
        .expect("positions are within the text");
}

/// The operations of freshly inserted characters; they are numbered in a row.
fn inserted_run(tx: &Transaction<'_>, text: &ObjId, at: usize, insert: &str) -> Vec<Run> {
    if insert.is_empty() {
        return vec![];
    }
    character_at(tx, text, at)
        .map(|first| Run {
            first,
            text: insert.into(),
            after: None,
        })
        .into_iter()
        .collect()
}

/// The operations of the characters in a range.
fn runs(tx: &Transaction<'_>, text: &ObjId, content: &str, start: usize, end: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    let mut last: Option<OpId> = None;
    for (op, c) in operations(tx, text, content, start, end) {
        match (runs.last_mut(), &last) {
            (Some(run), Some(before)) if op.follows(before) => run.text.push(c),
            _ => runs.push(Run {
                first: op.clone(),
                text: c.into(),
                after: last.or_else(|| {
                    let before = characters_of(content)
                        .take_while(|(at, _)| *at < start)
                        .last();
                    before.and_then(|(at, _)| character_at(tx, text, at))
                }),
            }),
        }
        last = Some(op);
    }
    runs
}

/// Up to so many characters are looked for one by one, which takes longer for each; more of them in one pass through the
/// whole text.
const FEW: usize = 4;

/// The characters in a range, each with its operation.
fn operations(
    tx: &Transaction<'_>,
    text: &ObjId,
    content: &str,
    start: usize,
    end: usize,
) -> Vec<(OpId, char)> {
    let within = characters_of(content)
        .skip_while(|(at, _)| *at < start)
        .take_while(|(at, _)| *at < end);
    if within.clone().nth(FEW).is_none() {
        let found = within.map(|(at, c)| Some((character_at(tx, text, at)?, c)));
        return found.flatten().collect();
    }
    let mut elements = elements(tx.list_range(text, ..)).peekable();
    let found = within.map(|(at, c)| {
        while elements.next_if(|it| it.at + it.width <= at).is_some() {}
        elements.peek().map(|it| (it.op.clone(), c))
    });
    found.flatten().collect()
}

/// The characters of a text with their places in UTF-16 code units.
fn characters_of(content: &str) -> impl Iterator<Item = (usize, char)> + Clone {
    content.chars().scan(0, |next, c| {
        let at = *next;
        *next += c.len_utf16();
        Some((at, c))
    })
}

/// What one operation put into a text: a character, or of other programs several.
pub(crate) struct Element {
    pub op: OpId,
    pub at: usize,
    pub width: usize,
}

/// The elements of a text in order.
pub(crate) fn elements(range: automerge::iter::ListRange<'_>) -> impl Iterator<Item = Element> {
    range.scan(0, |next, item| {
        let width = match &item.value {
            ValueRef::Scalar(ScalarValueRef::Str(text)) => text.encode_utf16().count(),
            _ => 1,
        };
        let at = *next;
        *next += width;
        let op = OpId::of(&item.id());
        Some(Element { op, at, width })
    })
}

/// Where the characters of a run are now; none: it is gone.
fn places(tx: &Transaction<'_>, text: &ObjId, run: &Run) -> Vec<Option<usize>> {
    let length = run.text.chars().count();
    if length <= FEW {
        return (0..length).map(|i| place(tx, text, &run.op(i))).collect();
    }
    let mut places = vec![None; length];
    for Element { op, at, .. } in elements(tx.list_range(text, ..)) {
        let within = op.counter.checked_sub(run.first.counter);
        let within = within.and_then(|within| usize::try_from(within).ok());
        if op.actor == run.first.actor
            && let Some(place) = within.and_then(|within| places.get_mut(within))
        {
            *place = Some(at);
        }
    }
    places
}

/// Where a character is now; none: it is gone.
fn place(tx: &Transaction<'_>, text: &ObjId, op: &OpId) -> Option<usize> {
    let at = position(tx, text, op, MoveCursor::After);
    let is_there = at < tx.length(text)
        && position(tx, text, op, MoveCursor::Before) == at
        && character_at(tx, text, at).as_ref() == Some(op);
    (is_there || planted(Fault::TextUndoByPosition)).then_some(at)
}

/// Deletes what is left of a run; true if something of it was gone already. `last_at` is where something was deleted last.
fn remove_run(
    tx: &mut Transaction<'_>,
    text: &ObjId,
    run: &Run,
    removed: &mut Vec<Run>,
    last_at: &mut Option<usize>,
) -> bool {
    let places = places(tx, text, run);
    let is_missing = places.iter().any(Option::is_none);
    let mut deleted = 0;
    for Piece { at, first, content } in pieces(run, &places) {
        let at = at.saturating_sub(deleted);
        if at >= tx.length(text) {
            continue;
        }
        // Next to what was removed before, it comes back behind that.
        let neighbour = match *last_at == Some(at) {
            true => removed.last().map(Run::last),
            false => None,
        };
        let anchor = neighbour.or_else(|| character_at(tx, text, at.checked_sub(1)?));
        let width = content.encode_utf16().count();
        splice(tx, text, at, width, "");
        deleted += width;
        match removed.last_mut() {
            Some(last) if *last_at == Some(at) && last.continues(&first) => {
                last.text.push_str(&content);
            }
            _ => removed.push(Run {
                first,
                text: content,
                after: anchor,
            }),
        }
        *last_at = Some(at);
    }
    is_missing
}

/// Characters of a run that are still next to each other.
struct Piece {
    at: usize,
    first: OpId,
    content: String,
}

/// What is left of a run, in order.
fn pieces(run: &Run, places: &[Option<usize>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = vec![];
    // The number of the character, and the place, that would go on with the last piece.
    let mut next = None;
    for (i, (c, at)) in run.text.chars().zip(places).enumerate() {
        let Some(at) = *at else { continue };
        match pieces.last_mut() {
            Some(piece) if next == Some((i, at)) => piece.content.push(c),
            _ => pieces.push(Piece {
                at,
                first: run.op(i),
                content: c.into(),
            }),
        }
        next = Some((i + 1, at + c.len_utf16()));
    }
    pieces
}

fn character_at(tx: &Transaction<'_>, text: &ObjId, at: usize) -> Option<OpId> {
    let cursor = tx.get_cursor(text, at, None).ok()?;
    cursor.to_string().parse().ok()
}

/// Where a character is, or would be: its place in the text as it stands.
fn position(tx: &Transaction<'_>, text: &ObjId, op: &OpId, when_gone: MoveCursor) -> usize {
    let sign = if when_gone == MoveCursor::Before {
        "-"
    } else {
        ""
    };
    let cursor = Cursor::try_from(format!("{sign}{op}").as_str());
    cursor
        .ok()
        .and_then(|cursor| tx.get_cursor_position(text, &cursor, None).ok())
        .unwrap_or_else(|| tx.length(text))
}

/// The place right behind a character, or behind what is left before it.
fn position_after(tx: &Transaction<'_>, text: &ObjId, op: &OpId) -> usize {
    let at = position(tx, text, op, MoveCursor::After);
    if character_at(tx, text, at).as_ref() != Some(op) {
        return at;
    }
    let width = tx
        .get(text, at)
        .ok()
        .flatten()
        .and_then(|(character, _)| character.as_str().map(|c| c.encode_utf16().count()));
    at + width.unwrap_or(1)
}

/// A range that does not cut what is one operation. Within such a piece nothing is inserted either, but behind it.
fn whole_pieces(tx: &Transaction<'_>, text: &ObjId, start: usize, end: usize) -> (usize, usize) {
    let cuts = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| character_at(tx, text, at));
        before.is_some() && before == character_at(tx, text, at)
    };
    let forward = |at: usize| (at..).find(|at| !cuts(*at)).unwrap_or(at);
    if start == end {
        let at = forward(start);
        return (at, at);
    }
    let back = (0..=start).rev().find(|at| !cuts(*at));
    (back.unwrap_or_default(), forward(end))
}

/// A range that does not cut a surrogate pair, within the text.
pub(crate) fn whole_characters(content: &str, start: usize, end: usize) -> (usize, usize) {
    let (mut first, mut last) = (None, 0);
    let mut at = 0;
    for c in content.chars() {
        let next = at + c.len_utf16();
        if first.is_none() && next > start {
            first = Some(at);
        }
        if at < end {
            last = next;
        }
        at = next;
    }
    let first = first.unwrap_or(at);
    (first, if end <= start { first } else { last.max(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_keep_characters_whole() {
        let text = "a😀b";
        assert_eq!(whole_characters(text, 0, 1), (0, 1));
        assert_eq!(whole_characters(text, 2, 3), (1, 3));
        assert_eq!(whole_characters(text, 1, 4), (1, 4));
        assert_eq!(whole_characters(text, 9, 12), (4, 4));
        assert_eq!(whole_characters(text, 3, 3), (3, 3));
    }

    #[test]
    fn a_run_follows_the_part_that_was_renamed() {
        let actor = automerge::ActorId::from([1_u8; 16]);
        let op = |counter| OpId {
            counter,
            actor: actor.clone(),
        };
        let run = Run {
            first: op(10),
            text: "abcdef".into(),
            after: None,
        };
        let parts = run.rename(&Renamed {
            old: op(12),
            new: op(90),
            chars: 2,
        });
        let parts: Vec<_> = parts
            .into_iter()
            .map(|run| (run.first.counter, run.text))
            .collect();
        assert_eq!(
            parts,
            [
                (10, "ab".to_owned()),
                (90, "cd".to_owned()),
                (14, "ef".to_owned())
            ]
        );
    }
}
