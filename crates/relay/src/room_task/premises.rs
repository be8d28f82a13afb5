//! What the rooms of a relay have in common.

use std::sync::Arc;

use store::Store;
use tokio::sync::watch;

use crate::{
    access::Access, cluster::Cluster, hosts::Hosts, limits::SharedLimits, metrics::Metrics,
    offences::Offences, readers::Readers, stored_rooms::Unredeemed, usage::Usage,
};

/// What all rooms of a relay look at.
pub(crate) struct Premises {
    pub(crate) access: Access,
    pub(crate) notice: watch::Sender<Notice>,
    pub(crate) readers: Readers,
    pub(crate) unredeemed: Unredeemed,
    pub(crate) limits: SharedLimits,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) offences: Offences,
    pub(crate) metrics: Metrics,
    pub(crate) usage: Usage,
    pub(crate) cluster: Option<Arc<dyn Cluster>>,
}

/// What all of them are told at once.
pub(crate) struct Notice {
    /// Whose rooms are kept.
    pub(crate) hosts: Hosts,
    /// Each ends as soon as everything is on disk.
    pub(crate) is_closing: bool,
}
