//! Attaching a file of this machine.

use std::path::Path;

use graph::command::Command;
use graph::id::{BlobId, FieldId, NodeId};
use graph::value::File;

use crate::app::Inner;
use crate::failure::Failure;
use crate::progress::{Progress, long};
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::world::World;
use crate::{files, media_type};

/// Takes the file into the blob store and attaches it.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    node: NodeId,
    field: FieldId,
    path: String,
) -> Result<Reply, Failure> {
    app.door(project)?;
    let _keeping = app.world.keeping.read().await;
    let label = format!("Attaching {}", files::shown(&path));
    let taken = long(&app.world, label, |progress| {
        app.world
            .blocking(move |world| take(world, Path::new(&path), &progress))
    });
    let (blob, file) = taken.await?;
    let command = Command::Attach {
        node,
        field,
        blob,
        file,
    };
    app.ask(project, Request::Apply { project, command }).await
}

fn take(world: &World, path: &Path, progress: &Progress) -> Result<(BlobId, File), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let blobs = world.store.blobs();
    let (input, size) = files::open(path)?;
    progress.expect(size);
    let hash = blobs.put(&mut progress.reader(input))?;
    progress.commit()?;
    let file = File {
        media_type: media_type::of(&name).to_owned(),
        name: name.into_owned(),
        size_bytes: blobs.size(hash)?.unwrap_or_default(),
    };
    Ok((BlobId::from(hash.to_string().as_str()), file))
}
