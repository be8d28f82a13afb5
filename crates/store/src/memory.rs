//! A store that forgets: for tests, and for working on when there is no disk to work on.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    Acknowledge, Acknowledgement, Backup, Blobs, Chunk, Document, Keep, Loaded, Observer, Opened,
    ProjectKey, ProjectRecord, Quarantined, QuarantinedKind, Result, RoomKey, RoomWrite, Rooms,
    Seq, State, Store, StoreError, Watch, blobs::memory::MemoryBlobs, chunk::Log, rotate,
    state::Watched,
};

mod project;
mod room;
mod rooms;

use self::{project::Project, room::Room};

/// Keeps everything in memory; a chunk is written and durable before `append` returns.
///
/// Where the disk cannot be opened at all, the app can go on with this one and export what must not be lost.
pub struct MemoryStore {
    inner: Mutex<Inner>,
    state: Watched,
    blobs: MemoryBlobs,
}

#[derive(Clone, Default)]
struct Inner {
    closed: bool,
    fault: Option<StoreError>,
    last: Seq,
    projects: BTreeMap<ProjectKey, Project>,
    rooms: BTreeMap<RoomKey, Room>,
    stalled: BTreeSet<Log>,
    settings: BTreeMap<String, String>,
    backups: BTreeMap<i64, BTreeMap<ProjectKey, Project>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            state: Watched::new(),
            blobs: MemoryBlobs::default(),
        }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every write fails with `fault`, or with none of it: the way to try what a full disk does above.
    pub fn set_fault(&self, fault: Option<StoreError>) {
        self.lock().fault = fault;
    }

    /// Another one that has just been opened and holds the same.
    #[cfg(feature = "testing")]
    pub(crate) fn fork(&self) -> Self {
        let inner = Inner {
            closed: false,
            fault: None,
            stalled: BTreeSet::new(),
            ..self.lock().clone()
        };
        Self {
            inner: Mutex::new(inner),
            state: Watched::new(),
            blobs: self.blobs.fork(),
        }
    }

    /// With the blobs that a loss of power leaves of another's.
    #[cfg(feature = "testing")]
    pub(crate) fn with_torn_blobs(self, of: &Self) -> Self {
        let blobs = of.blobs.torn();
        Self { blobs, ..self }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> Result<T>) -> Result<T> {
        let inner = self.lock();
        if inner.closed {
            Err(StoreError::Closed)
        } else {
            read(&inner)
        }
    }

    fn write<T>(&self, write: impl FnOnce(&mut Inner) -> Result<T>) -> Result<T> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(StoreError::Closed);
        }
        if let Some(fault) = inner.fault.clone() {
            drop(inner);
            self.state.set(State::after(&fault));
            return Err(fault);
        }
        let written = write(&mut inner);
        drop(inner);
        self.state.set(State::Ok);
        written
    }

    /// Carries out one write to these logs, which wait for a retry if it fails, and tells its fate.
    fn append_to(
        &self,
        logs: &[Log],
        mut acknowledge: Acknowledge,
        write: impl FnOnce(&mut Inner) -> Result<()>,
    ) {
        let is_stalled = logs.iter().any(|log| self.lock().stalled.contains(log));
        let written = if is_stalled {
            Err(StoreError::Stalled)
        } else {
            self.write(|inner| {
                write(inner)?;
                inner.last.0 += 1;
                Ok(inner.last)
            })
        };
        match written {
            Ok(seq) => {
                acknowledge(Acknowledgement::Written(seq));
                acknowledge(Acknowledgement::Durable(seq));
            }
            Err(error) => {
                self.lock().stalled.extend(logs);
                acknowledge(Acknowledgement::Failed(error));
            }
        }
    }
}

impl Inner {
    fn project(&self, key: ProjectKey) -> Result<&Project> {
        self.projects
            .get(&key)
            .ok_or(StoreError::UnknownProject(key))
    }

    fn project_mut(&mut self, key: ProjectKey) -> Result<&mut Project> {
        self.projects
            .get_mut(&key)
            .ok_or(StoreError::UnknownProject(key))
    }

    fn room(&self, key: RoomKey) -> Result<&Room> {
        self.rooms.get(&key).ok_or(StoreError::UnknownRoom(key))
    }

    fn backup(&self, name: &str) -> Result<&BTreeMap<ProjectKey, Project>> {
        let unknown = || StoreError::UnknownBackup(name.to_owned());
        name.parse()
            .ok()
            .and_then(|taken: i64| self.backups.get(&taken))
            .ok_or_else(unknown)
    }

    fn list_backups(&self) -> Vec<Backup> {
        let newest_first = self.backups.iter().rev();
        newest_first
            .map(|(&taken_ms, _)| Backup {
                name: taken_ms.to_string(),
                taken_ms,
                bytes: 0,
            })
            .collect()
    }
}

impl Store for MemoryStore {
    fn opened(&self) -> Opened {
        Opened {
            clean: true,
            same_place: false,
        }
    }

    fn state(&self) -> State {
        self.state.get()
    }

    fn watch(&self, observer: Observer) {
        self.state.watch(observer);
    }

    fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.read(|inner| {
            Ok(inner
                .projects
                .values()
                .map(|project| project.record.clone())
                .collect())
        })
    }

    fn create_project(
        &self,
        record: &ProjectRecord,
        documents: Vec<(Document, Vec<u8>)>,
    ) -> Result<()> {
        self.write(|inner| {
            if inner.projects.contains_key(&record.key) {
                return Err(StoreError::ProjectExists(record.key));
            }
            inner
                .projects
                .insert(record.key, Project::new(record.clone(), documents));
            Ok(())
        })
    }

    fn update_project(&self, record: &ProjectRecord) -> Result<()> {
        self.write(|inner| {
            inner.project_mut(record.key)?.record = record.clone();
            Ok(())
        })
    }

    fn delete_project(&self, project: ProjectKey) -> Result<()> {
        self.write(|inner| {
            inner
                .projects
                .remove(&project)
                .ok_or(StoreError::UnknownProject(project))?;
            inner.stalled.remove(&Log::Project(project));
            Ok(())
        })
    }

    fn append(&self, project: ProjectKey, chunk: Chunk, acknowledge: Acknowledge) {
        let logs = chunk.logs(project);
        self.append_to(&logs, acknowledge, |inner| inner.append(project, chunk));
    }

    fn retry(&self, project: ProjectKey) -> Result<()> {
        self.write(|inner| {
            inner.stalled.remove(&Log::Project(project));
            Ok(())
        })
    }

    fn load(&self, project: ProjectKey) -> Result<Loaded> {
        self.read(|inner| inner.project(project).map(Project::load))
    }

    fn compact(
        &self,
        project: ProjectKey,
        document: Document,
        through: Seq,
        snapshot: Vec<u8>,
    ) -> Result<()> {
        self.write(|inner| {
            if through > inner.last {
                return Err(StoreError::NotWritten { document, through });
            }
            inner
                .project_mut(project)?
                .compact(document, through, snapshot);
            Ok(())
        })
    }

    fn set_aside(
        &self,
        project: ProjectKey,
        document: Document,
        chunk: Seq,
        reason: &str,
    ) -> Result<()> {
        self.write(|inner| {
            inner
                .project_mut(project)?
                .set_aside(document, chunk, reason)
        })
    }

    fn quarantined(&self, project: ProjectKey) -> Result<Vec<Quarantined>> {
        self.read(|inner| Ok(inner.project(project)?.quarantined.clone()))
    }

    fn flush(&self, _deadline: Duration) -> Result<()> {
        self.write(|inner| inner.flush())
    }

    fn close(&self, _deadline: Duration) -> Result<()> {
        self.write(|inner| {
            inner.closed = true;
            inner.flush()
        })
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|inner| Ok(inner.settings.get(key).cloned()))
    }

    fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        self.write(|inner| {
            match value {
                Some(value) => inner.settings.insert(key.to_owned(), value.to_owned()),
                None => inner.settings.remove(key),
            };
            Ok(())
        })
    }

    fn rooms(&self) -> &dyn Rooms {
        self
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn back_up_watched(&self, now_ms: i64, keep: Keep, watch: &Watch) -> Result<Backup> {
        self.write(|inner| {
            if watch(0, 0).is_break() {
                return Err(StoreError::Stopped);
            }
            inner.backups.insert(now_ms, inner.projects.clone());
            let taken: Vec<i64> = inner.backups.keys().copied().collect();
            for expired in rotate(&taken, keep) {
                inner.backups.remove(&expired);
            }
            Ok(Backup {
                name: now_ms.to_string(),
                taken_ms: now_ms,
                bytes: 0,
            })
        })
    }

    fn backups(&self) -> Result<Vec<Backup>> {
        self.read(|inner| Ok(inner.list_backups()))
    }

    fn backup_projects(&self, backup: &str) -> Result<Vec<ProjectRecord>> {
        self.read(|inner| {
            Ok(inner
                .backup(backup)?
                .values()
                .map(|project| project.record.clone())
                .collect())
        })
    }

    fn load_backup(&self, backup: &str, project: ProjectKey) -> Result<Loaded> {
        self.read(|inner| {
            let found = inner.backup(backup)?.get(&project);
            found
                .map(Project::load)
                .ok_or(StoreError::UnknownProject(project))
        })
    }
}

impl Inner {
    fn append(&mut self, key: ProjectKey, mut chunk: Chunk) -> Result<()> {
        chunk.check()?;
        self.project(key)?;
        let room = chunk.room.take();
        if let Some(write) = &room {
            self.room(write.room)?;
        }
        let seq = Seq(self.last.0 + 1);
        self.project_mut(key)?.append(seq, chunk);
        self.write_room(room);
        Ok(())
    }

    /// Writes to a room that is known to be there.
    fn write_room(&mut self, write: Option<RoomWrite>) {
        if let Some(write) = write
            && let Some(room) = self.rooms.get_mut(&write.room)
        {
            room.append(write);
        }
    }

    fn flush(&self) -> Result<()> {
        if self.stalled.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Stalled)
        }
    }
}
