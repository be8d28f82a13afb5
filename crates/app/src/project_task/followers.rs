//! Those who follow what happens to an open project.

use std::sync::Arc;

use tokio::sync::{broadcast, oneshot};

use super::{Door, Message, Panicked, ProjectTask};
use crate::failure::Failure;
use crate::programs::Happening;

/// What one who follows hears.
pub(super) type Heard = broadcast::Receiver<Arc<Happening>>;

/// How far one may fall behind before it has to read the project anew.
const HAPPENINGS: usize = 4096;

pub(super) struct Followers(broadcast::Sender<Arc<Happening>>);

impl Default for Followers {
    fn default() -> Self {
        Self(broadcast::Sender::new(HAPPENINGS))
    }
}

impl Door {
    /// Everything that happens from now on.
    pub(crate) async fn follow(&self) -> Result<Heard, Failure> {
        let (asker, heard) = oneshot::channel();
        self.send(Message::Follow(asker)).await?;
        heard.await.map_err(|_| Failure::crashed())
    }
}

impl ProjectTask {
    pub(super) fn follow(&mut self, asker: oneshot::Sender<Heard>) -> Result<(), Panicked> {
        self.project.be_followed(true);
        // Whoever does not wait any more does not follow.
        asker.send(self.followers.0.subscribe()).ok();
        Ok(())
    }

    /// Tells what a step did, before it is answered.
    pub(super) fn tell_followers(&mut self) {
        for happening in self.project.take_happened() {
            if self.followers.0.send(happening).is_err() {
                self.project.be_followed(false);
            }
        }
    }
}
