//! Is a relay fit to take rooms?

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use cluster::Redis;
use jiff::Timestamp;
use store::Store;

use crate::tls::PageCertificate;

/// Under which name the store has when a relay was last called ready, in milliseconds since 1970.
const LAST: &str = "relay.ready_ms";

/// So much a clock may be set back without anybody being told: a second that is corrected by the network's time.
const BACK_MS: i64 = 60_000;

/// What readiness is judged by.
#[derive(Clone)]
pub struct Readiness {
    store: Arc<dyn Store>,
    dir: PathBuf,
    least_free_bytes: u64,
    /// The latest that the clock ever showed here, as far as is known.
    latest_ms: Arc<AtomicI64>,
    redis: Option<Arc<Redis>>,
    certificate: Option<PageCertificate>,
}

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    name: &'static str,
    pub is_good: bool,
    /// What is wrong, and what to do.
    words: String,
}

impl Check {
    /// For a page.
    pub fn line(&self) -> String {
        format!("{} {}\n", self.name, self.words)
    }

    fn of(name: &'static str, found: Result<(), String>) -> Self {
        Self {
            name,
            is_good: found.is_ok(),
            words: found.err().unwrap_or_else(|| "ok".to_owned()),
        }
    }
}

impl Readiness {
    /// Of a relay whose rooms are in this directory, where so many bytes have to be free.
    pub fn new(store: Arc<dyn Store>, dir: &Path, least_free_bytes: u64) -> Self {
        let kept = store.setting(LAST).ok().flatten();
        let latest_ms = kept.and_then(|it| it.parse().ok()).unwrap_or(i64::MIN);
        Self {
            store,
            dir: dir.to_owned(),
            least_free_bytes,
            latest_ms: Arc::new(AtomicI64::new(latest_ms)),
            redis: None,
            certificate: None,
        }
    }

    /// The same of a relay that has its rooms with others by a Redis.
    pub fn with_redis(mut self, redis: Option<Arc<Redis>>) -> Self {
        self.redis = redis;
        self
    }

    /// The same of a relay that has a certificate.
    pub fn with_certificate(mut self, certificate: Option<PageCertificate>) -> Self {
        self.certificate = certificate;
        self
    }

    /// Looks at everything. It writes to the disk, and waits for that.
    pub fn look(&self) -> Vec<Check> {
        let now_ms = Timestamp::now().as_millisecond();
        // Told of until it is right again or the relay is started anew, which is how an admin says that it is right now.
        let latest_ms = self.latest_ms.fetch_max(now_ms, Ordering::Relaxed);
        let written = self.store.set_setting(LAST, Some(&now_ms.to_string()));
        let written =
            written.map_err(|error| format!("cannot write: {error}; make space, look at the disk"));
        let mut checks = vec![
            Check::of("store", written),
            Check::of("disk", self.disk()),
            Check::of("clock", clock(now_ms, latest_ms)),
        ];
        if let Some(redis) = &self.redis {
            let health = redis.health();
            let found = match health.is_up {
                true => Ok(()),
                false => Err(format!(
                    "is not to be used: {}; nothing is acknowledged until it is, and rooms go on",
                    health.why
                )),
            };
            checks.push(Check::of("redis", found));
        }
        if let Some(certificate) = &self.certificate {
            let found = certificate.fault().map_or(Ok(()), Err);
            checks.push(Check {
                // Rooms do not need it.
                is_good: true,
                ..Check::of("certificate", found)
            });
        }
        checks
    }

    /// Free for this user where rooms are kept.
    pub fn free_bytes(&self) -> io::Result<u64> {
        #[cfg(unix)]
        {
            let found = rustix::fs::statvfs(&self.dir)?;
            Ok(found.f_bavail.saturating_mul(found.f_frsize))
        }
        #[cfg(not(unix))]
        Err(io::ErrorKind::Unsupported.into())
    }

    fn disk(&self) -> Result<(), String> {
        match self.free_bytes() {
            Ok(free) if free < self.least_free_bytes => Err(format!(
                "has {free} bytes free, and operations.free_bytes asks for {}; make space",
                self.least_free_bytes
            )),
            // Where nobody says how much is free, the store says when nothing is.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Snapshots and invitations are judged by the clock, so one that was set back matters.
fn clock(now_ms: i64, latest_ms: i64) -> Result<(), String> {
    let behind_ms = latest_ms.saturating_sub(now_ms);
    if behind_ms <= BACK_MS {
        return Ok(());
    }
    let behind_s = behind_ms / 1_000;
    Err(format!(
        "is {behind_s} s behind what it was before; set it right (timedatectl), or start the relay anew if it is right now"
    ))
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    fn readiness(store: &Arc<dyn Store>) -> Readiness {
        Readiness::new(store.clone(), &std::env::temp_dir(), 0)
    }

    fn bad(readiness: &Readiness) -> Vec<&'static str> {
        let checks = readiness.look().into_iter();
        checks.filter(|it| !it.is_good).map(|it| it.name).collect()
    }

    #[test]
    fn all_is_good_until_something_is_not() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let mut readiness = readiness(&store);
        assert_eq!(bad(&readiness), [""; 0]);
        readiness.least_free_bytes = u64::MAX;
        assert_eq!(bad(&readiness), ["disk"]);
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_of_until_somebody_says_that_it_is_right() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let later_ms = Timestamp::now().as_millisecond() + 3_600_000;
        let kept = store.set_setting(LAST, Some(&later_ms.to_string()));
        kept.expect("it is kept");
        let before = readiness(&store);
        for _ in 0..2 {
            assert_eq!(bad(&before), ["clock"]);
        }
        assert_eq!(bad(&readiness(&store)), [""; 0], "it was started anew");
        assert_eq!(clock(later_ms - BACK_MS, later_ms), Ok(()));
    }
}
