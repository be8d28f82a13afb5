//! The disk of a machine: a store that goes step by step while the machine is up, and what it left while it is down.

use std::sync::Arc;

use graph::generate::Random;
use store::StoreError;
use store::testing::{Image, SteppedStore};

/// Whether something happens now: it may, or it does because there is no chance.
pub struct Chance<'a>(pub Option<(&'a mut Random, u64)>);

impl Chance<'_> {
    /// In so many of a hundred cases, at the pace of this world.
    pub fn takes(&mut self, percent: u64) -> bool {
        match &mut self.0 {
            Some((random, pace)) => random.chance(percent * *pace / 100),
            None => true,
        }
    }
}

/// A disk.
pub struct Disk {
    store: Option<Arc<SteppedStore>>,
    left: Option<Image>,
}

impl Disk {
    /// One with this on it, of a machine that is down.
    pub fn with(image: Image) -> Self {
        Self {
            store: None,
            left: Some(image),
        }
    }

    /// The machine starts; none if it is up.
    pub fn start(&mut self, same_place: bool) -> Option<Arc<SteppedStore>> {
        let store = Arc::new(SteppedStore::open(self.left.take()?, same_place));
        self.store = Some(Arc::clone(&store));
        Some(store)
    }

    pub fn store(&self) -> Option<&SteppedStore> {
        self.store.as_deref()
    }

    /// The process ends at once; what was written stays.
    pub fn end(&mut self) {
        if let Some(store) = self.store.take() {
            self.left = Some(store.image());
        }
    }

    /// The power goes; of what was not synced, the oldest writes may be there. Says whether any is gone.
    pub fn lose_power(&mut self, random: &mut Random) -> bool {
        let Some(store) = self.store.take() else {
            return false;
        };
        let (_, unsynced) = store.pending();
        let kept = random.below(unsynced + 1);
        self.left = Some(store.torn_image(kept));
        kept < unsynced
    }

    /// What is on it.
    pub fn image(&self) -> Option<Image> {
        let open = self.store.as_ref().map(|store| store.image());
        open.or_else(|| self.left.clone())
    }

    /// Something else is on it, and the machine is down.
    pub fn replace(&mut self, image: Image) {
        *self = Self::with(image);
    }

    /// Whether it fails to take writes, from now on or no longer.
    pub fn set_full(&self, is_full: bool) {
        if let Some(store) = &self.store {
            store.set_fault(is_full.then_some(StoreError::Full));
        }
    }

    /// It writes and syncs; says whether anything moved.
    pub fn work(&self, chance: &mut Chance<'_>) -> bool {
        let Some(store) = &self.store else {
            return false;
        };
        let mut moved = false;
        if chance.takes(60) {
            let most = if chance.takes(30) { usize::MAX } else { 1 };
            moved |= store.write(most) > 0;
        }
        if chance.takes(30) {
            moved |= store.sync() > 0;
        }
        moved
    }
}
