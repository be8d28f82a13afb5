//! Looking for those who share a project at one address less.

use relay::Address;

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;

/// Forgets the address, and drops what was dialled there.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    address: String,
) -> Result<Reply, Failure> {
    let room = super::room_of(app, project).await?;
    let known: Option<Address> = address.parse().ok();
    let forget = app
        .world
        .blocking(move |world| rooms::forget_address(&*world.store, project, &address));
    forget.await?;
    if let (Some(address), Ok(network)) = (known, app.network()) {
        network.forget(room, &address);
    }
    Ok(Reply::Done)
}
