//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.

use std::io::{self, Read};

use graph::ChangeHash;
use graph::document::Document;
use graph::id::{NodeId, PersonId};
use graph::person::Person;
use image::{DynamicImage, ImageFormat};
use serde::Serialize;
use serde::de::DeserializeOwned;
use trust::key::{DeviceKey, SealingKey};
use trust::{Genesis, Membership};
use uuid::Uuid;

use crate::device_keys::{self, DeviceKeys};
use crate::invitation::Invitation;
use crate::pairing::delivery::{self, Offer, Taken};
use crate::request::{ProjectId, Request};
use crate::requests::read_thumbnail;
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
    ("device-keys", device_keys, device_keys_samples),
    ("pairing-offer", pairing_offer, pairing_offer_samples),
    ("thumbnail", thumbnail, thumbnail_samples),
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

/// The file of this installation's keys, of which the check is right. There is one encoding of them.
pub fn device_keys(bytes: &[u8]) {
    let mut secret = bytes.to_vec();
    device_keys::add_check(&mut secret);
    if let Some(keys) = DeviceKeys::from_secret(&secret) {
        assert_eq!(*keys.to_secret(), secret);
    }
}

/// What two machines say to each other once they are paired. Names are shown short and on one line.
pub fn pairing_offer(bytes: &[u8]) {
    let names = [
        delivery::decode(bytes).map(|it: Offer| again(&it).name),
        delivery::decode(bytes).map(|it: Taken| again(&it).name),
    ];
    for name in names
        .iter()
        .flatten()
        .filter_map(|name| delivery::shown(name))
    {
        assert!(name.chars().count() <= 64 && !name.contains(char::is_control));
    }
}

fn again<T: Serialize + DeserializeOwned>(message: &T) -> T {
    let encoded = delivery::encode(message);
    delivery::decode(&encoded).expect("it was written")
}

/// A file of which a small picture is made: that is one, and small.
pub fn thumbnail(bytes: &[u8]) {
    if let Some(png) = read_thumbnail::shrunk(bytes, 1 << 16) {
        let side = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert!(png.starts_with(b"\x89PNG") && side(16) <= 96 && side(20) <= 96);
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

fn device_keys_samples() -> Vec<Vec<u8>> {
    let keys = DeviceKeys {
        signing: DeviceKey::from_seed(&[1; 32]),
        sealing: SealingKey::from_bytes(&[2; 32]),
    };
    let secret = keys.to_secret();
    vec![device_keys::checked(&secret).expect("it is whole").to_vec()]
}

fn pairing_offer_samples() -> Vec<Vec<u8>> {
    let offer = Offer {
        invitation: Some("talus://join#e30".into()),
        name: "Ana".to_owned(),
        mine: None,
    };
    let taken = Taken {
        failed: Some("NOT_AN_INVITATION".to_owned()),
        name: "Ben".to_owned(),
    };
    vec![delivery::encode(&offer), delivery::encode(&taken)]
}

fn thumbnail_samples() -> Vec<Vec<u8>> {
    let picture = DynamicImage::new_rgb8(9, 5);
    let formats = [
        ImageFormat::Bmp,
        ImageFormat::Gif,
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
    ];
    let written = formats.map(|format| {
        let mut file = io::Cursor::new(Vec::new());
        let written = picture.write_to(&mut file, format);
        written.expect("memory takes it");
        file.into_inner()
    });
    written.into()
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
