//! Sessions: rooms in which programs follow one project.
//!
//! A session names a project and whoever has joined. Several may name the same one. A session that nobody is in and that
//! nobody has used for a while is closed; its project stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::request::ProjectId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::event::Spelling;

/// Sessions at once. One costs 300 bytes.
const SESSIONS: usize = 100_000;

/// A client that has joined: its connection, and how it hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) namespace: &'static str,
    pub(crate) spelling: Spelling,
    /// By its own word.
    pub(crate) client: Option<String>,
}

/// One session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) project: Option<ProjectId>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_activity: Timestamp,
    used: Instant,
    /// By the id of the connection.
    pub(crate) members: BTreeMap<String, Member>,
}

#[derive(Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<Uuid, Session>>);

impl Sessions {
    /// A new session; none if there are too many.
    pub(crate) fn create(&self, project: Option<ProjectId>) -> Option<Session> {
        let now = Timestamp::now();
        let session = Session {
            id: Uuid::new_v4(),
            project,
            created_at: now,
            last_activity: now,
            used: Instant::now(),
            members: BTreeMap::new(),
        };
        let mut sessions = self.lock();
        if sessions.len() >= SESSIONS {
            return None;
        }
        sessions.insert(session.id, session.clone());
        Some(session)
    }

    /// A session that is being used now.
    pub(crate) fn using(&self, id: Uuid) -> Option<Session> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&id)?;
        session.last_activity = Timestamp::now();
        session.used = Instant::now();
        Some(session.clone())
    }

    /// All, oldest first.
    pub(crate) fn list(&self) -> Vec<Session> {
        let mut list: Vec<_> = self.lock().values().cloned().collect();
        list.sort_by_key(|session| (session.created_at, session.id));
        list
    }

    pub(crate) fn remove(&self, id: Uuid) -> Option<Session> {
        self.lock().remove(&id)
    }

    /// Closes those that nobody is in and nobody has used for so long; says which.
    pub(crate) fn close_idle(&self, idle: Duration) -> Vec<Session> {
        let mut sessions = self.lock();
        take(&mut sessions, |session| {
            session.members.is_empty() && session.used.elapsed() >= idle
        })
    }

    /// Closes those of a project.
    pub(crate) fn close_of(&self, project: ProjectId) -> Vec<Session> {
        let mut sessions = self.lock();
        take(&mut sessions, |session| session.project == Some(project))
    }

    /// Whether a session is there.
    pub(crate) fn has_session(&self, id: Uuid) -> bool {
        self.lock().contains_key(&id)
    }

    /// Whether a project has one.
    pub(crate) fn has(&self, project: ProjectId) -> bool {
        self.lock()
            .values()
            .any(|session| session.project == Some(project))
    }

    /// Somebody joins. The session afterwards.
    pub(crate) fn join(&self, id: Uuid, connection: String, member: Member) -> Option<Session> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&id)?;
        session.members.insert(connection, member);
        session.last_activity = Timestamp::now();
        session.used = Instant::now();
        Some(session.clone())
    }

    /// Somebody leaves. The session afterwards, if he was in it.
    pub(crate) fn leave(&self, id: Uuid, connection: &str) -> Option<(Session, Member)> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&id)?;
        let member = session.members.remove(connection)?;
        session.used = Instant::now();
        Some((session.clone(), member))
    }

    /// Somebody is gone from everywhere.
    pub(crate) fn leave_all(&self, connection: &str) -> Vec<(Session, Member)> {
        let joined: Vec<Uuid> = {
            let sessions = self.lock();
            let joined = sessions
                .values()
                .filter(|it| it.members.contains_key(connection));
            joined.map(|session| session.id).collect()
        };
        joined
            .into_iter()
            .filter_map(|id| self.leave(id, connection))
            .collect()
    }

    /// The rooms of a project in which anybody is.
    pub(crate) fn rooms_of(&self, project: ProjectId) -> Vec<Room> {
        let sessions = self.lock();
        let of_it = sessions
            .values()
            .filter(|session| session.project == Some(project));
        of_it.flat_map(Session::rooms).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out those of which something holds.
fn take(
    sessions: &mut BTreeMap<Uuid, Session>,
    is_wanted: impl Fn(&Session) -> bool,
) -> Vec<Session> {
    let wanted = sessions.values().filter(|session| is_wanted(session));
    let wanted: Vec<Uuid> = wanted.map(|session| session.id).collect();
    wanted.iter().filter_map(|id| sessions.remove(id)).collect()
}

/// Those of a session who hear in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Room {
    pub(crate) session: Uuid,
    pub(crate) namespace: &'static str,
    pub(crate) spelling: Spelling,
}

impl Room {
    /// Its name within its namespace.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.session, self.spelling.name())
    }
}

impl Session {
    /// The rooms of it in which anybody is.
    pub(crate) fn rooms(&self) -> BTreeSet<Room> {
        let rooms = self.members.values().map(|member| Room {
            session: self.id,
            namespace: member.namespace,
            spelling: member.spelling,
        });
        rooms.collect()
    }
}
