//! Somebody with a machine of their own, and what such people share before a story begins.

use std::net::{Ipv4Addr, SocketAddr};

use app::app::{App, Options};
use app::event::Event;
use app::failure::Failure;
use app::network::NetworkOptions;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use app::sharing::Status;
use graph::command::Command;
use graph::id::NodeId;
use graph::person::Person as Profile;

use crate::{Desktop, Home, Screen, free_port};

/// Somebody with a machine of their own. Others find it where it was before.
pub struct Person {
    /// What is theirs on it.
    pub home: Home,
    /// What they look at.
    pub screen: Screen,
    listen: SocketAddr,
}

impl Person {
    /// A new one, whom nobody knows.
    pub fn new() -> Self {
        Self {
            home: Home::new(),
            screen: Screen::start(1280, 800),
            listen: (Ipv4Addr::LOCALHOST, free_port()).into(),
        }
    }

    /// Opens the window.
    pub fn start(&self) -> Desktop {
        Desktop::open_at(&self.home, &self.screen, self.listen)
    }

    /// Opens the window on a machine of a lab, as it is without any argument: whoever is on its network finds it.
    #[cfg(target_os = "linux")]
    pub fn start_on(&self, machine: &testkit::netns::Machine) -> Desktop {
        machine.run(|| Desktop::open(&self.home, &self.screen))
    }

    /// Where others reach the machine.
    pub fn address(&self) -> String {
        self.listen.to_string()
    }

    /// Changes the settings before the window opens.
    pub fn prefer(&self, change: impl FnOnce(&mut Settings)) {
        self.alone(async |app| {
            let Ok(Reply::Started(mut started)) = app.call(Request::Start).await else {
                panic!("it has started")
            };
            change(&mut started.settings);
            let settings = started.settings;
            app.call(Request::PutSettings { settings })
                .await
                .expect("settings are taken");
        });
    }

    /// Changes the project while nobody else is reached. The command is made from the project and the item.
    pub fn change_alone(&self, title: &str, command: impl FnOnce(&Snapshot, NodeId) -> Command) {
        self.alone(async |app| {
            let project = newest(&app).await;
            app.call(Request::OpenProject { project })
                .await
                .expect("it opens");
            let Ok(Reply::Snapshot(snapshot)) = app.call(Request::Snapshot { project }).await
            else {
                panic!("an open project can be read")
            };
            let command = command(&snapshot, titled(&snapshot, title));
            app.call(Request::Apply { project, command })
                .await
                .expect("the command is possible");
        });
    }

    /// The application without a window, and without a network.
    fn alone(&self, act: impl AsyncFnOnce(App)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let app = App::start(Options::new(self.home.data_dir()))
                .await
                .expect("nobody else is there");
            act(app.clone()).await;
            app.close().await.expect("the disk takes it");
        });
    }

    async fn reachable(&self, me: Profile) -> App {
        let mut options = Options::new(self.home.data_dir());
        options.network = Some(NetworkOptions {
            listen: self.listen,
            insecure_lan: false,
            discover: false,
        });
        let app = App::start(options).await.expect("a new data directory");
        app.call(Request::PutMe { me }).await.expect("a name");
        app
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new()
    }
}

/// Mia and Noah, who have cards of theirs in the sample of the blank template and share it. Both hold all of it; both
/// windows open it at the start.
pub fn mia_and_noah() -> (Person, Person) {
    let (mia, noah) = (Person::new(), Person::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (first, second) = (
            mia.reachable(profile("Mia", "#58a6ff")).await,
            noah.reachable(profile("Noah", "#e8894c")).await,
        );
        share(&first, &second, "blank", "Moving")
            .await
            .expect("they reach each other");
        second.close().await.expect("the disk takes it");
        first.close().await.expect("the disk takes it");
    });
    (mia, noah)
}

/// Makes the sample of a template at one installation and lets the other one join; both hold all of it afterwards.
pub async fn share(first: &App, second: &App, template: &str, name: &str) -> Result<(), Failure> {
    let create = Request::CreateProject {
        template: template.to_owned(),
        name: name.to_owned(),
        sample: true,
    };
    let project = opened(first.call(create).await?);
    let Reply::Invitation { invitation } = first.call(Request::Invite { project }).await? else {
        panic!("an invitation answers an invitation")
    };
    let mut events = second.events();
    second.call(Request::JoinProject { invitation }).await?;
    loop {
        match &*events.recv().await.expect("the application runs") {
            Event::Sharing { sharing, .. } if matches!(sharing.status, Status::Live { .. }) => {
                return Ok(());
            }
            _ => {}
        }
    }
}

fn opened(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, .. } => project,
        other => panic!("not opened: {other:?}"),
    }
}

async fn newest(app: &App) -> ProjectId {
    match app.call(Request::ListProjects).await {
        Ok(Reply::Projects { projects }) => projects.first().expect("a project").id,
        other => panic!("no list: {other:?}"),
    }
}

fn titled(snapshot: &Snapshot, title: &str) -> NodeId {
    let text = graph::value::Value::Text(title.to_owned());
    let row = snapshot
        .nodes
        .iter()
        .find(|row| row.4.values().any(|value| *value == text));
    row.unwrap_or_else(|| panic!("nothing is called {title:?}"))
        .0
}

fn profile(name: &str, colour: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        colour: colour.to_owned(),
    }
}
