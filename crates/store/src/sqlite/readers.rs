//! Connections that read, lent out one caller at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::database::Database;
use crate::{Result, StoreError};

/// As many connections as there were ever callers at once.
pub(super) struct Readers {
    database: Database,
    /// None once closed.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            idle: Mutex::new(Some(Vec::new())),
        }
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.lock().as_mut().ok_or(StoreError::Closed)?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.database.open_reader()?,
        };
        let value = read(&connection);
        if let Some(idle) = self.lock().as_mut() {
            idle.push(connection);
        }
        value
    }

    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
