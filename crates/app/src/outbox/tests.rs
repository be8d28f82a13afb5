use std::collections::VecDeque;

use proptest::prelude::*;
use store::Document;

use super::*;

/// A store that answers when it is told to, in order, and refuses everything behind a failure.
#[derive(Default)]
struct Disk {
    queue: VecDeque<(Number, Chunk)>,
    undurable: VecDeque<Number>,
    content: Vec<Vec<u8>>,
    durable: usize,
    stalled: bool,
    full: bool,
    unsyncable: bool,
}

impl Disk {
    fn take(&mut self, outbox: &Outbox, number: Number) {
        let chunk = outbox
            .chunk(number)
            .expect("what is handed over is kept")
            .clone();
        self.queue.push_back((number, chunk));
    }

    fn write_one(&mut self) -> Option<(Number, Fate)> {
        let (number, chunk) = self.queue.pop_front()?;
        if self.full || self.stalled {
            self.stalled = true;
            return Some((number, Fate::Failed(StoreError::Full)));
        }
        self.content.push(chunk.bytes);
        self.undurable.push_back(number);
        Some((number, Fate::Written(Seq(self.content.len() as u64))))
    }

    fn sync_one(&mut self) -> Option<(Number, Fate)> {
        if self.unsyncable {
            return None;
        }
        let number = self.undurable.pop_front()?;
        self.durable += 1;
        Some((number, Fate::Durable(Seq(self.durable as u64))))
    }

    fn retry(&mut self) -> Result<(), StoreError> {
        if self.full || self.unsyncable {
            return Err(StoreError::Full);
        }
        self.stalled = false;
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Edit,
    Write,
    Sync,
    Full(bool),
    Unsyncable(bool),
    Retry,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Edit),
        3 => Just(Step::Write),
        3 => Just(Step::Sync),
        1 => any::<bool>().prop_map(Step::Full),
        1 => any::<bool>().prop_map(Step::Unsyncable),
        1 => Just(Step::Retry),
    ];
    proptest::collection::vec(step, 0..120)
}

fn retry(outbox: &mut Outbox, disk: &mut Disk) {
    if outbox.begin_retry() {
        for number in outbox.resume(disk.retry()) {
            disk.take(outbox, number);
        }
    }
}

proptest! {
    #[test]
    fn the_disk_holds_a_prefix_and_what_is_called_saved_is_there(steps in steps()) {
        let (mut outbox, mut disk, mut edits) = (Outbox::default(), Disk::default(), Vec::new());
        for step in steps {
            match step {
                Step::Edit => {
                    let bytes = vec![edits.len() as u8];
                    edits.push(bytes.clone());
                    if let Some(number) = outbox.push(Chunk::new(Document::PROJECT, bytes)) {
                        disk.take(&outbox, number);
                    }
                }
                Step::Write => disk.write_one().into_iter().for_each(|(n, fate)| outbox.learn(n, fate)),
                Step::Sync => disk.sync_one().into_iter().for_each(|(n, fate)| outbox.learn(n, fate)),
                Step::Full(full) => disk.full = full,
                Step::Unsyncable(unsyncable) => disk.unsyncable = unsyncable,
                Step::Retry => retry(&mut outbox, &mut disk),
            }
            prop_assert!(edits.starts_with(&disk.content));
            if outbox.pending() == 0 {
                prop_assert_eq!(disk.durable, edits.len());
            }
        }
        (disk.full, disk.unsyncable) = (false, false);
        while outbox.pending() > 0 {
            while let Some((number, fate)) = disk.write_one() {
                outbox.learn(number, fate);
            }
            retry(&mut outbox, &mut disk);
            while let Some((number, fate)) = disk.sync_one() {
                outbox.learn(number, fate);
            }
        }
        prop_assert_eq!(disk.content, edits);
    }
}
