//! The tables, and the way from each earlier schema to the present one.

use rusqlite::Connection;

use crate::{Result, StoreError};

/// Each step brings a database from the schema of its index to the next. Steps are only ever added.
const STEPS: &[&str] = &[
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
];

/// Refuses a database that a newer version of the app wrote, before anything in it is touched.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let found = version(connection)?;
    let known = STEPS.len() as i64;
    if found > known {
        Err(StoreError::NewerSchema { found, known })
    } else {
        Ok(())
    }
}

/// Whether no step is missing.
pub(super) fn is_of_today(connection: &Connection) -> Result<bool> {
    Ok(version(connection)? == STEPS.len() as i64)
}

/// Takes the steps that are missing, each whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let start = version(connection)?.max(0) as usize;
    for (index, step) in STEPS.iter().enumerate().skip(start) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute("UPDATE counter SET last_seq = 7", [])
            .unwrap();
        migrate(&mut connection).unwrap();
        let kept: i64 = connection
            .query_row("SELECT last_seq FROM counter", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 7);
    }

    #[test]
    fn a_newer_database_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "user_version", STEPS.len() as i64 + 1)
            .unwrap();
        let refused = check(&connection).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the database has schema 4, but this version knows only up to 3"
        );
    }
}
