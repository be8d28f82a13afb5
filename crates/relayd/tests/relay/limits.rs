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

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_new_is_let_in_above_so_much_memory_and_who_is_in_stays() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let address = relay.address;
    let dial = |number| Member::dial(number, &room(1), address.into(), Limits::default());
    let ana = dial(1);
    ana.is_up().await;
    fresh.edit("#memory_bytes = 0", "memory_bytes = 1");
    relay.signal("HUP");
    relay.says("read the configuration again");
    let ben = dial(2);
    relay.says("memory");
    ana.write(1, 100);
    ana.until("it is kept", |view| view.acknowledged.frames() == 1)
        .await;
    let (links, ups) = (ana.view().links, ben.view().ups);
    assert_eq!((links, ups), (1, 0));
    fresh.edit("memory_bytes = 1", "memory_bytes = 0");
    relay.signal("HUP");
    ben.holds(1).await;
}

#[cfg(target_os = "linux")]
#[test]
fn it_takes_the_descriptors_it_may_have_and_says_if_they_are_too_few() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let arguments = ["--config", &fresh.config];
    let limits = |relay: &Relay| -> Vec<String> {
        let text = std::fs::read_to_string(format!("/proc/{}/limits", relay.id())).unwrap();
        let line = text
            .lines()
            .find_map(|it| it.strip_prefix("Max open files"));
        let words = line.unwrap().split_whitespace();
        words.take(2).map(str::to_owned).collect()
    };
    let relay = Relay::start_by_shell("ulimit -Sn 200", &arguments);
    let found = limits(&relay);
    assert!(found[0] == found[1] && found[0] != "200", "{found:?}");
    drop(relay);

    let mut relay = Relay::start_by_shell("ulimit -Sn 100 && ulimit -Hn 200", &arguments);
    assert_eq!(limits(&relay), ["200", "200"]);
    let advice = relay.says("limits.connections = 16384");
    assert!(advice.contains("LimitNOFILE"), "{advice}");
    fresh.edit("#connections = 16384", "connections = 136");
    relay.signal("HUP");
    relay.says("read the configuration again");
    drop(relay);
    let mut relay = Relay::start_by_shell("ulimit -Sn 100 && ulimit -Hn 200", &arguments);
    let first = relay.says("");
    assert!(first.contains("this relay"), "nothing is missing: {first}");
}
