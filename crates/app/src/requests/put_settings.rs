//! Changing the settings.

use crate::address;
use crate::app::Inner;
use crate::event::Event;
use crate::failure::Failure;
use crate::project::Input;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::world::locked;

/// Keeps them and tells every window. A relay that is no address is refused, and nothing is kept.
pub(super) async fn call(app: &Inner, settings: Settings) -> Result<Reply, Failure> {
    let settings = settings.in_range();
    for relay in &settings.relays {
        address::typed(relay)?;
    }
    let json = serde_json::to_string(&settings).expect("settings become JSON");
    let keep = app
        .world
        .blocking(move |world| world.store.set_setting(Settings::SETTING, Some(&json)));
    keep.await?;
    *locked(&app.settings) = settings.clone();
    for project in app.open_projects() {
        if let Ok(door) = app.door(project) {
            door.tell(Input::Notify(settings.notify)).await.ok();
        }
    }
    if let Ok(network) = app.network() {
        network.put(&settings);
    }
    app.world.emit(Event::Settings { settings });
    Ok(Reply::Done)
}
