//! Copying a project as a new one without history.

use graph::Project as Graph;

use super::{export_project, layout};
use crate::app::Inner;
use crate::failure::Failure;
use crate::me::Me;
use crate::package::Package;
use crate::progress::{Progress, long};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::world::{World, locked, random_id};
use crate::{catalogue, opening};

/// The copy shows what the project shows: content, comments, kits, filters, views, layout. It has
/// neither history nor trash.
pub(super) async fn call(app: &Inner, project: ProjectId, name: &str) -> Result<Reply, Failure> {
    let name = catalogue::checked_name(name)?;
    let me = locked(&app.me).clone();
    let label = format!("Making “{name}”");
    let made = long(&app.world, label, |progress| async move {
        let package = export_project::pack(app, project).await?;
        let make = app
            .world
            .blocking(move |world| copy(world, &me, project, &name, package, &progress));
        make.await
    });
    Ok(super::opened(made.await?, Vec::new()))
}

fn copy(
    world: &World,
    me: &Me,
    project: ProjectId,
    name: &str,
    package: Package,
    progress: &Progress,
) -> Result<ProjectId, Failure> {
    let template = catalogue::record(&*world.store, project)?.template;
    let original = Graph::of_forks(package.project, package.comments);
    let original = original.map_err(|error| opening::unreadable(error.into()))?;
    let signature = me.signature(random_id().into_bytes());
    let copy = original.copy(name, signature, world.now(), &mut |done| {
        progress.flow(done as u64, package.node_count)
    });
    let mut copy = copy.ok_or_else(Failure::cancelled)?;
    drop(original);
    progress.commit()?;
    let made = opening::keep(world, &mut copy, name, &template)?;
    // Ids are the same in the copy, so the layout fits. Without it the copy is still whole.
    if let Ok(Some(layout)) = world.store.setting(&layout::key(Some(project))) {
        let key = layout::key(Some(made));
        world.store.set_setting(&key, Some(&layout)).ok();
    }
    Ok(made)
}
