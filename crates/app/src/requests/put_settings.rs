//! Changing the settings.

use crate::address;
use crate::app::Inner;
use crate::event::Event;
use crate::failure::Failure;
use crate::opening;
use crate::pins::{self, Scope};
use crate::project::Input;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::world::locked;

/// Keeps them and tells every window. A relay that is no address is refused, and so is a port that is taken; nothing is kept
/// then.
pub(super) async fn call(app: &Inner, settings: Settings) -> Result<Reply, Failure> {
    let settings = settings.in_range();
    for relay in &settings.relays {
        address::typed(relay)?;
    }
    let was = locked(&app.settings).port;
    let mut ports = None;
    if let (Ok(network), true) = (app.network(), settings.port != was) {
        network.move_to(settings.port)?;
        ports = Some(network.ports());
    }
    let json = serde_json::to_string(&settings).expect("settings become JSON");
    let (before, now) = (locked(&app.settings).clone(), settings.clone());
    let keep = app.world.blocking(move |world| {
        let store = &*world.store;
        // Whoever puts a relay in again takes it as it is then.
        for relay in before.relays.iter().filter(|it| !now.relays.contains(it)) {
            if let Ok(relay) = address::typed(relay) {
                pins::unpin(store, Scope::Relays, &relay)?;
            }
        }
        if let Some(ports) = ports {
            ports.keep(store)?;
        }
        store.set_setting(Settings::SETTING, Some(&json))?;
        opening::relays(store, &now)
    });
    let relays = keep.await?;
    *locked(&app.settings) = settings.clone();
    for project in app.open_projects() {
        if let Ok(door) = app.door(project) {
            door.tell(Input::Notify(settings.notify)).await.ok();
        }
    }
    if let Ok(network) = app.network() {
        network.put(&settings, relays);
    }
    app.world.emit(Event::Settings { settings });
    Ok(Reply::Done)
}
