//! The first request of a window.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::{ProjectSummary, Reply, Started};
use crate::request::ProjectId;
use crate::world::locked;
use crate::{
    builtin::{self, Builtin},
    catalogue, last_open,
};

/// What a window needs to draw itself.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    let read = app.world.blocking(|world| {
        let store = &*world.store;
        Ok::<_, Failure>((catalogue::list(store)?, last_open::list(store)?))
    });
    let (projects, open) = read.await?;
    let settings = locked(&app.settings).clone();
    let reopen = open
        .into_iter()
        .rfind(|id| settings.reopen_last && can_be_opened(&projects, *id));
    Ok(Reply::Started(Box::new(Started {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        me: locked(&app.me).profile.clone(),
        settings,
        projects,
        templates: builtin::all().iter().map(Builtin::summary).collect(),
        reopen,
        saving: app.world.save_state(),
        // A window that is reloaded must not open the same files a second time.
        arguments: std::mem::take(&mut *locked(&app.arguments)),
        can_share: app.network().is_ok(),
    })))
}

fn can_be_opened(projects: &[ProjectSummary], id: ProjectId) -> bool {
    projects
        .iter()
        .any(|project| project.id == id && project.trashed_at.is_none())
}
