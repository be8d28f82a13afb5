//! Disks that are full, do not let anything be written, or have something else than what was written.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use relay::Limits;
use serde_json::Value;
use testkit::links::{Member, room};

use crate::{
    fresh::Fresh,
    operations::get,
    process::{Relay, run},
};

/// A disk of 8 MB where the relay keeps everything, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None`, with the reason printed, for anybody but root.
    fn mount(fresh: &Fresh) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("not tested here: only root may mount a disk");
            return None;
        }
        let disk = Self(PathBuf::from(&fresh.data));
        let options = ["-t", "tmpfs", "-o", "size=8m,mode=700", "tally-relay-test"];
        disk.run("mount", &options);
        Some(disk)
    }

    fn fill(&self) {
        let mut file = File::create(self.0.join("filling")).unwrap();
        for size in [1 << 16, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.0.join("filling")).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        let ended = command.args(arguments).arg(&self.0).status().unwrap();
        assert!(ended.success(), "{command:?}: {ended}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: after a failure the relay may still be there.
        let mut command = Command::new("umount");
        command.arg("--lazy").arg(&self.0).status().ok();
    }
}

fn status(fresh: &Fresh) -> Value {
    let (code, out, errors) = run(&["status", "--json", "--config", &fresh.config]);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_of_and_what_came_is_taken_once_there_is_room() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    let Some(disk) = Disk::mount(&fresh) else {
        return;
    };
    let watched = ["--set", "operations.listen=127.0.0.1:0"];
    let start = || Relay::start_told(&[&["--config", &fresh.config][..], &watched].concat());
    let mut relay = start();
    let here = room(1);
    let ana = Member::dial(1, &here, relay.address(), Limits::default());
    let ben = Member::dial(2, &here, relay.address(), Limits::default());
    ana.write(3, 100);
    ana.until("it is kept", |view| view.acknowledged.frames() >= 3)
        .await;
    ben.holds(3).await;
    disk.fill();
    ana.write(20, 20_000);
    relay.says("cannot write what came; it is tried again");
    assert_eq!(status(&fresh)["store"], "the disk is full");
    let (code, page) = get(&fresh, "/readyz");
    assert!(code == 503 && page.contains("make space"), "{page}");
    assert_eq!(ana.view().links, 1, "she stays");
    assert!(ben.view().held.frames() < 23, "nobody has what may be lost");

    disk.make_room();
    ana.until("it is kept", |view| view.acknowledged.frames() >= 23)
        .await;
    ben.holds(23).await;
    assert_eq!(status(&fresh)["store"], "ok");
    drop((ana, ben));
    relay.kill();

    // It does not even start where there is no room.
    fs::remove_file(disk.0.join("tally.db-shm")).ok();
    disk.fill();
    let (code, out, errors) = run(&["serve", "--config", &fresh.config]);
    assert!(code == 74 && errors.contains("make space"), "{errors}");
    assert_eq!(out, "");
    disk.make_room();
    let relay = start();
    let cleo = Member::dial(3, &here, relay.address(), Limits::default());
    cleo.holds(23).await;
}

#[test]
fn a_disk_that_takes_nothing_is_told_of() {
    let fresh = Fresh::new(&["--plain"]);
    let Some(disk) = Disk::mount(&fresh) else {
        return;
    };
    disk.run("mount", &["-o", "remount,ro"]);
    let (code, _, errors) = run(&["serve", "--config", &fresh.config]);
    assert!(code == 77 && errors.contains("DATA_READ_ONLY"), "{errors}");
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    let fresh = Fresh::new(&["--plain"]);
    drop(Relay::start_told(&["--config", &fresh.config]));
    let database = Path::new(&fresh.data).join("tally.db");
    let spoiled = vec![b'x'; 8_192];
    fs::write(&database, &spoiled).unwrap();
    let (code, out, errors) = run(&["serve", "--config", &fresh.config]);
    assert!(code == 74 && errors.contains("DATA_UNREADABLE"), "{errors}");
    assert!(errors.contains("tally-relay restore"), "{errors}");
    assert_eq!(
        (out, fs::read(&database).unwrap()),
        (String::new(), spoiled)
    );
}

#[test]
fn a_key_that_cannot_be_read_is_told_of() {
    let fresh = Fresh::new(&["--plain"]);
    let key = Path::new(&fresh.data).join("device.key");
    fs::remove_file(&key).unwrap();
    // Root may read every file.
    fs::create_dir(&key).unwrap();
    let (code, _, errors) = run(&["serve", "--config", &fresh.config]);
    assert!(code == 74 && errors.contains("KEY_UNREADABLE"), "{errors}");
}
