//! Taking in a file of changes.

use std::path::Path;

use graph::Project as Graph;
use sync::Bundle;
use trust::Right;

use crate::app::Inner;
use crate::bundle_file;
use crate::failure::Failure;
use crate::files;
use crate::notices::Notices;
use crate::progress::long;
use crate::project::{Answer, Ask, Brought};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::{opening, rooms};

use super::join_project::NAME;

/// The file is checked wholly before anything is done. A project that is not here is made, if the file begins at its
/// beginning.
pub(super) async fn call(
    app: &Inner,
    expected: Option<ProjectId>,
    path: String,
) -> Result<Reply, Failure> {
    let label = format!("Reading {}", files::shown(&path));
    let read = long(&app.world, label, |progress| async move {
        let read = app
            .world
            .blocking(move |_| bundle_file::read(Path::new(&path)));
        let bundle = read.await?;
        progress.commit()?;
        Ok::<_, Failure>(bundle)
    });
    let bundle = read.await?;
    let room = bundle.room();
    let known = app
        .world
        .blocking(move |world| rooms::project_in(&*world.store, room));
    let (project, is_new) = match (known.await?, expected) {
        (known, Some(expected)) if known != Some(expected) => return Err(other_project()),
        (Some(known), _) => (known, false),
        (None, _) => (found(app, &bundle).await?, true),
    };
    super::open_project::made(app, project).await?;
    let door = app.door(project)?;
    let answer = door.ask(Ask::Import(Box::new(bundle))).await?;
    let Answer::Brought(Brought {
        frames,
        nodes,
        left,
    }) = answer
    else {
        unreachable!("taking in a bundle is answered by what it brought");
    };
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Reply::Brought {
        project,
        packets: count(frames),
        nodes: count(nodes),
        left: count(left),
        is_new,
    })
}

/// Makes the project of a bundle that nobody here has.
async fn found(app: &Inner, bundle: &Bundle) -> Result<ProjectId, Failure> {
    let is_begun =
        bundle.advert.base.is_some() || bundle.frames.iter().any(|it| it.header().number == 1);
    if !is_begun {
        return Err(Failure::new(
            "BUNDLE_BEGINS_LATER",
            "The file has only the latest changes of a project that is not on this machine. Ask for a file with everything.",
        ));
    }
    let membership = bundle.membership.clone();
    let me = app.installation.device();
    if membership.permits(&me, Right::Read).is_err() {
        return Err(Failure::new(
            "NOT_A_MEMBER",
            "The file is of a project that this machine is not a member of, so it cannot be read here. Ask an owner for an invitation.",
        ));
    }
    let made = app.world.blocking(move |world| {
        let project = opening::keep(world, &mut Graph::empty(), NAME, "")?;
        let notices = Notices::joining(world.now());
        rooms::found(&*world.store, project, &membership, &[], &notices)?;
        Ok::<_, Failure>(project)
    });
    made.await
}

fn other_project() -> Failure {
    Failure::new(
        "BUNDLE_OTHER_PROJECT",
        "The file is of another project, so nothing was taken in. Open that one, or read the file from the list of projects.",
    )
}
