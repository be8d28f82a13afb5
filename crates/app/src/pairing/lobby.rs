//! Where pairings are carried out: what windows want goes to the network, and what the network says to the windows.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the task that asks hangs on a handle here"
)]

use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use graph::time::Timestamp;
use relay::{Claim, Gate, Guest, Identity, Limits, Met, Receiving, Reception, Whom};
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use trust::DeviceId;
use trust::pairing::Code;

use super::delivery::{self, Mine, Offer, Taken};
use super::standing::{Cancelled, Standing, peer};
use super::words::{Trouble, not_invited, not_joined, trouble};
use super::{Pairing, PairingId, PairingPeer, PairingSide};
use crate::app::Inner;
use crate::event::Event;
use crate::failure::Failure;
use crate::members::MemberRole;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::requests::{invite, join_project};
use crate::world::{World, locked};

/// For the other machine to make an invitation, or to open the project: disks may be slow.
const DELIVERY_MS: u64 = 30_000;

/// For a machine that has the invitation to be seen in the project.
const JOIN: Duration = Duration::from_secs(30);

/// The pairing of this installation, if there is one.
pub(crate) struct Lobby {
    world: Arc<World>,
    gate: Gate,
    inside: Mutex<Inside>,
    app: OnceLock<Weak<Inner>>,
}

#[derive(Default)]
struct Inside {
    standing: Standing,
    /// To whoever carries the pairing out.
    order: Option<oneshot::Sender<Order>>,
    asking: Option<Asking>,
}

/// The task of the side that asks; ends when this is dropped.
struct Asking(JoinHandle<()>);

/// What somebody at this machine wants.
enum Order {
    /// The code that she has typed.
    Guess(Code),
    /// No more of it.
    GiveUp,
}

/// Whom to ask, and for what.
pub(crate) struct Wish {
    pub(crate) project: ProjectId,
    pub(crate) role: MemberRole,
    pub(crate) whom: Whom,
    /// As whom.
    pub(crate) own: Identity,
    /// The name of whoever asks.
    pub(crate) name: String,
    /// Who that is, if the other machine is hers, too.
    pub(crate) mine: Option<Mine>,
    /// What is known of the machine beforehand.
    pub(crate) peer: PairingPeer,
}

impl Lobby {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self {
            world,
            gate: Gate::new(),
            inside: Mutex::default(),
            app: OnceLock::new(),
        }
    }

    /// In which application it is; before that nobody joins anything.
    pub(crate) fn belong(&self, app: Weak<Inner>) {
        // There is one application.
        self.app.set(app).ok();
    }

    /// Lets others ask, or nobody.
    pub(crate) fn set_open(&self, is_open: bool) {
        self.gate.set_open(is_open);
    }

    /// The pairing that there is.
    pub(crate) fn current(&self) -> Option<Pairing> {
        locked(&self.inside).standing.current().cloned()
    }

    /// Asks a machine to join a project.
    pub(crate) fn begin(&self, wish: Wish) -> Result<Pairing, Failure> {
        let app = self.app.get().cloned().ok_or_else(Failure::closed)?;
        let claim = self.gate.take().ok_or_else(busy)?;
        let (order, orders) = oneshot::channel();
        let mut inside = locked(&self.inside);
        let id = inside.standing.begin(wish.project, wish.peer.clone());
        inside.order = Some(order);
        inside.asking = Some(Asking(tokio::spawn(share(app, id, wish, claim, orders))));
        let current = inside.standing.current().cloned();
        let current = current.expect("it has just begun");
        self.tell(Some(&current));
        Ok(current)
    }

    /// Takes the one guess at a code.
    pub(crate) fn guess(&self, id: PairingId, code: Code) -> Result<(), Failure> {
        self.change(|inside| {
            inside.standing.typed(id)?;
            inside.send(Order::Guess(code));
            Ok(())
        })
    }

    /// Gives a pairing up, refuses it, or puts it away.
    pub(crate) fn cancel(&self, id: PairingId) {
        self.change(|inside| {
            if inside.standing.cancel(id) == Cancelled::Tell {
                inside.send(Order::GiveUp);
            }
        });
    }

    /// Who the other machine of a pairing has said to sit here, too; once.
    pub(crate) fn take_person(&self, id: PairingId) -> Option<Mine> {
        self.change(|inside| inside.standing.take_person(id))
    }

    /// Lets nobody ask any more, and breaks off what is under way.
    pub(crate) fn close(&self) {
        self.gate.set_open(false);
        let mut inside = locked(&self.inside);
        inside.asking = None;
        inside.order = None;
    }

    /// Changes something and tells windows if that makes a difference.
    fn change<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        let mut inside = locked(&self.inside);
        let before = inside.standing.current().cloned();
        let value = change(&mut inside);
        // Told under the lock, so that windows hear of states in the order in which they came.
        if inside.standing.current() != before.as_ref() {
            self.tell(inside.standing.current());
        }
        value
    }

    fn tell(&self, pairing: Option<&Pairing>) {
        let pairing = pairing.cloned();
        self.world.emit(Event::Pairing { pairing });
    }

    /// A moment of the network's clock by that of the windows.
    fn time(&self, at_ms: u64) -> Timestamp {
        let left_ms = at_ms.saturating_sub(relay::now_ms());
        let left_ms = i64::try_from(left_ms).unwrap_or(i64::MAX);
        Timestamp(self.world.now().0.saturating_add(left_ms))
    }

    fn fail(&self, id: PairingId, trouble: Trouble) {
        let Trouble { failure, retry_at } = trouble;
        self.change(|inside| inside.standing.fail(id, failure, retry_at));
    }

    /// Somebody has asked: shows a code, and joins what she shares.
    async fn show(&self, guest: Guest) {
        let (order, orders) = oneshot::channel();
        let peer = PairingPeer {
            name: delivery::shown(guest.name()),
            ..peer(guest.device(), guest.remote())
        };
        let code = guest.code().to_string().into();
        let until = self.time(guest.until_ms());
        let id = self.change(|inside| {
            inside.order = Some(order);
            inside.standing.asked(peer, code, until)
        });
        let refused = async {
            if orders.await.is_err() {
                // Nobody can refuse any more.
                std::future::pending().await
            }
        };
        let guessed = || self.change(|inside| inside.standing.guessed(id));
        match guest.meet(refused, guessed).await {
            Ok(met) => self.join(id, met).await,
            Err(why) => self.fail(id, trouble(&why, PairingSide::Joining, self.world.now())),
        }
    }

    async fn join(&self, id: PairingId, mut met: Met) {
        match self.take(&mut met).await {
            Ok((project, offer)) => self.change(|inside| {
                let name = delivery::shown(&offer.name);
                inside.standing.done(id, project, name);
                if let Some(mine) = offer.mine {
                    inside.standing.offer_person(id, mine);
                }
            }),
            Err(trouble) => self.fail(id, trouble),
        }
        met.end().await;
    }

    /// Takes the offer and says what has become of it.
    async fn take(&self, met: &mut Met) -> Result<(ProjectId, Offer), Trouble> {
        let offer = met.receive(DELIVERY_MS).await;
        let offer = offer.map_err(|why| trouble(&why, PairingSide::Joining, self.world.now()))?;
        let offer: Offer = delivery::decode(&offer).ok_or_else(|| not_joined("no offer"))?;
        let invitation = offer.invitation.as_ref().ok_or_else(not_invited)?;
        let app = self.app.get().and_then(Weak::upgrade);
        let app = app.ok_or_else(Failure::closed)?;
        let joined = join_project::call(&app, invitation).await;
        let failed = joined.as_ref().err().map(|failure| failure.code.clone());
        let name = app.name();
        met.send(&delivery::encode(&Taken { failed, name }));
        match joined? {
            Reply::Opened { project, .. } => Ok((project, offer)),
            _ => unreachable!("whoever joins a project opens it"),
        }
    }
}

impl Inside {
    fn send(&mut self, order: Order) {
        if let Some(sender) = self.order.take() {
            // Whoever does not take it any more has ended for another reason.
            sender.send(order).ok();
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Reception for Lobby {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn receive(&self, guest: Guest) -> Receiving<'_> {
        Box::pin(self.show(guest))
    }
}

/// The side that asks, from the first connection to the last word.
async fn share(
    app: Weak<Inner>,
    id: PairingId,
    wish: Wish,
    claim: Claim,
    orders: oneshot::Receiver<Order>,
) {
    let project = wish.project;
    let shared = meet(&app, id, wish, claim, orders).await;
    if let Some(app) = app.upgrade() {
        match shared {
            Ok(name) => {
                let lobby = &app.lobby;
                lobby.change(|inside| inside.standing.done(id, project, name));
            }
            Err(trouble) => app.lobby.fail(id, trouble),
        }
    }
}

async fn meet(
    app: &Weak<Inner>,
    id: PairingId,
    wish: Wish,
    claim: Claim,
    mut orders: oneshot::Receiver<Order>,
) -> Result<Option<String>, Trouble> {
    let here = || app.upgrade().ok_or_else(Failure::closed);
    let words = |why: relay::PairingFailure| match here() {
        Ok(app) => trouble(&why, PairingSide::Sharing, app.world.now()),
        Err(failure) => failure.into(),
    };
    let (own, name) = (wish.own.clone(), wish.name.clone());
    let ask = relay::ask(wish.whom.clone(), &own, &name, claim, Limits::default());
    let asking = tokio::select! {
        asking = ask => asking.map_err(words)?,
        _ = &mut orders => return Err(Failure::cancelled().into()),
    };
    {
        let lobby = &here()?.lobby;
        let until = lobby.time(asking.until_ms());
        let (device, remote) = (asking.device(), asking.remote());
        lobby.change(|inside| inside.standing.shown(id, device, remote, until));
    }
    let typed = async {
        match orders.await {
            Ok(Order::Guess(code)) => Some(code),
            Ok(Order::GiveUp) | Err(_) => None,
        }
    };
    let mut met = asking.meet(typed).await.map_err(words)?;
    let offered = offer(&*here()?, &mut met, &wish).await;
    met.end().await;
    offered
}

/// Hands the project over, and waits until the other machine is in it.
async fn offer(app: &Inner, met: &mut Met, wish: &Wish) -> Result<Option<String>, Trouble> {
    let mut events = app.world.listen();
    let invitation = invite::once(app, wish.project, wish.role, met.device()).await;
    met.send(&delivery::encode(&Offer {
        invitation: invitation.as_ref().ok().cloned(),
        name: wish.name.clone(),
        mine: wish.mine.clone(),
    }));
    invitation?;
    let taken = met.receive(DELIVERY_MS).await;
    let taken = taken.map_err(|why| trouble(&why, PairingSide::Sharing, app.world.now()))?;
    let taken: Taken = delivery::decode(&taken).ok_or_else(|| not_joined("no answer"))?;
    if let Some(code) = taken.failed {
        return Err(not_joined(code));
    }
    is_in(app, wish.project, met.device(), &mut events).await?;
    Ok(delivery::shown(&taken.name))
}

/// Waits until a device is a member.
async fn is_in(
    app: &Inner,
    project: ProjectId,
    device: DeviceId,
    events: &mut broadcast::Receiver<Arc<Event>>,
) -> Result<(), Trouble> {
    let (device, deadline) = (device.to_string(), Instant::now() + JOIN);
    loop {
        let members = app.ask(project, Request::ReadMembers { project }).await?;
        if let Reply::Members { members: Some(all) } = members
            && all.devices.iter().any(|it| it.device == device)
        {
            return Ok(());
        }
        loop {
            match timeout_at(deadline, events.recv()).await {
                Err(_) => return Err(not_joined("it has not come")),
                Ok(Err(broadcast::error::RecvError::Closed)) => {
                    return Err(Failure::closed().into());
                }
                Ok(Err(broadcast::error::RecvError::Lagged(_))) => break,
                Ok(Ok(event)) => match &*event {
                    Event::Sharing { project: of, .. } if *of == project => break,
                    _ => {}
                },
            }
        }
    }
}

fn busy() -> Failure {
    Failure::new(
        "PAIRING_BUSY",
        "This computer is in another pairing already. End that first.",
    )
}
