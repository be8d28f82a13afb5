//! Dialling a room at another machine, and staying there.

mod address;
mod attempt;
mod race;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use sync::LinkId;
use tokio::{sync::watch, task::JoinHandle, time::sleep_until};
use trust::{DeviceId, RoomId, hosting::HostingToken};

pub use self::{
    address::{Address, NotAnAddress},
    attempt::{DialError, DialFailure},
};
pub(crate) use self::{
    attempt::{connect, not_upgraded},
    race::{STAGGER, race},
};
use crate::{
    backoff::Backoff,
    cause::Cause,
    clock::{SleepWatch, instant, now_ms},
    inbox::Inbox,
    limits::Limits,
    link::{Link, Orders, next_id},
    stop::{Doubt, Doubter, Stop, Stopper},
    transport::Transport,
};

/// The first ceiling of the wait after a failure; see [`Backoff`].
const FIRST_WAIT_MS: u64 = 500;

/// Nobody is left alone for longer than this.
const MOST_WAIT_MS: u64 = 60_000;

/// A link that lasted so long was a good one.
const GOOD_LINK_MS: u64 = 30_000;

/// Where to find a room.
#[derive(Clone, Debug)]
pub struct Target {
    /// The room.
    pub room: RoomId,
    /// Everywhere the other machine may be; all are tried, the first that greets wins. Best first.
    pub addresses: Vec<Address>,
    /// Whom one expects there; nobody else will do. If nobody is, it is whoever proves a key there first: from then on
    /// nobody else will do either, as long as it is dialled. On a bare link nobody proves anything, and anybody will do.
    pub device: Option<DeviceId>,
    /// What is shown there so that rooms are kept.
    pub hosting: Option<HostingToken>,
}

/// Why a dialled room has no link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLink {
    /// An address was tried in vain.
    #[error(transparent)]
    Failed(#[from] DialError),
    /// There was one, and it ended.
    #[error(transparent)]
    Ended(#[from] Cause),
}

/// How a dialled room is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialState {
    /// Addresses are being tried.
    Dialling,
    /// There is a link, to this device.
    Up(LinkId, DeviceId),
    /// There is none, and nothing is tried before this time.
    Waiting {
        /// When it is dialled again.
        until_ms: u64,
        /// How often it has failed in a row.
        failures: u32,
        /// Why it failed last; one reason for each address that was tried, or the end of the last link.
        why: Vec<NoLink>,
    },
    /// The owner of the room is gone, or ended it.
    Over,
}

/// A room that is kept dialled. Dropping it cuts the link.
pub struct Dialled {
    task: JoinHandle<()>,
    shared: Arc<Shared>,
    stopper: Stopper,
    state: watch::Receiver<DialState>,
}

struct Shared {
    room: RoomId,
    expected: OnceLock<DeviceId>,
    hosting: Option<HostingToken>,
    own: Transport,
    addresses: watch::Sender<Vec<Address>>,
    kick: Doubter,
    limits: Limits,
}

/// Keeps a link to the target's room as `own` device, and tells `inbox` what happens to it; dials again for ever.
pub fn dial(target: Target, own: impl Into<Transport>, inbox: Inbox, limits: Limits) -> Dialled {
    let shared = Arc::new(Shared {
        room: target.room,
        expected: target.device.map_or_else(OnceLock::new, OnceLock::from),
        hosting: target.hosting,
        own: own.into(),
        addresses: watch::Sender::new(target.addresses),
        kick: Doubter::new(),
        limits,
    });
    let stopper = Stopper::new();
    let (tell, state) = watch::channel(DialState::Dialling);
    let dialling = Dialling {
        shared: shared.clone(),
        inbox,
        tell,
        stop: stopper.listen(),
        doubt: shared.kick.listen(),
        backoff: Backoff::new(FIRST_WAIT_MS, MOST_WAIT_MS, GOOD_LINK_MS),
    };
    Dialled {
        task: tokio::spawn(dialling.run()),
        shared,
        stopper,
        state,
    }
}

impl Dialled {
    /// Sync now: dials at once if it waits, and has a link prove that it is alive if there is one.
    pub fn kick(&self) {
        self.shared.kick.raise();
    }

    /// Other addresses of the same machine; dialled at once if there is no link.
    pub fn set_addresses(&self, addresses: Vec<Address>) {
        let changed = self.shared.addresses.send_if_modified(|known| {
            let changed = *known != addresses;
            *known = addresses;
            changed
        });
        if changed {
            self.kick();
        }
    }

    /// How it is doing, and how to wait until that changes.
    pub fn state(&self) -> watch::Receiver<DialState> {
        self.state.clone()
    }

    /// Says goodbye, sends what is queued and ends.
    pub async fn end(mut self) {
        self.stopper.stop();
        // However it ended, it is over.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Dialled {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Dialling {
    shared: Arc<Shared>,
    inbox: Inbox,
    tell: watch::Sender<DialState>,
    stop: Stop,
    /// Raised by a kick.
    doubt: Doubt,
    backoff: Backoff,
}

impl Dialling {
    async fn run(mut self) {
        let mut stop = self.stop.clone();
        while !self.inbox.is_closed() && !stop.is_asked() {
            self.tell.send_replace(DialState::Dialling);
            let connected = tokio::select! {
                connected = self.connect() => connected,
                () = stop.asked() => break,
            };
            let why = match connected {
                Ok(link) => vec![self.keep(link).await.into()],
                Err(errors) => errors.into_iter().map(NoLink::from).collect(),
            };
            tokio::select! {
                () = self.wait(why) => {}
                () = stop.asked() => break,
            }
        }
        self.tell.send_replace(DialState::Over);
    }

    async fn connect(&self) -> Result<Link, Vec<DialError>> {
        let addresses = self.shared.addresses.borrow().clone();
        let attempts = addresses
            .into_iter()
            .map(|address| attempt::attempt(address, self.shared.clone()));
        race(attempts, STAGGER).await
    }

    async fn keep(&mut self, mut link: Link) -> Cause {
        let id = next_id();
        let begin_ms = now_ms();
        let device = link.peer.device;
        if self.shared.own.proves() {
            // Whom one expected it is anyway.
            let _ = self.shared.expected.set(device);
        }
        self.tell.send_replace(DialState::Up(id, device));
        let orders = Orders {
            stop: self.stop.clone(),
            farewell: Some(crate::greet::going_away()),
            doubt: &mut self.doubt,
        };
        let cause = tokio::select! {
            cause = link.run(id, &self.inbox, orders) => cause,
            never = kick_after_sleep(&self.shared.kick) => match never {},
        };
        self.backoff.ended(now_ms() - begin_ms);
        cause
    }

    /// Waits its time, or until somebody wants it now.
    async fn wait(&mut self, why: Vec<NoLink>) {
        let until_ms = now_ms() + self.backoff.fail(fastrand::u64(..));
        self.tell.send_replace(DialState::Waiting {
            until_ms,
            failures: self.backoff.failures(),
            why,
        });
        tokio::select! {
            () = sleep_until(instant(until_ms)) => {}
            () = self.doubt.raised() => self.backoff.reset(),
            never = kick_after_sleep(&self.shared.kick) => match never {},
        }
    }
}

async fn kick_after_sleep(kick: &Doubter) -> std::convert::Infallible {
    let mut watch = SleepWatch::begin();
    loop {
        tokio::time::sleep(Duration::from_millis(SleepWatch::PERIOD_MS)).await;
        if watch.has_slept() {
            kick.raise();
        }
    }
}
