//! Sharing a project, and the text by which others join it.

use trust::{Genesis, Membership};

use crate::app::Inner;
use crate::failure::Failure;
use crate::invitation::Invitation;
use crate::notices::Notices;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;
use crate::world::random_id;

/// Puts the project into a room unless it is in one, and says how to get there.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    app.door(project)?;
    let device = app.network()?.device();
    let genesis = Genesis {
        version: Genesis::VERSION,
        owner: device.0,
        nonce: nonce(),
    };
    let found = app.world.blocking(move |world| {
        let store = &*world.store;
        if rooms::of(store, project)?.is_some() {
            return Ok::<_, Failure>(false);
        }
        rooms::found(
            store,
            project,
            &Membership::begin(&genesis),
            &[],
            &Notices::default(),
        )?;
        Ok(true)
    });
    if found.await? {
        app.enter_room(project).await?;
    }
    let ready = app.load_room(project).await?;
    let ready = ready.ok_or_else(Failure::closed)?;
    let mut addresses = app.network()?.addresses();
    addresses.extend(ready.addresses);
    let invitation = Invitation {
        genesis: ready.setup.membership.records()[0].clone(),
        addresses,
    };
    Ok(Reply::Invitation {
        invitation: invitation.to_text(),
    })
}

/// 32 bytes that nobody else draws.
fn nonce() -> [u8; 32] {
    let mut nonce = [0; 32];
    nonce[..16].copy_from_slice(random_id().as_bytes());
    nonce[16..].copy_from_slice(random_id().as_bytes());
    nonce
}
