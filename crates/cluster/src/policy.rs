//! Whether a Redis keeps what it was given.

use std::fmt;

/// What a Redis says of how it keeps things; nothing where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) appendonly: Option<String>,
    pub(crate) appendfsync: Option<String>,
    pub(crate) maxmemory_policy: Option<String>,
}

/// Why rooms cannot be kept in a Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It keeps nothing on disk as it comes.
    AppendOnly,
    /// It answers before it has synced.
    AppendFsync,
    /// It throws things out when it is full.
    Eviction,
}

impl Flaw {
    /// The setting of Redis that mends it.
    pub fn mend(self) -> &'static str {
        match self {
            Self::AppendOnly => "appendonly yes",
            Self::AppendFsync => "appendfsync always",
            Self::Eviction => "maxmemory-policy noeviction",
        }
    }
}

/// Why a Redis is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// The address makes no sense.
    #[error("is no address of a Redis, such as redis://127.0.0.1:6379 ({0})")]
    Address(String),
    /// What is to vouch for it cannot be read.
    #[error("cannot be vouched for by these authorities ({0})")]
    Authorities(String),
    /// It would lose what it was given.
    #[error("would lose rooms; put into its configuration, and restart it: {}", Mends(.0))]
    Policy(Vec<Flaw>),
    /// It does not answer, or not as it should.
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
}

struct Mends<'a>(&'a [Flaw]);

impl fmt::Display for Mends<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mends: Vec<_> = self.0.iter().map(|flaw| flaw.mend()).collect();
        f.write_str(&mends.join(", "))
    }
}

impl Policy {
    /// What of it loses rooms. What Redis does not say is not held against it.
    pub(crate) fn flaws(&self) -> Vec<Flaw> {
        let wrong = |said: &Option<String>, good: &str, flaw| {
            let is_wrong = said.as_ref().is_some_and(|said| said != good);
            is_wrong.then_some(flaw)
        };
        [
            wrong(&self.appendonly, "yes", Flaw::AppendOnly),
            wrong(&self.appendfsync, "always", Flaw::AppendFsync),
            wrong(&self.maxmemory_policy, "noeviction", Flaw::Eviction),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether Redis has told everything.
    pub(crate) fn is_told(&self) -> bool {
        self.appendonly.is_some() && self.appendfsync.is_some() && self.maxmemory_policy.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(appendonly: &str, appendfsync: &str, eviction: &str) -> Policy {
        Policy {
            appendonly: Some(appendonly.to_owned()),
            appendfsync: Some(appendfsync.to_owned()),
            maxmemory_policy: Some(eviction.to_owned()),
        }
    }

    #[test]
    fn a_redis_that_syncs_and_keeps_is_good() {
        assert_eq!(policy("yes", "always", "noeviction").flaws(), []);
    }

    #[test]
    fn whatever_loses_rooms_is_named_with_what_mends_it() {
        let flaws = policy("no", "everysec", "allkeys-lru").flaws();
        assert_eq!(flaws, [Flaw::AppendOnly, Flaw::AppendFsync, Flaw::Eviction]);
        let words = NotUsable::Policy(flaws).to_string();
        for setting in ["appendonly yes", "appendfsync always", "noeviction"] {
            assert!(words.contains(setting), "{words}");
        }
    }

    #[test]
    fn what_is_not_told_is_no_flaw() {
        let silent = Policy::default();
        assert!(silent.flaws().is_empty() && !silent.is_told());
    }
}
