//! The tokens that let programs in: what each may do, for which project, and until when.
//!
//! Of a token that was given out only the BLAKE3 hash is kept. A secret has 256 bits, so neither a salt nor a slow hash
//! would add anything (RFC 6750 leaves this to the server). The token of the data directory is one of them: it may do
//! everything, and lasts as long as its file.

mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use app::request::ProjectId;
use governor::{DefaultDirectRateLimiter, Quota};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};
use utoipa::ToSchema;

use self::file::{Kept, TokenFile};
use crate::problem::Problem;
use crate::server::Limits;
use crate::token::Secret;

/// Tokens at once, those that have ended included. One costs 1 kB.
const TOKENS: usize = 1_000;
/// Longest time between looks at the clock, which somebody may set.
const LOOK: Duration = Duration::from_secs(60);
/// Begins every secret, so that it is recognised where it should not be.
const PREFIX: &str = "tally_";

/// How much a token permits; each includes the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// Read and hear.
    Read,
    /// Change projects.
    Write,
    /// Delete for ever, give out tokens, and read the audit log.
    Admin,
}

impl Scope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// A token to be given out.
pub(crate) struct NewToken {
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) project: Option<ProjectId>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A token, and what its clients are using now.
pub(crate) struct Token {
    /// Names it without betraying it: the beginning of its hash.
    pub(crate) id: String,
    hash: blake3::Hash,
    /// What it is called.
    pub(crate) name: String,
    pub(crate) scope: Scope,
    /// The only project that it is for; none: all.
    pub(crate) project: Option<ProjectId>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    revoked_at: OnceLock<Timestamp>,
    /// Whether its connections have been cut.
    is_cut: AtomicBool,
    limiter: DefaultDirectRateLimiter,
    /// Socket.IO connections of it.
    connections: Count,
    /// Sessions that it made.
    sessions: Count,
    /// Room for bodies, in bytes.
    bodies: Arc<Semaphore>,
}

/// How many there are of one kind of thing.
type Count = Arc<AtomicUsize>;

impl Token {
    fn of(kept: Kept, allowed: Allowed) -> Self {
        let revoked_at = OnceLock::new();
        if let Some(at) = kept.revoked_at {
            revoked_at.get_or_init(|| at);
        }
        Self {
            id: kept.hash.to_hex()[..16].to_owned(),
            hash: kept.hash,
            name: kept.name,
            scope: kept.scope,
            project: kept.project,
            created_at: kept.created_at,
            expires_at: kept.expires_at,
            revoked_at,
            is_cut: AtomicBool::new(false),
            limiter: DefaultDirectRateLimiter::direct(allowed.quota),
            connections: Count::default(),
            sessions: Count::default(),
            bodies: Arc::new(Semaphore::new(allowed.bodies_bytes)),
        }
    }

    pub(crate) fn revoked_at(&self) -> Option<Timestamp> {
        self.revoked_at.get().copied()
    }

    /// Why it lets nobody in any more.
    pub(crate) fn end(&self, now: Timestamp) -> Option<Problem> {
        if self.revoked_at.get().is_some() {
            return Some(Problem::new("TOKEN_REVOKED", "The token was revoked."));
        }
        let is_over = self.expires_at.is_some_and(|at| at <= now);
        is_over.then(|| Problem::new("TOKEN_EXPIRED", "The token has expired."))
    }

    pub(crate) fn is_too_fast(&self) -> bool {
        self.limiter.check().is_err()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Room for bodies.
    pub(crate) fn bodies(&self) -> &Arc<Semaphore> {
        &self.bodies
    }

    /// A place for one more connection, if there are fewer than so many.
    pub(crate) fn connect(self: &Arc<Self>, most: usize) -> Option<Place> {
        Place::take(self, &self.connections, most)
    }

    /// A place for one more session, if there are fewer than so many.
    pub(crate) fn begin(self: &Arc<Self>, most: usize) -> Option<Place> {
        Place::take(self, &self.sessions, most)
    }

    fn kept(&self) -> Kept {
        Kept {
            name: self.name.clone(),
            hash: self.hash,
            scope: self.scope,
            project: self.project,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at(),
        }
    }
}

/// The place of one thing among those of its token, until it is dropped.
pub(crate) struct Place {
    token: Arc<Token>,
    among: Count,
}

impl Place {
    fn take(token: &Arc<Token>, among: &Count, most: usize) -> Option<Self> {
        let place = Self {
            token: Arc::clone(token),
            among: Arc::clone(among),
        };
        let others = among.fetch_add(1, Ordering::Relaxed);
        // Dropping the place takes it back.
        (others < most).then_some(place)
    }

    pub(crate) fn token(&self) -> &Arc<Token> {
        &self.token
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.among.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What each token may use.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    quota: Quota,
    bodies_bytes: usize,
}

/// All tokens of an installation.
pub(crate) struct Tokens {
    own: Arc<Token>,
    allowed: Allowed,
    file: TokenFile,
    given: RwLock<BTreeMap<[u8; 32], Arc<Token>>>,
    changed: watch::Sender<()>,
}

impl Tokens {
    /// Those of a data directory, of which each may use so much.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn open(folder: &Path, own: &Secret, limits: &Limits) -> io::Result<Self> {
        let allowed = Allowed {
            quota: Quota::per_second(limits.requests_per_s),
            bodies_bytes: limits.bodies_bytes,
        };
        let (file, kept) = TokenFile::open(folder)?;
        let given = kept
            .into_iter()
            .map(|kept| (*kept.hash.as_bytes(), Arc::new(Token::of(kept, allowed))));
        let own = Kept {
            name: crate::TOKEN_FILE.to_owned(),
            hash: own.hash(),
            scope: Scope::Admin,
            project: None,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
        };
        Ok(Self {
            own: Arc::new(Token::of(own, allowed)),
            allowed,
            file,
            given: RwLock::new(given.collect()),
            changed: watch::Sender::new(()),
        })
    }

    /// The token of the data directory.
    pub(crate) fn own(&self) -> &Arc<Token> {
        &self.own
    }

    /// The token that a secret is of, while it lets somebody in.
    pub(crate) fn find(&self, said: &str) -> Result<Arc<Token>, Problem> {
        let hash = blake3::hash(said.as_bytes());
        if hash == self.own.hash {
            return Ok(Arc::clone(&self.own));
        }
        let found = self.read().get(hash.as_bytes()).cloned();
        let found = found.ok_or_else(crate::access::unauthorized)?;
        match found.end(Timestamp::now()) {
            Some(problem) => Err(problem),
            None => Ok(found),
        }
    }

    /// Those that were given out, oldest first.
    pub(crate) fn list(&self) -> Vec<Arc<Token>> {
        let mut list: Vec<_> = self.read().values().cloned().collect();
        list.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        list
    }

    /// Gives one out. It is on disk before its secret is told, which nothing here knows afterwards.
    pub(crate) fn give(&self, new: NewToken) -> Result<(Arc<Token>, Secret), Problem> {
        let secret = Secret::draw(PREFIX).map_err(|error| unwritten(&error))?;
        let now = Timestamp::now();
        let kept = Kept {
            name: new.name,
            hash: secret.hash(),
            scope: new.scope,
            project: new.project,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        let token = Arc::new(Token::of(kept, self.allowed));
        let mut given = self.given.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = given.clone();
        if next.len() >= TOKENS {
            let ended = next.values().filter(|token| token.end(now).is_some());
            let oldest = ended.min_by_key(|token| token.created_at);
            let oldest = oldest.map(|token| *token.hash.as_bytes());
            let oldest = oldest.ok_or_else(|| {
                Problem::new("RATE_LIMITED", "There are too many tokens; revoke some.")
            })?;
            next.remove(&oldest);
        }
        next.insert(*token.hash.as_bytes(), Arc::clone(&token));
        self.file
            .write(next.values().map(|token| token.kept()))
            .map_err(|error| unwritten(&error))?;
        *given = next;
        drop(given);
        self.changed.send_replace(());
        Ok((token, secret))
    }

    /// The one of an id.
    pub(crate) fn named(&self, id: &str) -> Option<Arc<Token>> {
        self.read().values().find(|token| token.id == id).cloned()
    }

    /// Lets nobody in by a token from now on. It is on disk when this returns; if it does not get there, the token has
    /// ended for as long as this process lives all the same.
    pub(crate) fn revoke(&self, token: &Token) -> Result<(), Problem> {
        token.revoked_at.get_or_init(Timestamp::now);
        self.changed.send_replace(());
        let given = self.given.write().unwrap_or_else(PoisonError::into_inner);
        let written = self.file.write(given.values().map(|token| token.kept()));
        written.map_err(|error| unwritten(&error))
    }

    /// Waits until a token lets nobody in, and says why.
    pub(crate) async fn ended(&self, token: &Token) -> Problem {
        let mut changed = self.changed.subscribe();
        loop {
            let now = Timestamp::now();
            if let Some(problem) = token.end(now) {
                return problem;
            }
            wait(&mut changed, now, token.expires_at).await;
        }
    }

    /// Waits until tokens have ended that had not when this was asked before.
    pub(crate) async fn newly_ended(&self) -> Vec<(Arc<Token>, Problem)> {
        let mut changed = self.changed.subscribe();
        loop {
            let now = Timestamp::now();
            let all = self.list();
            let ended = all.iter().filter_map(|token| {
                let problem = token.end(now)?;
                let is_new = !token.is_cut.swap(true, Ordering::Relaxed);
                is_new.then(|| (Arc::clone(token), problem))
            });
            let ended: Vec<_> = ended.collect();
            if !ended.is_empty() {
                return ended;
            }
            let ends = all.iter().filter_map(|token| token.expires_at);
            let next = ends.filter(|at| *at > now).min();
            wait(&mut changed, now, next).await;
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<[u8; 32], Arc<Token>>> {
        self.given.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until tokens differ, a moment has come, or the clock is to be looked at again.
async fn wait(changed: &mut watch::Receiver<()>, now: Timestamp, until: Option<Timestamp>) {
    let left = until.map(|until| until.duration_since(now).unsigned_abs());
    let left = left.unwrap_or(LOOK).min(LOOK);
    // A millisecond more, so that the clock is past the moment then.
    let left = left + Duration::from_millis(1);
    tokio::time::timeout(left, changed.changed()).await.ok();
}

fn unwritten(error: &io::Error) -> Problem {
    Problem::new(
        "DISK_FAILED",
        format!("The tokens could not be written: {error}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Tokens {
        let own = Secret::of(folder, false).expect("it is drawn");
        Tokens::open(folder, &own, &Limits::default()).expect("they are read")
    }

    fn new(name: &str, expires_at: Option<Timestamp>) -> NewToken {
        NewToken {
            name: name.to_owned(),
            scope: Scope::Write,
            project: None,
            expires_at,
        }
    }

    fn code(tokens: &Tokens, secret: &str) -> Option<String> {
        tokens.find(secret).err().map(|problem| problem.code)
    }

    #[test]
    fn a_token_lasts_until_it_is_revoked_and_its_secret_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = open(folder.path());
        let (token, secret) = tokens.give(new("builds", None)).expect("it is written");
        assert_eq!(code(&tokens, secret.text()), None);
        assert_eq!(code(&tokens, "wrong").as_deref(), Some("UNAUTHORIZED"));
        assert_eq!(code(&tokens, &token.id).as_deref(), Some("UNAUTHORIZED"));
        let text = std::fs::read_to_string(folder.path().join("api-tokens")).expect("a file");
        assert!(text.contains("builds") && !text.contains(&secret.text()[6..]));

        let tokens = open(folder.path());
        let found = tokens.find(secret.text()).expect("it is kept");
        assert_eq!((&found.id, found.scope), (&token.id, Scope::Write));
        tokens.revoke(&found).expect("it is written");
        for tokens in [tokens, open(folder.path())] {
            let refused = code(&tokens, secret.text());
            assert_eq!(refused.as_deref(), Some("TOKEN_REVOKED"));
        }
    }

    #[tokio::test]
    async fn a_token_ends_when_its_time_is_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = open(folder.path());
        let soon = Timestamp::now() + Duration::from_millis(50);
        let (token, secret) = tokens
            .give(new("short", Some(soon)))
            .expect("it is written");
        let (_, lasting) = tokens.give(new("long", None)).expect("it is written");
        assert_eq!(tokens.ended(&token).await.code, "TOKEN_EXPIRED");
        let ended = tokens.newly_ended().await;
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].0.name, "short");
        let refused = code(&tokens, secret.text());
        assert_eq!(refused.as_deref(), Some("TOKEN_EXPIRED"));
        assert_eq!(code(&tokens, lasting.text()), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = open(folder.path());
        tokens.give(new("one", None)).expect("it is written");
        let path = folder.path().join("api-tokens");
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
