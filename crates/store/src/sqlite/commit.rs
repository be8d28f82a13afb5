//! What the writer does to the database and the disk, one step at a time.

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::log;
use crate::{Chunk, ProjectKey, Result, Seq, StoreError};

/// More than a file system hides in spare room of what it already has.
const PROBE_BYTES: usize = 64 << 10;

/// Writes a group as one commit. An error means that none of it was written.
pub(super) fn group<'a>(
    connection: &mut Connection,
    last: Seq,
    chunks: impl Iterator<Item = (ProjectKey, &'a Chunk)>,
) -> Result<Vec<Result<Seq>>> {
    transact(connection, |transaction| {
        let mut seq = last;
        let mut refused = BTreeSet::new();
        let mut fates = Vec::new();
        for (project, chunk) in chunks {
            if refused.contains(&project) {
                fates.push(Err(StoreError::Stalled));
            } else if log::append(transaction, project, Seq(seq.0 + 1), chunk)? {
                seq.0 += 1;
                fates.push(Ok(seq));
            } else {
                refused.insert(project);
                fates.push(Err(StoreError::UnknownProject(project)));
            }
        }
        transaction
            .prepare_cached("UPDATE counter SET last_seq = ?")?
            .execute([seq.0 as i64])?;
        Ok(fates)
    })
}

/// Runs `write` as one transaction.
pub(super) fn transact<T>(
    connection: &mut Connection,
    write: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = write(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Copies the WAL into the database, as far as readers let it; says whether they let it finish.
pub(super) fn checkpoint(connection: &Connection, mode: &str) -> Result<bool> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    Ok(connection.query_row(&sql, [], |row| Ok(row.get::<_, i64>(0)? == 0))?)
}

/// SQLite tells of a failed write but not why; the directory itself does.
pub(super) fn probe(dir: &Path) -> Result<()> {
    let path = dir.join("probe");
    let written = fs::File::create(&path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    // Best effort: the next probe overwrites it.
    let _ = fs::remove_file(&path);
    match written.map_err(|error| StoreError::io("writing", &path, error)) {
        Err(error @ (StoreError::Full | StoreError::ReadOnly)) => Err(error),
        _ => Ok(()),
    }
}
