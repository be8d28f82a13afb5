//! An attachment's content.

use base64::{Engine, engine::general_purpose::STANDARD};
use graph::id::BlobId;
use graph::value::Seal;
use store::{BlobHash, StoreError};
use trust::seal::sealed_blob_bytes;

use crate::app::Inner;
use crate::attachments::content::{self, ContentError};
use crate::failure::Failure;
use crate::reply::Reply;

/// A larger attachment must be saved as a file.
const MAX_BYTES: u64 = 16 << 20;

/// The content as text, for thumbnails.
pub(super) async fn call(app: &Inner, blob: BlobId, seal: Option<Seal>) -> Result<Reply, Failure> {
    let hash = hash(&blob)?;
    let read = app.world.blocking(move |world| {
        let blobs = world.store.blobs();
        let size = blobs.size(hash)?.ok_or(StoreError::UnknownBlob(hash))?;
        let limit = match seal {
            Some(_) => sealed_blob_bytes(MAX_BYTES),
            None => MAX_BYTES,
        };
        if size > limit {
            return Err(StoreError::TooLarge { size, limit }.into());
        }
        let bytes = content::get(blobs, hash, seal.as_ref())?;
        Ok::<_, ContentError>(STANDARD.encode(bytes))
    });
    Ok(Reply::Bytes {
        base64: read.await?,
    })
}

/// The hash that a blob is named by.
pub(super) fn hash(blob: &BlobId) -> Result<BlobHash, Failure> {
    let parsed = blob.as_str().parse();
    parsed.map_err(|_| Failure::new("ATTACHMENT_NOT_FOUND", "There is no such attachment."))
}
