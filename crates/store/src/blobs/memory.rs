//! Blobs in a map.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    BlobHash, Blobs, MAX_BLOB_BYTES, Result, StoreError,
    fault::{Fault, planted},
};

#[derive(Default)]
pub(crate) struct MemoryBlobs {
    blobs: Mutex<BTreeMap<BlobHash, Arc<[u8]>>>,
    parts: Mutex<BTreeMap<BlobHash, Vec<u8>>>,
}

impl MemoryBlobs {
    /// Others that are the same.
    #[cfg(feature = "testing")]
    pub(crate) fn fork(&self) -> Self {
        Self {
            blobs: Mutex::new(self.lock().clone()),
            parts: Mutex::new(self.lock_parts().clone()),
        }
    }

    /// What a loss of power leaves: of parts, the length and half of what was in them.
    #[cfg(feature = "testing")]
    pub(crate) fn torn(&self) -> Self {
        let torn = self.fork();
        for part in torn.lock_parts().values_mut() {
            let half = part.len() / 2;
            part[half..].fill(0);
        }
        torn
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BlobHash, Arc<[u8]>>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_parts(&self) -> MutexGuard<'_, BTreeMap<BlobHash, Vec<u8>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs for MemoryBlobs {
    fn put(&self, content: &mut dyn Read) -> Result<BlobHash> {
        let mut bytes = Vec::new();
        let read = content.take(MAX_BLOB_BYTES + 1).read_to_end(&mut bytes);
        let size = read.map_err(|error| StoreError::Source(error.into()))? as u64;
        if size > MAX_BLOB_BYTES {
            return Err(StoreError::TooLarge {
                size,
                limit: MAX_BLOB_BYTES,
            });
        }
        let hash = BlobHash(*blake3::hash(&bytes).as_bytes());
        self.lock().insert(hash, bytes.into());
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

    fn read(&self, hash: BlobHash, offset: u64, max_bytes: usize) -> Result<Vec<u8>> {
        let blobs = self.lock();
        let bytes = blobs.get(&hash).ok_or(StoreError::UnknownBlob(hash))?;
        let from = bytes
            .len()
            .min(usize::try_from(offset).unwrap_or(usize::MAX));
        let through = bytes.len().min(from.saturating_add(max_bytes));
        Ok(bytes[from..through].to_vec())
    }

    fn bytes(&self) -> Result<u64> {
        let blobs: usize = self.lock().values().map(|bytes| bytes.len()).sum();
        let parts: usize = self.lock_parts().values().map(Vec::len).sum();
        Ok((blobs + parts) as u64)
    }

    fn part(&self, hash: BlobHash) -> Result<u64> {
        Ok(self.lock_parts().get(&hash).map_or(0, Vec::len) as u64)
    }

    fn put_part(&self, hash: BlobHash, offset: u64, bytes: &[u8]) -> Result<u64> {
        let size = offset + bytes.len() as u64;
        if size > MAX_BLOB_BYTES {
            let limit = MAX_BLOB_BYTES;
            return Err(StoreError::TooLarge { size, limit });
        }
        let mut parts = self.lock_parts();
        let part = parts.entry(hash).or_default();
        if part.len() as u64 >= offset {
            part.truncate(usize::try_from(offset).unwrap_or(usize::MAX));
            part.extend_from_slice(bytes);
        }
        Ok(part.len() as u64)
    }

    fn finish_part(&self, hash: BlobHash) -> Result<u64> {
        let part = self.lock_parts().remove(&hash);
        let part = part.ok_or(StoreError::UnknownBlob(hash))?;
        let is_damaged = blake3::hash(&part).as_bytes() != &hash.0;
        if is_damaged && !planted(Fault::BelievePart) {
            return Err(StoreError::DamagedBlob(hash));
        }
        let size = part.len() as u64;
        self.lock().insert(hash, part.into());
        Ok(size)
    }

    fn drop_part(&self, hash: BlobHash) -> Result<bool> {
        Ok(self.lock_parts().remove(&hash).is_some())
    }

    fn list_parts(&self) -> Result<Vec<BlobHash>> {
        Ok(self.lock_parts().keys().copied().collect())
    }
}
