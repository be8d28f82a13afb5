//! Announcing this device.

use mdns_sd::{ServiceDaemon, ServiceInfo};
use tokio::sync::watch;

use crate::start::{DiscoveryError, Live};
use crate::task::Task;
use crate::{Announcement, SERVICE};

/// This device is announced as long as this is held. Dropping it says goodbye.
#[must_use = "dropping it withdraws the announcement"]
pub struct Announced {
    /// Nothing if discovery is off.
    _task: Option<Task>,
}

/// What has to be taken back.
struct Registration {
    daemon: ServiceDaemon,
    service: ServiceInfo,
}

pub fn begin(live: Option<&Live>, announcement: Announcement) -> Result<Announced, DiscoveryError> {
    let Some(live) = live else {
        return Ok(Announced { _task: None });
    };
    let registration = Registration {
        daemon: live.daemon.clone(),
        service: service(announcement)?,
    };
    registration.register()?;
    let task = Task::spawn(keep(registration, live.renewals.clone()));
    Ok(Announced { _task: Some(task) })
}

/// Names are made of the device prefix: those of machine and user stay here.
fn service(announcement: Announcement) -> Result<ServiceInfo, DiscoveryError> {
    let instance = announcement.device.to_string();
    let host = format!("talus-{instance}.local.");
    let properties = announcement.encode();
    let no_address = "";
    let service = ServiceInfo::new(
        SERVICE,
        &instance,
        &host,
        no_address,
        announcement.port,
        &properties[..],
    )?;
    // Each interface announces its own addresses, also those it gets later.
    Ok(service.enable_addr_auto())
}

async fn keep(registration: Registration, mut renewals: watch::Receiver<()>) {
    while renewals.changed().await.is_ok() {
        if let Err(error) = registration.register() {
            tracing::debug!(%error, "cannot announce again");
        }
    }
}

impl Registration {
    fn register(&self) -> Result<(), DiscoveryError> {
        Ok(self.daemon.register(self.service.clone())?)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // If mDNS has ended, it has said goodbye.
        let _withdrawn = self.daemon.unregister(self.service.get_fullname());
    }
}
