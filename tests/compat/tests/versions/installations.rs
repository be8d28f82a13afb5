//! Two applications and the relay that they meet at, as a version has left them on their disks.

use std::fs;
use std::path::{Path, PathBuf};

use app::reply::Reply;
use app::request::{ProjectId, Request};
use graph::command::{Command, Place, Position, Splice};
use graph::id::{CommentId, FieldId, LinkId, NodeId, TypeId};
use graph::link::{Lag, LinkKind};
use graph::value::Value;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use uuid::Uuid;

use crate::desk::{Desk, opened, title};
use crate::recordings::{self, pack, unpack};
use crate::relay::{Relay, say};

const FACTS: &str = "facts.json";
const PARTS: [&str; 4] = ["ana", "ben", "relay", "files"];

const TEXT: &str = "Written down with **stars**.\n\nAnd on a second line.";
const TITLES: [&str; 3] = ["First title", "Second title", "Third title"];

fn attached() -> Vec<u8> {
    (0..10_000)
        .map(|at: usize| (at / 300 % 253) as u8)
        .collect()
}

/// What is to be found again.
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Facts {
    name: String,
    /// Ana's project, and the same at Ben's.
    ana: ProjectId,
    ben: ProjectId,
    /// With text, comment and attachment; its title was changed twice, and the second time taken back.
    node: NodeId,
    comment: String,
    shown: Shown,
}

/// What everybody sees.
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Shown {
    nodes: Vec<(NodeId, Option<NodeId>, String)>,
    links: Vec<(NodeId, NodeId)>,
    text: String,
    comments: Vec<String>,
    people: Vec<String>,
}

/// Data directories, and what is in them.
struct Installations {
    folder: TempDir,
    facts: Facts,
}

impl Installations {
    /// As a version has left them.
    fn of(recording: &Path) -> Option<Self> {
        let facts = fs::read(recording.join(FACTS)).ok()?;
        let folder = tempfile::tempdir().unwrap();
        for name in PARTS {
            unpack(&recording.join(name), &folder.path().join(name));
        }
        Some(Self {
            folder,
            facts: serde_json::from_slice(&facts).unwrap(),
        })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn relay(&self) -> String {
        text(&self.at("relay"))
    }
}

/// Ana keeps her project at a relay, and Ben is a member. What she does last he has not seen, but the relay has it.
async fn record(into: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name| folder.path().join(name);
    let (config, data) = (text(&at("relay.toml")), text(&at("relay")));
    say(&["init", "--config", &config, "--data-dir", &data]);
    let relay = Relay::serve(&data);
    let ana = Desk::open(&at("ana")).await;
    let ben = Desk::open(&at("ben")).await;
    ana.use_relay(&relay.invite()).await;
    ben.use_relay(&relay.address).await;

    let create = Request::CreateProject {
        template: "blank".to_owned(),
        name: "Recorded".to_owned(),
        sample: true,
    };
    let at_anas = opened(ana.call(create).await);
    ana.call(Request::OpenProject { project: at_anas }).await;
    let invitation = ana.invitation(at_anas).await.as_str().into();
    let at_bens = opened(ben.call(Request::JoinProject { invitation }).await);
    ben.until("Ben is let in", async || {
        !ben.snapshot(at_bens).await.nodes.is_empty()
    })
    .await;
    let of_ben = add(&ben, at_bens, "Ben's").await;
    ana.has(at_anas, of_ben).await;
    ben.has_given_all(at_bens).await;
    ben.close().await;

    let (node, comment) = work(&ana, at_anas, of_ben, folder.path()).await;
    ana.has_given_all(at_anas).await;
    ana.until("the relay has the attachment", async || {
        relay.attachment_bytes() > attached().len() as u64
    })
    .await;
    let facts = Facts {
        name: "Recorded".to_owned(),
        ana: at_anas,
        ben: at_bens,
        node,
        comment,
        shown: shown(&ana, at_anas, node).await,
    };
    take_along(&ana, at_anas, &at("files")).await;
    ana.close().await;
    relay.drain();
    for name in PARTS {
        pack(&at(name), &into.join(name));
    }
    let facts = serde_json::to_string_pretty(&facts).unwrap() + "\n";
    fs::write(into.join(FACTS), facts).unwrap();
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

async fn add(desk: &Desk, project: ProjectId, title: &str) -> NodeId {
    let node = NodeId(Uuid::now_v7());
    let create = Command::CreateNode {
        node,
        node_type: TypeId::from("item"),
        place: Place {
            parent: None,
            at: Position::Last,
        },
        values: vec![(FieldId::from("title"), Value::Text(title.to_owned()))],
    };
    desk.apply(project, create).await;
    node
}

async fn rename(desk: &Desk, project: ProjectId, node: NodeId, title: &str) {
    let set = Command::SetField {
        nodes: vec![node],
        field: FieldId::from("title"),
        value: Some(Value::Text(title.to_owned())),
    };
    desk.apply(project, set).await;
}

/// Something of everything that a disk keeps.
async fn work(ana: &Desk, project: ProjectId, other: NodeId, folder: &Path) -> (NodeId, String) {
    let node = add(ana, project, TITLES[0]).await;
    let splice = Splice {
        at: 0,
        delete: 0,
        insert: TEXT.to_owned(),
    };
    let edit = Command::EditText {
        node,
        field: FieldId::from("notes"),
        base: None,
        splices: vec![splice],
    };
    ana.apply(project, edit).await;
    let comment = "Is this right?".to_owned();
    let say = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        node,
        reply_to: None,
        body: comment.clone(),
    };
    ana.apply(project, say).await;
    let link = Command::Link {
        link: LinkId(Uuid::now_v7()),
        relation: LinkKind::FinishToStart,
        from: other,
        to: node,
        lag: Lag::default(),
    };
    ana.apply(project, link).await;
    let path = folder.join("plan.bin");
    fs::write(&path, attached()).unwrap();
    let attach = Request::AttachFile {
        project,
        node,
        field: FieldId::from("attachments"),
        path: text(&path),
    };
    ana.call(attach).await;
    rename(ana, project, node, TITLES[1]).await;
    rename(ana, project, node, TITLES[2]).await;
    ana.call(Request::Undo { project }).await;
    (node, comment)
}

/// The two files by which a project travels.
async fn take_along(ana: &Desk, project: ProjectId, files: &Path) {
    fs::create_dir(files).unwrap();
    let path = |name| text(&files.join(name));
    let export = Request::ExportProject {
        project,
        path: path("project.talus"),
    };
    ana.call(export).await;
    let export = Request::ExportBundle {
        project,
        path: path("changes.tally"),
        since: None,
    };
    ana.call(export).await;
}

async fn shown(desk: &Desk, project: ProjectId, node: NodeId) -> Shown {
    let snapshot = desk.snapshot(project).await;
    let read = Request::ReadText {
        project,
        node,
        field: FieldId::from("notes"),
    };
    let Reply::Text { text, .. } = desk.call(read).await else {
        panic!("no text")
    };
    let Reply::Details(details) = desk.call(Request::Inspect { project, node }).await else {
        panic!("no details")
    };
    let nodes = snapshot.nodes.iter();
    let mut nodes: Vec<_> = nodes
        .map(|row| (row.0, row.1, title(&snapshot, row.0)))
        .collect();
    nodes.sort();
    let mut links: Vec<_> = snapshot.links.iter().map(|it| (it.from, it.to)).collect();
    links.sort();
    let people = snapshot.frame.people.values();
    Shown {
        nodes,
        links,
        text,
        comments: details.comments.into_iter().map(|it| it.body).collect(),
        people: people.map(|it| it.name.clone()).collect(),
    }
}

/// Everything that Ana has written, wherever it is found.
async fn assert_shows(desk: &Desk, project: ProjectId, facts: &Facts) {
    assert_eq!(shown(desk, project, facts.node).await, facts.shown);
    assert_eq!(facts.shown.text, TEXT);
    assert_eq!(facts.shown.comments, std::slice::from_ref(&facts.comment));
    assert_eq!(desk.title(project, facts.node).await, TITLES[1]);
    let snapshot = desk.snapshot(project).await;
    assert_eq!(snapshot.frame.name, facts.name);
    assert_eq!(snapshot.frame.needs_update, None);
}

/// Waits until the attachment is there, and reads it.
async fn assert_attached(desk: &Desk, project: ProjectId, facts: &Facts, folder: &Path) {
    let (blob, file) = desk.attachment(project, facts.node).await;
    let path = folder.join("saved.bin");
    let save = || Request::SaveAttachment {
        blob: blob.clone(),
        seal: file.seal.clone(),
        path: text(&path),
    };
    desk.until("the attachment is here", async || {
        desk.try_call(save()).await.is_ok()
    })
    .await;
    assert_eq!(fs::read(&path).unwrap(), attached());
}

async fn goes_back_and_forth(ana: &Desk, facts: &Facts) {
    let project = facts.ana;
    let steps = [
        (Request::Redo { project }, TITLES[2]),
        (Request::Undo { project }, TITLES[1]),
        (Request::Undo { project }, TITLES[0]),
        (Request::Redo { project }, TITLES[1]),
    ];
    for (step, expected) in steps {
        ana.call(step).await;
        assert_eq!(ana.title(project, facts.node).await, expected);
    }
}

/// Ben gets from the relay alone what Ana wrote when he was away; her own disk has it, with what she could take back; and
/// both go on.
async fn assert_goes_on(left: &Installations) {
    let facts = &left.facts;
    let folder = left.folder.path();
    let verified = say(&["verify", &left.relay()]);
    assert!(verified.contains("1 rooms"), "{verified}");
    let relay = Relay::serve(&left.relay());
    let ben = Desk::open(&left.at("ben")).await;
    ben.use_relay(&relay.address).await;
    let project = facts.ben;
    ben.call(Request::OpenProject { project }).await;
    ben.until("Ben has what Ana wrote", async || {
        let snapshot = ben.snapshot(project).await;
        snapshot.nodes.iter().any(|row| row.0 == facts.node)
            && shown(&ben, project, facts.node).await == facts.shown
    })
    .await;
    assert_shows(&ben, project, facts).await;
    assert_attached(&ben, project, facts, folder).await;

    let ana = Desk::open(&left.at("ana")).await;
    ana.use_relay(&relay.address).await;
    let project = facts.ana;
    ana.call(Request::OpenProject { project }).await;
    assert_shows(&ana, project, facts).await;
    assert_attached(&ana, project, facts, folder).await;
    goes_back_and_forth(&ana, facts).await;
    let of_ana = add(&ana, facts.ana, "Ana's of today").await;
    let of_ben = add(&ben, facts.ben, "Ben's of today").await;
    ben.has(facts.ben, of_ana).await;
    ana.has(facts.ana, of_ben).await;
    ana.close().await;
    ben.close().await;
    relay.drain();
}

async fn assert_files_are_read(left: &Installations) {
    let facts = &left.facts;
    let path = |name| text(&left.at("files").join(name));
    let stranger = Desk::alone(&left.at("stranger")).await;
    let import = Request::ImportProject {
        path: path("project.talus"),
    };
    let project = opened(stranger.call(import).await);
    stranger.call(Request::OpenProject { project }).await;
    assert_shows(&stranger, project, facts).await;
    stranger.close().await;

    // Sealed for the members: Ben, who finds nobody where there was a relay.
    let ben = Desk::open(&left.at("ben")).await;
    let project = facts.ben;
    ben.call(Request::OpenProject { project }).await;
    let import = Request::ImportBundle {
        project: Some(project),
        path: path("changes.tally"),
    };
    ben.call(import).await;
    assert_shows(&ben, project, facts).await;
    ben.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_version_has_left_is_all_there_and_goes_on() {
    for left in recordings::versions()
        .iter()
        .filter_map(|it| Installations::of(it))
    {
        assert_goes_on(&left).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_earlier_version_are_read() {
    for left in recordings::versions()
        .iter()
        .filter_map(|it| Installations::of(it))
    {
        assert_files_are_read(&left).await;
    }
}

/// So that what records is right on the day on which it is needed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_today_is_as_good() {
    let own = tempfile::tempdir().unwrap();
    let folder = recordings::kept_in().unwrap_or_else(|| own.path().to_owned());
    record(&folder).await;
    assert_files_are_read(&Installations::of(&folder).unwrap()).await;
    assert_goes_on(&Installations::of(&folder).unwrap()).await;
}
