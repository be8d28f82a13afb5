//! Reading a `.talus` file as a project of this installation.

use std::path::Path;

use crate::app::Inner;
use crate::failure::Failure;
use crate::me::Me;
use crate::progress::{Progress, long};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::world::{World, locked};
use crate::{catalogue, files, opening, talus_file};

/// Who opens a file that somebody sent may take it for changes of a project that is here
/// (`docs/decisions/25-a-talus-file-is-a-copy.md`).
const ANOTHER: &str = "There is a project of this name already, and this is another one. \
    To bring changes into a project that is here, let somebody write you a file of changes.";

/// Makes a new project of the file's content, and opens it.
pub(super) async fn call(app: &Inner, path: String) -> Result<Reply, Failure> {
    let me = locked(&app.me).clone();
    let label = format!("Reading {}", files::shown(&path));
    let keeping = app.world.keeping.read().await;
    let imported = long(&app.world, label, |progress| {
        app.world
            .blocking(move |world| import(world, &me, Path::new(&path), &progress))
    });
    let imported = imported.await?;
    drop(keeping);
    let namesake = app
        .world
        .blocking(move |world| has_namesake(world, imported));
    let is_another = namesake.await?;
    let mut reply = super::open_project::made(app, imported).await?;
    if let Reply::Opened { notices, .. } = &mut reply {
        notices.extend(is_another.then(|| ANOTHER.to_owned()));
    }
    Ok(reply)
}

fn has_namesake(world: &World, imported: ProjectId) -> Result<bool, Failure> {
    let name = catalogue::record(&*world.store, imported)?.name;
    let all = catalogue::list(&*world.store)?;
    let mut live = all.iter().filter(|it| it.trashed_at.is_none());
    Ok(live.any(|it| it.id != imported && it.name == name))
}

fn import(world: &World, me: &Me, path: &Path, progress: &Progress) -> Result<ProjectId, Failure> {
    let (input, size) = files::open(path)?;
    progress.expect(size);
    let mut input = progress.reader(input);
    let blobs = world.store.blobs();
    let content = talus_file::read(&mut input, &mut |blob| {
        blobs.put(blob)?;
        Ok(())
    })?;
    let loaded = opening::loaded(content.project, content.comments);
    opening::adopt(
        world,
        me,
        loaded,
        None,
        &content.manifest.template,
        progress,
    )
}
