//! One of an author's two stacks of steps, and how it differs from the one that is stored.

use std::ops::Deref;

use super::{Entry, MAX_STEPS};
use crate::project::StackUpdate;

/// Steps, oldest first. Reads as a slice; what changes it is here, so that only the changed top is stored.
///
/// The lowest `kept` entries are stored as they are; above them `replaced` other entries are stored, which the next
/// update takes away.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    entries: Vec<Entry>,
    kept: usize,
    replaced: usize,
}

impl Stack {
    /// What was stored. Entries that cannot be read are left out, and the next update stores all others anew.
    pub fn read(stored: &[Vec<u8>]) -> Stack {
        let entries: Vec<Entry> = stored
            .iter()
            .filter_map(|bytes| serde_json::from_slice(bytes).ok())
            .collect();
        let is_whole = entries.len() == stored.len();
        let kept = if is_whole { entries.len() } else { 0 };
        Stack {
            entries,
            kept,
            replaced: stored.len() - kept,
        }
    }

    /// Adds a step; the oldest is forgotten when there are too many, as the store forgets it.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        if self.entries.len() > MAX_STEPS {
            self.entries.remove(0);
            self.kept = self.kept.saturating_sub(1);
        }
    }

    /// Takes the last step off.
    pub fn pop(&mut self) -> Option<Entry> {
        let entry = self.entries.pop();
        self.store_from(self.entries.len());
        entry
    }

    /// Forgets all steps.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.store_from(0);
    }

    /// Calls `change` with every entry; it says whether it changed it.
    pub fn change_each(&mut self, mut change: impl FnMut(&mut Entry) -> bool) {
        let mut first = self.entries.len();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if change(entry) {
                first = first.min(index);
            }
        }
        self.store_from(first);
    }

    /// Forgets the entries that `keep` refuses.
    pub fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        if let Some(first) = self.entries.iter().position(|entry| !keep(entry)) {
            self.store_from(first);
            self.entries.retain(keep);
        }
    }

    /// How to make the stored stack equal to this one; from then on it counts as stored.
    pub fn update(&mut self) -> StackUpdate {
        let update = StackUpdate {
            pop: std::mem::take(&mut self.replaced),
            push: self.entries[self.kept..].iter().map(to_bytes).collect(),
        };
        self.kept = self.entries.len();
        update
    }

    fn store_from(&mut self, index: usize) {
        if index < self.kept {
            self.replaced += self.kept - index;
            self.kept = index;
        }
    }
}

impl Deref for Stack {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

fn to_bytes(entry: &Entry) -> Vec<u8> {
    serde_json::to_vec(entry).expect("entries have no maps with keys that JSON lacks")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Push,
        Pop,
        Clear,
        Change(usize),
        Forget(usize),
        Store,
        Reopen,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            12 => Just(Step::Push),
            4 => Just(Step::Pop),
            1 => Just(Step::Clear),
            2 => (0..MAX_STEPS).prop_map(Step::Change),
            1 => (0..MAX_STEPS).prop_map(Step::Forget),
            4 => Just(Step::Store),
            1 => Just(Step::Reopen),
        ];
        prop::collection::vec(step, 0..400)
    }

    /// As a store does it.
    fn store(stored: &mut Vec<Vec<u8>>, update: StackUpdate) {
        assert!(update.pop <= stored.len());
        stored.truncate(stored.len() - update.pop);
        for entry in update.push {
            stored.push(entry);
            if stored.len() > MAX_STEPS {
                stored.remove(0);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_stored_by_updates_is_the_stack(steps in steps()) {
            let (mut stack, mut stored, mut number) = (Stack::default(), vec![], 0);
            let named = |number: usize| Entry { label: number.to_string(), items: vec![], changes: vec![] };
            for step in steps {
                number += 1;
                match step {
                    Step::Push => stack.push(named(number)),
                    Step::Pop => drop(stack.pop()),
                    Step::Clear => stack.clear(),
                    Step::Change(at) => {
                        let mut index = 0;
                        stack.change_each(|entry| {
                            index += 1;
                            if index - 1 == at {
                                entry.label = number.to_string();
                            }
                            index - 1 == at
                        });
                    }
                    Step::Forget(at) => {
                        let gone = stack.get(at).map(|entry| entry.label.clone());
                        stack.retain(|entry| Some(&entry.label) != gone.as_ref());
                    }
                    Step::Store | Step::Reopen => {
                        store(&mut stored, stack.update());
                        let expected: Vec<Vec<u8>> = stack.iter().map(to_bytes).collect();
                        prop_assert_eq!(&stored, &expected);
                        if matches!(step, Step::Reopen) {
                            stack = Stack::read(&stored);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_the_changed_top_is_stored() {
        let entry = |label: &str| Entry {
            label: label.into(),
            items: vec![],
            changes: vec![],
        };
        let mut stack = Stack::default();
        for label in ["a", "b", "c"] {
            stack.push(entry(label));
        }
        assert_eq!(stack.update().push.len(), 3);
        stack.pop();
        stack.push(entry("d"));
        let update = stack.update();
        assert_eq!((update.pop, update.push.len()), (1, 1));
        let nothing = stack.update();
        assert_eq!((nothing.pop, nothing.push.len()), (0, 0));
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_replaced() {
        let mut whole = Stack::default();
        whole.push(Entry {
            label: "kept".into(),
            items: vec![],
            changes: vec![],
        });
        let mut stored = vec![b"no entry".to_vec()];
        store(&mut stored, whole.update());
        let mut stack = Stack::read(&stored);
        assert_eq!(stack.len(), 1);
        stack.push(Entry {
            label: "new".into(),
            items: vec![],
            changes: vec![],
        });
        store(&mut stored, stack.update());
        assert_eq!(Stack::read(&stored).len(), 2);
        assert_eq!(stored.len(), 2);
    }
}
