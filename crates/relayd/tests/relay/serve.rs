//! Started, stopped and killed.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    time::{Duration, Instant},
};

use relay::{Identity, Limits, LinkInput, Target, dial, inbox};
use tempfile::TempDir;
use testkit::links::{Member, room, soon};
use trust::{DeviceId, key::DeviceKey};

use crate::process::{Relay, command};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_client_has_survives_kill_9() {
    let (room, dir) = (room(1), TempDir::new().unwrap());
    let mut written = 0;
    for round in 0..20 {
        let mut relay = Relay::start(dir.path());
        let ana = Member::dial(round * 3 + 1, &room, relay.address(), Limits::default());
        let ben = Member::dial(round * 3 + 2, &room, relay.address(), Limits::default());
        ben.holds(written).await;
        ana.holds(written).await;
        ana.write(1, 100);
        ben.holds(written + 1).await;
        relay.kill();
        written += 1;
        let seen = ben.log();

        let relay = Relay::start(dir.path());
        let stranger = Member::dial(round * 3 + 3, &room, relay.address(), Limits::default());
        stranger.holds(written).await;
        assert_eq!(stranger.log(), seen, "in round {round}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_good_order_and_soon() {
    let (room, dir) = (room(1), TempDir::new().unwrap());
    let mut relay = Relay::start(dir.path());
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    let ben = Member::dial(2, &room, relay.address(), Limits::default());
    ana.write(200, 1_000);
    ben.holds(1).await;
    let begin = Instant::now();
    let id = relay.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    ana.until("it is told", |view| view.links == 0).await;
    let status = soon("the process ends", async {
        loop {
            match relay.ended() {
                Some(status) => return status,
                None => tokio::task::yield_now().await,
            }
        }
    });
    assert!(status.await.success());
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );

    let seen = ben.log();
    let relay = Relay::start(dir.path());
    let stranger = Member::dial(3, &room, relay.address(), Limits::default());
    stranger.holds(seen.len() as u64).await;
    let known = stranger.log();
    assert!(
        seen.iter()
            .all(|(place, frame)| known.get(place) == Some(frame))
    );
}

/// Dials a relay as somebody who expects this device there.
async fn finds(relay: &Relay, expected: DeviceId) -> DeviceId {
    let (sender, mut receiver) = inbox(1 << 20);
    let target = Target {
        room: room(1).room(),
        addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, relay.address.port())).into()],
        device: Some(expected),
        hosting: None,
    };
    let own = Identity::new(&DeviceKey::from_seed(&[1; 32]));
    let _dialled = dial(target, own, sender, Limits::default());
    let mut inputs = Vec::new();
    soon("there is a link", receiver.receive(&mut inputs)).await;
    match &inputs[0] {
        LinkInput::Up(_, peer, _) => peer.device,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_proves_the_key_in_its_data_directory() {
    let dir = TempDir::new().unwrap();
    let relay = Relay::start_with(dir.path(), &["--anyone"]);
    let kept = std::fs::read(dir.path().join("device.key")).unwrap();
    let device = DeviceKey::from_seed(&kept.try_into().unwrap()).device();
    assert_eq!(finds(&relay, device).await, device);
    drop(relay);
    let again = Relay::start_with(dir.path(), &["--anyone"]);
    assert_eq!(finds(&again, device).await, device);
}

#[test]
fn it_serves_no_bare_links_to_the_network() {
    let dir = TempDir::new().unwrap();
    let refused = command(&["serve", "--plain", "--listen", "0.0.0.0:0", "--data-dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let errors = String::from_utf8(refused.stderr).unwrap();
    assert!(errors.contains("--plain"), "{errors}");
    assert!(
        std::fs::read_dir(dir.path()).unwrap().next().is_none(),
        "it touched nothing"
    );
    let both = command(&["serve", "--plain", "--insecure-lan"]).output();
    assert!(!both.unwrap().status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proves_his_key_reaches_it_from_the_network() {
    let dir = TempDir::new().unwrap();
    let relay = Relay::start_with(
        dir.path(),
        &["--anyone", "--listen", "0.0.0.0:0", "--no-announce"],
    );
    let kept = std::fs::read(dir.path().join("device.key")).unwrap();
    let device = DeviceKey::from_seed(&kept.try_into().unwrap()).device();
    assert!(relay.address.ip().is_unspecified());
    assert_eq!(finds(&relay, device).await, device);
}
