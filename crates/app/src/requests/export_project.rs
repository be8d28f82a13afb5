//! Writing a project as one `.talus` file.

use std::io::{self, Write};
use std::path::Path;

use graph::id::BlobId;
use store::BlobHash;

use crate::app::Inner;
use crate::failure::Failure;
use crate::package::Package;
use crate::progress::{Progress, long};
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::talus_file::{Content, Manifest, TalusFileError, Writer};
use crate::world::World;
use crate::{catalogue, files};

/// Writes the project as it is in memory, also what the disk does not hold yet.
pub(super) async fn call(app: &Inner, project: ProjectId, path: String) -> Result<Reply, Failure> {
    let label = format!("Writing {}", files::shown(&path));
    let written = long(&app.world, label, |progress| async move {
        let package = pack(app, project).await?;
        let write = app
            .world
            .blocking(move |world| write(world, project, package, Path::new(&path), &progress));
        write.await
    });
    match written.await? {
        0 => Ok(Reply::Done),
        missing => Err(Failure::new(
            "ATTACHMENTS_MISSING",
            format!(
                "The file was written without {missing} attachments, whose content is not on this machine or damaged."
            ),
        )),
    }
}

/// The project as it is in memory; it is opened for that if need be.
pub(super) async fn pack(app: &Inner, project: ProjectId) -> Result<Package, Failure> {
    let _alone = app.lifecycle.lock().await;
    match app.visit(project, Ask::Pack).await? {
        Answer::Package(package) => Ok(*package),
        _ => unreachable!("packing is answered by a package"),
    }
}

/// Writes the file; the number of attachments that could not be read.
fn write(
    world: &World,
    project: ProjectId,
    package: Package,
    path: &Path,
    progress: &Progress,
) -> Result<usize, Failure> {
    let record = catalogue::record(&*world.store, project)?;
    let content = Content {
        manifest: Manifest {
            name: package.name,
            template: record.template,
            created_ms: record.created_ms,
            exported_ms: world.now().0,
            node_count: package.node_count,
            program: format!("Talus Tally {}", env!("CARGO_PKG_VERSION")),
        },
        project: package.project.save(),
        comments: package.comments.save(),
    };
    progress.check()?;
    // Each is read twice.
    let sizes = package.blobs.iter().map(|blob| size(world, blob));
    progress.expect(2 * sizes.sum::<u64>());
    let blobs = package
        .blobs
        .iter()
        .map(|blob| readable(world, blob, progress));
    let blobs: Vec<Option<(BlobHash, u64)>> = blobs.collect();
    progress.check()?;
    files::replace(path, |output| -> Result<(), TalusFileError> {
        let mut writer = Writer::begin(output, &content)?;
        for (hash, size) in blobs.iter().flatten() {
            writer.blob(*size, |output| {
                copy(world, *hash, &mut progress.writer(output))
            })?;
        }
        writer.finish()?;
        Ok(progress.commit().map_err(io::Error::other)?)
    })?;
    Ok(blobs.iter().filter(|blob| blob.is_none()).count())
}

/// A blob that can be read to its end, with its size. Read once before, so that a damaged one costs
/// itself and not the whole file.
fn readable(world: &World, blob: &BlobId, progress: &Progress) -> Option<(BlobHash, u64)> {
    let hash: BlobHash = blob.as_str().parse().ok()?;
    let mut counted = progress.writer(io::sink());
    let size = world.store.blobs().copy(hash, &mut counted).ok()?;
    Some((hash, size))
}

fn size(world: &World, blob: &BlobId) -> u64 {
    let hash = blob.as_str().parse().ok();
    let size = hash.and_then(|hash| world.store.blobs().size(hash).ok());
    size.flatten().unwrap_or(0)
}

fn copy(world: &World, hash: BlobHash, output: &mut dyn Write) -> Result<(), TalusFileError> {
    world.store.blobs().copy(hash, output)?;
    Ok(())
}
