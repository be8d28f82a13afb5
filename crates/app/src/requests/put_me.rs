//! Changing one's own name and colour.

use graph::person::Person;

use crate::app::Inner;
use crate::failure::Failure;
use crate::me::tidy;
use crate::project::Input;
use crate::reply::Reply;
use crate::world::locked;

/// Keeps them and changes them in every open project; the others follow when they are opened.
pub(super) async fn call(app: &Inner, me: Person) -> Result<Reply, Failure> {
    let changed = {
        let mut present = locked(&app.me).clone();
        present.profile = tidy(me);
        present
    };
    let kept = changed.clone();
    app.world
        .blocking(move |world| kept.keep(&*world.store))
        .await?;
    *locked(&app.me) = changed.clone();
    for project in app.open_projects() {
        if let Ok(door) = app.door(project) {
            // One that crashes just now learns it when it is opened again.
            door.tell(Input::Profile(changed.profile.clone()))
                .await
                .ok();
        }
    }
    Ok(Reply::Done)
}
