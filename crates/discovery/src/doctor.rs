//! Why one instance does not find or reach another, as data for a window and a terminal.
//!
//! [`examine`] looks at this machine's interfaces, connects to its own port, listens for its own multicast and dials a
//! peer's addresses. What it saw are [`Observation`]s; [`Judge`], which is pure, makes [`Finding`]s of them, each as soon as
//! it is known. All of it takes [`LIMIT`] at most and ends when the [`Examination`] is dropped.
//!
//! It cannot see what only others see: that a port answers on this machine does not mean that a firewall lets others in,
//! and it says so.

mod advice;
mod examination;
mod finding;
mod firewall;
mod judge;
mod multicast;
mod observation;
mod plan;

use std::net::SocketAddr;

use crate::Interfaces;

pub use self::{
    advice::Platform,
    examination::{Examination, LIMIT, examine},
    finding::{Code, Finding, Report, Status},
    judge::Judge,
    observation::{Echo, Firewall, Observation, Outcome},
};

/// What is to be examined.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The interfaces that discovery uses.
    pub interfaces: Interfaces,
    /// The TCP port that this instance listens on, if it does.
    pub port: Option<u16>,
    /// The peer that is not reached, if it is about one.
    pub peer: Option<Suspect>,
}

/// A peer that is not reached.
#[derive(Clone, Debug, Default)]
pub struct Suspect {
    /// Where it should be, as it was found or typed.
    pub addresses: Vec<SocketAddr>,
    /// Whether mDNS sees it now.
    pub is_seen: bool,
}
