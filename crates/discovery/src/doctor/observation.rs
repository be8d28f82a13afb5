//! What can be seen.

use std::net::SocketAddr;

use crate::Interface;

/// One thing that was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// The addresses of this machine. Comes first: other judgements need it.
    Interfaces(Vec<Interface>),
    /// Which firewall program is on. Comes second.
    Firewall(Firewall),
    /// What came of dialling oneself.
    Own {
        /// The address of this machine.
        at: SocketAddr,
        /// What came of it.
        outcome: Outcome,
    },
    /// What came of sending a query to everybody.
    Echo {
        /// The interface it left by.
        interface: String,
        /// What came of it.
        echo: Echo,
    },
    /// What came of dialling the peer.
    Peer {
        /// Where it should be.
        at: SocketAddr,
        /// What came of it.
        outcome: Outcome,
    },
}

/// A firewall program, as far as anybody may see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Firewall {
    /// None was seen, which does not say that there is none.
    Unseen,
    /// `ufw`, as on Ubuntu.
    Ufw,
    /// `firewalld`, as on Fedora.
    Firewalld,
}

/// What came of a TCP connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was accepted.
    Answered,
    /// A machine said that nothing listens there.
    Refused,
    /// Nothing came back.
    Silent,
    /// There is no way there, or no machine at the end of it.
    Unreachable,
    /// This machine forbids it.
    Forbidden,
    /// Something else, in the system's words.
    Failed(String),
}

/// What came of a multicast query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Echo {
    /// It came back, as it should, and so many others were heard meanwhile.
    Heard {
        /// How many.
        others: usize,
    },
    /// It did not come back.
    Silent,
    /// Another program keeps the port for itself.
    PortTaken,
    /// It could not be sent, in the system's words.
    Failed(String),
}
