//! Started, stopped and killed.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use relay::{DialFailure, DialState, Identity, Limits, LinkInput, NoLink, Target, dial, inbox};
use tempfile::TempDir;
use testkit::links::{Member, room, room_of, soon};
use trust::{DeviceId, hosting::HostingLink, key::DeviceKey};

use crate::{
    fresh::Fresh,
    process::{Relay, command, run},
};

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
    let kept = fs::read(dir.path().join("device.key")).unwrap();
    let device = DeviceKey::from_seed(&kept.try_into().unwrap()).device();
    assert_eq!(finds(&relay, device).await, device);
    drop(relay);
    let again = Relay::start_with(dir.path(), &["--anyone"]);
    assert_eq!(finds(&again, device).await, device);
}

/// Waits until whoever expects this device there finds another one.
async fn finds_another(relay: &Relay, expected: DeviceId) -> DeviceId {
    let (sender, _receiver) = inbox(1 << 20);
    let target = Target {
        room: room(1).room(),
        addresses: vec![relay.address()],
        device: Some(expected),
        hosting: None,
    };
    let own = Identity::new(&DeviceKey::from_seed(&[1; 32]));
    let dialled = dial(target, own, sender, Limits::default());
    let mut state = dialled.state();
    let stranger = |state: &DialState| match state {
        DialState::Waiting { why, .. } => why.iter().find_map(|why| match why {
            NoLink::Failed(error) => match &error.why {
                DialFailure::Stranger(stranger) => Some(stranger.found),
                _ => None,
            },
            NoLink::Ended(_) => None,
        }),
        _ => None,
    };
    let refused = soon("it is refused", state.wait_for(|it| stranger(it).is_some()));
    stranger(&refused.await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_key_it_is_another_relay_which_has_the_same_rooms() {
    let fresh = Fresh::new(&[]);
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let address = relay.address.to_string();
    let invite = ["invite", "--config", &fresh.config, "--address", &address];
    let (_, link, _) = run(&invite);
    let link = HostingLink::read(&link).unwrap();
    let here = room_of(1);
    let limits = Limits::default();
    let ana = Member::bringing(&link.token, 1, &here, relay.address(), limits);
    ana.write(3, 100);
    ana.until("it is kept", |view| view.acknowledged.frames() >= 3)
        .await;
    drop(ana);
    let (code, _, errors) = run(&["drain", "--config", &fresh.config]);
    assert_eq!(code, 0, "{errors}");

    let key = Path::new(&fresh.data).join("device.key");
    fs::rename(&key, fresh.dir.path().join("old")).unwrap();
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let found = finds_another(&relay, link.device).await;
    let words = trust::key::words_of(&found);
    assert!(found != link.device && relay.says("this relay").contains(&words));
    // Who was let in still is, as soon as somebody has told her.
    let ben = Member::proven(2, &here, relay.address(), limits);
    ben.holds(3).await;
    ben.write(1, 100);
    let again = Member::proven(1, &here, relay.address(), limits);
    again.holds(4).await;
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
        fs::read_dir(dir.path()).unwrap().next().is_none(),
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
    let kept = fs::read(dir.path().join("device.key")).unwrap();
    let device = DeviceKey::from_seed(&kept.try_into().unwrap()).device();
    assert!(relay.address.ip().is_unspecified());
    assert_eq!(finds(&relay, device).await, device);
}
