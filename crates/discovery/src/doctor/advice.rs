//! What a person can do, in words that need no knowledge of networks, and per system where it differs.

use super::Firewall;

/// The system that advice is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Platform {
    /// Linux and what resembles it.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The system that this runs on.
    pub fn here() -> Self {
        match std::env::consts::OS {
            "macos" => Self::MacOs,
            "windows" => Self::Windows,
            _ => Self::Linux,
        }
    }
}

/// How to let others in on this machine.
pub fn let_in(platform: Platform, firewall: Firewall, port: Option<u16>) -> String {
    let port = |form: fn(u16) -> String| port.map(form).unwrap_or_default();
    match (platform, firewall) {
        (Platform::MacOs, _) => "Open System Settings, Network, Firewall, Options, and set Talus Tally to \"Allow \
             incoming connections\"."
            .to_owned(),
        (Platform::Windows, _) => {
            "Open Windows Security, Firewall & network protection, \"Allow an app through firewall\", and tick Talus \
             Tally for private networks. Under Settings, Network & internet, set this network to private."
                .to_owned()
        }
        (Platform::Linux, Firewall::Ufw) => format!(
            "Run this in a terminal: sudo ufw allow 5353/udp{}",
            port(|port| format!(" && sudo ufw allow {port}/tcp"))
        ),
        (Platform::Linux, Firewall::Firewalld) => format!(
            "Run this in a terminal: sudo firewall-cmd --permanent --add-service=mdns{} && sudo firewall-cmd --reload",
            port(|port| format!(" --add-port={port}/tcp"))
        ),
        (Platform::Linux, Firewall::Unseen) => format!(
            "If this computer has a firewall, let UDP port 5353{} in.",
            port(|port| format!(" and TCP port {port}"))
        ),
    }
}

/// How to get onto a network.
pub fn connect(platform: Platform) -> &'static str {
    match platform {
        Platform::MacOs => {
            "Join the Wi-Fi that the other computer is in, from the menu bar, or plug in a network cable."
        }
        Platform::Windows => {
            "Join the Wi-Fi that the other computer is in, from the icon beside the clock, or plug in a network cable."
        }
        Platform::Linux => {
            "Join the Wi-Fi that the other computer is in, or plug in a network cable. Two computers joined by one cable \
             are enough."
        }
    }
}

/// How to allow this machine to connect to others.
pub fn let_out(platform: Platform) -> &'static str {
    match platform {
        Platform::MacOs => {
            "Open System Settings, Privacy & Security, Local Network, and switch Talus Tally on."
        }
        Platform::Windows => {
            "A security program on this computer stops Talus Tally from connecting. Allow it there, under outgoing \
             connections."
        }
        Platform::Linux => {
            "A firewall or sandbox on this computer stops Talus Tally from connecting. Allow outgoing connections."
        }
    }
}

/// What makes multicast fail on this machine.
pub fn multicast(platform: Platform, firewall: Firewall) -> String {
    match platform {
        Platform::MacOs => {
            format!("{} Then start Talus Tally again.", let_out(platform))
        }
        Platform::Windows | Platform::Linux => let_in(platform, firewall, None),
    }
}

/// Which programs keep the port of mDNS for themselves.
pub fn port_taken(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => {
            "If this is Avahi, set disallow-other-stacks=no in /etc/avahi/avahi-daemon.conf and restart it. Otherwise \
             type the address of the other computer."
        }
        Platform::MacOs | Platform::Windows => {
            "Close other programs that search the network, or type the address of the other computer."
        }
    }
}
