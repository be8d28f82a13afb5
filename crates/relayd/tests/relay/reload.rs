//! SIGHUP, key by key: what the guide marks holds at once, and of the rest the log says when.

use std::{collections::BTreeSet, fmt::Write as _, fs, net::SocketAddr, time::Instant};

use relay::Limits;
use tempfile::TempDir;
use testkit::links::{Attachment, Member, Raw, key, room_of};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};
use toml::{Table, Value};
use trust::{Genesis, Membership};

use crate::{
    fresh::{Fresh, is_refused, is_told},
    guide,
    process::{Relay, run},
    programs::OWN,
    settings::{Files, flat, other},
};

/// A relay whose file is written anew again and again.
struct Running {
    fresh: Fresh,
    relay: Relay,
    /// What the file has all the time.
    base: Table,
    /// Of whom no room was asked for yet.
    next: u8,
}

impl Running {
    fn start(more: &[(&str, Value)]) -> Self {
        let fresh = Fresh::new(&[]);
        let mut base: Table = fs::read_to_string(&fresh.config).unwrap().parse().unwrap();
        // Of its sections all is commented out.
        base.retain(|_, value| !value.is_table());
        base.extend(
            more.iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone())),
        );
        write(&fresh, &base, &[]);
        let relay = Relay::start_told(&["--config", &fresh.config]);
        Self {
            fresh,
            relay,
            base,
            next: 1,
        }
    }

    /// Has it read the file with these beside, and returns what it says of that.
    fn takes(&mut self, more: &[(&str, Value)]) -> Vec<String> {
        write(&self.fresh, &self.base, more);
        self.relay.signal("HUP");
        self.relay.says_until("read the configuration again")
    }

    /// A room that nobody has asked for, and the number of its owner.
    fn room(&mut self) -> (u8, Membership) {
        self.next += 1;
        (self.next, room_of(self.next))
    }

    fn dial(&self, number: u8, room: &Membership) -> Member {
        Member::proven(number, room, self.relay.address(), Limits::default())
    }

    /// The owner of a room of her own.
    fn owner(&mut self) -> (Member, Membership) {
        let (number, room) = self.room();
        (self.dial(number, &room), room)
    }
}

fn write(fresh: &Fresh, base: &Table, more: &[(&str, Value)]) {
    let mut all = base.clone();
    all.extend(
        more.iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone())),
    );
    let mut text = String::new();
    for (key, value) in &all {
        writeln!(text, "{key} = {value}").unwrap();
    }
    fs::write(&fresh.config, text).unwrap();
}

/// The keys that the lines with this name.
fn named(lines: &[String], what: &str) -> BTreeSet<String> {
    let lines = lines.iter().filter(|line| line.contains(what));
    let keys = lines.map(|line| line.split_once("key=").unwrap().1);
    keys.map(|rest| {
        rest.split(['"', ' '])
            .find(|it| !it.is_empty())
            .unwrap()
            .to_owned()
    })
    .collect()
}

#[test]
fn each_key_that_was_changed_is_named_as_what_it_is_and_no_other() {
    let (code, defaults, errors) = run(&["config", "print"]);
    assert_eq!(code, 0, "{errors}");
    let defaults = flat(&defaults.parse().unwrap());
    let keys = guide::keys();
    let printed: BTreeSet<&str> = defaults.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(printed, keys.iter().map(|(key, _)| key.as_str()).collect());

    let mut running = Running::start(&[]);
    let dir = TempDir::new().unwrap();
    let files = Files::new(dir.path());
    for (key, is_live) in &keys {
        let (_, default) = defaults.iter().find(|(it, _)| it == key).unwrap();
        let value = match key.as_str() {
            // With less it would not say what the test is about.
            "log" => "debug".into(),
            _ => other(key, default, &files),
        };
        let mut changed = vec![(key.as_str(), value)];
        // One without the other is refused.
        let pair = ["tls.certificate_file", "tls.key_file"];
        if pair.contains(&key.as_str()) {
            changed = pair.map(|it| (it, other(it, default, &files))).into();
        }
        let only: BTreeSet<String> = changed.iter().map(|it| it.0.to_owned()).collect();
        let none = BTreeSet::new();
        let (set, later) = match is_live {
            true => (&only, &none),
            false => (&none, &only),
        };
        for (takes, set, later) in [
            (&changed[..], set, later),
            // What waits for the next start still does.
            (&changed, &none, later),
            (&[], set, &none),
        ] {
            let said = running.takes(takes);
            let found = [" set key=", "holds from the next start"].map(|it| named(&said, it));
            assert_eq!([&found[0], &found[1]], [set, later], "{key}: {said:?}");
        }
    }
    let audit = format!("{}/audit.log", running.fresh.data);
    let reloads = fs::read_to_string(audit).unwrap().lines().count();
    assert_eq!(reloads, 3 * keys.len(), "all are in the one log");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_that_is_marked_holds_at_once_for_whoever_comes_next() {
    let more = [
        ("access.anyone", true.into()),
        ("proxies", vec![OWN].into()),
    ];
    let mut running = Running::start(&more);
    for (key, _) in guide::keys().into_iter().filter(|(_, is_live)| *is_live) {
        match key.as_str() {
            "log" => running.says_more().await,
            "retention" => running.forgets().await,
            "access.owners" | "access.anyone" => running.lets_in(&key).await,
            "limits.connections" => {
                running
                    .turns_away(&key, 1, "there are too many connections")
                    .await
            }
            "limits.memory_bytes" => running.turns_away(&key, 1, "there is no memory left").await,
            "limits.handshakes_per_s" => {
                running
                    .turns_away(&key, 1, "connections come too fast")
                    .await
            }
            "limits.connections_per_address" => running.counts_addresses(&key).await,
            "limits.connections_per_device" => running.counts_devices(&key).await,
            "limits.messages_per_s" => running.reads_messages_slowly(&key).await,
            "limits.bytes_per_s" => running.reads_bytes_slowly(&key).await,
            "limits.rooms" => running.opens_no_other(&key).await,
            "limits.room_bytes" => {
                running
                    .is_full(&key, "this project has all the space")
                    .await
            }
            "limits.owner_bytes" => {
                running
                    .is_full(&key, "the owner of this project has all")
                    .await
            }
            "limits.owner_rooms" => running.keeps_no_other(&key).await,
            "limits.attachment_bytes" => running.passes_over(&key).await,
            _ => panic!("nothing shows that {key} holds at once"),
        }
        // Whoever comes is served as before.
        running.takes(&[]);
        let (ana, _) = running.owner();
        ana.is_up().await;
    }
}

/// Comes and says what nobody means.
async fn nonsense(relay: &Relay) {
    let mut raw = Raw::connect(relay.address).await;
    raw.write(b"nonsense\r\n\r\n").await;
    raw.is_closed().await;
}

impl Running {
    async fn says_more(&mut self) {
        nonsense(&self.relay).await;
        let before = self.takes(&[("log", "debug".into())]);
        assert!(
            before.iter().all(|line| !line.contains("DEBUG")),
            "{before:?}"
        );
        nonsense(&self.relay).await;
        self.relay.says("no handshake");
    }

    async fn forgets(&mut self) {
        let (mut ana, room) = self.owner();
        ana.write(1, 100);
        ana.until("it is kept", |view| view.acknowledged.frames() == 1)
            .await;
        ana.hang_up().await;
        // A room in which somebody was a minute ago is open still, unless the relay was started since.
        self.relay.kill();
        self.relay = Relay::start_told(&["--config", &self.fresh.config]);
        self.takes(&[("retention", "1s".into())]);
        let line = self.relay.says("nobody has visited it");
        assert!(line.contains(&room.room().to_string()), "{line}");
    }

    /// Nobody, and then whom this key lets in.
    async fn lets_in(&mut self, key_of: &str) {
        let (number, room) = self.room();
        let nobody = ("access.anyone", false.into());
        self.takes(std::slice::from_ref(&nobody));
        let ana = self.dial(number, &room);
        is_refused(&ana).await;
        let owner = key(number).device().to_string();
        match key_of {
            "access.owners" => self.takes(&[nobody, (key_of, vec![owner].into())]),
            _ => self.takes(&[(key_of, true.into())]),
        };
        ana.dialled().kick();
        ana.is_up().await;
    }

    /// So many are here that nobody else is let in, and who is here stays.
    async fn turns_away(&mut self, key: &str, value: i64, why: &str) {
        let (ana, room) = self.owner();
        ana.is_up().await;
        self.takes(&[(key, value.into())]);
        let _others: Vec<Member> = (100..104).map(|it| self.dial(it, &room)).collect();
        let line = self.relay.says(why);
        assert!(!line.contains("from this address"), "{line}");
        assert_eq!((ana.view().ups, ana.view().links), (1, 1));
    }

    /// A connection that a proxy makes for somebody who is always the same.
    async fn passed_on(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::new(OWN.parse().unwrap(), 0))
            .unwrap();
        let mut stream = socket.connect(self.relay.address).await.unwrap();
        let header = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 7825\r\n";
        stream.write_all(header).await.unwrap();
        stream
    }

    async fn counts_addresses(&mut self, key: &str) {
        self.takes(&[(key, 1.into())]);
        let _both = [self.passed_on().await, self.passed_on().await];
        let line = self.relay.says("too many connections from this address");
        assert!(line.contains("203.0.113.7"), "{line}");
    }

    async fn counts_devices(&mut self, key: &str) {
        self.takes(&[(key, 1.into())]);
        let (number, room) = self.room();
        let ana = self.dial(number, &room);
        ana.is_up().await;
        let (_, other) = self.room();
        let again = self.dial(number, &other);
        assert!(is_told("Busy", &again).await.contains("as many links"));
    }

    /// A visitor alone in a room that is on the disk, without which it takes no attachments.
    async fn visitor(&mut self) -> Raw {
        let (mut ana, room) = self.owner();
        ana.write(1, 100);
        ana.until("it is kept", |view| view.acknowledged.frames() == 1)
            .await;
        // Otherwise she is asked for them first.
        ana.hang_up().await;
        Raw::proven(self.relay.address, &room, 200).await
    }

    async fn reads_messages_slowly(&mut self, key: &str) {
        self.takes(&[(key, 10.into())]);
        let mut ben = self.visitor().await;
        let attachment = Attachment::new(b"sealed");
        let begun = Instant::now();
        attachment.lend(&mut ben).await;
        // Four seconds' worth may come at once, and 15 take half a second longer.
        for _ in 0..55 {
            attachment.fetch(&mut ben).await;
        }
        assert!(begun.elapsed().as_millis() >= 1_400);
    }

    async fn reads_bytes_slowly(&mut self, key: &str) {
        self.takes(&[(key, 65_536.into())]);
        let (ana, room) = self.owner();
        let ben = self.dial(200, &room);
        let begun = Instant::now();
        // Four seconds' worth may come at once, and after this two more pass until the next is read.
        ana.write(1, 6 * 65_536);
        ben.holds(1).await;
        ana.write(1, 10);
        ben.holds(2).await;
        assert!(begun.elapsed().as_millis() >= 1_500);
    }

    async fn opens_no_other(&mut self, key: &str) {
        let (ana, room) = self.owner();
        ana.is_up().await;
        self.takes(&[(key, 1.into())]);
        let (other, _) = self.owner();
        is_told("Busy", &other).await;
        self.dial(200, &room).is_up().await;
    }

    async fn is_full(&mut self, key: &str, why: &str) {
        self.takes(&[(key, 1_500.into())]);
        let (ana, room) = self.owner();
        let ben = self.dial(200, &room);
        ana.write(2, 500);
        ben.holds(2).await;
        ana.write(5, 500);
        assert!(is_told("Busy", &ana).await.contains(why));
    }

    async fn keeps_no_other(&mut self, key_of: &str) {
        let (ana, room) = self.owner();
        ana.write(1, 100);
        self.dial(200, &room).holds(1).await;
        self.takes(&[(key_of, 1.into())]);
        let number = self.next;
        let second = Genesis::new(key(number).public().0, [8; 32]);
        let second = self.dial(number, &Membership::begin(&second));
        second.write(1, 100);
        assert!(is_told("Busy", &second).await.contains("as many projects"));
    }

    async fn passes_over(&mut self, key: &str) {
        self.takes(&[(key, 4.into())]);
        let mut ben = self.visitor().await;
        let [large, small] = [b"sealed", &b"seal"[..]].map(Attachment::new);
        large.is_passed_over_for(&small, &mut ben).await;
    }
}
