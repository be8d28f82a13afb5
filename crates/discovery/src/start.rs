//! The mDNS daemon and what keeps it up to date.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use mdns_sd::{IfKind, IfPredicate, ServiceDaemon};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::announce::{self, Announced};
use crate::browse::{self, Browse};
use crate::interfaces;
use crate::pulse::{BEAT, Pulse};
use crate::task::Task;
use crate::{Announcement, DevicePrefix, Interfaces};

/// How long [`Discovery::close`] waits at most.
pub const CLOSE: Duration = Duration::from_secs(1);

/// mDNS could not be started, or has ended.
#[derive(Debug, thiserror::Error)]
#[error("mDNS is not available")]
pub struct DiscoveryError(#[from] mdns_sd::Error);

/// This machine's part in mDNS on the interfaces that were chosen.
///
/// Dropping it ends everything that was begun with it, and says goodbye in the background; [`close`](Self::close) waits
/// until that is said.
pub struct Discovery {
    /// Nothing if discovery is off.
    live: Option<Live>,
}

/// A daemon that runs.
pub struct Live {
    pub daemon: ServiceDaemon,
    /// Changes whenever everything should be announced and asked again.
    pub renewals: watch::Receiver<()>,
    /// The number of the search that the daemon answers to.
    pub turn: Arc<Mutex<u64>>,
    _watcher: Task,
}

impl Discovery {
    /// Begins to listen on these interfaces, or does nothing at all for [`Interfaces::Off`].
    ///
    /// # Errors
    ///
    /// If there is no thread or poller left. A port that another program keeps for itself is no error; the doctor tells.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn start(interfaces: Interfaces) -> Result<Self, DiscoveryError> {
        if interfaces == Interfaces::Off {
            return Ok(Self { live: None });
        }
        let daemon = ServiceDaemon::new()?;
        let wanted = IfPredicate::new(move |interface| {
            interfaces.include(&interface.name, interface.is_loopback())
        });
        // First none, then those wanted: also of the interfaces that come later.
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(IfKind::Predicate(wanted))?;
        daemon.set_ip_check_interval(BEAT.as_secs() as u32)?;
        let (renew, renewals) = watch::channel(());
        Ok(Self {
            live: Some(Live {
                daemon,
                renewals,
                turn: Arc::default(),
                _watcher: Task::spawn(watch(renew)),
            }),
        })
    }

    /// Announces this device until the returned handle is dropped.
    ///
    /// # Errors
    ///
    /// If mDNS has ended.
    pub fn announce(&self, announcement: Announcement) -> Result<Announced, DiscoveryError> {
        announce::begin(self.live.as_ref(), announcement)
    }

    /// Looks for others, and passes over `own`, until the returned stream is dropped. One that was begun before ends.
    ///
    /// # Errors
    ///
    /// If mDNS has ended.
    pub fn browse(&self, own: Option<DevicePrefix>) -> Result<Browse, DiscoveryError> {
        browse::begin(self.live.as_ref(), own)
    }

    /// Ends everything that was begun with it, and waits, for [`CLOSE`] at most, until goodbye is said.
    pub async fn close(self) {
        let Some(live) = &self.live else { return };
        if let Ok(ended) = live.daemon.shutdown() {
            // Ended, or out of time: there is nothing else to be done.
            let _ended = timeout(CLOSE, ended.recv_async()).await;
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // After a close it has ended already.
        let _ended = self.daemon.shutdown();
    }
}

/// Looks at interfaces and clock from time to time, and tells when the world has moved on.
async fn watch(renew: watch::Sender<()>) {
    let mut pulse = Pulse::new(SystemTime::now(), interfaces::list());
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        let Ok(interfaces) = tokio::task::spawn_blocking(interfaces::list).await else {
            return;
        };
        if pulse.beat(SystemTime::now(), interfaces) {
            tracing::debug!("the network has changed or the machine has slept");
            renew.send_replace(());
        }
    }
}
