use proptest::prelude::*;

use super::*;
use crate::testing::Draws;

const CHUNK: usize = SEALED_CHUNK_BYTES;

fn key() -> BlobKey {
    BlobKey::from_bytes(&[3; 32])
}

fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

#[test]
fn another_content_or_another_room_has_another_key() {
    let of = |epoch: u8, content: u8| {
        BlobKey::of_content(&EpochKey::from_bytes(&[epoch; 32]), &[content; 32])
    };
    assert_eq!(of(1, 1), of(1, 1));
    assert!(of(1, 1) != of(1, 2) && of(1, 1) != of(2, 1));
}

#[test]
fn a_blob_of_any_length_is_read_back_and_its_size_is_known() {
    for length in [
        0,
        1,
        BLOB_CHUNK_BYTES - 1,
        BLOB_CHUNK_BYTES,
        BLOB_CHUNK_BYTES + 1,
        2 * BLOB_CHUNK_BYTES,
        200_000,
    ] {
        let sealed = seal_blob(&key(), &plain(length));
        assert_eq!(open_blob(&key(), &sealed), Ok(plain(length)), "{length}");
        assert_eq!(sealed_blob_bytes(length as u64), sealed.len() as u64);
        assert_eq!(plain_blob_bytes(sealed.len() as u64), length as u64);
    }
    assert_eq!(plain_blob_bytes(3), 0);
    assert_eq!(sealed_blob_bytes(u64::MAX), u64::MAX);
}

#[test]
fn a_thief_cannot_cut_swap_repeat_or_change() {
    let sealed = seal_blob(&key(), &plain(3 * BLOB_CHUNK_BYTES + 5));
    let chunks: Vec<&[u8]> = sealed.chunks(CHUNK).collect();
    let [a, b, c, d] = chunks[..] else {
        panic!("{} chunks", chunks.len())
    };
    let mut changed = sealed.clone();
    changed[CHUNK + 7] ^= 1;
    for wrong in [
        [a, b, c].concat(),
        [a, b].concat(),
        [b, a, c, d].concat(),
        [a, b, c, c, d].concat(),
        [a, b, d].concat(),
        [a, b, c, d, d].concat(),
        sealed[..sealed.len() - 1].to_vec(),
        vec![],
        changed,
    ] {
        assert_eq!(open_blob(&key(), &wrong), Err(DoesNotOpen));
    }
    assert_eq!(
        open_blob(&BlobKey::from_bytes(&[4; 32]), &sealed),
        Err(DoesNotOpen)
    );
}

#[test]
fn a_cloned_machine_draws_no_key_for_another_content() {
    let draw = |content: u8, seed| BlobKey::draw(&[content; 32], &mut Draws::new(seed));
    assert_eq!(draw(1, 1), draw(1, 1));
    assert!(draw(1, 1) != draw(2, 1) && draw(1, 1) != draw(1, 2));
}

#[test]
fn nothing_secret_is_shown() {
    assert_eq!(format!("{:?}", key()), "BlobKey");
}

/// Lengths around the ends of chunks, and any.
fn lengths() -> impl Strategy<Value = usize> {
    let around = (0..4_usize, -2_isize..3)
        .prop_map(|(chunks, by)| (chunks * BLOB_CHUNK_BYTES).saturating_add_signed(by));
    prop_oneof![around, 0..3 * BLOB_CHUNK_BYTES]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_opens_and_whatever_bit_is_changed_does_not(
        length in lengths(),
        seed in any::<[u8; 32]>(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let (key, plain) = (BlobKey::from_bytes(&seed), plain(length));
        let mut sealed = seal_blob(&key, &plain);
        prop_assert_eq!(sealed.len() as u64, sealed_blob_bytes(length as u64));
        prop_assert_eq!(open_blob(&key, &sealed), Ok(plain));
        prop_assert_eq!(open_blob(&key, &sealed[..cut.index(sealed.len())]), Err(DoesNotOpen));
        sealed[place.index(length + TAG_BYTES)] ^= 1 << bit;
        prop_assert_eq!(open_blob(&key, &sealed), Err(DoesNotOpen));
    }
}
