//! A table that all relays have, beside the rooms: short texts by their names.

use std::collections::BTreeMap;

use redis::{RedisError, RedisResult};

use crate::{Redis, names};

/// What stands in it: for each name a text.
pub type Rows = BTreeMap<String, String>;

impl Redis {
    /// How often it was written; nothing while Redis is not there. Whoever finds another number reads it again. A Redis that was
    /// emptied begins with 0.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn table_age(&self) -> RedisResult<Option<u64>> {
        let Some(session) = self.session() else {
            return Ok(None);
        };
        let mut command = redis::cmd("GET");
        command.arg(names::TABLE_AGE);
        let age: Option<u64> = command.query_async(&mut session.connection.clone()).await?;
        Ok(Some(age.unwrap_or_default()))
    }

    /// All of it.
    ///
    /// # Errors
    /// If Redis does not answer, or is not there.
    pub async fn read_table(&self) -> RedisResult<Rows> {
        let session = self.session().ok_or_else(absent)?;
        let mut command = redis::cmd("HGETALL");
        command.arg(names::TABLE);
        command.query_async(&mut session.connection.clone()).await
    }

    /// Puts these rows in place of those of their names.
    ///
    /// # Errors
    /// If Redis does not take it, or is not there.
    pub async fn write_table(&self, rows: &Rows) -> RedisResult<()> {
        let session = self.session().ok_or_else(absent)?;
        let mut pipeline = redis::pipe();
        pipeline.atomic().cmd("HSET").arg(names::TABLE);
        for (name, text) in rows {
            pipeline.arg(name).arg(text);
        }
        pipeline.ignore().cmd("INCR").arg(names::TABLE_AGE);
        pipeline.ignore();
        pipeline.query_async(&mut session.connection.clone()).await
    }
}

fn absent() -> RedisError {
    RedisError::from((redis::ErrorKind::Io, "Redis is not there"))
}
