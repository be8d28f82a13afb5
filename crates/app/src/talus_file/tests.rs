use std::io::Read;

use proptest::prelude::*;

use super::*;

fn content(name: &str, project: Vec<u8>, comments: Vec<u8>) -> Content {
    Content {
        manifest: Manifest {
            name: name.to_owned(),
            template: "Book".to_owned(),
            created_ms: 1,
            exported_ms: 2,
            node_count: 3,
            program: "test".to_owned(),
        },
        project,
        comments,
    }
}

fn write(content: &Content, blobs: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), content).unwrap();
    for blob in blobs {
        writer
            .blob(blob.len() as u64, |output| Ok(output.write_all(blob)?))
            .unwrap();
    }
    writer.finish().unwrap()
}

fn read_all(mut bytes: &[u8]) -> Result<(Content, Vec<Vec<u8>>), TalusFileError> {
    let mut blobs = Vec::new();
    let content = read(&mut bytes, &mut |part| {
        let mut blob = Vec::new();
        part.read_to_end(&mut blob)?;
        blobs.push(blob);
        Ok(())
    })?;
    Ok((content, blobs))
}

fn code(bytes: &[u8]) -> String {
    Failure::from(read_all(bytes).unwrap_err()).code
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        name in ".*",
        project in proptest::collection::vec(any::<u8>(), 0..200),
        comments in proptest::collection::vec(any::<u8>(), 0..200),
        blobs in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 0..4),
    ) {
        let content = content(&name, project, comments);
        let (read, read_blobs) = read_all(&write(&content, &blobs)).unwrap();
        prop_assert_eq!(read, content);
        prop_assert_eq!(read_blobs, blobs);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), magic: bool) {
        let mut file = Vec::new();
        if magic {
            file.extend_from_slice(&MAGIC);
            file.extend_from_slice(&VERSION.to_le_bytes());
        }
        file.extend_from_slice(&bytes);
        prop_assert!(read_all(&file).is_err());
    }

    #[test]
    fn any_changed_byte_is_noticed(at: prop::sample::Index, flip in 1u8..) {
        let content = content("Sketch", vec![1; 40], vec![2; 40]);
        let mut file = write(&content, &[vec![3; 40]]);
        let at = at.index(file.len());
        file[at] ^= flip;
        prop_assert!(read_all(&file).is_err());
    }

    #[test]
    fn any_cut_is_noticed(at: prop::sample::Index) {
        let content = content("Sketch", vec![1; 40], vec![2; 40]);
        let file = write(&content, &[vec![3; 40]]);
        prop_assert!(read_all(&file[..at.index(file.len())]).is_err());
    }
}

#[test]
fn each_kind_of_trouble_has_its_code() {
    let file = write(&content("Sketch", vec![1; 40], vec![2; 40]), &[]);
    assert_eq!(code(b""), "NOT_A_TALUS_FILE");
    assert_eq!(code(b"PK\x03\x04 some archive"), "NOT_A_TALUS_FILE");
    assert_eq!(code(&file[..file.len() - 1]), "FILE_DAMAGED");

    let mut newer = file.clone();
    newer[8] = 2;
    assert_eq!(code(&newer), "NEWER_SCHEMA");

    let mut huge = file.clone();
    huge[13..21].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(code(&huge), "FILE_TOO_LARGE");

    let mut flipped = file.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(code(&flipped), "FILE_DAMAGED");
}

#[test]
fn a_part_from_later_that_may_be_skipped_is_skipped() {
    let content = content("Sketch", vec![1], vec![2]);
    let mut writer = Writer::begin(Vec::new(), &content).unwrap();
    writer.optional_part(b"thumbnail");
    let file = writer.finish().unwrap();
    assert_eq!(read_all(&file).unwrap().0, content);
}

#[test]
fn two_hundred_megabytes_of_nothing_are_refused_before_they_are_read() {
    let mut endless = std::io::repeat(0).take(200 << 20);
    let refused = read(&mut endless, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(refused, TalusFileError::NotATalusFile));
    assert!(endless.limit() > (200 << 20) - 100);
}
