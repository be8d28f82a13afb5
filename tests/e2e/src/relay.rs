//! `tally-relay`, and its page for admins in Chromium.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::chromium::{Browser, Devtools};
use crate::process::Process;
use crate::program::relay;
use crate::window::{Place, Window};
use crate::{Home, Screen, chromium, wait};

/// A relay that keeps everybody's rooms, and a browser that looks at nothing yet.
pub struct RelayPage {
    window: Window,
    _browser: Browser,
    _relay: Process,
    data: String,
    home: Home,
    /// Where its links come to.
    pub address: SocketAddr,
}

impl RelayPage {
    /// Starts both. Links are bare.
    pub fn open(screen: &Screen) -> Self {
        let home = Home::new();
        let data = home.file("relay").display().to_string();
        let mut command = Command::new(relay());
        home.enter(&mut command);
        command
            .env("TALLY_RELAY_CONFIG", "")
            .args(["serve", "--plain", "--anyone", "--data-dir", &data])
            .args([
                "--listen",
                "127.0.0.1:0",
                "--set",
                "admin.listen=127.0.0.1:0",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = Process::start(&mut command);
        let output = process.child().stdout.take().expect("it is piped");
        let mut said = String::new();
        BufReader::new(output)
            .read_line(&mut said)
            .expect("it says where it is");
        let address = said.trim().strip_prefix("listening on ");
        let address = address.and_then(|it| it.parse().ok());
        let runtime = wait::runtime();
        let (browser, client) = runtime.block_on(chromium::browse(&home, screen));
        Self {
            window: Window::new(runtime, client, Place::Driver),
            _browser: browser,
            _relay: process,
            data,
            home,
            address: address.expect("`tally-relay serve` has started"),
        }
    }

    /// What an admin sees.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// What a command of the relay prints.
    pub fn command(&self, words: &[&str]) -> String {
        let mut command = Command::new(relay());
        self.home.enter(&mut command);
        let said = command
            .env("TALLY_RELAY_CONFIG", "")
            .args(words)
            .args(["--data-dir", &self.data])
            .output()
            .expect("it was built");
        assert!(said.status.success(), "{words:?}: {said:?}");
        String::from_utf8(said.stdout).expect("text")
    }

    /// Has the browser say that people want it `light` or `dark`.
    pub fn prefer(&self, theme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": theme });
        let wish = Devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [feature] }),
        );
        let wished = self.window.block_on(self.window.client().issue_cmd(wish));
        wished.expect("the browser knows the word");
    }
}

impl Drop for RelayPage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.window.show_failure();
        }
    }
}
