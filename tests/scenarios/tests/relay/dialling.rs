//! Finding a room and coming back to it.

use std::net::Ipv4Addr;

use relay::{Address, DialFailure, DialState, Limits, NoLink, Stranger};
use testkit::links::{Member, Site, impatient, room, soon};
use tokio::net::TcpListener;

/// Somewhere that takes a connection and never answers.
async fn black_hole() -> (TcpListener, Address) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap().into();
    (listener, address)
}

/// Somewhere that nobody is.
async fn nowhere() -> Address {
    black_hole().await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_answers_wins() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let (_held, hole) = black_hole().await;
    let addresses = vec![
        nowhere().await,
        hole,
        "no-such-host.invalid:7".parse().unwrap(),
        site.address(),
    ];
    let ana = Member::dial_all(1, &room, addresses, Limits::default());
    ana.write(1, 10);
    ana.until("the relay is found", |view| view.acknowledged.frames() == 1)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_waits_and_says_why() {
    let (room, nowhere) = (room(1), nowhere().await);
    let ana = Member::dial(1, &room, nowhere.clone(), Limits::default());
    let mut state = ana.dialled().state();
    let waiting = soon(
        "it has failed twice",
        state.wait_for(|state| matches!(state, DialState::Waiting { failures: 2.., .. })),
    );
    let waiting = waiting.await.unwrap().clone();
    let DialState::Waiting { why, .. } = waiting else {
        unreachable!()
    };
    assert_eq!(why.len(), 1);
    assert!(
        why[0].to_string().starts_with(&nowhere.to_string()),
        "{why:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn new_addresses_are_dialled_at_once() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, nowhere().await, Limits::default());
    let mut state = ana.dialled().state();
    let failed = soon(
        "it waits",
        state.wait_for(|state| matches!(state, DialState::Waiting { .. })),
    )
    .await;
    drop(failed);
    ana.dialled().set_addresses(vec![site.address()]);
    ana.is_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_cut_off_comes_back_by_himself() {
    let (room, mut site) = (room(1), Site::start(Limits::default()).await);
    let ana = Member::dial(1, &room, site.address(), impatient());
    ana.is_up().await;
    for ups in 2..=3 {
        site.kill().await;
        site.restart().await;
        ana.until("the link is up again", |view| {
            view.links == 1 && view.ups == ups
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_will_do() {
    let (room, site) = (room(1), Site::start(Limits::default()).await);
    let (sender, _receiver) = relay::inbox(1 << 20);
    let target = relay::Target {
        room: room.room(),
        addresses: vec![site.address()],
        device: Some(trust::DeviceId([77; 32])),
        hosting: None,
    };
    let dialled = relay::dial(target, trust::DeviceId([1; 32]), sender, Limits::default());
    let mut state = dialled.state();
    let waiting = soon(
        "it is refused",
        state.wait_for(|state| matches!(state, DialState::Waiting { .. })),
    );
    let waiting = waiting.await.unwrap().clone();
    let DialState::Waiting { why, .. } = waiting else {
        unreachable!()
    };
    let stranger = Stranger {
        expected: trust::DeviceId([77; 32]),
        found: trust::DeviceId([200; 32]),
    };
    let NoLink::Failed(error) = &why[0] else {
        panic!("{why:?}")
    };
    assert_eq!(error.why, DialFailure::Stranger(stranger));
}
