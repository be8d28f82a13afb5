//! Hosting by a token: given out, brought, used up, expired, taken back.

use std::{fs, path::Path};

use relay::Limits;
use testkit::links::{Member, key, room_of};
use trust::hosting::HostingLink;

use crate::{
    fresh::{Fresh, is_refused},
    process::{Relay, run},
};

/// Gives out a token, by which one device can come.
pub fn invite(fresh: &Fresh, relay: &Relay, more: &[&str]) -> HostingLink {
    let address = relay.address.to_string();
    let begin = ["invite", "--config", &fresh.config, "--address", &address];
    let (code, out, errors) = run(&[&begin[..], more].concat());
    assert_eq!(code, 0, "{errors}");
    let link = HostingLink::read(&out).unwrap();
    assert_eq!(link.address, address);
    link
}

pub fn tokens(fresh: &Fresh, arguments: &[&str]) -> (i32, String, String) {
    let [command, rest @ ..] = arguments else {
        panic!("list or revoke");
    };
    run(&[&["tokens", command, "--config", &fresh.config][..], rest].concat())
}

/// What is known of tokens on the disk.
pub fn ledger(fresh: &Fresh) -> String {
    fs::read_to_string(Path::new(&fresh.data).join("hosting.toml")).unwrap()
}

pub fn bringing(link: &HostingLink, number: u8, owner: u8, relay: &Relay) -> Member {
    let (room, limits) = (room_of(owner), Limits::default());
    Member::bringing(&link.token, number, &room, relay.address(), limits)
}

pub fn visiting(number: u8, owner: u8, relay: &Relay) -> Member {
    Member::proven(number, &room_of(owner), relay.address(), Limits::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_rooms_kept_until_it_is_revoked() {
    let fresh = Fresh::new(&[]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let advice = relay.says("nobody may keep rooms here yet");
    assert!(advice.contains("tally-relay invite --config"), "{advice}");
    let ben = visiting(2, 1, &relay);
    assert!(
        is_refused(&ben)
            .await
            .contains("ask whoever runs the relay")
    );

    let link = invite(&fresh, &relay, &["--label", "the team"]);
    assert!(fresh.said.contains(&link.device.to_string()));
    let ana = bringing(&link, 1, 1, &relay);
    ana.write(1, 100);
    ben.dialled().kick();
    ben.holds(1).await;
    let (_, list, _) = tokens(&fresh, &["list"]);
    let device = key(1).device().to_string();
    for expected in ["used up", "1 of 1", "the team", &device] {
        assert!(list.contains(expected), "{list}");
    }
    let cleo = bringing(&link, 3, 3, &relay);
    assert!(is_refused(&cleo).await.contains("used up"));

    // So it is after a restart.
    drop((ana, ben, cleo, relay));
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let (ana, ben) = (bringing(&link, 1, 1, &relay), visiting(2, 1, &relay));
    ben.holds(1).await;
    ana.holds(1).await;

    let id = list.split_whitespace().next().unwrap();
    let (code, out, _) = tokens(&fresh, &["revoke", id]);
    assert!(code == 0 && out.contains("1 device(s)"), "{out}");
    for member in [&ana, &ben] {
        member
            .until("she is sent away", |view| view.links == 0)
            .await;
        is_refused(member).await;
    }
    let again = bringing(&link, 1, 1, &relay);
    assert!(is_refused(&again).await.contains("revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_for_who_has_not_come() {
    let fresh = Fresh::new(&[]);
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let link = invite(&fresh, &relay, &["--uses", "5", "--expires", "12h"]);
    let ana = bringing(&link, 1, 1, &relay);
    ana.until("she is in", |view| view.links == 1).await;
    ana.write(1, 100);
    let ben = visiting(2, 1, &relay);
    ben.holds(1).await;

    let text = ledger(&fresh);
    let line = text.lines().find(|it| it.starts_with("expires")).unwrap();
    let past = text.replace(line, "expires = \"2001-01-01T00:00:00Z\"");
    fs::write(Path::new(&fresh.data).join("hosting.toml"), past).unwrap();
    let cleo = bringing(&link, 3, 3, &relay);
    assert!(is_refused(&cleo).await.contains("expired"));
    let dora = bringing(&link, 4, 1, &relay);
    dora.holds(1).await;
    assert!(!ledger(&fresh).contains(&key(4).device().to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_by_what_is_on_the_disk_or_from_elsewhere() {
    let fresh = Fresh::new(&[]);
    let mut relay = Relay::start_told(&["--config", &fresh.config]);
    let link = invite(&fresh, &relay, &[]);
    let digits = |bytes: [u8; 32]| trust::DeviceId(bytes).to_string();
    let kept = ledger(&fresh);
    assert!(kept.contains(&digits(link.token.digest())));
    assert!(!kept.contains(&digits(*link.token.bytes())));
    let audit = fs::read_to_string(Path::new(&fresh.data).join("audit.log")).unwrap();
    assert!(audit.contains("token_given"), "{audit}");
    assert!(!audit.contains(&digits(*link.token.bytes())) && !audit.contains(&*link.to_text()));
    let other = HostingLink {
        token: trust::hosting::HostingToken::from_bytes(&link.token.digest()),
        ..link
    };
    let ana = bringing(&other, 1, 1, &relay);
    assert!(is_refused(&ana).await.contains("is not one of this relay"));
    relay.says("hosts no rooms");
}

#[cfg(unix)]
#[test]
fn what_an_admin_writes_belongs_to_the_relay() {
    use std::os::unix::fs::{MetadataExt, chown};
    let fresh = Fresh::new(&[]);
    let data = Path::new(&fresh.data);
    // Only root can be another than the relay; everybody else is the relay here.
    let _ = chown(data, Some(65_534), None);
    let invite = [
        "invite",
        "--config",
        &fresh.config,
        "--address",
        "relay.example",
    ];
    let (code, _, errors) = run(&invite);
    assert_eq!(code, 0, "{errors}");
    let user = |path: &Path| fs::metadata(path).unwrap().uid();
    for name in ["hosting.toml", "hosting.lock"] {
        assert_eq!(user(&data.join(name)), user(data), "{name}");
    }
}

#[test]
fn what_is_wrong_is_told_with_a_code() {
    let fresh = Fresh::new(&[]);
    let invite = ["invite", "--config", &fresh.config];
    let refused = |arguments: &[&str], exit, code: &str, advice: &str| {
        let (found, out, errors) = run(arguments);
        assert_eq!(found, exit, "{errors}");
        assert!(errors.contains(code) && errors.contains(advice), "{errors}");
        assert_eq!(out, "");
    };
    let with = |more: &[&'static str]| [&invite[..], more].concat();
    refused(&invite, 78, "ADDRESS_NEEDED", "--address");
    let soon = with(&["--address", "relay.example", "--expires", "soon"]);
    refused(&soon, 78, "EXPIRY_UNREADABLE", "7d");
    let wrong = with(&["--address", "https://relay.example"]);
    refused(&wrong, 78, "ADDRESS_UNREADABLE", "relay.example:7825");
    let nowhere = fresh.dir.path().join("nowhere");
    let nowhere = [
        "--address",
        "relay.example",
        "--data-dir",
        nowhere.to_str().unwrap(),
    ];
    refused(
        &[&invite[..], &nowhere].concat(),
        78,
        "NO_RELAY_YET",
        "tally-relay init",
    );
    let revoke = ["tokens", "revoke", "--config", &fresh.config, "0000"];
    refused(&revoke, 78, "TOKEN_UNKNOWN", "tokens list");

    // Whoever gets it may know the name all the same.
    let (code, out, errors) = run(&with(&["--address", "nowhere.invalid"]));
    assert!(code == 0 && HostingLink::read(&out).is_ok());
    assert!(errors.contains("ADDRESS_UNRESOLVED"), "{errors}");
    let path = Path::new(&fresh.data).join("hosting.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let list = ["tokens", "list", "--config", &fresh.config];
        refused(&list, 77, "SECRET_READABLE", "chmod 600");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(&path, "[[token]]\nid = 1\n").unwrap();
    refused(
        &["tokens", "list", "--config", &fresh.config],
        78,
        "TOKENS_UNREADABLE",
        "backup",
    );
}
