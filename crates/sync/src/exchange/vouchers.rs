//! Frames that count because somebody who may write has built on them.

use std::collections::{BTreeMap, VecDeque};

use trust::Right;

use crate::limits::{MAX_STREAMS, MAX_VOUCHED};
use crate::{Frame, FrameId, StreamId, Vector};

/// Who has lost a right may have written before it heard so, and others may have built on that before they did. What they
/// list counts; what nobody lists is left.
///
/// Frames and those that list them come in any order, so both are remembered, by their names. It is a memory of the
/// latest only: what is forgotten is remembered again when it comes again.
#[derive(Default)]
pub struct Vouchers {
    /// Listed by frames that were taken and vouch for everything.
    listed: Latest<()>,
    /// Listed by frames that vouch for comments only. Whoever writes those does not make the others forgotten.
    listed_by_comments: Latest<()>,
    /// Left, because nobody had listed them.
    left: Latest<Left>,
    /// Up to where snapshots that were left count streams that are known here.
    left_counted: Vector,
    /// Frames that were taken and vouch for comments only.
    weak: Latest<Weak>,
    /// Up to where streams count. Who has seen a frame has seen those before it.
    through: BTreeMap<(StreamId, Right), u64>,
}

/// A frame that vouches for no more than comments, unless who may edit lists it in turn or its device may edit later.
struct Weak {
    stream: StreamId,
    number: u64,
    lists: Vec<FrameId>,
}

#[derive(Clone, Copy)]
struct Left {
    stream: StreamId,
    number: u64,
    /// What somebody must be permitted to write whose word reaches it.
    right: Right,
}

/// What is known by now of a frame that has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// It counts.
    pub counts: bool,
    /// Others of its stream that were left count since it has come, whether it counts itself or not.
    pub is_news: bool,
}

impl Vouchers {
    /// Whether somebody vouches for a frame that has come. Those before it in its stream then count, too, as far as the right
    /// goes of whoever listed it: who may only comment vouches for the comments before a change of the project.
    pub fn vouch_for(&mut self, id: &FrameId, frame: &Frame) -> Vouched {
        let header = frame.header();
        let (stream, right) = (header.stream, header.right());
        let most = self.strength_of(id);
        let is_news = most.is_some_and(|most| self.pass(stream, most, header.number));
        let enough = [Right::Comment, Right::Edit]
            .into_iter()
            .filter(|most| *most >= right);
        let mut through = enough.filter_map(|most| self.through.get(&(stream, most)));
        let counts = through.any(|last| header.number <= *last);
        Vouched { counts, is_news }
    }

    /// A frame is left, because nobody vouches for it or for one before it in its stream. If it is a comment behind a change of
    /// the project, it comes with that or not at all.
    pub fn leave(&mut self, id: FrameId, frame: &Frame) {
        let header = frame.header();
        let (stream, number) = (header.stream, header.number);
        let right = match header.right() {
            Right::Edit => Right::Edit,
            right => {
                let left = self.left.entries.values();
                let before = left.filter(|left| left.stream == stream && left.number < number);
                before.fold(right, |most, left| most.max(left.right))
            }
        };
        let left = Left {
            stream,
            number,
            right,
        };
        self.left.put(id, left);
    }

    /// A snapshot is left, and with it what it counts, as far as that is nowhere else.
    pub fn leave_counted(&mut self, counted: impl Iterator<Item = (StreamId, u64)>) {
        for (stream, number) in counted {
            self.left_counted.raise(stream, number);
        }
    }

    /// Whether a frame is in a snapshot that was left, so that whoever has that may have no such frame.
    pub fn has_left_counted(&self, stream: StreamId, number: u64) -> bool {
        number <= self.left_counted.get(&stream)
    }

    /// Whether there are frames that were left.
    pub fn have_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// For what a frame that was taken vouches, if only by being listed.
    pub fn strength_of(&self, id: &FrameId) -> Option<Right> {
        if self.listed.has(id) {
            return Some(Right::Edit);
        }
        self.listed_by_comments.has(id).then_some(Right::Comment)
    }

    /// A frame was taken, which vouches for what it lists as far as a right allows; true if one that was left counts now.
    pub fn take(&mut self, frame: &Frame, lists: Vec<FrameId>, right: Right) -> bool {
        if right == Right::Edit {
            return self.list_all(lists);
        }
        let counts = |is_news, id: &FrameId| self.list(*id, right) | is_news;
        let is_news = lists.iter().fold(false, counts);
        let header = frame.header();
        let weak = Weak {
            stream: header.stream,
            number: header.number,
            lists,
        };
        self.weak.put(frame.id(), weak);
        is_news
    }

    /// Members have changed: frames that vouched for comments only vouch for everything if they count as an editor's now.
    /// True if one that was left counts now.
    pub fn strengthen(&mut self, is_editors: impl Fn(StreamId, u64) -> bool) -> bool {
        let weak = self.weak.entries.values_mut();
        let strong = weak.filter(|it| is_editors(it.stream, it.number));
        let lists = strong.flat_map(|it| std::mem::take(&mut it.lists));
        let lists: Vec<FrameId> = lists.collect();
        self.list_all(lists)
    }

    /// Who may edit vouches for these, and so for what they list.
    fn list_all(&mut self, mut lists: Vec<FrameId>) -> bool {
        let mut is_news = false;
        while let Some(id) = lists.pop() {
            is_news |= self.list(id, Right::Edit);
            if let Some(weak) = self.weak.entries.get_mut(&id) {
                lists.append(&mut weak.lists);
            }
        }
        is_news
    }

    /// Somebody vouches for a frame, though for no more than a right allows; true if one that was left counts now.
    pub fn list(&mut self, id: FrameId, right: Right) -> bool {
        match right {
            Right::Edit => self.listed.put(id, ()),
            _ => self.listed_by_comments.put(id, ()),
        }
        let most = self.strength_of(&id).unwrap_or(right);
        self.left.get(&id).copied().is_some_and(|left| {
            let is_news = self.pass(left.stream, most, left.number);
            left.right <= most || is_news
        })
    }

    /// Whether this frame is one that was left: who brings what comes behind it is not asked for it again.
    pub fn has_left(&self, stream: StreamId, number: u64) -> bool {
        let mut left = self.left.entries.values();
        left.any(|left| (left.stream, left.number) == (stream, number))
    }

    /// Members have changed: what was left is judged anew when it comes again. False if there is nothing.
    pub fn begin_anew(&mut self) -> bool {
        let had_left = self.have_left();
        self.left = Latest::default();
        self.left_counted = Vector::new();
        had_left
    }

    /// A stream counts up to here, as far as a right allows; true if that is news of some that were left.
    fn pass(&mut self, stream: StreamId, right: Right, number: u64) -> bool {
        let known = self.through.get(&(stream, right)).copied();
        let is_further = known.is_none_or(|last| last < number);
        if is_further && (known.is_some() || self.through.len() < MAX_STREAMS) {
            self.through.insert((stream, right), number);
        }
        let counts =
            |left: &Left| left.stream == stream && left.number <= number && left.right <= right;
        self.left.forget(counts) && is_further
    }
}

/// The latest entries by name.
struct Latest<V> {
    entries: BTreeMap<FrameId, V>,
    order: VecDeque<FrameId>,
}

impl<V> Default for Latest<V> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V> Latest<V> {
    fn has(&self, id: &FrameId) -> bool {
        self.entries.contains_key(id)
    }

    fn get(&self, id: &FrameId) -> Option<&V> {
        self.entries.get(id)
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn put(&mut self, id: FrameId, value: V) {
        if self.entries.insert(id, value).is_some() {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > MAX_VOUCHED
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }

    /// True if there were such.
    fn forget(&mut self, is_over: impl Fn(&V) -> bool) -> bool {
        let (entries, before) = (&mut self.entries, self.order.len());
        entries.retain(|_, value| !is_over(value));
        self.order.retain(|id| entries.contains_key(id));
        self.order.len() < before
    }
}

#[cfg(test)]
mod tests {
    use trust::{DeviceId, Genesis};

    use super::*;
    use crate::{Content, Document, Draft};

    fn frame(document: Document, number: u64) -> Frame {
        let draft = Draft {
            room: Genesis::new([1; 32], [2; 32]).room(),
            document,
            epoch: 1,
            stream: StreamId {
                device: DeviceId([3; 32]),
                nonce: 4,
            },
            number,
            deps: &[],
            content: Content::Changes,
            payload: b"",
        };
        Frame::mint(&draft).expect("a small frame")
    }

    fn id(number: u64) -> FrameId {
        frame(Document::Project, number).id()
    }

    #[test]
    fn r6_no_more_names_are_remembered_than_the_latest() {
        let mut vouchers = Vouchers::default();
        let most = MAX_VOUCHED as u64;
        for number in 1..=most + 10 {
            let frame = frame(Document::Project, number);
            vouchers.leave(frame.id(), &frame);
            vouchers.list(FrameId([number as u8; 32]), Right::Edit);
            vouchers.list(
                FrameId(*blake3::hash(&number.to_be_bytes()).as_bytes()),
                Right::Edit,
            );
        }
        for (entries, order) in [
            (vouchers.left.entries.len(), vouchers.left.order.len()),
            (vouchers.listed.entries.len(), vouchers.listed.order.len()),
        ] {
            assert_eq!((entries, order), (MAX_VOUCHED, MAX_VOUCHED));
        }
        // The first ones are forgotten, and count when they come again.
        assert!(!vouchers.list(id(1), Right::Edit));
        assert!(
            vouchers
                .vouch_for(&id(1), &frame(Document::Project, 1))
                .counts
        );
        assert!(vouchers.list(id(most + 10), Right::Edit));
    }

    #[test]
    fn r6_who_may_only_comment_makes_no_word_of_an_editor_forgotten() {
        let mut vouchers = Vouchers::default();
        let project = frame(Document::Project, 1);
        vouchers.list(project.id(), Right::Edit);
        for number in 0..2 * MAX_VOUCHED as u64 {
            let id = FrameId(*blake3::hash(&number.to_be_bytes()).as_bytes());
            vouchers.list(id, Right::Comment);
        }
        assert!(vouchers.vouch_for(&project.id(), &project).counts);
        assert_eq!(vouchers.listed_by_comments.entries.len(), MAX_VOUCHED);
    }

    #[test]
    fn r5_a_word_counts_for_what_is_before_and_no_further_than_its_right() {
        let mut vouchers = Vouchers::default();
        let (project, comment) = (frame(Document::Project, 2), frame(Document::Comments, 3));
        vouchers.leave(project.id(), &project);
        vouchers.leave(comment.id(), &comment);
        assert!(!vouchers.list(project.id(), Right::Comment));
        assert!(!vouchers.list(comment.id(), Right::Comment));
        assert!(vouchers.vouch_for(&comment.id(), &comment).counts);
        assert!(!vouchers.vouch_for(&project.id(), &project).counts);
        assert!(vouchers.has_left(project.header().stream, 2));
        // Who may edit vouches for the comment, and so for what is before it.
        vouchers.list(comment.id(), Right::Edit);
        assert!(vouchers.vouch_for(&comment.id(), &comment).counts);
        assert!(vouchers.vouch_for(&project.id(), &project).counts);
        assert!(!vouchers.has_left(project.header().stream, 2));
        assert!(
            !vouchers
                .vouch_for(&id(4), &frame(Document::Project, 4))
                .counts
        );
    }

    /// Of a device that wrote a comment, then changed the project, and was removed, somebody lists the change who may only
    /// comment: she has seen both, and stands for the comment.
    #[test]
    fn r5_who_lists_a_change_of_the_project_vouches_for_the_comments_before_it() {
        let (comment, project) = (frame(Document::Comments, 1), frame(Document::Project, 2));
        for is_listed_first in [false, true] {
            let mut vouchers = Vouchers::default();
            vouchers.leave(comment.id(), &comment);
            let is_news = match is_listed_first {
                true => {
                    assert!(!vouchers.list(project.id(), Right::Comment));
                    vouchers.vouch_for(&project.id(), &project).is_news
                }
                false => {
                    vouchers.leave(project.id(), &project);
                    vouchers.list(project.id(), Right::Comment)
                }
            };
            assert!(is_news, "the comment is to be asked for");
            assert!(vouchers.vouch_for(&comment.id(), &comment).counts);
            let again = vouchers.vouch_for(&project.id(), &project);
            assert_eq!((again.counts, again.is_news), (false, false));
        }
    }

    /// Who may only comment lists what stands behind a comment, which stands behind a change of the project that was left: the
    /// comment comes with that change, if somebody lists it who may edit.
    #[test]
    fn r5_a_comment_behind_a_change_waits_for_who_may_edit() {
        let mut vouchers = Vouchers::default();
        let (project, comment) = (frame(Document::Project, 1), frame(Document::Comments, 2));
        let behind = frame(Document::Project, 3);
        for frame in [&project, &comment, &behind] {
            vouchers.leave(frame.id(), frame);
        }
        assert!(!vouchers.list(comment.id(), Right::Comment));
        vouchers.list(behind.id(), Right::Comment);
        assert!(
            vouchers.list(comment.id(), Right::Edit),
            "both are to be asked for"
        );
        assert!(vouchers.vouch_for(&project.id(), &project).counts);
    }
}
