//! Writing a project as one `.talus` file.

use std::io::{self, Write};
use std::path::Path;

use graph::id::BlobId;
use store::BlobHash;

use crate::app::Inner;
use crate::failure::Failure;
use crate::package::Package;
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::talus_file::{Content, Manifest, TalusFileError, Writer};
use crate::world::World;
use crate::{catalogue, files};

/// Writes the project as it is in memory, also what the disk does not hold yet.
pub(super) async fn call(app: &Inner, project: ProjectId, path: String) -> Result<Reply, Failure> {
    let Answer::Package(package) = pack(app, project).await? else {
        unreachable!("packing is answered by a package");
    };
    let write = app
        .world
        .blocking(move |world| write(world, project, *package, Path::new(&path)));
    match write.await? {
        0 => Ok(Reply::Done),
        missing => Err(Failure::new(
            "ATTACHMENTS_MISSING",
            format!(
                "The file was written without {missing} attachments, whose content is not on this machine or damaged."
            ),
        )),
    }
}

async fn pack(app: &Inner, project: ProjectId) -> Result<Answer, Failure> {
    let _alone = app.lifecycle.lock().await;
    app.visit(project, Ask::Pack).await
}

/// Writes the file; the number of attachments that could not be read.
fn write(
    world: &World,
    project: ProjectId,
    package: Package,
    path: &Path,
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
    let blobs = package.blobs.iter().map(|blob| readable(world, blob));
    let blobs: Vec<Option<(BlobHash, u64)>> = blobs.collect();
    files::replace(path, |output| -> Result<(), TalusFileError> {
        let mut writer = Writer::begin(output, &content)?;
        for (hash, size) in blobs.iter().flatten() {
            writer.blob(*size, |output| copy(world, *hash, output))?;
        }
        writer.finish()?;
        Ok(())
    })?;
    Ok(blobs.iter().filter(|blob| blob.is_none()).count())
}

/// A blob that can be read to its end, with its size. Read once before, so that a damaged one costs
/// itself and not the whole file.
fn readable(world: &World, blob: &BlobId) -> Option<(BlobHash, u64)> {
    let hash: BlobHash = blob.as_str().parse().ok()?;
    let size = world.store.blobs().copy(hash, &mut io::sink()).ok()?;
    Some((hash, size))
}

fn copy(world: &World, hash: BlobHash, output: &mut dyn Write) -> Result<(), TalusFileError> {
    world.store.blobs().copy(hash, output)?;
    Ok(())
}
