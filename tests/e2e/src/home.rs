//! A home folder and a data directory for one story.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Screen;

/// A new user of this machine.
pub struct Home(TempDir);

impl Home {
    /// Nothing in it yet.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for temporary files"))
    }

    /// Where projects and settings live.
    pub fn data_dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A path of the user's own.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// Lets links that leave the window be noted instead of opened.
    pub fn note_opened_links(&self) {
        let (folder, noted) = (self.programs(), self.opened_links());
        std::fs::create_dir_all(&folder).expect("the home can be written");
        let script = format!("#!/bin/sh\necho \"$1\" >> '{}'\n", noted.display());
        let program = folder.join("xdg-open");
        std::fs::write(&program, script).expect("the home can be written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700))
                .expect("it is ours");
        }
    }

    /// Where links are noted, one a line.
    pub(crate) fn opened_links(&self) -> PathBuf {
        self.file("opened.txt")
    }

    /// Lets the system know that links of ours go to the program, with the entry that our packages put there: the bundler makes
    /// it of what `tauri.conf.json` says of schemes.
    pub fn install(&self, program: &Path) {
        let folder = self.file("share/applications");
        std::fs::create_dir_all(&folder).expect("the home can be written");
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Talus Tally\nExec={} %U\nMimeType=x-scheme-handler/talus;\n",
            program.display()
        );
        std::fs::write(folder.join("talus-tally.desktop"), entry).expect("the home can be written");
        self.run(
            &[
                "gio",
                "mime",
                "x-scheme-handler/talus",
                "talus-tally.desktop",
            ],
            None,
        );
    }

    /// Opens a link as a browser does that does not know it. The link is the system's business from then on.
    pub fn open_link(&self, link: &str, screen: &Screen) {
        self.run(&["gio", "open", link], Some(screen));
    }

    /// Runs a program of the system as this user.
    fn run(&self, words: &[&str], screen: Option<&Screen>) {
        let mut command = Command::new(words[0]);
        self.enter(&mut command);
        command.args(&words[1..]).stdout(Stdio::null());
        if let Some(screen) = screen {
            command.env("DISPLAY", screen.display());
        }
        let ended = command.status().expect("the system has this program");
        assert!(ended.success(), "{words:?}: {ended}");
    }

    /// Where this user's own programs are, before those of the machine.
    fn programs(&self) -> PathBuf {
        self.0.path().join("bin")
    }

    /// A message bus of this user's session, which programs find from now on.
    #[cfg(target_os = "linux")]
    pub fn session_bus(&self) -> testkit::keyring::SessionBus {
        testkit::keyring::SessionBus::start(self.0.path())
    }

    /// Makes `command` run as this user.
    pub fn enter(&self, command: &mut Command) {
        let path = self.0.path();
        command.env("TALUS_DATA_DIR", self.data_dir());
        command.env("HOME", path).env("XDG_RUNTIME_DIR", path);
        for (name, folder) in [
            ("XDG_DATA_HOME", "share"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
        ] {
            command.env(name, path.join(folder));
        }
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs()).chain(std::env::split_paths(&others));
        let path = std::env::join_paths(folders).expect("no folder has a colon in its name");
        command.env("PATH", path);
        // No session bus but one of this user: accessibility would wait for one.
        command
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1");
        command.env("LANG", "C.UTF-8").env("TZ", "UTC");
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}
