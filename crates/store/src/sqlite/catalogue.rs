//! The list of projects and the settings.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::log;
use crate::{Document, ProjectKey, ProjectRecord, Result, Seq, StoreError};

pub(super) fn exists(connection: &Connection, project: ProjectKey) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM project WHERE key = ?")?
        .exists([project.0])
}

pub(super) fn list(connection: &Connection) -> Result<Vec<ProjectRecord>> {
    let mut statement = connection.prepare_cached("SELECT * FROM project ORDER BY key")?;
    let records = statement
        .query_map([], read)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(records)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ProjectRecord> {
    Ok(ProjectRecord {
        key: ProjectKey(row.get("key")?),
        name: row.get("name")?,
        template: row.get("template")?,
        created_ms: row.get("created_ms")?,
        opened_ms: row.get("opened_ms")?,
        trashed_ms: row.get("trashed_ms")?,
        node_count: row.get::<_, i64>("node_count")?.max(0) as u64,
        stats: row.get("stats")?,
    })
}

pub(super) fn create(
    connection: &Connection,
    record: &ProjectRecord,
    documents: &[(Document, Vec<u8>)],
) -> Result<()> {
    if exists(connection, record.key)? {
        return Err(StoreError::ProjectExists(record.key));
    }
    connection.execute("INSERT INTO project (key, name, template, created_ms, node_count) VALUES (?, '', '', 0, 0)", [
        record.key.0,
    ])?;
    update(connection, record)?;
    for (document, bytes) in documents {
        log::insert_snapshot(connection, record.key, *document, Seq(0), bytes)?;
    }
    Ok(())
}

pub(super) fn update(connection: &Connection, record: &ProjectRecord) -> Result<()> {
    let sql = "UPDATE project SET name = ?2, template = ?3, created_ms = ?4, opened_ms = ?5, \
        trashed_ms = ?6, node_count = ?7, stats = ?8 WHERE key = ?1";
    let found = connection.prepare_cached(sql)?.execute(params![
        record.key.0,
        record.name,
        record.template,
        record.created_ms,
        record.opened_ms,
        record.trashed_ms,
        i64::try_from(record.node_count).unwrap_or(i64::MAX),
        record.stats,
    ])?;
    if found == 1 {
        Ok(())
    } else {
        Err(StoreError::UnknownProject(record.key))
    }
}

pub(super) fn delete(connection: &Connection, project: ProjectKey) -> Result<()> {
    if !exists(connection, project)? {
        return Err(StoreError::UnknownProject(project));
    }
    for table in ["chunk", "snapshot", "undo", "quarantine"] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE project = ?"),
            [project.0],
        )?;
    }
    connection.execute("DELETE FROM project WHERE key = ?", [project.0])?;
    Ok(())
}

pub(super) fn setting(connection: &Connection, key: &str) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE key = ?")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

pub(super) fn set_setting(connection: &Connection, key: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => connection.execute(
            "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
            [key, value],
        )?,
        None => connection.execute("DELETE FROM setting WHERE key = ?", [key])?,
    };
    Ok(())
}
