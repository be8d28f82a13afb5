//! Changing the settings.

use relay::Address;
use trust::hosting::HostingLink;

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
/// then. Of a relay's link the settings keep the address; what else is in it is kept apart, where no window reads it.
pub(super) async fn call(app: &Inner, settings: Settings) -> Result<Reply, Failure> {
    let mut settings = settings.in_range();
    let links = take_links(&mut settings.relays)?;
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
        for (address, link) in &links {
            pins::host(store, address, link.device, &link.token)?;
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

/// Leaves of each link the address, once, and returns the links.
fn take_links(relays: &mut Vec<String>) -> Result<Vec<(Address, HostingLink)>, Failure> {
    let (mut links, mut known) = (Vec::new(), Vec::new());
    for relay in std::mem::take(relays) {
        let (address, link) = address::relay(&relay)?;
        if !known.contains(&address) {
            relays.push(match link {
                Some(_) => address.to_string(),
                None => relay,
            });
            known.push(address.clone());
        }
        links.extend(link.map(|link| (address, link)));
    }
    Ok(links)
}

#[cfg(test)]
mod tests {
    use trust::DeviceId;
    use trust::hosting::HostingToken;

    use super::*;

    #[test]
    fn of_a_link_the_settings_keep_the_address() {
        let link = HostingLink {
            address: "relay.example".to_owned(),
            device: DeviceId([1; 32]),
            token: HostingToken::from_bytes(&[2; 32]),
        };
        let text = link.to_text().to_string();
        let mut relays = vec![
            "my-nas".to_owned(),
            text.clone(),
            "relay.example:7825".to_owned(),
            text,
        ];
        let links = take_links(&mut relays).expect("they are relays");
        assert_eq!(relays, ["my-nas", "relay.example:7825"]);
        assert!(
            links
                .iter()
                .all(|(address, found)| *found == link
                    && address.to_string() == "relay.example:7825")
        );
        assert!(take_links(&mut vec!["ws://here".to_owned()]).is_err());
    }
}
