//! Reading a `.talus` file.

use std::io::{self, Read};

use super::{
    Content, FIRST_OPTIONAL_KIND, Kind, MAGIC, MAX_BLOB_BYTES, MAX_DOCUMENT_BYTES,
    MAX_MANIFEST_BYTES, Manifest, TalusFileError, VERSION,
};

/// Reads a file. Each attachment is handed to `keep`, which must read it to its end; an attachment
/// that does not match its hash fails there.
///
/// Attachments come after the documents, so they were kept in vain only if the file is damaged.
pub fn read(
    input: &mut dyn Read,
    keep: &mut dyn FnMut(&mut dyn Read) -> Result<(), TalusFileError>,
) -> Result<Content, TalusFileError> {
    check_start(input)?;
    let mut parts = blake3::Hasher::new();
    let mut content = Parts::default();
    loop {
        let (kind, length, header) = read_header(input)?;
        let all = parts.finalize();
        let mut part = Part::new(input, length);
        match kind {
            Found::Known(Kind::End) => {
                let end = part.whole(32)?;
                return if end == all.as_bytes() {
                    content.complete()
                } else {
                    Err(damaged("parts are missing or out of order"))
                };
            }
            Found::Known(Kind::Manifest) => {
                let found = manifest(&part.whole(MAX_MANIFEST_BYTES)?)?;
                only_one(&mut content.manifest, found)?;
            }
            Found::Known(Kind::Project) => {
                only_one(&mut content.project, part.whole(MAX_DOCUMENT_BYTES)?)?;
            }
            Found::Known(Kind::Comments) => {
                only_one(&mut content.comments, part.whole(MAX_DOCUMENT_BYTES)?)?;
            }
            Found::Known(Kind::Blob) => {
                within(length, MAX_BLOB_BYTES)?;
                keep(&mut part)?;
            }
            Found::Optional => {
                io::copy(&mut part, &mut io::sink())?;
            }
        }
        let hash = part.finish()?;
        parts.update(&header);
        parts.update(hash.as_bytes());
    }
}

pub(super) fn check_start(input: &mut dyn Read) -> Result<(), TalusFileError> {
    let mut start = [0; 12];
    let mut filled = 0;
    while filled < start.len() {
        match input.read(&mut start[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    if filled < MAGIC.len() || start[..MAGIC.len()] != MAGIC {
        return Err(TalusFileError::NotATalusFile);
    }
    if filled < start.len() {
        return Err(TalusFileError::Truncated);
    }
    match u32::from_le_bytes([start[8], start[9], start[10], start[11]]) {
        VERSION => Ok(()),
        0 => Err(damaged("there is no version 0")),
        _ => Err(TalusFileError::Newer),
    }
}

/// What a kind byte says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Known(Kind),
    Optional,
}

pub(super) fn read_header(input: &mut dyn Read) -> Result<(Found, u64, [u8; 9]), TalusFileError> {
    let mut header = [0; 9];
    input.read_exact(&mut header)?;
    let kind = match header[0] {
        0 => Found::Known(Kind::End),
        1 => Found::Known(Kind::Manifest),
        2 => Found::Known(Kind::Project),
        3 => Found::Known(Kind::Comments),
        4 => Found::Known(Kind::Blob),
        FIRST_OPTIONAL_KIND.. => Found::Optional,
        _ => return Err(TalusFileError::Newer),
    };
    let mut length = [0; 8];
    length.copy_from_slice(&header[1..]);
    Ok((kind, u64::from_le_bytes(length), header))
}

pub(super) fn manifest(json: &[u8]) -> Result<Manifest, TalusFileError> {
    serde_json::from_slice(json).map_err(|error| damaged(&format!("manifest: {error}")))
}

pub(super) fn only_one<T>(place: &mut Option<T>, found: T) -> Result<(), TalusFileError> {
    match place.replace(found) {
        None => Ok(()),
        Some(_) => Err(damaged("a part is there twice")),
    }
}

/// The parts of which there is one each.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) manifest: Option<Manifest>,
    pub(super) project: Option<Vec<u8>>,
    pub(super) comments: Option<Vec<u8>>,
}

impl Parts {
    pub(super) fn complete(self) -> Result<Content, TalusFileError> {
        Ok(Content {
            manifest: self
                .manifest
                .ok_or_else(|| damaged("there is no manifest"))?,
            project: self
                .project
                .ok_or_else(|| damaged("there is no project document"))?,
            comments: self
                .comments
                .ok_or_else(|| damaged("there is no comments document"))?,
        })
    }
}

/// The content of one part. Its last read checks the hash, so that a reader to the end gets what was
/// written or an error.
pub(super) struct Part<'a> {
    input: &'a mut dyn Read,
    left: u64,
    hasher: blake3::Hasher,
    checked: Option<blake3::Hash>,
}

impl<'a> Part<'a> {
    pub(super) fn new(input: &'a mut dyn Read, length: u64) -> Self {
        Self {
            input,
            left: length,
            hasher: blake3::Hasher::new(),
            checked: None,
        }
    }

    pub(super) fn whole(&mut self, limit: u64) -> Result<Vec<u8>, TalusFileError> {
        within(self.left, limit)?;
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn finish(&mut self) -> Result<blake3::Hash, TalusFileError> {
        if self.left > 0 {
            return Err(damaged("an attachment was not read to its end"));
        }
        match self.checked {
            Some(hash) => Ok(hash),
            None => Ok(self.check()?),
        }
    }

    fn check(&mut self) -> io::Result<blake3::Hash> {
        let mut expected = [0; 32];
        self.input.read_exact(&mut expected)?;
        let hash = self.hasher.finalize();
        if hash != expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a checksum does not match",
            ));
        }
        self.checked = Some(hash);
        Ok(hash)
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            if self.checked.is_none() {
                self.check()?;
            }
            return Ok(0);
        }
        let room = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.input.read(&mut buffer[..room])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.hasher.update(&buffer[..count]);
        self.left -= count as u64;
        Ok(count)
    }
}

pub(super) fn within(size: u64, limit: u64) -> Result<(), TalusFileError> {
    if size > limit {
        return Err(TalusFileError::TooLarge { size, limit });
    }
    Ok(())
}

pub(super) fn damaged(what: &str) -> TalusFileError {
    TalusFileError::Damaged(what.to_owned())
}
