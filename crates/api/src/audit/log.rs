//! The files of the audit log: one JSON object a line, appended; a full file is set aside, and the oldest go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Entry, Wanted};

/// A file that has so many bytes is set aside.
const FILE_BYTES: u64 = 16 << 20;
/// Files that are kept: 128 MB, half a million entries.
const FILES: usize = 8;

/// The file that is appended to.
pub(super) struct Log {
    folder: PathBuf,
    /// None: the disk takes nothing.
    file: Option<File>,
    bytes: u64,
    newest: u64,
    file_bytes: u64,
}

impl Log {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        Self::open_with(folder, FILE_BYTES)
    }

    /// One that nothing can be appended to.
    pub(super) fn to_read(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: None,
            bytes: 0,
            newest: 0,
            file_bytes: FILE_BYTES,
        }
    }

    fn open_with(folder: &Path, file_bytes: u64) -> io::Result<Self> {
        let newest = Wanted {
            limit: 1,
            ..Wanted::default()
        };
        let newest = read(folder, &newest)?;
        let mut file = append_to(&name(folder, 0))?;
        let mut bytes = file.seek(SeekFrom::End(0))?;
        if bytes > 0 && !ends_a_line(&name(folder, 0))? {
            // The process died while it wrote this line; nobody reads it.
            file.write_all(b"\n")?;
            bytes += 1;
        }
        Ok(Self {
            folder: folder.to_owned(),
            file: Some(file),
            bytes,
            newest: newest.first().map_or(0, |entry| entry.number),
            file_bytes,
        })
    }

    /// Appends entries and numbers them.
    pub(super) fn append(&mut self, entries: Vec<Entry>) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.bytes >= self.file_bytes {
            self.set_aside()?;
        }
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        };
        let mut lines = Vec::new();
        let mut number = self.newest;
        for mut entry in entries {
            number += 1;
            entry.number = number;
            serde_json::to_writer(&mut lines, &entry)?;
            lines.push(b'\n');
        }
        if let Err(error) = file.write_all(&lines) {
            // Half a line would spoil the next one.
            file.set_len(self.bytes).ok();
            return Err(error);
        }
        self.bytes += lines.len() as u64;
        self.newest = number;
        Ok(())
    }

    fn set_aside(&mut self) -> io::Result<()> {
        for place in (0..FILES - 1).rev() {
            match fs::rename(name(&self.folder, place), name(&self.folder, place + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = Some(append_to(&name(&self.folder, 0))?);
        self.bytes = 0;
        Ok(())
    }
}

/// Entries, newest first. Lines that are none are passed over.
pub(super) fn read(folder: &Path, wanted: &Wanted) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for place in 0..FILES {
        let file = match File::open(name(folder, place)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let lines = BufReader::new(file).split(b'\n');
        let lines = lines.collect::<io::Result<Vec<_>>>()?;
        let entries = lines.iter().rev();
        let entries = entries.filter_map(|line| serde_json::from_slice::<Entry>(line).ok());
        found.extend(
            entries
                .filter(|entry| wanted.is(entry))
                .take(wanted.limit - found.len()),
        );
        if found.len() == wanted.limit {
            break;
        }
    }
    Ok(found)
}

/// The file that is written, 0, and those that were set aside.
fn name(folder: &Path, place: usize) -> PathBuf {
    match place {
        0 => folder.join("api-audit.jsonl"),
        _ => folder.join(format!("api-audit.{place}.jsonl")),
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn ends_a_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn entry(token: &str) -> Entry {
        Entry {
            number: 0,
            at: Timestamp::UNIX_EPOCH,
            token_id: token.to_owned(),
            token: token.to_owned(),
            client: None,
            action: "POST /commands/execute".to_owned(),
            project_id: None,
            command_id: None,
            commands: std::collections::BTreeMap::new(),
            nodes: Vec::new(),
            result: "ok".to_owned(),
            omitted: 0,
        }
    }

    fn numbers(folder: &Path, wanted: Wanted) -> Vec<u64> {
        let read = read(folder, &wanted).expect("it is read");
        read.iter().map(|entry| entry.number).collect()
    }

    fn all() -> Wanted {
        Wanted {
            limit: 1_000,
            ..Wanted::default()
        }
    }

    #[test]
    fn what_was_written_is_read_newest_first_and_numbers_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let mut log = Log::open(folder).expect("it is made");
        log.append(vec![entry("a"), entry("b")]).expect("written");
        drop(log);
        // The process died in the middle of a line.
        let mut file = append_to(&name(folder, 0)).expect("it is there");
        file.write_all(b"{\"number\": 3, \"at\"").expect("written");
        let mut log = Log::open(folder).expect("it is opened again");
        log.append(vec![entry("a")]).expect("written");
        assert_eq!(numbers(folder, all()), [3, 2, 1]);
        let of_a = Wanted {
            token: Some("a".to_owned()),
            ..all()
        };
        assert_eq!(numbers(folder, of_a), [3, 1]);
        let older = Wanted {
            before: Some(3),
            limit: 1,
            ..Wanted::default()
        };
        assert_eq!(numbers(folder, older), [2]);
    }

    #[test]
    fn a_full_file_is_set_aside_and_the_oldest_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let mut log = Log::open_with(folder, 1).expect("it is made");
        let count = 2 * FILES as u64;
        for _ in 0..count {
            log.append(vec![entry("a")]).expect("written");
        }
        let kept: Vec<u64> = (count - FILES as u64 + 1..=count).rev().collect();
        assert_eq!(numbers(folder, all()), kept);
        assert!(!name(folder, FILES).exists());
        drop(log);
        let mut log = Log::open(folder).expect("it is opened again");
        log.append(vec![entry("a")]).expect("written");
        assert_eq!(numbers(folder, all())[0], count + 1);
    }
}
