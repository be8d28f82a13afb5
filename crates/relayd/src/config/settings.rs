//! The table of everything that can be configured: the guide, the file that `init` writes and the checks are made of it.

/// One thing that can be configured.
pub struct Setting {
    /// Its name in the file, with its section before a dot.
    pub key: &'static str,
    /// How it is written.
    pub shape: Shape,
    /// The flag of its own, if it has one; `--set KEY=VALUE` works for all.
    pub flag: Option<&'static str>,
    /// Whether it is taken over on SIGHUP, without a restart.
    pub is_live: bool,
    /// What it is for.
    pub about: &'static str,
}

/// How a value is written where everything is text: in the environment and in flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As it is.
    Text,
    /// `true` or `false`.
    Switch,
    /// A whole number, at least and at most.
    Number(u64, u64),
    /// Texts with commas between them.
    List,
}

impl Shape {
    /// What it takes, for a sentence.
    pub fn words(self) -> String {
        let words = match self {
            Self::Text => "a text",
            Self::Switch => "true or false",
            Self::Number(least, most) => return format!("a whole number from {least} to {most}"),
            Self::List => "a list of texts",
        };
        words.to_owned()
    }
}

/// As many bytes as no disk has (a pebibyte), and as every program that reads such a file can count.
const MOST_BYTES: u64 = 1 << 50;

/// So many of something, in all or in a second; with none of it nobody would be served.
const MANY: Shape = Shape::Number(1, 1_000_000);
const BYTES: Shape = Shape::Number(1, MOST_BYTES);
const BYTES_OR_NONE: Shape = Shape::Number(0, MOST_BYTES);

/// In the order of the file: what has no section first.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        shape: Shape::Text,
        flag: Some("--listen"),
        is_live: false,
        about: "address and port; by default only this machine reaches it. 127.0.0.1 and 0.0.0.0 stand for IPv6 too",
    },
    Setting {
        key: "data_dir",
        shape: Shape::Text,
        flag: Some("--data-dir"),
        is_live: false,
        about: "where rooms and the relay's key are kept; one process at a time uses it",
    },
    Setting {
        key: "announce",
        shape: Shape::Switch,
        flag: Some("--no-announce"),
        is_live: false,
        about: "tell the network by mDNS that it is here; on loopback it never does",
    },
    Setting {
        key: "plain",
        shape: Shape::Switch,
        flag: Some("--plain"),
        is_live: false,
        about: "serve bare links, on loopback only: for tests",
    },
    Setting {
        key: "proxies",
        shape: Shape::List,
        flag: None,
        is_live: false,
        about: "proxies in front of the relay, such as 127.0.0.1 or 10.0.0.0/8: they have to say by the PROXY protocol who comes, and nobody else may",
    },
    Setting {
        key: "log",
        shape: Shape::Text,
        flag: Some("--log"),
        is_live: true,
        about: "how much it says: off, error, warn, info, debug or trace, also by part, such as warn,relay=debug",
    },
    Setting {
        key: "log_format",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "text for people, or json for programs: an object on each line",
    },
    Setting {
        key: "retention",
        shape: Shape::Text,
        flag: None,
        is_live: true,
        about: "for how long a room is kept that nobody visits, such as 90d, or never: then it is removed with all it has",
    },
    Setting {
        key: "access.owners",
        shape: Shape::List,
        flag: Some("--owner"),
        is_live: true,
        about: "devices whose owners' projects are kept here: a room is kept as long as one of its owners is among them",
    },
    Setting {
        key: "access.anyone",
        shape: Shape::Switch,
        flag: Some("--anyone"),
        is_live: true,
        about: "keep everybody's rooms, whoever owns them",
    },
    Setting {
        key: "access.insecure_lan",
        shape: Shape::Switch,
        flag: Some("--insecure-lan"),
        is_live: false,
        about: "let others on the network into open rooms, too: for demonstrations",
    },
    Setting {
        key: "limits.connections",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "connections at once",
    },
    Setting {
        key: "limits.connections_per_address",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "connections at once from one address, this machine's own programs apart",
    },
    Setting {
        key: "limits.connections_per_device",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "connections at once of one device; it has one for each open project",
    },
    Setting {
        key: "limits.memory_bytes",
        shape: BYTES_OR_NONE,
        flag: None,
        is_live: true,
        about: "bytes of memory above which nobody new is let in, rather than that the system ends the relay; 0 for no limit, on Linux",
    },
    Setting {
        key: "limits.handshakes_per_s",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "new connections a second",
    },
    Setting {
        key: "limits.messages_per_s",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "messages a second on one link, with 4 s worth at once; above that it is read more slowly",
    },
    Setting {
        key: "limits.bytes_per_s",
        shape: Shape::Number(64 << 10, MOST_BYTES),
        flag: None,
        is_live: true,
        about: "bytes a second on one link, in the same way; a message may have 16 MiB, so with less than 64 KiB one could wait for minutes",
    },
    Setting {
        key: "limits.rooms",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "rooms open at once",
    },
    Setting {
        key: "limits.room_bytes",
        shape: BYTES,
        flag: None,
        is_live: true,
        about: "bytes of changes kept for one room; attachments are counted apart",
    },
    Setting {
        key: "limits.owner_rooms",
        shape: MANY,
        flag: None,
        is_live: true,
        about: "rooms kept for one owner; one of several owners pays, the first that may keep rooms here",
    },
    Setting {
        key: "limits.owner_bytes",
        shape: BYTES,
        flag: None,
        is_live: true,
        about: "bytes of changes kept for one owner in all her rooms together",
    },
    Setting {
        key: "limits.attachment_bytes",
        shape: BYTES_OR_NONE,
        flag: None,
        is_live: true,
        about: "bytes of attachments kept for one room; from when it is next opened",
    },
    Setting {
        key: "operations.listen",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "where /metrics, /livez and /readyz are, such as 127.0.0.1:7826; or off. Others reach it only with a certificate and a token",
    },
    Setting {
        key: "operations.token_file",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "a file with a token that whoever asks there has to send; empty if nobody has to. On SIGHUP it is read again",
    },
    Setting {
        key: "operations.free_bytes",
        shape: BYTES_OR_NONE,
        flag: None,
        is_live: false,
        about: "bytes that have to be free on the disk for the relay to be called ready",
    },
    Setting {
        key: "admin.listen",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "where the page for admins is, such as 127.0.0.1:7828; or off. Others reach it only with a certificate",
    },
    Setting {
        key: "admin.origin",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "how browsers find that page by a certificate or a proxy, such as https://relay.example:7828; or nothing",
    },
    Setting {
        key: "tls.certificate_file",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "a certificate (PEM) with those that vouch for it, by which both of these speak TLS; empty for none. On SIGHUP it is read again",
    },
    Setting {
        key: "tls.key_file",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "its secret key (PEM), which not everybody may read. On SIGHUP it is read again",
    },
    Setting {
        key: "cluster.redis",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "the Redis or Valkey by which several relays have the same rooms, such as redis://10.0.0.5:6379, or rediss://... by TLS; empty for none",
    },
    Setting {
        key: "cluster.user",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "as which user of its ACL; empty for the one without a name",
    },
    Setting {
        key: "cluster.password_file",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "a file with its password in the first line, if it wants one",
    },
    Setting {
        key: "cluster.authority_file",
        shape: Shape::Text,
        flag: None,
        is_live: false,
        about: "by TLS: a file with certificates (PEM) of the authorities that vouch for it; empty for those that this machine trusts",
    },
];

impl Setting {
    /// The one of this name.
    pub fn of(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|it| it.key == key)
    }

    /// The one that this variable is for.
    pub fn of_variable(variable: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|it| it.variable() == variable)
    }

    /// Its name in the environment.
    pub fn variable(&self) -> String {
        let name = self.key.replace('.', "_").to_uppercase();
        format!("TALLY_RELAY_{name}")
    }

    /// Its section, or an empty text, and its name there.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.key.split_once('.').unwrap_or(("", self.key))
    }
}
