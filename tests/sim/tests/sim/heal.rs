//! What went wrong is over: all machines are up, all links work, and everybody is linked to somebody who is a member.

use std::collections::BTreeSet;

use sync::{LinkId, Time};
use trust::Membership;

use crate::world::{Broken, World};

impl World {
    pub fn heal(&mut self) -> Result<(), Broken> {
        self.partition = None;
        self.asleep.clear();
        for host in self.honest() {
            self.start(host)?;
            self.hosts[host].disk().set_full(false);
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
        self.reach_without_strangers();
        self.join_all()
    }

    /// Everybody reaches everybody through members and relays, although some are no members any more, or have left and told
    /// nobody yet.
    fn reach_without_strangers(&mut self) {
        let logs = [self.all_records(), self.union_of(&self.honest())];
        let carries = |world: &Self, host: usize| {
            let device = world.device(host);
            let is_in = |log: &Membership| device.is_some_and(|it| log.role_of(&it).is_some());
            !world.is_app(host) || logs.iter().all(is_in)
        };
        let honest = self.honest();
        // A relay where no member is left: it may take somebody for one who has left and told nobody.
        let carriers = honest.iter().copied().filter(|it| carries(self, *it));
        let Some(first) = carriers.min_by_key(|it| !self.is_app(*it)) else {
            return;
        };
        let mut reached = BTreeSet::from([first]);
        for host in honest {
            if !reached.contains(&host) {
                self.spread(&mut reached, |world, host| carries(world, host));
            }
            if reached.insert(host) {
                // An application dials, so that a relay is one that somebody has chosen.
                let ends = match self.is_app(first) {
                    true => (first, host),
                    false => (host, first),
                };
                self.reach.insert(ends);
            }
        }
    }

    /// Everybody who is linked by `reach` to somebody who passes things on.
    fn spread(&self, reached: &mut BTreeSet<usize>, carries: impl Fn(&Self, usize) -> bool) {
        loop {
            let before = reached.len();
            for (a, b) in &self.reach {
                for (from, to) in [(*a, *b), (*b, *a)] {
                    if reached.contains(&from) && carries(self, from) {
                        reached.insert(to);
                    }
                }
            }
            if reached.len() == before {
                return;
            }
        }
    }

    pub fn join_all(&mut self) -> Result<(), Broken> {
        for (a, b) in self.reach.clone() {
            if self.between(a, b).is_empty() && self.reaches(a, b) {
                self.join([a, b])?;
            }
        }
        Ok(())
    }

    /// Whoever was told that a link is over, or has nobody at the other end, gives it up.
    pub fn close_half_open(&mut self) -> Result<(), Broken> {
        let over = self.links.iter().filter(|(_, link)| !link.is_whole());
        let over: Vec<LinkId> = over.map(|(id, _)| *id).collect();
        over.into_iter().try_for_each(|id| self.cut(id))
    }
}
