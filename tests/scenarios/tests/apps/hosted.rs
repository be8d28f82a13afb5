//! Two applications that reach nothing but the relay of somebody else, by the program `tally-relay`.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use app::request::Request;
use app::settings::Settings;
use app::sharing::Status;
use tempfile::TempDir;
use testkit::netns::Lab;

use crate::desk::{Desk, PROGRAM, assert_equal, without_addresses};

const PORT: u16 = 7825;

/// `tally-relay`, as `init` has set it up, on the machine `relay`; killed when dropped.
struct Relay<'a> {
    lab: &'a Lab,
    folder: TempDir,
    process: Option<Child>,
}

impl<'a> Relay<'a> {
    fn start(lab: &'a Lab) -> Self {
        let mut relay = Self {
            lab,
            folder: tempfile::tempdir().unwrap(),
            process: None,
        };
        let listen = format!("0.0.0.0:{PORT}");
        let init = ["init", "--listen", &listen, "--no-announce"];
        relay.run(relay.command(&init).arg("--data-dir").arg(relay.data()));
        relay.serve();
        relay
    }

    fn serve(&mut self) {
        let mut serve = self
            .lab
            .machine("relay")
            .command(program().to_str().unwrap());
        serve
            .args(["serve", "--config"])
            .arg(self.folder.path().join("relay.toml"));
        let mut process = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on "), "{line:?}");
        self.process = Some(process);
    }

    /// `kill -9`.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Begins to copy all that it has; the process says where to.
    fn back_up(&self) -> Child {
        let mut back_up = self.command(&["backup"]);
        back_up.arg(self.folder.path().join("backups"));
        back_up.stdout(Stdio::piped()).spawn().unwrap()
    }

    /// Puts a backup in place of all that it had.
    fn restore(&self, backup: &str) {
        std::fs::remove_dir_all(self.data()).unwrap();
        let mut restore = self.command(&["restore"]);
        self.run(restore.arg(backup));
    }

    /// A link by which one device has its projects kept, for those on a wire of the relay's.
    fn invite(&self, wire: usize) -> String {
        let address = self.address(wire);
        self.run(&mut self.command(&["invite", "--address", &address]))
    }

    fn address(&self, wire: usize) -> String {
        let machine: Ipv4Addr = self.lab.machine("relay").v4(wire);
        format!("{machine}:{PORT}")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments);
        command
            .arg("--config")
            .arg(self.folder.path().join("relay.toml"));
        command
    }

    fn run(&self, command: &mut Command) -> String {
        said(&command.output().unwrap())
    }
}

impl Drop for Relay<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a command says that succeeds.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The one beside this program, as `cargo test --workspace` builds it.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("tally-relay");
    assert!(
        program.exists(),
        "{program:?} is not there: run `cargo build -p relayd` first"
    );
    program
}

/// Takes projects to this relay, as somebody who puts it into the settings.
fn use_relay(desk: &mut Desk, relay: String) {
    let settings = Settings {
        relays: vec![relay],
        ..Settings::default()
    };
    desk.call(&Request::PutSettings { settings });
}

#[test]
fn two_who_meet_at_a_relay_lose_nothing_when_it_is_killed() {
    let Some(lab) = Lab::chain(&["ana", "relay", "ben"]) else {
        return;
    };
    let mut relay = Relay::start(&lab);
    let [mut ana, mut ben] =
        ["ana", "ben"].map(|name| Desk::told(lab.machine(name).command(PROGRAM)));
    // Ana may have her projects kept; Ben is a member of hers, and needs to know where.
    use_relay(&mut ana, relay.invite(0));
    use_relay(&mut ben, relay.address(1));
    ana.share();
    ben.join(&ana.invitation());
    ben.is_let_in();
    let mut written = vec![ana.write("Ana's"), ben.write("Ben's")];
    ana.has(&written);
    ben.has(&written);
    assert_eq!(ana.neighbours(), ben.neighbours(), "there is no other way");

    // Killed while both write.
    for number in 0..10 {
        written.push(ana.write(&format!("Ana {number}")));
        written.push(ben.write(&format!("Ben {number}")));
        if number == 5 {
            relay.kill();
        }
    }
    relay.serve();
    for desk in [&mut ana, &mut ben] {
        desk.has(&written);
        desk.is_live();
    }
    assert_equal(&mut [&mut ana, &mut ben]);

    // What Ana was told is safe is safe, though she and the relay are gone before Ben comes.
    ben.kill();
    written.push(ana.write("While Ben is away"));
    ana.until("the relay has it for certain", |ana| {
        ana.sharing().waiting == 0
    });
    ana.kill();
    relay.kill();
    relay.serve();
    let mut ben = ben.killed_and_restarted(lab.machine("ben").command(PROGRAM));
    ben.has(&written);
    assert_ne!(ben.sharing().status, Status::Offline);
}

#[test]
fn a_relay_that_is_wiped_comes_back_from_a_backup_and_everybody_has_everything() {
    let Some(lab) = Lab::chain(&["ana", "relay", "ben"]) else {
        return;
    };
    let mut relay = Relay::start(&lab);
    let [mut ana, mut ben, mut cleo] =
        ["ana", "ben", "ben"].map(|name| Desk::told(lab.machine(name).command(PROGRAM)));
    use_relay(&mut ana, relay.invite(0));
    ana.share();
    let invitation = without_addresses(&ana.invitation());
    for desk in [&mut ben, &mut cleo] {
        use_relay(desk, relay.address(1));
        desk.join(&invitation);
        desk.is_let_in();
    }

    let mut backing_up = relay.back_up();
    let mut written = Vec::new();
    while backing_up.try_wait().unwrap().is_none() || written.len() < 20 {
        written.push(ana.write("While it is backed up"));
        written.push(ben.write("While it is backed up"));
    }
    let backup = said(&backing_up.wait_with_output().unwrap());
    cleo.has(&written);
    cleo.kill();
    for desk in [&mut ana, &mut ben] {
        written.push(desk.write("Behind the backup"));
    }
    for desk in [&mut ana, &mut ben] {
        desk.has(&written);
    }
    relay.kill();
    written.push(ana.write("While there is no relay"));

    relay.restore(&backup);
    relay.serve();
    for desk in [&mut ana, &mut ben] {
        desk.has(&written);
        desk.until("the relay has it for certain", |desk| {
            desk.sharing().waiting == 0
        });
    }
    assert_equal(&mut [&mut ana, &mut ben]);
    // Nobody else is left of whom Cleo could have what she has missed.
    ana.kill();
    ben.kill();
    let mut cleo = cleo.killed_and_restarted(lab.machine("ben").command(PROGRAM));
    cleo.has(&written);
}
