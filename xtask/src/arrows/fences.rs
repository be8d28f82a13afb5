//! Which of our crates may list which dependencies: what is heavy or touches the world has one door.

use super::layers::CORE;

struct Fence {
    /// Names of packages; one that ends in `*` stands for all that begin so.
    packages: &'static [&'static str],
    holds: Holds,
    why: &'static str,
}

enum Holds {
    /// For everybody but these.
    ExceptFor(&'static [&'static str]),
    /// For these.
    For(&'static [&'static str]),
}

const FENCES: &[Fence] = &[
    Fence {
        packages: &["tauri", "tauri-*", "wry", "tao"],
        holds: Holds::ExceptFor(&["talus-tally"]),
        why: "only src-tauri knows the window",
    },
    Fence {
        packages: &["rusqlite", "libsqlite3-sys"],
        holds: Holds::ExceptFor(&["store"]),
        why: "only store knows where bytes are kept",
    },
    Fence {
        packages: &[
            "dbus-secret-service",
            "keyring-core",
            "apple-native-keyring-store",
            "security-framework",
            "windows-native-keyring-store",
        ],
        holds: Holds::ExceptFor(&["keychain"]),
        why: "only keychain links what the system has for it",
    },
    Fence {
        packages: &["redis"],
        holds: Holds::ExceptFor(&["cluster"]),
        why: "only cluster speaks with Redis",
    },
    Fence {
        packages: &["axum", "axum-*"],
        holds: Holds::ExceptFor(&["relay", "api", "relayd"]),
        why: "only relay, api and relayd serve HTTP",
    },
    Fence {
        packages: &[
            "tokio-tungstenite",
            "tungstenite",
            "rustls",
            "tokio-rustls",
            "rcgen",
        ],
        holds: Holds::ExceptFor(&["relay", "testkit"]),
        why: "relay lends sockets and TLS to the others",
    },
    Fence {
        packages: &["figment"],
        holds: Holds::ExceptFor(&["relayd"]),
        why: "configuration is for programs; libraries take values",
    },
    Fence {
        packages: &["image"],
        holds: Holds::ExceptFor(&["app"]),
        why: "pictures are decoded in one place, where memory is bounded",
    },
    Fence {
        packages: &["mdns-sd"],
        holds: Holds::ExceptFor(&["discovery"]),
        why: "only discovery speaks mDNS",
    },
    Fence {
        packages: &[
            "tokio",
            "tokio-*",
            "futures",
            "futures-*",
            "async-*",
            "smol",
        ],
        holds: Holds::For(CORE),
        why: "the core is synchronous",
    },
    Fence {
        packages: &[
            "chrono",
            "time",
            "instant",
            "web-time",
            "quanta",
            "coarsetime",
        ],
        holds: Holds::For(CORE),
        why: "time arrives as an argument",
    },
    Fence {
        packages: &["rand", "getrandom", "fastrand"],
        holds: Holds::For(CORE),
        why: "randomness arrives as an argument",
    },
    Fence {
        packages: &["anyhow"],
        holds: Holds::For(CORE),
        why: "a library has its own errors",
    },
    Fence {
        packages: &["openssl", "openssl-sys", "native-tls", "tokio-native-tls"],
        holds: Holds::ExceptFor(&[]),
        why: "TLS is rustls",
    },
];

/// Why a crate may not list a package, if it may not.
pub fn refusal(name: &str, package: &str) -> Option<&'static str> {
    let fence = FENCES
        .iter()
        .find(|fence| fence.stands_before(name) && fence.names(package))?;
    Some(fence.why)
}

impl Fence {
    fn stands_before(&self, name: &str) -> bool {
        match self.holds {
            Holds::ExceptFor(names) => !names.contains(&name),
            Holds::For(names) => names.contains(&name),
        }
    }

    fn names(&self, package: &str) -> bool {
        self.packages
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(beginning) => package.starts_with(beginning),
                None => package == *pattern,
            })
    }
}
