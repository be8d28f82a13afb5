//! The catalogue.

use crate::app::Inner;
use crate::catalogue;
use crate::failure::Failure;
use crate::reply::Reply;

/// All projects, most recently opened first.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    let list = app.world.blocking(|world| catalogue::list(&*world.store));
    Ok(Reply::Projects {
        projects: list.await?,
    })
}
