//! Opening a backup as a new project beside the present one.

use crate::app::Inner;
use crate::failure::Failure;
use crate::me::Me;
use crate::opening;
use crate::progress::{Progress, long};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::world::{World, locked};

/// The present project stays as it is.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    backup: String,
) -> Result<Reply, Failure> {
    let me = locked(&app.me).clone();
    let label = "Restoring a backup".to_owned();
    let restored = long(&app.world, label, |progress| {
        app.world
            .blocking(move |world| restore(world, &me, project, &backup, &progress))
    });
    super::open_project::made(app, restored.await?).await
}

fn restore(
    world: &World,
    me: &Me,
    project: ProjectId,
    backup: &str,
    progress: &Progress,
) -> Result<ProjectId, Failure> {
    let records = world.store.backup_projects(backup)?;
    let record = records
        .into_iter()
        .find(|record| record.key == project.into());
    let record = record.ok_or_else(Failure::no_such_project)?;
    let loaded = world.store.load_backup(backup, project.into())?;
    progress.check()?;
    let name = format!("{} (restored)", record.name);
    opening::adopt(world, me, loaded, Some(&name), &record.template, progress)
}
