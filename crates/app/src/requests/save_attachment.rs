//! Writing an attachment to a file of this machine.

use std::path::Path;

use graph::id::BlobId;
use graph::value::Seal;

use crate::app::Inner;
use crate::attachments::content::{self, ContentError};
use crate::failure::Failure;
use crate::files;
use crate::reply::Reply;

/// Writes it whole or not at all.
pub(super) async fn call(
    app: &Inner,
    blob: BlobId,
    seal: Option<Seal>,
    path: String,
) -> Result<Reply, Failure> {
    let hash = super::read_attachment::hash(&blob)?;
    let write = app.world.blocking(move |world| {
        files::replace(Path::new(&path), |output| {
            content::copy(world.store.blobs(), hash, seal.as_ref(), output)?;
            Ok::<_, ContentError>(())
        })
    });
    write.await?;
    Ok(Reply::Done)
}
