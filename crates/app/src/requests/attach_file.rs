//! Attaching a file of this machine.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use graph::command::Command;
use graph::id::{BlobId, FieldId, NodeId};
use graph::value::{File, Seal};
use store::BlobHash;
use sync::BlobName;

use crate::app::Inner;
use crate::attachments::{blob_of, content};
use crate::failure::Failure;
use crate::fault::{Fault, planted};
use crate::progress::{Progress, long};
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::world::World;
use crate::{files, media_type};

/// Takes the file into the blob store, sealed, and attaches it. What the project has sealed already is attached as it is.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    node: NodeId,
    field: FieldId,
    path: String,
) -> Result<Reply, Failure> {
    let door = app.door(project)?;
    let _keeping = app.world.keeping.read().await;
    let label = format!("Attaching {}", files::shown(&path));
    let path = PathBuf::from(path);
    let in_clear = planted(Fault::AttachInClear);
    let taken = long(&app.world, label, |progress| async move {
        let (read, counted) = (path.clone(), progress.clone());
        let hash = app.world.blocking(move |_| hash(&read, &counted)).await?;
        let known = match door.ask(Ask::Sealed(hash)).await? {
            Answer::Sealed(known) => known,
            _ => unreachable!("asking for what is sealed is answered by that"),
        };
        let take = app.world.blocking(move |world| {
            let (blob, size_bytes, seal) = match again(world, known) {
                _ if in_clear => take_in_clear(world, &path, &progress)?,
                Some(taken) => taken,
                None => take(world, &path, hash, &progress)?,
            };
            progress.commit()?;
            Ok::<_, Failure>((blob, describe(&path, size_bytes, seal)))
        });
        take.await
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

/// Name, size of the file, and what opens it.
type Taken = (BlobId, u64, Option<Seal>);

fn hash(path: &Path, progress: &Progress) -> Result<BlobHash, Failure> {
    let (input, size) = files::open(path)?;
    // It is read twice.
    progress.expect(2 * size);
    let hashed = content::hash(&mut progress.reader(input));
    let (hash, _) = hashed.map_err(|error| files::failure(&error))?;
    Ok(hash)
}

/// The file as the project has it already, if that is here and opens. It is not sealed once more.
fn again(world: &World, known: BTreeMap<BlobId, Seal>) -> Option<Taken> {
    known.into_iter().find_map(|(blob, seal)| {
        let name: BlobHash = blob.as_str().parse().ok()?;
        let opened = content::copy(world.store.blobs(), name, Some(&seal), &mut io::sink());
        Some((blob, opened.ok()?, Some(seal)))
    })
}

fn take(world: &World, path: &Path, hash: BlobHash, progress: &Progress) -> Result<Taken, Failure> {
    let (input, _) = files::open(path)?;
    let sealed = content::seal(world.store.blobs(), hash, &mut progress.reader(input))?;
    let name = blob_of(&BlobName(sealed.name.0));
    Ok((name, sealed.size_bytes, Some(sealed.seal)))
}

/// What earlier versions did, and a test does to see that it finds what is clear.
fn take_in_clear(world: &World, path: &Path, progress: &Progress) -> Result<Taken, Failure> {
    let (input, size_bytes) = files::open(path)?;
    let name = world.store.blobs().put(&mut progress.reader(input))?;
    Ok((blob_of(&BlobName(name.0)), size_bytes, None))
}

fn describe(path: &Path, size_bytes: u64, seal: Option<Seal>) -> File {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    File {
        media_type: media_type::of(&name).to_owned(),
        name: name.into_owned(),
        size_bytes,
        seal,
    }
}
