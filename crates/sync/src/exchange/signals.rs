//! What passes: forwarded once to everybody, remembered for who comes later, never stored.

use std::collections::BTreeMap;

use bytes::Bytes;
use trust::{DeviceId, Right};

use super::{Exchange, Outgoing, Received};
use crate::fault::{Fault, planted};
use crate::limits::SIGNAL_LIFE_MS;
use crate::{Heads, LinkError, Message, Signal, SignalKind, State, Time};

/// The last that was heard of each device, this one included: of that what it said itself, or a copy of this machine that runs as
/// well and is in a later session.
#[derive(Default)]
pub struct Signals {
    devices: BTreeMap<DeviceId, Known>,
    /// None of who says nothing, such as a relay.
    own: Option<Box<Own>>,
    /// The state that waits for its time.
    waiting: Option<Bytes>,
    last_state: Option<Time>,
    /// Found to have diverged, and not told yet.
    diverged: Vec<DeviceId>,
}

/// What this device said last itself.
#[derive(Default)]
struct Own {
    /// The session, and the last number in it.
    last: (u64, u64),
    state: Option<State>,
}

/// What was heard of a device in its latest session.
struct Known {
    session: u64,
    /// The last of each kind: a state waits for its time, and presence passes it by.
    last: [u64; 3],
    /// What it said last, of any kind.
    latest: Bytes,
    seen: Time,
    presence: Option<Presence>,
    state: Option<(State, Bytes)>,
    /// The heads with which it was told to have diverged.
    diverged: Option<Heads>,
}

struct Presence {
    since: Time,
    payload: Bytes,
    message: Bytes,
}

/// What is known of a device, whether it has a link to here or is behind others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceView {
    /// The device.
    pub device: DeviceId,
    /// When it was last heard.
    pub seen: Time,
    /// Its presence, unless that has expired.
    pub presence: Option<Bytes>,
    /// What it said last to hold and to have applied.
    pub state: Option<State>,
    /// Whether it holds exactly what is held here and has other heads.
    pub has_diverged: bool,
}

impl Exchange {
    /// This device says something. Presence goes out at once; a state waits until it is its time, and a newer one takes
    /// its place, so a host may say its state whenever it changes.
    pub fn signal(&mut self, signal: Signal, now: Time) {
        let message = Message::Signal(signal.clone()).encode();
        let kind = signal.kind;
        self.remember(&signal, &message, now);
        let own = self.signals.own.get_or_insert_default();
        own.last = own.last.max((signal.session, signal.counter));
        if kind == SignalKind::State {
            own.state = State::decode(&signal.payload).ok();
            self.find_diverged();
            let due = self
                .signals
                .last_state
                .map_or(now, |last| last.plus_ms(self.state_pace_ms()))
                .max(now);
            self.signals.waiting = Some(message);
            self.wake_at(due);
        } else {
            self.spread(&message, None);
        }
    }

    /// The session of the last signal of this device that others remember, if that is later than any that it made here: the
    /// machine, or its clock, was set back, or a copy of it runs as well. They take what it says for old until the host goes
    /// on with a later session than this one.
    pub fn later_session(&self) -> Option<u64> {
        let own = self.signals.own.as_ref().map(|own| own.last);
        let known = self.signals.devices.get(&self.device)?;
        let last = known.last.into_iter().max()?;
        (own < Some((known.session, last))).then_some(known.session)
    }

    /// How long to wait between two signals of one kind, so that a full room is not busy with itself.
    pub fn state_pace_ms(&self) -> u64 {
        let devices = self.signals.devices.len() as u64;
        let pace = devices * 1000 / self.limits().state_rate.max(1);
        pace.max(self.limits().state_ms)
    }

    /// The devices of which something was heard, by id.
    pub fn devices(&self, now: Time) -> impl Iterator<Item = DeviceView> + '_ {
        let others = self.signals.devices.iter();
        others
            .filter(|(device, _)| **device != self.device)
            .map(move |(device, known)| known.view(*device, now))
    }

    pub(super) fn take_signal(
        &mut self,
        place: usize,
        signal: Signal,
        message: &Bytes,
        now: Time,
        received: &mut Received,
    ) -> Result<(), LinkError> {
        let is_own = signal.device == self.device;
        let is_news = self.is_news(&signal) || planted(Fault::SignalStorm);
        if !is_news || !self.is_said_by_member(&signal)? || !self.remember(&signal, message, now) {
            return Ok(());
        }
        self.spread(message, Some(place));
        if is_own {
            return Ok(());
        }
        if signal.kind == SignalKind::State {
            self.find_diverged();
            received.diverged.append(&mut self.signals.diverged);
        }
        received.signals.push(signal);
        Ok(())
    }

    /// Whether a signal counts. Of who was a member it does not, and its sender need not know that yet.
    fn is_said_by_member(&self, signal: &Signal) -> Result<bool, LinkError> {
        let (log, device) = (&self.membership, signal.device);
        if log.is_open() {
            return Ok(true);
        }
        if let Err(refusal) = log.permits(&device, Right::Read) {
            let was_member = log.was_ever(&device, Right::Read) || self.carriers.contains(&device);
            let error = LinkError::NotPermitted { device, refusal };
            return was_member.then_some(false).ok_or(error);
        }
        let Some(key) = log.key_of(&device) else {
            return Ok(false);
        };
        match signal.verify(&self.room(), &key) {
            Err(_) if !planted(Fault::BelieveSignals) => Err(LinkError::NotSigned { device }),
            _ => Ok(true),
        }
    }

    /// Who is no member any more is not here.
    pub(super) fn forget_signals_of_others(&mut self) {
        let log = &self.membership;
        let is_member = |device: &DeviceId| log.permits(device, Right::Read).is_ok();
        self.signals.devices.retain(|device, _| is_member(device));
    }

    pub(super) fn send_due_state(&mut self, now: Time) {
        if self.signals.waiting.is_none() {
            return;
        }
        let last = self.signals.last_state;
        let due = last.map_or(now, |last| last.plus_ms(self.state_pace_ms()));
        if due > now {
            self.wake_at(due);
        } else if let Some(message) = self.signals.waiting.take() {
            self.signals.last_state = Some(now);
            self.spread(&message, None);
        }
    }

    /// A link that is new, or was passed over, learns who is here, as far as there is room on its way.
    pub(super) fn send_signals(&mut self, place: usize) {
        let budget = self.budget();
        let link = &mut self.links[place];
        if !link.is_let_in {
            return;
        }
        let Some(first) = link.next_signal.take() else {
            return;
        };
        for (device, known) in self.signals.devices.range(first..) {
            if !link.has_drained(budget) {
                link.next_signal = Some(*device);
                return;
            }
            let messages = if *device == link.peer.device {
                // What it said last is enough for it to know where it was.
                vec![known.latest.clone()]
            } else {
                known.messages(self.now)
            };
            for message in messages {
                link.in_flight_bytes += message.len();
                self.outbox.push(Outgoing::Send(link.id, message));
            }
        }
    }

    /// Whether a device has not said this, or something later, before.
    fn is_news(&self, signal: &Signal) -> bool {
        let known = self.signals.devices.get(&signal.device);
        known.is_none_or(|known| {
            let last = known.last[slot(signal.kind)];
            signal.session > known.session
                || (signal.session == known.session && signal.counter > last)
        })
    }

    /// Notes what a device says; false if it was said before or is older than what is known.
    fn remember(&mut self, signal: &Signal, message: &Bytes, now: Time) -> bool {
        if !self.is_news(signal) {
            return planted(Fault::SignalStorm);
        }
        let most = self.limits().devices;
        let signals = &mut self.signals;
        if !signals.devices.contains_key(&signal.device) {
            signals.make_room(most);
        }
        let begun = || Known::begin(signal.session, message, now);
        let known = signals.devices.entry(signal.device).or_insert_with(begun);
        if signal.session > known.session {
            *known = begun();
        }
        known.keep(signal, message, now);
        true
    }

    /// Sends a signal to every link but the one it came from, so that both ends of a link know the latest session of
    /// each device. Its own device is no exception: it may have forgotten what it said.
    fn spread(&mut self, message: &Bytes, from: Option<usize>) {
        for place in (0..self.links.len()).filter(|place| Some(*place) != from) {
            self.send_signal(place, message);
        }
    }

    /// A link that is behind gets the latest of each device when it has caught up.
    fn send_signal(&mut self, place: usize, message: &Bytes) {
        let budget = self.budget();
        let link = &mut self.links[place];
        if !link.is_let_in {
            return;
        }
        if link.is_behind || !link.has_drained(budget) {
            link.next_signal = Some(DeviceId([0; 32]));
            return;
        }
        link.in_flight_bytes += message.len();
        self.outbox.push(Outgoing::Send(link.id, message.clone()));
    }

    /// Equal frames with unequal heads: told once for each heads of a device.
    fn find_diverged(&mut self) {
        let signals = &mut self.signals;
        let Some(own) = signals.own.as_ref().and_then(|own| own.state.as_ref()) else {
            return;
        };
        let others = signals.devices.iter_mut();
        for (device, known) in others.filter(|(device, _)| **device != self.device) {
            let Some((state, _)) = &known.state else {
                continue;
            };
            let has_diverged = state.digest == own.digest
                && own.heads.is_some()
                && state.heads.is_some()
                && state.heads != own.heads;
            if has_diverged && known.diverged != state.heads {
                known.diverged = state.heads;
                signals.diverged.push(*device);
            } else if !has_diverged && state.digest == own.digest {
                known.diverged = None;
            }
        }
    }
}

fn slot(kind: SignalKind) -> usize {
    match kind {
        SignalKind::Presence => 0,
        SignalKind::State => 1,
        SignalKind::Later(_) => 2,
    }
}

impl Signals {
    fn make_room(&mut self, limit: usize) {
        while self.devices.len() >= limit.max(1) {
            let oldest = self.devices.iter().min_by_key(|(_, known)| known.seen);
            let Some(device) = oldest.map(|(device, _)| *device) else {
                return;
            };
            self.devices.remove(&device);
        }
    }
}

impl Known {
    fn begin(session: u64, message: &Bytes, now: Time) -> Self {
        Self {
            session,
            last: Default::default(),
            latest: message.clone(),
            seen: now,
            presence: None,
            state: None,
            diverged: None,
        }
    }

    fn keep(&mut self, signal: &Signal, message: &Bytes, now: Time) {
        if self.last.iter().all(|last| *last < signal.counter) {
            self.latest = message.clone();
        }
        self.last[slot(signal.kind)] = signal.counter;
        self.seen = now;
        match signal.kind {
            SignalKind::Presence => {
                self.presence = Some(Presence {
                    since: now,
                    payload: signal.payload.clone(),
                    message: message.clone(),
                });
            }
            SignalKind::State => {
                if let Ok(state) = State::decode(&signal.payload) {
                    self.state = Some((state, message.clone()));
                }
            }
            SignalKind::Later(_) => {}
        }
    }

    fn fresh_presence(&self, now: Time) -> Option<&Presence> {
        self.presence
            .as_ref()
            .filter(|presence| now.since_ms(presence.since) < SIGNAL_LIFE_MS)
    }

    /// What a newcomer needs: its presence and state, or else what tells its session.
    fn messages(&self, now: Time) -> Vec<Bytes> {
        let presence = self.fresh_presence(now).map(|p| p.message.clone());
        let state = self.state.as_ref().map(|(_, message)| message.clone());
        let messages: Vec<Bytes> = presence.into_iter().chain(state).collect();
        match messages.is_empty() {
            true => vec![self.latest.clone()],
            false => messages,
        }
    }

    fn view(&self, device: DeviceId, now: Time) -> DeviceView {
        DeviceView {
            device,
            seen: self.seen,
            presence: self.fresh_presence(now).map(|p| p.payload.clone()),
            state: self.state.as_ref().map(|(state, _)| state.clone()),
            has_diverged: self.diverged.is_some(),
        }
    }
}
