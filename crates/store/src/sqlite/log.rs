//! Writing chunks, snapshots and undo stacks. Each function is part of the caller's transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::{catalogue, quarantine};
use crate::{
    AuthorKey, Chunk, Document, MAX_UNDO_ENTRIES, ProjectKey, Quarantined, QuarantinedKind, Result,
    Seq, StoreError, UndoEdit, UndoStack, UndoWrite,
    checksum::{of_document, of_entry},
};

pub(super) const CHUNK: u8 = 0;
pub(super) const SNAPSHOT: u8 = 1;

/// Appends to a project that is known to be there.
pub(super) fn append(
    connection: &Connection,
    project: ProjectKey,
    seq: Seq,
    chunk: &Chunk,
) -> rusqlite::Result<()> {
    if !chunk.bytes.is_empty() {
        let place = seq.0 as i64;
        let sum = of_document(CHUNK, project, chunk.document, place, &chunk.bytes);
        let sql = "INSERT INTO chunk (project, document, seq, sum, bytes) VALUES (?, ?, ?, ?, ?)";
        let row = params![project.0, chunk.document.0, place, sum, chunk.bytes];
        connection.prepare_cached(sql)?.execute(row)?;
    }
    for write in &chunk.undo {
        edit_undo(connection, project, write)?;
    }
    Ok(())
}

fn edit_undo(
    connection: &Connection,
    project: ProjectKey,
    write: &UndoWrite,
) -> rusqlite::Result<()> {
    let stack = Stack {
        connection,
        project,
        author: write.author,
        number: stack_number(write.stack),
    };
    match &write.edit {
        UndoEdit::Push(entry) => stack.push(entry),
        UndoEdit::Pop => stack.delete_between(stack.top()?, i64::MAX),
    }
}

fn stack_number(stack: UndoStack) -> i64 {
    match stack {
        UndoStack::Undo => 0,
        UndoStack::Redo => 1,
    }
}

struct Stack<'a> {
    connection: &'a Connection,
    project: ProjectKey,
    author: AuthorKey,
    number: i64,
}

impl Stack<'_> {
    fn top(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT coalesce(max(position), 0) FROM undo WHERE project = ? AND author = ? AND stack = ?";
        let of = params![self.project.0, self.author.0, self.number];
        self.connection
            .prepare_cached(sql)?
            .query_row(of, |row| row.get(0))
    }

    fn push(&self, entry: &[u8]) -> rusqlite::Result<()> {
        let position = self.top()? + 1;
        let sum = of_entry(self.project, &self.author.0, self.number, position, entry);
        let sql = "INSERT INTO undo (project, author, stack, position, sum, entry) VALUES (?, ?, ?, ?, ?, ?)";
        let row = params![
            self.project.0,
            self.author.0,
            self.number,
            position,
            sum,
            entry
        ];
        self.connection.prepare_cached(sql)?.execute(row)?;
        self.delete_between(i64::MIN, position - MAX_UNDO_ENTRIES as i64)
    }

    fn delete_between(&self, first: i64, last: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM undo \
            WHERE project = ? AND author = ? AND stack = ? AND position BETWEEN ? AND ?";
        let rows = params![self.project.0, self.author.0, self.number, first, last];
        self.connection.prepare_cached(sql)?.execute(rows)?;
        Ok(())
    }
}

/// Keeps a snapshot.
pub(super) fn insert_snapshot(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
    through: Seq,
    bytes: &[u8],
) -> rusqlite::Result<()> {
    let place = through.0 as i64;
    let sum = of_document(SNAPSHOT, project, document, place, bytes);
    connection.execute(
        "INSERT OR REPLACE INTO snapshot (project, document, through, sum, bytes) VALUES (?, ?, ?, ?, ?)",
        params![project.0, document.0, place, sum, bytes],
    )?;
    Ok(())
}

/// Keeps a snapshot and the one before it, and deletes the chunks that the one before covers.
pub(super) fn compact(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
    through: Seq,
    snapshot: &[u8],
) -> Result<()> {
    if !catalogue::exists(connection, project)? {
        return Err(StoreError::UnknownProject(project));
    }
    let newest = newest_whole_snapshot(connection, project, document)?;
    if newest.is_some_and(|newest| newest > through.0 as i64) {
        return Ok(());
    }
    insert_snapshot(connection, project, document, through, snapshot)?;
    if let Some(previous) = newest.filter(|&newest| newest < through.0 as i64) {
        let of = params![project.0, document.0, previous];
        let older = "DELETE FROM snapshot WHERE project = ? AND document = ? AND through < ?";
        connection.execute(older, of)?;
        let covered = "DELETE FROM chunk WHERE project = ? AND document = ? AND seq <= ?";
        connection.execute(covered, of)?;
    }
    Ok(())
}

/// Only a snapshot that reads back whole may stand in for chunks.
fn newest_whole_snapshot(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT through, sum, bytes FROM snapshot WHERE project = ? AND document = ? ORDER BY through DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![project.0, document.0])?;
    while let Some(row) = rows.next()? {
        let through = row.get(0)?;
        let (sum, bytes) = (row.get_ref(1)?.as_blob(), row.get_ref(2)?.as_blob());
        if let (Ok(sum), Ok(bytes)) = (sum, bytes)
            && of_document(SNAPSHOT, project, document, through, bytes) == sum
        {
            return Ok(Some(through));
        }
    }
    Ok(None)
}

/// Moves a chunk that its reader cannot use.
pub(super) fn set_aside(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
    chunk: Seq,
    reason: &str,
) -> Result<()> {
    if !catalogue::exists(connection, project)? {
        return Err(StoreError::UnknownProject(project));
    }
    let at = params![project.0, document.0, chunk.0 as i64];
    let sql = "SELECT bytes FROM chunk WHERE project = ? AND document = ? AND seq = ?";
    let bytes: Option<Vec<u8>> = connection.query_row(sql, at, |row| row.get(0)).optional()?;
    let bytes = bytes.ok_or(StoreError::UnknownChunk(chunk))?;
    let what = Quarantined {
        kind: QuarantinedKind::Chunk,
        document: Some(document),
        seq: chunk,
        reason: reason.to_owned(),
        bytes,
    };
    quarantine::insert(connection, project, &what)?;
    connection.execute(
        "DELETE FROM chunk WHERE project = ? AND document = ? AND seq = ?",
        at,
    )?;
    Ok(())
}
