//! Two people who share a project by a relay and nothing else.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::app::{App, Options};
use app::event::Event;
use app::network::NetworkOptions;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use graph::command::{Command, Place, Position};
use graph::id::{FieldId, NodeId};
use graph::person::Person;
use graph::template::{Role, Template};
use graph::value::Value;
use sync::Bundle;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use trust::invitation::Invitation;
use trust::membership::Reader;
use uuid::Uuid;

use crate::needles::Needles;

/// Longer than anything takes; a test that waits so long has failed.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// How a project is shared.
#[derive(Clone, Copy)]
pub struct How {
    /// As earlier versions did, with nothing sealed.
    pub is_open: bool,
}

struct Somebody {
    name: &'static str,
    colour: &'static str,
    title: &'static str,
}

const ANA: Somebody = Somebody {
    name: "Wilhelmina Vex",
    colour: "#13FA7E",
    title: "Quetzal harvest",
};

const BEN: Somebody = Somebody {
    name: "Ottokar Brume",
    colour: "#A91D5C",
    title: "Zorilla ledger",
};

pub struct Company {
    ana: Desk,
    ben: Desk,
    /// None in an open room.
    invitation: Option<Invitation>,
    /// The keys of the room.
    epochs: Vec<[u8; 32]>,
    folder: TempDir,
}

struct Desk {
    app: App,
    events: Receiver<Arc<Event>>,
    project: Option<ProjectId>,
    who: &'static Somebody,
}

impl Company {
    /// They have written and seen each other's.
    pub async fn at(relay: SocketAddr, how: How) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut ana = Desk::start(&folder.path().join("ana"), relay, &ANA).await;
        let mut ben = Desk::start(&folder.path().join("ben"), relay, &BEN).await;
        let create = Request::CreateProject {
            template: "blank".to_owned(),
            name: "Xanthic almanac".to_owned(),
            sample: false,
        };
        let project = opened(ana.call(create).await);
        ana.call(Request::OpenProject { project }).await;
        ana.project = Some(project);
        if how.is_open {
            ana.app.share_openly(project).await.unwrap();
        }
        let text = match ana.call(Request::Invite { project }).await {
            Reply::Invitation { invitation } => invitation.0,
            other => panic!("{other:?}"),
        };
        // The relay is the only way; in an open room it is one of two.
        let mut invitation = Invitation::read(&text).ok();
        assert_eq!(
            invitation.is_none(),
            how.is_open,
            "earlier versions had their own"
        );
        let text = match &mut invitation {
            Some(invitation) => {
                invitation.hints.clear();
                invitation.to_text().to_string()
            }
            None => text,
        };
        let join = Request::JoinProject {
            invitation: text.as_str().into(),
        };
        ben.project = Some(opened(ben.call(join).await));
        // What she writes comes in a frame of its own then: the one that has the whole project is packed.
        ben.template().await;
        ana.write().await;
        ben.shows(ANA.title).await;
        ben.write().await;
        ana.shows(BEN.title).await;
        ben.hears(ANA.name).await;
        ana.hears(BEN.name).await;
        let file = folder.path().join("all.tallybundle");
        let epochs = match &invitation {
            Some(invitation) => ana.epochs(&file, invitation).await,
            None => Vec::new(),
        };
        Self {
            ana,
            ben,
            invitation,
            epochs,
            folder,
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What they have typed.
    pub fn words(&self) -> Needles {
        let mut words = Needles::default();
        for one in [&ANA, &BEN] {
            words.word(one.title, true);
            words.word(one.name, false);
            words.word(one.colour, false);
        }
        words
    }

    /// Their keys, the secret of the invitation and the keys of the room.
    pub fn secrets(&self) -> Needles {
        let mut secrets = Needles::default();
        if let Some(invitation) = &self.invitation {
            secrets.secret("the invitation", invitation.secret.seed());
        }
        for epoch in &self.epochs {
            secrets.secret("the key of the room", epoch);
        }
        for name in ["ana", "ben"] {
            let kept = std::fs::read(self.folder().join(name).join("device.secret")).unwrap();
            secrets.secret(&format!("{name}'s signing key"), &kept[1..33]);
            secrets.secret(&format!("{name}'s sealing key"), &kept[33..65]);
        }
        secrets
    }

    pub async fn close(self) {
        for desk in [self.ana, self.ben] {
            desk.app.close().await.unwrap();
        }
    }
}

impl Desk {
    async fn start(folder: &Path, relay: SocketAddr, who: &'static Somebody) -> Self {
        let mut options = Options::new(folder);
        options.network = Some(NetworkOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            insecure_lan: false,
            discover: false,
        });
        let app = App::start(options).await.unwrap();
        let events = app.events();
        let desk = Self {
            app,
            events,
            project: None,
            who,
        };
        let me = Person {
            name: who.name.to_owned(),
            colour: who.colour.to_owned(),
        };
        desk.call(Request::PutMe { me }).await;
        let settings = Settings {
            relays: vec![relay.to_string()],
            ..Settings::default()
        };
        desk.call(Request::PutSettings { settings }).await;
        desk
    }

    async fn call(&self, request: Request) -> Reply {
        let said = format!("{request:?}");
        let answer = self.app.call(request).await;
        answer.unwrap_or_else(|failure| panic!("{failure:?} to {said}"))
    }

    fn project(&self) -> ProjectId {
        self.project.expect("a project is open")
    }

    async fn snapshot(&self) -> Snapshot {
        let project = self.project();
        match self.call(Request::Snapshot { project }).await {
            Reply::Snapshot(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// Something of this project happened.
    async fn news(&mut self, what: &str) {
        let heard = tokio::time::timeout(DEADLINE, self.events.recv()).await;
        heard
            .unwrap_or_else(|_| panic!("in vain waited for {what}"))
            .ok();
    }

    /// What the project is made of, once it is here.
    async fn template(&mut self) -> Template {
        loop {
            let template = self.snapshot().await.frame.template;
            if !template.types.is_empty() {
                return template;
            }
            self.news("the types").await;
        }
    }

    /// Makes an item and gives it her title, says what she looks at and what she is called.
    async fn write(&mut self) {
        let template = self.template().await;
        let node_type = template.types.iter().find(|it| it.top_level).unwrap();
        let titles = template.fields.iter();
        let titles = titles.filter(|it| it.role == Some(Role::Title));
        let has = |field: &FieldId| node_type.fields.iter().any(|it| it.field == *field);
        let field = titles.map(|it| it.id.clone()).find(has).unwrap();
        let (project, node) = (self.project(), NodeId(Uuid::now_v7()));
        let create = Command::CreateNode {
            node,
            node_type: node_type.id.clone(),
            place: Place {
                parent: None,
                at: Position::Last,
            },
            values: Vec::new(),
        };
        let name = Command::SetField {
            nodes: vec![node],
            field,
            value: Some(Value::Text(self.who.title.to_owned())),
        };
        for command in [create, name] {
            self.call(Request::Apply { project, command }).await;
        }
        let presence = Request::PutPresence {
            project,
            node: Some(node),
            field: None,
            is_typing: false,
        };
        self.call(presence).await;
    }

    async fn shows(&mut self, title: &str) {
        while !format!("{:?}", self.snapshot().await).contains(title) {
            self.news(title).await;
        }
    }

    /// Somebody of this name is here.
    async fn hears(&mut self, name: &str) {
        let project = self.project();
        loop {
            let sharing = match self.call(Request::ReadSharing { project }).await {
                Reply::Sharing { sharing } => sharing.expect("it is shared"),
                other => panic!("{other:?}"),
            };
            let mut companions = sharing.companions.iter();
            if companions.any(|it| it.name.as_deref() == Some(name)) {
                return;
            }
            self.news(name).await;
        }
    }

    /// The keys of the room, as whoever has the invitation can open them.
    async fn epochs(&self, file: &Path, invitation: &Invitation) -> Vec<[u8; 32]> {
        let export = Request::ExportBundle {
            project: self.project(),
            path: file.to_str().unwrap().to_owned(),
            since: None,
        };
        self.call(export).await;
        let log = Bundle::decode(&std::fs::read(file).unwrap())
            .unwrap()
            .membership;
        let id = log.invitation_of(&invitation.secret).unwrap();
        let sealing = invitation.secret.sealing();
        let keys = log.keys(Reader::Invitation(id, &sealing), &BTreeMap::new());
        keys.values().map(|key| *key.bytes()).collect()
    }
}

fn opened(reply: Reply) -> ProjectId {
    match reply {
        Reply::Opened { project, .. } => project,
        other => panic!("{other:?}"),
    }
}
