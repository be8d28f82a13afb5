//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

mod actor;
mod draws;

use std::sync::OnceLock;

use crate::hosting::{HostingLink, HostingToken};
use crate::invitation::{Invitation, InvitationSecret};
use crate::key::{DeviceKey, SealingKey};
use crate::pairing::{Code, Showing, Typing};
use crate::passphrase::{self, Cost};
use crate::record::{Record, Role};
use crate::seal::{
    BlobKey, BlobOpener, BlobSealer, EpochKey, Use, open_blob, open_from, seal_blob, seal_to,
};
use crate::{DeviceId, Genesis, Membership, RoomId};

pub use self::{actor::Actor, draws::Draws};

/// Of what is kept under a passphrase.
const PASSPHRASE: &str = "open sesame";
const SECRET: &[u8] = b"a secret";

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("genesis", genesis, genesis_samples),
    ("membership", membership, membership_samples),
    ("membership_record", record, record_samples),
    ("sealed_invitation", invitation, invitation_samples),
    ("hosting_link", hosting_link, hosting_link_samples),
    ("pairing_code", code, code_samples),
    ("pairing", pairing, pairing_samples),
    ("sealed", sealed, sealed_samples),
    ("sealed_chunks", sealed_chunks, sealed_chunks_samples),
    ("locked", locked, locked_samples),
    ("id", id, id_samples),
];

/// The link of a relay.
pub fn hosting_link(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(link) = HostingLink::read(text) {
        assert_eq!(HostingLink::read(&link.to_text()), Ok(link));
    }
}

fn hosting_link_samples() -> Vec<Vec<u8>> {
    let link = HostingLink {
        address: "relay.example:7825".to_owned(),
        device: DeviceId([1; 32]),
        token: HostingToken::from_bytes(&[2; 32]),
    };
    vec![link.to_text().as_bytes().to_vec()]
}

/// A genesis record: there is one encoding of it.
pub fn genesis(bytes: &[u8]) {
    if let Some(genesis) = Genesis::decode(bytes) {
        assert_eq!(genesis.encode(), bytes);
    }
}

/// A membership log: records, each behind two bytes that say how long it is.
pub fn membership(bytes: &[u8]) {
    let records = split(bytes);
    for mut own in [Membership::begin(&sample()), closed().clone()] {
        let before = own.clone();
        if own.merge(&records).is_err() {
            assert_eq!(own, before, "after an error nothing changed");
        }
        assert!(own.is_open() || own.owners().count() > 0);
    }
    if let Ok(mut opened) = Membership::open(&records) {
        assert_eq!(Membership::open(opened.records()).as_ref(), Ok(&opened));
        assert_eq!(opened.merge(&records), Ok(false));
    }
}

/// Parts, each behind two bytes that say how long it is.
fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (part, more) = more.split_at(length);
        parts.push(part);
        rest = more;
    }
    parts
}

/// What [`split`] takes apart.
fn joined(part: &[u8]) -> Vec<u8> {
    let length = u16::try_from(part.len()).expect("a sample is short");
    [&length.to_be_bytes(), part].concat()
}

/// A record: there is one encoding of it.
pub fn record(bytes: &[u8]) {
    if let Ok(record) = Record::decode(bytes) {
        assert_eq!(record.encode(), bytes);
    }
}

/// An invitation as people send it.
pub fn invitation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(invitation) = Invitation::read(text) {
        assert_eq!(Invitation::read(&invitation.to_text()), Ok(invitation));
    }
}

/// A code as people type it.
pub fn code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(code) = text.parse::<Code>() {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}

/// The messages of a pairing, as either side gets them.
pub fn pairing(bytes: &[u8]) {
    let (typing, _) = typing();
    if let Ok((confirming, _)) = typing.confirm(bytes, 0) {
        assert!(confirming.finish(bytes, 0).is_err());
    }
    let showing = Showing::begin(DeviceId([2; 32]), 0, &mut Draws::new(1));
    let answered = showing.answer(DeviceId([1; 32]), bytes, 0, &mut Draws::new(2));
    if let Ok((answered, _)) = answered {
        assert!(answered.finish(bytes, 0).is_err());
    }
}

/// What is sealed: to members, to a device, and as a blob. What opens was sealed so.
pub fn sealed(bytes: &[u8]) {
    let (members, device, blob) = sealing_keys();
    if let Ok(plain) = members.open(Use::Frame, b"header", bytes) {
        assert_eq!(plain, b"payload");
    }
    if let Ok(plain) = open_from(&device, &RoomId([1; 32]), bytes) {
        assert_eq!(plain.as_slice(), members.bytes());
    }
    if let Ok(plain) = open_blob(&blob, bytes) {
        assert_eq!(seal_blob(&blob, &plain), bytes);
    }
}

/// The chunks of a blob, each behind two bytes that say how long it is. What opens was sealed so, in this order and as many.
pub fn sealed_chunks(bytes: &[u8]) {
    let chunks = split(bytes);
    let Some((last, chunks)) = chunks.split_last() else {
        return;
    };
    let (_, _, key) = sealing_keys();
    let (mut opener, mut sealer) = (BlobOpener::new(&key), BlobSealer::new(&key));
    for chunk in chunks {
        let Ok(plain) = opener.next(chunk) else {
            return;
        };
        assert_eq!(sealer.next(&plain).as_deref(), Ok(*chunk));
    }
    if let Ok(plain) = opener.last(last) {
        assert_eq!(sealer.last(&plain).as_deref(), Ok(*last));
    }
}

/// A secret under a passphrase. What says to cost more than a little is left: a guess is meant to take long.
pub fn locked(bytes: &[u8]) {
    let cost = bytes.split_first_chunk::<4>();
    let is_cheap = cost.is_some_and(|(memory_kib, rest)| {
        u32::from_be_bytes(*memory_kib) <= 64 && rest.first().is_some_and(|passes| *passes <= 2)
    });
    if is_cheap && let Ok(secret) = passphrase::unlock(bytes, PASSPHRASE) {
        assert_eq!(secret.as_slice(), SECRET);
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

/// A closed room with a record of every kind.
fn closed() -> &'static Membership {
    static CLOSED: OnceLock<Membership> = OnceLock::new();
    CLOSED.get_or_init(|| full_room().log)
}

fn full_room() -> Actor {
    let mut founder = Actor::founder(1);
    let other = founder.beside(2);
    let mut guest = founder.beside(3);
    let said = [
        founder.add(&other, Role::Editor),
        founder.change(other.device(), None, &[(7, 3)]),
        founder.invite(&InvitationSecret::from_seed(&[1; 32]), Role::Viewer, 1),
    ];
    assert!(said.iter().all(Result::is_ok));
    guest.hear(&founder);
    guest
        .join(&InvitationSecret::from_seed(&[1; 32]))
        .expect("she is invited");
    founder.hear(&guest);
    guest.leave(&[(7, 3)]).expect("she is a member");
    founder.hear(&guest);
    founder.begin_epoch().expect("she has the keys");
    let again = founder.readmit(guest.device(), Role::Commenter);
    again.expect("she is no member");
    let invitations: Vec<_> = founder.log.invitations().map(|(id, _)| *id).collect();
    for invitation in invitations {
        let revoked = founder.log.revoke(&founder.key, invitation);
        revoked.expect("an owner revokes");
    }
    founder
}

fn typing() -> (Typing, Vec<u8>) {
    let code: Code = "271828".parse().expect("six digits");
    let random = &mut Draws::new(3);
    Typing::begin(&code, DeviceId([1; 32]), DeviceId([2; 32]), 0, random)
}

fn sealing_keys() -> (EpochKey, SealingKey, BlobKey) {
    (
        EpochKey::from_bytes(&[1; 32]),
        SealingKey::from_bytes(&[2; 32]),
        BlobKey::from_bytes(&[3; 32]),
    )
}

fn genesis_samples() -> Vec<Vec<u8>> {
    let owner = DeviceKey::from_seed(&[1; 32]).public();
    vec![sample().encode(), Genesis::closed(&owner, [2; 32]).encode()]
}

fn record_samples() -> Vec<Vec<u8>> {
    closed()
        .history()
        .map(|(_, record)| record.encode())
        .collect()
}

fn invitation_samples() -> Vec<Vec<u8>> {
    let owner = DeviceKey::from_seed(&[1; 32]).public();
    let invitation = Invitation {
        genesis: Genesis::closed(&owner, [2; 32]),
        secret: InvitationSecret::from_seed(&[3; 32]),
        hints: vec!["relay.example:443".to_owned()],
    };
    vec![invitation.to_text().as_bytes().to_vec()]
}

fn code_samples() -> Vec<Vec<u8>> {
    vec![b"012 345".to_vec()]
}

fn pairing_samples() -> Vec<Vec<u8>> {
    let (_, message) = typing();
    let showing = Showing::begin(DeviceId([2; 32]), 0, &mut Draws::new(1));
    let answered = showing.answer(DeviceId([1; 32]), &message, 0, &mut Draws::new(2));
    let (_, answer) = answered.expect("it is a message");
    vec![message, answer, vec![0; 32]]
}

fn sealed_samples() -> Vec<Vec<u8>> {
    let (members, device, blob) = sealing_keys();
    let random = &mut Draws::new(1);
    let to_device = seal_to(&device.public(), &RoomId([1; 32]), members.bytes(), random);
    vec![
        members.seal(Use::Frame, b"header", b"payload", random),
        to_device.expect("it is a key"),
        seal_blob(&blob, b"an attachment"),
    ]
}

fn sealed_chunks_samples() -> Vec<Vec<u8>> {
    let (_, _, key) = sealing_keys();
    let mut sealer = BlobSealer::new(&key);
    let mut sealed: Vec<Vec<u8>> = [&b"a chunk"[..], b"", b"another"]
        .into_iter()
        .map(|plain| joined(&sealer.next(plain).expect("there are few")))
        .collect();
    sealed.push(joined(&sealer.last(b"the last").expect("there are few")));
    vec![sealed.concat(), sealed[3].clone()]
}

fn locked_samples() -> Vec<Vec<u8>> {
    let cost = Cost {
        memory_kib: 16,
        passes: 1,
        lanes: 1,
    };
    vec![passphrase::lock(
        SECRET,
        PASSPHRASE,
        cost,
        &mut Draws::new(1),
    )]
}

fn membership_samples() -> Vec<Vec<u8>> {
    let own = joined(&sample().encode());
    let other = joined(&Genesis::new([1; 32], [3; 32]).encode());
    let closed: Vec<Vec<u8>> = closed().records().iter().map(|one| joined(one)).collect();
    vec![
        closed.concat(),
        own.clone(),
        [own.clone(), own.clone()].concat(),
        [own, joined(b"from the future")].concat(),
        other,
    ]
}

fn id_samples() -> Vec<Vec<u8>> {
    vec![sample().room().to_string().into_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_takes_its_samples_cut_short_and_changed() {
        for (name, body, samples) in BODIES {
            for sample in samples() {
                body(&sample);
                let step = 1 + sample.len() / 40;
                for place in (0..sample.len()).step_by(step) {
                    body(&sample[..place]);
                    let mut changed = sample.clone();
                    changed[place] ^= 4;
                    body(&changed);
                }
            }
            assert!(!samples().is_empty(), "{name}");
        }
    }
}
