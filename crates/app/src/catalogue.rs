//! The list of projects.

use graph::time::Timestamp;
use store::{ProjectKey, ProjectRecord, Store, StoreError};
use uuid::Uuid;

use crate::event::Event;
use crate::failure::Failure;
use crate::reply::ProjectSummary;
use crate::request::ProjectId;
use crate::world::{World, locked};

/// Longest name of a project that is kept.
const MAX_NAME_CHARACTERS: usize = 500;

impl From<ProjectId> for ProjectKey {
    fn from(id: ProjectId) -> Self {
        ProjectKey(id.0.into_bytes())
    }
}

impl From<ProjectKey> for ProjectId {
    fn from(key: ProjectKey) -> Self {
        ProjectId(Uuid::from_bytes(key.0))
    }
}

/// All projects, most recently opened first.
pub(crate) fn list(store: &dyn Store) -> Result<Vec<ProjectSummary>, StoreError> {
    let mut projects: Vec<_> = store.projects()?.into_iter().map(summary).collect();
    projects.sort_by_key(|project| (std::cmp::Reverse(project.opened_at), project.id));
    Ok(projects)
}

/// The record of a project.
pub(crate) fn record(store: &dyn Store, project: ProjectId) -> Result<ProjectRecord, Failure> {
    let key = ProjectKey::from(project);
    let found = store
        .projects()?
        .into_iter()
        .find(|record| record.key == key);
    found.ok_or_else(Failure::no_such_project)
}

/// Changes the record of a project and tells the windows.
pub(crate) fn update(
    world: &World,
    project: ProjectId,
    change: impl FnOnce(&mut ProjectRecord),
) -> Result<(), Failure> {
    let _held = locked(&world.catalogue);
    let mut changed = record(&*world.store, project)?;
    change(&mut changed);
    world.store.update_project(&changed)?;
    announce(world)
}

/// Tells the windows what the catalogue holds.
pub(crate) fn announce(world: &World) -> Result<(), Failure> {
    let projects = list(&*world.store)?;
    world.emit(Event::Projects { projects });
    Ok(())
}

/// A name as it may be kept: not empty, on one line, not endless.
pub(crate) fn checked_name(name: &str) -> Result<String, Failure> {
    let plain: String = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let name = plain.trim();
    let characters = name.chars().count();
    if name.is_empty() {
        return Err(Failure::new("EMPTY", "The name must not be empty."));
    }
    if characters > MAX_NAME_CHARACTERS {
        return Err(Failure::new(
            "TOO_LONG",
            format!(
                "The name has {characters} characters; at most {MAX_NAME_CHARACTERS} are kept."
            ),
        ));
    }
    Ok(name.to_owned())
}

fn summary(record: ProjectRecord) -> ProjectSummary {
    ProjectSummary {
        id: record.key.into(),
        name: record.name,
        template: record.template,
        created_at: Timestamp(record.created_ms),
        opened_at: Timestamp(record.opened_ms.unwrap_or(record.created_ms)),
        trashed_at: record.trashed_ms.map(Timestamp),
        node_count: u32::try_from(record.node_count).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_right_or_refused() {
        assert_eq!(checked_name("  a\u{0}\nb ").unwrap(), "a  b");
        assert_eq!(checked_name(" \t\u{7f}").unwrap_err().code, "EMPTY");
        assert_eq!(
            checked_name(&"x".repeat(100_000)).unwrap_err().code,
            "TOO_LONG"
        );
        assert_eq!(checked_name("مرحبا 👩‍🚀").unwrap(), "مرحبا 👩‍🚀");
    }
}
