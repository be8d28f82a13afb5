//! Everything but the log: catalogue, settings, blobs, backups, closing.

use std::ops::ControlFlow;

use crate::{
    BlobHash, Document, Keep, ProjectRecord, Seq, Snapshot, State, Store, StoreError,
    testing::{DEADLINE, append, chunk, project, record},
};

const HOUR_MS: i64 = 3_600_000;

pub fn an_empty_store_has_nothing(store: &dyn Store) {
    assert_eq!(store.projects().unwrap(), []);
    assert_eq!(store.setting("theme").unwrap(), None);
    assert_eq!(store.blobs().list().unwrap(), []);
    assert_eq!(store.backups().unwrap(), []);
    assert_eq!(store.state(), State::Ok);
    assert!(store.opened().fresh_identity_needed());
    store.flush(DEADLINE).unwrap();
}

pub fn a_project_is_created_updated_and_deleted(store: &dyn Store) {
    store.create_project(&record(2), Vec::new()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    let again = store.create_project(&record(1), Vec::new()).unwrap_err();
    assert!(
        matches!(again, StoreError::ProjectExists(key) if key == project(1)),
        "{again}"
    );
    let changed = ProjectRecord {
        name: "Another name".to_owned(),
        template: "book".to_owned(),
        created_ms: -1,
        opened_ms: Some(2),
        trashed_ms: Some(i64::MAX),
        node_count: 100_000,
        stats: Some("{\"done\":3}".to_owned()),
        ..record(1)
    };
    store.update_project(&changed).unwrap();
    assert_eq!(store.projects().unwrap(), [changed, record(2)]);
    store.delete_project(project(1)).unwrap();
    assert_eq!(store.projects().unwrap(), [record(2)]);
    let gone = store.update_project(&record(1)).unwrap_err();
    assert!(
        matches!(gone, StoreError::UnknownProject(key) if key == project(1)),
        "{gone}"
    );
    assert!(matches!(
        store.delete_project(project(1)),
        Err(StoreError::UnknownProject(_))
    ));
    assert!(matches!(
        store.quarantined(project(1)),
        Err(StoreError::UnknownProject(_))
    ));
}

pub fn odd_names_are_kept(store: &dyn Store) {
    let long = "ö".repeat(100_000);
    let names = [
        "",
        "a\0b",
        "\u{202e}rtl",
        "e\u{301}\u{1f468}\u{200d}\u{1f469}",
        "'; DROP TABLE project; --",
        &long,
    ];
    for (number, name) in names.into_iter().enumerate() {
        let named = ProjectRecord {
            name: name.to_owned(),
            ..record(number as u8)
        };
        store.create_project(&named, Vec::new()).unwrap();
        assert_eq!(store.projects().unwrap().last(), Some(&named));
    }
}

pub fn a_created_project_has_its_documents(store: &dyn Store) {
    let documents = vec![
        (Document::PROJECT, b"genesis".to_vec()),
        (Document::COMMENTS, b"none".to_vec()),
    ];
    store.create_project(&record(1), documents).unwrap();
    let seq = append(store, project(1), chunk("a")).durable().unwrap();
    let loaded = store.load(project(1)).unwrap();
    let start = Snapshot {
        through: Seq(0),
        bytes: b"genesis".to_vec(),
    };
    assert_eq!(loaded.documents[&Document::PROJECT].snapshot, Some(start));
    assert_eq!(
        loaded.documents[&Document::PROJECT].chunks,
        [(seq, b"a".to_vec())]
    );
    assert_eq!(
        loaded.documents[&Document::COMMENTS]
            .snapshot
            .as_ref()
            .unwrap()
            .bytes,
        b"none"
    );
}

pub fn settings_are_kept_replaced_and_removed(store: &dyn Store) {
    store.set_setting("theme", Some("\"dark\"")).unwrap();
    store.set_setting("", Some("\0")).unwrap();
    store.set_setting("theme", Some("\"light\"")).unwrap();
    assert_eq!(
        store.setting("theme").unwrap().as_deref(),
        Some("\"light\"")
    );
    assert_eq!(store.setting("").unwrap().as_deref(), Some("\0"));
    store.set_setting("theme", None).unwrap();
    store.set_setting("never there", None).unwrap();
    assert_eq!(store.setting("theme").unwrap(), None);
}

pub fn a_blob_that_comes_in_pieces_is_there_when_it_is_whole(store: &dyn Store) {
    let blobs = store.blobs();
    let content: Vec<u8> = (0..200_000_u32).map(|at| (at / 3 % 251) as u8).collect();
    let hash = BlobHash(*blake3::hash(&content).as_bytes());
    let (first, rest) = content.split_at(70_000);
    assert_eq!(blobs.part(hash).unwrap(), 0);
    assert_eq!(blobs.put_part(hash, 0, first).unwrap(), 70_000);
    assert_eq!(
        blobs.put_part(hash, 80_000, b"too far").unwrap(),
        70_000,
        "nothing is put behind a hole"
    );
    assert_eq!(
        blobs.put_part(hash, 70_000, b"is replaced").unwrap(),
        70_011
    );
    assert_eq!(blobs.put_part(hash, 70_000, rest).unwrap(), 200_000);
    assert_eq!(blobs.list_parts().unwrap(), [hash]);
    assert_eq!(blobs.bytes().unwrap(), 200_000);
    assert_eq!(
        (blobs.size(hash).unwrap(), blobs.list().unwrap()),
        (None, vec![])
    );
    assert_eq!(blobs.finish_part(hash).unwrap(), 200_000);
    assert_eq!(blobs.get(hash).unwrap(), content);
    assert_eq!(
        (blobs.part(hash).unwrap(), blobs.list_parts().unwrap()),
        (0, vec![])
    );
    assert_eq!(blobs.bytes().unwrap(), 200_000);
    assert_eq!(blobs.read(hash, 0, 10).unwrap(), content[..10]);
    assert_eq!(blobs.read(hash, 199_990, 100).unwrap(), content[199_990..]);
    assert_eq!(blobs.read(hash, 300_000, 100).unwrap(), b"");

    let other = BlobHash([7; 32]);
    assert!(matches!(
        blobs.read(other, 0, 1),
        Err(StoreError::UnknownBlob(_))
    ));
    assert!(matches!(
        blobs.finish_part(other),
        Err(StoreError::UnknownBlob(_))
    ));
    blobs.put_part(other, 0, b"not what it is called").unwrap();
    let spoiled = blobs.finish_part(other).unwrap_err();
    assert!(
        matches!(spoiled, StoreError::DamagedBlob(hash) if hash == other),
        "{spoiled}"
    );
    assert_eq!(blobs.part(other).unwrap(), 0);
    blobs.put_part(other, 0, b"given up").unwrap();
    assert!(blobs.drop_part(other).unwrap() && !blobs.drop_part(other).unwrap());
}

pub fn blobs_are_named_by_their_content(store: &dyn Store) {
    let blobs = store.blobs();
    let large: Vec<u8> = (0..300_000_u32).map(|number| (number * 7) as u8).collect();
    let hash = blobs.put(&mut large.as_slice()).unwrap();
    let empty = blobs.put(&mut std::io::empty()).unwrap();
    assert_eq!(hash, BlobHash(*blake3::hash(&large).as_bytes()));
    assert_eq!(blobs.put(&mut large.as_slice()).unwrap(), hash);
    assert_eq!(blobs.get(hash).unwrap(), large);
    assert_eq!(blobs.get(empty).unwrap(), b"");
    assert_eq!(blobs.size(hash).unwrap(), Some(300_000));
    let mut expected = vec![hash, empty];
    expected.sort();
    assert_eq!(blobs.list().unwrap(), expected);
    assert!(blobs.remove(hash).unwrap());
    assert!(!blobs.remove(hash).unwrap());
    assert_eq!(blobs.size(hash).unwrap(), None);
    assert!(matches!(blobs.get(hash), Err(StoreError::UnknownBlob(unknown)) if unknown == hash));
}

pub fn a_backup_keeps_what_was_there(store: &dyn Store) {
    store
        .create_project(&record(1), vec![(Document::PROJECT, b"genesis".to_vec())])
        .unwrap();
    append(store, project(1), chunk("kept")).durable().unwrap();
    let then = store.load(project(1)).unwrap();
    let backup = store.back_up(5 * HOUR_MS, Keep::default()).unwrap();
    assert_eq!(backup.taken_ms, 5 * HOUR_MS);
    append(store, project(1), chunk("later")).durable().unwrap();
    store.delete_project(project(1)).unwrap();
    assert_eq!(store.backups().unwrap(), std::slice::from_ref(&backup));
    assert_eq!(store.backup_projects(&backup.name).unwrap(), [record(1)]);
    assert_eq!(store.load_backup(&backup.name, project(1)).unwrap(), then);
    let unknown = store.load_backup(&backup.name, project(2)).unwrap_err();
    assert!(
        matches!(unknown, StoreError::UnknownProject(_)),
        "{unknown}"
    );
    for name in ["", "1.db", "../tally.db", "/etc/passwd"] {
        let unknown = store.backup_projects(name).unwrap_err();
        assert!(matches!(unknown, StoreError::UnknownBackup(_)), "{unknown}");
    }
}

pub fn a_backup_has_what_was_appended_before(store: &dyn Store) {
    store
        .create_project(&record(1), vec![(Document::PROJECT, b"genesis".to_vec())])
        .unwrap();
    let appended = append(store, project(1), chunk("just now"));
    let backup = store.back_up(HOUR_MS, Keep::default()).unwrap();
    appended.durable().unwrap();
    let now = store.load(project(1)).unwrap();
    assert_eq!(store.load_backup(&backup.name, project(1)).unwrap(), now);
}

pub fn a_backup_that_is_broken_off_leaves_nothing(store: &dyn Store) {
    let bytes = vec![7; 200_000];
    store
        .create_project(&record(1), vec![(Document::PROJECT, bytes)])
        .unwrap();
    let stop = |_, _| ControlFlow::Break(());
    let stopped = store.back_up_watched(HOUR_MS, Keep::default(), &stop);
    assert!(matches!(stopped, Err(StoreError::Stopped)), "{stopped:?}");
    assert_eq!(store.backups().unwrap(), []);
    store.back_up(HOUR_MS, Keep::default()).unwrap();
    assert_eq!(store.backups().unwrap().len(), 1);
}

pub fn old_backups_are_deleted(store: &dyn Store) {
    let keep = Keep {
        hours: 2,
        days: 0,
        weeks: 0,
    };
    for hour in 1..=4 {
        store.back_up(hour * HOUR_MS, keep).unwrap();
    }
    let taken: Vec<i64> = store
        .backups()
        .unwrap()
        .iter()
        .map(|backup| backup.taken_ms)
        .collect();
    assert_eq!(taken, [4 * HOUR_MS, 3 * HOUR_MS]);
}

pub fn a_closed_store_refuses_everything(store: &dyn Store) {
    store.create_project(&record(1), Vec::new()).unwrap();
    let last = append(store, project(1), chunk("last"));
    store.close(DEADLINE).unwrap();
    last.durable().unwrap();
    assert!(matches!(
        append(store, project(1), chunk("late")).written(),
        Err(StoreError::Closed)
    ));
    assert!(matches!(store.load(project(1)), Err(StoreError::Closed)));
    assert!(matches!(store.projects(), Err(StoreError::Closed)));
    assert!(matches!(store.rooms().list(), Err(StoreError::Closed)));
    assert!(matches!(
        store.set_setting("late", None),
        Err(StoreError::Closed)
    ));
    assert!(matches!(store.flush(DEADLINE), Err(StoreError::Closed)));
    assert!(matches!(store.close(DEADLINE), Err(StoreError::Closed)));
}
