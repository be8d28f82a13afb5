//! What an admin may decide, and where each decision was made.

mod file;
mod layers;
mod pages;
mod settings;
mod suggest;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::{net::SocketAddr, path::PathBuf};

use directories::ProjectDirs;
use relay::{Access, Hosts, Limits, Proxies};
use serde::{Deserialize, Serialize};
use trust::{DeviceId, NotAnId};

pub use self::{
    layers::{Flags, Loaded, Place, environment, flag_for, load},
    settings::Setting,
    text::{differing, nobody, print, template, toml_of},
    words::{Bind, LogFormat, Network, Origin, Retention},
};
use crate::{
    failure::{Exit, Failure},
    logging,
};

/// Where a relay listens unless it is told otherwise. Windows take it where somebody types no port.
pub const USUAL_PORT: u16 = 7825;

/// Everything that can be configured. The table of [`SETTINGS`] says what each is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub announce: bool,
    pub plain: bool,
    pub proxies: Vec<Network>,
    pub log: String,
    pub log_format: LogFormat,
    pub retention: Retention,
    pub access: AccessConfig,
    pub limits: LimitsConfig,
    pub operations: OperationsConfig,
    pub admin: AdminConfig,
    pub tls: TlsConfig,
    pub cluster: ClusterConfig,
}

/// By what browsers and Prometheus know the relay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsConfig {
    pub certificate_file: PathBuf,
    pub key_file: PathBuf,
}

/// By what other relays have the same rooms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterConfig {
    pub redis: String,
    pub user: String,
    pub password_file: PathBuf,
    pub authority_file: PathBuf,
}

/// Who may keep rooms here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessConfig {
    pub owners: Vec<Owner>,
    pub anyone: bool,
    pub insecure_lan: bool,
}

/// A device, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Owner(DeviceId);

/// What clients may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitsConfig {
    pub connections: usize,
    pub connections_per_address: usize,
    pub connections_per_device: usize,
    pub memory_bytes: u64,
    pub handshakes_per_s: u64,
    pub messages_per_s: u64,
    pub bytes_per_s: u64,
    pub rooms: usize,
    pub room_bytes: u64,
    pub owner_rooms: usize,
    pub owner_bytes: u64,
    pub attachment_bytes: u64,
}

/// For those who watch the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationsConfig {
    pub listen: Bind,
    pub token_file: PathBuf,
    pub free_bytes: u64,
}

/// For admins with a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminConfig {
    pub listen: Bind,
    pub origin: Origin,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            listen: Bind::Off,
            origin: Origin::default(),
        }
    }
}

impl Default for OperationsConfig {
    fn default() -> Self {
        Self {
            listen: Bind::Off,
            token_file: PathBuf::new(),
            free_bytes: 256 << 20,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], USUAL_PORT)),
            data_dir: own_dirs().map_or_else(PathBuf::new, |it| it.data_dir().to_owned()),
            announce: true,
            plain: false,
            proxies: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            retention: Retention::Never,
            access: AccessConfig::default(),
            limits: LimitsConfig::default(),
            operations: OperationsConfig::default(),
            admin: AdminConfig::default(),
            tls: TlsConfig::default(),
            cluster: ClusterConfig::default(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            connections_per_device: limits.connections_per_device,
            memory_bytes: limits.memory_bytes,
            handshakes_per_s: limits.handshakes_per_s,
            messages_per_s: limits.messages_per_s,
            bytes_per_s: limits.bytes_per_s,
            rooms: limits.rooms,
            room_bytes: limits.room_bytes,
            owner_rooms: limits.owner_rooms,
            owner_bytes: limits.owner_bytes,
            attachment_bytes: limits.blob_bytes,
        }
    }
}

impl TryFrom<String> for Owner {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse().map(Self)
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.0.to_string()
    }
}

impl Config {
    /// Whose links are let in.
    pub fn access(&self) -> Access {
        Access {
            insecure_lan: self.access.insecure_lan,
        }
    }

    /// Who says for whom a connection is.
    pub fn proxies(&self) -> Proxies {
        Proxies::new(self.proxies.iter().map(|it| it.0))
    }

    /// Whose rooms are kept.
    pub fn hosts(&self) -> Hosts {
        match self.access.anyone {
            true => Hosts::Everybody,
            false => Hosts::Owners(self.access.owners.iter().map(|it| it.0).collect()),
        }
    }

    /// What clients may cost.
    pub fn limits(&self) -> Limits {
        let limits = &self.limits;
        Limits {
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            connections_per_device: limits.connections_per_device,
            memory_bytes: limits.memory_bytes,
            handshakes_per_s: limits.handshakes_per_s,
            messages_per_s: limits.messages_per_s,
            bytes_per_s: limits.bytes_per_s,
            rooms: limits.rooms,
            room_bytes: limits.room_bytes,
            owner_rooms: limits.owner_rooms,
            owner_bytes: limits.owner_bytes,
            blob_bytes: limits.attachment_bytes,
            ..Limits::default()
        }
    }

    /// Refuses what cannot be meant together.
    fn check(&self) -> Result<(), Failure> {
        let wrong = |code, message: String| Err(Failure::new(Exit::Config, code, message));
        if self.data_dir.as_os_str().is_empty() {
            let message = "this user has no home; say with --data-dir where rooms are kept";
            return wrong("DATA_DIR_UNKNOWN", message.to_owned());
        }
        self.check_pages()?;
        self.cluster.check()?;
        if self.plain && self.access.insecure_lan {
            let message = "--plain is for this machine alone, and --insecure-lan for others; leave out one of them";
            return wrong("PLAIN_AND_LAN", message.to_owned());
        }
        if self.plain && !self.access().permits_in_the_open(&self.listen) {
            let listen = self.listen;
            return wrong(
                "PLAIN_IN_THE_OPEN",
                format!(
                    "{listen} can be reached by others, and on bare links nothing checks who they are; leave out --plain"
                ),
            );
        }
        logging::filter(&self.log)
            .map(drop)
            .or_else(|why| wrong("LOG_INVALID", why))
    }
}

impl TlsConfig {
    /// Whether there is a certificate with its key.
    pub fn is_on(&self) -> bool {
        self.are_named() == [true, true]
    }

    /// Whether one of the two lacks.
    pub fn is_half(&self) -> bool {
        let [certificate, key] = self.are_named();
        certificate != key
    }

    fn are_named(&self) -> [bool; 2] {
        [&self.certificate_file, &self.key_file].map(|it| !it.as_os_str().is_empty())
    }
}

impl ClusterConfig {
    /// Refuses an access to Redis that tells a password, or lacks something.
    fn check(&self) -> Result<(), Failure> {
        let (code, message) = if self.redis.is_empty() {
            return Ok(());
        } else if self.redis.contains(['@', '?']) {
            let message = "cluster.redis: a password that stands in an address is shown with it; put it into a file, and say with \
                           cluster.user and cluster.password_file who comes and where that is";
            ("REDIS_PASSWORD_SHOWN", message)
        } else if !self.user.is_empty() && self.password_file.as_os_str().is_empty() {
            let message =
                "cluster.user: say with cluster.password_file where that user's password is";
            ("REDIS_PASSWORD_MISSING", message)
        } else if !self.authority_file.as_os_str().is_empty()
            && !self.redis.starts_with("rediss://")
        {
            let message = "cluster.authority_file: only by TLS does anybody vouch for a Redis; begin cluster.redis with rediss://, or \
                           leave the file out";
            ("REDIS_ADDRESS", message)
        } else {
            return Ok(());
        };
        Err(Failure::new(Exit::Config, code, message))
    }
}

/// Where programs of this user keep what.
pub fn own_dirs() -> Option<ProjectDirs> {
    ProjectDirs::from("net", "talustally", "tally-relay")
}
