//! Commands to a relay that runs, and to what one has left behind.

use std::{fs, path::Path};

use relay::{Cause, Limits};
use serde_json::Value;
use testkit::links::{Member, room, soon};
use trust::{Genesis, Membership};

use crate::{
    fresh::{Fresh, is_refused, is_told},
    process::{Relay, run},
};

fn ask(fresh: &Fresh, arguments: &[&str]) -> (i32, String, String) {
    run(&[arguments, &["--config", &fresh.config]].concat())
}

fn json(fresh: &Fresh, arguments: &[&str]) -> Value {
    let (code, out, errors) = ask(fresh, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&out).unwrap()
}

fn remove(fresh: &Fresh, room: &Membership) {
    let digits = &room.room().to_string()[..10];
    let (code, out, errors) = ask(fresh, &["rooms", "remove", digits]);
    assert!(code == 0 && out.contains("is removed"), "{out}{errors}");
}

/// Waits until the process has ended by itself.
async fn has_ended(relay: &mut Relay) {
    let ended = async {
        loop {
            match relay.ended() {
                Some(status) => return assert!(status.success()),
                None => tokio::task::yield_now().await,
            }
        }
    };
    soon("it ends", ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_what_is_kept_and_who_is_there() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let here = room(1);
    let ana = Member::dial(1, &here, relay.address(), Limits::default());
    let ben = Member::dial(2, &here, relay.address(), Limits::default());
    ana.write(10, 100);
    ben.write(1, 100);
    ben.holds(11).await;
    ana.holds(11).await;
    ana.until("all is durable", |view| view.acknowledged.frames() >= 10)
        .await;

    let status = json(&fresh, &["status"]);
    assert_eq!(
        (&status["links"], &status["rooms_open"]),
        (&2.into(), &1.into())
    );
    assert_eq!(status["listen"], relay.address.to_string());
    assert_eq!(
        (&status["store"], &status["process"]),
        (&"ok".into(), &relay.id().into())
    );
    let rooms = json(&fresh, &["rooms", "list"]);
    let shown = &rooms[0];
    assert_eq!(shown["room"], here.room().to_string());
    assert_eq!(
        (&shown["links"], &shown["writers"], &shown["members"]),
        (&2.into(), &2.into(), &1.into())
    );
    assert!(shown["bytes"].as_u64().unwrap() > 1_100 && shown["visited"].is_string());
    let devices = json(&fresh, &["devices"]);
    assert_eq!(devices.as_array().unwrap().len(), 2);
    assert_eq!(devices[0]["addresses"][0], "127.0.0.1");
    for (arguments, expected) in [
        (&["status"][..], "1 open, 1 on the disk"),
        (&["rooms", "list"], &here.room().to_string()[..16]),
        (&["devices"], "1 link(s) in 1 room(s)"),
    ] {
        let (_, out, _) = ask(&fresh, arguments);
        assert!(out.contains(expected), "{out}");
    }

    let device = devices[0]["device"].as_str().unwrap().to_owned();
    let (code, out, _) = ask(&fresh, &["kick", &device]);
    assert!(code == 0 && out.starts_with("1 link(s)"), "{out}");
    let comes_again = |view: &testkit::links::View| view.ups == 2 && view.links == 1;
    ana.until("she is back", comes_again).await;
    assert_eq!(ben.view().ups, 1, "nobody else is");
    let audit = fs::read_to_string(Path::new(&fresh.data).join("audit.log")).unwrap();
    assert!(
        audit.contains("\"what\":\"device_kicked\"") && audit.contains(&device),
        "{audit}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_removed_is_gone_until_somebody_may_bring_it_again() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let here = room(1);
    let ana = Member::dial(1, &here, relay.address(), Limits::default());
    let ben = Member::dial(2, &here, relay.address(), Limits::default());
    ana.write(3, 100);
    ben.holds(3).await;
    ana.until("all is durable", |view| view.acknowledged.frames() >= 3)
        .await;
    remove(&fresh, &here);
    let is_told =
        |cause: &Cause| matches!(cause, Cause::Bye(bye) if bye.reason.contains("has removed"));
    ana.until("she is told", |view| view.ends.iter().any(is_told))
        .await;
    // Everybody is still let in, so she brings it.
    ben.dialled().kick();
    ana.dialled().kick();
    let cleo = Member::dial(3, &here, relay.address(), Limits::default());
    cleo.holds(3).await;

    // Once she is not, it is gone for good.
    fresh.edit("anyone = true", "anyone = false");
    relay.signal("HUP");
    relay.says("read the configuration again");
    for member in [&ana, &ben, &cleo] {
        member
            .until("everybody is sent away", |view| view.links == 0)
            .await;
    }
    remove(&fresh, &here);
    is_refused(&cleo).await;
    assert_eq!(json(&fresh, &["rooms", "list"]), Value::Array(vec![]));
    let (code, _, errors) = ask(&fresh, &["rooms", "remove", &here.room().to_string()]);
    assert!(code == 78 && errors.contains("ROOM_UNKNOWN"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_ended_by_a_command_and_what_it_kept_can_be_looked_at() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let here = room(1);
    let ana = Member::dial(1, &here, relay.address(), Limits::default());
    ana.write(3, 100);
    ana.until("all is durable", |view| view.acknowledged.frames() >= 3)
        .await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let socket = fs::metadata(Path::new(&fresh.data).join("control.sock")).unwrap();
        assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    }
    let (code, out, errors) = ask(&fresh, &["drain"]);
    assert!(code == 0 && out.contains("has ended"), "{out}{errors}");
    has_ended(&mut relay).await;

    for arguments in [
        &["status"][..],
        &["devices"],
        &["drain"],
        &["kick", &"07".repeat(32)],
    ] {
        let (code, out, errors) = ask(&fresh, arguments);
        assert!(code == 69 && errors.contains("NOT_RUNNING"), "{errors}");
        assert_eq!(out, "");
    }
    let rooms = json(&fresh, &["rooms", "list"]);
    assert_eq!(
        (&rooms[0]["links"], &rooms[0]["writers"]),
        (&0.into(), &1.into())
    );
    remove(&fresh, &here);
    assert_eq!(json(&fresh, &["rooms", "list"]), Value::Array(vec![]));
    let (code, _, errors) = ask(&fresh, &["kick", "somebody"]);
    assert!(code == 78 && errors.contains("DEVICE_UNKNOWN"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_nobody_visits_is_removed_after_its_time() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let [visited, left] = [1, 2].map(room);
    let ana = Member::dial(1, &visited, relay.address(), Limits::default());
    let ben = Member::dial(2, &left, relay.address(), Limits::default());
    ana.write(1, 100);
    ben.write(1, 100);
    for member in [&ana, &ben] {
        member
            .until("all is durable", |view| view.acknowledged.frames() >= 1)
            .await;
    }
    drop(ben);
    let port = relay.address.to_string();
    relay.kill();
    fresh.edit("#retention = \"never\"", "retention = \"1s\"");
    let mut relay = Relay::start_told(&["--config", &fresh.config, "--listen", &port]);
    let line = relay.says("nobody has visited it");
    assert!(line.contains(&left.room().to_string()) || line.contains(&visited.room().to_string()));
    ana.until("she is back", |view| view.links == 1).await;
    let cleo = Member::dial(3, &visited, relay.address(), Limits::default());
    cleo.holds(1).await;
    let dora = Member::dial(4, &left, relay.address(), Limits::default());
    dora.until("she is in", |view| view.links == 1).await;
    assert_eq!(dora.view().held.frames(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_has_so_many_rooms_and_bytes_and_others_are_not_concerned() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    fresh.edit("#owner_rooms = 1024", "owner_rooms = 1");
    fresh.edit("#owner_bytes = 8589934592", "owner_bytes = 2000");
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let (first, other) = (room(1), room(2));
    let second = Membership::begin(&Genesis::new([1; 32], [8; 32]));
    assert_eq!(first.owners().next(), second.owners().next());
    let limits = Limits::default();
    let ana = Member::dial(1, &first, relay.address(), limits);
    ana.write(1, 1_000);
    ana.until("it is kept", |view| view.acknowledged.frames() >= 1)
        .await;
    let again = Member::dial(3, &second, relay.address(), limits);
    again.write(1, 10);
    assert!(is_told("Busy", &again).await.contains("as many projects"));
    ana.write(1, 1_000);
    assert!(is_told("Busy", &ana).await.contains("all the space"));
    relay.says("owner_full");
    let ben = Member::dial(2, &other, relay.address(), limits);
    ben.write(1, 1_000);
    ben.until("it is kept", |view| view.acknowledged.frames() >= 1)
        .await;

    // After a restart it is known without anybody having come.
    let port = relay.address.to_string();
    drop((ana, again));
    relay.kill();
    let mut relay = Relay::start_told(&["--config", &fresh.config, "--listen", &port]);
    relay.says("has counted");
    let third = Member::dial(4, &second, relay.address(), limits);
    third.write(1, 10);
    assert!(is_told("Busy", &third).await.contains("as many projects"));
    remove(&fresh, &first);
    third.dialled().kick();
    third
        .until("there is place", |view| view.acknowledged.frames() >= 1)
        .await;
}
