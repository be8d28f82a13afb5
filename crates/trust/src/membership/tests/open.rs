//! Rooms that are open.

use super::super::*;

fn genesis() -> Genesis {
    Genesis::new([1; 32], [2; 32])
}

#[test]
fn a_log_is_read_back() {
    let membership = Membership::begin(&genesis());
    assert_eq!(Membership::open(membership.records()), Ok(membership));
}

#[test]
fn merging_the_same_log_changes_nothing() {
    let mut membership = Membership::begin(&genesis());
    let records = membership.records().to_vec();
    assert_eq!(membership.merge(&records), Ok(false));
}

#[test]
fn m2_the_log_of_another_room_is_refused() {
    let mut membership = Membership::begin(&genesis());
    let other = Genesis::new([1; 32], [3; 32]).encode();
    assert_eq!(membership.merge(&[other]), Err(MembershipError::OtherRoom));
    assert_eq!(
        membership.merge(&[b"no record"]),
        Err(MembershipError::NoGenesis)
    );
    assert_eq!(
        membership.merge::<Vec<u8>>(&[]),
        Err(MembershipError::NoGenesis)
    );
}

#[test]
fn m4_a_record_of_an_unknown_kind_closes_the_door() {
    let records = [genesis().encode(), b"from the future".to_vec()];
    assert_eq!(
        Membership::open(&records),
        Err(MembershipError::UnknownRecord)
    );
    let mut later = genesis();
    later.version = 3;
    assert_eq!(
        Membership::open(&[later.encode()]),
        Err(MembershipError::UnknownRecord)
    );
}

#[test]
fn m3_a_room_of_a_genesis_alone_is_open() {
    let membership = Membership::begin(&genesis());
    for right in [Right::Read, Right::Comment, Right::Edit] {
        assert_eq!(membership.permits(&DeviceId([9; 32]), right), Ok(()));
    }
}

/// Whoever founded it cannot close it, nor can anybody else.
#[test]
fn m3_an_open_room_has_no_other_record() {
    let key = crate::key::DeviceKey::from_seed(&[1; 32]);
    let genesis = Genesis::new(key.public().0, [2; 32]);
    let mut membership = Membership::begin(&genesis);
    let content = Content::Revoked(RecordId([1; 32]));
    let deps = vec![RecordId(genesis.room().0)];
    let record = Record::sign(genesis.room(), deps, content, &key).encode();
    let merged = membership.merge(&[genesis.encode(), record]);
    assert_eq!(merged, Err(MembershipError::UnknownRecord));
    assert!(membership.is_open());
}
