//! A link between two machines, and what can go wrong on it.

use std::collections::VecDeque;

use bytes::Bytes;
use graph::generate::Random;
use sync::Time;
use trust::DeviceId;

/// One link. What one end sends waits here until it is delivered to the other.
pub struct Link {
    /// Who dialled whom.
    pub ends: [usize; 2],
    /// The device at each end, as the other was told.
    pub devices: [Option<DeviceId>; 2],
    /// Whether each end believes that it is up.
    pub is_up: [bool; 2],
    /// What is on its way from each end.
    pub queue: [VecDeque<Bytes>; 2],
    /// Nothing is delivered before this time.
    pub held_until: Time,
    /// Messages were lost or changed places, which no real connection survives: it has to end before all is well.
    pub is_damaged: bool,
}

/// Kinds of messages that may be lost, repeated or reordered without the end of the link: frames, acknowledgements,
/// signals. What is said at the beginning is not among them.
fn is_robust(message: &Bytes) -> bool {
    matches!(message.first(), Some(5..=8))
}

impl Link {
    pub fn new(ends: [usize; 2], devices: [Option<DeviceId>; 2]) -> Self {
        Self {
            ends,
            devices,
            is_up: [true, true],
            queue: Default::default(),
            held_until: Time(0),
            is_damaged: false,
        }
    }

    /// Whether it works, as far as anybody knows.
    pub fn is_whole(&self) -> bool {
        self.is_up == [true, true]
    }

    pub fn joins(&self, a: usize, b: usize) -> bool {
        self.ends == [a, b] || self.ends == [b, a]
    }

    /// Some message on its way that may suffer, by the end that sent it and its place.
    fn victim(&self, random: &mut Random) -> Option<(usize, usize)> {
        let places = [0, 1].into_iter().flat_map(|end| {
            let places = self.queue[end].iter().enumerate();
            places
                .filter(|(_, it)| is_robust(it))
                .map(move |(place, _)| (end, place))
        });
        random.pick(&places.collect::<Vec<_>>()).copied()
    }

    pub fn lose(&mut self, random: &mut Random) -> bool {
        let Some((end, place)) = self.victim(random) else {
            return false;
        };
        self.queue[end].remove(place);
        self.is_damaged = true;
        true
    }

    pub fn repeat(&mut self, random: &mut Random) -> bool {
        let Some((end, place)) = self.victim(random) else {
            return false;
        };
        let again = self.queue[end][place].clone();
        let later = place + 1 + random.below(self.queue[end].len() - place);
        self.queue[end].insert(later, again);
        true
    }

    pub fn reorder(&mut self, random: &mut Random) -> bool {
        let Some((end, place)) = self.victim(random) else {
            return false;
        };
        let queue = &mut self.queue[end];
        if place + 1 >= queue.len()
            || !is_robust(&queue[place + 1])
            || queue[place] == queue[place + 1]
        {
            return false;
        }
        queue.swap(place, place + 1);
        self.is_damaged = true;
        true
    }
}
