use super::*;
use crate::key::SealingKey;

const ROOM: RoomId = RoomId([5; 32]);

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed(&[seed; 32])
}

fn certificate(seed: u8) -> SealingCertificate {
    SealingKey::from_bytes(&[seed; 32]).certify(&key(seed))
}

fn sealed(epoch: u64) -> SealedKey {
    SealedKey {
        epoch: EpochId(epoch),
        sealed: vec![9; 80],
    }
}

fn opened() -> Opened {
    Opened {
        key: key(50).public(),
        sealing: SealingKey::from_bytes(&[50; 32]).public(),
        role: Role::Editor,
        expires_ms: 1_000,
        uses: 2,
        epoch: sealed(3),
    }
}

fn contents() -> Vec<Content> {
    vec![
        Content::Added(Added {
            device: key(2).public(),
            sealing: certificate(2),
            role: Role::Commenter,
            epoch: Some(sealed(4)),
        }),
        Content::Added(Added {
            device: key(1).public(),
            sealing: certificate(1),
            role: Role::Owner,
            epoch: None,
        }),
        Content::Changed(Changed {
            device: key(2).device(),
            role: None,
            cut: Cut::from([(7, 3), (u64::MAX, 1)]),
        }),
        Content::Changed(Changed {
            device: key(2).device(),
            role: Some(Role::Viewer),
            cut: Cut::new(),
        }),
        Content::Opened(opened()),
        Content::Revoked(RecordId([8; 32])),
        Content::Begun(Begun {
            previous: vec![sealed(1)],
            members: vec![(key(1).device(), vec![1; 80])],
            invitations: vec![(RecordId([8; 32]), vec![2; 80])],
        }),
    ]
}

fn records() -> Vec<Record> {
    let deps = vec![RecordId([1; 32]), RecordId([2; 32])];
    let sign = |content| Record::sign(ROOM, deps.clone(), content, &key(1));
    let mut records: Vec<Record> = contents().into_iter().map(sign).collect();
    let invitation = (RecordId([8; 32]), &key(50));
    records.push(Record::join(
        ROOM,
        deps,
        invitation,
        certificate(3).key,
        &key(3),
    ));
    records
}

fn later_records() -> Vec<Record> {
    let contents = [
        Content::Left(Left {
            of: RecordId([8; 32]),
            cut: Cut::from([(7, 3), (u64::MAX, 1)]),
        }),
        Content::Readmitted(Readmitted {
            device: key(2).device(),
            role: Role::Editor,
            epoch: sealed(3),
        }),
    ];
    let sign = |content| Record::sign(ROOM, vec![RecordId([1; 32])], content, &key(1));
    contents.into_iter().map(sign).collect()
}

#[test]
fn every_record_is_read_back() {
    for record in records().into_iter().chain(later_records()) {
        assert_eq!(Record::decode(&record.encode()), Ok(record));
    }
}

#[test]
fn the_bytes_of_records_are_frozen() {
    let all: Vec<u8> = records().iter().flat_map(Record::encode).collect();
    assert_eq!(
        blake3::hash(&all).to_string(),
        "797775188b94cfe0c1cb72be6faa2ff1f295454c4def013539e16844507736b1"
    );
    let later: Vec<u8> = later_records().iter().flat_map(Record::encode).collect();
    assert_eq!(
        blake3::hash(&later).to_string(),
        "1173bc8e22b3301350faec4487d89368003867fbaca06f07484fdbb3e0f937d1"
    );
}

#[test]
fn no_changed_byte_passes() {
    for record in records().into_iter().chain(later_records()) {
        let bytes = record.encode();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(Record::decode(&changed).is_err(), "{record:?} at {place}");
        }
        assert!(Record::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Record::decode(&[bytes, vec![0]].concat()).is_err());
    }
}

#[test]
fn a_join_is_signed_by_its_invitation_as_a_whole() {
    let join = records().pop().unwrap();
    assert_eq!(
        join.is_admitted_by(&opened(), &mut Keyring::default()),
        Ok(())
    );
    let elsewhere = Opened {
        key: key(51).public(),
        ..opened()
    };
    assert_eq!(
        join.is_admitted_by(&elsewhere, &mut Keyring::default()),
        Err(BadSignature)
    );

    // Another device cannot take the admission of the first for itself.
    let mut stolen = join.clone();
    if let Content::Joined(joined) = &mut stolen.content {
        joined.sealing = certificate(4).key;
    }
    let stolen = Record::sign(ROOM, stolen.deps, stolen.content, &key(4));
    assert!(Record::decode(&stolen.encode()).is_ok());
    assert_eq!(
        stolen.is_admitted_by(&opened(), &mut Keyring::default()),
        Err(BadSignature)
    );
}

#[test]
fn what_no_signer_can_mean_is_refused() {
    let refused = |deps: &[u8], content: Content| {
        let deps = deps.iter().map(|dep| RecordId([*dep; 32])).collect();
        let record = Record::sign(ROOM, deps, content, &key(1));
        match Record::decode(&record.encode()) {
            Err(RecordError::Contradictory(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    let content = || Content::Revoked(RecordId([1; 32]));
    assert_eq!(refused(&[], content()), "it has no past");
    assert_eq!(refused(&[2, 1], content()), "its past is not in order");
    assert_eq!(refused(&[1, 1], content()), "its past is not in order");
    let owners = Opened {
        role: Role::Owner,
        ..opened()
    };
    assert_eq!(refused(&[1], Content::Opened(owners)), "it invites owners");
    let nobody = Opened {
        uses: 0,
        ..opened()
    };
    assert_eq!(refused(&[1], Content::Opened(nobody)), "it invites nobody");
    let again = Readmitted {
        device: key(2).device(),
        role: Role::Owner,
        epoch: sealed(3),
    };
    let why = "it lets owners in again";
    assert_eq!(refused(&[1], Content::Readmitted(again)), why);
    for places in [[2, 1], [1, 1]] {
        let begun = |members, invitations| {
            Content::Begun(Begun {
                previous: vec![],
                members,
                invitations,
            })
        };
        let devices = places.map(|byte| (DeviceId([byte; 32]), vec![byte]));
        let names = places.map(|byte| (RecordId([byte; 32]), vec![byte]));
        let why = "members are not in order";
        assert_eq!(refused(&[1], begun(devices.to_vec(), vec![])), why);
        let why = "invitations are not in order";
        assert_eq!(refused(&[1], begun(vec![], names.to_vec())), why);
    }
}

/// A past of more records than a reader looks at, and an array of pairs with half a pair.
#[test]
fn what_is_written_otherwise_is_no_record() {
    let deps = |number: u8| -> Vec<RecordId> {
        let bytes = 0..number;
        bytes.map(|byte| RecordId([byte; 32])).collect()
    };
    let revoked = |number| {
        Record::sign(
            ROOM,
            deps(number),
            Content::Revoked(RecordId([1; 32])),
            &key(1),
        )
    };
    assert!(Record::decode(&revoked(MAX_DEPS as u8).encode()).is_ok());
    let unknown = Err(RecordError::Unknown);
    assert_eq!(
        Record::decode(&revoked(MAX_DEPS as u8 + 1).encode()),
        unknown
    );

    let bytes = revoked(1).encode();
    assert_eq!(bytes[..2], [0x87, VERSION as u8]);
    // The same number, written in two bytes.
    let long = [&bytes[..1], &[0x18, VERSION as u8], &bytes[2..]].concat();
    assert_eq!(Record::decode(&long), unknown);
    let mut later = bytes.clone();
    later[1] += 1;
    assert_eq!(Record::decode(&later), unknown);
    let left = later_records().remove(0).encode();
    let cut = left.windows(2).rposition(|it| it == [0x84, 7]).unwrap();
    let mut odd = left;
    odd[cut] -= 1;
    assert_eq!(Record::decode(&odd), unknown);
}
