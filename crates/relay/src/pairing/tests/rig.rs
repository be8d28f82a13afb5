//! A machine that may be asked, and somebody who asks it; both over real sockets.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use sync::ByeCode;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};
use trust::{
    key::DeviceKey,
    pairing::{CODE_LIFE_MS, Code},
};

use super::super::{message::Message, *};
use crate::{Access, Identity, Limits, Opening, Rooms, Transport, Visitor, serve, tls};

/// Longer than anything takes on a machine that is busy with everything else.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The machine that is asked.
pub(super) const NEWCOMER: u8 = 200;

/// The machine that asks.
pub(super) const OWNER: u8 = 1;

/// A machine that may be asked, and the person there.
pub(super) struct Newcomer {
    pub(super) address: SocketAddr,
    pub(super) gate: Gate,
    pub(super) guests: mpsc::UnboundedReceiver<(Guest, oneshot::Sender<()>)>,
    pub(super) server: JoinHandle<std::io::Result<()>>,
}

pub(super) struct Porch {
    gate: Gate,
    guests: mpsc::UnboundedSender<(Guest, oneshot::Sender<()>)>,
}

impl Reception for Porch {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn receive(&self, guest: Guest) -> Receiving<'_> {
        let (done, over) = oneshot::channel();
        self.guests.send((guest, done)).ok();
        Box::pin(async { drop(over.await) })
    }
}

/// A machine that is in no room.
pub(super) struct House {
    transport: Transport,
    porch: Arc<Porch>,
}

impl Rooms for House {
    fn device(&self) -> DeviceId {
        self.transport.device()
    }

    fn transport(&self) -> Transport {
        self.transport.clone()
    }

    fn reception(&self) -> Option<Arc<dyn Reception>> {
        Some(self.porch.clone())
    }

    fn open(&self, _visitor: Visitor) -> Opening<'_> {
        Box::pin(async { Err(ByeCode::UnknownRoom) })
    }
}

pub(super) async fn listen(
    rooms: impl Rooms,
    limits: Limits,
) -> (SocketAddr, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = std::future::pending();
    let serve = serve(
        listener,
        Access::default(),
        limits,
        Arc::new(rooms),
        shutdown,
    );
    (address, tokio::spawn(serve))
}

impl Newcomer {
    pub(super) async fn start() -> Self {
        Self::over(identity(NEWCOMER).into(), Limits::default()).await
    }

    pub(super) async fn over(transport: Transport, limits: Limits) -> Self {
        let (sender, guests) = mpsc::unbounded_channel();
        let gate = Gate::new();
        gate.set_open(true);
        let porch = Arc::new(Porch {
            gate: gate.clone(),
            guests: sender,
        });
        let (address, server) = listen(House { transport, porch }, limits).await;
        Self {
            address,
            gate,
            guests,
            server,
        }
    }

    /// Somebody who asks, and the code that is shown to her.
    pub(super) async fn guest(&mut self) -> (Guest, oneshot::Sender<()>) {
        soon("a guest", self.guests.recv()).await.unwrap()
    }

    pub(super) fn has_no_guest(&mut self) -> bool {
        self.guests.try_recv().is_err()
    }

    pub(super) async fn asked(
        &mut self,
    ) -> (Result<Asking, PairingFailure>, Guest, oneshot::Sender<()>) {
        let (asking, (guest, done)) = tokio::join!(ask_at(self.address), self.guest());
        (asking, guest, done)
    }

    /// A pairing in which the code that is shown is typed.
    pub(super) async fn pair(&mut self) -> (Outcome, Outcome) {
        let (asking, guest, done) = self.asked().await;
        let code = guest.code().clone();
        let meet = asking.unwrap().meet(async { Some(code) });
        let outcomes = soon("an outcome", async {
            tokio::join!(meet, meet_quietly(guest))
        })
        .await;
        drop(done);
        outcomes
    }

    /// A connection of somebody who may say what no program of ours does.
    pub(super) async fn connect(&self, who: u8) -> Web {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(identity(who).client(None)));
        let stream = connector.connect(tls::no_name(), stream).await.unwrap();
        client_async("ws://newcomer/pair", stream).await.unwrap().0
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(super) type Web = WebSocketStream<TlsStream<TcpStream>>;
pub(super) type Outcome = Result<Met, PairingFailure>;

pub(super) async fn meet_quietly(guest: Guest) -> Outcome {
    guest.meet(std::future::pending(), || ()).await
}

pub(super) fn identity(number: u8) -> Identity {
    Identity::new(&DeviceKey::from_seed(&[number; 32]))
}

pub(super) fn device(number: u8) -> DeviceId {
    identity(number).device()
}

pub(super) fn whom(address: SocketAddr, prefix: Option<DeviceId>) -> Whom {
    Whom {
        addresses: vec![address.into()],
        prefix: prefix.map(|it| *it.0.first_chunk().unwrap()),
    }
}

/// The owner asks whoever is there.
pub(super) async fn ask_at(address: SocketAddr) -> Result<Asking, PairingFailure> {
    ask_whom(whom(address, Some(device(NEWCOMER)))).await
}

pub(super) async fn ask_whom(whom: Whom) -> Result<Asking, PairingFailure> {
    let claim = Gate::new().take().unwrap();
    let owner = identity(OWNER);
    let asked = ask(whom, &owner, "Ana", claim, Limits::default());
    soon("an answer", asked).await
}

pub(super) async fn soon<T>(what: &str, expected: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, expected).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not after {PATIENCE:?}"),
    }
}

pub(super) async fn say(web: &mut Web, bytes: impl Into<Bytes>) {
    let message = tungstenite::Message::Binary(bytes.into());
    web.send(message).await.unwrap();
}

/// What is said next; none: it is over.
pub(super) async fn heard(web: &mut Web) -> Option<Message> {
    match soon("a message", web.next()).await? {
        Ok(tungstenite::Message::Binary(bytes)) => Some(Message::decode(&bytes).unwrap()),
        _ => None,
    }
}

/// The last word, and that nothing follows.
pub(super) async fn last_word(web: &mut Web) -> Declined {
    let Some(Message::No(why)) = heard(web).await else {
        panic!("no last word");
    };
    assert_eq!(heard(web).await, None);
    why
}

/// Somebody asks and is shown a code.
pub(super) async fn asked_by(
    newcomer: &mut Newcomer,
    who: u8,
) -> (Web, Guest, oneshot::Sender<()>) {
    let mut web = newcomer.connect(who).await;
    say(&mut web, Message::Ask(1, 1, "Mallory".to_owned()).encode()).await;
    let (guest, done) = newcomer.guest().await;
    assert_eq!(heard(&mut web).await, Some(Message::Shown(1, CODE_LIFE_MS)));
    (web, guest, done)
}

pub(super) fn failed(outcome: Outcome) -> PairingFailure {
    outcome.expect_err("it came to nothing")
}

/// Another code than this one.
pub(super) fn another(code: &Code) -> String {
    let number: u32 = code.to_string().parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}
