//! Attachments between installations, over real sockets of this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use app::attachments::{Attachment, AttachmentStage};
use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::settings::Settings;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph::id::{BlobId, FieldId, NodeId};
use graph::value::Value;
use relay::Address;
use sync::limits::BLOB_PIECE_BYTES;
use sync::{BlobMessage, BlobName, BlobPiece, Message};
use testkit::links::{Proxy, Raw, Site};
use tokio::sync::broadcast::Receiver;
use trust::Membership;
use trust::seal::sealed_blob_bytes;

use crate::desk::{Desk, heard, opened, row};

const MB: usize = 1 << 20;

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at * 31 / 7 % 253) as u8).collect()
}

async fn invitation(desk: &Desk, project: ProjectId) -> serde_json::Value {
    desk.app.share_openly(project).await.unwrap();
    let Reply::Invitation { invitation } = desk.call(Request::Invite { project }).await else {
        panic!("no invitation")
    };
    let fragment = invitation.strip_prefix("talus://join#").unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(fragment).unwrap()).unwrap()
}

/// The same room at another address.
async fn join(desk: &Desk, mut invitation: serde_json::Value, at: &Address) -> ProjectId {
    invitation["addresses"] = serde_json::json!([at.to_string()]);
    let json = serde_json::to_vec(&invitation).unwrap();
    let invitation = format!("talus://join#{}", URL_SAFE_NO_PAD.encode(json)).into();
    opened(desk.call(Request::JoinProject { invitation }).await)
}

fn address_of(invitation: &serde_json::Value) -> SocketAddr {
    invitation["addresses"][0]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Attaches a file to a new node.
async fn attach(desk: &Desk, project: ProjectId, content: &[u8]) -> (NodeId, BlobId) {
    let node = desk.add_root(project, "With a file").await;
    let path = desk.path("plan.bin");
    std::fs::write(&path, content).unwrap();
    let field = FieldId::from("attachments");
    let request = Request::AttachFile {
        project,
        node,
        field: field.clone(),
        path,
    };
    desk.call(request).await;
    let snapshot = desk.snapshot(project).await;
    let Some(Value::Files(files)) = row(&snapshot, node).4.get(&field) else {
        panic!("nothing is attached")
    };
    (node, files.keys().next().unwrap().clone())
}

/// Waits until it is told that an attachment stands so.
pub async fn stands(
    events: &mut Receiver<Arc<Event>>,
    blob: &BlobId,
    wanted: impl Fn(&Attachment) -> bool,
) -> Attachment {
    heard(events, |event| match event {
        Event::Attachments { attachments, .. } => attachments
            .iter()
            .find(|it| it.blob == *blob && wanted(it))
            .cloned(),
        _ => None,
    })
    .await
}

pub fn is_here(attachment: &Attachment) -> bool {
    attachment.stage == AttachmentStage::Here
}

pub async fn missing(desk: &Desk, project: ProjectId) -> Vec<Attachment> {
    match desk.call(Request::ListAttachments { project }).await {
        Reply::Attachments { attachments } => attachments,
        other => panic!("{other:?}"),
    }
}

async fn allow_mb(desk: &Desk, attachments_mb: u32) {
    let settings = Settings {
        attachments_mb,
        ..Settings::default()
    };
    desk.call(Request::PutSettings { settings }).await;
}

fn name_of(blob: &BlobId) -> BlobName {
    let hash: store::BlobHash = blob.as_str().parse().unwrap();
    BlobName(hash.0)
}

#[tokio::test]
async fn an_attachment_arrives_byte_by_byte_and_its_progress_is_told() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("blank", false).await;
    let invitation = invitation(&ana, at_anas).await;
    let cable = Proxy::start(address_of(&invitation)).await;
    let at_bens = join(&ben, invitation, &cable.address().into()).await;
    let mut events = ben.app.events();
    let content = content(5 * MB + 17);
    // So much that it is on its way, and not all.
    cable.allow(2 * MB as u64);
    let (_, blob) = attach(&ana, at_anas, &content).await;
    let coming = stands(
        &mut events,
        &blob,
        |it| matches!(it.stage, AttachmentStage::Coming { kept_bytes, .. } if kept_bytes > MB as u64),
    );
    let AttachmentStage::Coming {
        kept_bytes,
        total_bytes,
    } = coming.await.stage
    else {
        panic!("it is coming")
    };
    assert!(kept_bytes < total_bytes && total_bytes == sealed_blob_bytes(content.len() as u64));
    assert_eq!(missing(&ben, at_bens).await.len(), 1);
    cable.allow(u64::MAX / 2);
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content);
    assert_eq!(missing(&ben, at_bens).await, []);
}

#[tokio::test]
async fn after_a_restart_in_the_middle_nothing_is_sent_twice() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("blank", false).await;
    let invitation = invitation(&ana, at_anas).await;
    let cable = Proxy::start(address_of(&invitation)).await;
    let at_bens = join(&ben, invitation, &cable.address().into()).await;
    let content = content(6 * MB);
    let mut events = ben.app.events();
    cable.allow(4 * MB as u64);
    let (_, blob) = attach(&ana, at_anas, &content).await;
    let has_much = |it: &Attachment| matches!(it.stage, AttachmentStage::Coming { kept_bytes, .. } if kept_bytes > 3 * MB as u64);
    stands(&mut events, &blob, has_much).await;
    let ben = ben.restart_shared("127.0.0.1:0".parse().unwrap()).await;
    let before = cable.passed();
    cable.allow(u64::MAX / 2);
    let mut events = ben.app.events();
    ben.open(at_bens).await;
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content);
    let again = cable.passed() - before;
    assert!(again < 3 * MB as u64 + MB as u64 / 4, "{again} bytes");
}

#[tokio::test]
async fn what_is_not_here_says_who_has_it_also_while_they_are_away() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    ana.call(Request::PutMe {
        me: graph::person::Person {
            name: "Ana".to_owned(),
            colour: "#123456".to_owned(),
        },
    })
    .await;
    let at_anas = ana.create("blank", false).await;
    let invitation = invitation(&ana, at_anas).await;
    allow_mb(&ben, 0).await;
    let home = address_of(&invitation);
    let at_bens = join(&ben, invitation, &home.into()).await;
    let mut events = ben.app.events();
    let (_, blob) = attach(&ana, at_anas, &content(MB)).await;
    let refused = stands(&mut events, &blob, |it| {
        matches!(&it.stage, AttachmentStage::Failed { failure } if failure.code == "ATTACHMENT_QUOTA")
            && it.holders.iter().any(|holder| holder.is_linked)
    });
    let is_ana = |holder: &app::attachments::Holder| holder.name.as_deref() == Some("Ana");
    assert!(refused.await.holders.iter().any(is_ana));
    ana.app.close().await.unwrap();
    drop(ana.app);

    // There is room now, and nobody who has it.
    allow_mb(&ben, 100).await;
    let fetch = Request::FetchAttachment {
        project: at_bens,
        blob: blob.clone(),
    };
    ben.call(fetch).await;
    let away = stands(&mut events, &blob, |it| {
        it.stage == AttachmentStage::Missing && it.holders.iter().all(|holder| !holder.is_linked)
    });
    let away = away.await;
    assert_eq!(away.holders[0].name.as_deref(), Some("Ana"), "{away:?}");

    // After a restart it is known from who attached it.
    let ben = ben.restart().await;
    ben.open(at_bens).await;
    let listed = loop {
        match missing(&ben, at_bens).await.pop() {
            Some(listed) => break listed,
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(listed.holders[0].name.as_deref(), Some("Ana"), "{listed:?}");
}

#[tokio::test]
async fn an_attachment_that_is_stopped_comes_when_it_is_asked_for() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("blank", false).await;
    let invitation = invitation(&ana, at_anas).await;
    let cable = Proxy::start(address_of(&invitation)).await;
    let at_bens = join(&ben, invitation, &cable.address().into()).await;
    let mut events = ben.app.events();
    cable.allow(MB as u64);
    let content = content(3 * MB);
    let (_, blob) = attach(&ana, at_anas, &content).await;
    let comes = |it: &Attachment| matches!(it.stage, AttachmentStage::Coming { kept_bytes, .. } if kept_bytes > 0);
    stands(&mut events, &blob, comes).await;
    let about = |blob: &BlobId| (at_bens, blob.clone());
    let (project, name) = about(&blob);
    ben.call(Request::StopAttachment {
        project,
        blob: name,
    })
    .await;
    stands(&mut events, &blob, |it| {
        it.stage == AttachmentStage::Stopped
    })
    .await;
    cable.allow(u64::MAX / 2);
    let (project, name) = about(&blob);
    ben.call(Request::FetchAttachment {
        project,
        blob: name,
    })
    .await;
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content);
}

#[tokio::test]
async fn what_does_not_have_the_name_is_dropped_and_its_sender_charged() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("blank", false).await;
    let anas = invitation(&ana, at_anas).await;
    allow_mb(&ben, 0).await;
    let home = address_of(&anas);
    let at_bens = join(&ben, anas, &home.into()).await;
    let mut events = ben.app.events();
    let content = content(BLOB_PIECE_BYTES + 100);
    let (_, blob) = attach(&ana, at_anas, &content).await;
    stands(&mut events, &blob, |it| {
        matches!(it.stage, AttachmentStage::Failed { .. })
    })
    .await;
    let bens = invitation(&ben, at_bens).await;
    let ana = ana.closed().await;
    allow_mb(&ben, 100).await;

    let genesis = URL_SAFE_NO_PAD.decode(bens["genesis"].as_str().unwrap());
    let room = Membership::open(&[genesis.unwrap()]).unwrap();
    for (number, is_overlong) in [(66, false), (67, true)] {
        let mut raw = Raw::proven(address_of(&bens), &room, number).await;
        let fetch = Request::FetchAttachment {
            project: at_bens,
            blob: blob.clone(),
        };
        ben.call(fetch).await;
        lie(&mut raw, name_of(&blob), content.len(), is_overlong).await;
        let device = testkit::links::key(number).device().to_string();
        let charged = heard(&mut events, |event| match event {
            Event::Sharing { sharing, .. } => sharing
                .companions
                .iter()
                .find(|it| it.device == device && it.spoiled > 0)
                .map(|it| (it.spoiled, it.faults)),
            _ => None,
        });
        assert_eq!(charged.await, (1, 0));
    }
    let ana = ana.open_shared(home).await;
    ana.open(at_anas).await;
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content);
}

/// Answers every wish for a blob with zeros, until it is not asked any more.
async fn lie(raw: &mut Raw, name: BlobName, size: usize, is_overlong: bool) {
    let mut answered = 0;
    while answered < if is_overlong { 1 } else { 2 } {
        let Some(Message::Blob(BlobMessage::Want {
            name: asked,
            offset,
        })) = raw.message().await
        else {
            continue;
        };
        assert_eq!(asked, name);
        let length = BLOB_PIECE_BYTES.min(size - offset as usize);
        let piece = BlobPiece {
            name,
            offset,
            total: if is_overlong { 1 << 40 } else { size as u64 },
            bytes: vec![0; length].into(),
        };
        raw.send(&Message::Blob(BlobMessage::Piece(piece)).encode())
            .await;
        answered += 1;
    }
}

#[tokio::test]
async fn an_attachment_waits_at_a_relay_for_who_comes_later() {
    let relay = Site::proven(relay::Limits::default()).await;
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let at_anas = ana.create("blank", false).await;
    let invitation = invitation(&ana, at_anas).await;
    join(&ana, invitation.clone(), &relay.address()).await;
    let content = content(2 * MB + 5);
    let (_, blob) = attach(&ana, at_anas, &content).await;
    let hash = store::BlobHash(name_of(&blob).0);
    let kept = relay.dir().join("blobs").join(&hash.to_string()[..2]);
    testkit::links::soon("the relay has it", async {
        while !kept.join(hash.to_string()).exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    ana.app.close().await.unwrap();

    let mut events = ben.app.events();
    let at_bens = join(&ben, invitation, &relay.address()).await;
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content);
    assert_eq!(relay.rooms().offences().list(), []);
}

/// What is removed a moment before somebody else's change names it is fetched anew.
#[tokio::test]
async fn what_was_swept_away_comes_back_when_others_name_it() {
    let (ana, ben) = (Desk::shared().await, Desk::shared().await);
    let content = content(200_000);
    let at_anas = ana.create("blank", false).await;
    let (_, blob) = attach(&ana, at_anas, &content).await;
    // Ben had a copy of it once, and nothing of his names it.
    let path = ana.path("copy.talus");
    let export = Request::ExportProject {
        project: at_anas,
        path: path.clone(),
    };
    ana.call(export).await;
    let project = opened(ben.call(Request::ImportProject { path }).await);
    ben.call(Request::TrashProject { project }).await;
    ben.call(Request::PurgeProject { project }).await;
    assert_eq!(ben.app.sweep().await.unwrap(), 0);
    ben.pass(std::time::Duration::from_secs(8 * 24 * 60 * 60));

    let invitation = invitation(&ana, at_anas).await;
    let home = address_of(&invitation);
    let mut events = ben.app.events();
    let at_bens = join(&ben, invitation, &home.into()).await;
    // At the same time, however they meet.
    let swept = ben.app.sweep().await.unwrap();
    stands(&mut events, &blob, is_here).await;
    assert!(swept <= 1);
    assert_eq!(ben.saved(at_bens, &blob).await, content);
    assert_eq!(missing(&ben, at_bens).await, []);
}
