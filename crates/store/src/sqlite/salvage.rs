//! Finding the way around a page of the database that cannot be read.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Document, ProjectKey, Result};

/// The lowest place behind `last` from which a document's chunks can be read again; none if there is nothing more.
pub(super) fn chunks_after(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
    last: i64,
) -> Result<Option<i64>> {
    let newest: i64 = connection.query_row("SELECT last_seq FROM counter", [], |row| row.get(0))?;
    let readable = |place| is_readable(connection, project, document, place);
    Ok(readable_after(newest, last, readable))
}

/// The lowest place behind `last` from which rows can be read again; none if there is nothing up to `newest`.
///
/// A damaged page hides the few rows in it, and the pages behind it are reached from above. So the search leaps ahead
/// with doubled steps until a row can be read, then halves back to the first such place.
pub(super) fn readable_after(
    newest: i64,
    last: i64,
    readable: impl Fn(i64) -> bool,
) -> Option<i64> {
    let mut step = 1;
    while !readable(last + step) {
        if last + step > newest {
            return None;
        }
        step *= 2;
    }
    let (mut hidden, mut found) = (last + step / 2, last + step);
    while hidden + 1 < found {
        let middle = hidden + (found - hidden) / 2;
        if readable(middle) {
            found = middle
        } else {
            hidden = middle
        }
    }
    Some(found)
}

fn is_readable(
    connection: &Connection,
    project: ProjectKey,
    document: Document,
    after: i64,
) -> bool {
    let sql = "SELECT bytes FROM chunk WHERE project = ? AND document = ? AND seq > ? ORDER BY seq LIMIT 1";
    let read = || -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        statement
            .query_row(params![project.0, document.0, after], |_| Ok(()))
            .optional()?;
        Ok(())
    };
    read().is_ok()
}
