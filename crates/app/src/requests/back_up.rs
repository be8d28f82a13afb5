//! Making a local backup now.

use crate::app::Inner;
use crate::backups;
use crate::failure::Failure;
use crate::reply::Reply;

/// Copies everything but the attachments.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    app.world.blocking(backups::back_up).await?;
    Ok(Reply::Done)
}
