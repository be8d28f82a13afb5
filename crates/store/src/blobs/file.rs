//! Blobs in files: `blobs/ab/abcd…`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{BlobHash, Blobs, MAX_BLOB_BYTES, Result, StoreError, data_dir};

/// One file per blob, in directories by the first byte of its name, since a directory of many files is slow to read.
pub(crate) struct FileBlobs {
    dir: PathBuf,
    limit: u64,
    is_read_only: bool,
}

const BUFFER_BYTES: usize = 64 << 10;

impl FileBlobs {
    /// Clears away what a crash left half written.
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let dir = data_dir.join("blobs");
        let parts = dir.join("parts");
        if parts.exists() {
            fs::remove_dir_all(&parts)
                .map_err(|error| StoreError::io("clearing", &parts, error))?;
        }
        fs::create_dir_all(&parts).map_err(|error| StoreError::io("making", &parts, error))?;
        Ok(Self {
            dir,
            limit: MAX_BLOB_BYTES,
            is_read_only: false,
        })
    }

    /// What is there, to be read and left as it is.
    pub(crate) fn to_read(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.join("blobs"),
            limit: MAX_BLOB_BYTES,
            is_read_only: true,
        }
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        self.dir.join(place(hash))
    }

    fn copy_in(&self, content: &mut dyn Read, part: &Path) -> Result<BlobHash> {
        let failed = |error| StoreError::io("writing", part, error);
        let mut file = File::create_new(part).map_err(failed)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut size = 0;
        loop {
            let read = read_some(content, &mut buffer);
            let read = read.map_err(|error| StoreError::Source(error.into()))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > self.limit {
                return Err(StoreError::TooLarge {
                    size,
                    limit: self.limit,
                });
            }
            hasher.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        Ok(BlobHash(*hasher.finalize().as_bytes()))
    }

    fn keep(&self, part: &Path, hash: BlobHash) -> Result<()> {
        let path = self.path(hash);
        let failed = |error| StoreError::io("keeping", &path, error);
        let directory = path.parent().unwrap_or(&self.dir);
        if !directory.exists() {
            fs::create_dir_all(directory).map_err(failed)?;
            data_dir::sync_parent(directory)?;
        }
        fs::rename(part, &path).map_err(failed)?;
        data_dir::sync_parent(&path)
    }

    /// Copies a blob into another data directory, whole and durable; says whether it was whole here. One that is not
    /// here any more is none that is damaged.
    pub(crate) fn copy_to(&self, hash: BlobHash, data_dir: &Path) -> Result<bool> {
        let path = data_dir.join("blobs").join(place(hash));
        let failed = |error| StoreError::io("copying to", &path, error);
        data_dir::make_private(path.parent().unwrap_or(data_dir)).map_err(failed)?;
        let mut file = File::create_new(&path).map_err(failed)?;
        match self.copy(hash, &mut file) {
            Ok(_) => file.sync_all().map_err(failed)?,
            Err(error @ (StoreError::UnknownBlob(_) | StoreError::DamagedBlob(_))) => {
                drop(file);
                fs::remove_file(&path).map_err(failed)?;
                return Ok(matches!(error, StoreError::UnknownBlob(_)));
            }
            Err(error) => return Err(error),
        }
        data_dir::sync_parent(&path)?;
        Ok(true)
    }

    fn part_path(&self, hash: BlobHash) -> PathBuf {
        self.dir.join("coming").join(hash.to_string())
    }

    fn writable(&self) -> Result<()> {
        if self.is_read_only {
            return Err(StoreError::ReadOnly);
        }
        Ok(())
    }

    /// Takes a damaged blob out of sight, so that the right bytes can be put anew.
    fn set_aside(&self, hash: BlobHash) -> Result<()> {
        let aside = self.dir.join("damaged");
        let failed = |error| StoreError::io("setting aside", &aside, error);
        fs::create_dir_all(&aside).map_err(failed)?;
        fs::rename(self.path(hash), aside.join(hash.to_string())).map_err(failed)
    }
}

/// Where a blob is within the folder of blobs.
fn place(hash: BlobHash) -> PathBuf {
    let name = hash.to_string();
    Path::new(&name[..2]).join(&name)
}

impl Blobs for FileBlobs {
    fn put(&self, content: &mut dyn Read) -> Result<BlobHash> {
        self.writable()?;
        let part = self.dir.join("parts").join(data_dir::nonce());
        let kept = self.copy_in(content, &part).and_then(|hash| {
            self.keep(&part, hash)?;
            Ok(hash)
        });
        if kept.is_err() {
            // What is left of it is cleared away at the next opening otherwise.
            let _ = fs::remove_file(&part);
        }
        kept
    }

    fn copy(&self, hash: BlobHash, target: &mut dyn Write) -> Result<u64> {
        let path = self.path(hash);
        let failed = |error| StoreError::io("reading", &path, error);
        let mut file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::UnknownBlob(hash),
            _ => failed(error),
        })?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut size = 0;
        loop {
            let read = read_some(&mut file, &mut buffer).map_err(failed)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            hasher.update(&buffer[..read]);
            target.write_all(&buffer[..read]).map_err(failed)?;
        }
        drop(file); // Windows does not rename what is open.
        if hasher.finalize().as_bytes() != &hash.0 {
            if !self.is_read_only {
                self.set_aside(hash)?;
            }
            return Err(StoreError::DamagedBlob(hash));
        }
        Ok(size)
    }

    fn size(&self, hash: BlobHash) -> Result<Option<u64>> {
        let path = self.path(hash);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("looking at", &path, error)),
        }
    }

    fn read(&self, hash: BlobHash, offset: u64, max_bytes: usize) -> Result<Vec<u8>> {
        let path = self.path(hash);
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::UnknownBlob(hash),
            _ => StoreError::io("reading", &path, error),
        };
        let mut file = File::open(&path).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut bytes = Vec::with_capacity(max_bytes);
        let mut piece = file.take(max_bytes as u64);
        piece.read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }

    fn remove(&self, hash: BlobHash) -> Result<bool> {
        self.writable()?;
        remove(&self.path(hash))
    }

    fn list(&self) -> Result<Vec<BlobHash>> {
        let mut hashes = Vec::new();
        for first in 0..=u8::MAX {
            hashes.extend(names_in(&self.dir.join(format!("{first:02x}")))?);
        }
        hashes.sort();
        Ok(hashes)
    }

    fn bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for hash in self.list()? {
            bytes += self.size(hash)?.unwrap_or(0);
        }
        for hash in self.list_parts()? {
            bytes += self.part(hash)?;
        }
        Ok(bytes)
    }

    fn part(&self, hash: BlobHash) -> Result<u64> {
        let path = self.part_path(hash);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(StoreError::io("looking at", &path, error)),
        }
    }

    fn put_part(&self, hash: BlobHash, offset: u64, bytes: &[u8]) -> Result<u64> {
        self.writable()?;
        let size = offset + bytes.len() as u64;
        if size > self.limit {
            let limit = self.limit;
            return Err(StoreError::TooLarge { size, limit });
        }
        let there = self.part(hash)?;
        if there < offset {
            return Ok(there);
        }
        let path = self.part_path(hash);
        let failed = |error| StoreError::io("writing", &path, error);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        file.set_len(offset).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        Ok(size)
    }

    fn finish_part(&self, hash: BlobHash) -> Result<u64> {
        self.writable()?;
        let path = self.part_path(hash);
        let failed = |error| StoreError::io("reading", &path, error);
        let mut file = OpenOptions::new();
        let mut file =
            file.read(true)
                .write(true)
                .open(&path)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => StoreError::UnknownBlob(hash),
                    _ => failed(error),
                })?;
        let mut hasher = blake3::Hasher::new();
        let size = io::copy(&mut file, &mut hasher).map_err(failed)?;
        if hasher.finalize().as_bytes() != &hash.0 {
            drop(file); // Windows does not remove what is open.
            remove(&path)?;
            return Err(StoreError::DamagedBlob(hash));
        }
        file.sync_all().map_err(failed)?;
        drop(file);
        self.keep(&path, hash)?;
        Ok(size)
    }

    fn drop_part(&self, hash: BlobHash) -> Result<bool> {
        self.writable()?;
        remove(&self.part_path(hash))
    }

    fn list_parts(&self) -> Result<Vec<BlobHash>> {
        let mut hashes = names_in(&self.dir.join("coming"))?;
        hashes.sort();
        Ok(hashes)
    }
}

/// Removes a file and says whether it was there.
fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io("removing", path, error)),
    }
}

/// The hashes that name files of a directory, which need not be there.
fn names_in(directory: &Path) -> Result<Vec<BlobHash>> {
    let mut hashes = Vec::new();
    if directory.exists() {
        let failed = |error| StoreError::io("listing", directory, error);
        for entry in fs::read_dir(directory).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            hashes.extend(name.to_str().and_then(|name| name.parse::<BlobHash>().ok()));
        }
    }
    Ok(hashes)
}

fn read_some(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs() -> (tempfile::TempDir, FileBlobs) {
        let temp = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(temp.path()).unwrap();
        (temp, blobs)
    }

    fn parts(temp: &tempfile::TempDir) -> usize {
        fs::read_dir(temp.path().join("blobs/parts"))
            .unwrap()
            .count()
    }

    #[test]
    fn a_damaged_blob_is_reported_set_aside_and_can_be_put_anew() {
        let (_temp, blobs) = blobs();
        let hash = blobs.put(&mut &b"what was meant"[..]).unwrap();
        fs::write(blobs.path(hash), b"what was MEANT").unwrap();
        assert!(
            matches!(blobs.get(hash), Err(StoreError::DamagedBlob(damaged)) if damaged == hash)
        );
        assert_eq!(blobs.size(hash).unwrap(), None);
        assert_eq!(blobs.put(&mut &b"what was meant"[..]).unwrap(), hash);
        assert_eq!(blobs.get(hash).unwrap(), b"what was meant");
    }

    #[test]
    fn a_blob_above_the_limit_leaves_nothing_behind() {
        let (temp, mut blobs) = blobs();
        blobs.limit = 100_000;
        let refused = blobs.put(&mut io::repeat(7).take(100_001)).unwrap_err();
        assert!(
            matches!(refused, StoreError::TooLarge { limit: 100_000, .. }),
            "{refused}"
        );
        assert_eq!(parts(&temp), 0);
        assert_eq!(blobs.list().unwrap(), []);
        blobs.put(&mut io::repeat(7).take(100_000)).unwrap();
    }

    #[test]
    fn a_source_that_fails_leaves_nothing_behind() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let (temp, blobs) = blobs();
        assert!(matches!(
            blobs.put(&mut (&b"a part"[..]).chain(Broken)),
            Err(StoreError::Source(_))
        ));
        assert_eq!(parts(&temp), 0);
    }

    #[test]
    fn what_a_crash_left_half_written_is_cleared_away() {
        let (temp, _) = blobs();
        fs::write(temp.path().join("blobs/parts/half"), b"half").unwrap();
        FileBlobs::open(temp.path()).unwrap();
        assert_eq!(parts(&temp), 0);
    }
}
