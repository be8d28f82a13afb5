//! Looking for those who share a project at one more address.

use crate::address;
use crate::app::Inner;
use crate::failure::Failure;
use crate::pins::Place;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;

/// Keeps the address and dials it at once.
pub(super) async fn call(app: &Inner, project: ProjectId, typed: &str) -> Result<Reply, Failure> {
    let network = app.network()?;
    let address = address::typed(typed)?;
    if network.addresses().contains(&address) {
        return Err(Failure::new(
            "ADDRESS_IS_OWN",
            "This is the address of this very machine. Type that of another one.",
        ));
    }
    let place = Place::from(address);
    let (room, kept) = (super::room_of(app, project).await?, place.clone());
    let keep = app
        .world
        .blocking(move |world| rooms::remember(&*world.store, project, &[kept]));
    keep.await?;
    network.reach(room, &[place]);
    Ok(Reply::Done)
}
