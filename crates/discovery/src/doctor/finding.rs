//! What is told.

/// How it stands with one thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Status {
    /// As it should be.
    Ok,
    /// This cannot be known from here, or could not be found out in time.
    Unknown,
    /// It works, and may not for everybody.
    Warn,
    /// This is why it does not work.
    Fail,
}

/// Declares the codes with their names, so that none is without.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal,)*) => {
        /// What a finding is about. Names never change: people search for them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The name, for diagnostics and programs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }
        }
    };
}

codes! {
    /// Discovery is switched off.
    DiscoveryOff = "discovery-off",
    /// Discovery is kept to this machine.
    DiscoveryLocal = "discovery-local",
    /// An interface that was chosen is not there.
    InterfaceMissing = "interface-missing",
    /// There is a network.
    Network = "network",
    /// There is no network.
    NoNetwork = "no-network",
    /// There are only tunnels and networks of containers.
    OnlyVirtual = "only-virtual",
    /// A tunnel is open beside the network.
    VpnOpen = "vpn-open",
    /// This instance answers at its own address.
    PortOpen = "port-open",
    /// It does not.
    PortClosed = "port-closed",
    /// Its answer is swallowed on this machine.
    PortBlocked = "port-blocked",
    /// Multicast leaves and arrives.
    Multicast = "multicast",
    /// Multicast does not arrive.
    MulticastSilent = "multicast-silent",
    /// Another program keeps the port of mDNS for itself.
    MulticastPortTaken = "multicast-port-taken",
    /// Others were heard.
    OthersHeard = "others-heard",
    /// Nobody was heard.
    NobodyHeard = "nobody-heard",
    /// A firewall is on.
    FirewallOn = "firewall-on",
    /// The peer answers.
    PeerAnswers = "peer-answers",
    /// Its machine is there and nothing listens.
    PeerRefuses = "peer-refuses",
    /// mDNS gets through to it and TCP does not.
    PeerIsolated = "peer-isolated",
    /// It is in this network and does not answer.
    PeerSilent = "peer-silent",
    /// No machine has its address.
    PeerAbsent = "peer-absent",
    /// It is in another network and does not answer.
    PeerElsewhere = "peer-elsewhere",
    /// This machine forbids to connect.
    PeerForbidden = "peer-forbidden",
    /// It has no address, or an attempt failed strangely.
    PeerUnknown = "peer-unknown",
    /// Some of it could not be found out in time.
    Unfinished = "unfinished",
}

/// One thing that was found out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// How it stands.
    pub status: Status,
    /// What was seen, in a sentence.
    pub message: String,
    /// What a person can do, in sentences; nothing if there is nothing to do.
    pub advice: Option<String>,
}

/// Something that is as it should be.
pub(super) fn fine(code: Code, message: impl Into<String>) -> Finding {
    Finding {
        code,
        status: Status::Ok,
        message: message.into(),
        advice: None,
    }
}

/// Something that a person may want to change.
pub(super) fn finding(
    code: Code,
    status: Status,
    message: impl Into<String>,
    advice: impl Into<String>,
) -> Finding {
    Finding {
        code,
        status,
        message: message.into(),
        advice: Some(advice.into()),
    }
}

/// All that was found out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// In the order in which it was known.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How it stands altogether.
    pub fn status(&self) -> Status {
        let worst = self.findings.iter().map(|finding| finding.status).max();
        worst.unwrap_or(Status::Unknown)
    }
}
