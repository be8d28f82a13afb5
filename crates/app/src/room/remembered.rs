//! What the log of a closed room tells a room that is opened: for which frames those in it vouch, and which of them nobody
//! has built on yet.

use std::collections::{BTreeMap, BTreeSet};

use sync::{Frame, FrameId, Frontier, StreamId};

/// The frontier of the stream in which is written next: what of the log no other frame in it lists. The own frames of
/// before count for what they list, and are none to be listed; their names come back, to be passed over.
///
/// It may name more than was seen since the last own frame, which does no harm: of frames of the same stream only the latest
/// is named, and whoever writes vouches once more for what she has vouched for.
pub(super) fn frontier(log: &[Frame], own: StreamId) -> (Frontier, BTreeSet<FrameId>) {
    let mut frontier = Frontier::new();
    let mut written = BTreeSet::new();
    for frame in in_order(log) {
        frontier.see(frame);
        if frame.header().stream == own {
            written.insert(frame.id());
        }
    }
    (frontier, written)
}

/// Each frame after those of its stream before it and those that it lists, as far as they are here.
fn in_order(log: &[Frame]) -> Vec<&Frame> {
    let ids: Vec<FrameId> = log.iter().map(Frame::id).collect();
    let by_id: BTreeMap<FrameId, usize> = ids.iter().copied().zip(0..).collect();
    let place = |frame: &Frame| (frame.header().stream, frame.header().number);
    let by_place: BTreeMap<(StreamId, u64), usize> = log.iter().map(place).zip(0..).collect();
    let before = |at: usize| {
        let frame = &log[at];
        let (stream, number) = place(frame);
        let listed = frame.deps().filter_map(|dep| by_id.get(&dep).copied());
        let previous = by_place.get(&(stream, number.saturating_sub(1))).copied();
        listed
            .chain(previous.filter(|it| *it != at))
            .collect::<Vec<_>>()
    };
    let mut ordered = Vec::with_capacity(log.len());
    let mut is_begun = vec![false; log.len()];
    for first in 0..log.len() {
        // A frame and what is left to be placed before it. Hashes list no frame that lists them.
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        if !std::mem::replace(&mut is_begun[first], true) {
            path.push((first, before(first)));
        }
        while let Some((at, waiting)) = path.last_mut() {
            match waiting.pop() {
                Some(next) if !std::mem::replace(&mut is_begun[next], true) => {
                    path.push((next, before(next)));
                }
                Some(_) => {}
                None => {
                    ordered.push(&log[*at]);
                    path.pop();
                }
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use sync::{Content, Document, Draft};
    use trust::{DeviceId, Right, RoomId};

    use super::*;

    fn stream(device: u8) -> StreamId {
        StreamId {
            device: DeviceId([device; 32]),
            nonce: 1,
        }
    }

    fn frame(device: u8, number: u64, deps: &[FrameId]) -> Frame {
        Frame::mint(&Draft {
            room: RoomId([9; 32]),
            document: Document::Project,
            epoch: 0,
            stream: stream(device),
            number,
            deps,
            content: Content::Changes,
            payload: b"something",
        })
        .unwrap()
    }

    fn next(log: &[Frame]) -> Vec<FrameId> {
        let (mut frontier, written) = frontier(log, stream(1));
        let mut deps = frontier.take(Right::Edit);
        deps.retain(|dep| !written.contains(dep));
        deps.sort_unstable();
        deps
    }

    #[test]
    fn f6_what_nobody_has_built_on_is_listed_after_a_restart_in_whatever_order_the_log_is_read() {
        let (first, second) = (frame(2, 1, &[]), frame(3, 1, &[]));
        let own = frame(1, 1, &[first.id(), second.id()]);
        let built = frame(4, 1, &[own.id()]);
        let later = frame(2, 2, &[]);
        let mut log = vec![first, second, own, built.clone(), later.clone()];
        let mut wanted = vec![built.id(), later.id()];
        wanted.sort_unstable();
        for _ in 0..log.len() {
            log.rotate_left(1);
            assert_eq!(next(&log), wanted);
            log.reverse();
            assert_eq!(next(&log), wanted);
            log.reverse();
        }
        assert_eq!(next(&[]), []);
    }

    #[test]
    fn f6_own_frames_are_not_listed() {
        let seen = frame(2, 1, &[]);
        let own = frame(1, 1, &[seen.id()]);
        assert_eq!(next(&[own, seen]), []);
    }

    #[test]
    fn a_long_log_is_put_in_order() {
        let mut log: Vec<Frame> = Vec::new();
        for number in 1..5_000_u64 {
            let deps: Vec<FrameId> = log.last().map(Frame::id).into_iter().collect();
            log.push(frame(2 + (number % 2) as u8, number.div_ceil(2), &deps));
        }
        let last = log.last().unwrap().id();
        log.reverse();
        assert_eq!(next(&log), [last]);
    }
}
