//! A small disk for a user's data, which can be filled and made read-only.

use std::fs::{File, create_dir_all, remove_file};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;

use crate::Home;

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

    /// Lets nothing be written any more. Nobody may have a file open for writing.
    pub fn make_read_only(&self) {
        self.run("mount", &["-o", "remount,ro"]);
    }

    /// Lets things be written again.
    pub fn make_writable(&self) {
        self.run("mount", &["-o", "remount,rw"]);
    }

    fn filling(&self) -> PathBuf {
        self.folder.join("filling")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        command.args(arguments).arg(&self.folder);
        let ended = command.status().expect("the system has mount and umount");
        assert!(ended.success(), "{command:?} {ended}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: after a failure the application may still be there.
        Command::new("umount")
            .arg("--lazy")
            .arg(&self.folder)
            .status()
            .ok();
    }
}
