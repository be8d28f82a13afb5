//! Where others are looked for, and which device was found there: it is known again from then on.

use relay::Address;
use store::{Store, StoreError};
use trust::DeviceId;
use trust::hosting::HostingToken;

use crate::request::ProjectId;

/// Begins the hint of an invitation that names a device.
const DEVICE_MARK: char = '@';

/// An address, and who is expected at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) address: Address,
    /// Nobody else will do; none: whoever is there first.
    pub(crate) device: Option<DeviceId>,
    /// What is shown there so that rooms are kept.
    pub(crate) hosting: Option<HostingToken>,
}

/// Who is expected somewhere, and what only she is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whom {
    pub(crate) device: Option<DeviceId>,
    pub(crate) hosting: Option<HostingToken>,
}

impl From<Option<DeviceId>> for Whom {
    fn from(device: Option<DeviceId>) -> Self {
        let hosting = None;
        Self { device, hosting }
    }
}

impl Place {
    /// Who is expected there.
    pub(crate) fn whom(&self) -> Whom {
        Whom {
            device: self.device,
            hosting: self.hosting.clone(),
        }
    }
}

impl From<Address> for Place {
    fn from(address: Address) -> Self {
        Self {
            address,
            device: None,
            hosting: None,
        }
    }
}

/// Who looks for somebody at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One project, at an address that was typed or came with an invitation.
    Project(ProjectId),
    /// Every project: the address is that of a relay of the settings.
    Relays,
}

/// The address, with the device that was found there.
pub(crate) fn place(
    store: &dyn Store,
    scope: Scope,
    address: Address,
) -> Result<Place, StoreError> {
    let kept = store.setting(&setting(scope, &address))?;
    let device = kept.and_then(|text| text.parse().ok());
    let hosting = match scope {
        Scope::Relays => store.setting(&hosting(&address))?,
        Scope::Project(_) => None,
    };
    // Written as names are.
    let hosting = hosting.and_then(|text| text.parse::<DeviceId>().ok());
    Ok(Place {
        address,
        device,
        hosting: hosting.map(|it| HostingToken::from_bytes(&it.0)),
    })
}

/// What an admin gave for a relay: who is expected there, and what is shown to nobody else.
pub(crate) fn host(
    store: &dyn Store,
    address: &Address,
    device: DeviceId,
    token: &HostingToken,
) -> Result<(), StoreError> {
    pin(store, Scope::Relays, address, device)?;
    let digits = DeviceId(*token.bytes()).to_string();
    store.set_setting(&hosting(address), Some(&digits))
}

/// The device is expected at the address from now on.
pub(crate) fn pin(
    store: &dyn Store,
    scope: Scope,
    address: &Address,
    device: DeviceId,
) -> Result<(), StoreError> {
    let key = setting(scope, address);
    let device = device.to_string();
    if store.setting(&key)?.as_deref() == Some(device.as_str()) {
        return Ok(());
    }
    store.set_setting(&key, Some(&device))
}

/// Whoever is at the address next will do, and is shown nothing.
pub(crate) fn unpin(store: &dyn Store, scope: Scope, address: &Address) -> Result<(), StoreError> {
    if scope == Scope::Relays {
        store.set_setting(&hosting(address), None)?;
    }
    store.set_setting(&setting(scope, address), None)
}

fn hosting(address: &Address) -> String {
    format!("hosting.relay.{address}")
}

fn setting(scope: Scope, address: &Address) -> String {
    match scope {
        Scope::Project(project) => format!("device.{}.{address}", project.0),
        Scope::Relays => format!("device.relay.{address}"),
    }
}

/// Places as the hints of an invitation: addresses, and behind those of one device its name, marked by `@`. Earlier versions
/// pass over what is no address.
pub(crate) fn to_hints(places: &[Place]) -> Vec<String> {
    let mut hints = Vec::new();
    for together in places.chunk_by(|one, next| one.device == next.device) {
        hints.extend(together.iter().map(|it| it.address.to_string()));
        if let Some(device) = together[0].device {
            hints.push(format!("{DEVICE_MARK}{device}"));
        } else {
            // What follows is of somebody else.
            hints.push(DEVICE_MARK.to_string());
        }
    }
    if hints.last().is_some_and(|it| it.len() == 1) {
        hints.pop();
    }
    hints
}

/// The places of an invitation. What is no address is passed over.
pub(crate) fn from_hints(hints: &[String]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut named = 0;
    for hint in hints {
        match hint.strip_prefix(DEVICE_MARK) {
            Some(device) => {
                let device = device.parse().ok();
                places[named..].iter_mut().for_each(|it| it.device = device);
                named = places.len();
            }
            None => places.extend(hint.parse::<Address>().ok().map(Place::from)),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    fn place_of(address: &str, device: Option<u8>) -> Place {
        Place {
            address: address.parse().unwrap(),
            device: device.map(|byte| DeviceId([byte; 32])),
            hosting: None,
        }
    }

    #[test]
    fn hints_name_devices() {
        let (near, far) = ("192.168.1.7:7400", "relay.example:443");
        for places in [
            vec![],
            vec![place_of(near, Some(1))],
            vec![place_of(near, None)],
            vec![place_of(near, Some(1)), place_of(far, Some(1))],
            vec![place_of(near, Some(1)), place_of(far, Some(2))],
            vec![place_of(near, Some(1)), place_of(far, None)],
            vec![place_of(near, None), place_of(far, Some(2))],
        ] {
            assert_eq!(from_hints(&to_hints(&places)), places);
        }
        assert_eq!(to_hints(&[place_of(near, None)]), [near]);
        let of_before = [near.to_owned(), "no address".to_owned()];
        assert_eq!(from_hints(&of_before), [place_of(near, None)]);
        let wrong = [near.to_owned(), "@nobody".to_owned(), "@".to_owned()];
        assert_eq!(from_hints(&wrong), [place_of(near, None)]);
    }

    #[test]
    fn who_was_found_is_expected_until_the_address_is_forgotten() {
        let store = MemoryStore::new();
        let known = place_of("relay.example:443", Some(7));
        let device = known.device.unwrap();
        let project = Scope::Project(ProjectId(uuid::Uuid::from_u128(1)));
        let expected = |scope| place(&store, scope, known.address.clone()).unwrap().device;
        for scope in [project, Scope::Relays] {
            assert_eq!(expected(scope), None);
            pin(&store, scope, &known.address, device).unwrap();
            assert_eq!(expected(scope), Some(device));
            unpin(&store, scope, &known.address).unwrap();
            assert_eq!(expected(scope), None);
        }
    }
}
