//! A session bus and a real gnome-keyring-daemon, in a folder of their own.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// The well-known name of the service.
const NAME: &str = "org.freedesktop.secrets";

/// As gnome-keyring-daemon unlocks it.
const PASSWORD: &[u8] = b"a password of the login";

/// A message bus that starts no services by itself; killed when dropped.
pub struct SessionBus {
    home: PathBuf,
    process: Child,
}

impl SessionBus {
    /// One for the user whose home this is, where a session has it.
    pub fn start(home: &Path) -> Self {
        let (socket, configuration) = (home.join("bus"), home.join("bus.conf"));
        let text = format!(
            r#"<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>"#,
            socket.display()
        );
        fs::write(&configuration, text).unwrap();
        let mut process = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        // It says where it is once it answers.
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        Self {
            home: home.to_owned(),
            process,
        }
    }

    /// Where programs reach it.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.home.join("bus").display())
    }

    /// Makes `command` run as this user, in this session.
    pub fn enter(&self, command: &mut Command) {
        command
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.home)
            .env("XDG_DATA_HOME", self.home.join("share"));
    }

    /// What the service says to a call, as `gdbus` prints it.
    pub fn call(&self, object: &str, method: &str, arguments: &[&str]) -> String {
        let mut call = Command::new("gdbus");
        self.enter(&mut call);
        let call = call.args(["call", "--session", "--dest", NAME, "--object-path", object]);
        let said = call.args(["--method", method]).args(arguments).output();
        let said = said.unwrap();
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).unwrap()
    }

    /// A keychain that the login has unlocked.
    pub fn keyring(&self) -> Keyring {
        let mut process = self.daemon(&["--unlock"]);
        let mut password = process.stdin.take().unwrap();
        password.write_all(PASSWORD).unwrap();
        drop(password);
        self.serving(process)
    }

    /// The keychain of a session that nobody has typed a password into. There is no program on this bus that would ask for it.
    pub fn locked_keyring(&self) -> Keyring {
        let process = self.daemon(&[]);
        self.serving(process)
    }

    fn daemon(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new("gnome-keyring-daemon");
        self.enter(&mut command);
        command
            .args(["--foreground", "--components=secrets"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring is installed")
    }

    fn serving(&self, process: Child) -> Keyring {
        let mut wait = Command::new("gdbus");
        self.enter(&mut wait);
        let serves = wait.args(["wait", "--session", "--timeout=60", NAME]);
        let keyring = Keyring { process };
        assert!(serves.status().unwrap().success(), "it serves nothing");
        keyring
    }
}

impl Drop for SessionBus {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A running daemon; killed when dropped. What it was given is in files of the home.
pub struct Keyring {
    process: Child,
}

impl Keyring {
    /// Lets it answer nobody, though its name is on the bus.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it answer again.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn end(process: &mut Child) {
    // It may have ended by itself.
    process.kill().ok();
    process.wait().ok();
}
