//! Every store does what the suite says.

mod memory {
    store::conformance_tests!((store::MemoryStore::new(), ()));
}

mod stepped {
    store::conformance_tests!((store::testing::SteppedStore::prompt(), ()));
}

mod sqlite {
    fn open() -> (store::SqliteStore, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        (store::SqliteStore::open(dir.path()).unwrap(), dir)
    }

    store::conformance_tests!(open());
}
