//! Events as a page takes them: those of one frame together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

use crate::event::Event;

/// A page draws once in this time, so more than one message in it is work for nothing.
const FRAME: Duration = Duration::from_millis(16);

/// Everything that happens from now on, for one page: the first event at once, those that follow within a frame together.
pub struct Batches {
    events: Receiver<Arc<Event>>,
    next_frame: Instant,
    has_gap: bool,
}

/// What happened, oldest first.
pub struct Batch {
    /// The events.
    pub events: Vec<Arc<Event>>,
    /// The page was too slow, and misses what came before some of them.
    pub has_gap: bool,
}

impl Batches {
    pub(crate) fn new(events: Receiver<Arc<Event>>) -> Self {
        Self {
            events,
            next_frame: Instant::now(),
            has_gap: false,
        }
    }

    /// The next ones; none any more once the application is gone. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Batch> {
        sleep_until(self.next_frame).await;
        let mut events = Vec::new();
        while events.is_empty() {
            match self.events.recv().await {
                Ok(event) => events.push(event),
                Err(RecvError::Lagged(_)) => self.has_gap = true,
                Err(RecvError::Closed) => return None,
            }
        }
        self.next_frame = Instant::now() + FRAME;
        loop {
            match self.events.try_recv() {
                Ok(event) => events.push(event),
                Err(TryRecvError::Lagged(_)) => self.has_gap = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let has_gap = std::mem::take(&mut self.has_gap);
        Some(Batch { events, has_gap })
    }
}

impl Batch {
    /// As a JSON array.
    ///
    /// # Errors
    /// If an event cannot be written as JSON, which would be a defect.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.events)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast;

    use super::*;

    fn event(number: usize) -> Arc<Event> {
        Arc::new(Event::Arguments {
            arguments: vec![number.to_string()],
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_within_a_frame_comes_together_and_in_order() {
        let (tell, events) = broadcast::channel(8);
        let mut batches = Batches::new(events);
        let begin = Instant::now();
        tell.send(event(0)).expect("somebody listens");
        let first = batches.next().await.expect("one");
        assert_eq!((first.events.len(), begin.elapsed()), (1, Duration::ZERO));
        for number in 1..4 {
            tell.send(event(number)).expect("somebody listens");
        }
        let second = batches.next().await.expect("another one");
        assert_eq!(second.events, [event(1), event(2), event(3)]);
        assert!(begin.elapsed() >= FRAME && !second.has_gap);
        drop(tell);
        assert!(batches.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_too_slow_is_told() {
        let (tell, events) = broadcast::channel(2);
        let mut batches = Batches::new(events);
        for number in 0..9 {
            tell.send(event(number)).expect("somebody listens");
        }
        let late = batches.next().await.expect("what is left");
        assert!(late.has_gap && late.events == [event(7), event(8)]);
    }
}
