//! Carrying out one step of a plan.

use std::collections::BTreeSet;

use app::project::Input;
use app::request::Request;
use app::room::Presence;
use graph::generate::{Generator, Random, name};
use graph::id::PersonId;
use graph::person::Person;
use sync::LinkId;
use trust::record::Role;

use crate::step::{Action, Step};
use crate::world::{Broken, Host, World};

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
            Action::Attach => self.attach(at[0], random),
            Action::Presence => self.look(at[0], random),
            Action::Calm => self.be_calm(random),
            Action::Join => self.add(random).map(|()| true),
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
            Action::Kill => self.end(at[0], |host| host.disk().end()),
            Action::LosePower => {
                let mut is_torn = false;
                let was_up = self.end(at[0], |host| is_torn = host.disk().lose_power(random))?;
                if is_torn {
                    self.count("torn");
                }
                Ok(was_up)
            }
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
                self.part(side).map(|()| true)
            }
            Action::Heal => Ok(self.partition.take().is_some()),
            Action::Sleep => Ok(self.is_awake(at[0]) && self.asleep.insert(at[0])),
            Action::Wake => self.wake(at[0], random),
            Action::Fill | Action::Empty => {
                let is_full = action == Action::Fill;
                self.hosts[at[0]].disk().set_full(is_full);
                Ok(self.is_up(at[0]))
            }
            Action::Copy => {
                self.hosts[at[0]].copy();
                Ok(true)
            }
            Action::PutBack => {
                let mut is_there = false;
                if self.hosts[at[0]].has_copy() {
                    self.end(at[0], |host| is_there = host.put_back())?;
                }
                Ok(is_there)
            }
            Action::Clone => self.clone_machine(at[0], at[1]),
            Action::Garbage => self.send_garbage(at[0], random),
            Action::Fork => self.fork([at[0], at[1]], random),
            Action::Offend => self.offend(at[0], random),
            Action::Invite => self.invite_somebody(at[0], random),
            Action::ChangeRole
            | Action::Remove
            | Action::HandOver
            | Action::Resign
            | Action::Revoke
            | Action::ChangeKey => self.say(action, at[0], random),
            Action::Skew => {
                let day_ms = 86_400_000;
                let skew_ms = random.below(2 * day_ms) as i64 - day_ms as i64;
                let desk = self.desk(at[0]);
                Ok(desk.map(|desk| desk.skew_ms = skew_ms).is_some())
            }
        }
    }

    /// Some do not reach the others from here on.
    pub fn part(&mut self, side: BTreeSet<usize>) -> Result<(), Broken> {
        self.partition = Some(side);
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            let ends = self.links.get(&id).map(|link| link.ends);
            if ends.is_some_and(|[a, b]| !self.reaches(a, b)) {
                self.cut(id)?;
            }
        }
        Ok(())
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

    /// Attaches a file of up to three pieces.
    fn attach(&mut self, at: usize, random: &mut Random) -> Result<bool, Broken> {
        let now = self.now;
        let Some(desk) = self.desk(at).filter(|desk| desk.is_up()) else {
            return Ok(false);
        };
        let Some(graph) = desk.graph() else {
            return Ok(false);
        };
        let mut nodes: Vec<_> = graph.view().nodes().map(|node| node.id()).collect();
        nodes.sort();
        let Some(node) = random.pick(&nodes).copied() else {
            return Ok(false);
        };
        let mut bytes = random.draw().to_be_bytes().repeat(1 + random.below(20_000));
        bytes.truncate(bytes.len() - random.below(8));
        let attached = desk.attach(now, node, &bytes)?;
        self.send_out(at)?;
        Ok(attached)
    }

    /// For some minutes nobody does anything, which is when logs are condensed.
    fn be_calm(&mut self, random: &mut Random) -> Result<bool, Broken> {
        self.partition = None;
        for _ in 0..100 {
            self.now = self.now.plus_ms(2_000);
            self.breathe(random)?;
        }
        Ok(true)
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
        let presence = random.chance(90).then(|| presence(person, node));
        desk.handle(now, Input::Presence(presence))?;
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
        // What an owner's machine is, stays: somebody has to own the room.
        let is_owner = self.role_by_itself(at) == Some(Role::Owner);
        if at == of || !self.is_app(at) || !self.is_up(at) || is_owner {
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
