//! A desk to test at: the application on a directory, and short words for what one does there.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::app::{App, Options};
use app::event::Event;
use app::failure::Failure;
use app::network::NetworkOptions;
use app::reply::{ProjectSummary, Reply, Row, Snapshot, Started};
use app::request::{ProjectId, Request};
use graph::command::{Command, Place, Position};
use graph::id::{BlobId, FieldId, NodeId, TypeId};
use graph::template::{Role, Template};
use graph::time::Timestamp;
use graph::value::{File, Value};
use tempfile::TempDir;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use uuid::Uuid;

/// Longer than anything takes; a test that waits so long has failed.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub struct Desk {
    pub app: App,
    pub folder: Arc<TempDir>,
    clock: Arc<AtomicI64>,
}

/// A desk while its application is not running.
pub struct Closed {
    folder: Arc<TempDir>,
    clock: Arc<AtomicI64>,
}

impl Closed {
    /// What is on its disk.
    pub fn store(&self) -> store::SqliteStore {
        store::SqliteStore::open(&self.folder.path().join("data")).unwrap()
    }

    /// Starts it again.
    pub async fn open(self) -> Desk {
        Desk::at(self.folder, self.clock).await
    }

    /// Starts it again, where it can be reached.
    pub async fn open_shared(self, listen: SocketAddr) -> Desk {
        Desk::reachable_at(self.folder, self.clock, listen).await
    }
}

pub fn options(folder: &Path, clock: &Arc<AtomicI64>) -> Options {
    let clock = Arc::clone(clock);
    let mut options = Options::new(folder.join("data"));
    // Time goes on by a millisecond at each look, so that nothing depends on how fast the test runs.
    options.clock = Arc::new(move || Timestamp(clock.fetch_add(1, Ordering::Relaxed)));
    options
}

impl Desk {
    pub async fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::at(folder, Arc::new(AtomicI64::new(1_800_000_000_000))).await
    }

    /// One that others on this machine can reach.
    pub async fn shared() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        // Relays judge invitations by the clock of this machine.
        let now = std::time::SystemTime::now();
        let now_ms = now
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis();
        let clock = Arc::new(AtomicI64::new(now_ms.try_into().unwrap()));
        Self::reachable_at(folder, clock, "127.0.0.1:0".parse().unwrap()).await
    }

    /// The same desk after a restart, where it can be reached as before.
    pub async fn restart_shared(self, listen: SocketAddr) -> Self {
        self.app.close().await.unwrap();
        let Self { app, folder, clock } = self;
        drop(app);
        Self::reachable_at(folder, clock, listen).await
    }

    /// Nobody is at it, and it cannot be reached.
    pub async fn closed(self) -> Closed {
        self.app.close().await.unwrap();
        let Self { app, folder, clock } = self;
        drop(app);
        Closed { folder, clock }
    }

    /// A second desk that begins with a copy of everything that this one has on disk, and is reached elsewhere.
    pub async fn copied(&self) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        copy_folder(
            &self.folder.path().join("data"),
            &folder.path().join("data"),
        );
        let clock = Arc::new(AtomicI64::new(self.clock.load(Ordering::Relaxed)));
        Self::reachable_at(folder, clock, "127.0.0.1:0".parse().unwrap()).await
    }

    async fn reachable_at(folder: Arc<TempDir>, clock: Arc<AtomicI64>, listen: SocketAddr) -> Self {
        let mut options = options(folder.path(), &clock);
        options.network = Some(NetworkOptions {
            listen,
            insecure_lan: false,
            discover: false,
        });
        let app = App::start(options).await.unwrap();
        Self { app, folder, clock }
    }

    async fn at(folder: Arc<TempDir>, clock: Arc<AtomicI64>) -> Self {
        let app = App::start(options(folder.path(), &clock)).await.unwrap();
        Self { app, folder, clock }
    }

    /// Closes the application and starts it again.
    pub async fn restart(self) -> Self {
        self.app.close().await.unwrap();
        let Self { app, folder, clock } = self;
        drop(app);
        Self::at(folder, clock).await
    }

    pub fn pass(&self, time: Duration) {
        let passed = i64::try_from(time.as_millis()).unwrap();
        self.clock.fetch_add(passed, Ordering::Relaxed);
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub async fn call(&self, request: Request) -> Reply {
        let shown = format!("{request:?}");
        self.app
            .call(request)
            .await
            .unwrap_or_else(|failure| panic!("{failure:?} to {shown}"))
    }

    pub async fn refused(&self, request: Request) -> Failure {
        let shown = format!("{request:?}");
        match self.app.call(request).await {
            Err(failure) => failure,
            Ok(reply) => panic!("{reply:?} to {shown}"),
        }
    }

    pub async fn started(&self) -> Started {
        match self.call(Request::Start).await {
            Reply::Started(started) => *started,
            other => panic!("{other:?}"),
        }
    }

    pub async fn projects(&self) -> Vec<ProjectSummary> {
        match self.call(Request::ListProjects).await {
            Reply::Projects { projects } => projects,
            other => panic!("{other:?}"),
        }
    }

    pub async fn create(&self, template: &str, sample: bool) -> ProjectId {
        let create = Request::CreateProject {
            template: template.to_owned(),
            name: format!("My {template}"),
            sample,
        };
        opened(self.call(create).await)
    }

    pub async fn open(&self, project: ProjectId) {
        self.call(Request::OpenProject { project }).await;
    }

    pub async fn snapshot(&self, project: ProjectId) -> Snapshot {
        match self.call(Request::Snapshot { project }).await {
            Reply::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub async fn apply(&self, project: ProjectId, command: Command) -> u64 {
        match self.call(Request::Apply { project, command }).await {
            Reply::Applied { revision, .. } => revision,
            other => panic!("{other:?}"),
        }
    }

    /// What a project says of an attachment.
    pub async fn file(&self, project: ProjectId, blob: &BlobId) -> File {
        let snapshot = self.snapshot(project).await;
        let values = snapshot.nodes.iter().flat_map(|row| row.4.values());
        let mut files = values.filter_map(|value| match value {
            Value::Files(files) => files.get(blob).cloned(),
            _ => None,
        });
        files.next().expect("a node names it")
    }

    /// An attachment's content, as whoever saves it gets it.
    pub async fn saved(&self, project: ProjectId, blob: &BlobId) -> Vec<u8> {
        let path = self.path("saved.bin");
        let request = Request::SaveAttachment {
            blob: blob.clone(),
            seal: self.file(project, blob).await.seal,
            path: path.clone(),
        };
        self.call(request).await;
        std::fs::read(path).unwrap()
    }

    /// Makes a node of the first type that may stand at the top, with this title.
    pub async fn add_root(&self, project: ProjectId, title: &str) -> NodeId {
        let template = self.snapshot(project).await.frame.template;
        let node_type = template.types.iter().find(|t| t.top_level).unwrap();
        let node = new_node();
        let create = Command::CreateNode {
            node,
            node_type: node_type.id.clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: vec![(
                title_field(&template, &node_type.id),
                Value::Text(title.to_owned()),
            )],
        };
        self.apply(project, create).await;
        node
    }
}

pub fn opened(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, notices } => {
            assert_eq!(notices, [""; 0]);
            project
        }
        other => panic!("{other:?}"),
    }
}

/// A project that was opened beside one of the same name, which is said.
pub fn opened_beside(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, notices } if notices.len() == 1 => project,
        other => panic!("{other:?}"),
    }
}

pub fn new_node() -> NodeId {
    NodeId(Uuid::now_v7())
}

pub fn title_field(template: &Template, node_type: &TypeId) -> FieldId {
    let node_type = template.types.iter().find(|t| t.id == *node_type).unwrap();
    let is_title = |id: &FieldId| {
        let field = template.fields.iter().find(|field| field.id == *id);
        field.is_some_and(|field| field.role == Some(Role::Title))
    };
    let placement = node_type.fields.iter().find(|p| is_title(&p.field));
    placement.unwrap().field.clone()
}

/// What is in the project, whatever the number of changes so far.
pub fn content(mut snapshot: Snapshot) -> Snapshot {
    snapshot.revision = 0;
    snapshot
}

/// The content without what undo would do.
pub fn shown(snapshot: Snapshot) -> Snapshot {
    let mut snapshot = content(snapshot);
    snapshot.history = app::reply::HistoryState::default();
    snapshot
}

pub fn row(snapshot: &Snapshot, node: NodeId) -> &Row {
    snapshot.nodes.iter().find(|row| row.0 == node).unwrap()
}

/// Waits for an event that `pick` takes.
pub async fn heard<T>(
    events: &mut Receiver<Arc<Event>>,
    mut pick: impl FnMut(&Event) -> Option<T>,
) -> T {
    let listen = async {
        loop {
            match events.recv().await {
                Ok(event) => {
                    if let Some(picked) = pick(&event) {
                        return picked;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("the application ended"),
            }
        }
    };
    tokio::time::timeout(DEADLINE, listen)
        .await
        .expect("the event did not come")
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
