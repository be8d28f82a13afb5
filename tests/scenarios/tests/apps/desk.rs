//! One application in a process of its own, and short words for what one does with it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use app::failure::Failure;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::sharing::{LinkState, PeerLink, Sharing, Status};
use graph::command::{Command as Edit, Place, Position};
use graph::id::{FieldId, NodeId};
use graph::template::Role;
use graph::value::Value;
use serde::Deserialize;
use tempfile::TempDir;
use trust::invitation::Invitation;
use uuid::Uuid;

/// Longer than anything takes; a test that waits so long has failed.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// The program that the tests run.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_desk");

const EVERYWHERE: &[&str] = &["0.0.0.0:0"];

pub struct Desk {
    process: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
    folder: TempDir,
    project: Option<ProjectId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Ok(Box<Reply>),
    Failed(Failure),
}

impl Desk {
    /// One that listens everywhere and looks for others; `command` says on which machine.
    pub fn everywhere(command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start(command, folder, &[EVERYWHERE, &["--discover"]].concat())
    }

    /// One that listens everywhere and can only be told where others are.
    pub fn told(command: Command) -> Self {
        Self::start(command, tempfile::tempdir().unwrap(), EVERYWHERE)
    }

    /// The same, which shares as earlier versions did; open to the network if that is said.
    pub fn open(command: Command, more: &[&str]) -> Self {
        let arguments = [EVERYWHERE, &["--openly"], more].concat();
        Self::start(command, tempfile::tempdir().unwrap(), &arguments)
    }

    fn start(mut command: Command, folder: TempDir, arguments: &[&str]) -> Self {
        command.arg(folder.path().join("data")).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (said, answers) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            input: process.stdin.take(),
            process,
            answers,
            folder,
            project: None,
        }
    }

    /// `kill -9`, and the same data directory in a new process, with the project open.
    pub fn killed_and_restarted(mut self, command: Command) -> Self {
        self.kill();
        let project = self.project;
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        drop(self);
        let mut desk = Self::start(command, folder, &[EVERYWHERE, &["--discover"]].concat());
        if let Some(project) = project {
            desk.call(&Request::OpenProject { project });
            desk.project = Some(project);
        }
        desk
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn try_call(&mut self, request: &Request) -> Result<Reply, Failure> {
        let mut line = serde_json::to_vec(request).unwrap();
        line.push(b'\n');
        let input = self.input.as_mut().unwrap();
        input.write_all(&line).unwrap();
        let answer = self.answers.recv_timeout(DEADLINE);
        let answer = answer.unwrap_or_else(|error| panic!("{error}: no answer to {request:?}"));
        match serde_json::from_str(&answer).unwrap() {
            Answer::Ok(reply) => Ok(*reply),
            Answer::Failed(failure) => Err(failure),
        }
    }

    pub fn call(&mut self, request: &Request) -> Reply {
        self.try_call(request)
            .unwrap_or_else(|failure| panic!("{failure:?} to {request:?}"))
    }

    fn project(&self) -> ProjectId {
        self.project.expect("a project is open")
    }

    /// Makes a project and opens it.
    pub fn create(&mut self) -> ProjectId {
        let create = Request::CreateProject {
            template: "book".to_owned(),
            name: "Atlas".to_owned(),
            sample: true,
        };
        self.project = Some(opened(self.call(&create)));
        let project = self.project();
        self.call(&Request::OpenProject { project });
        project
    }

    /// Makes a project and shares it.
    pub fn share(&mut self) {
        self.create();
        self.invitation();
    }

    /// This project is open here, too.
    pub fn look_at(&mut self, project: ProjectId) {
        self.project = Some(project);
    }

    /// By which others join, with where this machine is.
    pub fn invitation(&mut self) -> String {
        let project = self.project();
        match self.call(&Request::Invite { project }) {
            Reply::Invitation { invitation } => invitation.0,
            other => panic!("{other:?}"),
        }
    }

    pub fn join(&mut self, invitation: &str) {
        let invitation = invitation.into();
        self.project = Some(opened(self.call(&Request::JoinProject { invitation })));
    }

    /// Waits until it is a member: from then on it can show others the way.
    pub fn is_let_in(&mut self) {
        let project = self.project();
        self.until("it is let in", |desk| {
            match desk.call(&Request::ReadMembers { project }) {
                Reply::Members { members } => members.is_some_and(|it| it.role.is_some()),
                other => panic!("{other:?}"),
            }
        });
    }

    pub fn snapshot(&mut self) -> Snapshot {
        let project = self.project();
        match self.call(&Request::Snapshot { project }) {
            Reply::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub fn sharing(&mut self) -> Sharing {
        let project = self.project();
        match self.call(&Request::ReadSharing { project }) {
            Reply::Sharing { sharing } => sharing.expect("it is shared"),
            other => panic!("{other:?}"),
        }
    }

    pub fn links(&mut self) -> Vec<PeerLink> {
        let project = self.project();
        match self.call(&Request::ReadLinks { project }) {
            Reply::Links { links } => links,
            other => panic!("{other:?}"),
        }
    }

    /// Looks for others there, too.
    pub fn add_address(&mut self, address: &str) {
        let request = Request::AddAddress {
            project: self.project(),
            address: address.to_owned(),
        };
        self.call(&request);
    }

    /// At which it listens.
    pub fn port(&mut self) -> u16 {
        let addresses = match self.call(&Request::ReadNetwork) {
            Reply::Network(network) => network.addresses,
            other => panic!("{other:?}"),
        };
        let (_, port) = addresses[0].rsplit_once(':').unwrap();
        port.parse().unwrap()
    }

    /// Adds a node at the top, once the project has types.
    pub fn write(&mut self, title: &str) -> NodeId {
        self.until("the types", |desk| {
            !desk.snapshot().frame.template.types.is_empty()
        });
        let template = self.snapshot().frame.template;
        let node_type = template.types.iter().find(|it| it.top_level).unwrap();
        let titles = template.fields.iter();
        let titles = titles.filter(|it| it.role == Some(Role::Title));
        let has = |field: &FieldId| node_type.fields.iter().any(|it| it.field == *field);
        let field = titles.map(|it| it.id.clone()).find(has).unwrap();
        let node = NodeId(Uuid::now_v7());
        let command = Edit::CreateNode {
            node,
            node_type: node_type.id.clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: vec![(field, Value::Text(title.to_owned()))],
        };
        let project = self.project();
        self.call(&Request::Apply { project, command });
        node
    }

    /// Waits until something is so that is of no project.
    pub fn wait(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_so(self) {
            assert!(Instant::now() < deadline, "in vain waited for: {what}");
            thread::park_timeout(LOOK);
        }
    }

    /// Waits until something is so.
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_so(self) {
            if Instant::now() > deadline {
                let (sharing, links) = (self.sharing(), self.links());
                panic!("in vain waited for: {what}; {sharing:#?} {links:#?}");
            }
            thread::park_timeout(LOOK);
        }
    }

    /// Waits until these nodes are here.
    pub fn has(&mut self, nodes: &[NodeId]) {
        self.until("what others wrote", |desk| {
            let rows = desk.snapshot().nodes;
            nodes
                .iter()
                .all(|node| rows.iter().any(|row| row.0 == *node))
        });
    }

    /// Waits until somebody else has everything that is here, and the other way round.
    pub fn is_live(&mut self) {
        self.until("it is live", |desk| {
            matches!(desk.sharing().status, Status::Live { .. })
        });
    }

    pub fn is_offline(&mut self) {
        self.until("it is offline", |desk| {
            desk.sharing().status == Status::Offline
        });
    }

    /// The machines to which there are links.
    pub fn neighbours(&mut self) -> BTreeSet<String> {
        let links = self.links().into_iter();
        let up = links.filter(|it| matches!(it.state, LinkState::Up { .. }));
        up.filter_map(|it| it.device).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn opened(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, .. } => project,
        other => panic!("{other:?}"),
    }
}

/// An invitation that does not say where anybody is.
pub fn without_addresses(invitation: &str) -> String {
    let mut invitation = Invitation::read(invitation).unwrap();
    invitation.hints.clear();
    invitation.to_text().to_string()
}

/// Waits until all show the same.
pub fn assert_equal(desks: &mut [&mut Desk]) {
    let shown = |desk: &mut Desk| {
        let it = desk.snapshot();
        (it.nodes, it.links, it.frame, it.problems, it.trash_count)
    };
    let (first, others) = desks.split_first_mut().unwrap();
    for other in others {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (left, right) = (shown(first), shown(other));
            if left == right {
                break;
            }
            if Instant::now() > deadline {
                assert_eq!(left, right);
            }
            thread::park_timeout(LOOK);
        }
    }
}
