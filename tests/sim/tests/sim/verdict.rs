//! What must hold of the logs of a closed room at rest: every frame is signed by its device, no forged one is there, and
//! what the log of members does not let count by itself counts by somebody's word.

use std::collections::{BTreeMap, BTreeSet};

use app::machine;
use sync::{Frame, FrameId, LogRange, StreamId, Vector};
use trust::record::{EpochId, Role};
use trust::{DeviceId, Membership, Right, Standing};

use crate::desk::words;
use crate::world::{Broken, World};

type Log = BTreeMap<(StreamId, u64), Frame>;

impl World {
    /// All that is said of who is a member, by relays and by those who are members by it. What somebody says who is
    /// outside reaches nobody: a join by an invitation that was taken back, or what a removed owner said afterwards.
    pub fn all_records(&self) -> Membership {
        let everybody = self.union_of(&self.honest());
        let is_heard = |host: &usize| {
            let device = self.device(*host);
            let is_in = device.is_some_and(|it| everybody.role_of(&it).is_some());
            !self.is_app(*host) || is_in
        };
        let heard: Vec<usize> = self.honest().into_iter().filter(is_heard).collect();
        self.union_of(&heard)
    }

    /// All that is said by these, whether they are members or not.
    pub fn union_of(&self, hosts: &[usize]) -> Membership {
        let mut all = Membership::begin(&self.invitations[0].genesis);
        for exchange in hosts.iter().filter_map(|it| self.hosts[*it].exchange()) {
            let log = exchange.membership();
            all.merge(log.records()).expect("copies of one log");
        }
        all
    }

    /// Whether the log does not give a machine the key of something that it holds, or of what it would write, and nobody is left
    /// who could: who may edit and is given it, and an owner if another key is due (R12).
    pub fn is_kept_out(&self, host: usize, members: &Membership) -> bool {
        let Some(device) = self.device(host) else {
            return false;
        };
        let role = |device: &DeviceId| members.role_of(device);
        let may_help = |device: &DeviceId| match members.is_epoch_due() {
            true => role(device) == Some(Role::Owner),
            false => role(device) >= Some(Role::Editor),
        };
        let helpers: Vec<DeviceId> = self.devices_of_apps().filter(may_help).collect();
        let log = self.log_of(host);
        let sealed_in = log.values().map(|frame| EpochId(frame.header().epoch));
        let epochs: BTreeSet<EpochId> = sealed_in.chain(members.epoch()).collect();
        let mut sealed = epochs.into_iter().filter(|epoch| epoch.0 != 0);
        sealed.any(|epoch| {
            let given = members.given(epoch);
            !given.contains(&device) && !helpers.iter().any(|helper| given.contains(helper))
        })
    }

    pub fn devices_of_apps(&self) -> impl Iterator<Item = DeviceId> {
        let apps = self.apps().into_iter();
        apps.filter_map(|host| self.device(host))
    }

    /// Looks through the frames on all disks. Says how many streams count beyond a cut.
    pub fn check_logs(&self, members: &Membership, writer: usize) -> Result<usize, Broken> {
        let mut seen: BTreeMap<(StreamId, u64), FrameId> = BTreeMap::new();
        let mut good: BTreeSet<FrameId> = BTreeSet::new();
        let forkers: BTreeSet<DeviceId> = self.ghosts.iter().map(|it| it.device()).collect();
        for host in self.honest() {
            // Who is outside took what she knew to be permitted, and nobody else has heard of that.
            let mut known = members.clone();
            if let Some(exchange) = self.hosts[host].exchange() {
                known
                    .merge(exchange.membership().records())
                    .map_err(words)?;
            }
            for (place, frame) in self.log_of(host) {
                let (name, id) = (self.name(host), frame.id());
                if good.insert(id) {
                    self.check_frame(&frame, &known)
                        .map_err(|broken| format!("{name}: {broken}"))?;
                }
                let first = *seen.entry(place).or_insert(id);
                if first != id && !forkers.contains(&place.0.device) {
                    return Err(format!("{name} has another frame than others at {place:?}"));
                }
            }
        }
        self.check_standing(writer, members)
    }

    /// Whether all that a writer holds counts, as of who is a member by now. Says how many streams count beyond a cut.
    pub fn check_standing(&self, writer: usize, members: &Membership) -> Result<usize, Broken> {
        // Of two frames in one place somebody may stand for the other one.
        let mut log = self.log_of(writer);
        log.retain(|(stream, _), _| !self.is_left_out(stream, members));
        check_standing(&log, members)
    }

    /// What only a reader has does not count by itself, or stands behind what does not: she may have lost the right to say
    /// it.
    pub fn check_beyond(
        &self,
        host: usize,
        all: &Vector,
        members: &Membership,
    ) -> Result<(), Broken> {
        let log = self.log_of(host);
        let beyond = log
            .iter()
            .filter(|((stream, number), _)| *number == all.get(stream) + 1);
        for (_, frame) in beyond {
            let header = frame.header();
            let (device, nonce) = (header.stream.device, header.stream.nonce);
            let standing = members.standing(&device, header.right(), nonce, header.number);
            if standing == Standing::Counts {
                return Err(format!("the others do not have what counts: {header:?}"));
            }
        }
        Ok(())
    }

    fn check_frame(&self, frame: &Frame, members: &Membership) -> Result<(), Broken> {
        let header = frame.header();
        let (device, nonce) = (header.stream.device, header.stream.nonce);
        if self.forged.contains(&frame.id()) {
            return Err(format!("it took what nobody may write: {header:?}"));
        }
        let key = members.key_of(&device).ok_or("a frame of nobody")?;
        if frame.verify(&key).is_err() {
            return Err(format!("it took what is not signed: {header:?}"));
        }
        let standing = members.standing(&device, header.right(), nonce, header.number);
        match standing {
            Standing::Never(_) => Err(format!("it took what was never permitted: {header:?}")),
            _ => Ok(()),
        }
    }

    /// The frames on a disk, from where its log begins.
    pub fn log_of(&self, host: usize) -> Log {
        let (Some(exchange), Some(store)) = (self.hosts[host].exchange(), self.hosts[host].store())
        else {
            return Log::new();
        };
        let base = exchange.base().map(|base| base.vector().clone());
        let base = base.unwrap_or_else(Vector::new);
        let held = exchange.held();
        let ranges = held.iter().map(|(stream, through)| LogRange {
            stream,
            from: base.get(&stream) + 1,
            through,
        });
        let ranges: Vec<LogRange> = ranges.collect();
        let frames = machine::read_log(store, self.room, &ranges, usize::MAX);
        let place = |frame: &Frame| (frame.header().stream, frame.header().number);
        frames.into_iter().map(|it| (place(&it), it)).collect()
    }
}

/// Whether everything in a writer's log counts, by itself or because what counts lists it or one behind it: what rule R5
/// says, computed anew from the log.
fn check_standing(log: &Log, members: &Membership) -> Result<usize, Broken> {
    let places: BTreeMap<FrameId, (StreamId, u64)> = log
        .iter()
        .map(|(place, frame)| (frame.id(), *place))
        .collect();
    let by_itself = |frame: &Frame, right: Right| {
        let header = frame.header();
        let (device, nonce) = (header.stream.device, header.stream.nonce);
        members.counts(&device, right, nonce, header.number)
    };
    let mut through: BTreeMap<(StreamId, Right), u64> = BTreeMap::new();
    loop {
        let before = through.clone();
        let stands = |frame: &Frame, right: Right| {
            let header = frame.header();
            let reaches = |most| {
                let last = before.get(&(header.stream, most)).copied();
                most >= right && last.is_some_and(|last| header.number <= last)
            };
            reaches(Right::Comment) || reaches(Right::Edit)
        };
        for frame in log.values() {
            let right = frame.header().right();
            if !by_itself(frame, right) && !stands(frame, right) {
                continue;
            }
            let strength = match by_itself(frame, Right::Edit) || stands(frame, Right::Edit) {
                true => Right::Edit,
                false => right,
            };
            let signed = frame.countersignature().map(|body| body.snapshot);
            for listed in frame.deps().chain(signed) {
                if let Some((stream, number)) = places.get(&listed) {
                    let last = through.entry((*stream, strength)).or_default();
                    *last = (*last).max(*number);
                }
            }
        }
        if through == before {
            break;
        }
    }
    let mut beyond = BTreeSet::new();
    for ((stream, number), frame) in log {
        let right = frame.header().right();
        if by_itself(frame, right) {
            continue;
        }
        let reaches = |most| most >= right && through.get(&(*stream, most)) >= Some(number);
        if !reaches(Right::Comment) && !reaches(Right::Edit) {
            return Err(format!(
                "a frame of a removed device is in the view, and nobody stands for it: {:?}",
                frame.header()
            ));
        }
        beyond.insert(*stream);
    }
    Ok(beyond.len())
}
