//! Copying a project as a new one without history.

use crate::app::Inner;
use crate::failure::Failure;
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::world::locked;
use crate::{catalogue, opening};

/// The copy has the content as it is now, and neither history, comments nor kits.
pub(super) async fn call(app: &Inner, project: ProjectId, name: &str) -> Result<Reply, Failure> {
    let name = catalogue::checked_name(name)?;
    let _alone = app.lifecycle.lock().await;
    let Answer::Copy(mut content) = app.visit(project, Ask::Copy).await? else {
        unreachable!("asking for a copy is answered by one");
    };
    content.new.name = name;
    let me = locked(&app.me).clone();
    let make = app.world.blocking(move |world| {
        let template = catalogue::record(&*world.store, project)?.template;
        opening::make(world, &me, *content, &template)
    });
    Ok(super::opened(make.await?, Vec::new()))
}
