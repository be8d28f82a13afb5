//! The content of attachments on its way into the blob store and out of it: sealed as it comes in, opened as it goes out.
//!
//! It passes chunk by chunk, so that a file of any size takes the memory of a few chunks. Whatever is sealed gets a key that
//! was drawn here for it alone; [`seal_again`] takes one that depends on the content. What is opened counts once all of it
//! was: each chunk is authenticated with its place, and at the end the whole has to be the file of which the project has the
//! hash.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph::value::Seal;
use store::{BlobHash, Blobs, StoreError};
use trust::seal::{BLOB_CHUNK_BYTES, BlobKey, BlobOpener, BlobSealer, SEALED_CHUNK_BYTES};

use crate::failure::{Failure, causes};
use crate::files;
use crate::world::Random;

/// What opens an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    key: BlobKey,
    /// Of the file as it was attached.
    hash: BlobHash,
}

/// An attachment that was sealed and is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its name.
    pub name: BlobHash,
    /// What opens it.
    pub seal: Seal,
    /// The size of the file as it was attached.
    pub size_bytes: u64,
}

/// Why an attachment cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    /// The blob store cannot give it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key is none, or not the one with which it was sealed.
    #[error("the attachment does not open with the key that the project has for it")]
    DoesNotOpen,
    /// Where it is written to takes no more.
    #[error("the attachment cannot be written")]
    Target(#[source] io::Error),
    /// It opens and has another hash.
    #[error("the attachment is not the file that the project says")]
    OtherFile,
}

impl From<ContentError> for Failure {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Store(error) => error.into(),
            ContentError::Target(error) => files::failure(&error),
            ContentError::DoesNotOpen | ContentError::OtherFile => {
                does_not_open().with_detail(causes(&error))
            }
        }
    }
}

/// What people are told of an attachment that is here and is not what the project says.
pub(crate) fn does_not_open() -> Failure {
    Failure::new(
        "ATTACHMENT_DOES_NOT_OPEN",
        "It does not open with the key that the project has for it. Whoever attached it has to attach it again.",
    )
}

impl Opening {
    /// As the project has it. None if that is no key or no hash.
    pub(crate) fn read(seal: &Seal) -> Option<Self> {
        let key = URL_SAFE_NO_PAD.decode(&seal.key).ok()?;
        Some(Self {
            key: BlobKey::from_bytes(key.as_slice().try_into().ok()?),
            hash: seal.hash.parse().ok()?,
        })
    }

    pub(crate) fn key(&self) -> &BlobKey {
        &self.key
    }
}

/// Seals what `plain` yields, to its end, and keeps that. It had this hash a moment ago.
pub(crate) fn seal(
    blobs: &dyn Blobs,
    hash: BlobHash,
    plain: &mut dyn Read,
) -> Result<Sealed, StoreError> {
    seal_with(blobs, BlobKey::draw(&hash.0, &mut Random), plain)
}

/// Hash and size of a file, for [`seal`].
pub(crate) fn hash(plain: &mut dyn Read) -> io::Result<(BlobHash, u64)> {
    let mut hasher = blake3::Hasher::new();
    let size_bytes = io::copy(plain, &mut hasher)?;
    Ok((BlobHash(*hasher.finalize().as_bytes()), size_bytes))
}

/// Seals a file that is in the store as it is. The key depends on the content, so the same file gets the same name.
pub(crate) fn seal_again(
    blobs: &dyn Blobs,
    plain: BlobHash,
    key: BlobKey,
) -> Result<Sealed, StoreError> {
    blobs.copy(plain, &mut io::sink())?;
    let mut stored = Stored {
        blobs,
        hash: plain,
        offset: 0,
    };
    let sealed = seal_with(blobs, key, &mut stored)?;
    if sealed.seal.hash != plain.to_string() {
        // It changed on the disk meanwhile. Nothing names what came of it.
        blobs.remove(sealed.name)?;
        return Err(StoreError::DamagedBlob(plain));
    }
    Ok(sealed)
}

fn seal_with(blobs: &dyn Blobs, key: BlobKey, plain: &mut dyn Read) -> Result<Sealed, StoreError> {
    let mut sealer = Sealer::new(&key, plain);
    let name = blobs.put(&mut sealer)?;
    let seal = Seal {
        key: URL_SAFE_NO_PAD.encode(key.bytes()),
        hash: BlobHash(*sealer.hasher.finalize().as_bytes()).to_string(),
    };
    Ok(Sealed {
        name,
        seal,
        size_bytes: sealer.hasher.count(),
    })
}

/// Writes an attachment as it was attached, and says how many bytes that are. An error may come after bytes were written:
/// use them only after `Ok`.
pub(crate) fn copy(
    blobs: &dyn Blobs,
    name: BlobHash,
    seal: Option<&Seal>,
    target: &mut dyn Write,
) -> Result<u64, ContentError> {
    let Some(seal) = seal else {
        return Ok(blobs.copy(name, target)?);
    };
    let opening = Opening::read(seal).ok_or(ContentError::DoesNotOpen)?;
    let mut opener = Opener::new(&opening.key, target);
    let copied = blobs.copy(name, &mut opener);
    if opener.is_refused {
        return Err(ContentError::DoesNotOpen);
    }
    copied?;
    let (hash, size_bytes) = opener.finish()?;
    if hash != opening.hash {
        return Err(ContentError::OtherFile);
    }
    Ok(size_bytes)
}

/// The same in memory.
pub(crate) fn get(
    blobs: &dyn Blobs,
    name: BlobHash,
    seal: Option<&Seal>,
) -> Result<Vec<u8>, ContentError> {
    let mut bytes = Vec::new();
    copy(blobs, name, seal, &mut bytes)?;
    Ok(bytes)
}

/// Whether the first chunk of an attachment that has so many bytes opens with a key. So it is known that it is sealed; the
/// rest is looked at when it is read.
pub(crate) fn begins(
    blobs: &dyn Blobs,
    name: BlobHash,
    total_bytes: u64,
    key: &BlobKey,
) -> Result<bool, StoreError> {
    let first = blobs.read(name, 0, SEALED_CHUNK_BYTES)?;
    let mut opener = BlobOpener::new(key);
    let opened = match total_bytes > SEALED_CHUNK_BYTES as u64 {
        true => opener.next(&first),
        false => opener.last(&first),
    };
    Ok(opened.is_ok())
}

/// What is read through this is sealed.
struct Sealer<'a> {
    plain: &'a mut dyn Read,
    /// None once the last chunk is sealed.
    sealer: Option<BlobSealer>,
    /// Of what was read.
    hasher: blake3::Hasher,
    /// What was read and not sealed: a chunk is the last if nothing comes behind it.
    ahead: Vec<u8>,
    sealed: Vec<u8>,
    /// So much of it was given away.
    given: usize,
}

impl<'a> Sealer<'a> {
    fn new(key: &BlobKey, plain: &'a mut dyn Read) -> Self {
        Self {
            plain,
            sealer: Some(BlobSealer::new(key)),
            hasher: blake3::Hasher::new(),
            ahead: Vec::with_capacity(BLOB_CHUNK_BYTES + 1),
            sealed: Vec::new(),
            given: 0,
        }
    }

    /// Seals one more chunk, if there is one.
    fn seal_next(&mut self) -> io::Result<()> {
        let Some(mut sealer) = self.sealer.take() else {
            return Ok(());
        };
        let had = self.ahead.len();
        let room = (BLOB_CHUNK_BYTES + 1 - had) as u64;
        Read::take(&mut *self.plain, room).read_to_end(&mut self.ahead)?;
        self.hasher.update(&self.ahead[had..]);
        let sealed = if self.ahead.len() > BLOB_CHUNK_BYTES {
            let sealed = sealer.next(&self.ahead[..BLOB_CHUNK_BYTES]);
            self.ahead.drain(..BLOB_CHUNK_BYTES);
            self.sealer = Some(sealer);
            sealed
        } else {
            sealer.last(&self.ahead)
        };
        self.sealed = sealed.map_err(io::Error::other)?;
        self.given = 0;
        Ok(())
    }
}

impl Read for Sealer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.sealed.len() {
            self.seal_next()?;
        }
        let rest = &self.sealed[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// What is written through this is opened.
struct Opener<'a> {
    opener: BlobOpener,
    hasher: blake3::Hasher,
    /// What was written and not opened: a chunk is the last if nothing comes behind it.
    chunk: Vec<u8>,
    target: &'a mut dyn Write,
    /// A chunk does not open.
    is_refused: bool,
}

impl<'a> Opener<'a> {
    fn new(key: &BlobKey, target: &'a mut dyn Write) -> Self {
        Self {
            opener: BlobOpener::new(key),
            hasher: blake3::Hasher::new(),
            chunk: Vec::with_capacity(SEALED_CHUNK_BYTES),
            target,
            is_refused: false,
        }
    }

    fn open_next(&mut self) -> io::Result<()> {
        let opened = self.opener.next(&self.chunk);
        self.is_refused = opened.is_err();
        let plain = opened.map_err(io::Error::other)?;
        self.chunk.clear();
        self.hasher.update(&plain);
        self.target.write_all(&plain)
    }

    /// The last chunk; then hash and size of the whole.
    fn finish(mut self) -> Result<(BlobHash, u64), ContentError> {
        let opened = self.opener.last(&self.chunk);
        let plain = opened.map_err(|_| ContentError::DoesNotOpen)?;
        self.hasher.update(&plain);
        self.target
            .write_all(&plain)
            .map_err(ContentError::Target)?;
        let hash = BlobHash(*self.hasher.finalize().as_bytes());
        Ok((hash, self.hasher.count()))
    }
}

impl Write for Opener<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() && self.chunk.len() == SEALED_CHUNK_BYTES {
            self.open_next()?;
        }
        let count = bytes.len().min(SEALED_CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// A blob, read as it is.
struct Stored<'a> {
    blobs: &'a dyn Blobs,
    hash: BlobHash,
    offset: u64,
}

impl Read for Stored<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.blobs.read(self.hash, self.offset, buffer.len());
        let bytes = bytes.map_err(io::Error::other)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }
}

#[cfg(test)]
mod tests;
