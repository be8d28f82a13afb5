//! A screen for one story.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::process::Process;

/// An X server without a monitor, or the developer's own with `TALUS_E2E_WATCH=1`.
pub struct Screen {
    display: String,
    _server: Option<Process>,
}

impl Screen {
    /// A screen of so many pixels.
    pub fn start(width: u32, height: u32) -> Self {
        if std::env::var_os("TALUS_E2E_WATCH").is_some() {
            let display = std::env::var("DISPLAY").expect("watching needs DISPLAY");
            return Self {
                display,
                _server: None,
            };
        }
        let size = format!("{width}x{height}x24");
        let mut server = Process::start(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    &size,
                    "-nolisten",
                    "tcp",
                    "-noreset",
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        // It chooses a free number, and says it once it answers.
        let output = server.child().stdout.take().expect("it is piped");
        let mut number = String::new();
        BufReader::new(output)
            .read_line(&mut number)
            .expect("Xvfb says its number");
        assert!(!number.trim().is_empty(), "Xvfb ended");
        Self {
            display: format!(":{}", number.trim()),
            _server: Some(server),
        }
    }

    /// For the environment of a program: `:99`.
    pub fn display(&self) -> &str {
        &self.display
    }
}
