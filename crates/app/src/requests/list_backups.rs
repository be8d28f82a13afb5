//! Local backups of a project.

use graph::time::Timestamp;
use store::{ProjectKey, StoreError};

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::{Backup, Reply};
use crate::request::ProjectId;
use crate::world::World;

/// Those that have the project, newest first.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let list = app.world.blocking(move |world| list(world, project.into()));
    Ok(Reply::Backups {
        backups: list.await?,
    })
}

fn list(world: &World, project: ProjectKey) -> Result<Vec<Backup>, StoreError> {
    let mut found = Vec::new();
    for backup in world.store.backups()? {
        // One that cannot be read is of no use to anybody, and hides none that can.
        let projects = world
            .store
            .backup_projects(&backup.name)
            .unwrap_or_default();
        if projects.iter().any(|record| record.key == project) {
            found.push(Backup {
                name: backup.name,
                at: Timestamp(backup.taken_ms),
                size_bytes: backup.bytes,
            });
        }
    }
    Ok(found)
}
