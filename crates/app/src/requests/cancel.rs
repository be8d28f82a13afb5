//! Giving up what takes too long.

use crate::app::Inner;
use crate::reply::Reply;
use crate::request::TaskId;

/// The request that is being carried out answers with `CANCELLED`, unless it is too late for that.
pub(super) fn call(app: &Inner, task: TaskId) -> Reply {
    app.world.tasks.cancel(task);
    Reply::Done
}
