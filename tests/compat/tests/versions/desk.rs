//! The application without a window on a data directory, and short words for what one does with it.

use std::path::Path;
use std::time::{Duration, Instant};

use app::app::{App, Options};
use app::failure::Failure;
use app::network::NetworkOptions;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use graph::command::Command;
use graph::id::{BlobId, NodeId};
use graph::template::Role;
use graph::value::{File, Value};
use tokio::time::timeout;

/// Longer than anything takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at something that is waited for, unless something happens.
const LOOK: Duration = Duration::from_millis(20);

pub struct Desk {
    pub app: App,
}

impl Desk {
    /// One that can be reached, and reaches others.
    pub async fn open(data: &Path) -> Self {
        let network = NetworkOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            insecure_lan: false,
            discover: false,
        };
        Self::start(data, Some(network)).await
    }

    /// One that reaches nobody.
    pub async fn alone(data: &Path) -> Self {
        Self::start(data, None).await
    }

    async fn start(data: &Path, network: Option<NetworkOptions>) -> Self {
        let options = Options {
            network,
            ..Options::new(data)
        };
        Self {
            app: App::start(options).await.unwrap(),
        }
    }

    pub async fn close(self) {
        self.app.close().await.unwrap();
    }

    pub async fn call(&self, request: Request) -> Reply {
        let shown = format!("{request:?}");
        self.try_call(request)
            .await
            .unwrap_or_else(|failure| panic!("{failure:?} to {shown}"))
    }

    pub async fn try_call(&self, request: Request) -> Result<Reply, Failure> {
        self.app.call(request).await
    }

    pub async fn apply(&self, project: ProjectId, command: Command) {
        self.call(Request::Apply { project, command }).await;
    }

    pub async fn snapshot(&self, project: ProjectId) -> Snapshot {
        match self.call(Request::Snapshot { project }).await {
            Reply::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub async fn title(&self, project: ProjectId, node: NodeId) -> String {
        title(&self.snapshot(project).await, node)
    }

    /// The attachment of a node.
    pub async fn attachment(&self, project: ProjectId, node: NodeId) -> (BlobId, File) {
        let snapshot = self.snapshot(project).await;
        let row = snapshot.nodes.iter().find(|row| row.0 == node).unwrap();
        let mut files = row.4.values().filter_map(|value| match value {
            Value::Files(files) => files.iter().next(),
            _ => None,
        });
        let (blob, file) = files.next().expect("it has one");
        (blob.clone(), file.clone())
    }

    pub async fn use_relay(&self, relay: &str) {
        let settings = Settings {
            relays: vec![relay.to_owned()],
            ..self.app.settings()
        };
        self.call(Request::PutSettings { settings }).await;
    }

    pub async fn invitation(&self, project: ProjectId) -> String {
        match self.call(Request::Invite { project }).await {
            Reply::Invitation { invitation } => invitation.0,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until something is so, and looks again whenever something has happened.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let mut events = self.app.events();
        let deadline = Instant::now() + DEADLINE;
        while !is_so().await {
            assert!(Instant::now() < deadline, "in vain waited for: {what}");
            // Whatever it is, or nothing: it is only a reason to look.
            let _ = timeout(LOOK, events.recv()).await;
        }
    }

    /// Waits until nothing of what was written here is with this machine alone.
    pub async fn has_given_all(&self, project: ProjectId) {
        self.until("somebody else has everything", async || {
            match self.call(Request::ReadSharing { project }).await {
                Reply::Sharing { sharing } => {
                    let sharing = sharing.expect("it is shared");
                    sharing.waiting == 0 && !matches!(sharing.status, app::sharing::Status::Offline)
                }
                other => panic!("{other:?}"),
            }
        })
        .await;
    }

    pub async fn has(&self, project: ProjectId, node: NodeId) {
        self.until("a node has come", async || {
            let snapshot = self.snapshot(project).await;
            snapshot.nodes.iter().any(|row| row.0 == node)
        })
        .await;
    }
}

pub fn title(snapshot: &Snapshot, node: NodeId) -> String {
    let row = snapshot.nodes.iter().find(|row| row.0 == node).unwrap();
    let fields = &snapshot.frame.template.fields;
    let titles = fields.iter().filter(|it| it.role == Some(Role::Title));
    let mut titles = titles.filter_map(|it| match row.4.get(&it.id) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    });
    titles.next().unwrap_or_default()
}

pub fn opened(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, .. } => project,
        other => panic!("{other:?}"),
    }
}
