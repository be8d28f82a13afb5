//! Who the person at this installation is: her name and colour, and whether she works elsewhere, too.

use graph::person::Person;

use crate::app::Inner;
use crate::failure::Failure;
use crate::identity;
use crate::me::{Me, tidy};
use crate::pairing::PairingId;
use crate::project::Input;
use crate::reply::Reply;
use crate::world::locked;

/// Keeps a name and a colour, and changes them in every open project; the others follow when they are opened.
pub(super) async fn call(app: &Inner, profile: Person) -> Result<Reply, Failure> {
    let me = locked(&app.me).clone();
    let profile = tidy(profile);
    change(app, Me { profile, ..me }).await
}

/// Is from now on the person that the other machine of a pairing has said this one is.
pub(super) async fn become_peer(app: &Inner, pairing: PairingId) -> Result<Reply, Failure> {
    let offered = app.lobby.take_person(pairing).ok_or_else(|| {
        Failure::new(
            "PAIRING_GONE",
            "The other computer no longer says so. Pair with it again.",
        )
    })?;
    let author = locked(&app.me).author;
    let me = Me {
        author,
        person: offered.person,
        profile: tidy(offered.profile),
    };
    change(app, me).await
}

async fn change(app: &Inner, me: Me) -> Result<Reply, Failure> {
    let kept = me.clone();
    app.world
        .blocking(move |world| kept.keep(&*world.store))
        .await?;
    let before = std::mem::replace(&mut *locked(&app.me), me.clone());
    let era = app.installation.era;
    for project in app.open_projects() {
        let input = if before.person == me.person {
            Input::Profile(me.profile.clone())
        } else {
            let me = me.clone();
            let sign = app.world.blocking(move |world| {
                let actor = identity::actor(&*world.store, era, project, me.person);
                Ok::<_, Failure>(me.signature(actor))
            });
            Input::Become(Box::new(sign.await?))
        };
        if let Ok(door) = app.door(project) {
            // One that crashes just now learns it when it is opened again.
            door.tell(input).await.ok();
        }
    }
    Ok(Reply::Done)
}
