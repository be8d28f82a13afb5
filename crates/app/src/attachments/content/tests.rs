use proptest::prelude::*;
use store::{MemoryStore, Store};
use trust::seal::{EpochKey, open_blob, seal_blob, sealed_blob_bytes};

use super::*;

fn file(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 / 7 % 253) as u8).collect()
}

fn key_of(sealed: &Sealed) -> BlobKey {
    Opening::read(&sealed.seal).unwrap().key
}

/// The code under which people hear of it, and that nothing came of it.
fn refused(store: &MemoryStore, name: BlobHash, seal: &Seal) -> String {
    Failure::from(get(store.blobs(), name, Some(seal)).unwrap_err()).code
}

#[test]
fn a_file_that_is_attached_twice_is_sealed_twice_and_both_open() {
    let store = MemoryStore::new();
    let blobs = store.blobs();
    let plain = file(150_000);
    let (hash, size_bytes) = hash(&mut plain.as_slice()).unwrap();
    assert_eq!(size_bytes, 150_000);
    let one = seal(blobs, hash, &mut plain.as_slice()).unwrap();
    let other = seal(blobs, hash, &mut plain.as_slice()).unwrap();
    assert!(one.name != other.name && one.seal.key != other.seal.key);
    assert_eq!(one.seal.hash, hash.to_string());
    for sealed in [one, other] {
        assert_eq!(get(blobs, sealed.name, Some(&sealed.seal)).unwrap(), plain);
        assert_eq!(sealed.size_bytes, 150_000);
        let total = blobs.size(sealed.name).unwrap().unwrap();
        assert_eq!(total, sealed_blob_bytes(sealed.size_bytes));
        assert!(begins(blobs, sealed.name, total, &key_of(&sealed)).unwrap());
        let wrong = BlobKey::from_bytes(&[7; 32]);
        assert!(!begins(blobs, sealed.name, total, &wrong).unwrap());
    }
}

#[test]
fn a_file_that_is_sealed_anew_has_the_same_name_wherever_that_is_done() {
    let epoch = EpochKey::from_bytes(&[1; 32]);
    let names = [1, 2].map(|_| {
        let store = MemoryStore::new();
        let blobs = store.blobs();
        let plain = blobs.put(&mut file(70_000).as_slice()).unwrap();
        let key = || BlobKey::of_content(&epoch, &plain.0);
        let sealed = seal_again(blobs, plain, key()).unwrap();
        assert_eq!(seal_again(blobs, plain, key()).unwrap(), sealed);
        let opened = get(blobs, sealed.name, Some(&sealed.seal)).unwrap();
        assert_eq!((opened, sealed.size_bytes), (file(70_000), 70_000));
        sealed.name
    });
    assert_eq!(names[0], names[1]);
    let store = MemoryStore::new();
    let missing = seal_again(store.blobs(), names[0], BlobKey::from_bytes(&[1; 32]));
    assert!(matches!(missing, Err(StoreError::UnknownBlob(_))));
}

#[test]
fn what_is_not_what_the_project_says_is_refused_with_a_code() {
    let store = MemoryStore::new();
    let blobs = store.blobs();
    let plain = file(3 * BLOB_CHUNK_BYTES + 5);
    let good = seal(blobs, BlobHash([1; 32]), &mut plain.as_slice()).unwrap();
    let key = URL_SAFE_NO_PAD.encode([7; 32]);
    let wrong = |key: &str, hash: &str| Seal {
        key: key.to_owned(),
        hash: hash.to_owned(),
    };
    let hash = good.seal.hash.as_str();
    for seal in [
        wrong(&key, hash),
        wrong("", hash),
        wrong(&good.seal.key, ""),
        wrong(&good.seal.key, &"0".repeat(64)),
    ] {
        assert_eq!(
            refused(&store, good.name, &seal),
            "ATTACHMENT_DOES_NOT_OPEN"
        );
    }
    let sealed = blobs.get(good.name).unwrap();
    let chunks: Vec<&[u8]> = sealed.chunks(SEALED_CHUNK_BYTES).collect();
    let [a, b, c, d] = chunks[..] else {
        panic!("{} chunks", chunks.len())
    };
    // Whoever writes the project can give each of these a name that is right.
    for other in [
        [a, b, c].concat(),
        [b, a, c, d].concat(),
        [a, c, d].concat(),
        [a, b, c, d, d].concat(),
        sealed[..SEALED_CHUNK_BYTES + 3].to_vec(),
        Vec::new(),
        plain.clone(),
    ] {
        let name = blobs.put(&mut other.as_slice()).unwrap();
        assert_eq!(
            refused(&store, name, &good.seal),
            "ATTACHMENT_DOES_NOT_OPEN"
        );
    }
    let missing = BlobHash([9; 32]);
    assert_eq!(refused(&store, missing, &good.seal), "ATTACHMENT_NOT_FOUND");
    assert_eq!(get(blobs, good.name, None).unwrap(), sealed);
}

/// A file of a gigabyte, sealed, is as much as a store takes.
#[test]
fn the_limit_of_the_store_is_that_of_a_whole_number_of_megabytes() {
    assert_eq!(sealed_blob_bytes(1 << 30), store::MAX_BLOB_BYTES);
}

/// Gives what it has in pieces of any size.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn streams_do_what_is_done_in_memory(
        chunks in 0..3_usize,
        more in prop_oneof![Just(0), Just(1), 0..BLOB_CHUNK_BYTES],
        step in prop_oneof![1..40_usize, 1000..200_000_usize],
    ) {
        let plain = file(chunks * BLOB_CHUNK_BYTES + more);
        let key = BlobKey::from_bytes(&[5; 32]);
        let mut sealed = Vec::new();
        let mut source = Dribble(&plain, step);
        let mut sealer = Sealer::new(&key, &mut source);
        let mut buffer = vec![0; step];
        loop {
            match sealer.read(&mut buffer).unwrap() {
                0 => break,
                count => sealed.extend_from_slice(&buffer[..count]),
            }
        }
        prop_assert_eq!(&sealed, &seal_blob(&key, &plain));
        prop_assert_eq!(open_blob(&key, &sealed).unwrap(), plain.as_slice());

        let mut opened = Vec::new();
        let mut opener = Opener::new(&key, &mut opened);
        for piece in sealed.chunks(step) {
            opener.write_all(piece).unwrap();
        }
        let (hash, size) = opener.finish().unwrap();
        prop_assert_eq!(hash, BlobHash(*blake3::hash(&plain).as_bytes()));
        prop_assert_eq!(size, plain.len() as u64);
        prop_assert_eq!(opened, plain);
    }
}
