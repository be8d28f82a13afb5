//! What one room and one device may take, and what they are told.

use relay::Limits;
use testkit::links::{Member, room};

use crate::{
    fresh::{Fresh, is_told},
    process::Relay,
};

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_room_takes_no_more_until_it_may() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    fresh.edit("#room_bytes = 1073741824", "room_bytes = 1500");
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let room = room(1);
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    let ben = Member::dial(2, &room, relay.address(), Limits::default());
    ana.write(2, 500);
    ben.holds(2).await;
    ana.write(5, 500);
    assert!(is_told("Busy", &ana).await.contains("all the space"));
    relay.says("full");
    assert_eq!(ben.view().links, 1, "who only reads stays");

    // It knows how large the room is after a restart, too.
    drop(relay);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let cleo = Member::dial(3, &room, relay.address(), Limits::default());
    cleo.holds(2).await;
    cleo.write(5, 500);
    is_told("Busy", &cleo).await;

    fresh.edit("room_bytes = 1500", "room_bytes = 30000");
    relay.signal("HUP");
    relay.says("read the configuration again");
    cleo.dialled().kick();
    let dora = Member::dial(4, &room, relay.address(), Limits::default());
    dora.holds(7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_as_many_links_as_it_may() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    fresh.edit(
        "#connections_per_device = 256",
        "connections_per_device = 1",
    );
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let limits = Limits::default();
    let first = Member::dial(1, &room(1), relay.address(), limits);
    first.until("it is in", |view| view.links == 1).await;
    let second = Member::dial(1, &room(2), relay.address(), limits);
    assert!(is_told("Busy", &second).await.contains("as many links"));
    let other = Member::dial(2, &room(2), relay.address(), limits);
    other
        .until("another device is in", |view| view.links == 1)
        .await;
    drop(first);
    second
        .until("it is in once there is place", |view| view.links == 1)
        .await;
}
