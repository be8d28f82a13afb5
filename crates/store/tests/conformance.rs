//! Both stores do what the suite says.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

mod memory {
    store::conformance_tests!((store::MemoryStore::new(), ()));
}

mod sqlite {
    fn open() -> (store::SqliteStore, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        (store::SqliteStore::open(dir.path()).unwrap(), dir)
    }

    store::conformance_tests!(open());
}
