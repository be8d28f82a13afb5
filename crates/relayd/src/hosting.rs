//! Who hosts rooms here by a token: a file in the data directory, written by `invite` and `tokens`, and by the relay when
//! somebody comes.

mod file;
mod ledger;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use relay::{Hosts, NotRedeemed, Redeemer};
use tokio::time;
use trust::{DeviceId, hosting::HostingToken};

use crate::audit::{self, Deed};

pub use self::{
    file::{Stamp, change, read},
    ledger::{Ledger, State, Terms, Token},
};

/// Between two looks at the file: what an admin changes holds within that time.
const LOOK: Duration = Duration::from_millis(500);

/// Whose rooms are kept: those of the devices in the configuration, and of those that came with a token.
#[derive(Clone)]
pub struct Hosting {
    dir: PathBuf,
    configured: Arc<Mutex<Hosts>>,
}

impl Hosting {
    /// By the file in this directory.
    pub fn new(dir: &Path, configured: Hosts) -> Self {
        Self {
            dir: dir.to_owned(),
            configured: Arc::new(Mutex::new(configured)),
        }
    }

    /// The configuration names these from now on.
    pub fn configure(&self, hosts: Hosts) {
        *self
            .configured
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    /// Everybody who may host rooms now.
    pub fn hosts(&self) -> Hosts {
        match read(&self.dir) {
            Ok(ledger) => self.with(&ledger),
            Err(failure) => {
                tracing::error!(code = failure.code, %failure, "nobody hosts rooms by a token");
                self.with(&Ledger::default())
            }
        }
    }

    /// Whether nobody hosts rooms, and nobody can come to do so.
    pub fn is_closed(&self) -> bool {
        let is_waiting = read(&self.dir).is_ok_and(|ledger| ledger.is_waiting(Timestamp::now()));
        self.hosts().is_nobody() && !is_waiting
    }

    fn with(&self, ledger: &Ledger) -> Hosts {
        let configured = self
            .configured
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*configured {
            Hosts::Everybody => Hosts::Everybody,
            Hosts::Owners(owners) => {
                let hosts: BTreeSet<DeviceId> =
                    owners.iter().copied().chain(ledger.hosts()).collect();
                Hosts::Owners(hosts)
            }
        }
    }

    /// Tells of everybody who may host rooms, whenever the file has changed, for ever.
    pub async fn follow(self, tell: impl Fn(Hosts)) {
        let mut seen = Stamp::of(&self.dir);
        let mut look = time::interval(LOOK);
        loop {
            look.tick().await;
            let now = Stamp::of(&self.dir);
            if now != seen {
                seen = now;
                tell(self.hosts());
            }
        }
    }
}

impl Redeemer for Hosting {
    fn redeem(&self, token: &HostingToken, device: DeviceId) -> Result<Hosts, NotRedeemed> {
        let redeemed = change(&self.dir, |ledger| {
            ledger.redeem(&token.digest(), device, Timestamp::now())
        });
        match redeemed {
            Ok((ledger, Ok(id))) => {
                tracing::info!(%device, token = id, "hosts rooms from now on");
                let (token, device) = (&id, &device.to_string());
                audit::note(&self.dir, Deed::TokenRedeemed { token, device });
                Ok(self.with(&ledger))
            }
            Ok((_, Err(why))) => Err(why),
            Err(failure) => {
                tracing::error!(code = failure.code, %failure, "cannot look at a token");
                Err(NotRedeemed::Unavailable)
            }
        }
    }
}
