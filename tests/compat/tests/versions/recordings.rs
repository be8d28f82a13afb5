//! What is kept of each version, in `recorded/VERSION`, and what the code of today records.
//!
//! A recording is `conversation.txt` and a folder for each installation, each file of which is packed by gzip. With
//! `TALLY_COMPAT_RECORD=FOLDER` the tests put what they record there; `cargo xtask compat record` says where.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::conversation;
use crate::transcript::Transcript;

pub const CONVERSATION: &str = "conversation.txt";

/// The folders of what earlier versions have left, the oldest first.
pub fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded");
    let versions = fs::read_dir(folder).unwrap();
    let mut versions: Vec<_> = versions.map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    assert!(!versions.is_empty(), "something is recorded");
    versions
}

/// Where to put what is recorded, if it is to be kept.
pub fn kept_in() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("TALLY_COMPAT_RECORD")?);
    fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// By the name of the version; the last is of today.
pub fn conversations() -> Vec<(String, Transcript)> {
    let mut all = Vec::new();
    for version in versions() {
        if let Ok(text) = fs::read_to_string(version.join(CONVERSATION)) {
            let name = version.file_name().unwrap().to_string_lossy();
            all.push((name.into_owned(), Transcript::read(&text)));
        }
    }
    all.push(("today".to_owned(), conversation::record()));
    all
}

/// What only a process that runs has of a folder.
const PASSING: &[&str] = &["lock", "holder", "control.sock", "tally.db-shm"];

/// Packs a folder, file by file.
pub fn pack(from: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            pack(&path, &into.join(name));
        } else if !PASSING.contains(&name) {
            let file = fs::File::create(into.join(format!("{name}.gz"))).unwrap();
            let mut packed = GzEncoder::new(file, Compression::best());
            packed.write_all(&fs::read(&path).unwrap()).unwrap();
            packed.finish().unwrap();
        }
    }
}

/// Unpacks it, for its user alone, as data directories are.
pub fn unpack(from: &Path, into: &Path) {
    make_private(into);
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            unpack(&path, &into.join(name));
            continue;
        }
        let mut bytes = Vec::new();
        let packed = fs::File::open(&path).unwrap();
        GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
        let name = name.strip_suffix(".gz").unwrap();
        write_private(&into.join(name), &bytes);
    }
}

fn make_private(folder: &Path) {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).unwrap();
}

fn write_private(path: &Path, bytes: &[u8]) {
    let mut options = fs::File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).unwrap().write_all(bytes).unwrap();
}
