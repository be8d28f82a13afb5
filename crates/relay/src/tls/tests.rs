use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rustls::{AlertDescription, Error, HandshakeKind, client::ResolvesClientCert};
use store::MemoryStore;
use sync::{Bye, ByeCode, Hello, LinkId, Message};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{client_async, tungstenite};
use trust::RoomId;

use super::*;
use crate::{
    Access, Cause, DialFailure, DialState, Dialled, Inbox, InboxReceiver, Limits, LinkDoor,
    LinkInput, NoLink, Opening, Rooms, StoredRooms, Target, Transport, Visitor, dial, inbox, serve,
};

/// Longer than anything takes on a machine that is busy with everything else.
const PATIENCE: Duration = Duration::from_secs(60);

const ROOM: RoomId = RoomId([5; 32]);

/// Somebody who listens until this is dropped.
struct Site {
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

impl Site {
    async fn serve(rooms: impl Rooms, limits: Limits) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let access = Access::default();
        let shutdown = std::future::pending();
        let server = tokio::spawn(serve(listener, access, limits, Arc::new(rooms), shutdown));
        Self { address, server }
    }

    /// A relay, which is device 200.
    async fn relay(limits: Limits) -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::serve(StoredRooms::new(store, identity(200), limits), limits).await
    }

    /// Dials it as a device that expects another.
    fn dial(&self, own: impl Into<Transport>, expected: Option<DeviceId>) -> (Dialled, Near) {
        let (sender, receiver) = inbox(1 << 20);
        let target = Target {
            room: ROOM,
            addresses: vec![self.address.into()],
            device: expected,
            hosting: None,
        };
        let dialled = dial(target, own, sender, Limits::default());
        (dialled, Near(receiver, Vec::new()))
    }

    /// A TLS connection of somebody who may show what no program of ours does.
    async fn connect(&self, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(no_name(), stream).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What happens to links at one end.
struct Near(InboxReceiver, Vec<LinkInput>);

impl Near {
    async fn next(&mut self) -> LinkInput {
        if self.1.is_empty() {
            soon("news of a link", self.0.receive(&mut self.1)).await;
        }
        self.1.remove(0)
    }

    async fn up(&mut self) -> (DeviceId, LinkDoor) {
        match self.next().await {
            LinkInput::Up(_, peer, door) => (peer.device, door),
            other => panic!("{other:?}"),
        }
    }
}

/// One room for everybody, at a machine that may lie about who it is.
struct Hall {
    own: Transport,
    said: DeviceId,
    inbox: Inbox,
}

impl Rooms for Hall {
    fn device(&self) -> DeviceId {
        self.said
    }

    fn transport(&self) -> Transport {
        self.own.clone()
    }

    fn open(&self, _visitor: Visitor) -> Opening<'_> {
        Box::pin(async { Ok(self.inbox.clone()) })
    }
}

fn hall(said: DeviceId) -> (Hall, Near) {
    let (inbox, receiver) = inbox(1 << 20);
    let own = identity(200).into();
    (Hall { own, said, inbox }, Near(receiver, Vec::new()))
}

fn identity(number: u8) -> Identity {
    Identity::new(&DeviceKey::from_seed(&[number; 32]))
}

fn device(number: u8) -> DeviceId {
    identity(number).device()
}

async fn soon<T>(what: &str, expected: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, expected).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not after {PATIENCE:?}"),
    }
}

/// Why somebody who dials has no link.
async fn why(dialled: &Dialled) -> DialFailure {
    let mut state = dialled.state();
    let waits = state.wait_for(|state| matches!(state, DialState::Waiting { .. }));
    match &*soon("dialling fails", waits).await.unwrap() {
        DialState::Waiting { why, .. } => match &why[..] {
            [NoLink::Failed(error)] => error.why.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// What TLS says is wrong.
fn tls_error(error: io::Error) -> Error {
    let inner = error.into_inner().expect("it is more than a number");
    *inner.downcast::<Error>().expect("it is of TLS")
}

/// What somebody reads who was let through the handshake, as he sees it, and is refused all the same.
async fn refusal(mut stream: TlsStream<TcpStream>) -> Error {
    let read = soon("an answer", stream.read_u8()).await;
    tls_error(read.expect_err("nothing is said to a stranger"))
}

/// A dialler's side that shows this certificate.
fn client_with(own: Arc<dyn ResolvesClientCert>) -> ClientConfig {
    let mut config = identity(1).client(None);
    config.client_auth_cert_resolver = own;
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_two_who_have_the_keys_of_their_devices_are_linked() {
    let (rooms, mut far) = hall(device(200));
    let site = Site::serve(rooms, Limits::default()).await;
    let (_dialled, mut near) = site.dial(identity(1), Some(device(200)));
    assert_eq!(near.up().await.0, device(200));
    assert_eq!(far.up().await.0, device(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_was_typed_in_may_be_any_device() {
    let site = Site::relay(Limits::default()).await;
    let (_dialled, mut near) = site.dial(identity(1), None);
    assert_eq!(near.up().await.0, device(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn h6_another_key_than_the_expected_one_is_refused_by_name() {
    let (rooms, mut far) = hall(device(7));
    let site = Site::serve(rooms, Limits::default()).await;
    let (dialled, _near) = site.dial(identity(1), Some(device(7)));
    let (expected, found) = (device(7), device(200));
    let why = why(&dialled).await;
    assert_eq!(why, DialFailure::Stranger(Stranger { expected, found }));
    let message = why.to_string();
    assert_eq!(
        message,
        format!("expected device {expected}, found device {found}")
    );
    let mut inputs = Vec::new();
    assert!(!far.0.take(&mut inputs), "nobody came in: {inputs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn h5_a_welcome_from_another_device_than_the_key_is_refused() {
    let (rooms, _far) = hall(device(7));
    let site = Site::serve(rooms, Limits::default()).await;
    let (dialled, _near) = site.dial(identity(1), None);
    let (expected, found) = (device(200), device(7));
    assert_eq!(
        why(&dialled).await,
        DialFailure::Stranger(Stranger { expected, found })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn h5_who_says_another_device_in_hello_is_told_and_cut_off() {
    let site = Site::relay(Limits::default()).await;
    let stream = site.connect(identity(1).client(None)).await.unwrap();
    let (mut web, _) = client_async("ws://relay/sync", stream).await.unwrap();
    let hello = Message::Hello(Hello::new(ROOM, device(7), [0; 32])).encode();
    web.send(tungstenite::Message::Binary(hello)).await.unwrap();
    let answer = soon("an answer", web.next()).await.unwrap().unwrap();
    let Ok(Message::Bye(Bye { code, reason })) = Message::decode(answer.into_data()) else {
        panic!("no goodbye");
    };
    assert_eq!(code, ByeCode::Misbehaved);
    let (said, proven) = (device(7), device(1));
    assert_eq!(
        reason,
        format!("says to be device {said}, and has the key of device {proven}")
    );
    let closed = soon("a close", web.next()).await.unwrap().unwrap();
    assert!(closed.is_close(), "{closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_who_shows_no_certificate_is_refused() {
    let site = Site::relay(Limits::default()).await;
    let config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pin::new(&PROVIDER, None)))
        .with_no_client_auth();
    let stream = site.connect(config).await.unwrap();
    assert_eq!(
        refusal(stream).await,
        Error::AlertReceived(AlertDescription::CertificateRequired)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_a_certificate_is_worth_nothing_without_its_key() {
    let site = Site::relay(Limits::default()).await;
    let certified = |number| certificate::certify(&DeviceKey::from_seed(&[number; 32]));
    let stolen = CertifiedKey::new(certified(7).cert.clone(), certified(1).key.clone());
    let config = client_with(Arc::new(SingleCertAndKey::from(stolen)));
    let stream = site.connect(config).await.unwrap();
    assert_eq!(
        refusal(stream).await,
        Error::AlertReceived(AlertDescription::DecryptError)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_a_chain_of_certificates_is_refused() {
    let site = Site::relay(Limits::default()).await;
    let certified = |number| certificate::certify(&DeviceKey::from_seed(&[number; 32]));
    let chain = [certified(1).cert.clone(), certified(7).cert.clone()].concat();
    let chained = CertifiedKey::new(chain, certified(1).key.clone());
    let config = client_with(Arc::new(SingleCertAndKey::from(chained)));
    let stream = site.connect(config).await.unwrap();
    assert_eq!(
        refusal(stream).await,
        Error::AlertReceived(AlertDescription::BadCertificate)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_for_his_certificate_is_told_so() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let choosy = tokio::spawn(async move {
        let mut config = server(identity(200).0.own.clone());
        let builder = ServerConfig::builder_with_provider(PROVIDER.clone());
        config = builder
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_client_cert_verifier(Arc::new(Pin::new(&PROVIDER, Some(device(7)))))
            .with_cert_resolver(config.cert_resolver.clone());
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let refused = acceptor.accept(stream).into_fallible().await;
        let (_, mut stream) = refused.expect_err("another device came");
        // Whoever came reads why before it is closed.
        drop(stream.read_to_end(&mut Vec::new()).await);
    });
    let (sender, _receiver) = inbox(1 << 20);
    let target = Target {
        room: ROOM,
        addresses: vec![address.into()],
        device: None,
        hosting: None,
    };
    let dialled = dial(target, identity(1), sender, Limits::default());
    let DialFailure::Refused(bye) = why(&dialled).await else {
        panic!("{:?}", why(&dialled).await);
    };
    assert_eq!(bye.code, ByeCode::NotPermitted);
    drop(dialled);
    soon("the other side ends", choosy).await.unwrap();
}

#[tokio::test]
async fn h6_whoever_is_found_first_is_expected_from_then_on() {
    let (first, limits) = (Site::relay(Limits::default()).await, Limits::default());
    let (dialled, mut near) = first.dial(identity(1), None);
    let (found, door) = near.up().await;
    assert_eq!(found, device(200));
    let second = Arc::new(MemoryStore::new());
    let second = Site::serve(StoredRooms::new(second, identity(201), limits), limits).await;
    dialled.set_addresses(vec![second.address.into()]);
    drop((first, door));
    let stranger = Stranger {
        expected: device(200),
        found: device(201),
    };
    let mut state = dialled.state();
    let refused = state.wait_for(|state| match state {
        DialState::Waiting { why, .. } => why.iter().any(|why| match why {
            NoLink::Failed(error) => error.why == DialFailure::Stranger(stranger),
            NoLink::Ended(_) => false,
        }),
        _ => false,
    });
    soon("another one is refused", refused).await.unwrap();
}

/// A hello of TLS 1.2 (RFC 5246, 7.4.1.2): one suite, X25519, Ed25519, and no list of versions.
const HELLO_OF_TLS_1_2: &[u8] = &[
    22, 3, 1, 0, 67, // a record of a handshake
    1, 0, 0, 63, 3, 3, // a hello of a client, version 1.2
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32, // randomness
    0,  // no session
    0, 2, 0xc0, 0x2b, // ECDHE, ECDSA, AES-128, GCM, SHA-256
    1, 0, // no compression
    0, 20, // extensions
    0, 10, 0, 4, 0, 2, 0, 29, // groups: X25519
    0, 13, 0, 8, 0, 6, 8, 7, 4, 3, 5, 3, // signatures: Ed25519, ECDSA
];

#[tokio::test(flavor = "multi_thread")]
async fn h7_tls_1_2_is_refused() {
    let site = Site::relay(Limits::default()).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(HELLO_OF_TLS_1_2).await.unwrap();
    let mut answer = Vec::new();
    let read = soon("an answer", stream.read_to_end(&mut answer)).await;
    read.unwrap();
    let protocol_version = 70;
    assert_eq!(answer, [21, 3, 3, 0, 2, 2, protocol_version]);
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_there_is_no_way_back_to_a_bare_link() {
    let site = Site::relay(Limits::default()).await;
    let (bare, _near) = site.dial(device(1), None);
    let DialFailure::Upgrade(_) = why(&bare).await else {
        panic!("{:?}", why(&bare).await);
    };
    let store = Arc::new(MemoryStore::new());
    let rooms = StoredRooms::new(store, device(200), Limits::default());
    let site = Site::serve(rooms, Limits::default()).await;
    let (encrypted, _near) = site.dial(identity(1), None);
    assert_eq!(
        why(&encrypted).await.to_string(),
        "no relay there: it does not speak TLS"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn h7_every_handshake_proves_the_keys_anew() {
    let site = Site::relay(Limits::default()).await;
    let mut config = identity(1).client(None);
    config.resumption = Resumption::in_memory_sessions(8);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let mut stream = site.connect(config.clone()).await.unwrap();
        let request = b"GET /livez HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        let read = soon("an answer", stream.read_to_string(&mut answer)).await;
        read.unwrap();
        assert!(answer.ends_with("ok\n"), "{answer}");
        kinds.push(stream.get_ref().1.handshake_kind());
    }
    assert_eq!(kinds, [Some(HandshakeKind::Full); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn h8_a_stranger_holds_no_place_past_the_deadline() {
    let mut limits = Limits {
        connections: 4,
        handshakes: 1,
        ..Limits::default()
    };
    limits.timing.greet_ms = 1_000;
    limits.timing.drain_ms = 200;
    let site = Site::relay(limits).await;
    let begin = Instant::now();
    let sayings: [&[u8]; 4] = [
        &HELLO_OF_TLS_1_2[..30],
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        &[22, 3, 1, 0x40, 0, 1, 0, 0],
    ];
    let mut strangers = Vec::new();
    for saying in sayings {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(saying).await.unwrap();
        strangers.push(stream);
    }
    for mut stranger in strangers {
        let mut answer = Vec::new();
        // How a stranger is closed is no matter.
        drop(soon("a stranger is closed", stranger.read_to_end(&mut answer)).await);
    }
    let held = begin.elapsed();
    assert!(held < Duration::from_secs(10), "{held:?}");
    let (dialled, mut near) = site.dial(identity(1), Some(device(200)));
    dialled.kick();
    assert_eq!(near.up().await.0, device(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_all_sizes_pass_in_order_and_are_counted() {
    let (rooms, mut far) = hall(device(200));
    let site = Site::serve(rooms, Limits::default()).await;
    let (_dialled, mut near) = site.dial(identity(1), None);
    let ((_, there), (_, back)) = (near.up().await, far.up().await);
    let messages: Vec<Bytes> = (0..400_u32)
        .map(|number| match number % 10 {
            0 => vec![number as u8; 300_000],
            few => vec![number as u8; few as usize * 17 + 1],
        })
        .map(Bytes::from)
        .collect();
    pass(&messages, &there, &mut near, &mut far).await;
    pass(&messages, &back, &mut far, &mut near).await;
}

/// Sends more than sockets and inboxes hold.
async fn pass(messages: &[Bytes], door: &LinkDoor, from: &mut Near, to: &mut Near) {
    let total = messages.iter().map(Bytes::len).sum();
    let mut sent = door.send(messages.iter().cloned());
    assert!(sent < total, "the socket is full, and nobody reads yet");
    for message in messages {
        match to.next().await {
            LinkInput::Message(_, received) => assert!(received == message),
            other => panic!("{other:?}"),
        }
    }
    while sent < total {
        match from.next().await {
            LinkInput::Sent(_, bytes) => sent += bytes,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(sent, total);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_comes_through() {
    let (rooms, mut far) = hall(device(200));
    let site = Site::serve(rooms, Limits::default()).await;
    let (dialled, mut near) = site.dial(identity(1), None);
    let (_near_door, _far_door) = (near.up().await, far.up().await);
    soon("it ends", dialled.end()).await;
    let last = loop {
        if let LinkInput::Down(LinkId(_), cause) = far.next().await {
            break cause;
        }
    };
    let Cause::Bye(bye) = last else {
        panic!("{last:?}");
    };
    assert_eq!(bye.code, ByeCode::ShuttingDown);
}
