//! Making a local backup now.

use crate::app::Inner;
use crate::backups;
use crate::failure::Failure;
use crate::progress::long;
use crate::reply::Reply;

/// Copies everything but the attachments.
pub(super) async fn call(app: &Inner) -> Result<Reply, Failure> {
    let label = "Making a backup".to_owned();
    let made = long(&app.world, label, |progress| {
        let watch = move |done, total| progress.flow(done, total);
        app.world
            .blocking(move |world| backups::back_up(world, &watch))
    });
    made.await?;
    Ok(Reply::Done)
}
