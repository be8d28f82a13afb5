//! Blobs in a map.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{BlobHash, Blobs, MAX_BLOB_BYTES, Result, StoreError};

#[derive(Default)]
pub(crate) struct MemoryBlobs {
    blobs: Mutex<BTreeMap<BlobHash, Vec<u8>>>,
}

impl MemoryBlobs {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<BlobHash, Vec<u8>>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs for MemoryBlobs {
    fn put(&self, content: &mut dyn Read) -> Result<BlobHash> {
        let mut bytes = Vec::new();
        let read = content.take(MAX_BLOB_BYTES + 1).read_to_end(&mut bytes);
        let size =
            read.map_err(|e| StoreError::io("reading", Path::new("the blob's source"), e))? as u64;
        if size > MAX_BLOB_BYTES {
            return Err(StoreError::TooLarge {
                size,
                limit: MAX_BLOB_BYTES,
            });
        }
        let hash = BlobHash(*blake3::hash(&bytes).as_bytes());
        self.lock().insert(hash, bytes);
        Ok(hash)
    }

    fn copy(&self, hash: BlobHash, target: &mut dyn Write) -> Result<u64> {
        let blobs = self.lock();
        let bytes = blobs.get(&hash).ok_or(StoreError::UnknownBlob(hash))?;
        target
            .write_all(bytes)
            .map_err(|e| StoreError::io("writing", Path::new("the blob's target"), e))?;
        Ok(bytes.len() as u64)
    }

    fn size(&self, hash: BlobHash) -> Result<Option<u64>> {
        Ok(self.lock().get(&hash).map(|bytes| bytes.len() as u64))
    }

    fn remove(&self, hash: BlobHash) -> Result<bool> {
        Ok(self.lock().remove(&hash).is_some())
    }

    fn list(&self) -> Result<Vec<BlobHash>> {
        Ok(self.lock().keys().copied().collect())
    }
}
