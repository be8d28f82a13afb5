//! From `init` to a relay that keeps somebody's rooms, and what goes wrong on the way.

use std::{fs, net::TcpListener, path::Path};

use relay::Limits;
use tempfile::TempDir;
use testkit::links::{Member, room};

use crate::{
    fresh::{Fresh, is_refused},
    process::{Relay, command, run},
};

/// The owner of a room as the configuration names her.
fn owner(number: u8) -> String {
    let owner = *room(number).owners().next().unwrap();
    format!("\"{owner}\"")
}

#[test]
fn init_says_what_it_made_and_what_comes_next() {
    let fresh = Fresh::new(&["--plain"]);
    for expected in [
        &fresh.config,
        &fresh.data,
        "tally-relay invite --config",
        "tally-relay serve --config",
    ] {
        assert!(fresh.said.contains(expected), "{}", fresh.said);
    }
    let kept = fs::read(Path::new(&fresh.data).join("device.key")).unwrap();
    let device = trust::key::DeviceKey::from_seed(&kept.try_into().unwrap()).device();
    assert!(fresh.said.contains(&device.to_string()));
    assert!(fresh.said.contains(&trust::key::words_of(&device)));
    let (code, out, _) = run(&["config", "check", "--config", &fresh.config]);
    assert_eq!(code, 0);
    assert!(
        out.contains("nothing is wrong") && out.contains("nobody may keep rooms"),
        "{out}"
    );
    let (_, out, _) = run(&["config", "print", "--origin", "--config", &fresh.config]);
    for expected in ["plain = true  # /", "announce = true  # default"] {
        assert!(out.contains(expected), "{out}");
    }
}

#[test]
fn what_init_writes_holds_wherever_it_is_run() {
    let dir = TempDir::new().unwrap();
    let init = command(&["init", "--config", "relay.toml", "--data-dir", "data"])
        .current_dir(dir.path())
        .output();
    assert!(init.unwrap().status.success());
    let config = dir.path().join("relay.toml");
    let (_, out, _) = run(&["config", "print", "--config", config.to_str().unwrap()]);
    let line = out.lines().find(|it| it.starts_with("data_dir")).unwrap();
    let data: toml::Table = line.parse().unwrap();
    let data = Path::new(data["data_dir"].as_str().unwrap());
    assert!(
        data.is_absolute() && data.join("device.key").exists(),
        "{line}"
    );
}

#[cfg(unix)]
#[test]
fn what_init_made_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let fresh = Fresh::new(&["--plain"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = Path::new(&fresh.data);
    assert_eq!((mode(data), mode(&data.join("device.key"))), (0o700, 0o600));
}

#[test]
fn init_overwrites_nothing() {
    let fresh = Fresh::new(&["--plain"]);
    fs::write(&fresh.config, "log = \"warn\"\n").unwrap();
    let (code, _, errors) = run(&["init", "--config", &fresh.config, "--data-dir", &fresh.data]);
    assert_eq!(code, 78);
    assert!(errors.contains("CONFIG_EXISTS"), "{errors}");
    assert_eq!(
        fs::read_to_string(&fresh.config).unwrap(),
        "log = \"warn\"\n"
    );

    let key = Path::new(&fresh.data).join("device.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&fresh.config).unwrap();
    let (code, ..) = run(&["init", "--config", &fresh.config, "--data-dir", &fresh.data]);
    assert_eq!((code, fs::read(&key).unwrap()), (0, kept), "the key stays");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_serves_nobody_until_an_owner_is_let_in_and_nobody_once_she_is_not() {
    let fresh = Fresh::new(&["--plain"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    relay.says("nobody may keep rooms here yet");
    let [ana_room, ben_room] = [1, 2].map(room);
    let ana = Member::dial(1, &ana_room, relay.address(), Limits::default());
    let ben = Member::dial(2, &ben_room, relay.address(), Limits::default());
    assert!(
        is_refused(&ana)
            .await
            .contains("ask whoever runs the relay")
    );
    is_refused(&ben).await;
    relay.says(owner(1).trim_matches('"'));

    fresh.let_in(&owner(1));
    relay.signal("HUP");
    relay.says("read the configuration again");
    ana.dialled().kick();
    ana.write(1, 100);
    let cleo = Member::dial(3, &ana_room, relay.address(), Limits::default());
    cleo.holds(1).await;
    let again = Member::dial(6, &ben_room, relay.address(), Limits::default());
    is_refused(&again).await;

    // Without a restart, and though she is connected.
    fresh.edit(&owner(1), &owner(9));
    relay.signal("HUP");
    for member in [&ana, &cleo] {
        is_refused(member).await;
    }
    drop(relay);
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let dora = Member::dial(4, &ana_room, relay.address(), Limits::default());
    is_refused(&dora).await;

    // What was kept stays, for when she is let in again.
    drop(relay);
    fresh.edit(&owner(9), &owner(1));
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let emil = Member::dial(5, &ana_room, relay.address(), Limits::default());
    emil.holds(1).await;
}

#[cfg(unix)]
#[test]
fn on_hup_it_takes_over_what_it_can_and_names_the_rest() {
    let fresh = Fresh::new(&["--plain"]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    fresh.edit("#announce = true", "announce = false");
    fresh.edit("#connections = 16384", "connections = 7");
    relay.signal("HUP");
    assert!(relay.says("holds from the next start").contains("announce"));
    let set = relay.says("set");
    assert!(
        set.contains("limits.connections") && set.contains("relay.toml:"),
        "{set}"
    );

    fresh.edit("connections = 7", "connections = \"seven\"");
    relay.signal("HUP");
    let refused = relay.says("the configuration stays as it was");
    assert!(refused.contains("CONFIG_VALUE_WRONG"), "{refused}");
    assert_eq!(relay.ended(), None);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_was_lowered_holds_for_who_comes_next() {
    let fresh = Fresh::new(&["--plain"]);
    fresh.edit("#anyone = false", "anyone = true");
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let room = room(1);
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    ana.until("she is in", |view| view.links == 1).await;
    fresh.edit("#connections = 16384", "connections = 1");
    relay.signal("HUP");
    relay.says("read the configuration again");
    let _ben = Member::dial(2, &room, relay.address(), Limits::default());
    relay.says("there are too many connections");
    assert_eq!(ana.view().links, 1, "who is in stays");
}

#[test]
fn what_is_wrong_has_a_code_an_exit_code_and_advice() {
    let fresh = Fresh::new(&["--plain"]);
    let refused = |arguments: &[&str], exit, code: &str, advice: &str| {
        let (found, out, errors) = run(arguments);
        assert_eq!(found, exit, "{errors}");
        assert!(errors.contains(code) && errors.contains(advice), "{errors}");
        assert_eq!(out, "", "nobody is told that it serves");
    };
    let serve = ["serve", "--config", fresh.config.as_str()];
    let with = |more: &[&'static str]| [&serve[..], more].concat();

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let listen = [&serve[..], &["--listen", &address]].concat();
    refused(&listen, 69, "ADDRESS_IN_USE", "another port");
    let page = format!("admin.listen={address}");
    let page = [&serve[..], &["--set", &page]].concat();
    refused(&page, 69, "ADDRESS_IN_USE", "admin.listen: ");
    // For documentation, so no machine has it (RFC 5737).
    let elsewhere = [
        "--no-announce",
        "--set",
        "plain=false",
        "--listen",
        "192.0.2.1:0",
    ];
    refused(&with(&elsewhere), 69, "ADDRESS_NOT_HERE", "0.0.0.0");
    refused(
        &["serve", "--config", "nowhere.toml"],
        78,
        "CONFIG_UNREADABLE",
        "nowhere.toml",
    );
    refused(
        &with(&["--listen", "relay.example:7825"]),
        78,
        "CONFIG_VALUE_WRONG",
        "listen",
    );
    refused(
        &with(&["--set", "proxies=everybody"]),
        78,
        "CONFIG_VALUE_WRONG",
        "10.0.0.0/8",
    );
    refused(
        &with(&["--set", "limits.rooms=all"]),
        78,
        "CONFIG_VALUE_WRONG",
        "limits.rooms",
    );

    let relay = Relay::start_told(&serve[1..]);
    refused(&serve, 75, "DATA_IN_USE", "--data-dir");
    drop(relay);
    let file = fresh.dir.path().join("a file");
    fs::write(&file, "").unwrap();
    let in_file = [&serve[..], &["--data-dir", file.to_str().unwrap()]].concat();
    refused(&in_file, 74, "DATA_UNREADABLE", "a file");

    let key = Path::new(&fresh.data).join("device.key");
    let kept = fs::read(&key).unwrap();
    fs::write(&key, "no key").unwrap();
    refused(&serve, 78, "KEY_INVALID", "backup");
    fs::write(&key, &kept).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        refused(&serve, 77, "SECRET_READABLE", "chmod 600");
    }
    fresh.edit("[limits]", "[limit]");
    for command in [&serve[..], &["config", "check", "--config", &fresh.config]] {
        refused(command, 78, "CONFIG_KEY_UNKNOWN", "limit");
    }
}
