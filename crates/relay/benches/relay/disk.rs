//! How the disk does meanwhile.

use std::{
    fs::File,
    io::{Seek, Write},
    path::Path,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// Between two syncs: few beside those of a relay at work.
const PAUSE: Duration = Duration::from_millis(50);

/// Does something, and says with it how many milliseconds the longest sync of 4 KiB in that folder took meanwhile. Whoever
/// keeps a journal there waits as long.
pub fn longest_sync<T>(dir: &Path, during: impl FnOnce() -> T) -> (T, f64) {
    let mut file = File::create(dir.join("synced-meanwhile")).unwrap();
    let (end, ended) = channel::<()>();
    thread::scope(|scope| {
        let syncing = scope.spawn(move || {
            let mut longest_ms = 0.0_f64;
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                let begin = Instant::now();
                file.rewind().unwrap();
                file.write_all(&[7; 4_096]).unwrap();
                file.sync_data().unwrap();
                longest_ms = longest_ms.max(begin.elapsed().as_secs_f64() * 1e3);
            }
            longest_ms
        });
        let value = during();
        drop(end);
        (value, syncing.join().unwrap())
    })
}
