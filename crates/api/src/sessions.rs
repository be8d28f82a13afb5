//! Sessions: rooms in which programs follow one project.
//!
//! A session names a project and whoever has joined. Several may name the same one. A session that nobody is in and that
//! nobody has used for a while is closed; its project stays as it is.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::request::ProjectId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::event::Spelling;
use crate::tokens::Place;

/// Sessions at once. One costs 500 bytes.
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
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) project: Option<ProjectId>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_activity: Timestamp,
    used: Instant,
    /// By the id of the connection.
    pub(crate) members: BTreeMap<String, Member>,
    /// Among those of the token that made it.
    _place: Arc<Place>,
}

#[derive(Default)]
pub(crate) struct Sessions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    all: BTreeMap<Uuid, Session>,
    of_project: BTreeMap<ProjectId, BTreeSet<Uuid>>,
    /// Which ones a connection has joined.
    of_connection: BTreeMap<String, BTreeSet<Uuid>>,
}

impl Sessions {
    /// Whether there may be one more.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().all.len() < SESSIONS
    }

    /// A new session, in a place of the token that makes it.
    pub(crate) fn create(&self, place: Place, project: Option<ProjectId>) -> Session {
        let now = Timestamp::now();
        let session = Session {
            id: Uuid::new_v4(),
            project,
            created_at: now,
            last_activity: now,
            used: Instant::now(),
            members: BTreeMap::new(),
            _place: Arc::new(place),
        };
        let mut kept = self.lock();
        if let Some(project) = project {
            let of_it = kept.of_project.entry(project).or_default();
            of_it.insert(session.id);
        }
        kept.all.insert(session.id, session.clone());
        session
    }

    /// A session that is being used now.
    pub(crate) fn using(&self, id: Uuid) -> Option<Session> {
        let mut kept = self.lock();
        let session = kept.all.get_mut(&id)?;
        session.last_activity = Timestamp::now();
        session.used = Instant::now();
        Some(session.clone())
    }

    /// All, oldest first.
    pub(crate) fn list(&self) -> Vec<Session> {
        let mut list: Vec<_> = self.lock().all.values().cloned().collect();
        list.sort_by_key(|session| (session.created_at, session.id));
        list
    }

    pub(crate) fn remove(&self, id: Uuid) -> Option<Session> {
        self.lock().remove(id)
    }

    /// Closes those that nobody is in and nobody has used for so long; says which.
    pub(crate) fn close_idle(&self, idle: Duration) -> Vec<Session> {
        let mut kept = self.lock();
        let is_idle = |it: &&Session| it.members.is_empty() && it.used.elapsed() >= idle;
        let ids: Vec<Uuid> = kept.all.values().filter(is_idle).map(|it| it.id).collect();
        ids.into_iter().filter_map(|id| kept.remove(id)).collect()
    }

    /// Closes those of a project.
    pub(crate) fn close_of(&self, project: ProjectId) -> Vec<Session> {
        let mut kept = self.lock();
        let ids = kept.of_project.get(&project).cloned().unwrap_or_default();
        ids.into_iter().filter_map(|id| kept.remove(id)).collect()
    }

    /// Whether a session is there.
    pub(crate) fn has_session(&self, id: Uuid) -> bool {
        self.lock().all.contains_key(&id)
    }

    /// Whether a project has one.
    pub(crate) fn has(&self, project: ProjectId) -> bool {
        self.lock().of_project.contains_key(&project)
    }

    /// Somebody joins. The session afterwards.
    pub(crate) fn join(&self, id: Uuid, connection: String, member: Member) -> Option<Session> {
        let mut kept = self.lock();
        let session = kept.all.get_mut(&id)?;
        session.members.insert(connection.clone(), member);
        session.last_activity = Timestamp::now();
        session.used = Instant::now();
        let session = session.clone();
        kept.of_connection.entry(connection).or_default().insert(id);
        Some(session)
    }

    /// Somebody leaves. The session afterwards, if he was in it.
    pub(crate) fn leave(&self, id: Uuid, connection: &str) -> Option<(Session, Member)> {
        let mut kept = self.lock();
        let session = kept.all.get_mut(&id)?;
        let member = session.members.remove(connection)?;
        session.used = Instant::now();
        let session = session.clone();
        kept.forget(id, connection);
        Some((session, member))
    }

    /// Somebody is gone from everywhere.
    pub(crate) fn leave_all(&self, connection: &str) -> Vec<(Session, Member)> {
        let joined = self.lock().of_connection.get(connection).cloned();
        let joined = joined.unwrap_or_default().into_iter();
        joined.filter_map(|id| self.leave(id, connection)).collect()
    }

    /// The rooms of a project in which anybody is.
    pub(crate) fn rooms_of(&self, project: ProjectId) -> Vec<Room> {
        let kept = self.lock();
        let ids = kept.of_project.get(&project).into_iter().flatten();
        let sessions = ids.filter_map(|id| kept.all.get(id));
        sessions.flat_map(Session::rooms).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, id: Uuid) -> Option<Session> {
        let session = self.all.remove(&id)?;
        if let Some(project) = session.project {
            drop_from(&mut self.of_project, &project, id);
        }
        for connection in session.members.keys() {
            self.forget(id, connection);
        }
        Some(session)
    }

    /// A connection is not in a session any more.
    fn forget(&mut self, id: Uuid, connection: &str) {
        drop_from(&mut self.of_connection, connection, id);
    }
}

/// Takes an id out of a set, and the set if that was the last one.
fn drop_from<Key, Name>(sets: &mut BTreeMap<Key, BTreeSet<Uuid>>, name: &Name, id: Uuid)
where
    Key: Ord + Borrow<Name>,
    Name: Ord + ?Sized,
{
    if let Some(set) = sets.get_mut(name) {
        set.remove(&id);
        if set.is_empty() {
            sets.remove(name);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Limits;
    use crate::token::Secret;
    use crate::tokens::Tokens;

    fn member() -> Member {
        Member {
            namespace: "/",
            spelling: Spelling::Hyphen,
            client: None,
        }
    }

    #[test]
    fn sessions_are_found_by_project_and_by_connection_until_they_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Secret::of(folder.path(), false).expect("it is drawn");
        let tokens = Tokens::open(folder.path(), &own, &Limits::default()).expect("they are read");
        let place = || tokens.own().begin(3);
        let sessions = Sessions::default();
        let [one, other] = [1, 2].map(|number| ProjectId(Uuid::from_u128(number)));
        let first = sessions.create(place().expect("room"), Some(one)).id;
        let second = sessions.create(place().expect("room"), Some(one)).id;
        let third = sessions.create(place().expect("room"), Some(other)).id;
        assert!(place().is_none(), "a token has so many");
        for id in [first, second, third] {
            sessions
                .join(id, "a".to_owned(), member())
                .expect("it is there");
        }
        sessions
            .join(first, "b".to_owned(), member())
            .expect("it is there");
        let rooms = |project| {
            let mut rooms: Vec<_> = sessions
                .rooms_of(project)
                .iter()
                .map(|it| it.session)
                .collect();
            rooms.sort_unstable();
            rooms
        };
        let mut both = [first, second];
        both.sort_unstable();
        assert_eq!(rooms(one), both);
        assert_eq!(rooms(other), [third]);

        assert!(sessions.leave(second, "a").is_some() && sessions.leave(second, "a").is_none());
        assert_eq!(rooms(one), [first]);
        let ended = sessions.close_idle(Duration::ZERO);
        assert_eq!(ended.iter().map(|it| it.id).collect::<Vec<_>>(), [second]);
        drop(ended);
        assert!(place().is_some(), "what has ended makes room");
        assert_eq!(sessions.leave_all("a").len(), 2);
        assert_eq!(sessions.close_of(one).len(), 1);
        assert!(!sessions.has(one) && sessions.has(other));
        assert!(sessions.leave_all("b").is_empty());
        assert!(sessions.remove(third).is_some() && !sessions.has(other));
        assert!(sessions.lock().of_connection.is_empty());
    }
}
