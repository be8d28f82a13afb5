//! Changes as they travel between copies of a project: packed into one run of bytes.
//!
//! The first byte says how: a few changes as they are, many as one Automerge bundle (about 8 bytes a
//! change instead of 137), a whole document as it is saved. Reading accepts all three whatever their
//! size, so how to pack can be decided anew at any time.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use automerge::{Automerge, Bundle, Change, ChangeHash};

use super::load::Saved;
use super::merge::Merged;
use super::{Fresh, Project, apply};
use crate::delta::{Delta, NodeDelta};
use crate::document::{Document, genesis};
use crate::view::View;

/// Each change as Automerge stores it, preceded by its length as 4 bytes, big-endian.
const CHANGES: u8 = 0;
/// One Automerge bundle.
const BUNDLE: u8 = 1;
/// A document as Automerge saves it.
pub(super) const SAVED: u8 = 2;

/// A bundle costs some hundred bytes of its own.
const WORTH_A_BUNDLE: usize = 8;

/// Changes of one document, ready to travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// For [`Project::merge_packed`] of another copy.
    pub bytes: Vec<u8>,
    /// The newest changes inside and before; pack on top of these the next time.
    pub heads: Vec<ChangeHash>,
    /// How many changes are inside.
    pub changes: usize,
}

/// Whether packed bytes are a whole document, and not changes on top of one.
pub fn is_whole(packed: &[u8]) -> bool {
    packed.first() == Some(&SAVED)
}

impl Project {
    /// How many changes a document has on top of `since`; what genesis makes is none.
    pub fn count_since(&self, document: Document, since: &[ChangeHash]) -> usize {
        count_since(document, self.document(document), since)
    }

    /// Whether a document holds a change.
    pub fn holds(&self, document: Document, change: &ChangeHash) -> bool {
        apply::holds(self.document(document), change)
    }

    /// Everything that a document has on top of `since`; none if that is nothing.
    pub fn pack(&self, document: Document, since: &[ChangeHash]) -> Option<Packed> {
        self.pack_within(document, since, usize::MAX, &mut BTreeSet::new())
    }

    /// Takes in what [`Project::pack`] of another copy gave. Never refused; what cannot be read is
    /// set aside. Also says what the newest changes inside are.
    ///
    /// A copy to which nothing was ever written takes a saved document as it is, which is quick.
    pub fn merge_packed(&mut self, document: Document, packed: &[u8]) -> (Merged, Vec<ChangeHash>) {
        let content = match read(packed.to_vec()) {
            Ok(content) => content,
            Err(reason) => return (set_aside(reason), Vec::new()),
        };
        let tips = content.tips();
        let waiting = &self.waiting[document as usize];
        let is_untouched = is_untouched(document, self.document(document), waiting);
        let merged = match content {
            Content::Document(saved) if is_untouched => {
                self.take_over(document, *saved).unwrap_or_else(set_aside)
            }
            content => self.merge_changes(document, content.into_changes()),
        };
        (merged, tips)
    }

    /// Takes another document in place of one that is as genesis made it.
    fn take_over(&mut self, document: Document, saved: Saved) -> Result<Merged, String> {
        let other = saved.doc;
        let view = match document {
            Document::Project => View::rebuild(&other, &self.comments),
            Document::Comments => View::rebuild(&self.project, &other),
        };
        let view = view.map_err(|error| error.to_string())?;
        match document {
            Document::Project => self.project = other,
            Document::Comments => self.comments = other,
        }
        self.view = view;
        self.waiting[document as usize] = saved.waiting;
        // A whole project is what there was before one joined; the first comments are news like any others.
        let fresh = match document {
            Document::Project => Fresh::default(),
            Document::Comments => Fresh::all_of(&self.comments),
        };
        Ok(Merged {
            fresh,
            delta: everything(&self.view),
            waiting_for: self.missing(document).len(),
            ..Merged::default()
        })
    }
}

/// What a run of bytes holds.
pub(super) enum Content {
    Changes(Vec<Change>),
    Document(Box<Saved>),
}

impl Content {
    pub(super) fn into_changes(self) -> Vec<Change> {
        match self {
            Content::Changes(changes) => changes,
            Content::Document(saved) => [saved.doc.get_changes(&[]), saved.waiting].concat(),
        }
    }

    /// The changes that no other of these builds on.
    fn tips(&self) -> Vec<ChangeHash> {
        let changes = match self {
            Content::Document(saved) => return saved.doc.get_heads(),
            Content::Changes(changes) => changes,
        };
        let mut tips: BTreeSet<ChangeHash> = changes.iter().map(Change::hash).collect();
        for dep in changes.iter().flat_map(Change::deps) {
            tips.remove(dep);
        }
        tips.into_iter().collect()
    }
}

/// Reads a packed run of bytes, or one change as Automerge stores it.
pub(super) fn read(bytes: Vec<u8>) -> Result<Content, String> {
    malformed_is_an_error(|| {
        let content = read_trusting(bytes)?;
        if let Content::Changes(changes) = &content {
            // What is wrong inside shows only here, and must not show in the middle of a merge.
            changes.iter().for_each(|change| drop(change.decode()));
        }
        Ok(content)
    })
}

/// Reads a change. Its checksum, the first bytes of its hash, is not looked at by the library.
pub(super) fn read_change(bytes: Vec<u8>) -> Result<Change, String> {
    let change = Change::from_bytes(bytes).map_err(|error| error.to_string())?;
    let checksum = change.raw_bytes().get(4..8);
    if checksum != Some(&change.hash().0[..4]) {
        return Err("its checksum does not match".to_owned());
    }
    Ok(change)
}

/// Automerge panics on some malformed bytes, whose checksums fit or are not looked at. Whoever may write could send such
/// bytes, and the project would be closed at each start. `work` only reads, so nothing is left half done.
pub(super) fn malformed_is_an_error<T>(
    work: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err("it is malformed".to_owned()))
}

fn read_trusting(bytes: Vec<u8>) -> Result<Content, String> {
    match bytes.split_first() {
        Some((&CHANGES, rest)) => read_list(rest).map(Content::Changes),
        Some((&BUNDLE, rest)) => read_bundle(rest).map(Content::Changes),
        Some((&SAVED, rest)) => Ok(Content::Document(Box::new(Saved::read(rest)?))),
        _ => Ok(Content::Changes(vec![read_change(bytes)?])),
    }
}

/// Whether nothing was ever written to a document, and nothing waits to be.
pub(super) fn is_untouched(document: Document, doc: &Automerge, waiting: &[Change]) -> bool {
    is_fresh(document, &doc.get_heads()) && waiting.is_empty()
}

/// Whether these are the heads of a document to which nothing was ever written.
fn is_fresh(document: Document, heads: &[ChangeHash]) -> bool {
    heads.is_empty() || heads == genesis_heads(document)
}

fn genesis_heads(document: Document) -> &'static [ChangeHash] {
    static HEADS: LazyLock<[Vec<ChangeHash>; 2]> =
        LazyLock::new(|| [Document::Project, Document::Comments].map(|it| genesis(it).get_heads()));
    match document {
        Document::Project => &HEADS[0],
        Document::Comments => &HEADS[1],
    }
}

/// The delta from an empty view to this one.
fn everything(view: &View) -> Delta {
    Delta {
        nodes: view
            .nodes()
            .map(|node| (node.id(), NodeDelta::default()))
            .collect(),
        links: view.links().map(|link| (link.id, None)).collect(),
        comments: view.commented_nodes().collect(),
        remarks: view
            .all_comments()
            .map(|comment| (comment.id, None))
            .collect(),
        frame: true,
        problems: true,
        trash: true,
        ..Delta::default()
    }
}

fn set_aside(reason: String) -> Merged {
    Merged {
        set_aside: vec![reason],
        ..Merged::default()
    }
}

pub(super) fn tagged(tag: u8, mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.insert(0, tag);
    bytes
}

/// A document as it is saved, for somebody to whom nothing was ever written; none for others, and if there is nothing.
pub(super) fn whole(document: Document, doc: &Automerge, since: &[ChangeHash]) -> Option<Packed> {
    let heads = doc.get_heads();
    if !is_fresh(document, since) || is_fresh(document, &heads) {
        return None;
    }
    Some(Packed {
        bytes: tagged(SAVED, doc.save()),
        heads,
        changes: count_since(document, doc, since),
    })
}

/// Everybody has what genesis makes, also who knows of nothing but changes that have not come yet.
pub(super) fn on_genesis(document: Document, since: &[ChangeHash]) -> Vec<ChangeHash> {
    [genesis_heads(document), since].concat()
}

fn count_since(document: Document, doc: &Automerge, since: &[ChangeHash]) -> usize {
    doc.get_changes_meta(&on_genesis(document, since)).len()
}

/// Packs changes of a document, smaller than usual if they are more than so many bytes.
pub(super) fn packed(doc: &Automerge, changes: &mut [Change], most_bytes: usize) -> Vec<u8> {
    if let Some(bundled) = bundled(doc, changes) {
        return bundled;
    }
    let as_they_are = listed(
        changes
            .iter()
            .map(|change| Cow::Borrowed(change.raw_bytes())),
    );
    match as_they_are.len() > most_bytes {
        true => listed(changes.iter_mut().map(Change::bytes)),
        false => as_they_are,
    }
}

fn bundled(doc: &Automerge, changes: &[Change]) -> Option<Vec<u8>> {
    if changes.len() < WORTH_A_BUNDLE {
        return None;
    }
    let bundle = doc.bundle(changes.iter().map(Change::hash)).ok()?;
    Some(tagged(BUNDLE, bundle.bytes().to_vec()))
}

fn listed<'a>(changes: impl Iterator<Item = Cow<'a, [u8]>>) -> Vec<u8> {
    let mut bytes = vec![CHANGES];
    for change in changes {
        let length = u32::try_from(change.len()).expect("a change is far below 4 GiB");
        bytes.extend(length.to_be_bytes());
        bytes.extend(&*change);
    }
    bytes
}

fn read_list(mut rest: &[u8]) -> Result<Vec<Change>, String> {
    let mut changes = vec![];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (raw, after) = after
            .split_at_checked(length)
            .ok_or("a change is cut short")?;
        changes.push(read_change(raw.to_vec())?);
        rest = after;
    }
    if rest.is_empty() {
        Ok(changes)
    } else {
        Err("a length is cut short".to_owned())
    }
}

fn read_bundle(bytes: &[u8]) -> Result<Vec<Change>, String> {
    let bundle = Bundle::try_from(bytes).map_err(|error| error.to_string())?;
    bundle.to_changes().map_err(|error| error.to_string())
}
