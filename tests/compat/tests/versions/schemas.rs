//! Stores of earlier schemas, as the code that wrote them has left them: all that they have is in the schema of today.

use std::path::{Path, PathBuf};

use store::testing::{DEADLINE, append, append_to_room, chunk, frame, project, room, stream};
use store::{AuthorKey, BlobHash, Document, Loaded, RoomWrite, SqliteStore, Store};

use crate::recordings::unpack;

const AUTHOR: AuthorKey = AuthorKey([9; 16]);

/// The recorded store of a schema, in a folder of its own.
fn left(schema: u32, into: &Path) -> PathBuf {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded");
    let data = into.join("data");
    unpack(&recorded.join(format!("schema-{schema}")), &data);
    data
}

fn texts<'a>(pieces: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<String> {
    let pieces = pieces.into_iter().cloned();
    pieces.map(|it| String::from_utf8(it).unwrap()).collect()
}

fn assert_project(loaded: &Loaded) {
    assert_eq!(loaded.quarantined, []);
    let document = &loaded.documents[&Document::PROJECT];
    let snapshot = document.snapshot.as_ref().unwrap();
    assert_eq!(snapshot.bytes, b"snapshot of 0 and 1");
    let chunks = document.chunks.iter().map(|(_, bytes)| bytes);
    assert_eq!(texts(chunks), ["change 2", "change 3", "change 4"]);
    let comments = &loaded.documents[&Document::COMMENTS];
    assert_eq!(comments.snapshot.as_ref().unwrap().bytes, b"comments");
    let undo = texts(&loaded.undo[&AUTHOR].undo);
    assert_eq!(undo, ["undo 0", "undo 1", "undo 2", "undo 3", "undo 4"]);
}

fn assert_all(store: &SqliteStore) {
    assert_eq!(store.projects().unwrap(), [store::testing::record(1)]);
    assert_project(&store.load(project(1)).unwrap());
    assert_eq!(
        store.setting("colour").unwrap().as_deref(),
        Some("\"green\"")
    );
    let attachment = BlobHash(*blake3::hash(b"an attachment").as_bytes());
    assert_eq!(store.blobs().get(attachment).unwrap(), b"an attachment");
    let backups = store.backups().unwrap();
    assert_eq!(backups.len(), 1);
    assert_project(&store.load_backup(&backups[0].name, project(1)).unwrap());
    // It takes more, behind what there is.
    let more = append(store, project(1), chunk("change 5"));
    more.durable().unwrap();
    let loaded = store.load(project(1)).unwrap();
    assert_eq!(loaded.documents[&Document::PROJECT].chunks.len(), 4);
}

#[test]
fn schema_1_had_projects_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&left(1, folder.path())).unwrap();
    assert_all(&store);
    assert_eq!(store.rooms().list().unwrap(), []);
    store.rooms().create(room(1), Vec::new()).unwrap();
    store.close(DEADLINE).unwrap();
}

/// As the disk has it, file by file.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn what_an_earlier_schema_has_is_examined_and_left_as_it_is() {
    for (schema, expected) in [(1, (0, 0, 1)), (2, (1, 8, 1))] {
        let folder = tempfile::tempdir().unwrap();
        let data = left(schema, folder.path());
        let before = files(&data);
        let examined = store::examine_data(&data).unwrap();
        assert_eq!(examined.damage, Vec::<String>::new());
        let whole = examined.whole;
        assert_eq!((whole.rooms, whole.frames, whole.blobs), expected);
        let after = files(&data);
        let is_as_it_was = before.iter().all(|it| after.contains(it));
        assert!(is_as_it_was, "schema {schema}");
    }
}

#[test]
fn schema_2_had_rooms_and_counted_their_bytes_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = left(2, folder.path());
    let store = SqliteStore::open(&data).unwrap();
    assert_all(&store);
    let loaded = store.rooms().load(room(1)).unwrap();
    let held = [(stream(1), 5), (stream(2), 3)];
    assert_eq!(loaded.vector, held.into_iter().collect());
    assert_eq!(loaded.meta["members"], b"who is one");
    assert_eq!(loaded.quarantined, []);
    let of = |device| {
        let frames = store.rooms().frames(room(1), stream(device), 0, 1 << 20);
        let frames = frames.unwrap();
        texts(frames.iter().map(|frame| &frame.bytes))
    };
    let own = ["frame 1", "frame 2", "frame 3", "frame 4", "frame 5"];
    let others = ["of another 1", "of another 2", "of another 3"];
    assert_eq!(of(1), own);
    assert_eq!(of(2), others);
    let bytes: usize = own.iter().chain(&others).map(|it| it.len()).sum();
    assert_eq!(loaded.bytes, bytes as u64);
    let next = RoomWrite::new(room(1), vec![frame(stream(2), 4, "of today")]);
    append_to_room(store.rooms(), next).durable().unwrap();
    assert_eq!(of(2)[3], "of today");
    store.close(DEADLINE).unwrap();
    drop(store);
    // What was taken over stays so.
    let again = SqliteStore::open(&data).unwrap();
    assert_eq!(again.rooms().load(room(1)).unwrap().vector[&stream(2)], 4);
    again.close(DEADLINE).unwrap();
}
