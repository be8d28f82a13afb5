//! When everything is well again: all machines are up, all links heal, all is delivered.

use std::collections::BTreeSet;

use app::request::Request;
use app::sharing::Status;
use graph::Project as Graph;
use graph::command::Command;
use graph::document::Document;
use graph::generate::Random;
use graph::id::{BlobId, CommentId};
use store::{BlobHash, Store};
use sync::limits::SIGNAL_LIFE_MS;
use sync::{BlobName, Header, LinkId, StreamId, Time, Vector};
use trust::record::Role;
use trust::{Membership, Right};
use uuid::Uuid;

use crate::desk::{DOCUMENTS, Desk, vector, words};
use crate::disk::Chance;
use crate::world::{Broken, Host, World, wall_ms};

/// Time without news after which nothing is expected any more: states wait for a few seconds.
const QUIET_MS: u64 = 6_000;

/// As often all dial again whoever they are not linked to.
const REDIALS: usize = 2;

/// More than any world takes.
const ROUNDS: usize = 3_000;

/// Of which it is told what moved, if they were too few.
const LAST_ROUNDS: usize = 20;

impl World {
    /// Heals everything, waits until nothing moves, and looks whether all is equal.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.leave_liar()?;
        self.heal()?;
        self.settle()?;
        // Who was not let in, or was cut off by mistake of an old log, dials again, as every application does.
        for _ in 0..REDIALS {
            self.close_half_open()?;
            self.join_all()?;
            self.settle()?;
        }
        self.build_on_all()?;
        // Who stands in for somebody waits for them first.
        let until = self.now.plus_ms(SIGNAL_LIFE_MS);
        while self.now < until {
            self.wait();
            self.settle()?;
        }
        // Who was silent is left for somebody else after a while, and pieces come one after the other.
        let until = self.now.plus_ms(60_000);
        while self.find_lacking_attachment()?.is_some() && self.now < until {
            self.wait();
            self.settle()?;
        }
        if let Some(lacking) = self.find_lacking_attachment()? {
            return Err(lacking);
        }
        self.check_attachments()?;
        self.check_rest()
    }

    /// Whoever may write does so once more, if some hold what others have left, or if all took what counts by nobody's word before
    /// they heard of a removal: they stand for it then. So does who may only comment for comments that do not count by
    /// themselves. Of others she need say nothing: what is before them may not count, but then she has said them once more
    /// (R13).
    fn build_on_all(&mut self) -> Result<(), Broken> {
        let members = self.all_records();
        let writers = self.writers(&members);
        let Some(first) = writers.first().map(|host| self.held(*host)) else {
            return Ok(());
        };
        let is_level = |host: &usize| {
            self.held(*host) == first && self.check_standing(*host, &members).is_ok()
        };
        if !writers.iter().all(is_level) {
            self.count("built-on");
            for host in writers {
                let command = Command::SetProject {
                    name: Some(format!("Shared by {host}")),
                    currency: None,
                };
                self.write(host, command)?;
            }
            self.settle()?;
        }
        for host in self.commenters(&members) {
            let command = self.comment_on_something(host);
            if let Some(command) =
                command.filter(|_| self.has_left_comments(host, &first, &members))
            {
                self.write(host, command)?;
                self.settle()?;
            }
        }
        Ok(())
    }

    /// Whether a machine holds comments beyond what others hold that count by nobody's right.
    fn has_left_comments(&self, host: usize, others: &Vector, members: &Membership) -> bool {
        let is_left = |header: &Header| {
            let (stream, right) = (header.stream, header.right());
            right == Right::Comment
                && header.number > others.get(&stream)
                && !members.counts(&stream.device, right, stream.nonce, header.number)
        };
        self.held(host) != *others && self.log_of(host).values().any(|it| is_left(it.header()))
    }

    fn write(&mut self, host: usize, command: Command) -> Result<(), Broken> {
        let now = self.now;
        let desk = self.desk(host).ok_or("it is down")?;
        let project = desk.id();
        let said = desk.ask(now, Request::Apply { project, command })?;
        said.map_err(|code| format!("who may write may not: {code}"))?;
        self.send_out(host)
    }

    fn comment_on_something(&self, host: usize) -> Option<Command> {
        let Host::App(desk) = &self.hosts[host] else {
            return None;
        };
        let node = desk.graph()?.view().roots().next()?;
        Some(Command::AddComment {
            comment: CommentId(Uuid::from_u128(u128::from(self.now.0) << 8 | host as u128)),
            node: node.id(),
            reply_to: None,
            body: format!("Seen by {host}"),
        })
    }

    pub fn settle(&mut self) -> Result<(), Broken> {
        let mut moved_at = self.now;
        let mut last = Vec::new();
        for round in 0..ROUNDS {
            let mut moved = false;
            for id in self.links.keys().copied().collect::<Vec<_>>() {
                for end in [0, 1] {
                    while self
                        .links
                        .get(&id)
                        .is_some_and(|link| !link.queue[end].is_empty())
                    {
                        if round + LAST_ROUNDS >= ROUNDS {
                            last.extend(self.next_on(id, end));
                        }
                        moved |= self.deliver(id, end)?;
                    }
                }
            }
            for host in self.honest() {
                moved |= self.work(host, Chance(None))?;
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
        let last = last.join(", ");
        Err(format!("it does not come to rest: {last}"))
    }

    /// Who sends what kind of message to whom next on a link.
    fn next_on(&self, id: LinkId, end: usize) -> Option<String> {
        let link = self.links.get(&id)?;
        let kind = *link.queue[end].front()?.first()?;
        let [from, to] = [end, 1 - end].map(|end| self.name(link.ends[end]));
        Some(format!("{from} {to} kind {kind}"))
    }

    /// Until something is due, a second at most.
    fn wait(&mut self) {
        let wakes = self.hosts.iter().filter_map(Host::wake);
        let soon = self.now.plus_ms(1_000);
        let next = wakes.filter(|wake| *wake > self.now).min().unwrap_or(soon);
        self.now = next.min(soon).max(self.now.plus_ms(1));
    }

    /// An attachment that somebody wants, does not have, and could get: from who holds the same, or from a relay, and by way of
    /// such machines alone.
    fn find_lacking_attachment(&mut self) -> Result<Option<Broken>, Broken> {
        let now = self.now;
        let level = self.level(&self.all_records());
        for host in level.clone() {
            let Some(desk) = self.desk(host) else {
                continue;
            };
            for lacking in desk.missing_attachments(now)? {
                let hash: BlobHash = lacking.blob.as_str().parse().map_err(words)?;
                let has = |it: &usize| match &self.hosts[*it] {
                    Host::App(desk) => {
                        let store = desk.disk.store();
                        store.is_some_and(|store| matches!(store.blobs().size(hash), Ok(Some(_))))
                    }
                    // After a loss of power it may have forgotten of which room something was (B8).
                    Host::Relay(post) => post.keeps(&BlobName(hash.0)),
                };
                let willing = self.who_passes_on(&lacking.blob, &level);
                if !self.reached_from(host, &willing).iter().any(has) {
                    continue;
                }
                let holders = self.honest().into_iter().filter(has);
                let holders: Vec<_> = holders.map(|it| self.links_of(it)).collect();
                let (name, links) = (self.name(host), self.links_of(host));
                return Ok(Some(format!(
                    "{name} lacks {lacking:?}; {links}; those who have it: {holders:?}"
                )));
            }
        }
        Ok(None)
    }

    /// Relays, and of these applications those whose project names an attachment: others pass it on to nobody. Who may not write
    /// any more keeps to herself what she has not said yet, and may have removed what names it by that.
    fn who_passes_on(&self, blob: &BlobId, level: &[usize]) -> BTreeSet<usize> {
        let honest = self.honest().into_iter();
        let willing = honest.filter(|host| match &self.hosts[*host] {
            Host::App(desk) => level.contains(host) && desk.names(blob),
            Host::Relay(_) => true,
        });
        willing.collect()
    }

    /// Who is linked with a machine, by way of these and at last one of them. The machine itself is among them.
    fn reached_from(&self, host: usize, among: &BTreeSet<usize>) -> BTreeSet<usize> {
        let (mut reached, mut next) = (BTreeSet::from([host]), vec![host]);
        while let Some(one) = next.pop() {
            let links = self.links.values().filter(|link| link.ends.contains(&one));
            for other in links.flat_map(|link| link.ends) {
                if among.contains(&other) && reached.insert(other) {
                    next.push(other);
                }
            }
        }
        reached
    }

    /// Applications of those who may write.
    fn writers(&self, members: &Membership) -> Vec<usize> {
        let is_writer = |host: &usize| {
            let device = self.device(*host);
            device.is_some_and(|it| members.permits(&it, Right::Edit).is_ok())
        };
        self.apps().into_iter().filter(is_writer).collect()
    }

    /// Applications of those who may comment and no more.
    fn commenters(&self, members: &Membership) -> Vec<usize> {
        let is_commenter = |host: &usize| {
            let device = self.device(*host);
            device.is_some_and(|it| members.role_of(&it) == Some(Role::Commenter))
        };
        self.apps().into_iter().filter(is_commenter).collect()
    }

    fn readers(&self, members: &Membership) -> Vec<usize> {
        let is_reader = |host: &usize| {
            let device = self.device(*host);
            device.is_some_and(|it| members.role_of(&it).is_some())
        };
        self.apps().into_iter().filter(is_reader).collect()
    }

    /// The writer with whom all others are compared: one who reads all, and if some hold what others need not, one who does not.
    fn measure(&self, members: &Membership) -> Option<usize> {
        let rank = |host: &usize| {
            let is_plain = self.held(*host) == self.held_by_all(*host, members);
            (self.is_kept_out(*host, members), !is_plain)
        };
        self.writers(members).into_iter().min_by_key(rank)
    }

    /// What a machine holds, and all others must. Who writes two frames in one place and is no member any more counts only by
    /// what vouches for one of them by its name (R5), and that does not come by a machine that has the other: so some may hold
    /// such a stream that others have left.
    fn held_by_all(&self, host: usize, members: &Membership) -> Vector {
        let held = self.held(host);
        let held = held.iter();
        held.filter(|(stream, _)| !self.is_left_out(stream, members))
            .collect()
    }

    /// Whether it is a stream with two frames in one place, of who has no right to it.
    pub fn is_left_out(&self, stream: &StreamId, members: &Membership) -> bool {
        let right = self.forked.get(stream);
        right.is_some_and(|it| !members.counts(&stream.device, *it, stream.nonce, 1))
    }

    /// Who may read and holds what those hold who may write.
    fn level(&self, members: &Membership) -> Vec<usize> {
        let Some(first) = self.measure(members) else {
            return Vec::new();
        };
        let all = self.held(first);
        let readers = self.readers(members).into_iter();
        readers.filter(|host| self.held(*host) == all).collect()
    }

    /// Every attachment is what its name says.
    fn check_attachments(&self) -> Result<(), Broken> {
        for host in self.honest() {
            let blobs = self.hosts[host].store().ok_or("it is down")?.blobs();
            for hash in blobs.list().map_err(words)? {
                let bytes = blobs.get(hash).map_err(words)?;
                if blobs.put(&mut &*bytes).map_err(words)? != hash {
                    return Err(format!("the attachment {hash} is something else"));
                }
            }
        }
        Ok(())
    }

    fn check_rest(&mut self) -> Result<(), Broken> {
        let members = self.all_records();
        let (readers, writers) = (self.readers(&members), self.writers(&members));
        let Some(first) = self.measure(&members) else {
            return self.check_nobody(&members);
        };
        let all = self.held(first);
        let wanted = self.held_by_all(first, &members);
        self.check_members(&members, &readers)?;
        for host in self.honest() {
            let name = self.name(host);
            let (held, durable) = (self.held(host), self.durable(host));
            let durable = durable.map(|room| vector(&room.vector)).unwrap_or_default();
            if durable != held {
                return Err(format!("{name} holds {held:?}, its disk has {durable:?}"));
            }
            // Who may not write cannot stand for what she alone has, and keeps it.
            let counting = self.held_by_all(host, &members);
            let is_equal = match writers.contains(&host) {
                true => counting == wanted,
                false => counting.covers(&wanted),
            };
            let is_there = readers.contains(&host) || !self.is_app(host);
            if is_there && !is_equal {
                let links = self.links_of(host);
                return Err(format!("all hold {all:?}, {name} {held:?}; {links}"));
            }
        }
        for host in &readers {
            let checked = self.check_beyond(*host, &all, &members);
            checked.map_err(|broken| format!("{}: {broken}", self.name(*host)))?;
        }
        let beyond = self.check_logs(&members, first)?;
        (0..beyond).for_each(|_| self.count("beyond-the-cut"));
        let level = self.level(&members);
        for host in self.apps() {
            if [first, host]
                .iter()
                .any(|it| self.is_kept_out(*it, &members))
            {
                self.count("kept-out");
                continue;
            }
            let is_writer = writers.contains(&host);
            let checked = match level.contains(&host) {
                true => self.check_desk(first, host, (&level, is_writer)),
                false => self.check_alone(first, host, &members),
            };
            checked.map_err(|broken| format!("{}: {broken}", self.name(host)))?;
        }
        Ok(())
    }

    /// Nobody is left who may write: the devices of all owners are gone, since something else was put onto their machines.
    fn check_nobody(&mut self, members: &Membership) -> Result<(), Broken> {
        self.count("nobody-writes");
        let devices: BTreeSet<_> = self.devices_of_apps().collect();
        match members.owners().find(|owner| devices.contains(*owner)) {
            Some(owner) => Err(format!("{owner} owns the room and may not write")),
            None => Ok(()),
        }
    }

    fn held(&self, host: usize) -> Vector {
        let exchange = self.hosts[host].exchange();
        exchange.map(|it| it.held()).unwrap_or_default()
    }

    /// All have the same log, nobody is left at the door who is invited, who was removed is cut off, and the key that was
    /// due is there.
    fn check_members(&self, members: &Membership, readers: &[usize]) -> Result<(), Broken> {
        for host in self.honest() {
            let name = self.name(host);
            let Some(exchange) = self.hosts[host].exchange() else {
                continue;
            };
            let log = exchange.membership();
            let is_there = readers.contains(&host) || !self.is_app(host);
            if is_there && log != members {
                let (here, all) = (log.records().len(), members.records().len());
                let links = self.links_of(host);
                return Err(format!(
                    "{name} has {here} records of {all} of the log of members; {links}"
                ));
            }
            for peer in exchange.peers().filter(|_| is_there) {
                let device = peer.peer.device;
                let is_whole = self.links.get(&peer.link).is_some_and(|it| it.is_whole());
                let was_in = members.member(&device).is_some_and(|it| it.role.is_none());
                if was_in && is_whole {
                    return Err(format!("{name} has a link of {device}, which was removed"));
                }
            }
            if let Host::App(desk) = &self.hosts[host]
                && let (Some(device), Some(secret)) = (self.device(host), desk.invitation())
                && members.member(&device).is_none()
                && let Some(invitation) = members.invitation_of(secret)
                && members
                    .may_admit(&invitation, wall_ms(self.now).unsigned_abs())
                    .is_ok()
            {
                return Err(format!("{name} is invited and is not let in"));
            }
        }
        let is_owner = |host: &&usize| self.role_by_itself(**host) == Some(Role::Owner);
        match members.is_epoch_due() && readers.iter().any(|host| is_owner(&host)) {
            true => Err("another key is due, and no owner begins it".to_owned()),
            false => Ok(()),
        }
    }

    /// One who holds what all hold.
    fn check_desk(
        &mut self,
        first: usize,
        host: usize,
        (level, is_writer): (&[usize], bool),
    ) -> Result<(), Broken> {
        let now = self.now;
        // Of a device that runs twice the others hear both, and one of the two may hold something else.
        let apps = self.apps().into_iter();
        let elsewhere = apps.filter(|host| !level.contains(host));
        let elsewhere: BTreeSet<_> = elsewhere.filter_map(|it| self.device(it)).collect();
        let here = level.iter().filter_map(|host| self.device(*host));
        let here = here.filter(|device| !elsewhere.contains(device));
        let here: Vec<String> = here.map(|device| device.to_string()).collect();
        let waiting = match &mut self.hosts[host] {
            Host::App(desk) => desk.sharing(now)?.waiting,
            Host::Relay(_) => 0,
        };
        // Who may not write any more keeps to herself what she has not said yet.
        if is_writer || waiting == 0 {
            let (Host::App(left), Host::App(right)) = (&self.hosts[first], &self.hosts[host])
            else {
                return Err("it is no application".to_owned());
            };
            same_desks(left, right)?;
        }
        match self.desk(host) {
            Some(desk) => check_itself(desk, &here, is_writer, now),
            None => Ok(()),
        }
    }

    /// One who is no member, or holds more than all: its disk has what is open, and of who may comment others have that.
    fn check_alone(
        &mut self,
        first: usize,
        host: usize,
        members: &Membership,
    ) -> Result<(), Broken> {
        self.count("differs-at-rest");
        let device = self.device(host).ok_or("it is down")?;
        let may_comment = members.permits(&device, Right::Comment).is_ok();
        if let (Host::App(left), Host::App(right), true) =
            (&self.hosts[first], &self.hosts[host], may_comment)
            && let (Some(all), Some(own)) = (left.graph(), right.graph())
        {
            let heads = own.heads(Document::Comments);
            if heads.iter().any(|it| !all.holds(Document::Comments, it)) {
                return Err("the others do not have its comments".to_owned());
            }
        }
        let now = self.now;
        match self.desk(host) {
            Some(desk) => check_stored(desk, false, now),
            None => Ok(()),
        }
    }
}

fn same_desks(left: &Desk, right: &Desk) -> Result<(), Broken> {
    let (Some(all), Some(open)) = (left.graph(), right.graph()) else {
        return Err("it is down".to_owned());
    };
    same_project(all, open, "it differs from others")?;
    for (document, heads) in &right.saved.heads {
        if let Some(lost) = heads.iter().find(|head| !all.holds(*document, head)) {
            return Err(format!("what was saved is missing: {lost} of {document:?}"));
        }
    }
    Ok(())
}

/// One application at rest: nothing waits, and its disk has what is open.
fn check_itself(
    desk: &mut Desk,
    here: &[String],
    is_writer: bool,
    now: Time,
) -> Result<(), Broken> {
    let sharing = desk.sharing(now)?;
    if is_writer && sharing.waiting > 0 {
        return Err(format!("{} changes wait at rest", sharing.waiting));
    }
    if is_writer && !matches!(sharing.status, Status::Live { .. }) {
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
    check_stored(desk, is_writer, now)
}

/// What its disk holds is what is open, the steps that can be undone included. What was read from the disk was read
/// anew, so the view that absorbed every change is one that was built from the documents.
fn check_stored(desk: &mut Desk, is_writer: bool, now: Time) -> Result<(), Broken> {
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
    if desk.members() != beside.members() {
        return Err("the disk has another log of members".to_owned());
    }
    let waiting = beside.sharing(now)?.waiting;
    match waiting {
        _ if !is_writer => Ok(()),
        0 => Ok(()),
        _ => Err(format!("{waiting} changes wait after a restart")),
    }
}

fn same_project(left: &Graph, right: &Graph, what: &str) -> Result<(), Broken> {
    for document in DOCUMENTS {
        let heads = |graph: &Graph| graph.heads(document);
        let what = format!("{what} in the heads of {document:?}");
        same(&heads(left), &heads(right), &what)?;
    }
    same(&left.view().picture(), &right.view().picture(), what)
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
