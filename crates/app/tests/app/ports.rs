//! Where an installation listens, and that it stays there.

use std::net::SocketAddr;

use app::reply::Reply;
use app::request::Request;
use app::settings::Settings;
use app::sharing::LinkState;
use app::surroundings::Network;

use crate::desk::{Desk, heard};
use crate::sharing::{Two, two};

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn network(desk: &Desk) -> Network {
    match desk.call(Request::ReadNetwork).await {
        Reply::Network(network) => network,
        other => panic!("{other:?}"),
    }
}

async fn settings(desk: &Desk) -> Settings {
    match desk.call(Request::Start).await {
        Reply::Started(started) => started.settings,
        other => panic!("{other:?}"),
    }
}

async fn choose(desk: &Desk, port: u16) -> Request {
    let settings = Settings {
        port,
        ..settings(desk).await
    };
    Request::PutSettings { settings }
}

#[tokio::test]
async fn it_is_the_same_at_each_start() {
    let desk = Desk::shared().await;
    let first = network(&desk).await;
    assert_eq!(first.addresses, [format!("127.0.0.1:{}", first.port)]);
    assert!(!first.is_port_given && first.missed_port.is_none());
    let desk = desk.restart_shared(anywhere()).await;
    assert_eq!(network(&desk).await, first);
}

#[tokio::test]
async fn two_of_one_machine_get_one_each_and_keep_it() {
    // The second begins with the ports of the first, as a copied directory does.
    let ana = Desk::shared().await;
    let ben = ana.copied().await;
    let anas = network(&ana).await.port;
    let bens = network(&ben).await;
    assert_ne!(bens.port, anas);
    assert_eq!(bens.missed_port, Some(anas));
    let ben = ben.restart_shared(anywhere()).await;
    assert_eq!(network(&ben).await.port, bens.port);
    // The first stays the one that it prefers.
    ana.app.close().await.unwrap();
    let ben = ben.restart_shared(anywhere()).await;
    let again = network(&ben).await;
    assert_eq!((again.port, again.missed_port), (anas, None));
}

#[tokio::test]
async fn one_that_is_chosen_is_used_at_once_and_from_then_on() {
    let Two {
        ana, ben, at_bens, ..
    } = two().await;
    let other = Desk::shared().await;
    let before = network(&ana).await.port;
    let taken = network(&other).await.port;
    let refused = ana.refused(choose(&ana, taken).await).await;
    assert_eq!(refused.code, "PORT_TAKEN", "{refused:?}");
    assert_eq!(settings(&ana).await.port, 0);
    assert_eq!(network(&ana).await.port, before);

    other.app.close().await.unwrap();
    drop(other);
    ana.call(choose(&ana, taken).await).await;
    let now = network(&ana).await;
    assert_eq!((now.port, now.missed_port), (taken, None));
    let mut events = ben.app.events();
    let add = Request::AddAddress {
        project: at_bens,
        address: now.addresses[0].clone(),
    };
    ben.call(add).await;
    heard(&mut events, |event| match event {
        app::event::Event::Links { links, .. } => links
            .iter()
            .any(|it| it.address == now.addresses[0] && matches!(it.state, LinkState::Up { .. }))
            .then_some(()),
        _ => None,
    })
    .await;

    let ana = ana.restart_shared(anywhere()).await;
    assert_eq!(network(&ana).await.port, taken);
    ana.call(choose(&ana, 0).await).await;
    assert_eq!(network(&ana).await.port, before);
}

#[tokio::test]
async fn one_that_is_named_at_the_start_goes_before_all() {
    let desk = Desk::shared().await;
    let port = network(&desk).await.port;
    let free = crate::sharing::free_address().await;
    let desk = desk.restart_shared(free).await;
    let named = network(&desk).await;
    assert_eq!((named.port, named.is_port_given), (free.port(), true));
    desk.call(choose(&desk, port).await).await;
    assert_eq!(network(&desk).await, named);
    let desk = desk.restart_shared(anywhere()).await;
    assert_eq!(network(&desk).await.port, port);
}
