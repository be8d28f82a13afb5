//! `soak desk`: one application without a window. Orders come on standard input, a line each, and each is answered by
//! one line; what nobody asked for begins with `saved`.
//!
//! | order | answer | |
//! |---|---|---|
//! | `create` | `invitation TEXT` | makes a project, shares it and a node of its own |
//! | `join TEXT` | `joined` | joins, and makes a node of its own once the project is there |
//! | `relay [TEXT]` | `relays` | takes its projects to this relay, or to none: an address, or a link with which they may be kept there |
//! | `reach TEXT` | `joined` | learns by which other addresses its room is reached |
//! | `open` | `open N` | opens what it had; N is what its own node counts |
//! | `work MS` | `works` | edits at random, about every so many milliseconds; 0: not at all |
//! | `report` | `report JSON` | |
//! | `count N` | `count N M` | what the node of desk N counts here |
//! | `quit` | `closed` | closes in good order and ends |
//!
//! `saved N` says that the count N of its own node would survive a loss of power. What comes back after a kill must not
//! be less.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use app::app::{App, Options as Start};
use app::event::{Event, SaveState};
use app::network::NetworkOptions;
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::settings::Settings;
use clap::Args;
use graph::command::Command;
use graph::id::NodeId;
use graph::person::Person;
use graph::value::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::editor::{self, Deed};
use crate::report::Report;

/// Every so manieth edit counts one further.
const COUNT_EVERY: u64 = 4;

#[derive(Args)]
pub struct Options {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// Where others reach it.
    #[arg(long)]
    listen: SocketAddr,
    /// Which of the desks it is.
    #[arg(long)]
    number: u8,
    /// What its random edits follow from.
    #[arg(long)]
    seed: u64,
}

pub async fn command(options: Options) -> Result<()> {
    fastrand::seed(options.seed);
    let mut start = Start::new(&options.data_dir);
    start.network = Some(NetworkOptions {
        listen: options.listen,
        insecure_lan: false,
        discover: false,
    });
    let app = App::start(start).await?;
    let me = Person {
        name: format!("Desk {}", options.number),
        colour: "#4C9BE8".to_owned(),
    };
    app.call(Request::PutMe { me }).await?;
    let desk = Desk {
        app,
        number: options.number,
        project: None,
        pause: None,
        edit_at: Instant::now(),
        counted: 0,
        counted_at: i64::MAX,
        can_undo: false,
        edits: 0,
    };
    desk.run(orders()).await
}

struct Desk {
    app: App,
    number: u8,
    project: Option<ProjectId>,
    /// Between two edits, about.
    pause: Option<Duration>,
    edit_at: Instant,
    counted: u64,
    /// When the last count had been answered, by the clock that the application goes by.
    counted_at: i64,
    /// The step before is none of counting.
    can_undo: bool,
    edits: u64,
}

impl Desk {
    async fn run(mut self, mut orders: mpsc::Receiver<String>) -> Result<()> {
        let mut events = self.app.events();
        loop {
            tokio::select! {
                order = orders.recv() => match order.as_deref() {
                    None => return Ok(()),
                    Some("quit") => {
                        self.app.close().await?;
                        return say("closed");
                    }
                    Some(order) => say(&self.obey(order).await.context(order.to_owned())?)?,
                },
                event = events.recv() => match event.as_deref() {
                    Ok(event) => self.hear(event)?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => bail!("the application ended"),
                },
                () = sleep_until(self.edit_at), if self.pause.is_some() => {
                    self.edit().await?;
                    let pause = self.pause.unwrap_or_default();
                    self.edit_at = Instant::now() + pause.mul_f64(0.2 + 1.6 * fastrand::f64());
                }
            }
        }
    }

    fn hear(&self, event: &Event) -> Result<()> {
        match event {
            Event::Saving {
                state: SaveState::Saved { at },
            } if at.0 > self.counted_at => say(&format!("saved {}", self.counted)),
            Event::Saving {
                state: SaveState::Unsaved { code, message, .. },
            } => bail!("{code}: {message}"),
            Event::Crashed { report, .. } => bail!("the project crashed: {report}"),
            _ => Ok(()),
        }
    }

    async fn obey(&mut self, order: &str) -> Result<String> {
        let (name, rest) = order.split_once(' ').unwrap_or((order, ""));
        match name {
            "create" => {
                let create = Request::CreateProject {
                    template: "book".to_owned(),
                    name: "Everybody's".to_owned(),
                    sample: true,
                };
                let project = self.opened(create).await?;
                self.make_own_node().await?;
                match self.app.call(Request::Invite { project }).await? {
                    Reply::Invitation { invitation } => Ok(format!("invitation {}", &*invitation)),
                    other => bail!("{other:?}"),
                }
            }
            "join" => {
                let invitation = rest.into();
                self.opened(Request::JoinProject { invitation }).await?;
                let mut events = self.app.events();
                while self.snapshot().await?.nodes.is_empty() {
                    // It may have lagged; what matters is that something has happened.
                    let _ = events.recv().await;
                }
                self.make_own_node().await?;
                Ok("joined".to_owned())
            }
            "relay" => {
                let settings = Settings {
                    relays: rest.split_whitespace().map(str::to_owned).collect(),
                    ..Settings::default()
                };
                self.app.call(Request::PutSettings { settings }).await?;
                Ok("relays".to_owned())
            }
            "reach" => {
                let invitation = rest.into();
                self.opened(Request::JoinProject { invitation }).await?;
                Ok("joined".to_owned())
            }
            "open" => {
                let Reply::Projects { projects } = self.app.call(Request::ListProjects).await?
                else {
                    bail!("there is no list");
                };
                let project = projects.first().context("there is no project")?.id;
                self.opened(Request::OpenProject { project }).await?;
                self.counted = self.count_of(self.number, &self.snapshot().await?);
                Ok(format!("open {}", self.counted))
            }
            "work" => {
                let pause = Duration::from_millis(rest.parse()?);
                self.pause = Some(pause).filter(|it| !it.is_zero());
                Ok("works".to_owned())
            }
            "report" => {
                let snapshot = self.snapshot().await?;
                let project = self.project()?;
                let sharing = match self.app.call(Request::ReadSharing { project }).await? {
                    Reply::Sharing { sharing } => sharing.context("it is not shared")?,
                    other => bail!("{other:?}"),
                };
                let report = Report::of(&snapshot, &sharing, self.edits);
                Ok(format!("report {}", serde_json::to_string(&report)?))
            }
            "count" => {
                let count = self.count_of(rest.parse()?, &self.snapshot().await?);
                Ok(format!("count {rest} {count}"))
            }
            _ => bail!("no such order"),
        }
    }

    async fn edit(&mut self) -> Result<()> {
        let snapshot = self.snapshot().await?;
        self.edits += 1;
        if self.edits.is_multiple_of(COUNT_EVERY) {
            return self.count(&snapshot).await;
        }
        let project = self.project()?;
        let spared = |node| (0..10).any(|number| own_node(number) == node);
        match editor::next(&snapshot, spared) {
            None => {}
            Some(Deed::Apply(command)) => {
                // Much of what is thought of at random may not be done.
                let command = *command;
                self.can_undo |= self.apply(command).await.is_ok();
            }
            Some(Deed::Undo { and_redo }) if self.can_undo => {
                self.can_undo = false;
                self.step_back(Request::Undo { project }).await?;
                // Where others have written over the last step, one before it was taken back.
                if and_redo || !self.is_counted(&self.snapshot().await?) {
                    self.step_back(Request::Redo { project }).await?;
                }
            }
            Some(Deed::Undo { .. }) => {}
            Some(Deed::Purge) => {
                let Reply::Trash { items } = self.app.call(Request::ReadTrash { project }).await?
                else {
                    bail!("there is no trash");
                };
                let nodes = items.iter().skip(5).map(|item| item.node).collect();
                // Somebody else may have purged them already.
                self.apply(Command::PurgeNodes { nodes }).await.ok();
                self.can_undo = false;
            }
        }
        Ok(())
    }

    /// Counts one further in its own node.
    async fn count(&mut self, snapshot: &Snapshot) -> Result<()> {
        let title = format!("counts {}", self.counted + 1);
        let command = editor::retitle(snapshot, own_node(self.number), &title)
            .context("its own node is gone")?;
        self.apply(command).await?;
        self.counted += 1;
        self.counted_at = now_ms();
        self.can_undo = false;
        Ok(())
    }

    /// Makes the node in which it counts, and waits until that survives what may happen to this process.
    async fn make_own_node(&mut self) -> Result<()> {
        let snapshot = self.snapshot().await?;
        let command = editor::new_root(&snapshot, own_node(self.number), "counts 0");
        let (mut events, begun) = (self.app.events(), now_ms());
        self.apply(command.context("nothing may stand at the top")?)
            .await?;
        loop {
            match events.recv().await.as_deref() {
                Ok(Event::Saving {
                    state: SaveState::Saved { at },
                }) if at.0 >= begun => return Ok(()),
                Err(RecvError::Closed) => bail!("the application ended"),
                _ => {}
            }
        }
    }

    fn count_of(&self, number: u8, snapshot: &Snapshot) -> u64 {
        let mut rows = snapshot.nodes.iter();
        let row = rows.find(|row| row.0 == own_node(number));
        let texts = row
            .into_iter()
            .flat_map(|row| row.4.values())
            .filter_map(|it| match it {
                Value::Text(text) => text.strip_prefix("counts "),
                _ => None,
            });
        let mut counts = texts.filter_map(|text| text.parse().ok());
        counts.next().unwrap_or(0)
    }

    /// Whether its own node says how far it has counted.
    fn is_counted(&self, snapshot: &Snapshot) -> bool {
        let is_own = |node| node == own_node(self.number);
        snapshot.nodes.iter().any(|row| is_own(row.0))
            && self.count_of(self.number, snapshot) == self.counted
    }

    async fn apply(&self, command: Command) -> Result<()> {
        let project = self.project()?;
        self.app.call(Request::Apply { project, command }).await?;
        Ok(())
    }

    /// Undoes or redoes. Steps about what somebody else has deleted for ever are forgotten, the last one perhaps.
    async fn step_back(&self, request: Request) -> Result<()> {
        let forgotten = ["NOTHING_TO_UNDO", "NOTHING_TO_REDO"];
        match self.app.call(request).await {
            Err(failure) if !forgotten.contains(&failure.code.as_str()) => Err(failure.into()),
            _ => Ok(()),
        }
    }

    async fn opened(&mut self, request: Request) -> Result<ProjectId> {
        match self.app.call(request).await? {
            Reply::Opened { project, notices } if notices.is_empty() => {
                self.project = Some(project);
                Ok(project)
            }
            other => bail!("{other:?}"),
        }
    }

    async fn snapshot(&self) -> Result<Snapshot> {
        let project = self.project()?;
        match self.app.call(Request::Snapshot { project }).await? {
            Reply::Snapshot(snapshot) => Ok(*snapshot),
            other => bail!("{other:?}"),
        }
    }

    fn project(&self) -> Result<ProjectId> {
        self.project.context("no project is open")
    }
}

/// The node in which a desk counts. It is nobody else's to edit.
fn own_node(number: u8) -> NodeId {
    NodeId(Uuid::from_bytes([number + 1; 16]))
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

/// Lines of standard input. The thread ends with the process.
fn orders() -> mpsc::Receiver<String> {
    let (sender, orders) = mpsc::channel(8);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || line.is_ok_and(|line| sender.blocking_send(line).is_err()) {
                return;
            }
        }
    });
    orders
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
