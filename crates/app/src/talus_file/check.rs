//! Reading a `.talus` file to its end, to say what of it is damaged.

use std::io::{self, Read};

use super::read::{Found, Part, Parts, check_start, manifest, only_one, read_header, within};
use super::{
    Content, Kind, MAX_BLOB_BYTES, MAX_DOCUMENT_BYTES, MAX_MANIFEST_BYTES, TalusFileError,
};

/// What was read of a file.
#[derive(Debug, Default)]
pub struct Checked {
    /// What it holds apart from attachments; none if some of that is damaged.
    pub content: Option<Content>,
    /// The names of its attachments that are whole.
    pub blobs: Vec<blake3::Hash>,
    /// Bytes of attachments that were read.
    pub blob_bytes: u64,
    /// What is damaged, for people.
    pub flaws: Vec<String>,
}

/// Reads all parts of a file. One that is damaged is passed over; its length says where the next one begins.
///
/// # Errors
/// If it is none, is newer, or ends too early, or what is damaged is where a part begins: what follows cannot be told.
pub fn check(input: &mut dyn Read) -> Result<Checked, TalusFileError> {
    check_start(input)?;
    let (mut parts, mut content) = (blake3::Hasher::new(), Parts::default());
    let (mut checked, mut attachments) = (Checked::default(), 0);
    loop {
        let (kind, length, header) = read_header(input)?;
        let all = parts.finalize();
        let mut part = Part::new(input, length);
        let mut end = None;
        let (name, taken) = match kind {
            Found::Known(Kind::End) => {
                let taken = part.whole(32).map(|hash| end = Some(hash));
                ("The end".to_owned(), taken)
            }
            Found::Known(Kind::Manifest) => {
                let taken = part.whole(MAX_MANIFEST_BYTES);
                let taken =
                    taken.and_then(|json| only_one(&mut content.manifest, manifest(&json)?));
                ("The manifest".to_owned(), taken)
            }
            Found::Known(Kind::Project) => {
                let taken = part.whole(MAX_DOCUMENT_BYTES);
                let taken = taken.and_then(|bytes| only_one(&mut content.project, bytes));
                ("The project document".to_owned(), taken)
            }
            Found::Known(Kind::Comments) => {
                let taken = part.whole(MAX_DOCUMENT_BYTES);
                let taken = taken.and_then(|bytes| only_one(&mut content.comments, bytes));
                ("The comments document".to_owned(), taken)
            }
            Found::Known(Kind::Blob) => {
                attachments += 1;
                let taken = within(length, MAX_BLOB_BYTES).and_then(|()| part.pass());
                (format!("Attachment {attachments}"), taken)
            }
            Found::Optional => ("A part that is not known here".to_owned(), part.pass()),
        };
        match taken.and_then(|()| part.finish()) {
            Ok(hash) => {
                if kind == Found::Known(Kind::Blob) {
                    checked.blobs.push(hash);
                    checked.blob_bytes += length;
                }
                parts.update(&header);
                parts.update(hash.as_bytes());
            }
            Err(TalusFileError::Damaged(what)) => {
                checked.flaws.push(format!("{name} is damaged: {what}."));
            }
            Err(error) => return Err(error),
        }
        if kind == Found::Known(Kind::End) {
            // Of parts that are damaged already it says nothing new.
            let is_whole = checked.flaws.is_empty();
            if is_whole && end.is_some_and(|hash| hash != all.as_bytes()) {
                return Err(super::read::damaged("parts are missing or out of order"));
            }
            checked.content = match is_whole {
                true => Some(content.complete()?),
                false => content.complete().ok(),
            };
            return Ok(checked);
        }
    }
}

impl Part<'_> {
    /// Reads it to its end and keeps nothing.
    fn pass(&mut self) -> Result<(), TalusFileError> {
        io::copy(self, &mut io::sink())?;
        Ok(())
    }
}
