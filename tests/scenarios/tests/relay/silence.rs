//! Ends that nobody announces.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use relay::{Access, Cause, Inbox, Limits, LinkInput, Opening, Rooms, Visitor, inbox, serve};
use testkit::links::{Member, Proxy, Raw, Site, impatient, room, soon};
use tokio::net::TcpListener;
use trust::DeviceId;

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_shown_out() {
    let (room, site) = (room(1), Site::start(impatient()).await);
    let mut visitors = vec![
        Raw::connect(site.socket_address()).await,
        Raw::connect(site.socket_address()).await,
        Raw::upgraded(site.socket_address()).await,
        Raw::greeted(site.socket_address(), &room, 9).await,
    ];
    visitors[1].write(b"GET /sync HTTP/1.1\r\nHost: re").await;
    for visitor in &mut visitors {
        visitor.is_closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_is_noticed_by_the_one_who_dialled() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let proxy = Proxy::start(site.socket_address()).await;
    let ana = Member::dial(1, &room, proxy.address().into(), impatient());
    ana.is_up().await;
    proxy.pull();
    let view = ana
        .until("there is another link", |view| view.ups == 2)
        .await;
    assert_eq!(view.ends, [Cause::Silent]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_settled_sooner_than_silence() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let proxy = Proxy::start(site.socket_address()).await;
    // With the usual patience the link would be trusted for 25 s.
    let mut limits = Limits::default();
    limits.timing.proof_ms = 500;
    let ana = Member::dial(1, &room, proxy.address().into(), limits);
    ana.is_up().await;
    let begin = std::time::Instant::now();
    proxy.pull();
    ana.dialled().kick();
    ana.until("there is another link", |view| view.ups == 2)
        .await;
    assert!(
        begin.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_link_stays() {
    let (room, site) = (room(1), Site::start(impatient()).await);
    let ana = Member::dial(1, &room, site.address(), impatient());
    ana.is_up().await;
    let quiet = Raw::greeted(site.socket_address(), &room, 9).await;
    // Who is silent goes after 2 s, and is the clock of this test.
    let mut clock = quiet;
    clock.is_closed().await;
    assert_eq!((ana.view().ups, ana.view().links), (1, 1));
}

/// Rooms of which the test reads the inbox.
struct OneInbox(Inbox);

impl Rooms for OneInbox {
    fn device(&self) -> DeviceId {
        DeviceId([200; 32])
    }

    fn open(&self, _visitor: Visitor) -> Opening<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_cable_is_noticed_by_the_one_who_listens() {
    let (sender, mut receiver) = inbox(1 << 20);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let rooms = Arc::new(OneInbox(sender));
    let server = tokio::spawn(serve(
        listener,
        Access::default(),
        impatient(),
        rooms,
        std::future::pending(),
    ));
    let proxy = Proxy::start(address).await;
    // It pings, but late: only the relay can notice in time.
    let _ana = Member::dial(1, &room(1), proxy.address().into(), Limits::default());
    let mut inputs = Vec::new();
    let mut doors = Vec::new();
    soon("the link is up", async {
        while doors.is_empty() {
            receiver.receive(&mut inputs).await;
            doors.extend(inputs.drain(..).filter_map(|input| match input {
                LinkInput::Up(_, _, door) => Some(door),
                _ => None,
            }));
        }
    })
    .await;
    proxy.pull();
    let cause = soon("the link is down", async {
        loop {
            receiver.receive(&mut inputs).await;
            for input in inputs.drain(..) {
                if let LinkInput::Down(_, cause) = input {
                    return cause;
                }
            }
        }
    })
    .await;
    assert_eq!(cause, Cause::Silent);
    server.abort();
}
