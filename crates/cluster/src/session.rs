//! A Redis that is reached.

use bytes::Bytes;
use redis::{RedisError, RedisResult, Value, aio::MultiplexedConnection};
use relay::Run;
use tokio::sync::{Notify, mpsc, oneshot};
use trust::RoomId;

use crate::{
    names::{self, Call, Node},
    policy::Policy,
};

/// Entries read at once.
const READ_AT_ONCE: usize = 128;

/// Puts entries behind a stream, if Redis is still the one that is meant, and tells others. Says whether nobody else had put
/// something behind what was read, and the last entry's id.
const APPEND: &str = "
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then return false end
    local news = redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', 1)
    local last = ARGV[2]
    for at = 5, #ARGV do last = redis.call('XADD', KEYS[1], '*', 'm', ARGV[at]) end
    redis.call('PUBLISH', ARGV[3], ARGV[4])
    return {#news, last}
";

/// Puts a whole room behind its stream and drops all before that, if nobody has put anything behind what was read. Says the
/// last entry's id; an empty text if somebody has.
const SHORTEN: &str = "
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then return false end
    if #redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', 1) > 0 then return '' end
    local first, last
    for at = 5, #ARGV do
        last = redis.call('XADD', KEYS[1], '*', 'm', ARGV[at])
        first = first or last
    end
    redis.call('XTRIM', KEYS[1], 'MINID', first)
    redis.call('PUBLISH', ARGV[3], ARGV[4])
    return last
";

/// A connection to a Redis, as long as it is the same one.
pub(crate) struct Session {
    pub(crate) run: Run,
    pub(crate) node: Node,
    pub(crate) connection: MultiplexedConnection,
    pub(crate) subscriptions: mpsc::UnboundedSender<Subscription>,
    /// Somebody doubts that it is still the one that is meant.
    pub(crate) doubt: Notify,
}

/// What is to be listened to from now on, or not any more.
pub(crate) enum Subscription {
    Begin(String, oneshot::Sender<()>),
    End(String),
}

/// Where a stream was read to: the id of an entry.
pub(crate) type Position = String;

/// A piece of a stream.
pub(crate) struct Read {
    pub(crate) messages: Vec<Bytes>,
    /// Where it ends.
    pub(crate) position: Position,
    /// Nothing stood behind it.
    pub(crate) is_all: bool,
}

/// Before the first entry.
pub(crate) const BEGINNING: &str = "0-0";

/// Why something was not put into a stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAppended {
    /// It is another Redis, or was emptied.
    #[error("what it kept is gone")]
    Changed,
    #[error(transparent)]
    Redis(#[from] RedisError),
}

impl Session {
    /// What stands behind a position, as far as it is read at once.
    pub(crate) async fn read(&self, room: &RoomId, from: &Position) -> RedisResult<Read> {
        let mut command = redis::cmd("XRANGE");
        command
            .arg(names::log(room))
            .arg(format!("({from}"))
            .arg("+")
            .arg("COUNT")
            .arg(READ_AT_ONCE);
        let entries: Vec<(String, Vec<(Value, Value)>)> =
            command.query_async(&mut self.connection.clone()).await?;
        let is_all = entries.len() < READ_AT_ONCE;
        let mut position = from.clone();
        let mut messages = Vec::with_capacity(entries.len());
        for (id, fields) in entries {
            position = id;
            messages.extend(fields.into_iter().filter_map(|field| match field {
                (_, Value::BulkString(bytes)) => Some(Bytes::from(bytes)),
                _ => None,
            }));
        }
        Ok(Read {
            messages,
            position,
            is_all,
        })
    }

    /// Puts messages behind a stream. Returns how far it is read by that: nothing if somebody else has put something behind
    /// `from`.
    pub(crate) async fn append(
        &self,
        room: &RoomId,
        from: &Position,
        messages: &[Bytes],
    ) -> Result<Option<Position>, NotAppended> {
        let appended: Option<(usize, Position)> = self.run(APPEND, room, from, messages).await?;
        let (news, last) = appended.ok_or(NotAppended::Changed)?;
        Ok((news == 0).then_some(last))
    }

    /// Puts these messages in place of a whole stream. Returns how far it is read by that; nothing if somebody else has put
    /// something behind `from`: then it is as it was.
    pub(crate) async fn shorten(
        &self,
        room: &RoomId,
        from: &Position,
        messages: &[Bytes],
    ) -> Result<Option<Position>, NotAppended> {
        let last: Option<Position> = self.run(SHORTEN, room, from, messages).await?;
        let last = last.ok_or(NotAppended::Changed)?;
        Ok(Some(last).filter(|it| !it.is_empty()))
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &str,
        room: &RoomId,
        from: &Position,
        messages: &[Bytes],
    ) -> RedisResult<T> {
        let mut command = redis::cmd("EVAL");
        command
            .arg(script)
            .arg(2)
            .arg(names::log(room))
            .arg(names::RUN)
            .arg(&self.run)
            .arg(from)
            .arg(names::channel(room))
            .arg(Call::More.encode(&self.node));
        for message in messages {
            command.arg(&message[..]);
        }
        command.query_async(&mut self.connection.clone()).await
    }

    /// Says something to the other relays that have the room open.
    pub(crate) async fn call(&self, room: &RoomId, call: &Call<'_>) -> RedisResult<()> {
        let mut command = redis::cmd("PUBLISH");
        command
            .arg(names::channel(room))
            .arg(call.encode(&self.node));
        command.query_async(&mut self.connection.clone()).await
    }

    /// Whether it is still the one that is meant.
    pub(crate) async fn is_same(&self) -> RedisResult<bool> {
        let run = read_run(&mut self.connection.clone()).await?;
        Ok(run == Some(self.run))
    }
}

async fn read_run(connection: &mut MultiplexedConnection) -> RedisResult<Option<Run>> {
    let run: Option<Vec<u8>> = redis::cmd("GET")
        .arg(names::RUN)
        .query_async(connection)
        .await?;
    Ok(run.and_then(|it| it.try_into().ok()))
}

/// Which Redis it is; one that has no name yet gets this one.
pub(crate) async fn take_run(
    connection: &mut MultiplexedConnection,
    drawn: Run,
) -> RedisResult<Run> {
    let _: Value = redis::cmd("SET")
        .arg(names::RUN)
        .arg(&drawn)
        .arg("NX")
        .query_async(connection)
        .await?;
    let run = read_run(connection).await?;
    run.ok_or_else(|| RedisError::from((redis::ErrorKind::UnexpectedReturnType, "no tally:run")))
}

/// What Redis says of how it keeps things. What it does not let one ask stays untold.
pub(crate) async fn read_policy(connection: &mut MultiplexedConnection) -> RedisResult<Policy> {
    let mut told = [None, None, None];
    for (told, name) in told
        .iter_mut()
        .zip(["appendonly", "appendfsync", "maxmemory-policy"])
    {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(name);
        let answer: RedisResult<Vec<String>> = command.query_async(connection).await;
        match answer {
            Ok(pair) => *told = pair.into_iter().nth(1),
            Err(error) if error.is_unrecoverable_error() => return Err(error),
            Err(_) => {}
        }
    }
    let [appendonly, appendfsync, maxmemory_policy] = told;
    Ok(Policy {
        appendonly,
        appendfsync,
        maxmemory_policy,
    })
}
