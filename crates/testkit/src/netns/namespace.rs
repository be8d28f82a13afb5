//! One network namespace, and threads inside it.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::ip;

const FOLDER: &str = "/run/netns";
/// Names are `tt-PID-NUMBER`, so that one can see whose maker is gone.
const PREFIX: &str = "tt-";

/// A named namespace with a working loopback; removed when dropped.
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes one that nobody else has.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", process::id());
        ip::run(&format!("netns add {name}"));
        let namespace = Self { name };
        namespace.run(|| {
            // An address can be used at once, without waiting whether somebody else has it.
            set("ipv6/conf/all/accept_dad", "0");
            set("ipv6/conf/default/accept_dad", "0");
        });
        ip::run(&format!("-n {} link set lo up", namespace.name));
        namespace
    }

    /// The name by which `ip` knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Moves the calling thread into it for good. Threads it starts are inside, too.
    pub fn enter(name: &str) {
        let path = Path::new(FOLDER).join(name);
        let file = File::open(&path).expect("the namespace is there as long as its lab");
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .expect("whoever may make a namespace may enter it");
    }

    /// Runs `work` in a thread inside it and waits; a panic goes on in the caller.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let done = std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                Self::enter(&self.name);
                work()
            });
            inside.join()
        });
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = ip::attempt(&format!("netns del {}", self.name)) {
            eprintln!("{error}");
        }
    }
}

/// Removes namespaces whose process was killed before it could.
pub fn sweep() {
    let Ok(entries) = fs::read_dir(FOLDER) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let maker = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next());
        let is_orphan = maker.is_some_and(|pid| !PathBuf::from(format!("/proc/{pid}")).exists());
        if is_orphan {
            // Another test may be sweeping, too.
            let _gone = ip::attempt(&format!("netns del {name}"));
        }
    }
}

/// Whether the kernel has IPv6 here.
pub fn has_ipv6() -> bool {
    Path::new("/proc/sys/net/ipv6/conf/all").exists()
}

fn set(setting: &str, value: &str) {
    let path = Path::new("/proc/sys/net").join(setting);
    if path.exists() {
        fs::write(&path, value).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
