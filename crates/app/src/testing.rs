//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

use std::io::{self, Read};

use graph::ChangeHash;
use graph::document::Document;
use graph::id::{NodeId, PersonId};
use graph::person::Person;
use trust::{Genesis, Membership};
use uuid::Uuid;

use crate::invitation::Invitation;
use crate::request::{ProjectId, Request};
use crate::room::{Framed, Presence};
use crate::rooms;
use crate::talus_file::{self, Content, Manifest, TalusFileError, Writer};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("invitation", invitation, invitation_samples),
    ("talus-file", talus_file, talus_file_samples),
    ("framed", framed, framed_samples),
    ("members", members, members_samples),
    ("presence", presence, presence_samples),
    ("request", request, request_samples),
];

/// The text by which a room is joined. What was read is written and read again, and has a room.
pub fn invitation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(invitation) = Invitation::read(text) {
        let again = Invitation::read(&invitation.to_text());
        assert_eq!(again.as_ref(), Ok(&invitation));
        // A record that only a later version knows closes the door.
        let _ = invitation.membership();
    }
}

/// A `.talus` file. What was read is written and read again.
pub fn talus_file(bytes: &[u8]) {
    if let Ok((content, blobs)) = read(bytes) {
        assert_eq!(read(&write(&content, &blobs)).ok(), Some((content, blobs)));
    }
}

/// What is kept of which changes are in frames. It has one encoding.
pub fn framed(bytes: &[u8]) {
    if let Some(framed) = Framed::decode(bytes) {
        assert_eq!(Framed::decode(&framed.encode()), Some(framed));
    }
}

/// The log of members as a room keeps it.
pub fn members(bytes: &[u8]) {
    let Some(records) = rooms::decode_members(bytes) else {
        return;
    };
    if let Ok(membership) = Membership::open(&records) {
        let kept = rooms::encode_members(&membership);
        assert_eq!(
            rooms::decode_members(&kept).as_deref(),
            Some(membership.records())
        );
    }
}

/// Who somebody says to be. It is short and on one line.
pub fn presence(bytes: &[u8]) {
    if let Some(presence) = Presence::decode(bytes) {
        assert!(!presence.profile.name.contains(char::is_control));
        assert_eq!(presence.profile.colour.len(), 7);
        assert_eq!(Presence::decode(&presence.encode()), Some(presence));
    }
}

/// What a window asks.
pub fn request(bytes: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let json = serde_json::to_vec(&request).expect("a request becomes JSON");
        let again: Request = serde_json::from_slice(&json).expect("it was written");
        assert_eq!(again, request);
    }
}

type Blobs = Vec<Vec<u8>>;

fn read(bytes: &[u8]) -> Result<(Content, Blobs), TalusFileError> {
    let mut blobs = Vec::new();
    let mut keep = |part: &mut dyn Read| {
        let mut blob = Vec::new();
        part.read_to_end(&mut blob)?;
        blobs.push(blob);
        Ok(())
    };
    let content = talus_file::read(&mut io::Cursor::new(bytes), &mut keep)?;
    Ok((content, blobs))
}

fn write(content: &Content, blobs: &Blobs) -> Vec<u8> {
    let write = || {
        let mut writer = Writer::begin(Vec::new(), content)?;
        for blob in blobs {
            writer.blob(blob.len() as u64, |out| Ok(out.write_all(blob)?))?;
        }
        writer.finish()
    };
    write().expect("memory takes it")
}

fn genesis() -> Genesis {
    Genesis::new([1; 32], [2; 32])
}

fn invitation_samples() -> Vec<Vec<u8>> {
    let addresses = ["192.168.1.7:7400", "relay.example:443"];
    let addresses = addresses.iter().filter_map(|it| it.parse().ok());
    let invitation = Invitation {
        genesis: genesis().encode(),
        addresses: addresses.collect(),
    };
    vec![invitation.to_text().into_bytes()]
}

fn talus_file_samples() -> Vec<Vec<u8>> {
    let content = Content {
        manifest: Manifest {
            name: "Sample".to_owned(),
            template: "book".to_owned(),
            created_ms: 1,
            exported_ms: 2,
            node_count: 3,
            program: "Talus Tally".to_owned(),
        },
        project: b"a document".to_vec(),
        comments: b"another".to_vec(),
    };
    vec![
        write(&content, &Vec::new()),
        write(&content, &vec![b"an attachment".to_vec(), Vec::new()]),
    ]
}

fn framed_samples() -> Vec<Vec<u8>> {
    let mut framed = Framed::default();
    let empty = framed.encode();
    framed.all(
        Document::Project,
        vec![ChangeHash([1; 32]), ChangeHash([2; 32])],
    );
    vec![empty, framed.encode()]
}

fn members_samples() -> Vec<Vec<u8>> {
    vec![rooms::encode_members(&Membership::begin(&genesis()))]
}

fn presence_samples() -> Vec<Vec<u8>> {
    let presence = Presence {
        person: PersonId(Uuid::from_u128(1)),
        profile: Person {
            name: "Ana".to_owned(),
            colour: "#4C9BE8".to_owned(),
        },
        node: Some(NodeId(Uuid::from_u128(2))),
        field: Some("title".into()),
        typing: true,
    };
    vec![presence.encode().to_vec()]
}

fn request_samples() -> Vec<Vec<u8>> {
    let project = ProjectId(Uuid::from_u128(1));
    let node = NodeId(Uuid::from_u128(2));
    let requests = [
        Request::Start,
        Request::Apply {
            project,
            command: graph::command::Command::TrashNodes { nodes: vec![node] },
        },
        Request::JoinProject {
            invitation: "talus://join#e30".into(),
        },
        Request::PutPresence {
            project,
            node: Some(node),
            field: None,
            is_typing: false,
        },
    ];
    let json = requests.map(|request| serde_json::to_vec(&request));
    json.into_iter()
        .map(|json| json.expect("a request becomes JSON"))
        .collect()
}
