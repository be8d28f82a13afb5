//! Trying again to write what could not be written.

use crate::app::Inner;
use crate::failure::Failure;
use crate::project::Input;
use crate::reply::Reply;

/// Every open project tries; the outcome comes as an event.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    for project in app.open_projects() {
        if let Ok(door) = app.door(project) {
            door.tell(Input::Retry).await.ok();
        }
    }
    Ok(Reply::Done)
}
