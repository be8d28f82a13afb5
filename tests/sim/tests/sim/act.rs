//! Carrying out one step of a plan.

use app::request::Request;
use app::room::Presence;
use graph::document::Document;
use graph::generate::{Generator, Random, name};
use graph::id::PersonId;
use graph::person::Person;
use sync::{Advert, Content, Draft, Frame, LinkId, Message, StreamId, Vector};
use trust::DeviceId;

use crate::desk::words;
use crate::step::{Action, Step};
use crate::world::{Broken, Host, World};

/// The link of somebody who sends garbage; no other has such a number.
const STRANGER: LinkId = LinkId(u64::MAX);

impl World {
    /// Carries a step out, and lets a moment pass. A step about what is not there does nothing.
    pub fn act(&mut self, step: &Step) -> Result<(), Broken> {
        let mut random = Random(step.salt);
        let hosts: Option<Vec<usize>> = step.at.iter().map(|name| self.host(*name)).collect();
        if let Some(hosts) = hosts
            && self.carry_out(step.action, &hosts, &mut random)?
        {
            self.count(step.action.name());
        }
        self.breathe(&mut random)?;
        self.steps += 1;
        self.check(self.steps % self.hosts.len())
    }

    /// Says whether it took place.
    fn carry_out(
        &mut self,
        action: Action,
        at: &[usize],
        random: &mut Random,
    ) -> Result<bool, Broken> {
        match action {
            Action::Edit => self.edit(at[0], random),
            Action::Undo | Action::Redo => self.step_back(at[0], action == Action::Redo),
            Action::Presence => self.look(at[0], random),
            Action::Wait => {
                self.now = self.now.plus_ms(random.below(4000) as u64);
                Ok(true)
            }
            Action::Start => {
                let is_down = !self.is_up(at[0]);
                self.start(at[0])?;
                Ok(is_down)
            }
            Action::Quit => self.quit(at[0]),
            Action::Kill => self.end(at[0], |host| match host {
                Host::App(desk) => desk.kill(),
                Host::Relay(post) => post.kill(),
            }),
            Action::LosePower => self.end(at[0], |host| match host {
                Host::App(desk) => desk.lose_power(random),
                Host::Relay(post) => post.lose_power(random),
            }),
            Action::Cut => self.on_link(at, |world, id| world.cut(id).map(|()| true)),
            Action::HalfOpen => {
                let end = random.below(2);
                self.on_link(at, |world, id| world.close(id, end).map(|()| true))
            }
            Action::Lose | Action::Repeat | Action::Reorder | Action::Delay => {
                self.disturb(action, at, random)
            }
            Action::Partition => {
                let side = (0..self.hosts.len())
                    .filter(|_| random.chance(50))
                    .collect();
                self.partition = Some(side);
                let ids: Vec<LinkId> = self.links.keys().copied().collect();
                for id in ids {
                    let ends = self.links.get(&id).map(|link| link.ends);
                    if ends.is_some_and(|[a, b]| !self.reaches(a, b)) {
                        self.cut(id)?;
                    }
                }
                Ok(true)
            }
            Action::Heal => Ok(self.partition.take().is_some()),
            Action::Sleep => Ok(self.is_awake(at[0]) && self.asleep.insert(at[0])),
            Action::Wake => self.wake(at[0], random),
            Action::Fill | Action::Empty => {
                let is_full = action == Action::Fill;
                match &mut self.hosts[at[0]] {
                    Host::App(desk) => desk.set_full(is_full),
                    Host::Relay(post) => post.set_full(is_full),
                }
                Ok(self.is_up(at[0]))
            }
            Action::Copy => {
                match &mut self.hosts[at[0]] {
                    Host::App(desk) => desk.copy(),
                    Host::Relay(post) => post.copy(),
                }
                Ok(true)
            }
            Action::PutBack => {
                let mut is_there = false;
                self.end(at[0], |host| {
                    is_there = match host {
                        Host::App(desk) => desk.put_back(),
                        Host::Relay(post) => post.put_back(),
                    }
                })?;
                Ok(is_there)
            }
            Action::Clone => self.clone_machine(at[0], at[1]),
            Action::Garbage => self.send_garbage(at[0], random),
            Action::Skew => {
                let day_ms = 86_400_000;
                let skew_ms = random.below(2 * day_ms) as i64 - day_ms as i64;
                let desk = self.desk(at[0]);
                Ok(desk.map(|desk| desk.skew_ms = skew_ms).is_some())
            }
        }
    }

    fn edit(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        let now = self.now;
        let Some(desk) = self.desk(at).filter(|desk| desk.is_up()) else {
            return Ok(false);
        };
        let (Some(graph), Some(person)) = (desk.graph(), desk.person()) else {
            return Ok(false);
        };
        let purge = random.chance(20);
        let command = Generator {
            random,
            project: graph,
            person,
            purge,
        }
        .command();
        let project = desk.id();
        let names: Vec<String> = flat(&command).into_iter().map(name).collect();
        let applied = desk.ask(now, Request::Apply { project, command })?.is_ok();
        self.send_out(at)?;
        if applied {
            names.iter().for_each(|name| self.count(name));
        }
        Ok(applied)
    }

    fn step_back(&mut self, at: usize, is_redo: bool) -> Result<bool, Broken> {
        let now = self.now;
        let Some(desk) = self.desk(at) else {
            return Ok(false);
        };
        let project = desk.id();
        let request = match is_redo {
            true => Request::Redo { project },
            false => Request::Undo { project },
        };
        let done = desk.ask(now, request)?.is_ok();
        self.send_out(at)?;
        Ok(done)
    }

    fn look(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        let now = self.now;
        let Some(desk) = self.desk(at).filter(|desk| desk.is_up()) else {
            return Ok(false);
        };
        let (Some(graph), Some(person)) = (desk.graph(), desk.person()) else {
            return Ok(false);
        };
        let mut nodes: Vec<_> = graph.view().nodes().map(|node| node.id()).collect();
        nodes.sort();
        let node = random.pick(&nodes).copied();
        desk.put_presence(now, random.chance(90).then(|| presence(person, node)))?;
        self.send_out(at)?;
        Ok(true)
    }

    fn quit(&mut self, at: usize) -> Result<bool, Broken> {
        let now = self.now;
        let Some(desk) = self.desk(at).filter(|desk| desk.is_up()) else {
            return Ok(false);
        };
        desk.quit(now)?;
        self.send_out(at)?;
        let is_over = !self.is_up(at);
        if is_over {
            self.stop(at, |_| {})?;
        }
        Ok(is_over)
    }

    fn end(&mut self, at: usize, how: impl FnOnce(&mut Host)) -> Result<bool, Broken> {
        let was_up = self.is_up(at);
        self.stop(at, how)?;
        Ok(was_up)
    }

    fn on_link(
        &mut self,
        at: &[usize],
        work: impl FnOnce(&mut Self, LinkId) -> Result<bool, Broken>,
    ) -> Result<bool, Broken> {
        match self.between(at[0], at[1]).first() {
            Some(id) => work(self, *id),
            None => Ok(false),
        }
    }

    fn disturb(
        &mut self,
        action: Action,
        at: &[usize],
        random: &mut Random,
    ) -> Result<bool, Broken> {
        let later = self.now.plus_ms(random.below(20_000) as u64);
        self.on_link(at, |world, id| {
            let link = world.links.get_mut(&id).ok_or("a link is gone")?;
            Ok(match action {
                Action::Lose => link.lose(random),
                Action::Repeat => link.repeat(random),
                Action::Reorder => link.reorder(random),
                _ => {
                    link.held_until = later;
                    true
                }
            })
        })
    }

    /// It was asleep for minutes or hours; its links are gone, which it may find out late.
    fn wake(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        if !self.asleep.remove(&at) {
            return Ok(false);
        }
        self.now = self.now.plus_ms(60_000 + random.below(50_000_000) as u64);
        let links = self
            .links
            .iter()
            .filter(|(_, link)| link.ends.contains(&at));
        let links: Vec<(LinkId, usize)> = links
            .map(|(id, link)| (*id, usize::from(link.ends[0] == at)))
            .collect();
        for (id, other_end) in links {
            self.close(id, other_end)?;
            if random.chance(50) {
                self.close(id, 1 - other_end)?;
            }
        }
        Ok(true)
    }

    fn clone_machine(&mut self, at: usize, of: usize) -> Result<bool, Broken> {
        if at == of || at >= self.apps {
            return Ok(false);
        }
        let Some(original) = self.desk(of) else {
            return Ok(false);
        };
        original.copy();
        let Some(copy) = original.copy.clone() else {
            return Ok(false);
        };
        self.stop(at, |host| {
            if let Host::App(desk) = host {
                desk.replace(copy);
            }
        })?;
        self.start(at)?;
        Ok(true)
    }

    /// Somebody who keeps the rules of links sends frames that no document can apply.
    fn send_garbage(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        if !self.is_awake(at) {
            return Ok(false);
        }
        self.garbage += 1;
        let stream = StreamId {
            device: DeviceId([0xee; 32]),
            nonce: self.garbage,
        };
        let mut payload: Vec<u8> = (0..random.below(80))
            .map(|_| random.below(256) as u8)
            .collect();
        let graph = self.desk(at).and_then(|desk| desk.graph());
        if let Some(packed) = graph.and_then(|graph| graph.pack(Document::Project, &[]))
            && random.chance(50)
        {
            payload = packed.bytes;
            payload.truncate(payload.len() - 1 - random.below(20));
        }
        let room = self.membership.room();
        let document = match random.chance(50) {
            true => sync::Document::Project,
            false => sync::Document::Comments,
        };
        let mut messages = vec![
            Message::Members(
                self.membership
                    .records()
                    .iter()
                    .map(|it| it.to_vec().into())
                    .collect(),
            ),
            Message::Vector(Advert {
                held: Vector::new(),
                base: None,
            }),
        ];
        for number in 1..=2 {
            let frame = Frame::mint(&Draft {
                room,
                document,
                epoch: 0,
                stream,
                number,
                deps: &[],
                content: Content::Changes,
                payload: &payload,
            });
            messages.push(Message::Frame(frame.map_err(words)?));
        }
        self.visit(at, messages)?;
        Ok(true)
    }

    /// A link on which somebody says these things and leaves.
    fn visit(&mut self, at: usize, messages: Vec<Message>) -> Result<(), Broken> {
        let peer = sync::Peer {
            device: DeviceId([0xee; 32]),
            side: sync::Side::Accepted,
            protocol: sync::PROTOCOL,
        };
        let now = self.now;
        match &mut self.hosts[at] {
            Host::App(desk) => desk.up(now, STRANGER, peer)?,
            Host::Relay(post) => post.up(now, STRANGER, peer)?,
        }
        for message in messages {
            self.receive(at, STRANGER, message.encode())?;
        }
        match &mut self.hosts[at] {
            Host::App(desk) => desk.down(now, STRANGER)?,
            Host::Relay(post) => post.down(now, STRANGER)?,
        }
        self.send_out(at)
    }
}

/// Somebody who looks at something.
pub fn presence(person: PersonId, node: Option<graph::id::NodeId>) -> Presence {
    Presence {
        person,
        profile: Person {
            name: "Ana".to_owned(),
            colour: "#123456".to_owned(),
        },
        node,
        field: None,
        typing: false,
    }
}

fn flat(command: &graph::command::Command) -> Vec<&graph::command::Command> {
    match command {
        graph::command::Command::Batch { commands, .. } => std::iter::once(command)
            .chain(commands.iter().flat_map(flat))
            .collect(),
        command => vec![command],
    }
}
