//! Attachments of closed rooms: sealed wherever they are not read, whoever says what of them.

use std::path::Path;
use std::sync::Arc;

use app::attachments::AttachmentStage;
use app::event::Event;
use app::fault::{Fault, clear, plant};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use graph::command::Command;
use graph::id::{BlobId, FieldId, NodeId};
use graph::value::{File, Seal, Value};
use relay::Limits;
use testkit::links::{Site, soon};
use tokio::sync::broadcast::Receiver;
use trust::seal::sealed_blob_bytes;

use crate::attachments::{is_here, missing, stands};
use crate::desk::{Desk, opened, row};
use crate::sealed::{has, is_on_disk, without_addresses};
use crate::sharing::{invitation, is_live, shows};

/// In the file, and in its name.
const CONTENT: &str = "Zanzibar Quokka 7391";
const NAME: &str = "Wombat Ledger 5527";

fn content() -> Vec<u8> {
    CONTENT.repeat(10_000).into_bytes()
}

fn field() -> FieldId {
    FieldId::from("attachments")
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_string()
}

/// The files that are attached to a node.
async fn files(desk: &Desk, project: ProjectId, node: NodeId) -> Vec<(BlobId, File)> {
    match row(&desk.snapshot(project).await, node).4.get(&field()) {
        Some(Value::Files(files)) => files.clone().into_iter().collect(),
        _ => Vec::new(),
    }
}

async fn attach_to(desk: &Desk, project: ProjectId, node: NodeId, content: &[u8]) {
    let path = desk.path(&format!("{NAME}.txt"));
    std::fs::write(&path, content).unwrap();
    let request = Request::AttachFile {
        project,
        node,
        field: field(),
        path,
    };
    desk.call(request).await;
}

/// Attaches a file to a new node.
async fn attach(desk: &Desk, project: ProjectId, content: &[u8]) -> (NodeId, BlobId, File) {
    let node = desk.add_root(project, "With a file").await;
    attach_to(desk, project, node, content).await;
    let mut files = files(desk, project, node).await;
    let (blob, file) = files.pop().expect("it is attached");
    (node, blob, file)
}

/// Says something of an attachment, as no program of ours would.
async fn say(desk: &Desk, project: ProjectId, node: NodeId, blob: &BlobId, file: File) {
    let attach = Command::Attach {
        node,
        field: field(),
        blob: blob.clone(),
        file,
    };
    desk.apply(project, attach).await;
}

fn is_kept(data: &Path, blob: &BlobId) -> bool {
    let name = blob.as_str();
    data.join("blobs").join(&name[..2]).join(name).exists()
}

async fn until_kept(data: &Path, blob: &BlobId) {
    soon("it is kept", async {
        while !is_kept(data, blob) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A desk that knows of nobody but a relay.
async fn desk_by(site: &Site) -> Desk {
    let desk = Desk::shared().await;
    let settings = Settings {
        relays: vec![site.address().to_string()],
        ..Settings::default()
    };
    desk.call(Request::PutSettings { settings }).await;
    desk
}

async fn join(desk: &Desk, text: &str) -> ProjectId {
    let join = Request::JoinProject {
        invitation: text.into(),
    };
    opened(desk.call(join).await)
}

/// Waits until a project has an attachment that is sealed, alone on its node.
async fn sealed_on(
    desk: &Desk,
    events: &mut Receiver<Arc<Event>>,
    project: ProjectId,
    node: NodeId,
) -> (BlobId, File) {
    let is_sealed = |snapshot: &app::reply::Snapshot| {
        let row = snapshot.nodes.iter().find(|row| row.0 == node);
        match row.and_then(|row| row.4.get(&field())) {
            Some(Value::Files(files)) => files.values().all(|file| file.seal.is_some()),
            _ => false,
        }
    };
    shows(desk, events, project, is_sealed).await;
    let mut files = files(desk, project, node).await;
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// How much is sealed.
#[derive(Clone, Copy, PartialEq)]
enum Sealing {
    All,
    AllButFiles,
    Nothing,
}

/// A file goes from Ana to Ben by a relay that keeps it for others. Whether that was told, or has, what is in it and what it
/// is called.
async fn relay_learns(sealing: Sealing) -> (bool, bool) {
    if sealing != Sealing::All {
        plant(Fault::AttachInClear);
    }
    let site = Site::overheard(Limits::default()).await;
    let (ana, ben) = (desk_by(&site).await, desk_by(&site).await);
    let at_anas = ana.create("blank", false).await;
    if sealing == Sealing::Nothing {
        ana.app.share_openly(at_anas).await.unwrap();
    }
    let text = without_addresses(&invitation(&ana, at_anas).await);
    let mut events = ben.app.events();
    let at_bens = join(&ben, &text).await;
    let (_, blob, _) = attach(&ana, at_anas, &content()).await;
    stands(&mut events, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content());
    until_kept(&site.dir(), &blob).await;
    ana.closed().await;
    ben.closed().await;
    clear();
    let (heard, dir) = (site.heard(), site.dir());
    assert!(heard.len() > content().len());
    let learns = |what: &str| {
        let (told, kept) = (has(&heard, what), is_on_disk(&dir, what));
        assert_eq!(told, kept, "{what}");
        told
    };
    (learns(CONTENT), learns(NAME))
}

#[tokio::test]
async fn a_relay_is_not_told_and_does_not_have_what_is_attached() {
    assert_eq!(relay_learns(Sealing::All).await, (false, false));
    // The test finds what is clear.
    assert_eq!(relay_learns(Sealing::AllButFiles).await, (true, false));
    assert_eq!(relay_learns(Sealing::Nothing).await, (true, true));
}

#[tokio::test]
async fn what_was_attached_before_is_sealed_once_the_project_is_shared() {
    let site = Site::overheard(Limits::default()).await;
    let (ana, ben) = (desk_by(&site).await, desk_by(&site).await);
    let at_anas = ana.create("blank", false).await;
    plant(Fault::AttachInClear);
    let (node, plain, file) = attach(&ana, at_anas, &content()).await;
    let (trashed, other, _) = attach(&ana, at_anas, b"in the trash").await;
    clear();
    assert_eq!(
        (plain.as_str(), file.seal),
        (hash(&content()).as_str(), None)
    );
    let nodes = vec![trashed];
    ana.apply(at_anas, Command::TrashNodes { nodes }).await;
    // While nobody else is there it stays as it is.
    assert_eq!(missing(&ana, at_anas).await, []);
    assert_eq!(ana.saved(at_anas, &plain).await, content());

    let mut events = ana.app.events();
    let text = without_addresses(&invitation(&ana, at_anas).await);
    let (blob, file) = sealed_on(&ana, &mut events, at_anas, node).await;
    let seal = file.seal.unwrap();
    assert_eq!(
        (seal.hash.as_str(), file.size_bytes),
        (plain.as_str(), 200_000)
    );
    assert_ne!(blob, plain);

    let mut heard = ben.app.events();
    let at_bens = join(&ben, &text).await;
    stands(&mut heard, &blob, is_here).await;
    assert_eq!(ben.saved(at_bens, &blob).await, content());

    // What comes back is sealed then, and so is what undo names again.
    let restore = Command::RestoreNodes {
        nodes: vec![trashed],
    };
    ana.apply(at_anas, restore).await;
    let (restored, _) = sealed_on(&ana, &mut events, at_anas, trashed).await;
    stands(&mut heard, &restored, is_here).await;
    assert_eq!(ben.saved(at_bens, &restored).await, b"in the trash");
    for name in [&plain, &other] {
        assert!(!is_kept(&site.dir(), name));
        let bytes: store::BlobHash = name.as_str().parse().unwrap();
        let heard = site.heard();
        assert!(!heard.windows(32).any(|window| window == bytes.0));
        assert!(!has(&heard, CONTENT));
    }
}

/// Two machines seal the same while they hear nothing of each other, and afterwards it is one attachment.
#[tokio::test]
async fn what_two_seal_apart_is_one_attachment() {
    let mut site = Site::overheard(Limits::default()).await;
    let (ana, ben) = (desk_by(&site).await, desk_by(&site).await);
    let at_anas = ana.create("blank", false).await;
    plant(Fault::AttachInClear);
    let text = without_addresses(&invitation(&ana, at_anas).await);
    let mut events = ben.app.events();
    let at_bens = join(&ben, &text).await;
    let (node, plain, _) = attach(&ana, at_anas, &content()).await;
    stands(&mut events, &plain, is_here).await;
    let (ana, ben) = (ana.closed().await, ben.closed().await);
    site.kill().await;
    clear();

    let listen = || "127.0.0.1:0".parse().unwrap();
    let (ana, ben) = (
        ana.open_shared(listen()).await,
        ben.open_shared(listen()).await,
    );
    let (mut one, mut other) = (ana.app.events(), ben.app.events());
    ana.open(at_anas).await;
    ben.open(at_bens).await;
    let at_one = sealed_on(&ana, &mut one, at_anas, node).await;
    assert_eq!(sealed_on(&ben, &mut other, at_bens, node).await, at_one);
    site.restart().await;
    ana.call(Request::SyncNow { project: at_anas }).await;
    ben.call(Request::SyncNow { project: at_bens }).await;
    is_live(&ana, &mut one, at_anas).await;
    is_live(&ben, &mut other, at_bens).await;
    assert_eq!(sealed_on(&ana, &mut one, at_anas, node).await, at_one);
    assert_eq!(sealed_on(&ben, &mut other, at_bens, node).await, at_one);
    assert_eq!(ana.saved(at_anas, &at_one.0).await, content());
    assert_eq!(ben.saved(at_bens, &at_one.0).await, content());
}

fn is_refused(stage: &AttachmentStage) -> bool {
    matches!(stage, AttachmentStage::Failed { failure } if failure.code == "ATTACHMENT_DOES_NOT_OPEN")
}

/// A member says of attachments what is not so.
#[tokio::test]
async fn what_is_not_what_a_member_says_is_not_opened_and_not_given_away() {
    let site = Site::overheard(Limits::default()).await;
    let (ana, ben) = (desk_by(&site).await, desk_by(&site).await);
    // Something of Ana's that Ben knows the hash of.
    let own = ana.create("blank", false).await;
    plant(Fault::AttachInClear);
    let (_, private, _) = attach(&ana, own, &content()).await;
    clear();

    let at_anas = ana.create("blank", false).await;
    let text = without_addresses(&invitation(&ana, at_anas).await);
    let (mut events, mut at_ben) = (ana.app.events(), ben.app.events());
    let at_bens = join(&ben, &text).await;
    let (node, blob, file) = attach(&ana, at_anas, b"what Ana attached").await;
    let seal = file.seal.clone().unwrap();
    stands(&mut at_ben, &blob, is_here).await;
    let wrong = |seal: Seal| File {
        seal: Some(seal),
        ..file.clone()
    };
    let other_key = wrong(Seal {
        key: "A".repeat(43),
        ..seal.clone()
    });
    let other_hash = wrong(Seal {
        hash: "0".repeat(64),
        ..seal.clone()
    });

    // Another key beside the right one: what is right still is.
    let beside = ben.add_root(at_bens, "Beside").await;
    say(&ben, at_bens, beside, &blob, other_key.clone()).await;
    let shown = |file: &File, on: NodeId| {
        let file = file.clone();
        move |snapshot: &app::reply::Snapshot| {
            let row = snapshot.nodes.iter().find(|row| row.0 == on);
            let value = row.and_then(|row| row.4.get(&field()));
            matches!(value, Some(Value::Files(files)) if files.values().any(|it| *it == file))
        }
    };
    shows(&ana, &mut events, at_anas, shown(&other_key, beside)).await;
    assert_eq!(missing(&ana, at_anas).await, []);
    let out = ana.path("out.txt");
    let save = |file: &File| Request::SaveAttachment {
        blob: blob.clone(),
        seal: file.seal.clone(),
        path: out.clone(),
    };
    assert_eq!(
        ana.refused(save(&other_key)).await.code,
        "ATTACHMENT_DOES_NOT_OPEN"
    );
    let read = Request::ReadThumbnail {
        blob: blob.clone(),
        seal: other_key.seal.clone(),
    };
    assert_eq!(ana.refused(read).await.code, "ATTACHMENT_DOES_NOT_OPEN");

    // Another hash: it opens, and is not handed out.
    assert_eq!(
        ana.refused(save(&other_hash)).await.code,
        "ATTACHMENT_DOES_NOT_OPEN"
    );
    assert!(!Path::new(&out).exists());

    // Another key and no right one; another size.
    let shorter = File {
        size_bytes: file.size_bytes - 1,
        ..file.clone()
    };
    for wrong in [&other_key, &shorter] {
        say(&ben, at_bens, node, &blob, wrong.clone()).await;
        stands(&mut events, &blob, |it| is_refused(&it.stage)).await;
        say(&ben, at_bens, node, &blob, file.clone()).await;
        stands(&mut events, &blob, is_here).await;
    }
    assert_eq!(ana.saved(at_anas, &blob).await, b"what Ana attached");

    // What is kept as it is goes to nobody who says that it were sealed, or were not.
    let (claimed, plain) = (
        ben.add_root(at_bens, "a").await,
        ben.add_root(at_bens, "b").await,
    );
    let lie = File {
        size_bytes: 200_000 - (sealed_blob_bytes(200_000) - 200_000),
        ..file.clone()
    };
    assert_eq!(sealed_blob_bytes(lie.size_bytes), 200_000);
    say(&ben, at_bens, claimed, &private, lie).await;
    stands(&mut events, &private, |it| is_refused(&it.stage)).await;
    let truth = File {
        size_bytes: 200_000,
        seal: None,
        ..file.clone()
    };
    say(&ben, at_bens, plain, &private, truth).await;
    let (sealed, _) = sealed_on(&ana, &mut events, at_anas, plain).await;
    stands(&mut at_ben, &sealed, is_here).await;
    assert!(!is_kept(&site.dir(), &private) && !has(&site.heard(), CONTENT));
    assert!(!is_kept(Path::new(&ben.path("data")), &private));
}

#[tokio::test]
async fn a_file_is_sealed_once_in_a_project_and_anew_in_another() {
    let desk = Desk::new().await;
    let project = desk.create("blank", false).await;
    let (node, blob, file) = attach(&desk, project, &content()).await;
    let again = attach(&desk, project, &content()).await;
    assert_eq!((&again.1, &again.2), (&blob, &file));
    let mut same_size = content();
    same_size[0] ^= 1;
    let changed = attach(&desk, project, &same_size).await;
    assert!(changed.1 != blob && changed.2.seal != file.seal);
    assert_eq!(desk.saved(project, &changed.1).await, same_size);

    // Undo lets go of it and redo names it as before.
    let alone = attach(&desk, project, b"alone").await;
    desk.call(Request::Undo { project }).await;
    assert_eq!(files(&desk, project, alone.0).await, []);
    desk.call(Request::Redo { project }).await;
    assert_eq!(files(&desk, project, alone.0).await, [(alone.1, alone.2)]);

    // What is not here any more is sealed anew.
    let name = blob.as_str();
    std::fs::remove_file(desk.path(&format!("data/blobs/{}/{name}", &name[..2]))).unwrap();
    let anew = attach(&desk, project, &content()).await;
    assert!(anew.1 != blob && anew.2.seal != file.seal);
    desk.apply(
        project,
        Command::Detach {
            node,
            field: field(),
            blob,
        },
    )
    .await;

    let copy = Request::DuplicateProject {
        project,
        name: "A copy".to_owned(),
    };
    let copy = opened(desk.call(copy).await);
    desk.open(copy).await;
    assert_eq!(desk.saved(copy, &anew.1).await, content());
    let other = desk.create("blank", false).await;
    let elsewhere = attach(&desk, other, &content()).await;
    assert!(elsewhere.1 != anew.1 && elsewhere.2.seal != anew.2.seal);
}
