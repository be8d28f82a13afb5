//! When everything is well again: all machines are up, all links heal, all is delivered.

use app::sharing::Status;
use graph::Project as Graph;
use graph::document::Document;
use graph::generate::Random;
use sync::{LinkId, Time};

use crate::desk::{DOCUMENTS, Desk, vector, words};
use crate::world::{Broken, Host, World};

/// Time without news after which nothing is expected any more: states wait for a few seconds.
const QUIET_MS: u64 = 6_000;

/// More than any world takes.
const ROUNDS: usize = 3_000;

impl World {
    /// Heals everything, waits until nothing moves, and looks whether all is equal.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.heal()?;
        self.settle()?;
        self.check_rest()
    }

    fn heal(&mut self) -> Result<(), Broken> {
        self.partition = None;
        self.asleep.clear();
        for host in 0..self.hosts.len() {
            self.start(host)?;
            match &mut self.hosts[host] {
                Host::App(desk) => desk.set_full(false),
                Host::Relay(post) => post.set_full(false),
            }
        }
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            link.held_until = Time(0);
            if link.is_damaged || !link.is_whole() {
                self.cut(id)?;
            }
        }
        for (a, b) in self.reach.clone() {
            if self.between(a, b).is_empty() {
                self.join([a, b])?;
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Broken> {
        let mut moved_at = self.now;
        for _ in 0..ROUNDS {
            let mut moved = false;
            for id in self.links.keys().copied().collect::<Vec<_>>() {
                for end in [0, 1] {
                    while self
                        .links
                        .get(&id)
                        .is_some_and(|link| !link.queue[end].is_empty())
                    {
                        moved |= self.deliver(id, end)?;
                    }
                }
            }
            for host in 0..self.hosts.len() {
                let now = self.now;
                let worked = match &mut self.hosts[host] {
                    Host::App(desk) => desk.work(now, None),
                    Host::Relay(post) => post.work(now, None),
                };
                moved |= worked.map_err(|broken| format!("{}: {broken}", self.name(host)))?;
                self.send_out(host)?;
                self.check(host)?;
            }
            if moved {
                moved_at = self.now;
            } else if self.now.since_ms(moved_at) >= QUIET_MS {
                return Ok(());
            } else {
                self.wait();
            }
        }
        Err("it does not come to rest".to_owned())
    }

    /// Until something is due, a second at most.
    fn wait(&mut self) {
        let wakes = self.hosts.iter().filter_map(|host| match host {
            Host::App(desk) => desk.wake(),
            Host::Relay(post) => post.wake(),
        });
        let soon = self.now.plus_ms(1_000);
        let next = wakes.filter(|wake| *wake > self.now).min().unwrap_or(soon);
        self.now = next.min(soon).max(self.now.plus_ms(1));
    }

    fn check_rest(&mut self) -> Result<(), Broken> {
        let now = self.now;
        let expected = match &self.hosts[0] {
            Host::App(desk) => desk.held(),
            Host::Relay(post) => post.held()?,
        };
        let key = store::RoomKey(self.membership.room().0);
        for host in 0..self.hosts.len() {
            let store = match &self.hosts[host] {
                Host::App(desk) => desk.store(),
                Host::Relay(post) => post.store(),
            };
            let durable = store
                .ok_or("it is down")?
                .durable_room(key)
                .map_err(words)?;
            let durable = vector(&durable.vector);
            if durable != expected {
                let name = self.name(host);
                return Err(format!(
                    "all hold {expected:?}, the disk of {name} has {durable:?}"
                ));
            }
        }
        for host in 0..self.apps {
            let checked = self.check_desk(host, now);
            checked.map_err(|broken| format!("{}: {broken}", self.name(host)))?;
        }
        Ok(())
    }

    fn check_desk(&mut self, host: usize, now: Time) -> Result<(), Broken> {
        let here = (0..self.hosts.len()).filter_map(|host| self.device(host));
        let here: Vec<String> = here.map(|device| device.to_string()).collect();
        let (first, rest) = self.hosts.split_at_mut(1);
        let Host::App(first) = &mut first[0] else {
            return Err("the first machine is no application".to_owned());
        };
        if host == 0 {
            return check_itself(first, &here, now);
        }
        let Host::App(desk) = &mut rest[host - 1] else {
            return Ok(());
        };
        let (Some(left), Some(right)) = (first.graph(), desk.graph()) else {
            return Err("it is down".to_owned());
        };
        same_project(left, right, "it differs from a0")?;
        for (document, heads) in &desk.saved.heads {
            if let Some(lost) = heads.iter().find(|head| !left.holds(*document, head)) {
                return Err(format!("what was saved is missing: {lost} of {document:?}"));
            }
        }
        check_itself(desk, &here, now)
    }
}

/// One application at rest: nothing waits, and its disk has what is open.
fn check_itself(desk: &mut Desk, here: &[String], now: Time) -> Result<(), Broken> {
    let sharing = desk.sharing(now)?;
    if sharing.waiting > 0 {
        return Err(format!("{} changes wait at rest", sharing.waiting));
    }
    if !matches!(sharing.status, Status::Live { .. }) {
        return Err(format!("it is {:?} at rest", sharing.status));
    }
    // Of machines that are no more, others remember what was heard last.
    let mut companions = sharing
        .companions
        .iter()
        .filter(|it| here.contains(&it.device));
    if let Some(it) = companions.find(|it| it.has_diverged || it.has_everything != Some(true)) {
        return Err(format!("this is said of a machine at rest: {it:?}"));
    }
    let project = desk.project().ok_or("it is down")?;
    if project.unsaved().pending > 0 || project.unsaved().stalled.is_some() {
        return Err(format!("{:?} is not saved at rest", project.unsaved()));
    }
    check_stored(desk, now)
}

/// What its disk holds is what is open, the steps that can be undone included. What was read from the disk was read
/// anew, so the view that absorbed every change is one that was built from the documents.
fn check_stored(desk: &mut Desk, now: Time) -> Result<(), Broken> {
    let mut beside = desk.beside(now)?;
    let (Some(open), Some(loaded)) = (desk.graph(), beside.graph()) else {
        return Err("it is down".to_owned());
    };
    same_project(open, loaded, "the disk has something else than is open")?;
    let (author, other) = (desk.author(), beside.author());
    same(
        &author.map(|author| open.history_labels(author)),
        &other.map(|author| loaded.history_labels(author)),
        "the disk has another history",
    )?;
    let waiting = beside.sharing(now)?.waiting;
    match waiting {
        0 => Ok(()),
        _ => Err(format!("{waiting} changes wait after a restart")),
    }
}

fn same_project(left: &Graph, right: &Graph, what: &str) -> Result<(), Broken> {
    same(&left.view().picture(), &right.view().picture(), what)?;
    for document in DOCUMENTS {
        let heads = |graph: &Graph, document: Document| graph.heads(document);
        same(&heads(left, document), &heads(right, document), what)?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(a: &T, b: &T, what: &str) -> Result<(), Broken> {
    if a == b {
        return Ok(());
    }
    let (a, b) = (format!("{a:#?}"), format!("{b:#?}"));
    let differing = a.lines().zip(b.lines()).filter(|(a, b)| a != b).take(8);
    let differing = differing.map(|(a, b)| format!("  {} | {}", a.trim(), b.trim()));
    Err(format!(
        "{what}:\n{}",
        differing.collect::<Vec<_>>().join("\n")
    ))
}

/// Only to choose with.
pub fn random_of(seed: u64) -> Random {
    Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
}
