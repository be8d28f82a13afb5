//! A room of the crowd: who is in it, and what the relay said to have of it.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use relay::{Identity, Limits};
use sync::{StreamId, Vector};
use testkit::links::{Member, Raw, View};
use tokio::{
    task::JoinHandle,
    time::{Instant, interval},
};
use trust::{DeviceId, Genesis, Membership, key::DeviceKey};

use super::{Goal, note};
use crate::run::REST;

/// Between two looks at who is to do something.
const TICK: Duration = Duration::from_millis(100);

/// How long a device stays, drawn.
const STAY_S: std::ops::Range<u64> = 20..240;

/// Bytes of an edit, drawn.
const EDIT_BYTES: std::ops::Range<usize> = 100..900;

/// What is written at once while somebody does not read: more than a socket takes.
const BURST: usize = 96;
const BURST_BYTES: usize = 60_000;

/// Who waits longer for what the relay has is served late. It says of a machine how much more it has to do than it can.
const LATE: Duration = Duration::from_secs(30);

/// Before a room ends, somebody comes who does not read; half of that later there is a burst.
const SLOW: Duration = Duration::from_secs(40);

/// Between two pings of somebody who reads nothing and is not dead.
const PING: Duration = Duration::from_secs(5);

/// Somebody in a room, and when she does what.
struct Seat {
    member: Member,
    own: StreamId,
    written: u64,
    writes_at: Instant,
    leaves_at: Instant,
}

/// A room as the crowd knows it.
struct Room<'a> {
    goal: &'a Goal,
    random: &'a mut fastrand::Rng,
    membership: Membership,
    seats: Vec<Seat>,
    /// What the relay has acknowledged, to anybody.
    kept: Vector,
}

/// One room after another, until the crowd is to go.
pub async fn one_after_another(goal: Arc<Goal>, mut random: fastrand::Rng) {
    // Not all end at once.
    let mut length = goal.room.mul_f64(0.2 + 0.8 * random.f64());
    while !goal.is_over.load(Ordering::Relaxed) {
        Room::open(&goal, &mut random).last(length).await;
        length = goal.room.mul_f64(0.8 + 0.4 * random.f64());
    }
}

impl<'a> Room<'a> {
    fn open(goal: &'a Goal, random: &'a mut fastrand::Rng) -> Self {
        note(&goal.count.rooms, 1);
        let owner = key(goal.number()).public().0;
        let membership = Membership::begin(&Genesis::new(owner, [7; 32]));
        let mut room = Self {
            goal,
            random,
            membership,
            seats: Vec::new(),
            kept: Vector::new(),
        };
        for _ in 0..goal.devices {
            let seat = room.sit();
            room.seats.push(seat);
        }
        room
    }

    /// Somebody whom the relay has never seen.
    fn sit(&mut self) -> Seat {
        note(&self.goal.count.joins, 1);
        let stay = Duration::from_secs(self.random.u64(STAY_S));
        let (member, device) = self.member();
        Seat {
            member,
            own: StreamId { device, nonce: 0 },
            written: 0,
            writes_at: self.next_write(),
            leaves_at: Instant::now() + stay,
        }
    }

    fn member(&self) -> (Member, DeviceId) {
        let key = key(self.goal.number());
        let address = self.goal.address.into();
        let own = Identity::new(&key);
        let member = Member::known(own, &self.membership, address, Limits::default());
        (member, key.device())
    }

    fn next_write(&mut self) -> Instant {
        let pause_ms = self.random.u64(0..=2 * self.goal.pause_ms);
        Instant::now() + Duration::from_millis(pause_ms)
    }

    async fn last(mut self, length: Duration) {
        let end = Instant::now() + length;
        let (slow_at, burst_at) = (end - SLOW, end - SLOW / 2);
        let (mut slow, mut has_burst) = (None, false);
        let mut ticks = interval(TICK);
        while Instant::now() < end && !self.goal.is_over.load(Ordering::Relaxed) {
            ticks.tick().await;
            self.tend().await;
            let now = Instant::now();
            if slow.is_none() && slow_at <= now {
                slow = Some(self.seat_slow());
            }
            if !has_burst && burst_at <= now {
                has_burst = true;
                self.write(0, BURST, BURST_BYTES);
                note(&self.goal.count.bursts, 1);
            }
        }
        for seat in std::mem::take(&mut self.seats) {
            self.leave(seat).await;
        }
        if let Some(slow) = slow {
            slow.abort();
        }
        self.check().await;
    }

    /// Has everybody do what is due.
    async fn tend(&mut self) {
        let now = Instant::now();
        for place in 0..self.seats.len() {
            if self.seats[place].leaves_at <= now {
                let new = self.sit();
                let old = std::mem::replace(&mut self.seats[place], new);
                self.leave(old).await;
            } else if self.seats[place].writes_at <= now {
                self.seats[place].writes_at = self.next_write();
                let bytes = self.random.usize(EDIT_BYTES);
                self.write(place, 1, bytes);
            }
        }
    }

    fn write(&mut self, place: usize, frames: usize, bytes: usize) {
        let seat = &mut self.seats[place];
        seat.member.write(frames, bytes);
        seat.written += frames as u64;
        note(&self.goal.count.frames, frames as u64);
    }

    fn seat_slow(&self) -> JoinHandle<()> {
        note(&self.goal.count.slow, 1);
        let number = (self.goal.number() % 251) as u8;
        tokio::spawn(be_slow(self.goal.address, self.membership.clone(), number))
    }

    /// In good order, once all that she wrote is acknowledged, or without a word.
    async fn leave(&mut self, mut seat: Seat) {
        if self.random.bool() {
            let all = |view: &View| view.acknowledged.get(&seat.own) == seat.written;
            if !self.within(&seat.member, all).await {
                let view = seat.member.view();
                println!(
                    "not acknowledged; {} links, ended {:?}",
                    view.links, view.ends
                );
                note(&self.goal.count.unserved, 1);
            }
            self.kept.merge(&seat.member.view().acknowledged);
            seat.member.hang_up().await;
            note(&self.goal.count.leaves, 1);
        } else {
            self.kept.merge(&seat.member.view().acknowledged);
            note(&self.goal.count.vanished, 1);
        }
    }

    /// Whether a stranger gets all that was acknowledged, from the relay alone: nobody else is in the room any more. Lost is what the
    /// relay itself says not to have, however soon it says so, and nothing else.
    async fn check(self) {
        let (stranger, _) = self.member();
        let is_lost = |view: &View| {
            view.offered
                .as_ref()
                .is_some_and(|it| !it.covers(&self.kept))
        };
        let has_come = |view: &View| view.held.covers(&self.kept);
        let is_told = self
            .within(&stranger, |view| has_come(view) || is_lost(view))
            .await;
        let (count, kept) = (&self.goal.count, self.kept.frames());
        let view = stranger.view();
        let (links, ends) = (view.links, &view.ends);
        if has_come(&view) {
            note(&count.checked, kept);
        } else if is_told {
            let has = view.offered.as_ref();
            let lacking = self
                .kept
                .iter()
                .map(|(stream, number)| number.saturating_sub(has.map_or(0, |it| it.get(&stream))));
            let lacking = lacking.sum();
            note(&count.lost, lacking);
            println!(
                "the relay lacks {lacking} of {kept} acknowledged frames; {links} links, ended {ends:?}"
            );
        } else {
            note(&count.unserved, 1);
            println!("a stranger was not given {kept} frames; {links} links, ended {ends:?}");
        }
    }

    /// Waits until it looks so, and counts if that was late; says whether it ever did.
    async fn within(&self, member: &Member, wanted: impl Fn(&View) -> bool) -> bool {
        let begun = Instant::now();
        let mut ticks = interval(TICK);
        loop {
            ticks.tick().await;
            let (is_so, waited) = (wanted(&member.view()), begun.elapsed());
            if is_so || waited > REST {
                note(&self.goal.count.late, u64::from(waited > LATE));
                return is_so;
            }
        }
    }
}

/// Comes, and reads nothing of what it is sent.
async fn be_slow(address: SocketAddr, membership: Membership, number: u8) {
    let mut raw = Raw::proven(address, &membership, number).await;
    let mut pings = interval(PING);
    loop {
        pings.tick().await;
        raw.send_piece(9, &[]).await;
    }
}

fn key(number: u64) -> DeviceKey {
    let mut seed = [3; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    DeviceKey::from_seed(&seed)
}
