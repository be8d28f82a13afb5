//! What the system says of another process, and what is asked of it.

use std::path::Path;
use std::process::Command;

/// The processor time it has used, in nanoseconds.
pub fn cpu_ns(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let used = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    used.sum()
}

/// The memory it holds, in bytes.
pub fn rss_bytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        << 10
}

/// Takes as many descriptors as this process may have: a connection needs one.
pub fn raise_descriptors() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        setrlimit(Resource::Nofile, raised).unwrap();
    }
}

/// Asks a process to end.
pub fn terminate(pid: u32) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};
        let pid = Pid::from_raw(pid.cast_signed()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }
    #[cfg(not(unix))]
    panic!("process {pid} cannot be asked to end here");
}

/// Whether there is a core for a server and another one for its load.
pub fn has_cores() -> bool {
    cfg!(target_os = "linux") && std::thread::available_parallelism().unwrap().get() > 1
}

/// What is started meanwhile has the first core for itself, or all but that one, where there are several.
pub fn on_first_core<T>(is_first: bool, start: impl FnOnce() -> T) -> T {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let all = sched_getaffinity(None).unwrap();
        let first = (0..CpuSet::MAX_CPU).find(|core| all.is_set(*core)).unwrap();
        let (mut one, mut others) = (CpuSet::new(), all);
        one.set(first);
        others.unset(first);
        if others.count() > 0 {
            sched_setaffinity(None, if is_first { &one } else { &others }).unwrap();
        }
        let started = start();
        sched_setaffinity(None, &all).unwrap();
        started
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = is_first;
        start()
    }
}

/// How large a program is as it is packed, without names for debuggers, in bytes.
pub fn stripped_bytes(program: &Path) -> u64 {
    let dir = tempfile::TempDir::new().unwrap();
    let copy = dir.path().join("program");
    std::fs::copy(program, &copy).unwrap();
    assert!(Command::new("strip").arg(&copy).status().unwrap().success());
    std::fs::metadata(&copy).unwrap().len()
}
