//! A small disk for a user's data, which can be filled and made read-only.

use std::fs::{File, create_dir_all, remove_file};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;

use crate::{Home, wait};

/// Mounted where the projects of a user live until it is dropped.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Of so many megabytes. `None`, with the reason printed, for anybody but root.
    ///
    /// # Panics
    ///
    /// If root cannot mount here: what needs it would otherwise never be tested.
    pub fn mount(home: &Home, megabytes: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("not tested here: only root may mount a disk");
            return None;
        }
        let folder = home.data_dir();
        create_dir_all(&folder).expect("the home can be written");
        let disk = Self { folder };
        let size = format!("size={megabytes}m,mode=700");
        disk.run("mount", &["-t", "tmpfs", "-o", &size, "talus-tally-test"]);
        Some(disk)
    }

    /// Leaves no room on it.
    pub fn fill(&self) {
        let mut file = File::create(self.filling()).expect("there is room for a name");
        for size in [1 << 16, 1] {
            let piece = vec![7; size];
            let refused = loop {
                if let Err(error) = file.write_all(&piece) {
                    break error;
                }
            };
            assert_eq!(refused.kind(), ErrorKind::StorageFull, "{refused}");
        }
    }

    /// Takes away what fills it.
    pub fn make_room(&self) {
        remove_file(self.filling()).expect("it was filled");
    }

    /// Lets nothing be written any more, once nobody has a file open for writing: a window's helpers, which keep what
    /// web pages store, end a moment after it.
    pub fn make_read_only(&self) {
        wait::blocking("nobody to write on the disk", || {
            let done = self.command("mount", &["-o", "remount,ro"]).status();
            done.is_ok_and(|ended| ended.success()).then_some(())
        });
    }

    /// Lets things be written again.
    pub fn make_writable(&self) {
        self.run("mount", &["-o", "remount,rw"]);
    }

    fn filling(&self) -> PathBuf {
        self.folder.join("filling")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = self.command(program, arguments);
        let ended = command.status().expect("the system has mount and umount");
        assert!(ended.success(), "{command:?} {ended}");
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).arg(&self.folder);
        command
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: after a failure the application may still be there.
        self.command("umount", &["--lazy"]).status().ok();
    }
}
