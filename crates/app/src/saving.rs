//! Whether the whole installation's edits reach the disk, from what each open project says.

use std::collections::BTreeMap;

use graph::time::Timestamp;
use store::StoreError;

use crate::event::SaveState;
use crate::failure::store_words;
use crate::request::ProjectId;

/// What one project says.
#[derive(Debug, Clone, Default)]
pub struct Unsaved {
    /// Changes that are not on the disk for certain.
    pub pending: usize,
    /// Why they are not being written, if so.
    pub stalled: Option<StoreError>,
}

/// The projects that have something unsaved, and what windows were told last.
#[derive(Debug)]
pub struct Saving {
    projects: BTreeMap<ProjectId, Unsaved>,
    is_read_only: bool,
    told: SaveState,
}

impl Saving {
    /// Nothing is unsaved at first. Where nothing can be written at all, nothing is ever called saved.
    pub fn new(now: Timestamp, is_read_only: bool) -> Self {
        let mut saving = Self {
            projects: BTreeMap::new(),
            is_read_only,
            told: SaveState::Saved { at: now },
        };
        saving.told = saving.current(now);
        saving
    }

    /// Notes what a project says; the new state, if windows should hear of it.
    pub fn update(
        &mut self,
        project: ProjectId,
        unsaved: Unsaved,
        now: Timestamp,
    ) -> Option<SaveState> {
        if unsaved.pending == 0 {
            self.projects.remove(&project);
        } else {
            self.projects.insert(project, unsaved);
        }
        let state = self.current(now);
        let news = match (&state, &self.told) {
            (SaveState::Saved { .. }, SaveState::Saved { .. }) => false,
            (state, told) => state != told,
        };
        news.then(|| {
            self.told = state.clone();
            state
        })
    }

    /// What windows were told last.
    pub fn state(&self) -> SaveState {
        self.told.clone()
    }

    fn current(&self, now: Timestamp) -> SaveState {
        let mut projects = self.projects.values();
        let stalled = match self.is_read_only {
            true => Some(&StoreError::ReadOnly),
            false => projects.find_map(|it| it.stalled.as_ref()),
        };
        let pending = self.projects.values().map(|it| it.pending).sum();
        match stalled {
            Some(error) => unsaved(error, pending),
            None if pending == 0 => SaveState::Saved { at: now },
            None => SaveState::Saving,
        }
    }
}

fn unsaved(error: &StoreError, pending: usize) -> SaveState {
    let (code, message) = store_words(error);
    SaveState::Unsaved {
        code: code.to_owned(),
        message,
        pending: u32::try_from(pending).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn unsaved(pending: usize, stalled: Option<StoreError>) -> Unsaved {
        Unsaved { pending, stalled }
    }

    #[test]
    fn it_is_saved_when_every_project_is() {
        let (one, two) = (ProjectId(Uuid::from_u128(1)), ProjectId(Uuid::from_u128(2)));
        let mut saving = Saving::new(Timestamp(0), false);
        assert_eq!(
            saving.update(one, unsaved(1, None), Timestamp(1)),
            Some(SaveState::Saving)
        );
        assert_eq!(saving.update(two, unsaved(1, None), Timestamp(2)), None);
        assert_eq!(saving.update(one, unsaved(0, None), Timestamp(3)), None);
        let saved = SaveState::Saved { at: Timestamp(4) };
        assert_eq!(
            saving.update(two, unsaved(0, None), Timestamp(4)),
            Some(saved.clone())
        );
        assert_eq!(saving.state(), saved);
    }

    #[test]
    fn one_stalled_project_makes_it_unsaved_with_the_sum() {
        let (one, two) = (ProjectId(Uuid::from_u128(1)), ProjectId(Uuid::from_u128(2)));
        let mut saving = Saving::new(Timestamp(0), false);
        saving.update(one, unsaved(2, None), Timestamp(1));
        let state = saving.update(two, unsaved(3, Some(StoreError::Full)), Timestamp(2));
        let Some(SaveState::Unsaved { code, pending, .. }) = state else {
            panic!("{state:?}")
        };
        assert_eq!((code.as_str(), pending), ("DISK_FULL", 5));
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_called_saved_or_being_saved() {
        let project = ProjectId(Uuid::from_u128(1));
        let mut saving = Saving::new(Timestamp(0), true);
        for edits in [1, 2, 0] {
            let state = saving.update(project, unsaved(edits, None), Timestamp(1));
            let Some(SaveState::Unsaved { code, pending, .. }) = state else {
                panic!("{state:?}")
            };
            assert_eq!((code.as_str(), pending as usize), ("DISK_READ_ONLY", edits));
        }
    }
}
