//! What was set aside, and how it gets there.

use rusqlite::{Connection, params};

use super::catalogue;
use crate::{Document, ProjectKey, Quarantined, QuarantinedKind, Result, Seq, StoreError};

/// Where a damaged row is. Numbers as they were read, since they may be the damage.
pub(super) enum RowKey {
    Chunk {
        document: i64,
        seq: i64,
    },
    Snapshot {
        document: i64,
        through: i64,
    },
    UndoEntry {
        author: Vec<u8>,
        stack: i64,
        position: i64,
    },
    /// A page that cannot be read, so there is no row to move.
    Unreadable,
}

/// Moves damaged rows out of the way, each once.
pub(super) fn move_rows(
    connection: &Connection,
    project: ProjectKey,
    found: &[(RowKey, Quarantined)],
) -> Result<()> {
    for (row, what) in found {
        if delete(connection, project, row)? == 1 {
            insert(connection, project, what)?;
        }
    }
    Ok(())
}

/// Keeps something set aside.
pub(super) fn insert(
    connection: &Connection,
    project: ProjectKey,
    what: &Quarantined,
) -> Result<()> {
    let document = what.document.map(|document| document.0);
    connection.execute(
        "INSERT INTO quarantine (project, kind, document, seq, reason, bytes) VALUES (?, ?, ?, ?, ?, ?)",
        params![project.0, kind_number(what.kind), document, what.seq.0 as i64, what.reason, what.bytes],
    )?;
    Ok(())
}

fn delete(connection: &Connection, project: ProjectKey, row: &RowKey) -> rusqlite::Result<usize> {
    match row {
        RowKey::Chunk { document, seq } => connection.execute(
            "DELETE FROM chunk WHERE project = ? AND document = ? AND seq = ?",
            params![project.0, document, seq],
        ),
        RowKey::Snapshot { document, through } => connection.execute(
            "DELETE FROM snapshot WHERE project = ? AND document = ? AND through = ?",
            params![project.0, document, through],
        ),
        RowKey::UndoEntry {
            author,
            stack,
            position,
        } => connection.execute(
            "DELETE FROM undo WHERE project = ? AND author = ? AND stack = ? AND position = ?",
            params![project.0, author, stack, position],
        ),
        RowKey::Unreadable => Ok(0),
    }
}

/// Everything of a project that was ever set aside, oldest first.
pub(super) fn list(connection: &Connection, project: ProjectKey) -> Result<Vec<Quarantined>> {
    if !catalogue::exists(connection, project)? {
        return Err(StoreError::UnknownProject(project));
    }
    let sql =
        "SELECT kind, document, seq, reason, bytes FROM quarantine WHERE project = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.0], |row| {
        Ok(Quarantined {
            kind: match row.get(0)? {
                0 => QuarantinedKind::Chunk,
                1 => QuarantinedKind::Snapshot,
                _ => QuarantinedKind::UndoEntry,
            },
            document: row.get::<_, Option<u8>>(1)?.map(Document),
            seq: Seq(row.get::<_, i64>(2)? as u64),
            reason: row.get(3)?,
            bytes: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn kind_number(kind: QuarantinedKind) -> i64 {
    match kind {
        QuarantinedKind::Chunk => 0,
        QuarantinedKind::Snapshot => 1,
        QuarantinedKind::UndoEntry => 2,
    }
}
