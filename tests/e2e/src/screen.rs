//! A screen for one story.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::Host;
use crate::process::Process;

/// An X server without a monitor, or the developer's own with `TALUS_E2E_WATCH=1`. A browser needs none.
pub struct Screen {
    size: (u32, u32),
    display: String,
    _server: Option<Process>,
}

impl Screen {
    /// A screen of so many pixels.
    pub fn start(width: u32, height: u32) -> Self {
        let (display, server) = if Host::chosen() == Host::Browser {
            (String::new(), None)
        } else if std::env::var_os("TALUS_E2E_WATCH").is_some() {
            let display = std::env::var("DISPLAY").expect("watching needs DISPLAY");
            (display, None)
        } else {
            let (display, server) = Self::start_server(width, height);
            (display, Some(server))
        };
        Self {
            size: (width, height),
            display,
            _server: server,
        }
    }

    fn start_server(width: u32, height: u32) -> (String, Process) {
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
        (format!(":{}", number.trim()), server)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// For the environment of a program: `:99`.
    pub fn display(&self) -> &str {
        &self.display
    }
}
