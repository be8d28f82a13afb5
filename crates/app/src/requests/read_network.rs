//! Where this machine is, and on which networks.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::surroundings::{Network, interfaces};

/// As it is now.
pub(super) fn call(app: &Inner) -> Result<Reply, Failure> {
    let network = app.network()?;
    let addresses = network.addresses();
    Ok(Reply::Network(Network {
        addresses: addresses.iter().map(ToString::to_string).collect(),
        port: network.port(),
        missed_port: network.missed_port(),
        is_port_given: network.is_port_given(),
        is_local: network.is_loopback(),
        may_discover: network.may_discover(),
        interfaces: interfaces(discovery::interfaces()),
    }))
}
