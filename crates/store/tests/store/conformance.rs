//! Both stores do what the suite says.

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
