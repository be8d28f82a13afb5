//! Which projects were open last, so that the next start can go on there.

use store::{Store, StoreError};

use crate::request::ProjectId;

const SETTING: &str = "open";

/// Projects that were opened and not closed by the person, the last one last.
pub(crate) fn list(store: &dyn Store) -> Result<Vec<ProjectId>, StoreError> {
    let kept = store.setting(SETTING)?;
    Ok(kept
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}

/// Notes that the person opened a project.
pub(crate) fn opened(store: &dyn Store, project: ProjectId) -> Result<(), StoreError> {
    change(store, |open| {
        open.retain(|other| *other != project);
        open.push(project);
    })
}

/// Notes that the person closed a project.
pub(crate) fn closed(store: &dyn Store, project: ProjectId) -> Result<(), StoreError> {
    change(store, |open| open.retain(|other| *other != project))
}

fn change(store: &dyn Store, change: impl FnOnce(&mut Vec<ProjectId>)) -> Result<(), StoreError> {
    let before = list(store)?;
    let mut after = before.clone();
    change(&mut after);
    if after == before {
        return Ok(());
    }
    let json = serde_json::to_string(&after).expect("ids become JSON");
    store.set_setting(SETTING, Some(&json))
}
