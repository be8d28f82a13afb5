//! Writing a `.talus` file.

use std::io::{self, Write};

use super::{Content, Kind, MAGIC, TalusFileError, VERSION};

/// Writes a file part by part. A file without [`Writer::finish`] is refused by readers.
pub struct Writer<W> {
    output: W,
    /// Of kind, length and hash of every part so far.
    parts: blake3::Hasher,
}

impl<W: Write> Writer<W> {
    /// Writes everything but the attachments.
    pub fn begin(mut output: W, content: &Content) -> Result<Self, TalusFileError> {
        output.write_all(&MAGIC)?;
        output.write_all(&VERSION.to_le_bytes())?;
        let mut writer = Self {
            output,
            parts: blake3::Hasher::new(),
        };
        let manifest = serde_json::to_vec_pretty(&content.manifest)
            .expect("a manifest has only strings and numbers");
        writer.part(Kind::Manifest, &manifest)?;
        writer.part(Kind::Project, &content.project)?;
        writer.part(Kind::Comments, &content.comments)?;
        Ok(writer)
    }

    /// Writes an attachment of exactly `size` bytes, which `copy` yields.
    pub fn blob(
        &mut self,
        size: u64,
        copy: impl FnOnce(&mut dyn Write) -> Result<(), TalusFileError>,
    ) -> Result<(), TalusFileError> {
        self.header(Kind::Blob, size)?;
        let mut hashed = Hashed {
            output: &mut self.output,
            hasher: blake3::Hasher::new(),
            written: 0,
        };
        copy(&mut hashed)?;
        let (hash, written) = (hashed.hasher.finalize(), hashed.written);
        if written != size {
            return Err(TalusFileError::Damaged(format!(
                "an attachment has {written} bytes instead of {size}"
            )));
        }
        self.trailer(hash)
    }

    /// Writes the end and hands the output back.
    pub fn finish(mut self) -> Result<W, TalusFileError> {
        let all = self.parts.finalize();
        self.part(Kind::End, all.as_bytes())?;
        self.output.flush()?;
        Ok(self.output)
    }

    fn part(&mut self, kind: Kind, content: &[u8]) -> Result<(), TalusFileError> {
        self.header(kind, content.len() as u64)?;
        self.output.write_all(content)?;
        self.trailer(blake3::hash(content))
    }

    fn header(&mut self, kind: Kind, length: u64) -> Result<(), TalusFileError> {
        self.raw_header(kind as u8, length)
    }

    fn raw_header(&mut self, kind: u8, length: u64) -> Result<(), TalusFileError> {
        let mut header = [kind; 9];
        header[1..].copy_from_slice(&length.to_le_bytes());
        self.parts.update(&header);
        Ok(self.output.write_all(&header)?)
    }

    #[cfg(test)]
    pub(super) fn optional_part(&mut self, content: &[u8]) {
        self.raw_header(super::FIRST_OPTIONAL_KIND, content.len() as u64)
            .and_then(|()| Ok(self.output.write_all(content)?))
            .and_then(|()| self.trailer(blake3::hash(content)))
            .unwrap();
    }

    fn trailer(&mut self, hash: blake3::Hash) -> Result<(), TalusFileError> {
        self.parts.update(hash.as_bytes());
        Ok(self.output.write_all(hash.as_bytes())?)
    }
}

/// Passes bytes on, and hashes and counts them.
struct Hashed<'a, W> {
    output: &'a mut W,
    hasher: blake3::Hasher,
    written: u64,
}

impl<W: Write> Write for Hashed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.output.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
