//! The links between machines: who is joined to whom, and what is on its way.

use std::collections::BTreeSet;

use app::project::LinkEvent;
use bytes::Bytes;
use graph::generate::Random;
use sync::{LinkError, LinkId, Peer, Side};
use trust::Refusal;

use crate::desk::Out;
use crate::link::Link;
use crate::offend::STRANGER;
use crate::world::{Broken, World};

impl World {
    /// Whether two machines could be linked now.
    pub fn reaches(&self, a: usize, b: usize) -> bool {
        let side = |host| self.partition.as_ref().is_some_and(|it| it.contains(&host));
        side(a) == side(b)
    }

    /// One machine dials another.
    pub fn join(&mut self, ends: [usize; 2]) -> Result<(), Broken> {
        let id = LinkId(self.next_link);
        self.next_link += 1;
        let devices = ends.map(|host| self.device(host));
        self.links.insert(id, Link::new(ends, devices));
        for (end, side) in [Side::Dialled, Side::Accepted].into_iter().enumerate() {
            let Some(device) = devices[1 - end] else {
                continue;
            };
            let peer = Peer {
                device,
                side,
                protocol: sync::PROTOCOL,
            };
            self.tell(ends[end], LinkEvent::Up(id, peer))?;
            // Somebody has typed the address of what she dials; a relay is always one that was typed.
            let is_typed = end == 0 && (!self.is_app(ends[1]) || id.0.is_multiple_of(2));
            let now = self.now;
            if is_typed && let Some(desk) = self.desk(ends[end]) {
                desk.choose(now, device)?;
                self.send_out(ends[end])?;
            }
        }
        Ok(())
    }

    /// An end of a link learns that it is over.
    pub fn close(&mut self, id: LinkId, end: usize) -> Result<(), Broken> {
        let Some(link) = self.links.get_mut(&id) else {
            return Ok(());
        };
        let was_up = std::mem::take(&mut link.is_up[end]);
        let host = link.ends[end];
        link.queue[1 - end].clear();
        if link.is_up == [false, false] {
            self.links.remove(&id);
        }
        if was_up && self.is_up(host) {
            self.tell(host, LinkEvent::Down(id))?;
        }
        Ok(())
    }

    pub fn cut(&mut self, id: LinkId) -> Result<(), Broken> {
        self.close(id, 0)?;
        self.close(id, 1)
    }

    /// The links that join two machines.
    pub fn between(&self, a: usize, b: usize) -> Vec<LinkId> {
        let links = self.links.iter().filter(|(_, link)| link.joins(a, b));
        links.map(|(id, _)| *id).collect()
    }

    /// To whom a machine is linked, and how far each is for the other.
    pub fn links_of(&self, host: usize) -> String {
        let phase = |host: usize, id: &LinkId| {
            let mut peers = self.hosts[host].exchange()?.peers();
            peers.find(|peer| peer.link == *id).map(|peer| peer.phase)
        };
        let links = self.links.iter().filter(|(_, it)| it.ends.contains(&host));
        let links = links.map(|(id, link)| {
            let [a, b] = link.ends;
            let names = (self.name(a), self.name(b));
            format!(
                "{} {:?} - {} {:?}",
                names.0,
                phase(a, id),
                names.1,
                phase(b, id)
            )
        });
        links.collect::<Vec<_>>().join(", ")
    }

    /// Puts onto links what a machine wants to send.
    pub fn send_out(&mut self, host: usize) -> Result<(), Broken> {
        for out in self.hosts[host].take_out() {
            match out {
                Out::Send(id, message) if self.is_liar(host) => {
                    let (_, liar) = self.liar.as_mut().ok_or("there is no liar")?;
                    let lies = liar.twist(message);
                    self.forged.extend(lies.forged);
                    lies.how.into_iter().for_each(|how| self.count(how));
                    lies.messages
                        .into_iter()
                        .for_each(|it| self.put(host, id, it));
                }
                Out::Send(id, message) => self.put(host, id, message),
                Out::Drop(id, error) => self.drop_link(host, id, error)?,
                Out::Blame(device) => {
                    let is_liars = self.liar.as_ref().map(|(liar, _)| self.device(*liar));
                    if is_liars != Some(Some(device)) {
                        return Err(format!("{device} is blamed for an attachment"));
                    }
                }
                Out::Tell(event) => self.count(event),
            }
        }
        Ok(())
    }

    fn put(&mut self, host: usize, id: LinkId, message: Bytes) {
        if let Some(link) = self.links.get_mut(&id) {
            let end = usize::from(link.ends[1] == host);
            // Who is gone at the other end gets nothing, which the sender does not know.
            if link.is_up[end] && link.is_up[1 - end] {
                link.queue[end].push_back(message);
            }
        }
    }

    /// A machine ends a link: of who is no member, of who lies, and of nobody else. What it said before still arrives.
    fn drop_link(&mut self, host: usize, id: LinkId, error: LinkError) -> Result<(), Broken> {
        if id == STRANGER {
            self.is_refused = true;
            return Ok(());
        }
        let Some((ends, devices)) = self.links.get(&id).map(|it| (it.ends, it.devices)) else {
            return Ok(());
        };
        let end = usize::from(ends[1] == host);
        let other = ends[1 - end];
        let event = match error {
            _ if self.is_liar(other) => "liar-refused",
            LinkError::NotPermitted {
                device,
                refusal: Refusal::NotAMember,
            } if devices[1 - end] == Some(device) => "cut-off",
            LinkError::NotAdmitted(_) => "not-admitted",
            _ if self.is_liar(host) => "liar-refuses",
            _ => {
                let (name, other) = (self.name(host), self.name(other));
                return Err(format!("{name} refuses the honest {other}: {error}"));
            }
        };
        self.count(event);
        self.close(id, end)
    }

    /// Delivers the next message that left `end`; says whether it was more than a signal.
    pub fn deliver(&mut self, id: LinkId, end: usize) -> Result<bool, Broken> {
        let Some(link) = self.links.get_mut(&id) else {
            return Ok(false);
        };
        let Some(message) = link.queue[end].pop_front() else {
            return Ok(false);
        };
        let (from, to) = (link.ends[end], link.ends[1 - end]);
        let (is_from, is_to) = (link.is_up[end], link.is_up[1 - end]);
        let is_signal = message.first() == Some(&8);
        if is_from && self.is_up(from) {
            self.tell(from, LinkEvent::Sent(id, message.len()))?;
        }
        if is_to && self.is_up(to) {
            self.tell(to, LinkEvent::Message(id, message))?;
        }
        Ok(!is_signal)
    }

    /// Something happens to a machine's link, and what follows leaves.
    pub fn tell(&mut self, host: usize, event: LinkEvent) -> Result<(), Broken> {
        self.hosts[host].link(self.now, event)?;
        self.send_out(host)
    }

    /// Machines that reach each other and are not linked dial each other.
    pub fn redial(&mut self, random: &mut Random) -> Result<(), Broken> {
        let pairs: Vec<(usize, usize)> = self.reach.iter().copied().collect();
        for (a, b) in pairs {
            let is_possible = self.is_awake(a) && self.is_awake(b) && self.reaches(a, b);
            let is_joined = self
                .links
                .values()
                .any(|link| link.is_whole() && link.joins(a, b));
            if is_possible && !is_joined && random.chance(self.pace.dial) {
                let ends = if self.is_app(b) && random.chance(50) {
                    [b, a]
                } else {
                    [a, b]
                };
                self.join(ends)?;
            }
        }
        Ok(())
    }

    /// Whoever has a link with nobody at the other end, or a damaged one, finds out in time.
    pub fn notice_ends(&mut self, random: &mut Random) -> Result<(), Broken> {
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            let is_over = self
                .links
                .get(&id)
                .is_some_and(|link| !link.is_whole() || link.is_damaged);
            if is_over && random.chance(3) {
                for end in [0, 1] {
                    if self.links.get(&id).is_some_and(|link| {
                        self.is_awake(link.ends[end]) || !self.is_up(link.ends[end])
                    }) {
                        self.close(id, end)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Everybody reaches everybody through somebody: each application another one directly, or the relay of one.
pub fn who_reaches_whom(
    random: &mut Random,
    apps: usize,
    relays: usize,
) -> BTreeSet<(usize, usize)> {
    let mut reach = BTreeSet::new();
    for app in 1..apps {
        let other = random.below(app);
        if relays > 0 && random.chance(60) {
            let relay = apps + random.below(relays);
            reach.insert((app, relay));
            reach.insert((other, relay));
        } else {
            reach.insert((other, app));
        }
    }
    for relay in apps..apps + relays {
        reach.insert((random.below(apps), relay));
    }
    for _ in 0..random.below(apps + relays) {
        let (app, other) = (random.below(apps), random.below(apps + relays));
        if app != other {
            reach.insert((app.min(other), app.max(other)));
        }
    }
    reach
}
