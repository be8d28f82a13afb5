//! Visitors who do not mean well.

use bytes::Bytes;
use relay::{Access, Limits, StoredRooms, serve};
use sync::{Advert, ByeCode, Content, Document, Draft, Frame, Hello, Message, StreamId};
use testkit::links::{Member, Piece, Raw, Site, room, soon};
use trust::{DeviceId, Membership};

fn frame(room: &Membership, number: u64) -> Frame {
    let stream = StreamId {
        device: DeviceId([66; 32]),
        nonce: 1,
    };
    let draft = Draft {
        room: room.room(),
        document: Document::Project,
        epoch: 0,
        stream,
        number,
        deps: &[],
        content: Content::Changes,
        payload: b"x",
    };
    Frame::mint(&draft).unwrap()
}

async fn last_word(raw: &mut Raw) -> Option<ByeCode> {
    let mut code = None;
    while let Some(message) = raw.message().await {
        if let Message::Bye(bye) = message {
            code = Some(bye.code);
        }
    }
    raw.is_closed().await;
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_what_is_no_message_is_dropped_and_named() {
    let (room, other, site) = (room(1), room(2), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    let ben = Member::dial(2, &room, site.address(), Limits::default());
    ana.write(1, 10);
    ben.holds(1).await;

    let flipped = {
        let mut bytes = frame(&room, 1).message().to_vec();
        bytes[3] ^= 0x40;
        Bytes::from(bytes)
    };
    let wrong = [
        Bytes::new(),
        Bytes::from_static(b"\xff\xff\xff"),
        Bytes::from(vec![0; 100_000]),
        flipped,
        frame(&room, 1).message().slice(..40),
        frame(&other, 1).message().clone(),
        Message::Members(vec![]).encode(),
        Message::Hello(Hello::new(room.room(), DeviceId([3; 32]), [0; 32])).encode(),
    ];
    for (message, number) in wrong.iter().zip(50..) {
        let mut raw = Raw::greeted(site.socket_address(), &room, number).await;
        raw.send(message).await;
        assert_eq!(
            last_word(&mut raw).await,
            Some(ByeCode::Misbehaved),
            "{number}"
        );
        // It is noted when the link is down, which may be after the word.
        let offence = soon("the offence is noted", async {
            loop {
                let offences = site.rooms().offences().list();
                let mut of_this = offences.into_iter();
                if let Some(offence) = of_this.find(|it| it.device == DeviceId([number; 32])) {
                    return offence;
                }
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(offence.await.room, room.room());
    }
    ana.write(1, 10);
    ben.holds(2).await;
    assert_eq!(
        (ana.view().ups, ben.view().ups),
        (1, 1),
        "nobody else was harmed"
    );
    assert_eq!(ana.log(), ben.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_websocket_is_cut() {
    let limits = Limits {
        message_bytes: 1 << 20,
        ..Limits::default()
    };
    let (room, site) = (room(1), Site::start(limits).await);
    let too_long = [&[0x82, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat();
    let unmasked = [0x82, 1, 7].to_vec();
    let unknown_opcode = [0x83, 0x80, 0, 0, 0, 0].to_vec();
    for wrong in [too_long, unmasked, unknown_opcode] {
        let mut raw = Raw::greeted(site.socket_address(), &room, 50).await;
        raw.write(&wrong).await;
        raw.is_closed().await;
    }
    let mut raw = Raw::greeted(site.socket_address(), &room, 50).await;
    raw.send_piece(1, b"text").await;
    raw.is_closed().await;
    let named = async {
        while site.rooms().offences().list().len() < 4 {
            tokio::task::yield_now().await;
        }
    };
    soon("all four are named", named).await;
    let offences = site.rooms().offences().list();
    assert!(offences.iter().all(|it| it.device == DeviceId([50; 32])));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pings_without_reading_is_answered_with_bounded_memory() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let mut raw = Raw::greeted(site.socket_address(), &room, 50).await;
    for _ in 0..20_000 {
        raw.send_piece(9, &[b'p'; 125]).await;
    }
    soon("an answer", async {
        while raw.piece().await != Some(Piece::Pong) {}
    })
    .await;
    let ana = Member::dial(1, &room, site.address(), Limits::default());
    ana.write(1, 10);
    ana.until("the relay works on", |view| view.acknowledged.frames() == 1)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_greets_wrongly_is_told_why() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let mut hello = Hello::new(room.room(), DeviceId([5; 32]), [0; 32]);
    let good = Message::Hello(hello.clone()).encode();
    (hello.oldest, hello.newest) = (90, 99);
    let from_the_future = Message::Hello(hello).encode();
    let itself = Message::Hello(Hello::new(room.room(), site_device(), [0; 32])).encode();
    for (message, code) in [
        (from_the_future, ByeCode::TooNew),
        (itself, ByeCode::Redundant),
        (
            Message::Vector(Advert::default()).encode(),
            ByeCode::Misbehaved,
        ),
        (good.slice(..20), ByeCode::Misbehaved),
    ] {
        let mut raw = Raw::upgraded(site.socket_address()).await;
        raw.send(&message).await;
        assert_eq!(last_word(&mut raw).await, Some(code));
    }
}

fn site_device() -> DeviceId {
    DeviceId([200; 32])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_room_he_names_is_dropped() {
    let (real, site) = (room(1), Site::start(Limits::default()).await);
    let mut raw = Raw::upgraded(site.socket_address()).await;
    raw.send(&Message::Hello(Hello::new(real.room(), DeviceId([5; 32]), [0; 32])).encode())
        .await;
    let other = room(2);
    let records = other
        .records()
        .iter()
        .map(|record| Bytes::copy_from_slice(record));
    raw.send(&Message::Members(records.collect()).encode())
        .await;
    assert_eq!(last_word(&mut raw).await, Some(ByeCode::Misbehaved));

    let ana = Member::dial(1, &real, site.address(), Limits::default());
    ana.write(1, 10);
    ana.until("the room is whole", |view| view.acknowledged.frames() == 1)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_does_not_get_in() {
    let site = Site::start(Limits::default()).await;
    let mut raw = Raw::connect(site.socket_address()).await;
    let head = raw.ask("/sync", "Origin: http://localhost\r\n").await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let mut raw = Raw::connect(site.socket_address()).await;
    let head = raw.ask("/livez", "").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_serves_the_network_by_accident() {
    let dir = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(store::SqliteStore::open(dir.path()).unwrap());
    let rooms = std::sync::Arc::new(StoredRooms::new(store, site_device(), Limits::default()));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let served = serve(
        listener,
        Access::default(),
        Limits::default(),
        rooms,
        std::future::pending(),
    )
    .await;
    assert_eq!(
        served.unwrap_err().kind(),
        std::io::ErrorKind::PermissionDenied
    );
}
