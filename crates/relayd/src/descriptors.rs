//! How many files and sockets the system lets this process have.

/// What is open besides connections: the store, listeners, the log.
const OWN: u64 = 64;

/// Raises the limit as far as the system lets everybody do that himself: what a shell or a service starts with is often 1,024.
pub fn raise() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        // Some systems refuse what they themselves name as the most; then it stays as it is, and `judge` says so.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// As many as there may be at once, if that is limited and the system says so.
pub fn most() -> Option<u64> {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    None
}

/// Says so in the log if so many connections will never be reached.
pub fn judge(connections: usize) {
    if let Some(advice) = most().and_then(|most| advice(most, connections)) {
        tracing::warn!("{advice}");
    }
}

fn advice(most: u64, connections: usize) -> Option<String> {
    let needed = (connections as u64).saturating_add(OWN);
    (most < needed).then(|| {
        format!(
            "the system lets this process have {most} files and sockets at once, too few for limits.connections = \
             {connections}; allow it {needed} (LimitNOFILE of the service, `ulimit -n` in a shell), or lower that limit"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_has_to_be_one_for_each_connection_and_some_besides() {
        assert_eq!(advice(1_064, 1_000), None);
        let advice = advice(1_063, 1_000).unwrap_or_default();
        assert!(
            advice.contains("have 1063 files") && advice.contains("allow it 1064"),
            "{advice}"
        );
    }
}
