//! Writing an attachment to a file of this machine.

use std::path::Path;

use graph::id::BlobId;
use store::StoreError;

use crate::app::Inner;
use crate::failure::Failure;
use crate::files;
use crate::reply::Reply;

/// Writes it whole or not at all.
pub(super) async fn call(app: &Inner, blob: BlobId, path: String) -> Result<Reply, Failure> {
    let hash = super::read_attachment::hash(&blob)?;
    let write = app.world.blocking(move |world| {
        files::replace(Path::new(&path), |output| {
            world.store.blobs().copy(hash, output)?;
            Ok::<_, StoreError>(())
        })
    });
    write.await?;
    Ok(Reply::Done)
}
