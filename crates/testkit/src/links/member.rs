//! A member of a room without an application: an exchange, and a log in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use relay::{
    Address, Cause, Dialled, Identity, InboxReceiver, Limits, LinkDoor, LinkInput, Target,
    Transport, dial, inbox, now_ms,
};
use sync::{
    Content, Document, Draft, Exchange, Frame, LinkId, Outgoing, Phase, Setup, Signal, SignalKind,
    StreamId, Time, Vector,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Duration, Instant, sleep_until},
};
use trust::{DeviceId, Membership, hosting::HostingToken};

use super::soon;

/// What can be seen of a member.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What it holds.
    pub held: Vector,
    /// How many links it has.
    pub links: usize,
    /// How often a link of it came up.
    pub ups: usize,
    /// Why links ended.
    pub ends: Vec<Cause>,
    /// What others have durably, of what it gave them.
    pub acknowledged: Vector,
    /// What the other end of a link has, once that has said so; nothing without a link.
    pub offered: Option<Vector>,
    /// What others said last of their presence.
    pub present: BTreeMap<DeviceId, Bytes>,
}

/// Somebody who dials, keeps frames in memory and writes some.
pub struct Member {
    dialled: Option<Dialled>,
    orders: mpsc::UnboundedSender<Vec<Bytes>>,
    says: mpsc::UnboundedSender<Bytes>,
    view: watch::Receiver<View>,
    log: Log,
    task: JoinHandle<()>,
}

type Log = Arc<Mutex<BTreeMap<(StreamId, u64), Frame>>>;

impl Member {
    /// Begins with an empty log, and dials.
    pub fn dial(number: u8, room: &Membership, address: Address, limits: Limits) -> Self {
        Self::dial_all(number, room, vec![address], limits)
    }

    /// The same as this device, where there are more of them than numbers.
    pub fn of(device: DeviceId, room: &Membership, address: Address, limits: Limits) -> Self {
        Self::dial_as(device.into(), 0, room, vec![address], limits, None)
    }

    /// The same with several addresses.
    pub fn dial_all(
        number: u8,
        room: &Membership,
        addresses: Vec<Address>,
        limits: Limits,
    ) -> Self {
        let device = DeviceId([number; 32]);
        Self::dial_as(device.into(), number, room, addresses, limits, None)
    }

    /// The same by TLS, as the device of the key of this number.
    pub fn proven(number: u8, room: &Membership, address: Address, limits: Limits) -> Self {
        let own = Identity::new(&super::key(number));
        Self::dial_as(own.into(), number, room, vec![address], limits, None)
    }

    /// The same by TLS, as any device.
    pub fn known(own: Identity, room: &Membership, address: Address, limits: Limits) -> Self {
        Self::dial_as(own.into(), 0, room, vec![address], limits, None)
    }

    /// The same, bringing what lets one host rooms.
    pub fn bringing(
        token: &HostingToken,
        number: u8,
        room: &Membership,
        address: Address,
        limits: Limits,
    ) -> Self {
        let own = Identity::new(&super::key(number));
        let hosting = Some(token.clone());
        Self::dial_as(own.into(), number, room, vec![address], limits, hosting)
    }

    fn dial_as(
        transport: Transport,
        number: u8,
        room: &Membership,
        addresses: Vec<Address>,
        limits: Limits,
        hosting: Option<HostingToken>,
    ) -> Self {
        let device = transport.device();
        let (sender, receiver) = inbox(1 << 20);
        let target = Target {
            room: room.room(),
            addresses,
            device: None,
            hosting,
        };
        let dialled = dial(target, transport, sender, limits);
        let (orders, ordered) = mpsc::unbounded_channel();
        let (says, said) = mpsc::unbounded_channel();
        let (show, view) = watch::channel(View::default());
        let log = Log::default();
        let own = StreamId {
            device,
            nonce: u64::from(number),
        };
        let exchange = Exchange::new(Setup {
            device,
            membership: room.clone(),
            held: Vector::new(),
            base: None,
            own: Some(own),
            limits: sync::Limits::default(),
        });
        let task = Task {
            own,
            exchange,
            inbox: receiver,
            ordered,
            said,
            signals: 0,
            doors: BTreeMap::new(),
            log: log.clone(),
            written: 0,
            view: View::default(),
            show,
        };
        Self {
            dialled: Some(dialled),
            orders,
            says,
            view,
            log,
            task: tokio::spawn(task.run()),
        }
    }

    /// Writes so many frames of so many bytes.
    pub fn write(&self, frames: usize, bytes: usize) {
        let payloads = vec![Bytes::from(vec![b'x'; bytes]); frames];
        self.orders.send(payloads).unwrap();
    }

    /// Says that it is here, with this.
    pub fn say(&self, presence: &'static [u8]) {
        self.says.send(Bytes::from_static(presence)).unwrap();
    }

    /// Waits until it looks so.
    pub async fn until(&self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        let mut view = self.view.clone();
        let met = soon(what, view.wait_for(|view| wanted(view))).await;
        met.unwrap().clone()
    }

    /// Waits until it holds so many frames.
    pub async fn holds(&self, frames: u64) {
        self.until(&format!("{frames} frames are held"), |view| {
            view.held.frames() >= frames
        })
        .await;
    }

    /// Waits until it has a link.
    pub async fn is_up(&self) {
        self.until("a link is up", |view| view.links == 1).await;
    }

    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// All frames, by stream and number.
    pub fn log(&self) -> BTreeMap<(StreamId, u64), Frame> {
        self.log.lock().unwrap().clone()
    }

    pub fn dialled(&self) -> &Dialled {
        self.dialled.as_ref().unwrap()
    }

    /// Hangs up for good, in good order.
    pub async fn hang_up(&mut self) {
        let dialled = self.dialled.take().unwrap();
        soon("the link ends", dialled.end()).await;
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Task {
    own: StreamId,
    exchange: Exchange,
    inbox: InboxReceiver,
    ordered: mpsc::UnboundedReceiver<Vec<Bytes>>,
    said: mpsc::UnboundedReceiver<Bytes>,
    signals: u64,
    doors: BTreeMap<LinkId, LinkDoor>,
    log: Log,
    written: u64,
    view: View,
    show: watch::Sender<View>,
}

impl Task {
    async fn run(mut self) {
        let mut inputs = Vec::new();
        let start = Instant::now() - Duration::from_millis(now_ms());
        loop {
            let wake = self.exchange.wake();
            let at = start + Duration::from_millis(wake.unwrap_or_default().0);
            tokio::select! {
                () = self.inbox.receive(&mut inputs) => {}
                Some(payloads) = self.ordered.recv() => self.write(&payloads),
                Some(presence) = self.said.recv() => self.say(presence),
                () = sleep_until(at), if wake.is_some() => {}
            }
            for input in inputs.drain(..) {
                self.take(input);
            }
            self.carry_out();
            self.view.held = self.exchange.held();
            self.view.links = self.doors.len();
            self.view.offered = None;
            for peer in self.exchange.peers() {
                self.view.acknowledged.merge(&peer.acknowledged);
                if peer.phase != Phase::Opening {
                    self.view.offered = Some(peer.holds);
                }
            }
            self.view.present = self.present();
            self.show.send_replace(self.view.clone());
        }
    }

    fn take(&mut self, input: LinkInput) {
        let now = Time(now_ms());
        match input {
            LinkInput::Up(link, peer, door) => {
                self.doors.insert(link, door);
                self.view.ups += 1;
                self.exchange.connect(link, peer, now);
            }
            LinkInput::Message(link, message) => match self.exchange.receive(link, message, now) {
                Ok(received) => received.frames.iter().for_each(|frame| self.keep(frame)),
                Err(_) => self.doors[&link].end(None),
            },
            LinkInput::Sent(link, bytes) => self.exchange.sent(link, bytes),
            LinkInput::Down(link, cause) => {
                self.doors.remove(&link);
                self.view.ends.push(cause);
                self.exchange.disconnect(link);
            }
        }
    }

    fn say(&mut self, payload: Bytes) {
        self.signals += 1;
        let signal = Signal {
            device: self.own.device,
            session: 1,
            counter: self.signals,
            kind: SignalKind::Presence,
            payload,
            signature: None,
        };
        self.exchange.signal(signal, Time(now_ms()));
    }

    fn present(&self) -> BTreeMap<DeviceId, Bytes> {
        let devices = self.exchange.devices(Time(now_ms()));
        let others = devices.filter(|it| it.device != self.own.device);
        others
            .filter_map(|it| Some((it.device, it.presence?)))
            .collect()
    }

    fn write(&mut self, payloads: &[Bytes]) {
        for payload in payloads {
            self.written += 1;
            let draft = Draft {
                room: self.exchange.room(),
                document: Document::Project,
                epoch: 0,
                stream: self.own,
                number: self.written,
                deps: &[],
                content: Content::Changes,
                payload,
            };
            self.keep(&Frame::mint(&draft).unwrap());
        }
    }

    /// Its memory is its disk.
    fn keep(&mut self, frame: &Frame) {
        let (stream, number) = (frame.header().stream, frame.header().number);
        self.log
            .lock()
            .unwrap()
            .insert((stream, number), frame.clone());
        self.exchange.publish(frame);
        self.exchange.durable(stream, number, Time(now_ms()));
    }

    fn carry_out(&mut self) {
        loop {
            let outgoing = self.exchange.poll(Time(now_ms()));
            if outgoing.is_empty() {
                return;
            }
            for outgoing in outgoing {
                match outgoing {
                    Outgoing::Send(link, message) => {
                        let sent_bytes =
                            self.doors.get(&link).map_or(0, |door| door.send([message]));
                        self.exchange.sent(link, sent_bytes);
                    }
                    Outgoing::Replay(link, ranges, max_bytes) => {
                        let log = self.log.lock().unwrap();
                        let mut frames = Vec::new();
                        let mut bytes = 0;
                        for range in ranges {
                            let range = (range.stream, range.from)..=(range.stream, range.through);
                            for (_, frame) in log.range(range) {
                                if bytes < max_bytes {
                                    bytes += frame.bytes().len();
                                    frames.push(frame.clone());
                                }
                            }
                        }
                        drop(log);
                        self.exchange.replayed(link, frames);
                    }
                    Outgoing::Drop(link, _) => self.doors[&link].end(None),
                }
            }
        }
    }
}
