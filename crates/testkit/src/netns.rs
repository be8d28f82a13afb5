//! Machines joined by wires, made of network namespaces: real sockets, real multicast, nothing of the host's network.
//!
//! A [`Lab`] has *machines* and *wires*. A wire is a switch that two or more machines are plugged into; only machines
//! on one wire reach each other. Behind it, each machine is a namespace, and one more namespace holds a bridge per
//! wire, so that a cable can be pulled ([`Cut::Unplugged`]: both ends see it) or fall silent ([`Cut::Silent`]: packets
//! vanish, nobody is told) without anything but `ip`.
//!
//! ```no_run
//! # use testkit::netns::{Cut, Lab};
//! // None, with the reason printed, where one may not make namespaces; as root that is a failure.
//! let Some(lab) = Lab::chain(&["ana", "c", "d", "ben"]) else { return };
//! let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
//! let listener = ana.run(|| std::net::TcpListener::bind("0.0.0.0:0")).expect("a port");
//! let tokio = ben.tokio();                  // every task of it is on ben's network
//! lab.cut("c", "d", Cut::Silent);
//! lab.mend("c", "d");
//! let relay = ben.command("tally-relay");   // a program of its own on ben's network
//! ```
//!
//! Sockets belong to the machine whose thread made them and may be used anywhere. Dropping the lab removes it, in a
//! panic too; what a killed test left behind is removed by the next lab that is made.

mod ip;
mod lab;
mod machine;
mod namespace;
mod sniffer;

pub use self::{
    lab::{Cut, Lab},
    machine::{Machine, Tokio},
    sniffer::{Datagram, Sniffer},
};
