//! How a shared project stands with everybody else, as windows show it.

use std::collections::BTreeMap;

use graph::Project as Graph;
use graph::id::PersonId;
use graph::time::Timestamp;
use sync::{DeviceView, PeerView, Phase, Time, Vector};
use trust::key::words_of;
use trust::{DeviceId, RoomId};

use super::Room;
use super::members::words;
use crate::failure::Failure;
use crate::members::{FormerMember, MemberDevice, MemberRole, Members, OpenInvitation};
use crate::sharing::{Companion, Offence, Sharing, Status};

impl Room {
    /// The state of the room. `now` and `time` are the same moment, for people and for the protocol.
    pub(crate) fn sharing(&self, graph: &Graph, now: Timestamp, time: Time) -> Sharing {
        let held = self.exchange.held();
        let mut links: BTreeMap<DeviceId, PeerView> = self
            .exchange
            .peers()
            .map(|peer| (peer.peer.device, peer))
            .collect();
        let mut companions: Vec<Companion> = self
            .exchange
            .devices(time)
            .map(|device| {
                let link = links.remove(&device.device);
                self.companion(&device, link.as_ref(), &held, now, time)
            })
            .collect();
        companions.extend(links.values().map(|link| self.silent(link, &held, now)));
        let waiting = self.waiting(graph);
        let stuck = self.stuck(graph);
        Sharing {
            room: self.id.to_string(),
            status: self.status(&companions, waiting),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            companions,
            offences: self.offences(now, time),
            not_let_in: self.refusal().map(|refused| {
                let (code, message) = words(refused);
                Failure::new(code, message)
            }),
            unsendable: (stuck > 0).then(|| too_large(stuck)),
            // Who is not let in yet has no key to anything.
            unreadable: self
                .role()
                .and_then(|_| key_missing(&self.waiting_for_key())),
        }
    }

    /// Who is a member, for people. `me` is who works here.
    pub(crate) fn members_shown(
        &self,
        now: Timestamp,
        time: Time,
        me: (PersonId, String),
    ) -> Members {
        let log = self.members();
        let heard = self.exchange.devices(time);
        let seen: BTreeMap<DeviceId, Timestamp> = heard
            .map(|it| (it.device, past(now, time, it.seen)))
            .collect();
        // An open room has a founder, who has no more rights than others.
        let members = log.members().filter(|_| !log.is_open());
        let mut devices: Vec<MemberDevice> = members
            .filter_map(|(device, member)| {
                let is_me = *device == self.stream.device;
                let face = self.faces.get(device).or(is_me.then_some(&me));
                Some(MemberDevice {
                    device: device.to_string(),
                    words: words_of(device),
                    is_me,
                    role: member.role?.into(),
                    person: face.map(|(person, _)| *person),
                    name: face.map(|(_, name)| name.clone()),
                    seen_at: match is_me {
                        true => Some(now),
                        false => seen.get(device).copied(),
                    },
                })
            })
            .collect();
        devices.sort_by_key(|it| std::cmp::Reverse(it.role));
        let gone = log.members().filter(|(device, member)| {
            !log.is_open() && member.role.is_none() && **device != self.stream.device
        });
        let former = gone.map(|(device, member)| {
            let face = self.faces.get(device);
            FormerMember {
                device: device.to_string(),
                words: words_of(device),
                person: face.map(|(person, _)| *person),
                name: face.map(|(_, name)| name.clone()),
                has_left: member.has_left,
            }
        });
        let former = former.collect();
        let unix_ms = u64::try_from(now.0).unwrap_or_default();
        let invitations = log.invitations();
        Members {
            is_open: log.is_open(),
            role: self.role().map(MemberRole::from),
            is_waiting: self.waits_for_door(),
            devices,
            former,
            invitations: invitations
                .filter(|(id, _)| log.may_admit(id, unix_ms).is_ok())
                .map(|(id, it)| OpenInvitation {
                    id: RoomId(id.0).to_string(),
                    role: it.role.into(),
                    expires_at: Timestamp(i64::try_from(it.expires_ms).unwrap_or(i64::MAX)),
                    uses: it.uses,
                    used: u32::try_from(it.joined.len()).unwrap_or(u32::MAX),
                })
                .collect(),
            is_key_due: log.is_epoch_due(),
        }
    }

    fn offences(&self, now: Timestamp, time: Time) -> Vec<Offence> {
        let offences = self.offences.iter();
        let offences = offences.map(|(device, error, at)| Offence {
            device: device.to_string(),
            what: error.to_string(),
            at: past(now, time, *at),
        });
        offences.collect()
    }

    fn status(&self, companions: &[Companion], waiting: usize) -> Status {
        let people = companions.iter().filter(|it| it.person.is_some()).count();
        let held = self.exchange.held();
        let is_level = self
            .exchange
            .peers()
            .any(|peer| peer.phase == Phase::Live && self.is_level(&peer.holds, &held));
        match (self.has_company(), is_level && waiting == 0) {
            (false, _) => Status::Offline,
            (true, false) => Status::Syncing,
            (true, true) => Status::Live {
                peers: u32::try_from(people).unwrap_or(u32::MAX),
            },
        }
    }

    /// Whether a peer has all that is here, and nothing more than what was left here because it does not count.
    fn is_level(&self, theirs: &Vector, held: &Vector) -> bool {
        let mut streams = theirs.iter();
        theirs.covers(held)
            && streams.all(|(stream, number)| {
                let next = held.get(&stream) + 1;
                number < next || self.exchange.has_left(stream, next)
            })
    }

    fn companion(
        &self,
        device: &DeviceView,
        link: Option<&PeerView>,
        held: &Vector,
        now: Timestamp,
        time: Time,
    ) -> Companion {
        let is_here = device.presence.is_some();
        let presence = self.said.get(&device.device).filter(|_| is_here);
        // Whoever has left is still called by their name.
        let face = self.faces.get(&device.device);
        let state = device.state.as_ref();
        Companion {
            device: device.device.to_string(),
            person: presence.map(|it| it.person),
            name: face.map(|(_, name)| name.clone()),
            colour: presence.map(|it| it.profile.colour.clone()),
            node: presence.and_then(|it| it.node),
            field: presence.and_then(|it| it.field.clone()),
            is_typing: presence.is_some_and(|it| it.typing),
            is_linked: link.is_some(),
            has_everything: state.map(|state| state.digest == held.digest()),
            behind_since: None,
            has_diverged: device.has_diverged,
            faults: self.faults.get(&device.device).copied().unwrap_or(0),
            spoiled: self.spoiled.get(&device.device).copied().unwrap_or(0),
            seen_at: past(now, time, device.seen),
        }
    }

    /// A machine that says nothing of itself, such as a relay.
    fn silent(&self, link: &PeerView, held: &Vector, now: Timestamp) -> Companion {
        let device = link.peer.device;
        Companion {
            device: device.to_string(),
            person: None,
            name: self.faces.get(&device).map(|(_, name)| name.clone()),
            colour: None,
            node: None,
            field: None,
            is_typing: false,
            is_linked: true,
            has_everything: (link.phase != Phase::Opening).then(|| link.holds.covers(held)),
            behind_since: None,
            has_diverged: false,
            faults: self.faults.get(&device).copied().unwrap_or(0),
            spoiled: self.spoiled.get(&device).copied().unwrap_or(0),
            seen_at: now,
        }
    }
}

/// A change does not fit into a frame, so that this many stay here.
fn too_large(stuck: usize) -> Failure {
    Failure::new(
        "TOO_LARGE_TO_SHARE",
        "One step put in more than fits into one packet, 16 MiB. Others do not get it, nor what was changed here after it. Restore a backup from before that step and put the content in by smaller steps.",
    )
    .with_detail(format!("changes that stay here: {stuck}"))
}

/// Packets that these machines made are here, and not the key that they are sealed with.
fn key_missing(waiting: &BTreeMap<DeviceId, usize>) -> Option<Failure> {
    let by = waiting
        .iter()
        .map(|(device, count)| format!("{count} by {:.12}", device.to_string()));
    let by: Vec<String> = by.collect();
    let failure = Failure::new(
        "KEY_MISSING",
        "Some of what others wrote is here, and this computer has not been given the key to it. It is kept, and shown once an owner is here, or somebody who may edit and has the key.",
    );
    (!by.is_empty())
        .then(|| failure.with_detail(format!("packets without a key: {}", by.join(", "))))
}

/// When it was, for people, at this time of the protocol.
fn past(now: Timestamp, time: Time, at: Time) -> Timestamp {
    let past_ms = i64::try_from(time.since_ms(at)).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(past_ms))
}
