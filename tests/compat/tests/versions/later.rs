//! What a later version has left is refused and stays as it is, since nothing of today knows what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use app::app::{App, Options};
use app::failure::Failure;

use crate::recordings::{self, unpack};
use crate::relay::run;

/// Where a database of SQLite says which schema it has: four bytes, big-endian (its "user version").
const SCHEMA_AT: usize = 60;

/// The newest installation of that name, as a later version would have left it.
fn of_later(name: &str, into: &Path) -> PathBuf {
    let versions = recordings::versions();
    let mut installed = versions.iter().rev().map(|it| it.join(name));
    let data = into.join(name);
    unpack(&installed.find(|it| it.exists()).unwrap(), &data);
    let database = data.join("tally.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[SCHEMA_AT..SCHEMA_AT + 4].copy_from_slice(&1_000_u32.to_be_bytes());
    fs::write(&database, bytes).unwrap();
    data
}

/// What there is but the note of who holds the directory.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            found.extend(content(&path));
        } else if name != "lock" && name != "holder" {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// SQLite may have put its own files beside a database in which it has looked.
fn is_untouched(folder: &Path, before: &BTreeMap<PathBuf, Vec<u8>>) -> bool {
    let after = content(folder);
    before
        .iter()
        .all(|(path, bytes)| after.get(path) == Some(bytes))
}

#[test]
fn a_relay_refuses_what_a_later_one_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let data = of_later("relay", folder.path());
    let before = content(&data);
    let place = data.to_str().unwrap();
    let backups = folder.path().join("backups");
    let restored = folder.path().join("restored");
    let [backups, restored] = [backups, restored].map(|it| it.to_str().unwrap().to_owned());
    let commands: [&[&str]; 5] = [
        &["serve", "--listen", "127.0.0.1:0", "--data-dir", place],
        &["rooms", "list", "--data-dir", place],
        &["backup", "--data-dir", place, &backups],
        &["verify", place],
        &["restore", "--data-dir", &restored, place],
    ];
    for command in commands {
        let output = run(command);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{command:?}: {errors}");
        assert!(errors.contains("DATA_TOO_NEW"), "{command:?}: {errors}");
        assert!(is_untouched(&data, &before), "{command:?} left it alone");
    }
}

#[tokio::test]
async fn an_application_refuses_what_a_later_one_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let data = of_later("ana", folder.path());
    let before = content(&data);
    let Err(refused) = App::start(Options::new(&data)).await else {
        panic!("it was opened")
    };
    assert_eq!(Failure::from(refused).code, "NEWER_SCHEMA");
    assert!(is_untouched(&data, &before), "it was left alone");
}
