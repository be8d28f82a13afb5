//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

mod draws;

use crate::{DeviceId, Genesis, Membership, RoomId};

pub use self::draws::Draws;

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("genesis", genesis, genesis_samples),
    ("membership", membership, membership_samples),
    ("id", id, id_samples),
];

/// A genesis record: there is one encoding of it.
pub fn genesis(bytes: &[u8]) {
    if let Some(genesis) = Genesis::decode(bytes) {
        assert_eq!(genesis.encode(), bytes);
    }
}

/// A membership log: records, each behind two bytes that say how long it is.
pub fn membership(bytes: &[u8]) {
    let mut records = Vec::new();
    let mut rest = bytes;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (record, more) = more.split_at(length);
        records.push(record);
        rest = more;
    }
    let mut own = Membership::begin(&sample());
    let before = own.clone();
    if own.merge(&records).is_err() {
        assert_eq!(own, before, "after an error nothing changed");
    }
    if let Ok(mut opened) = Membership::open(&records) {
        assert_eq!(Membership::open(opened.records()).as_ref(), Ok(&opened));
        assert_eq!(opened.merge(&records), Ok(false));
    }
}

/// An id as people and settings have it.
pub fn id(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(id) = text.parse::<RoomId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    if let Ok(id) = text.parse::<DeviceId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}

fn sample() -> Genesis {
    Genesis::new([1; 32], [2; 32])
}

fn genesis_samples() -> Vec<Vec<u8>> {
    vec![sample().encode()]
}

fn membership_samples() -> Vec<Vec<u8>> {
    let record = |record: &[u8]| {
        let length = u16::try_from(record.len()).expect("a sample is short");
        [&length.to_be_bytes(), record].concat()
    };
    let own = record(&sample().encode());
    let other = record(&Genesis::new([1; 32], [3; 32]).encode());
    vec![
        own.clone(),
        [own.clone(), own.clone()].concat(),
        [own, record(b"from the future")].concat(),
        other,
    ]
}

fn id_samples() -> Vec<Vec<u8>> {
    vec![sample().room().to_string().into_bytes()]
}
